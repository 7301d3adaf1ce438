using System.Globalization;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// Attention by several heads (Vaswani et al., 2017): query, key and value are projected, cut into heads, each head
/// computes softmax(q·kᵀ/√(width/heads))·v, and the results side by side are projected once more.
/// [steps, batch, width], or [batch, steps, width] with the batch first, keeps its shape.
/// </summary>
public sealed class MultiheadAttention : Module
{
    readonly int _heads;
    readonly bool _batchFirst, _causal, _rotary;
    readonly Dropout? _dropout;

    /// <summary>The projections of query, key and value on top of each other, [3·width, width].</summary>
    public Parameter InProjWeight { get; }

    /// <summary>Their biases, [3·width]; null without.</summary>
    public Parameter? InProjBias { get; }

    /// <summary>The projection of the result.</summary>
    public Linear OutProj { get; }

    /// <summary>
    /// A layer with PyTorch's start: Xavier's uniform distribution for the projections of the input, zeros for biases.
    /// </summary>
    /// <param name="width">The size of the last axis of queries, keys, values and result.</param>
    /// <param name="heads">How many heads share the width.</param>
    /// <param name="dropout">The probability to drop attention weights in training.</param>
    /// <param name="bias">Whether projections add a bias.</param>
    /// <param name="batchFirst">Whether the batch is the first axis, and not the second.</param>
    /// <param name="causal">Whether step i sees steps 0 to i only.</param>
    /// <param name="rotary">Whether queries and keys are turned by their positions, see
    /// <see cref="AttentionOps.RotaryPositions"/>; PyTorch has no such option.</param>
    /// <param name="rng">Where the weights are drawn from; <see cref="Rng.Default"/> by default.</param>
    /// <param name="dtype">The number type of the parameters.</param>
    /// <exception cref="ArgumentException">A number is not positive, the heads do not divide the width, or the width
    /// of a head is odd although rotary.</exception>
    public MultiheadAttention(int width, int heads, double dropout = 0, bool bias = true, bool batchFirst = false,
        bool causal = false, bool rotary = false, Rng? rng = null, DType dtype = DType.Float32)
    {
        const string Name = nameof(MultiheadAttention);
        if (width <= 0) Throw.OutOfRange(Name, nameof(width), width, "positive");
        if (heads <= 0) Throw.OutOfRange(Name, nameof(heads), heads, "positive");
        if (width % heads != 0) Throw.Value(Name, $"{heads} heads do not divide a width of {width}.");
        if (rotary && width / heads % 2 != 0)
            Throw.Value(Name, $"rotary positions need an even width of heads, not {width}/{heads}.");
        (_heads, _batchFirst, _causal, _rotary) = (heads, batchFirst, causal, rotary);
        if (dropout != 0) _dropout = new Dropout(dropout, rng);
        var projected = Sizes.Product(Name, "the projection", 3, width);
        InProjWeight = new Parameter(Init.XavierUniform([projected, width], rng: rng, dtype: dtype));
        if (bias) InProjBias = new Parameter(Tensor.Zeros([projected], dtype));
        OutProj = new Linear(width, width, bias, rng, dtype);
        OutProj.Bias?.Assign(Tensor.Zeros([width], dtype));
    }

    int Width => InProjWeight.Shape[1];

    /// <summary>Each step of the input attends to all of them: query, key and value are the same.</summary>
    /// <exception cref="ShapeException">The input does not fit.</exception>
    protected override Tensor Compute(Tensor input)
    {
        // Where nothing comes between the projection and the products, the heads need not be cut apart.
        if (_rotary || _dropout is { IsTraining: true }) return Attended(input, input, input, null, null, null, averageWeights: true, null).Output;
        RequireSequences(input);
        var attended = AttentionOps.SelfAttended(Projected(input, 0, 3), _heads, _causal, stepsFirst: !_batchFirst);
        return OutProj.Forward(attended);
    }

    /// <summary>Each query attends to the keys and takes of the values.</summary>
    /// <param name="query">[queries, batch, width], or with the batch first.</param>
    /// <param name="key">[keys, batch, width], or with the batch first.</param>
    /// <param name="value">Of the shape of the keys.</param>
    /// <param name="mask">Which keys a query may not see: blocked where not 0, as boolean masks of PyTorch's layer (those of
    /// its <c>scaled_dot_product_attention</c> and of ONNX let through where true). [queries, keys], [batch, queries, keys]
    /// or [batch, heads, queries, keys].</param>
    /// <param name="paddingMask">Which keys nobody may see, [batch, keys]: 1 where a sequence is only filled up.</param>
    /// <param name="scoreBias">Added to the scores before the softmax, of the shapes of the mask; PyTorch's masks of
    /// numbers.</param>
    /// <param name="averageWeights">Whether to return the mean of the heads' weights, and not each head's.</param>
    /// <param name="cache">Projected keys and values of earlier calls. Where query, key and value are one tensor, these are
    /// the steps after those in the cache, and attend to all of them: the keys of masks and weights are the cache's and the
    /// new ones. Else key and value are projected once, as long as they stay the same tensors.</param>
    /// <returns>The result, of the shape of the query; and how much each query took of each key, after dropout,
    /// [batch, queries, keys], or with an axis of heads after the batch. Of a query that may see no key the weights
    /// are 0.</returns>
    /// <exception cref="ShapeException">A shape does not fit.</exception>
    /// <exception cref="ArgumentException">With a cache: steps attend to themselves and the layer is not causal; or to
    /// others, and it is causal or rotary.</exception>
    public (Tensor Output, Tensor Weights) Attend(Tensor query, Tensor key, Tensor value, Tensor? mask = null,
        Tensor? paddingMask = null, Tensor? scoreBias = null, bool averageWeights = true,
        KeyValueCache? cache = null) => Called(
            (query, key, value, mask, paddingMask, scoreBias),
            _ => Attended(query, key, value, mask, paddingMask, scoreBias, averageWeights, cache));

