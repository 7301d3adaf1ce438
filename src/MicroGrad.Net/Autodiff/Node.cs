using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>How a gradient passes from an operation to one of its inputs.</summary>
/// <param name="Parent">The node of the input.</param>
/// <param name="Rule">From the gradient of the result to the gradient of the input, in tensor language; null where the
/// node has one rule for all inputs.</param>
/// <param name="Input">The position of the input among the operation's inputs.</param>
/// <param name="AddTo">Does what the rule does, from the gradient of the result straight into a sum of gradients of the
/// input; null where there is nothing to gain.</param>
readonly record struct Edge(
    Node Parent, Func<Tensor, Tensor>? Rule, int Input, Action<Tensor, Tensor>? AddTo = null);

/// <summary>
/// One executed operation on the tape: its name, the shape of its result, and a rule per input through which
/// gradients flow. Rules hold what they need; the node itself holds a result only where that is small.
/// </summary>
public sealed class Node
{
    // Large enough to look at, small enough that keeping it costs nothing.
    const int SmallResult = 1024;

    const string LeafRule = "The tape starts here: the gradient that arrives is what an optimizer uses.";

    static readonly Operation s_parameter = new("parameter", "") { Words = LeafRule };
    static readonly Operation s_input = new("input", "") { Words = LeafRule };
    static long s_last;

    readonly (Storage Storage, int Version)[] _read;
    Storage? _value;

    Node(Operation operation, Tensor result, Edge[] edges, (Storage, int)[] read)
    {
        (Operation, Shape, DType, Edges, _read) = (operation, result.Shape, result.DType, edges, read);
        Id = Interlocked.Increment(ref s_last);
        if (result.Length <= SmallResult) _value = result.Storage;
    }

    /// <summary>The operation's name, such as <c>matmul</c>; <c>parameter</c> or <c>input</c> for a leaf.</summary>
    public string Op => Operation.Name;

    /// <summary>What the operation is.</summary>
    public Operation Operation { get; }

    /// <summary>The shape of the result.</summary>
    public Shape Shape { get; }

    /// <summary>The number type of the result.</summary>
    public DType DType { get; }

    /// <summary>Whether the tape starts here: a parameter, or a tensor that was told to require gradients.</summary>
    public bool IsLeaf { get; private init; }

    /// <summary>
    /// Of a leaf that is a parameter: the name given to it, else its path in the outermost module that was called or
    /// asked for it. Null if there is none.
    /// </summary>
    public string? Name => (KeepsGradOf as Parameter)?.ShownName;

    /// <summary>The nodes of the inputs through which gradients flow, in order; none for a leaf or a freed
    /// tape.</summary>
    public IEnumerable<Node> Inputs => Edges is null ? [] : Edges.Select(edge => edge.Parent);

    /// <summary>
    /// Of each of <see cref="Inputs"/>, its place among all inputs of the operation, constants included, from 0.
    /// </summary>
    public IEnumerable<int> InputPlaces => Edges is null ? [] : Edges.Select(edge => edge.Input);

    /// <summary>
    /// The result, cut off from the tape, where it is still known: that of a leaf always; one of up to 1,024 elements,
    /// or recorded inside <c>Tape.Detailed()</c>, until a backward frees the tape. Null where it is not.
    /// </summary>
    public Tensor? Value => IsLeaf ? KeepsGradOf!.Detach() : _value is null ? null : new Tensor(Shape, _value);

    /// <summary>
    /// Where in the user's code this was recorded; known of what was recorded inside <c>Tape.Detailed()</c> or
    /// <c>Gradients.CheckFinite()</c> only.
    /// </summary>
    public string? RecordedAt => Detail?.Place ?? Origin?.Place;

    /// <summary>Inputs, source line and calls; known of what was recorded inside <c>Tape.Detailed()</c> only.</summary>
    public NodeDetail? Detail { get; private set; }

    /// <summary>Grows with every recorded operation, so inputs always have smaller numbers than results.</summary>
    internal long Id { get; }

