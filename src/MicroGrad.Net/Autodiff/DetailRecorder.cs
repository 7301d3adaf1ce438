namespace MicroGrad.Net;

/// <summary>What <see cref="Tape.Detailed"/> does at each operation of its thread.</summary>
/// <param name="outer">The observer around it, which goes on.</param>
sealed class DetailRecorder(Gradients.Recorder? outer)
{
    static long s_last;

    readonly List<NodeCall> _open = [];

    /// <summary>The recorder of this thread's innermost scope; null outside.</summary>
    public static DetailRecorder? Current => Gradients.Observer?.Target as DetailRecorder;

    public void Record(Tensor result, ReadOnlySpan<(Tensor Input, Func<Tensor, Tensor> Rule)> inputs)
    {
        var all = new Tensor[inputs.Length];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = inputs[i].Input.Detach();
            // The model need not live as long as the tape does.
            if (inputs[i].Input is Variable { OuterPath: null } variable) Variable.Locate?.Invoke(variable);
        }
        var site = CallSite.Find(_open);
        result.Node!.Describe(result, new NodeDetail(site.Place, site.File, site.Line, all, site.Calls));
        outer?.Invoke(result, inputs);
    }

    /// <summary>Until <see cref="Leave"/>, what is recorded is recorded in a named part of a module.</summary>
    public void Enter(string name, string text) =>
        _open.Add(new NodeCall(name, text, IsModule: true, Interlocked.Increment(ref s_last), Offset: 0));

    public void Leave() => _open.RemoveAt(_open.Count - 1);
}
