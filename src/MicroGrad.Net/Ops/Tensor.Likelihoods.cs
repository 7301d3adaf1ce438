namespace MicroGrad.Net;

// What classification losses are made of: fused, because as compositions they would cost a small network more than
// all its layers.
public partial class Tensor
{
    /// <summary>
    /// −log softmax(x)[label] along the last axis: [..., classes] becomes [...]. Labels are in row-major order and not
    /// to be changed afterwards. Accurate where the softmax rounds to 0.
    /// </summary>
    internal Tensor CrossEntropyOfLabels(int[] labels)
    {
        var result = Empty(Shape.Of(Shape.Sizes[..^1]), DType);
        if (DType == DType.Float32) LabelSoftmax.Losses(Read<float>(), labels, result.Write<float>());
        else LabelSoftmax.Losses(Read<double>(), labels, result.Write<double>());
        return Node.Record("cross-entropy", result, (this, g => Gradients.Enabled
            ? g.Unsqueeze(-1) * (Softmax() - OneHot(labels)) : CrossEntropySlope(labels, g)));
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

    /// <summary>log cosh x, accurate near 0, where it is about ½x².</summary>
    internal Tensor LogCosh() => Pointwise("log-cosh", default(LogHyperbolicCosine), this, (x, _) => x.Tanh());

    /// <summary>eˣ − 1 − x, accurate near 0, where it is about ½x².</summary>
    internal Tensor ExpBeyondLine() =>
        Pointwise("exp beyond line", default(ExponentialBeyondLine), this, (x, _) => x.Expm1());

    /// <summary>
    /// −(t · log σ(x) + (1 − t) · log σ(−x)), elementwise, for a target of the same shape. Accurate for x of any size.
    /// </summary>
    internal static Tensor BinaryCrossEntropy(Tensor x, Tensor target) => Node.Record("binary cross-entropy",
        Zip("binary cross-entropy", default(LogisticLoss), x, target),
        (x, g => Gradients.Enabled
            ? g * ((1 - target) * x.Sigmoid() - target * (-x).Sigmoid())
            : Zip("binary cross-entropy", default(LogisticLossSlopeTimes), g, x, target)),
        (target, g => g * -x));     // log σ(−x) − log σ(x) = −x
}
