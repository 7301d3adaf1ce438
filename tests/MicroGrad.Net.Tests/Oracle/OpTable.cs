namespace MicroGrad.Net.Tests.Oracle;

/// <summary>What each op of the oracle is in our language.</summary>
static partial class OpTable
{
    /// <summary>From the oracle's op to our function, which gives the outputs in the oracle's order.</summary>
    public static IReadOnlyDictionary<string, Func<OpCall, Tensor[]>> Functions { get; } = Collect();

    static Dictionary<string, Func<OpCall, Tensor[]>> Collect()
    {
        var functions = new Dictionary<string, Func<OpCall, Tensor[]>>
        {
            ["batch_norm"] = BatchNorms,
            ["rnn"] = Rnns,
            ["lstm"] = Lstms,
            ["lstm_cell"] = LstmSteps,
            ["gru"] = Grus,
            ["multihead_attention"] = HeadsOfAttention,
            ["max_dim"] = c => [c.X.Max(c.Axis, c.KeepDims), Chosen(c, c.X.ArgMax(c.Axis))],
            ["sort"] = c =>
            {
                var (values, indices) = c.X.Sort(c.Axis, c.Case.Flag("descending"));
                return [values, c.Indices(indices, values.Shape)];
            },
            ["topk"] = c =>
            {
                var (values, indices) = c.X.TopK(c.Case.Int("k"), c.Axis, c.Case.Flag("largest"));
                return [values, c.Indices(indices, values.Shape)];
            },
            ["min_dim"] = c => [c.X.Min(c.Axis, c.KeepDims), Chosen(c, c.X.ArgMin(c.Axis))],
        };
        // The others have one output.
        Dictionary<string, Func<OpCall, Tensor>>[] tables =
        [
            Elementwise, Activations, Binary, Reductions, Shapes, Formulas, Losses, RegressionLosses,
            ClassificationLosses, RankingLosses, SequenceLosses, Windows, Norms, Sequences,
        ];
        foreach (var table in tables)
            foreach (var (op, function) in table) functions.Add(op, c => [function(c)]);
        return functions;
    }

    static Dictionary<string, Func<OpCall, Tensor>> Elementwise => new()
    {
        ["neg"] = c => -c.X,
        ["abs"] = c => c.X.Abs(),
        ["sign"] = c => c.X.Sign(),
        ["exp"] = c => c.X.Exp(),
        ["expm1"] = c => c.X.Expm1(),
        ["log"] = c => c.X.Log(),
        ["log1p"] = c => c.X.Log1p(),
        ["sqrt"] = c => c.X.Sqrt(),
        ["rsqrt"] = c => c.X.Rsqrt(),
        ["square"] = c => c.X.Square(),
        ["reciprocal"] = c => c.X.Reciprocal(),
        ["sin"] = c => c.X.Sin(),
        ["cos"] = c => c.X.Cos(),
        ["atan"] = c => c.X.Atan(),
        ["tan"] = c => c.X.Tan(),
        ["asin"] = c => c.X.Asin(),
        ["acos"] = c => c.X.Acos(),
        ["sinh"] = c => c.X.Sinh(),
        ["cosh"] = c => c.X.Cosh(),
        ["asinh"] = c => c.X.Asinh(),
        ["acosh"] = c => c.X.Acosh(),
        ["atanh"] = c => c.X.Atanh(),
        ["floor"] = c => c.X.Floor(),
        ["ceil"] = c => c.X.Ceiling(),
        ["round"] = c => c.X.Round(),
        ["trunc"] = c => c.X.Truncate(),
        ["frac"] = c => c.X.Frac(),
        ["erf"] = c => c.X.Erf(),
        // The extremes leave the bounds out: they are -1 and 1 there.
        ["clamp"] = c => c.Case.Attribute("min") is null && c.Case.Attribute("max") is null
            ? c.X.Clamp(-1, 1)
            : c.X.Clamp(c.Number("min", double.NegativeInfinity), c.Number("max", double.PositiveInfinity)),
        ["pow_scalar"] = c => c.X.Pow(c.Number("exponent")),
        ["scalar_pow"] = c => Tensor.Pow(Tensor.Scalar(c.Number("base"), c.DType), c.X),
    };

