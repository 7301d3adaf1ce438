namespace MicroGrad.Net;

/// <summary>A copy of the values of some variables, to go back to.</summary>
sealed class Snapshot
{
    readonly Variable[] _variables;
    readonly Tensor[] _copies;

    /// <summary>Makes room for the values, but takes none yet.</summary>
    public Snapshot(IEnumerable<Variable> variables)
    {
        _variables = [.. variables];
        _copies = Array.ConvertAll(_variables, variable => Tensor.Empty(variable.Shape, variable.DType));
    }

    /// <summary>Remembers the present values in place of earlier ones.</summary>
    public void Take()
    {
        for (var i = 0; i < _variables.Length; i++) _variables[i].CopyTo(_copies[i]);
    }

    /// <summary>Sets the variables to the values that were taken.</summary>
    public void Restore()
    {
        for (var i = 0; i < _variables.Length; i++) _variables[i].Assign(_copies[i]);
    }
}