    (Tensor Output, Tensor Weights) Attended(Tensor query, Tensor key, Tensor value, Tensor? mask, Tensor? paddingMask,
        Tensor? scoreBias, bool averageWeights, KeyValueCache? cache)
    {
        foreach (var input in (ReadOnlySpan<Tensor>)[query, key, value]) RequireSequences(input);
        var batch = query.Shape[_batchFirst ? 0 : 1];
        if (key.Shape != value.Shape || key.Shape[_batchFirst ? 0 : 1] != batch)
            Throw.Shapes(Describe(), $"queries {query.Shape}, keys {key.Shape} and values {value.Shape} must have the "
                + "same batch, and keys and values the same steps.");
        var toItself = ReferenceEquals(query, key) && ReferenceEquals(key, value);
        if (cache is not null) RequireCacheable(toItself);
        var start = toItself && cache is not null ? cache.StepsOf(this) : 0;
        var blocked = ForHeads(mask);
        if (paddingMask is not null)
        {
            var keys = start + key.Shape[_batchFirst ? 1 : 0];
            if (paddingMask.Shape != Shape.Of(batch, keys))
                Throw.LayerInput(Describe(), $"a padding mask [{batch}, {keys}] (batch, keys)", paddingMask.Shape, null);
            var padded = paddingMask.Reshape(batch, 1, 1, keys).NotEqualTo(0);
            blocked = blocked is null ? padded : blocked.NotEqualTo(0).To(padded.DType) + padded;
        }

        var (queries, offered, given) = toItself ? ProjectSteps(query, start, cache) : Project(query, key, value, cache);
        var weights = Tensor.AttentionWeights(queries, offered, blocked, _causal, ForHeads(scoreBias), start: start);
        if (_dropout is not null) weights = _dropout.Forward(weights);
        var joined = weights.MatMul(given).Transpose(1, 2).Flatten(2);
        var output = OutProj.Forward(_batchFirst ? joined : joined.Transpose(0, 1));
        return (output, averageWeights ? weights.Mean(1) : weights);
    }

    void RequireSequences(Tensor input)
    {
        if (input.Rank != 3 || input.Shape[2] != Width)
            Throw.LayerInput(Describe(), Throw.Sequences(_batchFirst, Width), input.Shape, null);
    }

    void RequireCacheable(bool toItself)
    {
        if (toItself && !_causal)
            Throw.Value(Describe(), "the steps in a cache were computed without those that come now, which is right for "
                + "causal attention only: make the layer with causal: true.");
        if (!toItself && (_causal || _rotary))
            Throw.Value(Describe(), "a cache does not say at which step queries stand that attend to other keys: if the steps "
                + "attend to themselves, pass one tensor for all three; else make the layer without causal and rotary.");
    }

    /// <summary>
    /// Queries, keys and values of steps that attend to themselves, in one product, each [batch, heads, steps,
    /// width/heads]; keys and values after those of the cache.
    /// </summary>
    (Tensor Queries, Tensor Keys, Tensor Values) ProjectSteps(Tensor input, int start, KeyValueCache? cache)
    {
        var heads = Array.ConvertAll(Projected(input, 0, 3).Split(Width, axis: 2), Heads);
        if (_rotary) (heads[0], heads[1]) = (heads[0].RotaryPositions(start), heads[1].RotaryPositions(start));
        var (keys, values) = cache?.Append(this, heads[1], heads[2]) ?? (heads[1], heads[2]);
        return (heads[0], keys, values);
    }

    /// <summary>The same of queries that attend to other keys, whose projections stay in the cache.</summary>
    (Tensor Queries, Tensor Keys, Tensor Values) Project(Tensor query, Tensor key, Tensor value, KeyValueCache? cache)
    {
        var queries = Heads(Projected(query, 0, 1));
        var (keys, values) = cache?.Memory(this, key, value, Memory) ?? Memory();
        return _rotary ? (queries.RotaryPositions(), keys.RotaryPositions(), values) : (queries, keys, values);

        (Tensor, Tensor) Memory() => (Heads(Projected(key, 1, 1)), Heads(Projected(value, 2, 1)));
    }

    Tensor Projected(Tensor input, int first, int count)
    {
        var rows = (first * Width)..((first + count) * Width);
        var product = input.MatMul(count == 3 ? InProjWeight : InProjWeight[rows], transposeRight: true);
        return InProjBias is null ? product : product + (count == 3 ? InProjBias : InProjBias[rows]);
    }

    Tensor Heads(Tensor x)
    {
        var split = x.Reshape(x.Shape[0], x.Shape[1], _heads, Width / _heads);
        return _batchFirst ? split.Permute(0, 2, 1, 3) : split.Permute(1, 2, 0, 3);
    }

    static Tensor? ForHeads(Tensor? mask) => mask?.Rank == 3 ? mask.Unsqueeze(1) : mask;

    /// <inheritdoc/>
    public override string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"MultiheadAttention({Width}, {_heads} heads{(_causal ? ", causal" : "")}{(_rotary ? ", rotary" : "")}")
        + $"{(InProjBias is null ? ", no bias" : "")})";
}
