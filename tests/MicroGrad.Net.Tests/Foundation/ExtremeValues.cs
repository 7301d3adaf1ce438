namespace MicroGrad.Net.Tests.Extremes;

/// <summary>What goes into a call that is tried: usual values by type and name, and extreme ones.</summary>
static class ExtremeValues
{
    /// <summary>Where sums and products of two leave 32 bits, and their neighbours.</summary>
    public static readonly int[] Numbers =
    [
        0, -1, 1, 2, 65535, 65536, 65537, 1 << 30, 1_500_000_000, 1_431_655_766,
        int.MaxValue - 1, int.MaxValue, int.MinValue, int.MinValue + 1,
    ];

    /// <summary>Those that are tried in two places at once.</summary>
    public static readonly int[] Few = [0, -1, 2, 65536, 1 << 30, int.MaxValue, int.MinValue];

    static readonly double[] s_doubles =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, -1e300, 1e12, 0, -1, 1e-300];

    static readonly Shape[] s_shapes = [[2, 3], [1, 4, 6, 6], [2, 4, 6], [4, 4, 3, 3], [4, 4, 3], [3], [4, 4], [2, 2], [2], []];

    static readonly Tensor s_double = Tensor.Uniform([2, 3], 0.1, 0.9, new Rng(3), DType.Float64);

    public static Parameter Weight { get; } = new(Tensor.Ones([2, 3]));

    static readonly Optimizer s_optimizer = new Sgd([Weight], 0.1, momentum: 0.9);

    static readonly Schedule[] s_schedules =
        [new ConstantSchedule(), new CosineSchedule(steps: 4)];

    /// <summary>One of each kind.</summary>
    public static readonly Schedule[] Schedules =
    [
        .. s_schedules, new StepSchedule(3), new MultiStepSchedule([2, 4]), new ExponentialSchedule(0.9), new LinearSchedule(),
        new PolynomialSchedule(), new CosineRestartsSchedule(3, 2), new CyclicSchedule(0.1, 1, 3), new OneCycleSchedule(0.1, 6),
        new LambdaSchedule(step => 1.0 / (1 + step)), new PlateauSchedule(), new SequenceSchedule(s_schedules, [2]),
        new ChainedSchedule(s_schedules),
    ];

    public static Tensor Loss() => Weight.Square().Sum();

    /// <summary>Usual values of a parameter, the likeliest first; none where the type is not known.</summary>
    public static object?[] Usual(Type type, string name) => type switch
    {
        _ when type == typeof(Tensor) && name.Contains("boxes", StringComparison.OrdinalIgnoreCase) =>
            [Tensor.From([2, 4], [0f, 0, 1, 1, 0, 0, 2, 2])],
        _ when type == typeof(Tensor) && name.StartsWith("logProb", StringComparison.Ordinal) =>
            [.. s_shapes.Select(shape => (object)Leaf(shape, below: 1))],
        _ when type == typeof(Tensor) => [.. s_shapes.Select(shape => (object)Leaf(shape)), s_double],
        _ when type == typeof(ReadOnlySpan<Tensor>) => [(Tensor[])[Leaf([2, 3]), Leaf([2, 3])], (Tensor[])[s_double]],
        _ when type == typeof(int) => name is "classes" or "length" ? [2, 1] : name is "axis" or "input" or "index" ? [0, 1] : [1, 2, 4, 10],
        _ when type == typeof(int?) => [null],
        _ when type == typeof(double) => [0.5, 1.0],
        _ when type == typeof(double?) => [null],
        _ when type == typeof(bool) => [false],
        _ when type == typeof(string) => ["ij->ij"],
        _ when type == typeof(Shape) => [Shape.Of(2, 3), Shape.Of(3, 2), Shape.Of(2)],
        _ when type == typeof(int[]) && name.Contains("counts", StringComparison.OrdinalIgnoreCase) => [(int[])[1, 2, 3], (int[])[1, 2]],
        _ when type == typeof(Axes) => [(Axes)0],
        _ when type == typeof(Index) => [(Index)0],
        _ when type == typeof(Range) => [0..1],
        _ when type == typeof(Size2D) => [(Size2D)2, (Size2D)1],
        _ when type == typeof(Size2D?) => [null],
        _ when type == typeof(Padding) => [default(Padding)],
        _ when type == typeof(Rng) => [new Rng(1)],
        _ when type == typeof(int[]) =>
            [(int[])[1, 0], (int[])[0, 1, 0], (int[])[1, 0, 0, 0], (int[])[1], (int[])[0, 0, 0, 0, 1, 1, 1, 1]],
        _ when type == typeof(int[][]) => [(int[][])[[1], [1]], (int[][])[[1]]],
        _ when type == typeof(ReadOnlySpan<int>) => [(int[])[0, 1], (int[])[3, 2], (int[])[1, 1], (int[])[0, 1, 3, 2]],
        _ when type == typeof(ReadOnlySpan<AxisSlice>) => [(AxisSlice[])[0]],
        _ when type == typeof(ReadOnlySpan<(int, int)>) => [((int, int)[])[(1, 1)]],
        _ when type == typeof(IEnumerable<int>) || type == typeof(IReadOnlyList<int>) => [(int[])[2]],
        _ when type == typeof(double[]) => [(double[])[1, 2]],
        _ when type == typeof(ReadOnlySpan<float>) => [new float[6]],
        _ when type == typeof(ReadOnlySpan<double>) => [new double[6]],
        _ when type == typeof(Parameter) => [new Parameter(Tensor.Ones([2]))],
        _ when type == typeof(Func<Tensor>) => [(Func<Tensor>)Loss],
        _ when type == typeof(Func<Tensor, Tensor>) => [(Func<Tensor, Tensor>)(x => x * x)],
        _ when type == typeof(Func<Tensor[], Tensor>) => [(Func<Tensor[], Tensor>)(x => x[0] * x[0])],
        _ when type == typeof(IReadOnlyList<double>) => [(double[])[1, 2, 3]],
        _ when type == typeof(IReadOnlyList<Schedule>) => [s_schedules],
        _ when type == typeof(Module) || type == typeof(ModuleBase) => [new Linear(2, 1)],
        _ when type == typeof(Optimizer) => [s_optimizer],
        _ when type == typeof(Schedule) => [new StepSchedule(3)],
        _ when type == typeof(IEnumerable<IOptimizable>) => [(Parameter[])[Weight]],
        _ when type == typeof(IReadOnlyList<Parameter>) => [(Parameter[])[Weight]],
        _ when type == typeof(Sampler) => [new WeightedSampler([1, 2])],
        _ when type == typeof((double, double)) => [(0.5, 1.0)],
        _ when type.IsEnum => [Enum.GetValues(type).GetValue(0)],
        _ => [],
    };

    /// <summary>Whether a parameter takes sizes, axes, places or counts.</summary>
    public static bool TakesNumbers(Type type) => Extreme(type, 1).Any();

    /// <summary>Values of a type made of a number.</summary>
    public static IEnumerable<object?> Extreme(Type type, int v)
    {
        if (type == typeof(int) || type == typeof(int?)) return [v];
        if (type == typeof(Size2D) || type == typeof(Size2D?)) return [new Size2D(v, v), new Size2D(v, 1), new Size2D(1, v)];
        if (type == typeof(Padding)) return [(Padding)v, (Padding)(v, 0), (Padding)(0, v)];
        if (type == typeof(Shape)) return [(int[])[v], (int[])[2, v], (int[])[v, v], (int[])[0, v, v]];
        if (type == typeof(Axes)) return [(Axes)v, Axes.Of(0, v)];
        if (type == typeof(int[]) || type == typeof(IEnumerable<int>) || type == typeof(IReadOnlyList<int>))
            return [(int[])[v], (int[])[v, 0], (int[])[1, v], (int[])[v, v]];
        if (type == typeof(ReadOnlySpan<int>)) return [(int[])[v], (int[])[v, -1], (int[])[1, v], (int[])[v, v]];
        if (type == typeof(int[][])) return [(int[][])[[v], [1]], (int[][])[[1, v], [1]]];
        if (type == typeof(ReadOnlySpan<(int, int)>))
            return [((int, int)[])[(v, v)], ((int, int)[])[(v, 0)], ((int, int)[])[(0, v)], ((int, int)[])[(v, v), (0, 0)]];
        if (type == typeof(Index)) return v < 0 ? [] : [(Index)v, ^v];
        if (type == typeof(Range)) return v < 0 ? [] : [new Range(v, ^0), new Range(0, v), new Range(^v, ^0)];
        if (type == typeof(ReadOnlySpan<AxisSlice>)) return Slices(v).Select(slice => (AxisSlice[])[slice]);
        return [];
    }

    public static IEnumerable<object> ExtremeDoubles(Type type) =>
        type == typeof(double) || type == typeof(double?) ? s_doubles.Select(v => (object)v) : [];

    static IEnumerable<AxisSlice> Slices(int v)
    {
        yield return default;
        if (v < 0) yield break;         // refused by the conversion
        yield return v;
        yield return ^v;
        yield return v..;
        yield return ..v;
        yield return ^v..;
        if (v > 0) yield return AxisSlice.Every(v, ..);
    }

    static Tensor Leaf(Shape shape, double below = 0)
    {
        var x = Tensor.Uniform(shape, 0.1 - below, 0.9 - below, new Rng(3));
        x.RequiresGrad = true;
        return x;
    }
}
