using System.Text;

namespace MicroGrad.Net;

/// <summary>
/// What the course of training and validation loss says. "Clearly" means: the slope of the straight line through the
/// losses stands out from their scatter about it by Student's t-test, one-sided, at a level of 1 %. The <i>recent</i>
/// epochs are the last third, but at least 6 and at most 20; with fewer than 6 epochs nothing is said, but for a loss
/// that is not finite.
/// </summary>
/// <param name="Converged">
/// Over the recent epochs, the line through the training loss moves by less than 5 % of the whole fall (from the first
/// epoch to the end of the line), and it does not fall clearly or moves by less than 1 % of it. The whole fall must be
/// more than 3 deviations of the losses from the line: else nothing has been learned yet.
/// </param>
/// <param name="OverfitsFrom">
/// The first epoch after the lowest validation loss (of its moving average over 3 epochs, over 5 from 30 epochs on), if
/// the validation loss rises clearly over all epochs from there (at least 4), by more than 1 % of its lowest value and
/// to above it, while the line through the training loss falls; else null.
/// </param>
/// <param name="LowestEpoch">The epoch of the lowest validation loss; null without validation.</param>
/// <param name="Diverges">
/// A training loss is NaN or infinite; or the last is more than twice the first; or the recent ones rise clearly and
/// the last three have lost, on average, more than half of what was gained from the first to the lowest.
/// </param>
/// <param name="Text">All that in words.</param>
public sealed record TrainingVerdict(bool Converged, int? OverfitsFrom, int? LowestEpoch, bool Diverges, string Text)
{
    const int FewestEpochs = 6, MostRecent = 20, FewestAfterLowest = 4, LongRun = 30;

    /// <summary>The words.</summary>
    public override string ToString() => Text;

    /// <summary>The verdict on the losses of successive epochs.</summary>
    /// <param name="loss">The training losses.</param>
    /// <param name="validation">As many validation losses, or none.</param>
    /// <param name="firstEpoch">The number of the first of these epochs.</param>
    public static TrainingVerdict Of(
        ReadOnlySpan<double> loss, ReadOnlySpan<double> validation = default, int firstEpoch = 1)
    {
        if (validation.Length > 0 && validation.Length != loss.Length)
            Throw.Value("TrainingVerdict",
                $"there are {loss.Length} training losses, but {validation.Length} validation losses.");
        var lowestValidation = LowestOf(validation);
        int? lowestEpoch = lowestValidation < 0 ? null : firstEpoch + lowestValidation;
        foreach (var one in loss)
            if (!double.IsFinite(one)) return Divergence($"a loss is {one}");
        if (loss.Length < FewestEpochs)
            return new(false, null, lowestEpoch, false, $"Fewer than {FewestEpochs} epochs: too early to tell.");

        var recent = new Trend(loss[^Math.Clamp(loss.Length / 3, FewestEpochs, MostRecent)..]);
        var lowest = LowestOf(loss);
        var (gained, lost) = (loss[0] - loss[lowest], Mean(loss[^3..]) - loss[lowest]);
        if ((loss[0] > 0 && loss[^1] > 2 * loss[0]) || (recent.Rises && lost > gained / 2))
            return Divergence($"from {loss[lowest]:g4} in epoch {firstEpoch + lowest} the loss rises to {loss[^1]:g4}");

        var (fall, move) = (loss[0] - recent.End, Math.Abs(recent.Change));
        var learned = fall > 3 * recent.Scatter && fall > 1e-6 * Math.Abs(loss[0]);
        var converged = learned && move < 0.05 * fall && (!recent.Falls || move < 0.01 * fall);
        var text = new StringBuilder();
        if (converged)
            Say($"Training has converged: over the recent epochs the loss moves by {move / fall:p1} of its fall.");
        else if (recent.Falls) Say($"The training loss is still falling.");
        else if (recent.Rises)
            Say($"The training loss rises again, from {loss[lowest]:g4} in epoch {firstEpoch + lowest}.");
        else if (learned) Say($"The training loss is too unsteady to tell whether it is still falling.");
        else Say($"The training loss has not fallen, beyond its scatter, since the first epoch.");

        var broken = validation.IndexOfAnyExceptInRange(double.MinValue, double.MaxValue);
        var onset = broken >= 0 ? null : Onset(loss, validation);
        if (lowestValidation >= 0)
            Say($" The validation loss is lowest, {validation[lowestValidation]:g4}, in epoch {lowestEpoch}");
        if (broken >= 0)
            Say($"{(lowestValidation < 0 ? " The validation loss" : ", and")} is {validation[broken]} in epoch {
                firstEpoch + broken}: whether the network overfits cannot be told.");
        else if (onset is not null)
            Say($", and {validation[^1]:g4} in the last: the network overfits from epoch {firstEpoch + onset} on.");
        else if (lowestValidation >= 0) Say($"; no overfitting is seen.");
        return new(converged, firstEpoch + onset, lowestEpoch, false, text.ToString());

        void Say(FormattableString words) => text.Append(FormattableString.Invariant(words));

        TrainingVerdict Divergence(FormattableString how) => new(false, null, lowestEpoch, true,
            $"Training diverges: {FormattableString.Invariant(how)}. Try a smaller learning rate.");
    }

    /// <summary>
    /// The epoch since which the training loss has converged: at the end of it, and of each after it, the verdict was
    /// that it had. Null where it has not.
    /// </summary>
    /// <param name="loss">The training losses of successive epochs.</param>
    /// <param name="firstEpoch">The number of the first of them.</param>
    public static int? ConvergedFrom(ReadOnlySpan<double> loss, int firstEpoch = 1)
    {
        var count = loss.Length;
        while (count > 0 && Of(loss[..count]).Converged) count--;
        return count == loss.Length ? null : firstEpoch + count;
    }

    /// <summary>The index of the first epoch after the lowest validation loss, where it overfits.</summary>
    static int? Onset(ReadOnlySpan<double> loss, ReadOnlySpan<double> validation)
    {
        if (LowestOf(validation) < 0) return null;
        var smooth = new double[validation.Length];
        var reach = validation.Length >= LongRun ? 2 : 1;
        for (var i = 0; i < smooth.Length; i++)
        {
            // Near the ends the window shrinks evenly, so that it stays about its epoch.
            var half = Math.Min(reach, Math.Min(i, smooth.Length - 1 - i));
            smooth[i] = Mean(validation[(i - half)..(i + half + 1)]);
        }
        var from = LowestOf(smooth) + 1;
        if (from < 1 || smooth.Length - from < FewestAfterLowest) return null;
        var (checks, training) = (new Trend(validation[from..]), new Trend(loss[from..]));
        var low = smooth[from - 1];
        var rises = checks.Rises && checks.Change > 0.01 * Math.Abs(low) && checks.End > low;
        return rises && training.Change < 0 ? from : null;
    }

    /// <summary>The index of the lowest finite number; -1 where there is none.</summary>
    static int LowestOf(ReadOnlySpan<double> numbers)
    {
        var lowest = -1;
        for (var i = 0; i < numbers.Length; i++)
            if (double.IsFinite(numbers[i]) && (lowest < 0 || numbers[i] < numbers[lowest])) lowest = i;
        return lowest;
    }

    static double Mean(ReadOnlySpan<double> numbers)
    {
        double sum = 0;
        foreach (var number in numbers) sum += number;
        return sum / numbers.Length;
    }
}
