using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// When to stop before the last epoch: the figure has not improved by more than <see cref="MinimalImprovement"/> for
/// <see cref="Patience"/> epochs in a row.
/// </summary>
/// <param name="patience">How many epochs without improvement are borne.</param>
public sealed class EarlyStopping(int patience = 10)
{
    /// <summary>How many epochs without improvement are borne.</summary>
    public int Patience { get; } = patience >= 1 ? patience : Refuse(patience);

    /// <summary>
    /// The name of the figure in the history, such as <c>validation accuracy</c>; by default the validation loss, and
    /// the training loss where there is no validation.
    /// </summary>
    public string? Figure { get; init; }

    /// <summary>Whether a higher figure is better, as of an accuracy.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>
    /// Improvements up to this size, in the unit of the figure, do not count as such. They do make an epoch the best.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double MinimalImprovement
    {
        get;
        init
        {
            if (!(value >= 0 && double.IsFinite(value)))
                Throw.OutOfRange(nameof(EarlyStopping), nameof(MinimalImprovement), value, "0 or more, and finite");
            field = value;
        }
    }

    /// <summary>
    /// Whether the weights (and buffers, such as running statistics) of the best epoch are put back at the end,
    /// whether training stopped early or not; not after cancellation, which may be resumed from where it ended.
    /// The optimizer keeps its state.
    /// </summary>
    public bool RestoreBest { get; init; } = true;

    static int Refuse(int patience)
    {
        Throw.OutOfRange(nameof(EarlyStopping), nameof(patience), patience, "at least 1");
        return patience;
    }
}

/// <summary>Follows the monitored figure from epoch to epoch.</summary>
sealed class BestEpoch
{
    readonly EarlyStopping _rule;
    readonly string _figure;
    readonly ModelState? _weights;
    double _best = double.NaN, _mark = double.NaN;
    int _epoch, _waited;

    public BestEpoch(EarlyStopping? rule, ModuleBase model, IReadOnlyList<string> figures)
    {
        _rule = rule ?? new EarlyStopping(int.MaxValue) { RestoreBest = false };
        _figure = _rule.Figure ?? (figures.Contains(History.ValidationLoss) ? History.ValidationLoss : History.Loss);
        if (!figures.Contains(_figure))
            Throw.Value(nameof(EarlyStopping),
                $"there is no figure '{_figure}'; there are {string.Join(", ", figures)}.");
        if (_rule.RestoreBest) _weights = ModelState.OfValues(model.State().Select(named => named.Variable));
    }

    /// <summary>Why training should stop now; null where it should not.</summary>
    public string? ReasonToStop
    {
        get
        {
            if (_waited < _rule.Patience) return null;
            var least = _rule.MinimalImprovement;
            var by = least > 0 ? string.Create(CultureInfo.InvariantCulture, $" by more than {least:g4}") : "";
            return string.Create(CultureInfo.InvariantCulture,
                $"{_figure} has not improved{by} for {_waited} {(_waited == 1 ? "epoch" : "epochs")}; ")
                + (_epoch == 0 ? "it has been NaN in every epoch"
                    : string.Create(CultureInfo.InvariantCulture, $"it was best, {_best:g4}, in epoch {_epoch}"));
        }
    }

    /// <summary>Takes note of an epoch; returns whether it is the best so far.</summary>
    public bool See(int epoch, IReadOnlyDictionary<string, double> figures)
    {
        var value = figures[_figure];
        var progress = IsBetter(value, _mark, _rule.MinimalImprovement);
        _waited = progress ? 0 : _waited + 1;
        if (progress) _mark = value;
        if (!IsBetter(value, _best, 0)) return false;
        (_best, _epoch) = (value, epoch);
        _weights?.TakeValues();
        return true;
    }

    /// <summary>Puts the weights of the best epoch back; returns its number, or 0 where nothing was put back.</summary>
    public int Restore()
    {
        if (_weights is null || _epoch == 0) return 0;
        _weights.Restore();
        return _epoch;
    }

    bool IsBetter(double value, double than, double by) => !double.IsNaN(value)
        && (double.IsNaN(than) || (_rule.HigherIsBetter ? value > than + by : value < than - by));
}
