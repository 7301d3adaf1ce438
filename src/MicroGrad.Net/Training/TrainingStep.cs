namespace MicroGrad.Net;

/// <summary>One training step: gradients of one or more batches, and one change of the parameters by them.</summary>
sealed class TrainingStep<TInput, TOutput, TTarget>(ModuleBase model, Optimizer optimizer, Func<TInput, TOutput> forward,
    Func<TOutput, TTarget, Tensor> loss, Action<IReadOnlyList<Parameter>>? clip,
    Func<IBatch<TInput, TTarget>, double>? batchWeight, bool allowUntrained)
{
    readonly ModelState _buffers = ModelState.OfValues(model.State().Select(named => named.Variable).OfType<ModuleBuffer>());
    RngState _random;
    bool _checked = allowUntrained;

    /// <summary>
    /// The gradient of the loss over all of the batches, as if they were one: each batch's mean weighs as much as it is
    /// over. Changes the parameters by it, and returns that loss; NaN, with nothing changed, where there is nothing to
    /// learn from in any of them.
    /// </summary>
    /// <param name="batches">At least one.</param>
    /// <param name="seen">Takes losses and metrics.</param>
    /// <param name="place">Where training is, for an error.</param>
    /// <param name="watch">Told before the step: the loss, and what makes the step.</param>
    /// <exception cref="NonFiniteException">The loss or a gradient is not finite; the model is as before.</exception>
    public double Make(IReadOnlyList<IBatch<TInput, TTarget>> batches, Averages<TOutput, TTarget> seen, Func<string> place,
        Action<Func<Tensor>, Action>? watch = null)
    {
        using var scope = new StepScope();
        _buffers.TakeValues();
        _random = Rng.Default.State;
        watch?.Invoke(() => Total(batches, seen, place), () => Change(batches, seen, place, counts: false));
        return Change(batches, seen, place, counts: true);
    }

    double Change(IReadOnlyList<IBatch<TInput, TTarget>> batches, Averages<TOutput, TTarget> seen, Func<string> place, bool counts)
    {
        optimizer.ZeroGrad();
        var (sum, weights, unit) = (0.0, 0.0, 0.0);
        foreach (var batch in batches)
        {
            var (prediction, batchLoss, weight) = Loss(batch, batches, seen, place);
            var value = batchLoss.Item();
            if (weight > 0)
            {
                if (!double.IsFinite(value))
                    throw Stopped(batches, place(), $"the loss is {ColumnStatistics.Text(value)}");
                if (!_checked) UntrainedParameters.Check(batchLoss, optimizer);
                _checked = true;
                // What all weigh together is known in the end only: in units of the first, to be divided by then.
                if (unit == 0) unit = weight;
                Weigh(batchLoss, weight / unit).Backward();
                sum += value * (weight / unit);
                weights += weight / unit;
            }
            if (counts) seen.Add(value, weight, prediction, batch.Y, batch.Count);
        }
        if (weights == 0) return double.NaN;
        if (!seen.Loss.IsSum && weights != 1) DivideGradients(weights);
        foreach (var parameter in optimizer.Parameters)
            if (parameter.Gradient is { } gradient && !FiniteGuard.IsFinite(gradient))
                throw Stopped(batches, place(), $"the gradient of {parameter.Describe()} is not finite");
        clip?.Invoke(optimizer.Parameters);
        optimizer.Step();
        return seen.Loss.IsSum ? sum : sum / weights;
    }

    void DivideGradients(double by)
    {
        using var off = Gradients.Off();
        foreach (var parameter in optimizer.Parameters)
            if (parameter.Gradient is { } gradient) parameter.ChangeGradient(gradient / by);
    }

    /// <summary>The loss over all of the batches.</summary>
    Tensor Total(IReadOnlyList<IBatch<TInput, TTarget>> batches, Averages<TOutput, TTarget> seen, Func<string> place)
    {
        var parts = batches.Select(batch => Loss(batch, batches, seen, place)).ToArray();
        var all = parts.Sum(part => part.Weight);
        if (all == 0) return parts[0].Loss;
        return parts.Where(part => part.Weight > 0)
            .Select(part => Weigh(part.Loss, seen.Loss.IsSum ? 1 : part.Weight / all)).Aggregate((sum, part) => sum + part);
    }

    (TOutput Prediction, Tensor Loss, double Weight) Loss(
        IBatch<TInput, TTarget> batch, IReadOnlyList<IBatch<TInput, TTarget>> batches, Averages<TOutput, TTarget> seen, Func<string> place)
    {
        var prediction = forward(batch.X);
        try
        {
            var (result, weight) = Weighed(prediction, batch, seen.Loss);
            return (prediction, result, weight);
        }
        catch (ArgumentOutOfRangeException refused) when (Bad(batch.Y, "target") is not null)
        {
            throw Stopped(batches, place(), $"the loss takes no such target ({refused.Message})");
        }
    }

    /// <summary>The loss of a batch, and what it weighs beside others.</summary>
    public (Tensor Loss, double Weight) Weighed(TOutput prediction, IBatch<TInput, TTarget> batch, BatchMean mean)
    {
        using var listener = new ReductionListener();
        var result = OneNumber(loss(prediction, batch.Y));
        if (batchWeight is null)
            return (result, mean.Weigh(listener.Heard, one => ReferenceEquals(one, result), batch.Count));
        var weight = batchWeight(batch);
        if (!(weight >= 0 && double.IsFinite(weight)))
            Throw.OutOfRange("Trainer", "BatchWeight of a batch", weight, "0 or more, and finite");
        return (result, weight);
    }

    /// <summary>The loss, which must be one number.</summary>
    static Tensor OneNumber(Tensor loss)
    {
        if (loss.Length != 1)
            Throw.Shapes("Trainer", $"the loss must be one number, but is {loss.Shape}: reduce it with .Mean()?");
        return loss;
    }

    static Tensor Weigh(Tensor loss, double share) => share == 1 ? loss : loss * share;

    /// <summary>Finds where the first number that is not finite came from, and leaves the model as it was.</summary>
    NonFiniteException Stopped(IReadOnlyList<IBatch<TInput, TTarget>> batches, string place, string problem)
    {
        _buffers.Restore();
        var origin = Origin(batches);
        _buffers.Restore();
        optimizer.ZeroGrad();
        return new NonFiniteException($"Training stopped at {place}: {problem}. Origin: {origin} The weights are those "
            + "from before this step.");
    }

    string Origin(IReadOnlyList<IBatch<TInput, TTarget>> batches)
    {
        foreach (var (name, variable) in model.State())
            if (!FiniteGuard.IsFinite(variable)) return $"{name} {variable.Shape} itself has values that are not finite.";
        foreach (var batch in batches)
            if ((Bad(batch.X, "input") ?? Bad(batch.Y, "target")) is { } bad) return bad;
        // Dropout draws the same numbers as in the step that failed.
        Rng.Default.State = _random;
        try
        {
            using var check = Gradients.CheckFinite();
            foreach (var batch in batches) loss(forward(batch.X), batch.Y).Backward();
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
        if (Tensors.In(data).FirstOrDefault(one => !FiniteGuard.IsFinite(one)) is not { } tensor) return null;
        var at = Array.FindIndex(tensor.ToDoubles(), value => !double.IsFinite(value));
        var row = tensor.Rank == 0 ? 0 : at / (tensor.Length / tensor.Shape[0]);
        return $"the {role} of the batch {tensor.Shape} has values that are not finite, the first in its row {row}.";
    }
}
