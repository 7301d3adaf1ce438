using System.Collections;

namespace MicroGrad.Net;

/// <summary>
/// The metrics of a <see cref="Trainer{TInput, TOutput, TTarget}"/>, by name. A function of prediction and target gives the mean
/// over the rows of a batch; over an epoch it is averaged with the number of rows as weight, as if the epoch had been
/// one batch (with that of labels or weights, where it gives a loss that is a mean over those): <c>Metrics = { { "accuracy", Metrics.Accuracy }, { "rmse", Metrics.SquaredError, Math.Sqrt } }</c>. What
/// is no such mean is an <see cref="IMetric{TOutput, TTarget}"/>, and may yield several figures:
/// <c>Metrics = { { "auc", new RocAuc() }, { "f1", matrix, m => m.FScore() }, { "iou", matrix, m => m.MeanIou() } }</c>.
/// It starts anew with each pass over data, so that it holds the last one when the trainer is done.
/// </summary>
public sealed class MetricList<TOutput, TTarget> : IReadOnlyCollection<string>
{
    readonly List<Entry> _entries = [];
    readonly List<IMetric<TOutput, TTarget>> _streams = [];
    object? _pass;

    /// <summary>Adds a metric that is a mean over rows.</summary>
    /// <param name="name">The name of the figure in the history.</param>
    /// <param name="of">The mean over the rows of a batch.</param>
    /// <param name="finish">Applied to the mean over the epoch: the root, for one, of a mean square.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Func<TOutput, TTarget, double> of, Func<double, double>? finish = null) =>
        Add(new Entry(name, of, finish ?? (mean => mean)));

    /// <summary>Adds a metric that is built up over the batches.</summary>
    /// <param name="name">The name of the figure in the history.</param>
    /// <param name="metric">Gives the figure as its <see cref="IMetric{TOutput, TTarget}.Value"/>.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, IMetric<TOutput, TTarget> metric) => Add(name, metric, one => one.Value);

    /// <summary>Adds a figure of a metric that is built up over the batches; several may share the metric.</summary>
    /// <param name="name">The name of the figure in the history.</param>
    /// <param name="metric">Sees every batch once, however many figures it gives.</param>
    /// <param name="figure">Reads the figure off.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add<TMetric>(string name, TMetric metric, Func<TMetric, double> figure) where TMetric : IMetric<TOutput, TTarget>
    {
        Add(new Entry(name, null, _ => figure(metric)));
        if (!_streams.Any(stream => ReferenceEquals(stream, metric))) _streams.Add(metric);
    }

    void Add(Entry entry)
    {
        if (entry.Name is History.Loss or History.LearningRate or History.Seconds || this.Contains(entry.Name))
            Throw.Value("Metrics", $"there is a figure named '{entry.Name}' already.");
        _entries.Add(entry);
    }

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>The names.</summary>
    public IEnumerator<string> GetEnumerator() => _entries.Select(entry => entry.Name).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Starts a pass over data.</summary>
    internal void Start(object pass)
    {
        _pass = pass;
        foreach (var stream in _streams) stream.Reset();
    }

    /// <summary>Means for the functions, which are the caller's, so that passes can be nested.</summary>
    internal BatchMean[] Means() => [.. _entries.Select(entry => new BatchMean($"the metric '{entry.Name}'",
        "Let the function be one loss, or a mean over rows, or make it an IMetric, which sees all batches."))];

    /// <summary>Adds a batch.</summary>
    internal void Add(object pass, TOutput prediction, TTarget target, int rows, BatchMean[] means)
    {
        RequireSame(pass);
        foreach (var stream in _streams) stream.Add(prediction, target);
        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].Of is not { } of) continue;
            using var listener = new ReductionListener();
            var value = of(prediction, target);
            means[i].Add(value, means[i].Weigh(
                listener.Heard, result => result.Length == 1 && result.Item().Equals(value), rows));
        }
    }

    /// <summary>The figures at the end of a pass.</summary>
    internal double[] Finish(object pass, BatchMean[] means)
    {
        RequireSame(pass);
        return [.. _entries.Select((entry, i) => entry.Finish(means[i].Value))];
    }

    void RequireSame(object pass)
    {
        if (_streams.Count > 0 && !ReferenceEquals(pass, _pass))
            Throw.WrongCall("Trainer", "its metrics were restarted by an Evaluate before the epoch had ended: let a "
                + "second trainer, with metrics of its own, evaluate in AfterStep.");
    }

    /// <summary>A name, and either a function to average or a figure to read off in the end.</summary>
    sealed record Entry(string Name, Func<TOutput, TTarget, double>? Of, Func<double, double> Finish);
}

/// <summary>Loss and metrics of the batches seen so far in a pass over data.</summary>
sealed class Averages<TOutput, TTarget>
{
    readonly MetricList<TOutput, TTarget> _metrics;
    readonly BatchMean[] _means;

    public Averages(MetricList<TOutput, TTarget> metrics)
    {
        (_metrics, _means) = (metrics, metrics.Means());
        metrics.Start(this);
    }

    /// <summary>The loss.</summary>
    public BatchMean Loss { get; } = new("the loss", "Say it, BatchWeight = batch => batch.Count where its mean is over "
        + "rows; or let the loss be one of Losses itself.");

    public void Add(double loss, double weight, TOutput prediction, TTarget target, int rows)
    {
        Loss.Add(loss, weight);
        if (_means.Length == 0) return;
        using var off = Gradients.Off();
        // A metric may keep what it is given: not the tape behind it.
        _metrics.Add(this, prediction is Tensor tensor ? (TOutput)(object)tensor.Detach() : prediction, target, rows, _means);
    }

    /// <summary>The loss, then the metrics.</summary>
    public double[] Figures() => [Loss.Value, .. _metrics.Finish(this, _means)];
}
