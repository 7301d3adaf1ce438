namespace MicroGrad.Net;

/// <summary>
/// Keeps what a training report shows beyond the figures of the epochs: at some steps, by layer, the norms and
/// histograms of weights and gradients, the norms of updates, the activations, and what the step did to the loss; in
/// the end, the predictions that are most wrong.
/// <code>
/// var record = new TrainingRecord(model, optimizer);
/// var history = new Trainer&lt;int[]&gt;(model, optimizer, loss) { Watch = record }.Fit(train, validation);
/// history.SaveHtml("report.html");
/// </code>
/// In a loop of one's own:
/// <code>
/// if (record.IsDue(step, steps)) record.Probe(() =&gt; Losses.CrossEntropy(model.Forward(x), y), step: step);
/// </code>
/// </summary>
/// <remarks>
/// A probe makes the next step, measures it and undoes it: parameters, gradients, buffers, the optimizer's memory and
/// the random generators are put back to the very bits. It costs about a dozen steps; <see cref="Samples"/> bounds how
/// many there are, so that it hardly shows in a long training.
/// </remarks>
/// <param name="model">What is trained.</param>
/// <param name="optimizer">What changes it.</param>
public sealed class TrainingRecord(ModuleBase model, Optimizer optimizer) : ITrainingWatch
{
    const int MostActivations = 12;

    readonly LossLedger _ledger = new(model, optimizer);
    readonly List<StepSample> _samples = [];
    long _every = 1;

    /// <summary>At how many steps of a training to look, evenly spaced; 100 by default. Where the number of steps is
    /// not known before, between one and two times as many are kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 2.</exception>
    public int Samples
    {
        get;
        init
        {
            if (value < 2) Throw.OutOfRange(nameof(TrainingRecord), nameof(Samples), value, "at least 2");
            field = value;
        }
    } = 100;

    /// <summary>What the steps that were looked at did to the loss, by layer, all together.</summary>
    public LossTotal Total => LossTotal.Of([.. _samples.Select(sample => sample.Change)]);

    /// <summary>How the network is made, and by what it is trained.</summary>
    internal (ModuleBase Model, Optimizer Optimizer) Subject => (model, optimizer);

    internal IReadOnlyList<StepSample> Steps => _samples;

    /// <summary>The predictions that are most wrong, the worst first, and what they are of, or why there are
    /// none.</summary>
    internal (IReadOnlyList<JudgedPrediction> Worst, string About) Predictions { get; private set; } =
        ([], "Not looked for: the training did not end by itself, or TrainingRecord.Judge was not called.");

    /// <summary>Whether a step is one to look at.</summary>
    /// <param name="step">How many steps were made before.</param>
    /// <param name="steps">How many there will be in all; null where that is not known.</param>
    public bool IsDue(long step, long? steps = null)
    {
        if (steps is not { } all) return step % _every == 0;
        return step == 0 || all <= Samples || step * Samples / all != (step - 1) * Samples / all;
    }

    /// <summary>Measures what the next step of the optimizer would do, and puts everything back as it was.</summary>
    /// <param name="loss">One number, of one batch; called several times, between steps: no tape of the model may wait
    /// for its backward.</param>
    /// <param name="change">Makes the step (gradients, clipping, change of the parameters); by default
    /// <see cref="Optimizer.Step(Func{Tensor})"/>.</param>
    /// <param name="step">How many steps were made before; by default as many as were looked at.</param>
    /// <returns>What the step would do to the loss.</returns>
    /// <exception cref="InvalidOperationException">The loss is not the same when computed again.</exception>
    /// <exception cref="GradientException">As in <see cref="Optimizer.Step(Func{Tensor})"/>.</exception>
    public LossStep Probe(Func<Tensor> loss, Action? change = null, long? step = null)
    {
        using var scope = new StepScope();
        using var kept = ModelState.Of(model, optimizer.Parameters);
        var memory = optimizer.State();
        try
        {
            List<ActivationSample> seen = [];
            var measured = _ledger.Measure(loss, () => Made(loss, change), result => See(result, seen));
            Add(StepSample.Of(step ?? _samples.Count, optimizer.LearningRate, measured, seen));
            return measured.Step;
        }
        finally
        {
            optimizer.LoadState(memory);
        }
    }

    double? Made(Func<Tensor> loss, Action? change)
    {
        if (change is null) return optimizer.Step(loss);
        change();
        return null;
    }

    static void See(Tensor result, List<ActivationSample> seen)
    {
        if (seen.Count == MostActivations || !result.Node!.Operation.IsActivation) return;
        var name = Units.NameOf(result);
        var before = seen.Count(one => one.Name == name || one.Name.StartsWith($"{name}, call ", StringComparison.Ordinal));
        seen.Add(new ActivationSample(before == 0 ? name : FormattableString.Invariant($"{name}, call {before + 1}"),
            Units.ShareOfDead(result), Units.ShareSaturated(result), Histogram.OfValues(result.ToDoubles())));
    }

    void Add(StepSample sample)
    {
        _samples.Add(sample);
        if (_samples.Count < 2 * Samples) return;
        // Every second is let go, so that those left are as evenly spaced as before.
        _every *= 2;
        var next = 0;
        _samples.RemoveAll(_ => next++ % 2 == 1);
    }

    /// <summary>Judges the rows of a data set, up to 2,000, with the model in the mode that it is in, and keeps those
    /// that are most wrong: by the loss of each row alone.</summary>
    /// <param name="data">Rows and their targets; no epoch of it is begun.</param>
    /// <param name="forward">From inputs to predictions.</param>
    /// <param name="loss">From prediction and target to one number.</param>
    /// <param name="about">What the rows are, for the report.</param>
    public void Judge<TInput, TTarget>(Batches<TInput, TTarget> data, Func<TInput, Tensor> forward, Func<Tensor, TTarget, Tensor> loss,
        string about = "validation data") => Predictions = Judgement.Of(data, about, forward, loss);

    /// <summary>Keeps, of predictions made elsewhere, those that are most wrong.</summary>
    /// <param name="predictions">All there are.</param>
    /// <param name="about">What they are of, for the report.</param>
    public void Judge(IEnumerable<JudgedPrediction> predictions, string about = "validation data") =>
        Predictions = Judgement.Worst([.. predictions], about);

    void ITrainingWatch.BeforeStep(TrainingProgress report, Func<Tensor> loss, Action change)
    {
        if (report.TotalSteps == 0)
        {
            _samples.Clear();       // another training
            _every = 1;
        }
        long? steps = report.Steps is not { } epoch ? null
            : report.TotalSteps - report.Step + (report.Epochs - report.Epoch + 1L) * epoch;
        if (IsDue(report.TotalSteps, steps)) Probe(loss, change, report.TotalSteps);
    }

    void ITrainingWatch.AfterTraining<TInput, TOutput, TTarget>(IEnumerable<IBatch<TInput, TTarget>> data,
        bool isValidation, Func<TInput, TOutput> forward, Func<TOutput, TTarget, Tensor> loss) => Predictions = Judgement.Of(
            data, isValidation ? "validation data" : "training data", forward, loss);
}
