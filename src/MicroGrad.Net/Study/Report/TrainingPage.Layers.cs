namespace MicroGrad.Net;

// What a record knows by layer: norms, units, histograms, and the ledger.
sealed partial class TrainingPage
{
    const int MostParts = 64;               // of a heat map, from bottom to top

    void Layers(IReadOnlyList<StepSample> samples)
    {
        Heading("Layers");
        Paragraph($"At {samples.Count} steps, before each: the length (Euclidean norm) of all parameters of a layer, of "
            + "their gradients before clipping, and of what the step changes. A change of about a thousandth of the "
            + "weights is usual.");
        string[] layers = [.. samples[0].Layers.Select(layer => layer.Layer)];
        Legend(layers);
        Begin("charts");
        Course("weights", sample => sample.Weights);
        Course("gradients", sample => sample.Gradients);
        Course("updates", sample => sample.Updates);
        Course("update-to-weight ratio", sample => sample.Ratio);
        Table([["layer, at the last of these steps", "weights", "gradients", "updates", "ratio"],
            .. samples[^1].Layers.Select(layer => new[]
            {
                layer.Layer, Number(layer.Weights), Number(layer.Gradients), Number(layer.Updates), Number(layer.Ratio),
            })]);
        End();
        Begin("charts");
        Units(samples, "dead units", "Units that are 0 for every row of the batch: they learn nothing from it.",
            one => one.Dead);
        Units(samples, "saturated", "Results within 1 % of an end of the range, where the slope is almost 0.",
            one => one.Saturated);
        End();

        void Course(string title, Func<LayerSample, double> figure)
        {
            double[][] lines = [.. layers.Select((_, i) => At(samples, sample => figure(sample.Layers[i])))];
            var chart = new LineChart(title, "step")
            {
                Width = ChartWidth, Height = 230, HasLegend = false,
                Logarithmic = IsWide([.. lines.SelectMany(line => line.Where(value => value > 0))]),
            };
            foreach (var (layer, line) in layers.Zip(lines)) chart.Add(layer, StepsOf(samples), line);
            Chart(chart);
        }
    }

    void Units(IReadOnlyList<StepSample> samples, string title, string meaning, Func<ActivationSample, double?> share)
    {
        double Percent(StepSample sample, string name) =>
            Find(sample, name) is { } one && share(one) is { } part ? 100 * part : double.NaN;
        string[] names = [.. NamesOf(samples).Where(name => samples.Any(sample => !double.IsNaN(Percent(sample, name))))];
        if (names.Length == 0) return;
        Begin("units");
        Paragraph(meaning);
        Legend(names);
        var chart = new LineChart($"{title}, in percent", "step")
        {
            Width = ChartWidth, Height = 200, HasLegend = false, YRange = (0, 100),
        };
        foreach (var name in names) chart.Add(name, StepsOf(samples), At(samples, sample => Percent(sample, name)));
        Chart(chart);
        End();
    }

    void Histograms(IReadOnlyList<StepSample> samples)
    {
        Heading("Histograms in the course of time");
        Paragraph("Left to right the steps, bottom to top the values; the stronger the blue, the more of them. Gradients "
            + "by their size, in powers of ten, those that are exactly 0 left out.");
        Begin("charts");
        foreach (var (i, layer) in samples[0].Layers.Index())
        {
            Add($"<div class=\"layer\"><p>{HtmlPage.Escaped(layer.Layer)}</p><div class=\"charts\">");
            Map("weights", samples, sample => sample.Layers[i].WeightValues);
            Map("gradients, by size", samples, sample => sample.Layers[i].GradientSizes, logarithmic: true);
            Add("</div></div>");
        }
        End();
        string[] names = NamesOf(samples);
        if (names.Length == 0) return;
        Begin("charts");
        foreach (var name in names)
            Map(name, [.. samples.Where(sample => Find(sample, name) is not null)], sample => Find(sample, name)!.Values);
        End();
    }

