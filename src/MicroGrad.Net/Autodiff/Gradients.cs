namespace MicroGrad.Net;

/// <summary>Whether operations are recorded, and derivatives without touching any <c>Grad</c>.</summary>
public static class Gradients
{
    [ThreadStatic] static bool t_off;
    [ThreadStatic] static bool t_checksFinite;
    [ThreadStatic] static Observer? t_observer;

    /// <summary>Whether operations on this thread are being recorded.</summary>
    public static bool Enabled => !t_off;

    internal static bool ChecksFinite => t_checksFinite;

    /// <summary>Whether an operation has to be made known at all: to a tape, or to be checked.</summary>
    internal static bool RecordsOrChecks => !t_off || t_checksFinite;

    /// <summary>
    /// Stops recording on this thread until the scope ends: <c>using (Gradients.Off()) { … }</c>, for evaluation. The
    /// compiler forbids to await inside.
    /// </summary>
    public static Scope Off() => Recording(false);

    /// <summary>
    /// Records on this thread until the scope ends, whatever held outside: for a function that differentiates on its
    /// way, such as a penalty on slopes, and may be called inside <see cref="Off"/>.
    /// </summary>
    public static Scope On() => Recording(true);

    /// <summary>
    /// Checks every result, forward and backward, until the scope ends: the first that is NaN or infinite throws a
    /// <see cref="NonFiniteException"/> naming the operation, its shape, the ranges of its inputs and the line that
    /// recorded it. Slow; for finding out where a NaN comes from.
    /// </summary>
    public static Scope CheckFinite() => CheckFinite(true);

    /// <summary>
    /// Shows the result of each operation that is recorded on this thread, as it is recorded, until the scope ends:
    /// <c>using (Gradients.Observe(result =&gt; …)) model.Forward(x);</c> sees every activation of any model.
    /// <see cref="Node.Op"/> of its <see cref="Tensor.Node"/> says what made it, and
    /// <see cref="Tensor.RetainGrad"/> asks for its gradient. Costs nothing outside such a scope. An inner scope takes
    /// the place of an outer one.
    /// </summary>
    public static Scope Observe(Action<Tensor> seen) =>
        Observe(new Observer((result, _) => seen(result), t_observer?.Ended));

    /// <summary>Who watches this thread; null for nobody.</summary>
    internal static Observer? Observer => t_observer;

    internal static Scope Observe(Observer observer)
    {
        var scope = Present;
        t_observer = observer;
        return scope;
    }

    internal static Scope CheckFinite(bool on)
    {
        var scope = Present;
        t_checksFinite = on;
        return scope;
    }

    internal static Scope Recording(bool on)
    {
        var scope = Present;
        t_off = !on;
        return scope;
    }

    static Scope Present => new(t_off, t_checksFinite, t_observer);

    /// <summary>Restores, when it ends, what held before.</summary>
    public readonly ref struct Scope : IDisposable
    {
        readonly bool _off, _checksFinite;
        readonly Observer? _observer;

        internal Scope(bool off, bool checksFinite, Observer? observer) =>
            (_off, _checksFinite, _observer) = (off, checksFinite, observer);

        /// <summary>Ends the scope.</summary>
        public void Dispose() => (t_off, t_checksFinite, t_observer) = (_off, _checksFinite, _observer);
    }

    /// <summary>
    /// The derivatives ∂loss/∂inputs[i], one per input and of its shape, as new tensors; no <c>Grad</c> is touched.
    /// </summary>
    /// <param name="loss">What to differentiate: one number, or any tensor with a <paramref name="seed"/>.</param>
    /// <param name="inputs">Leaves or computed tensors on the loss's tape.</param>
    /// <param name="createGraph">Record the computation, so that the results can be differentiated again.</param>
    /// <param name="retainTape">Keep the tape; implied by <paramref name="createGraph"/>.</param>
    /// <param name="seed">The derivative of some final result with respect to <paramref name="loss"/>.</param>
    /// <param name="allowUnused">Give zeros for inputs that the loss does not depend on, where it is an error
    /// else.</param>
    /// <exception cref="GradientException">An input requires no gradient, or the loss does not depend on it; or as in
    /// <see cref="Tensor.Backward"/>.</exception>
    public static Tensor[] Of(Tensor loss, ReadOnlySpan<Tensor> inputs, bool createGraph = false,
        bool retainTape = false, Tensor? seed = null, bool allowUnused = false)
    {
        if (loss.Node is null && !allowUnused) Throw.NothingToDifferentiate("Gradients.Of");
        var wanted = new Dictionary<Node, Tensor?>();
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Node is null) Throw.NotAnInput(i, inputs[i].Shape);
            wanted[inputs[i].Node!] = null;
        }
        if (loss.Node is not null)
            BackwardPass.Walk(
                "Gradients.Of", loss, seed, retainTape, createGraph, LeadingTo(wanted, loss.Node), wanted);

        var results = new Tensor[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var gradient = wanted[inputs[i].Node!];
            if (gradient is null && !allowUnused) Throw.InputNotReached(i, inputs[i].Shape);
            results[i] = gradient ?? Tensor.Zeros(inputs[i].Shape, inputs[i].DType);
        }
        return results;
    }

    /// <summary>The nodes below the root through which a wanted node is reached: the only ones worth
    /// visiting.</summary>
    static HashSet<Node> LeadingTo(Dictionary<Node, Tensor?> wanted, Node root)
    {
        var leading = new HashSet<Node>();
        foreach (var node in Tape.NodesBelow(root))
            if (wanted.ContainsKey(node) || node.Inputs.Any(leading.Contains)) leading.Add(node);
        return leading;
    }
}
