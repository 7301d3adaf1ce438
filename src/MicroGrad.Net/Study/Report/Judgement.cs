using System.Globalization;

namespace MicroGrad.Net;

/// <summary>Finds the rows of which the predictions are most wrong.</summary>
static class Judgement
{
    const int MostRows = 2000, Shown = 24, RowsAtOnce = 256, NumbersShown = 12;

    /// <summary>The worst of some predictions, and what they are of.</summary>
    public static (IReadOnlyList<JudgedPrediction> Worst, string About) Worst(
        IReadOnlyList<JudgedPrediction> all, string about)
    {
        // A loss that is no number is worse than any.
        static double Wrong(JudgedPrediction one) => double.IsNaN(one.Loss) ? double.PositiveInfinity : one.Loss;
        return ([.. all.OrderByDescending(Wrong).Take(Shown)], string.Create(CultureInfo.InvariantCulture,
            $"The {Math.Min(Shown, all.Count)} with the largest loss among {all.Count:n0} rows of {about}."));
    }

    /// <summary>Judges up to 2,000 rows; draws nothing from generators that others use.</summary>
    public static (IReadOnlyList<JudgedPrediction> Worst, string About) Of<TInput, TOutput, TTarget>(
        IEnumerable<IBatch<TInput, TTarget>> data, string about, Func<TInput, TOutput> forward,
        Func<TOutput, TTarget, Tensor> loss)
    {
        using var off = Gradients.Off();
        using var kept = ModelState.Of([]);
        List<JudgedPrediction> all = [];
        foreach (var batch in data is Batches<TInput, TTarget> rows ? InOrder(rows) : data)
        {
            using var scope = new StepScope();
            if (forward(batch.X) is not Tensor said || said.Rank == 0 || said.Shape[0] != batch.Count || Row(batch.Y, 0, batch.Count) is null)
                return ([], "Left out: predictions and targets have no row for each sample. TrainingRecord.Judge takes "
                    + "predictions that were judged elsewhere.");
            for (var i = 0; i < batch.Count && all.Count < MostRows; i++)
                if (Judge(batch, i, said, loss) is { } one) all.Add(one);
                else return ([], "Left out: the loss cannot be computed of one row alone.");
            if (all.Count == MostRows) break;
        }
        return Worst(all, about);
    }

    /// <summary>The rows as they lie, so that no epoch begins and no order is drawn.</summary>
    static IEnumerable<IBatch<TInput, TTarget>> InOrder<TInput, TTarget>(Batches<TInput, TTarget> data)
    {
        foreach (var rows in Enumerable.Range(0, Math.Min(MostRows, data.RowCount)).Chunk(RowsAtOnce))
            yield return data.Rows(rows);
    }

    static JudgedPrediction? Judge<TInput, TOutput, TTarget>(
        IBatch<TInput, TTarget> batch, int row, Tensor said, Func<TOutput, TTarget, Tensor> loss)
    {
        var (truth, output) = (Row(batch.Y, row, batch.Count), said.Select([row]));
        double value;
        try
        {
            var one = loss((TOutput)(object)output, (TTarget)truth!);
            if (one.Length != 1) return null;
            value = one.Item();
        }
        catch (ArgumentException)
        {
            return null;        // a loss between rows, or over a batch, such as a ranking
        }
        var shown = batch.X is Tensor { Rank: > 0 } x && x.Shape[0] == batch.Count ? x.Select([row])[0] : null;
        var image = shown is null ? null : Picture(shown);
        // A network that gives back pictures is judged by what they look like.
        var drawn = image is not null && output.Length == shown!.Length ? Picture(output[0].Reshape(shown.Shape)) : null;
        var (right, answer) = truth is int[] labels ? Classes(labels[0], output)
            : drawn is not null ? ("", "") : (Numbers(((Tensor)truth!)[0]), Numbers(output[0]));
        return new JudgedPrediction(value, right, answer, image is null && shown is not null ? Numbers(shown) : "")
        {
            Image = image, SaidImage = drawn,
        };
    }

    static object? Row<TTarget>(TTarget target, int row, int rows) => target switch
    {
        int[] labels when labels.Length == rows => new[] { labels[row] },
        Tensor { Rank: > 0 } tensor when tensor.Shape[0] == rows => tensor.Select([row]),
        _ => null,
    };

    /// <summary>Classes with their probabilities, where the output is one score for each.</summary>
    static (string Truth, string Said) Classes(int label, Tensor output)
    {
        var name = label.ToString(CultureInfo.InvariantCulture);
        if (output.Rank != 2 || output.Shape[1] < 2) return (name, Numbers(output[0]));
        var probabilities = output.Softmax().ToDoubles();
        var best = Array.IndexOf(probabilities, probabilities.Max());
        string Text(int c) => string.Create(CultureInfo.InvariantCulture, $"{c} ({probabilities[c]:0 %})");
        return (label >= 0 && label < probabilities.Length ? Text(label) : name,
            best < 0 ? "not a number" : Text(best));
    }

    /// <summary>A row as a picture; null where it is none.</summary>
    static Tensor? Picture(Tensor row)
    {
        var side = (int)Math.Sqrt(row.Length);
        var picture = row.Rank switch
        {
            3 when row.Shape[0] is 1 or 3 => row,
            2 when row.Shape[0] >= 8 && row.Shape[1] >= 8 => row,
            1 when side >= 8 && side * side == row.Length => row.Reshape(side, side),
            _ => null,
        };
        return picture?.Keep();
    }

    static string Numbers(Tensor row)
    {
        var values = row.ToDoubles();
        var text = string.Join(", ",
            values.Take(NumbersShown).Select(value => value.ToString("g3", CultureInfo.InvariantCulture)));
        return values.Length > NumbersShown ? $"{text}, … ({values.Length})" : text;
    }
}