    /// <summary>Null once a backward has freed the tape.</summary>
    internal Edge[]? Edges { get; private set; }

    /// <summary>What gives the gradients of all inputs at once; null where each has a rule of its own.</summary>
    internal JointRule? Joint { get; private set; }

    /// <summary>The tensor whose Grad a backward adds to.</summary>
    internal Tensor? KeepsGradOf { get; set; }

    internal FiniteGuard.Origin? Origin { get; private set; }

    internal static Node ForLeaf(Tensor leaf) =>
        new(leaf is Parameter ? s_parameter : s_input, leaf, [], []) { IsLeaf = true, KeepsGradOf = leaf };

    /// <summary>
    /// Puts an operation on the tape: the one way to state a forward and its derivative together, for the library's
    /// operations and for one's own:
    /// <code>
    /// static Tensor Sine(Tensor x) =&gt; Node.Record("sine",
    ///     Tensor.From(x.Shape, Array.ConvertAll(x.ToDoubles(), Math.Sin)).To(x.DType),    // by any means
    ///     (x, g =&gt; g * x.Cos()));                                             // ∂L/∂x from g = ∂L/∂result
    /// </code>
    /// </summary>
    /// <remarks>
    /// <para>A rule is written in tensor operations of the inputs and the result themselves, not of
    /// <see cref="Tensor.Detach"/>ed copies or of bare numbers: then derivatives of any order follow.
    /// <see cref="GradientCheck"/> tells whether both hold.</para>
    /// <para>A rule may ignore broadcasting, since the walk sums what it gives down to the input's shape. It runs only
    /// where a gradient flows to its input, and may run several times; what it gives is not its own to keep.</para>
    /// </remarks>
    /// <param name="op">What the operation is; its name will do.</param>
    /// <param name="result">
    /// What the operation gives, which is not on a tape yet: made of numbers, of <see cref="Tensor.Detach"/>ed tensors,
    /// or inside <see cref="Gradients.Off"/>.
    /// </param>
    /// <param name="inputs">All tensors that the result depends on, each with its rule: from the gradient of the result
    /// to that of the input, of the input's number type, and of its shape or one that it broadcasts to.</param>
    /// <returns>The result, on the tape if gradients are being recorded and an input requires them.</returns>
    /// <exception cref="ArgumentException">The name is empty, or the result is a parameter or a buffer.</exception>
    /// <exception cref="InvalidOperationException">The result is on a tape already.</exception>
    public static Tensor Record(
        Operation op, Tensor result, params ReadOnlySpan<(Tensor Input, Func<Tensor, Tensor> Rule)> inputs) =>
        Record(op, result, inputs!, joint: null);

    /// <summary>
    /// Puts an operation on the tape whose gradients come from one pass over its numbers. That pass runs where the
    /// gradients themselves are not being recorded; where they are, the tape runs over the operation in tensor language,
    /// so that derivatives of any order follow.
    /// </summary>
    /// <param name="op">What the operation is; its name will do.</param>
    /// <param name="result">What the operation gives, as for the other form.</param>
    /// <param name="inputs">All tensors that the result depends on.</param>
    /// <param name="joint">From the gradient of the result, and which inputs' gradients are wanted, to those of the
    /// inputs, in their order; what is given for one that is not wanted is ignored.</param>
    /// <param name="composed">The operation as a function of the inputs, made of other operations.</param>
    /// <inheritdoc cref="Record(Operation, Tensor, ReadOnlySpan{ValueTuple{Tensor, Func{Tensor, Tensor}}})"/>
    public static Tensor Record(Operation op, Tensor result, Tensor[] inputs, Func<Tensor, bool[], Tensor?[]> joint,
        Func<Tensor[], Tensor> composed) =>
        Record(op, result, Array.ConvertAll(inputs, input => (input, (Func<Tensor, Tensor>?)null)),
            new JointRule(inputs, joint, composed));

