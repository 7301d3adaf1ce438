namespace MicroGrad.Net;

// What several losses share about labels as masks, and about sums over some elements or none.
public static partial class Losses
{
    /// <summary>A label per place, each a class or <paramref name="ignoreIndex"/>.</summary>
    static void RequireLabelPerPlace(string loss, int[] labels, int places, int classes, int? ignoreIndex = null)
    {
        (ignoreIndex is null ? Domain.Labels : Domain.LabelsOrIgnored).State(loss, nameof(labels));
        if (labels.Length != places) Throw.Shapes(loss, $"expects {places} labels, but {labels.Length} were given.");
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] != ignoreIndex && (uint)labels[i] >= (uint)classes)
                Throw.LabelOutOfRange(loss, i, labels[i], classes);
    }

    /// <summary>
    /// [samples, classes, places]: 1 where the place of a sample has the class; 0 for all where the label is no class.
    /// </summary>
    static Tensor Membership(int[] labels, int samples, int classes, int places, DType dtype)
    {
        var member = Sizes.New<double>("membership", Sizes.Product(samples, classes, places));
        for (var i = 0; i < labels.Length; i++)
            if ((uint)labels[i] < (uint)classes) member[(i / places * classes + labels[i]) * places + i % places] = 1;
        return Tensor.From([samples, classes, places], member).To(dtype);
    }

    /// <summary>
    /// log Σ eˣ along an axis where −∞ stands for what is not there; of nothing −∞, with slope 0 rather than NaN.
    /// </summary>
    static Tensor LogSumExpOrNothing(Tensor x, int axis)
    {
        // A NaN is not -inf either, so it stays.
        var some = x.Detach().Max(axis, keepDims: true).NotEqualTo(double.NegativeInfinity);
        var sum = Tensor.Where(some, x, 0).LogSumExp(axis, keepDims: true);
        return Tensor.Where(some, sum, double.NegativeInfinity).Squeeze(axis);
    }
}
