using System.Globalization;

namespace MicroGrad.Net;

/// <summary>The checks of <see cref="Diagnose"/>: here those of the data and of the loss at the start.</summary>
sealed partial class Examination<TTarget>(Module model, Func<Tensor, TTarget, Tensor> loss, Batches<Tensor, TTarget> data,
    Func<IEnumerable<Parameter>, Optimizer>? optimizer, int steps, ModelState start)
{
    const int MostRows = 512, BatchRows = 64;

    // An order of its own: nothing is drawn from anyone else's generator.
    readonly int[] _rows = new Rng(1).Permutation(data.RowCount)[..Math.Min(data.RowCount, MostRows)];

    Batch<Tensor, TTarget> Sample => data.Rows(_rows);

    Batch<Tensor, TTarget> OneBatch => data.Rows(_rows[..Math.Min(_rows.Length, BatchRows)]);

    /// <summary>Every check, each from the state at the start and in training mode.</summary>
    public IEnumerable<Finding> Findings()
    {
        List<Finding> found = [Inputs(), Targets()];
        FromStart();
        var value = Forward(OneBatch);
        if (!double.IsFinite(value.Item()))
            return [.. found, Fault("loss at start", Text($"it is {value.Item()}"),
                "run one step inside Gradients.CheckFinite() to see where it comes from; the other checks need a number")];
        if (value.Node is null)
            return [.. found, Fault("parameters", Text($"the loss depends on none of the {model.Parameters().Count} parameters"),
                "look for Detach(), Gradients.Off() or numbers taken out of tensors between the model and the loss")];
        Func<IEnumerable<Finding>>[] checks =
            [Ends, AtStart, ParametersReached, Activations, GradientsByLayer, Updates, Leakage, OneBatchLearned, Controls];
        foreach (var check in checks)
        {
            FromStart();
            found.AddRange(check());
        }
        return found;
    }

    void FromStart()
    {
        start.Restore();
        model.Train();
    }

    Tensor Forward(Batch<Tensor, TTarget> batch) => loss(model.Forward(batch.X), batch.Y);

    Finding Inputs()
    {
        const string Check = "inputs";
        var x = Sample.X;
        if (!Array.TrueForAll(x.ToDoubles(), double.IsFinite))
            return Fault(Check, "some are NaN or infinite", "remove those rows, or fill the gaps in");
        if (model.Modules().Any(module => module is Embedding)) return Skipped(Check, "they are ids, not quantities");
        // Columns of a table have each their own scale; pixels and steps of a sequence have one.
        var columns = x.Rank == 2 ? x.Shape[1] : 1;
        var table = x.Detach().To(DType.Float64).Reshape(-1, columns);
        var fit = Standardizer.Fit(table);
        var (means, deviations) = (fit.Mean.ToDoubles(), fit.Deviation.ToDoubles());
        double Scale(int column) => Math.Max(Math.Abs(means[column]), deviations[column]);
        var worst = Enumerable.Range(0, columns).MaxBy(Scale);
        double[] sizes = [.. table.Abs().Max([0]).ToDoubles().Where(size => size > 0).DefaultIfEmpty()];
        var (smallest, largest) = (sizes.Min(), sizes.Max());
        var evidence = Text($"largest by scale is {(columns > 1 ? $"column {worst}" : "all of them")}, with mean {
            means[worst]:g3} and deviation {deviations[worst]:g3}");
        if (columns > 1) evidence += Text($"; the columns' largest values go from {smallest:g3} to {largest:g3}");
        var sound = Scale(worst) is > 0.01 and <= 10 && largest <= 100 * smallest;
        return sound ? Sound(Check, evidence) : Fault(Check, evidence,
            "bring them to mean 0 and deviation 1, with a Standardizer fitted on the training rows");
    }

    Finding Targets()
    {
        const string Check = "targets";
        if (ClassesOf(Sample.Y) is { } labels)
        {
            var counts = labels.CountBy(label => label).OrderByDescending(pair => pair.Value).ToArray();
            if (counts.Length == 0) return Skipped(Check, "there are no labels of 0 or above");
            var ((most, many), (least, few)) = (counts[0], counts[^1]);
            var entropy = -counts.Sum(pair => (double)pair.Value / labels.Length * Math.Log((double)pair.Value / labels.Length));
            var evidence = Text($"{counts.Length} classes in {labels.Length} rows, class {most} {many} times, class {least} {
                few} times; their entropy is {entropy:0.000} (ln {counts.Length} = {Math.Log(counts.Length):0.000})");
            if (counts.Length == 1) return Fault(Check, evidence, "with one class there is nothing to tell apart: check the labels");
            return many <= 10 * few ? Sound(Check, evidence) : Fault(Check, evidence,
                "weigh classes, or draw rows with a BalancedSampler; judge by precision and recall, not by accuracy");
        }
        if (Sample.Y is not Tensor target || target.Length == 0) return Skipped(Check, "they are neither labels nor numbers");
        var numbers = target.ToDoubles();
        if (!Array.TrueForAll(numbers, double.IsFinite))
            return Fault(Check, "some are NaN or infinite", "remove those rows, or mask them in the loss");
        var fit = Standardizer.Fit(target.Detach().To(DType.Float64).Reshape(-1, 1));
        var (mean, deviation) = (fit.Mean.Item(), fit.Deviation.Item());
        var scale = Text($"mean {mean:g3}, variance {deviation * deviation:g3}");
        if (deviation == 0) return Fault(Check, scale, "all targets are equal: check the column they are read from");
        return Math.Abs(mean) <= 10 * deviation && deviation is >= 0.01 and <= 100 ? Sound(Check, scale)
            : Fault(Check, scale, "standardise the targets, and turn predictions back afterwards");
    }

    IEnumerable<Finding> AtStart()
    {
        const string Check = "loss at start";
        var batch = Sample;
        var output = model.Forward(batch.X).Detach();
        var now = loss(output, batch.Y).Item();
        var (zero, best) = Constants(output, batch.Y);
        if (!double.IsFinite(best))
        {
            yield return Skipped(Check, Text($"it is {now:g4}; there is no constant prediction to compare it with"));
            yield break;
        }
        var classes = ClassesOf(batch.Y) is not null;
        // A classifier that knows nothing may start at even odds; it need not know how frequent the classes are.
        var theory = classes && double.IsFinite(zero) ? Math.Max(zero, best) : best;
        var evidence = Text($"{now:g4}; the best constant prediction has {best:g4} ({(classes ? "entropy of the labels"
            : "variance of the target")}, for the usual loss)");
        if (double.IsFinite(zero)) evidence += Text($", an output of zeros {zero:g4}");
        yield return now - theory <= Math.Abs(theory) ? Sound(Check, evidence) : Fault(Check, evidence,
            "the first outputs are far off: make the last layer's weights smaller, set its bias to the mean of the target, "
            + "or standardise inputs and targets");
    }

    /// <summary>The loss of outputs of zeros, and of the best output that is the same for every row; NaN where unknown,
    /// as for a loss that does not take every number.</summary>
    (double Zero, double Best) Constants(Tensor output, TTarget y)
    {
        if (output.Rank == 0 || output.Shape[0] != RowsOf(y)) return (double.NaN, double.NaN);
        var constant = new Parameter(output.Mean([0], keepDims: true));
        Tensor Loss() => loss(constant.Expand(output.Shape), y);
        return (Taken(() => loss(Tensor.Zeros(output.Shape, output.DType), y).Item()), Taken(() =>
        {
            var fit = new Lbfgs([constant], lineSearch: true);
            for (var i = 0; i < 5; i++) fit.Step(Loss);
            return Loss().Item();
        }));

        static double Taken(Func<double> figure)
        {
            try
            {
                return figure();
            }
            catch (ArgumentException)
            {
                return double.NaN;
            }
        }
    }

    /// <summary>The rows of a target; -1 where it has none.</summary>
    static int RowsOf(TTarget y) => y switch
    {
        int[] labels => labels.Length,
        Tensor { Rank: > 0 } target => target.Shape[0],
        _ => -1,
    };

    /// <summary>The classes of labels, or of a target of only 0 and 1; null for other targets.</summary>
    static int[]? ClassesOf(TTarget y) => y switch
    {
        int[] labels => [.. labels.Where(label => label >= 0)],
        Tensor target when target.ToDoubles() is var values && Array.TrueForAll(values, value => value is 0 or 1) =>
            Array.ConvertAll(values, value => (int)value),
        _ => null,
    };

    static Finding Sound(string check, string evidence) => new(check, FindingVerdict.Sound, evidence);

    static Finding Fault(string check, string evidence, string mend) => new(check, FindingVerdict.Fault, evidence, mend);

    static Finding Skipped(string check, string reason) => new(check, FindingVerdict.Skipped, reason);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
