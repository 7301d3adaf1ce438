namespace MicroGrad.Net;

/// <summary>
/// Brings each feature to mean 0 and deviation 1: z = (x − mean) / deviation, with the mean and the population
/// deviation of the rows it was fitted on. Fit on the training part only, then transform every part. A feature that
/// was constant there becomes 0.
/// </summary>
public sealed class Standardizer
{
    readonly Tensor _perDeviation;      // 1 / deviation, and 0 where that is 0

    Standardizer(Tensor mean, Tensor deviation, Tensor perDeviation) =>
        (Mean, Deviation, _perDeviation) = (mean, deviation, perDeviation);

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
        double[] mean = new double[features], deviation = new double[features], inverse = new double[features];
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
            inverse[feature] = deviation[feature] == 0 ? 0 : 1 / deviation[feature];
            if (!(inverse[feature] <= (x.DType == DType.Float32 ? float.MaxValue : double.MaxValue)))
                Throw.Value("Standardizer.Fit", $"feature {feature} has a deviation of "
                    + $"{ColumnStatistics.Text(deviation[feature])}, too small to divide by in {x.DType}: scale it.");
        }
        return new Standardizer(Vector(mean), Vector(deviation), Vector(inverse));

        Tensor Vector(double[] numbers) => Tensor.From([features], numbers).To(x.DType);
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

    void Require(string op, Tensor x)
    {
        if (x.Rank == 0 || x.Shape[^1] != Mean.Length)
            Throw.Shapes(op, $"expects [..., {Mean.Length}], as it was fitted on, but got {x.Shape}.");
    }
}