    static Dictionary<string, Func<OpCall, Tensor>> Activations => new()
    {
        ["relu"] = c => c.X.Relu(),
        ["relu6"] = c => c.X.HardTanh(0, 6),
        ["leaky_relu"] = c => c.X.LeakyRelu(c.Number("negative_slope")),
        ["elu"] = c => c.X.Elu(c.Number("alpha")),
        ["celu"] = c => c.X.Celu(c.Number("alpha")),
        ["selu"] = c => c.X.Selu(),
        ["gelu"] = c => c.X.Gelu(approximate: c.Case.Text("approximate") == "tanh"),
        ["silu"] = c => c.X.Silu(),
        ["mish"] = c => c.X.Mish(),
        ["tanh"] = c => c.X.Tanh(),
        ["sigmoid"] = c => c.X.Sigmoid(),
        ["logsigmoid"] = c => c.X.LogSigmoid(),
        ["softplus"] = c => c.X.Softplus(c.Number("beta")),
        ["softsign"] = c => c.X.Softsign(),
        ["hardtanh"] = c => c.X.HardTanh(c.Number("min_val"), c.Number("max_val")),
        ["hardsigmoid"] = c => c.X.HardSigmoid(),
        ["hardswish"] = c => c.X.HardSwish(),
        ["softmax"] = Softmax,
        ["log_softmax"] = c => c.X.LogSoftmax(c.Axis),
        ["softmin"] = c => (-c.X).Softmax(c.Axis),
    };

    static Dictionary<string, Func<OpCall, Tensor>> Binary => new()
    {
        ["add"] = c => c.A + c.B,
        ["sub"] = c => c.A - c.B,
        ["mul"] = c => c.A * c.B,
        ["div"] = c => c.A / c.B,
        ["pow"] = c => Tensor.Pow(c.A, c.B),
        ["maximum"] = c => Tensor.Max(c.A, c.B),
        ["minimum"] = c => Tensor.Min(c.A, c.B),
        ["atan2"] = c => Tensor.Atan2(c.A, c.B),
        ["logaddexp"] = c => Tensor.LogAddExp(c.A, c.B),
        ["remainder"] = c => Tensor.Remainder(c.A, c.B),
        ["fmod"] = c => Tensor.Fmod(c.A, c.B),
        ["where"] = c => c.Maybe("cond") is { } condition
            ? Tensor.Where(condition, c.A, c.B)
            : Tensor.Where(c.X > 0, c.X.Log(), 0),
        ["matmul"] = c => c.A.MatMul(c.B),
        ["linear"] = c => c.Maybe("bias") is { } bias
            ? c.X.MatMul(c["weight"], transposeRight: true) + bias
            : c.X.MatMul(c["weight"], transposeRight: true),
        ["einsum"] = c => Tensor.Einsum(c.Case.Text("equation"), c.All),
    };

    static Dictionary<string, Func<OpCall, Tensor>> Reductions => new()
    {
        ["sum"] = c => c.X.Sum(c.Axes, c.KeepDims),
        ["mean"] = c => c.X.Mean(c.Axes, c.KeepDims),
        ["amax"] = c => c.X.Max(c.Axes, c.KeepDims),
        ["amin"] = c => c.X.Min(c.Axes, c.KeepDims),
        ["max_all"] = c => c.X.Max(),
        ["min_all"] = c => c.X.Min(),
        ["logsumexp"] = c => c.X.LogSumExp(c.Axes, c.KeepDims),
        ["prod"] = c => c.X.Product(c.Axes, c.KeepDims),
        ["var"] = c => c.X.Variance(c.Axes, Correction(c), c.KeepDims),
        ["std"] = c => c.X.StandardDeviation(c.Axes, Correction(c), c.KeepDims),
        ["norm"] = c => c.X.Norm(c.Number("p"), c.Axes, c.KeepDims),
        ["cumsum"] = c => c.X.CumulativeSum(c.Axis),
        ["cumprod"] = c => c.X.CumulativeProduct(c.Axis),
        ["argmax"] = c => c.HasAxis ? Chosen(c, c.X.ArgMax(c.Axis)) : c.Indices([c.X.ArgMax()], []),
        ["argmin"] = c => c.HasAxis ? Chosen(c, c.X.ArgMin(c.Axis)) : c.Indices([c.X.ArgMin()], []),
    };

    static Dictionary<string, Func<OpCall, Tensor>> Shapes => new()
    {
        ["transpose"] = c => c.X.Transpose(c.Case.Int("dim0"), c.Case.Int("dim1")),
        ["permute"] = c => c.X.Permute(c.Case.Ints("dims")),
        ["cat"] = c => Tensor.Concat(c.All, c.Axis),
        ["stack"] = c => Tensor.Stack(c.All, c.Axis),
        ["slice"] = c => c.X[[.. c.Case.Attribute("ranges")!.Value.EnumerateArray().Select(range =>
            AxisSlice.Every(range[2].GetInt32(), range[0].GetInt32()..range[1].GetInt32()))]],
        ["pad"] = Pad,
        ["gather"] = c => c.X.TakeAlong(c.Ints("index"), c.Axis),
        ["index_select"] = c => c.X.Select(c.Ints("index"), c.Axis),
    };

