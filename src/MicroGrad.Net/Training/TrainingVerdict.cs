using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// What the course of training and validation loss says. "Clearly" means: the slope of the straight line through the
/// losses stands out from their scatter about it by Student's t-test, one-sided, at a level of 1 %. The <i>recent</i>
/// epochs are the last third, but at least 6 and at most 20; with fewer than 6 epochs nothing is said but divergence to NaN.
/// </summary>
/// <param name="Converged">
/// Over the recent epochs, the line through the training loss moves by less than 5 % of the whole fall (from the first
/// epoch to the end of the line), and it does not fall clearly or moves by less than 1 % of it. The whole fall must be more
/// than 3 deviations of the losses from the line: else nothing has been learned yet.
/// </param>
/// <param name="OverfitsFrom">
/// The first epoch after the lowest validation loss (of its moving average over 3 epochs, over 5 from 30 epochs on), if
/// the validation loss rises clearly over all epochs from there (at least 4), by more than 1 % of its lowest value, while the
/// training loss falls; else null.
/// </param>
/// <param name="LowestEpoch">The epoch of the lowest validation loss; null without validation.</param>
/// <param name="Diverges">
/// The last training loss is NaN or infinite; or the last is more than twice the first; or the recent ones rise clearly and
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
    public static TrainingVerdict Of(ReadOnlySpan<double> loss, ReadOnlySpan<double> validation = default, int firstEpoch = 1)
    {
        if (validation.Length > 0 && validation.Length != loss.Length)
            Throw.Value("TrainingVerdict", $"there are {loss.Length} training losses, but {validation.Length} validation losses.");
        int? lowest = LowestOf(validation) is >= 0 and var at ? firstEpoch + at : null;
        if (loss.Length > 0 && !double.IsFinite(loss[^1]))
            return new(false, null, lowest, true, Invariant($"Training diverges: the last loss is {loss[^1]}."));
        if (loss.Length < FewestEpochs || LowestOf(loss) < 0 || loss.ContainsAnyInRange(double.PositiveInfinity, double.PositiveInfinity))
            return new(false, null, lowest, false, $"Fewer than {FewestEpochs} epochs: too early to tell.");

        var recent = new Trend(loss[^Math.Clamp(loss.Length / 3, FewestEpochs, MostRecent)..]);
        var (gained, lost) = (loss[0] - loss[LowestOf(loss)], Mean(loss[^3..]) - loss[LowestOf(loss)]);
        if ((loss[0] > 0 && loss[^1] > 2 * loss[0]) || (recent.Rises && lost > gained / 2))
            return new(false, null, lowest, true, Invariant($"Training diverges: the loss was {loss[LowestOf(loss)]:g4} in epoch ")
                + Invariant($"{firstEpoch + LowestOf(loss)} and is {loss[^1]:g4} now. Try a smaller learning rate."));

        var fall = loss[0] - recent.End;
        var learned = fall > 3 * recent.Scatter && fall > 1e-6 * Math.Abs(loss[0]);
        var converged = learned && Math.Abs(recent.Change) < 0.05 * fall && (!recent.Falls || Math.Abs(recent.Change) < 0.01 * fall);
        var text = converged
            ? Invariant($"Training has converged: over the recent epochs the loss moves by {Math.Abs(recent.Change) / fall:p1} of its whole fall.")
            : recent.Falls ? "The training loss is still falling."
            : recent.Rises ? Invariant($"The training loss is rising again, from {loss[LowestOf(loss)]:g4} in epoch {firstEpoch + LowestOf(loss)}.")
            : learned ? "The training loss is too unsteady to tell whether it is still falling."
            : "The training loss has not fallen, beyond its scatter, since the first epoch.";
        var onset = Onset(loss, validation);
        if (onset is { } from)
            text += Invariant($" It overfits from epoch {firstEpoch + from} on: the validation loss, lowest with ")
                + Invariant($"{validation[LowestOf(validation)]:g4} in epoch {lowest}, rises to {validation[^1]:g4} while the training loss falls.");
        else if (lowest is { } epoch)
            text += Invariant($" The validation loss is lowest, {validation[epoch - firstEpoch]:g4}, in epoch {epoch}; no overfitting is seen.");
        return new(converged, firstEpoch + onset, lowest, false, text);
    }

    /// <summary>The index of the first epoch after the lowest validation loss, where that counts as overfitting.</summary>
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
        return checks.Rises && checks.Change > 0.01 * Math.Abs(smooth[from - 1]) && checks.End > smooth[from - 1] && training.Change < 0
            ? from : null;
    }

    /// <summary>The index of the lowest number; -1 where there is none but NaN.</summary>
    static int LowestOf(ReadOnlySpan<double> numbers)
    {
        var lowest = -1;
        for (var i = 0; i < numbers.Length; i++)
            if (!double.IsNaN(numbers[i]) && (lowest < 0 || numbers[i] < numbers[lowest])) lowest = i;
        return lowest;
    }

    static double Mean(ReadOnlySpan<double> numbers)
    {
        double sum = 0;
        foreach (var number in numbers) sum += number;
        return sum / numbers.Length;
    }

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
