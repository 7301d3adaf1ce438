namespace MicroGrad.Net;

/// <summary>
/// The errors of predicted numbers, element by element; NaN or infinite predictions give NaN or infinite figures, and
/// no elements NaN. As a metric on its own it is the <see cref="RootMeanSquared"/> error:
/// <c>Metrics = { { "rmse", errors }, { "R²", errors, e => e.R2 } }</c>.
/// </summary>
public sealed class RegressionErrors : IMetric<Tensor>
{
    const string Name = "regression errors";

    double _absolute, _squared, _percentage;
    long _count;
    Column[] _columns = [];

    /// <summary>The root mean squared error.</summary>
    public double Value => RootMeanSquared;

    /// <summary>Mean of |prediction − target| (MAE), in the units of the target.</summary>
    public double MeanAbsolute => _absolute / _count;

    /// <summary>Mean of (prediction − target)² (MSE).</summary>
    public double MeanSquared => _squared / _count;

    /// <summary>√ mean of (prediction − target)² (RMSE), in the units of the target.</summary>
    public double RootMeanSquared => Math.Sqrt(MeanSquared);

    /// <summary>
    /// Mean of |prediction − target| / max(ε, |target|) (MAPE), as a share: 0.1 is 10 %. As in scikit-learn ε is 2⁻⁵²,
    /// so that an error where the target is 0 counts enormously.
    /// </summary>
    public double MeanAbsolutePercentage => _percentage / _count;

    /// <summary>
    /// 1 − Σ (prediction − target)² / Σ (target − mean target)²: the share of the variance that is explained. Of [n,
    /// outputs], the mean over the outputs. Where the target does not vary it is 1 for perfect predictions and 0 for
    /// others, as in scikit-learn; NaN for fewer than two rows.
    /// </summary>
    public double R2 => _columns.Length == 0 ? double.NaN : _columns.Average(column => column.R2);

    /// <summary>Adds predictions [n] or [n, outputs] and targets of the same shape.</summary>
    /// <exception cref="ShapeException">The shapes differ, or do not fit the batches before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is NaN or infinite.</exception>
    public void Add(Tensor prediction, Tensor target)
    {
        YesOrNo.RequireSameShape(Name, prediction, target);
        new Checks(Name).Elements(target, Domain.Finite);
        var columns = YesOrNo.Columns(Name, prediction.Shape, _columns.Length);
        if (_columns.Length == 0) _columns = [.. Enumerable.Range(0, columns).Select(_ => new Column())];
        var (predicted, wanted) = (prediction.ToDoubles(), target.ToDoubles());
        for (var i = 0; i < wanted.Length; i++)
        {
            var error = predicted[i] - wanted[i];
            _absolute += Math.Abs(error);
            _squared += error * error;
            _percentage += Math.Abs(error) / Math.Max(double.BitIncrement(1) - 1, Math.Abs(wanted[i]));
            _columns[i % columns].Add(error, wanted[i]);
        }
        _count += wanted.Length;
    }

    /// <inheritdoc/>
    public void Reset() => (_absolute, _squared, _percentage, _count, _columns) = (0, 0, 0, 0, []);

    /// <summary>One output: squared errors, and the variation of the target by Welford's (1962) recurrence.</summary>
    sealed class Column
    {
        double _errors, _mean, _variation;
        long _count;

        public double R2 => _count < 2 || double.IsNaN(_errors + _variation) ? double.NaN
            : _variation > 0 ? 1 - _errors / _variation
            : _errors == 0 ? 1 : 0;

        public void Add(double error, double target)
        {
            _count++;
            _errors += error * error;
            var away = target - _mean;
            _mean += away / _count;
            _variation += away * (target - _mean);
        }
    }
}
