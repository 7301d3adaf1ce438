namespace MicroGrad.Net;

/// <summary>One training step: gradients of one or more batches, and one change of the parameters by them.</summary>
sealed class TrainingStep<TInput, TTarget>(ModuleBase model, Optimizer optimizer, Func<TInput, Tensor> forward,
    Func<Tensor, TTarget, Tensor> loss, Action<IReadOnlyList<Parameter>>? clip, bool allowUntrained)
{
    readonly Snapshot _buffers = new(model.State().Select(named => named.Variable).OfType<Buffer>());
    RngState _random;
    bool _checked = allowUntrained;

    /// <summary>
    /// The gradient of the mean loss over all rows of the batches: each batch's mean loss weighs as much as it has
    /// rows. Changes the parameters by it, and returns that loss.
    /// </summary>
    /// <param name="batches">At least one.</param>
    /// <param name="seen">Takes losses and metrics.</param>
    /// <param name="place">Where training is, for an error.</param>
    /// <param name="watch">Told before the step: the loss, and what makes the step.</param>
    /// <exception cref="NonFiniteException">The loss or a gradient is not finite; the model is as before.</exception>
    public double Run<TBatch>(IReadOnlyList<TBatch> batches, Averages<TTarget> seen, Func<string> place,
        Action<Func<Tensor>, Action>? watch = null) where TBatch : IBatch<TInput, TTarget>
    {
        using var scope = new StepScope();
        _buffers.Take();
        _random = Rng.Default.State;
        watch?.Invoke(() => Total(batches, place), () => Change(batches, place, null));
        return Change(batches, place, seen);
    }

    double Change<TBatch>(IReadOnlyList<TBatch> batches, Func<string> place, Averages<TTarget>? seen)
        where TBatch : IBatch<TInput, TTarget>
    {
        optimizer.ZeroGrad();
        var mean = 0.0;
        foreach (var (batch, share) in Shares(batches))
        {
            var (prediction, batchLoss) = Loss(batch, batches, place);
            var value = batchLoss.Item();
            if (!double.IsFinite(value)) throw Stopped(batches, place(), $"the loss is {ColumnStatistics.Text(value)}");
            if (!_checked) UntrainedParameters.Check(batchLoss, optimizer);
            _checked = true;
            Weigh(batchLoss, share).Backward();
            mean += value * share;
            seen?.Add(value, prediction, batch.Y, batch.Count);
        }
        foreach (var parameter in optimizer.Parameters)
            if (parameter.Gradient is { } gradient && !IsFinite(gradient))
                throw Stopped(batches, place(), $"the gradient of {parameter.Describe()} is not finite");
        clip?.Invoke(optimizer.Parameters);
        optimizer.Step();
        return mean;
    }

    /// <summary>The mean loss over all rows.</summary>
    Tensor Total<TBatch>(IReadOnlyList<TBatch> batches, Func<string> place) where TBatch : IBatch<TInput, TTarget> =>
        Shares(batches).Select(part => Weigh(Loss(part.Batch, batches, place).Loss, part.Share))
            .Aggregate((sum, part) => sum + part);

    /// <summary>The batches, and how much the loss of each weighs.</summary>
    static IEnumerable<(TBatch Batch, double Share)> Shares<TBatch>(IReadOnlyList<TBatch> batches)
        where TBatch : IBatch<TInput, TTarget>
    {
        double rows = batches.Sum(batch => (long)batch.Count);
        return batches.Select(batch => (batch, batch.Count / rows));
    }

    (Tensor Prediction, Tensor Loss) Loss<TBatch>(TBatch batch, IReadOnlyList<TBatch> batches, Func<string> place)
        where TBatch : IBatch<TInput, TTarget>
    {
        var prediction = forward(batch.X);
        try
        {
            return (prediction, OneNumber(loss(prediction, batch.Y)));
        }
        catch (ArgumentOutOfRangeException refused) when (Bad(batch.Y, "target") is not null)
        {
            throw Stopped(batches, place(), $"the loss takes no such target ({refused.Message})");
        }
    }

    /// <summary>The loss, which must be one number.</summary>
    public static Tensor OneNumber(Tensor loss)
    {
        if (loss.Length != 1)
            Throw.Shapes("Trainer", $"the loss must be one number, but is {loss.Shape}: reduce it with .Mean()?");
        return loss;
    }

    static Tensor Weigh(Tensor loss, double share) => share == 1 ? loss : loss * share;

    /// <summary>Finds where the first number that is not finite came from, and leaves the model as it was.</summary>
    NonFiniteException Stopped<TBatch>(IReadOnlyList<TBatch> batches, string place, string problem)
        where TBatch : IBatch<TInput, TTarget>
    {
        _buffers.Restore();
        var origin = Origin(batches);
        _buffers.Restore();
        optimizer.ZeroGrad();
        return new NonFiniteException($"Training stopped at {place}: {problem}. Origin: {origin} The weights are those "
            + "from before this step.");
    }

    string Origin<TBatch>(IReadOnlyList<TBatch> batches) where TBatch : IBatch<TInput, TTarget>
    {
        foreach (var (name, variable) in model.State())
            if (!IsFinite(variable)) return $"{name} {variable.Shape} itself has values that are not finite.";
        foreach (var batch in batches)
            if ((Bad(batch.X, "input") ?? Bad(batch.Y, "target")) is { } bad) return bad;
        // Dropout draws the same numbers as in the step that failed.
        Rng.Default.State = _random;
        try
        {
            using var check = Gradients.CheckFinite();
            foreach (var (batch, share) in Shares(batches)) Weigh(loss(forward(batch.X), batch.Y), share).Backward();
        }
        catch (NonFiniteException found)
        {
            return found.Message;
        }
        return "a second run of the step did not show it: a sum of finite gradients overflowed, or a layer draws "
            + "random numbers from a generator of its own.";
    }

    static string? Bad(object? data, string role)
    {
        if (data is not Tensor tensor || IsFinite(tensor)) return null;
        var at = Array.FindIndex(tensor.ToDoubles(), value => !double.IsFinite(value));
        var row = tensor.Rank == 0 ? 0 : at / (tensor.Length / tensor.Shape[0]);
        return $"the {role} of the batch {tensor.Shape} has values that are not finite, the first in its row {row}.";
    }

    static bool IsFinite(Tensor tensor) => tensor.DType == DType.Float32
        ? Scan.AllFinite(tensor.Read<float>()) : Scan.AllFinite(tensor.Read<double>());
}