    static Tensor Record(Operation op, Tensor result, ReadOnlySpan<(Tensor Input, Func<Tensor, Tensor>? Rule)> inputs,
        JointRule? joint)
    {
        var origin = Gradients.ChecksFinite ? FiniteGuard.CheckForward(op, result, inputs) : null;
        if (!Gradients.Enabled) return result;
        if (result.Node is { } own) Throw.ResultOnTape(op, own);
        var (tracked, assignable) = (0, 0);
        foreach (var (input, _) in inputs)
        {
            if (input.Node is not null) tracked++;
            if (input.Storage.Assignable) assignable++;
        }
        if (tracked == 0) return result;
        if (result is Variable variable) Throw.ResultIsVariable(op, variable.Describe());

        var edges = new Edge[tracked];
        var read = assignable == 0 ? [] : new (Storage, int)[assignable];
        for (var i = inputs.Length - 1; i >= 0; i--)
        {
            var (input, rule) = inputs[i];
            if (input.Node is { } parent) edges[--tracked] = new Edge(parent, rule, i);
            if (input.Storage.Assignable) read[--assignable] = (input.Storage, input.Storage.Version);
        }
        result.Node = new Node(op, result, edges, read) { Origin = origin, Joint = joint };
        Gradients.Observer?.Recorded?.Invoke(result, inputs);
        return result;
    }

    /// <summary>
    /// A rule that is fast where the gradient is only wanted as numbers, and in tensor language where it is being
    /// recorded, so that it can be differentiated itself.
    /// </summary>
    /// <param name="fast">By any means.</param>
    /// <param name="recorded">The same in tensor operations.</param>
    public static Func<Tensor, Tensor> Rule(Func<Tensor, Tensor> fast, Func<Tensor, Tensor> recorded) =>
        g => Gradients.Enabled ? recorded(g) : fast(g);

    /// <summary>Keeps the result whatever its size, with more about the operation.</summary>
    internal void Describe(Tensor result, NodeDetail detail) => (_value, Detail) = (result.Storage, detail);

    /// <summary>
    /// The rule of one input applied, as a backward does: from a gradient of the result to the part of the input's
    /// gradient that comes through this operation. Linear in the gradient.
    /// </summary>
    /// <param name="input">Which of <see cref="Inputs"/>.</param>
    /// <param name="gradient">Of the shape of the result.</param>
    /// <param name="createGraph">Record what the rule does, so that it can be differentiated.</param>
    /// <exception cref="GradientException">The tape was freed, or a parameter changed since.</exception>
    /// <exception cref="ShapeException">The gradient has another shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such input.</exception>
    public Tensor Pass(int input, Tensor gradient, bool createGraph = false)
    {
        var edges = EdgesForBackward();
        var edge = edges[Throw.IfNoItem(nameof(Pass), nameof(input), input, edges.Length)];
        if (gradient.Shape != Shape) Throw.SeedShape(nameof(Pass), Shape, gradient.Shape);
        using var recording = Gradients.Recording(createGraph);
        return BackwardPass.Pass(this, edge, gradient, BackwardPass.JointParts(this, [edge], gradient, only: null));
    }

    /// <summary>The edges, for a backward pass that also makes sure that nothing read has changed.</summary>
    internal Edge[] EdgesForBackward()
    {
        if (Edges is null) Throw.TapeFreed(Op);
        foreach (var (storage, version) in _read)
            if (storage.Version != version)
                Throw.ChangedSinceRecorded(Op, storage.Owner?.Describe() ?? "a parameter", version, storage.Version);
        return Edges;
    }

    /// <summary>Adds a gradient to what the tensor of this node keeps, if it keeps any.</summary>
    internal void AddToGrad(Tensor gradient, Recycler? memory)
    {
        KeepsGradOf?.Accumulate(gradient, memory);
    }

    internal void Free()
    {
        if (!IsLeaf) (Edges, Joint, _value) = (null, null, null);
    }

    /// <summary>From the number; the runtime would have to make one up and keep it.</summary>
    public override int GetHashCode() => Id.GetHashCode();

    /// <summary>The operation and its result's shape.</summary>
    public override string ToString() => Name is null ? $"{Op} {Shape}" : $"{Op} {Name} {Shape}";
}