    void Map(string title, IReadOnlyList<StepSample> samples, Func<StepSample, Histogram> of, bool logarithmic = false)
    {
        var high = samples.Max(sample => of(sample).High);
        Histogram[] same = [.. samples.Select(sample => of(sample).Over(high))];
        // What is empty at all times is cut off, in pairs, so that pairs can be joined where there are too many parts.
        int[] used = [.. Enumerable.Range(0, Histogram.Bins).Where(part => same.Any(one => one.Counts[part] > 0))
            .DefaultIfEmpty(Histogram.Bins / 2)];
        var (from, to) = (used[0] / 2 * 2, (used[^1] / 2 + 1) * 2);
        while (to - from < 8) (from, to) = (Math.Max(0, from - 2), Math.Min(Histogram.Bins, to + 2));
        var joined = to - from > MostParts ? 2 : 1;
        double[][] shares = [.. same.Select(one => Shares(one, from, to, joined))];
        double Edge(int part) => ChartAxis.Number((double)part / Histogram.Bins, same[0].Low, same[0].High);
        Chart(new HeatMap(title, "step", StepsOf(samples), Edge(from), Edge(to), shares) { Logarithmic = logarithmic });
    }

    /// <summary>The shares of all values in some parts, neighbours joined.</summary>
    static double[] Shares(Histogram histogram, int from, int to, int joined)
    {
        double all = Math.Max(1, histogram.Counts.Sum() + histogram.Zeros);
        return [.. histogram.Counts.Take(from..to).Chunk(joined).Select(parts => parts.Sum() / all)];
    }

    void Ledger(TrainingRecord record)
    {
        var (total, samples) = (record.Total, record.Steps);
        Heading("What each layer did to the loss");
        Paragraph(Invariant($"{total.Steps} steps, each measured on its own batch, changed the losses of these batches by {
            total.Actual:+0.####;-0.####;0} in all{(total.Earned.Length > 0 ? $": {total.Earned}" : "")}."));
        Table(total.Rows);
        Paragraph("First order is what the slope foretells, ⟨g, Δθ⟩; curvature adds ½ Δθᵀ H Δθ; the remainder is of third "
            + "order.");
        string[] names = [.. samples[0].Layers.Select(layer => layer.Layer), "actual"];
        Legend(names);
        Begin("charts");
        var running = new LineChart("running total of the change", "step")
        {
            Width = ChartWidth, Height = 230, HasLegend = false,
        };
        foreach (var (i, name) in names.Index())
        {
            var sum = 0.0;
            running.Add(name, StepsOf(samples), At(samples, sample =>
                sum += i < sample.Layers.Length ? sample.Change.Layers[i].Change : sample.Change.Actual));
        }
        Chart(running);
        var before = At(samples, sample => sample.Change.Loss);
        Chart(new LineChart("loss of the batch, before the step", "step")
        {
            Width = ChartWidth, Height = 230, Logarithmic = IsWide(before),
        }.Add("", StepsOf(samples), before));
        End();
    }

    /// <summary>The colours of the lines of several charts.</summary>
    void Legend(string[] names)
    {
        Begin("legend");
        foreach (var (i, name) in names.Index())
            Add($"<span><svg width=\"26\" height=\"10\"><line x1=\"1\" y1=\"5\" x2=\"25\" y2=\"5\" stroke-width=\"2.5\" stroke=\"{
                LineChart.Colour(i)}\"{LineChart.Dashes(i)}/></svg> {HtmlPage.Escaped(name)}</span>");
        End();
    }

    static double[] At(IReadOnlyList<StepSample> samples, Func<StepSample, double> figure) => [.. samples.Select(figure)];

    static double[] StepsOf(IReadOnlyList<StepSample> samples) => At(samples, sample => sample.Step);

    static string[] NamesOf(IReadOnlyList<StepSample> samples) =>
        [.. samples.SelectMany(sample => sample.Activations).Select(one => one.Name).Distinct()];

    static ActivationSample? Find(StepSample sample, string name) =>
        Array.Find(sample.Activations, one => one.Name == name);
}
