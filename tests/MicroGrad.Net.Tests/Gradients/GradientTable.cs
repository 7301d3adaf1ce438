namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// The proof that gradients are right: one row per op and per way to use it. To add an op, a loss or a layer, add a
/// line to one of the lists, or a list to <see cref="Rows"/>; <c>EveryOpIsProven</c> tells which are missing.
/// <code>
/// Row("Relu", Any, x => x.Relu(), away: [0])              // the values keep 0.05 away from the kink at 0
/// Row("Sum: first axis", Ranked(1), x => x.Sum(0))        // rank 1 to 4
/// Row("MatMul", "ij,jk", (x, y) => x.MatMul(y))           // shapes by letters, see Shapes
/// LayerRow("new Linear", "a3", () => new Linear(3, 2))    // in the input, the weights and the bias
/// </code>
/// </summary>
static partial class GradientTable
{
    // Lazy, since the lists use constants that stand in other files.
    static readonly Lazy<IReadOnlyList<GradientRow>> s_rows = new(() =>
        [.. Arithmetic, .. Functions, .. Activations, .. Reductions, .. Products, .. Movements, .. Choices,
            .. LossFunctions, .. RegressionLosses, .. ClassificationLosses, .. RankingLosses, .. SegmentationLosses,
            .. DetectionLosses, .. SequenceLosses, .. DistributionLosses,
            .. Layers, .. Windows, .. WindowLayers, .. NormLayers, .. Sequences]);

    public static IReadOnlyList<GradientRow> Rows => s_rows.Value;

    /// <summary>The names of rows in which no element has to do with another.</summary>
    public static IReadOnlySet<string> Elementwise => s_elementwise.Value;

    static readonly Lazy<IReadOnlySet<string>> s_elementwise = new(() =>
        Arithmetic.Concat(Functions).Concat(Activations).Select(row => row.Name)
            .Where(name => !name.EndsWith(": the same one", StringComparison.Ordinal)).ToHashSet());

    public static GradientRow Named(string name) => Rows.Single(row => row.Name == name);

    /// <summary>A function of one tensor, with values from an interval, or drawn by <paramref name="draw"/>.</summary>
    public static GradientRow Row(string name, Shapes shapes, Func<Tensor, Tensor> f,
        double low = -2, double high = 2, double[]? away = null, double by = 0.05, Draw? draw = null) =>
        new(name, shapes, inputs => f(inputs[0]), [draw ?? Draws.Between(low, high, away, by)]);

    /// <summary>A function of two tensors; the second is drawn as the first unless <paramref name="second"/> is given.</summary>
    public static GradientRow Row(string name, Shapes shapes, Func<Tensor, Tensor, Tensor> f,
        Draw? draw = null, Draw? second = null) =>
        new(name, shapes, inputs => f(inputs[0], inputs[1]), Drawn(draw, second ?? draw));

    /// <summary>A function of three tensors.</summary>
    public static GradientRow Row(string name, Shapes shapes, Func<Tensor, Tensor, Tensor, Tensor> f,
        Draw? draw = null, Draw? second = null, Draw? third = null) =>
        new(name, shapes, inputs => f(inputs[0], inputs[1], inputs[2]), Drawn(draw, second ?? draw, third ?? second ?? draw));

    /// <summary>A layer, as a function of its input and all its parameters; made anew, and so seeded anew, each time.</summary>
    public static GradientRow LayerRow(string name, Shapes shapes, Func<Module> make, Draw? draw = null, Draw? weights = null) =>
        LayerRow(name, shapes, make, (layer, input) => layer.Forward(input), draw, weights);

    /// <summary>The same for a layer that is called otherwise, or gives more than one tensor.</summary>
    public static GradientRow LayerRow<T>(string name, Shapes shapes, Func<T> make, Func<T, Tensor, Tensor> call,
        Draw? draw = null, Draw? weights = null) where T : ModuleBase
    {
        var parameters = make().Parameters().Select(parameter => parameter.Shape.Sizes.ToArray()).ToArray();
        return new(name, shapes.With(parameters), inputs => call(make(), inputs[0]), Drawn(draw, weights))
        {
            Layer = make,
            Call = (layer, input) => call((T)layer, input),
        };
    }

    static Draw[] Drawn(params ReadOnlySpan<Draw?> draws)
    {
        var result = new Draw[draws.Length];
        for (var i = 0; i < result.Length; i++) result[i] = draws[i] ?? Draws.Between(-2, 2);
        return result;
    }
}
