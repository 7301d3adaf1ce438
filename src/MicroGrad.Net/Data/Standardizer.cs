namespace MicroGrad.Net;

/// <summary>
/// Brings each feature to mean 0 and deviation 1: z = (x − mean) / deviation, with the mean and the population
/// deviation of the rows it was fitted on. Fit on the training part only, then transform every part. A feature that
/// was constant there becomes 0.
/// </summary>
public sealed class Standardizer : IFitted<Standardizer>
{
    const int Version = 1;

    readonly double[] _mean, _deviation;
    readonly Tensor _perDeviation;      // 1 / deviation, and 0 where that is 0

    Standardizer(string op, double[] mean, double[] deviation, DType dtype)
    {
        (_mean, _deviation) = (mean, deviation);
        var inverse = Array.ConvertAll(deviation, d => d == 0 ? 0 : 1 / d);
        for (var feature = 0; feature < inverse.Length; feature++)
            if (!(inverse[feature] <= (dtype == DType.Float32 ? float.MaxValue : double.MaxValue)))
                Throw.Value(op, $"feature {feature} has a deviation of {ColumnStatistics.Text(deviation[feature])}, too "
                    + $"small to divide by in {dtype}: scale it.");
        (Mean, Deviation, _perDeviation) = (Vector(mean), Vector(deviation), Vector(inverse));

        Tensor Vector(double[] numbers) => Tensor.From([numbers.Length], numbers).To(dtype);
    }

    /// <summary>The mean of each feature, [features].</summary>
    public Tensor Mean { get; }

    /// <summary>The deviation of each feature, [features]; 0 for one that was constant.</summary>
    public Tensor Deviation { get; }

    /// <summary>Takes means and deviations from x [n, features]: the training part, and nothing else.</summary>
    /// <exception cref="ShapeException">x is no matrix, or has no rows.</exception>
    /// <exception cref="ArgumentException">A value is NaN or infinite, or a deviation so small that its inverse would
    /// be infinite; the message names the place.</exception>
    public static Standardizer Fit(Tensor x)
    {
        if (x.Rank != 2 || x.Shape[0] == 0)
            Throw.Shapes("Standardizer.Fit", $"expects [n, features] with at least one row, but got {x.Shape}.");
        var features = x.Shape[1];
        var values = x.ToDoubles();
        double[] mean = new double[features], deviation = new double[features];
        var column = new double[x.Shape[0]];
        for (var feature = 0; feature < features; feature++)
        {
            for (var row = 0; row < column.Length; row++)
            {
                column[row] = values[row * features + feature];
                if (!double.IsFinite(column[row]))
                    Throw.Value("Standardizer.Fit", $"x[{row}, {feature}] is {ColumnStatistics.Text(column[row])}.");
            }
            (mean[feature], deviation[feature]) = ColumnStatistics.MeanAndDeviation(column);
        }
        return new Standardizer("Standardizer.Fit", mean, deviation, x.DType);
    }

    /// <summary>(x − mean) / deviation, feature by feature; x is [..., features].</summary>
    /// <exception cref="ShapeException">x has another number of features.</exception>
    public Tensor Transform(Tensor x)
    {
        Require("Standardizer.Transform", x);
        return (x - Mean) * _perDeviation;
    }

    /// <summary>z · deviation + mean, feature by feature: back to the original unit; z is [..., features].</summary>
    /// <exception cref="ShapeException">z has another number of features.</exception>
    public Tensor Inverse(Tensor z)
    {
        Require("Standardizer.Inverse", z);
        return z * Deviation + Mean;
    }

    /// <inheritdoc/>
    public string SaveState() => FittedText.Write(nameof(Standardizer), Version, json =>
    {
        json.WriteString("type", Mean.DType.ToString());
        json.Numbers("mean", _mean);
        json.Numbers("deviation", _deviation);
    });

    /// <inheritdoc/>
    public static Standardizer LoadState(string text) => FittedText.Read(text, nameof(Standardizer), Version, json =>
    {
        var (mean, deviation, type) = (json.Numbers("mean"), json.Numbers("deviation"), json.Text("type"));
        if (mean.Length != deviation.Length || deviation.Any(d => d < 0))
            Throw.Value(nameof(Standardizer), $"{mean.Length} means and {deviation.Length} deviations, or a negative one.");
        return new Standardizer("Standardizer.LoadState", mean, deviation, type switch
        {
            nameof(DType.Float32) => DType.Float32,
            nameof(DType.Float64) => DType.Float64,
            _ => throw new ArgumentException($"there is no number type '{type}'."),
        });
    });

    void Require(string op, Tensor x)
    {
        if (x.Rank == 0 || x.Shape[^1] != Mean.Length)
            Throw.Shapes(op, $"expects [..., {Mean.Length}], as it was fitted on, but got {x.Shape}.");
    }
}
