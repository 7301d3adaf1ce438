using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

// What classification losses are made of: fused, because as compositions they would cost a small network more than
// all its layers.
public partial class Tensor
{
    static readonly Operation s_crossEntropy = new("cross-entropy", "y = −log softmax(a)[label]",
        "g · (softmax(a) − one-hot(label))")
    { Words = "Probability minus truth: each logit is pushed down by its softmax, and the true class up by 1." };

    /// <summary>
    /// −log softmax(x)[label] along the last axis: [..., classes] becomes [...]. Labels are in row-major order and not
    /// to be changed afterwards. Accurate where the softmax rounds to 0.
    /// </summary>
    internal Tensor CrossEntropyOfLabels(int[] labels)
    {
        var result = Empty(Shape.Of(Shape.Sizes[..^1]), DType);
        if (DType == DType.Float32) LabelSoftmax.Losses(Read<float>(), labels, result.Write<float>());
        else LabelSoftmax.Losses(Read<double>(), labels, result.Write<double>());
        return Node.Record(s_crossEntropy.With("labels", labels), result, (this, Node.Rule(
            fast: g => CrossEntropySlope(labels, g),
            recorded: g => g.Unsqueeze(-1) * (Softmax() - OneHot(labels)))));
    }

    Tensor CrossEntropySlope(int[] labels, Tensor g)
    {
        var slope = Empty(Shape, DType);
        if (DType == DType.Float32) LabelSoftmax.Slopes(Read<float>(), labels, g.Read<float>(), slope.Write<float>());
        else LabelSoftmax.Slopes(Read<double>(), labels, g.Read<double>(), slope.Write<double>());
        return slope;
    }

    /// <summary>1 at the label of each row, else 0; of this shape.</summary>
    Tensor OneHot(int[] labels)
    {
        var places = Sizes.New<int>("cross-entropy", labels.Length);
        for (var row = 0; row < places.Length; row++) places[row] = row * Shape[^1] + labels[row];
        return PutRows(Ones([labels.Length], DType), places, 1, Shape);
    }

    static readonly Operation s_logCosh = new("log-cosh", "y = log cosh a", "g · tanh a")
    { Words = Operation.Curve, Element = "log cosh({0})" };

    /// <summary>log cosh x, accurate near 0, where it is about ½x².</summary>
    internal Tensor LogCosh() => Pointwise(s_logCosh, default(LogHyperbolicCosine), this, (x, _) => x.Tanh());

    static readonly Operation s_expBeyondLine = new("exp beyond line", "y = eᵃ − 1 − a", "g · (eᵃ − 1)")
    { Words = Operation.Curve, Element = "exp({0}) − 1 − {0}" };

    /// <summary>eˣ − 1 − x, accurate near 0, where it is about ½x².</summary>
    internal Tensor ExpBeyondLine() =>
        Pointwise(s_expBeyondLine, default(ExponentialBeyondLine), this, (x, _) => x.Expm1());

    static readonly Operation s_binaryCrossEntropy = new("binary cross-entropy",
        "y = −b · log σ(a) − (1 − b) · log σ(−a)", "g · (σ(a) − b)", "−g · a") { Words = "Probability minus truth." };

    /// <summary>
    /// −(t · log σ(x) + (1 − t) · log σ(−x)), elementwise, for a target of the same shape. Accurate for x of any size.
    /// </summary>
    internal static Tensor BinaryCrossEntropy(Tensor x, Tensor target) => Node.Record(s_binaryCrossEntropy,
        Zip(s_binaryCrossEntropy, default(LogisticLoss), x, target),
        (x, Node.Rule(
            fast: g => Zip(s_binaryCrossEntropy, default(LogisticLossSlopeTimes), g, x, target),
            recorded: g => g * ((1 - target) * x.Sigmoid() - target * (-x).Sigmoid()))),
        (target, g => g * -x));     // log σ(−x) − log σ(x) = −x
}

/// <summary>log cosh x: log(1 + 2 sinh² ½x) near 0, where |x| + log(1 + e^−2|x|) − log 2 would lose all digits.</summary>
readonly struct LogHyperbolicCosine : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (a, half) = (Abs(x), Lanes.All<T>(0.5));
        var e = VectorMath.Expm1(half * Lanes.Within(a, 0, 2));
        var sinh = half * (e + e / (Vector<T>.One + e));
        var far = a + VectorMath.SoftplusOfMinusAbs(a + a) - Lanes.All<T>(Math.Log(2));
        return ConditionalSelect(LessThan(a, Vector<T>.One), VectorMath.Log1p((sinh + sinh) * sinh), far);
    }

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Tanh(x);
}

/// <summary>eˣ − 1 − x, about ½x² near 0, where the difference would lose all digits.</summary>
readonly struct ExponentialBeyondLine : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.ExpBeyondLine(x);

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Expm1(x);
}

/// <summary>−(t·log σ(x) + (1 − t)·log σ(−x)): s + t·max(−x, 0) + (1 − t)·max(x, 0) with s = log(1 + e^−|x|).</summary>
readonly struct LogisticLoss : IBinary
{
    public Vector<T> Value<T>(Vector<T> x, Vector<T> t) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.SoftplusOfMinusAbs(x) + Part(t, -x) + Part(Vector<T>.One - t, x);

    // No part where the weight is 0, as 0 · ∞ would be NaN; a NaN of x is in s too.
    static Vector<T> Part<T>(Vector<T> weight, Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        weight * Max(AndNot(x, Vector.Equals(weight, Vector<T>.Zero)), Vector<T>.Zero);
}

/// <summary>g · ((1 − t)·σ(x) − t·σ(−x)), which is g · (σ(x) − t) without its loss of digits.</summary>
readonly struct LogisticLossSlopeTimes : ITernary
{
    public Vector<T> Value<T>(Vector<T> g, Vector<T> x, Vector<T> t) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var small = VectorMath.Sigmoid(-Abs(x));
        var (large, negative) = (Vector<T>.One - small, LessThan(x, Vector<T>.Zero));
        return g * ((Vector<T>.One - t) * ConditionalSelect(negative, small, large)
            - t * ConditionalSelect(negative, large, small));
    }
}
