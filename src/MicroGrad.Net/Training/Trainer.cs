using System.Diagnostics;
using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// The training loop for a model that takes and gives anything, such as ids, or tuples of several inputs or outputs;
/// <see cref="Trainer{TTarget}"/> is the one from tensor to tensor. It is made of parts that a hand-written loop uses
/// too: an enumeration of batches, a loss function, an optimizer, a <see cref="MicroGrad.Net.History"/>.
/// </summary>
/// <typeparam name="TInput">What the network takes.</typeparam>
/// <typeparam name="TOutput">What it gives.</typeparam>
/// <typeparam name="TTarget">Tensor, int[] for class labels, or a tuple.</typeparam>
/// <param name="model">What is trained: its mode is switched, its weights and buffers are kept and put back.</param>
/// <param name="optimizer">Changes the parameters.</param>
/// <param name="forward">From input to prediction.</param>
/// <param name="loss">From prediction and target to one number: one of <see cref="Losses"/>, a mean over rows, or what
/// <see cref="BatchWeight"/> says.</param>
public class Trainer<TInput, TOutput, TTarget>(
    ModuleBase model, Optimizer optimizer, Func<TInput, TOutput> forward, Func<TOutput, TTarget, Tensor> loss)
{
    /// <summary>Trains a model by its own Forward.</summary>
    /// <param name="model">What is trained: its mode is switched, its weights and buffers are kept and put back.</param>
    /// <param name="optimizer">Changes the parameters.</param>
    /// <param name="loss">From prediction and target to one number, as above.</param>
    public Trainer(Module<TInput, TOutput> model, Optimizer optimizer, Func<TOutput, TTarget, Tensor> loss)
        : this(model, optimizer, model.Forward, loss)
    {
    }

    /// <summary>What to measure beside the loss, in training and in validation.</summary>
    public MetricList<TOutput, TTarget> Metrics { get; init; } = [];

    /// <summary>When to stop before the last epoch, and whether to go back to the best; null for never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>Called with the optimizer's parameters between Backward and Step, to limit their gradients.</summary>
    public Action<IReadOnlyList<Parameter>>? ClipGradients { get; init; }

    /// <summary>
    /// How many batches make one step: their gradients add up as if they had been one batch, each weighed as
    /// <see cref="BatchWeight"/> says. What looks at the batch as a whole sees each for itself: batch normalization,
    /// losses that compare rows with each other (contrastive ones, those with negatives from the batch), and those of
    /// all places of a batch together (Lovász).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int Accumulate
    {
        get;
        init
        {
            if (value < 1) Throw.OutOfRange("Trainer", nameof(Accumulate), value, "at least 1");
            field = value;
        }
    } = 1;

    /// <summary>
    /// What a batch weighs beside others, where their losses are averaged: over an epoch, in <see cref="Evaluate"/>, and
    /// with <see cref="Accumulate"/> in a step; 0 for not at all. By default it weighs as much as its mean is over: the
    /// losses of <see cref="Losses"/> say so themselves (elements, labels that are not ignored, weights; a sum is added
    /// up), and any other loss counts as a mean over rows. Needed where a loss is computed from means or sums of theirs
    /// that are not over rows, which is an error otherwise:
    /// <c>BatchWeight = batch => batch.Y.Count(label => label >= 0)</c>.
    /// </summary>
    public Func<IBatch<TInput, TTarget>, double>? BatchWeight { get; init; }

    /// <summary>
    /// Whether the loss may depend on parameters that the optimizer does not have; by default the first step is an
    /// error that names them, since mostly they were forgotten: captured by a function, or made in Forward or after the
    /// optimizer. Those that are frozen (<see cref="Tensor.RequiresGrad"/> is false) never count.
    /// </summary>
    public bool AllowUntrainedParameters { get; init; }

    /// <summary>Called after each step: the place of a schedule that counts steps.</summary>
    public Action<TrainingProgress>? AfterStep { get; init; }

    /// <summary>Called after each epoch, with its figures: the place of a schedule that counts epochs.</summary>
    public Action<TrainingProgress>? AfterEpoch { get; init; }

    /// <summary>Told of each step and each epoch; for display.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>
    /// Saves a checkpoint: called after each epoch (after <see cref="AfterEpoch"/>), and when cancelled.
    /// </summary>
    public Action<TrainingProgress>? SaveLast { get; init; }

    /// <summary>Saves a checkpoint: called after each epoch whose monitored figure is the best so far.</summary>
    public Action<TrainingProgress>? SaveBest { get; init; }

    /// <summary>
    /// Looks at steps before they are made, for a report: <c>Watch = new TrainingRecord(model, optimizer)</c>, and then
    /// <c>history.SaveHtml("report.html")</c>. Weights and random numbers have the same bits as without.
    /// </summary>
    public ITrainingWatch? Watch { get; init; }

    /// <summary>The history of the last <see cref="Fit"/>; also where it ended with an exception.</summary>
    public History History { get; private set; } = new(History.Loss);

    /// <summary>
    /// Trains for some epochs, and evaluates after each where there is validation data. The model is put into training
    /// mode if it is not (parts that are in evaluation mode inside a model in training mode stay so), and in the end
    /// back into the mode it had.
    /// </summary>
    /// <param name="train">Enumerated once per epoch.</param>
    /// <param name="validation">Evaluated after each epoch; null for no validation.</param>
    /// <param name="epochs">The number of the last epoch.</param>
    /// <param name="firstEpoch">The number of the first: one more than was done, where training is resumed.</param>
    /// <param name="cancellation">Ends training after the running step; that is no error, and <see cref="SaveLast"/> is
    /// called.</param>
    /// <returns>The figures of all completed epochs.</returns>
    /// <exception cref="NonFiniteException">A loss or gradient is NaN or infinite; the message names the operation it
    /// came from, and the model is as it was before that step.</exception>
    /// <exception cref="GradientException">The loss depends on parameters that the optimizer does not have, or a
    /// parameter of the optimizer gets no gradient.</exception>
    /// <exception cref="ArgumentException">Training data without batches, or an unknown figure to monitor.</exception>
    public History Fit(IEnumerable<IBatch<TInput, TTarget>> train, IEnumerable<IBatch<TInput, TTarget>>? validation = null,
        int epochs = 10, int firstEpoch = 1, CancellationToken cancellation = default)
    {
        if (firstEpoch < 1) Throw.OutOfRange("Trainer.Fit", nameof(firstEpoch), firstEpoch, "at least 1");
        if (epochs < firstEpoch)
            Throw.OutOfRange("Trainer.Fit", nameof(epochs), epochs, $"at least {firstEpoch}, the first epoch");
        string[] measured = [History.Loss, .. Metrics];
        History = new History([.. measured, .. validation is null ? [] : measured.Select(History.Validation),
            History.LearningRate, History.Seconds])
        { FirstEpoch = firstEpoch, Watch = Watch };
        var best = new BestEpoch(EarlyStopping, model, History.Names);
        var step = NewStep();
        var (modes, totalSteps) = (model.KeepModes(), 0L);
        try
        {
            if (!model.IsTraining) model.Train();
            for (var epoch = firstEpoch; epoch <= epochs; epoch++)
            {
                var clock = Stopwatch.StartNew();
                var (report, figures) = RunEpoch(train, step, epoch, epochs, totalSteps, cancellation);
                totalSteps = report.TotalSteps;
                var checks = figures is null || validation is null ? [] : Measure(validation, cancellation);
                if (figures is null || checks is null)
                {
                    History.EndedBecause = string.Create(CultureInfo.InvariantCulture,
                        $"cancelled in epoch {epoch} after {report.Step} of its steps");
                    SaveLast?.Invoke(report);
                    return History;
                }
                History.Add([.. figures, .. checks, report.LearningRate, clock.Elapsed.TotalSeconds]);
                report = report with { Figures = History.Last, IsBest = best.See(epoch, History.Last) };
                AfterEpoch?.Invoke(report);
                if (report.IsBest) SaveBest?.Invoke(report);
                SaveLast?.Invoke(report);
                Progress?.Report(report);
                if (best.ReasonToStop is not { } reason) continue;
                History.EndedBecause = reason;
                break;
            }
            History.RestoredEpoch = best.Restore();
            if (Watch is null) return History;
            model.Eval();
            Watch.AfterTraining(validation ?? train, validation is not null, forward, loss);
        }
        finally
        {
            modes.Restore();
        }
        return History;
    }

    /// <summary>
    /// Loss and metrics over all batches, in evaluation mode and without gradients, as if they were one batch (see
    /// <see cref="BatchWeight"/>). The model's own mode stays.
    /// </summary>
    /// <exception cref="ArgumentException">There are no batches, nothing in them counts (all labels are ignored), or what
    /// they weigh beside each other is not known.</exception>
    public IReadOnlyDictionary<string, double> Evaluate(IEnumerable<IBatch<TInput, TTarget>> batches)
    {
        string[] names = [History.Loss, .. Metrics];
        var figures = Measure(batches, CancellationToken.None)!;
        return names.Zip(figures).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    /// <summary>One epoch of steps; no figures where it was cancelled.</summary>
    (TrainingProgress Report, double[]? Figures) RunEpoch(IEnumerable<IBatch<TInput, TTarget>> train,
        TrainingStep<TInput, TOutput, TTarget> step, int epoch, int epochs, long stepsBefore, CancellationToken cancellation)
    {
        var seen = new Averages<TOutput, TTarget>(Metrics);
        int? steps = train is IReadOnlyCollection<IBatch<TInput, TTarget>> all ? (all.Count + Accumulate - 1) / Accumulate : null;
        var report = new TrainingProgress
        {
            Epoch = epoch, Epochs = epochs, Step = 0, Steps = steps, TotalSteps = stepsBefore, Loss = double.NaN,
            MeanLoss = double.NaN, LearningRate = optimizer.LearningRate,
        };
        if (cancellation.IsCancellationRequested) return (report, null);
        foreach (var group in Groups(train))
        {
            var rate = optimizer.LearningRate;
            var value = step.Make(group, seen, () => $"epoch {epoch}, step {report.Step + 1}",
                Watch is null ? null : (batchLoss, change) => Watch.BeforeStep(report, batchLoss, change));
            report = report with
            {
                Step = report.Step + 1, TotalSteps = report.TotalSteps + 1, Loss = value, MeanLoss = seen.Loss.Value,
                LearningRate = rate,
            };
            AfterStep?.Invoke(report);
            Progress?.Report(report);
            // The last step completes the epoch: it is cancelled only between steps.
            if (cancellation.IsCancellationRequested && report.Step != report.Steps) return (report, null);
        }
        if (report.Step == 0) Throw.Value("Trainer.Fit", "there are no batches to train on.");
        if (seen.Loss.IsEmpty)
            Throw.Value("Trainer.Fit", "there is nothing to learn from: all labels are ignored, or all weights are 0.");
        return (report, seen.Figures());
    }

    TrainingStep<TInput, TOutput, TTarget> NewStep() =>
        new(model, optimizer, forward, loss, ClipGradients, BatchWeight, AllowUntrainedParameters);

    /// <summary>The batches in groups of <see cref="Accumulate"/>; the last may have fewer.</summary>
    IEnumerable<IReadOnlyList<IBatch<TInput, TTarget>>> Groups(IEnumerable<IBatch<TInput, TTarget>> batches) =>
        batches.Chunk(Accumulate);

    /// <summary>Loss and metrics in evaluation mode; null where cancelled.</summary>
    double[]? Measure(IEnumerable<IBatch<TInput, TTarget>> batches, CancellationToken cancellation)
    {
        // On this thread only: others may train the model, or evaluate it too.
        using var off = Gradients.Off();
        using var evaluating = ModuleBase.Evaluating();
        var (seen, any, step) = (new Averages<TOutput, TTarget>(Metrics), false, NewStep());
        foreach (var batch in batches)
        {
            if (cancellation.IsCancellationRequested) return null;
            using var scope = new StepScope();
            var prediction = forward(batch.X);
            var (value, weight) = step.Weighed(prediction, batch, seen.Loss);
            seen.Add(value.Item(), weight, prediction, batch.Y, batch.Count);
            any = true;
        }
        if (!any) Throw.Value("Trainer", "there are no batches to evaluate on.");
        if (seen.Loss.IsEmpty)
            Throw.Value("Trainer", "there is nothing to evaluate: all labels are ignored, or all weights are 0.");
        return seen.Figures();
    }
}

/// <summary>
/// The training loop:
/// <c>new Trainer&lt;int[]&gt;(model, optimizer, (logits, labels) =&gt; Losses.CrossEntropy(logits, labels))
/// .Fit(train, validation, epochs: 10)</c>, with <see cref="Batches"/> for both.
/// </summary>
/// <typeparam name="TTarget">Tensor, or int[] for class labels.</typeparam>
/// <param name="model">The network.</param>
/// <param name="optimizer">Changes its parameters.</param>
/// <param name="loss">From prediction and target to one number: one of <see cref="Losses"/>, a mean over rows, or what
/// <see cref="Trainer{TInput, TOutput, TTarget}.BatchWeight"/> says.</param>
public sealed class Trainer<TTarget>(Module<Tensor, Tensor> model, Optimizer optimizer, Func<Tensor, TTarget, Tensor> loss)
    : Trainer<Tensor, Tensor, TTarget>(model, optimizer, loss);