    /// <summary>Ops that we have no name for and a user would write as one line: our ops together.</summary>
    static Dictionary<string, Func<OpCall, Tensor>> Formulas => new()
    {
        ["log2"] = c => c.X.Log() / Math.Log(2),
        ["log10"] = c => c.X.Log() / Math.Log(10),
        ["tanhshrink"] = c => c.X - c.X.Tanh(),
        ["hardshrink"] = c => Tensor.Where(c.X.Abs() <= c.Number("lambd", 0.5), 0, c.X),
        ["softshrink"] = c => c.X - c.X.Clamp(-c.Number("lambd", 0.5), c.Number("lambd", 0.5)),
        ["threshold"] = c => Tensor.Where(c.X <= c.Number("threshold", 0), c.Number("value", 0), c.X),
        ["prelu"] = c =>
        {
            var layer = new PRelu(c["weight"].Length);
            layer.To(c.DType);
            c.Fill("weight", layer.Weight);
            return layer.Forward(c.X);
        },
        ["glu"] = GatedLinear,
        ["logit"] = Logit,
        ["hypot"] = c => (c.A.Square() + c.B.Square()).Sqrt(),
        ["xlogy"] = c => c.A * c.B.Log(),
        ["lerp"] = c => c.A + c["w"] * (c.B - c.A),
        ["addcmul"] = c => c.X + c.Number("value") * c.A * c.B,
        ["addcdiv"] = c => c.X + c.Number("value") * c.A / c.B,
        ["normalize"] = c => c.X.Normalize(c.Number("p", 2), c.Axis, c.Number("eps")),
        ["cosine_similarity"] = c => (c.A * c.B).Sum(c.Axis)
            / Tensor.Max(c.A.Square().Sum(c.Axis) * c.B.Square().Sum(c.Axis), c.Number("eps") * c.Number("eps")).Sqrt(),
        ["dropout"] = c => Evaluating(new Dropout(c.Number("p"))).Forward(c.X),
        ["gradient_penalty"] = GradientPenalty,
    };

    /// <summary>The case with a mask leaves the axis out: it is the last one.</summary>
    static Tensor Softmax(OpCall c) => c.Maybe("m") is { } blocked
        ? Tensor.Where(blocked, double.NegativeInfinity, c.X).Softmax()
        : c.X.Softmax(c.Axis);

    static Tensor GatedLinear(OpCall c)
    {
        var halves = c.X.Split(c.X.Shape[c.Axis] / 2, c.Axis);
        return halves[0] * halves[1].Sigmoid();
    }

    static Tensor Logit(OpCall c)
    {
        var margin = c.Number("eps", 0);
        var x = c.X.Clamp(margin, 1 - margin);
        return (x / (1 - x)).Log();
    }

    static T Evaluating<T>(T layer) where T : Module
    {
        layer.Eval();
        return layer;
    }

    /// <summary>PyTorch gives the last axis first; we give the axes in their order.</summary>
    static Tensor Pad(OpCall c)
    {
        var flat = c.Case.Ints("pad_lastdim_first");
        var pairs = flat.Chunk(2).Select(pair => (pair[0], pair[1])).Reverse().ToArray();
        var mode = Enum.Parse<PadMode>(c.Case.Text("mode"), ignoreCase: true);
        return c.X.Pad(pairs, mode, c.Number("value", 0));
    }

    /// <summary>The extremes leave the attribute out, and are biased then.</summary>
    static double Correction(OpCall c) => c.Case.Flag("unbiased", c.Case.Group != "extreme") ? 1 : 0;

    static Tensor Chosen(OpCall c, int[] indices)
    {
        var sizes = c.X.Shape.Sizes.ToArray().ToList();
        var axis = (c.Axis + sizes.Count) % sizes.Count;
        if (c.KeepDims) sizes[axis] = 1;
        else sizes.RemoveAt(axis);
        return c.Indices(indices, Shape.Of([.. sizes]));
    }

    /// <summary>The loss of a network plus a penalty on the slope of the network, which is itself a gradient.</summary>
    static Tensor GradientPenalty(OpCall c)
    {
        var hidden = (c.X.MatMul(c["w1"], transposeRight: true) + c["b1"]).Tanh();
        var f = hidden.MatMul(c["w2"], transposeRight: true) + c["b2"];
        var slope = Gradients.Of(f.Sum(), [c.X], createGraph: true)[0];
        return (f - c["y"]).Square().Mean() + c.Number("lambda") * (slope.Norm(2, 1) - 1).Square().Mean();
    }
}
