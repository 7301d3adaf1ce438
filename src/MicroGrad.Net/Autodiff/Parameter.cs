namespace MicroGrad.Net;

/// <summary>A tensor that training changes: a leaf of the tape, which gathers gradients, and can be assigned.</summary>
public sealed class Parameter : Variable, IOptimizable
{
    /// <summary>A parameter that starts with a copy of the values.</summary>
    public Parameter(Tensor values) : base(values) => RequiresGrad = true;

    IReadOnlyList<Parameter> IOptimizable.Parameters => [this];
}
