using System.Globalization;
using System.Text.RegularExpressions;
using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Study.Report;

[Collection(nameof(ProcessSettings))]
public sealed partial class HistoryReportTests(Browser browser) : IDisposable
{
    readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".html");

    public void Dispose() => File.Delete(_path);

    /// <summary>A short training of images, watched.</summary>
    static History Trained()
    {
        Rng.Seed(5);
        var digits = Toy.Digits(300);
        var model = new Sequential(new Flatten(), new Linear(784, 12), new Relu(), new Linear(12, 10));
        var optimizer = new Adam(model.Parameters(), 0.01);
        return new Trainer<int[]>(model, optimizer, (p, y) => Losses.CrossEntropy(p, y))
        {
            Watch = new TrainingRecord(model, optimizer) { Samples = 10 },
            Metrics = { { "accuracy", Metrics.Accuracy } },
            EarlyStopping = new EarlyStopping(patience: 100),
        }.Fit(Batches.Of(digits.Images[..200], digits.Labels[..200], size: 20),
            Batches.Of(digits.Images[200..], digits.Labels[200..]), epochs: 3);
    }

    /// <summary>Falls to a floor, while the validation loss rises from the 16th epoch on.</summary>
    static History Overfitted()
    {
        var history = new History(History.Loss, History.ValidationLoss, History.LearningRate);
        for (var epoch = 1; epoch <= 40; epoch++)
            history.Add(Math.Exp(-epoch / 3.0) + 0.1, Math.Abs(epoch - 15) * 0.05 + 0.5, 0.01 / epoch);
        return history;
    }

    async Task<OpenPage> Open(History history, bool dark = false)
    {
        history.SaveHtml(_path, "A <test> & more");
        return await browser.Open(_path, dark);
    }

    /// <summary>Moves the mouse over a chart, to a share of its plot from the left and from the top.</summary>
    static async Task<string> Hover(OpenPage page, string title, double x, double y = 0.5)
    {
        var chart = page.Page.Locator("svg.chart", new() { Has = page.Page.Locator($"text.title:text-is('{title}')") }).First;
        await chart.ScrollIntoViewIfNeededAsync();
        var (box, plot) = ((await chart.BoundingBoxAsync())!, await chart.EvaluateAsync<float[]>(
            "svg => { const c = charts[svg.dataset.chart], s = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;"
            + " return [c.left * s, c.top * s, c.width * s, c.height * s]; }"));
        await page.Page.Mouse.MoveAsync((float)(box.X + plot[0] + x * plot[2]), (float)(box.Y + plot[1] + y * plot[3]));
        return await page.Text("#numbers");
    }

    static string Text(double value) => double.Parse(value.ToString("g5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        .ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_mouse_shows_the_numbers_of_the_history()
    {
        var history = Overfitted();
        var page = await Open(history);
        Assert.Equal("A <test> & more", await page.Text("h1"));
        foreach (var epoch in new[] { 1, 14, 27, 40 })
        {
            var shown = await Hover(page, "loss", (epoch - 1) / 39.0);
            Assert.StartsWith($"epoch {epoch}\n", shown);
            Assert.Matches($@"training\s+{Regex.Escape(Text(history[History.Loss][epoch - 1]))}\b", shown);
            Assert.Matches($@"validation\s+{Regex.Escape(Text(history[History.ValidationLoss][epoch - 1]))}\b", shown);
        }
        // Away from the chart there is nothing; the keys do what the mouse does.
        await page.Page.Mouse.MoveAsync(2, 2);
        Assert.False(await page.Page.IsVisibleAsync("#numbers"));
        await page.Page.Locator("svg.chart").First.FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowRight");
        Assert.StartsWith("epoch ", await page.Text("#numbers"));
        var before = await page.Text("#numbers");
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        Assert.NotEqual(before, await page.Text("#numbers"));
        page.AssertQuiet();
    }

    [Fact]
    public async Task Marks_stand_at_the_epochs_of_the_verdict()
    {
        var history = Overfitted();
        var (verdict, converged) = (history.Verdict, TrainingVerdict.ConvergedFrom(history[History.Loss]));
        Assert.Equal(16, verdict.OverfitsFrom);
        Assert.NotNull(converged);
        var html = history.ToHtml();
        Assert.Equal([(16, "overfits"), (converged.Value, "converged")], MarkedEpochs(html));
        var page = await Open(history);
        Assert.Equal(verdict.Text, await page.Text(".verdict"));
        Assert.Contains("By layer nothing is known", await page.Text("body"), StringComparison.Ordinal);
        page.AssertQuiet();
    }

    [Fact]
    public void Where_weights_were_put_back_the_epoch_is_marked()
    {
        var history = Trained();
        Assert.InRange(history.RestoredEpoch, 1, 3);
        Assert.Contains((history.RestoredEpoch, "restored"), MarkedEpochs(history.ToHtml()));
        Assert.Contains($"The weights are those of epoch {history.RestoredEpoch}.", history.ToHtml(), StringComparison.Ordinal);
    }

    /// <summary>The epochs of the dashed lines in the first chart, from where they stand among the epochs' own ticks.</summary>
    static (int Epoch, string Word)[] MarkedEpochs(string html)
    {
        var chart = html[html.IndexOf("<svg class=\"chart\"", StringComparison.Ordinal)..];
        chart = chart[..chart.IndexOf("</div>", StringComparison.Ordinal)];
        var numbers = System.Text.Json.JsonDocument.Parse(DataOf().Match(html).Groups[1].Value).RootElement[0];
        double Number(string name) => numbers.GetProperty(name).GetDouble();
        return [.. Marks().Matches(chart).Select(mark => ((int)Math.Round(Number("low") + (Number("high") - Number("low"))
            * double.Parse(mark.Groups[1].Value, CultureInfo.InvariantCulture) / Number("width")), mark.Groups[2].Value))];
    }

    [Fact]
    public async Task A_watched_training_has_every_part_of_the_report()
    {
        var history = Trained();
        var record = (TrainingRecord)history.Watch!;
        var page = await Open(history);
        var all = await page.Text("body");
        Assert.All(["Loss", "Other figures", "Layers", "Histograms in the course of time", "What each layer did to the loss", "Most wrong"],
            heading => Assert.Contains(heading, all, StringComparison.Ordinal));
        Assert.Contains(record.Total.Earned, all, StringComparison.Ordinal);

        var last = record.Steps[^1];
        foreach (var (title, figure) in new (string, Func<LayerSample, double>)[]
        {
            ("weights", one => one.Weights), ("gradients", one => one.Gradients), ("updates", one => one.Updates), ("update-to-weight ratio", one => one.Ratio),
        })
        {
            var shown = await Hover(page, title, 1);
            Assert.StartsWith($"step {last.Step}\n", shown);
            foreach (var layer in last.Layers) Assert.Contains(layer.Layer, shown, StringComparison.Ordinal);
            var numbers = shown.Split('\n').Skip(1).Select(line => double.Parse(line.Split('\t', ' ')[^1], CultureInfo.InvariantCulture));
            Assert.Equal(last.Layers.Select(figure), numbers, (a, b) => Math.Abs(a - b) < 1e-3 * Math.Abs(a));
        }
        Assert.Matches($@"relu after 1.weight\s+{Regex.Escape(Text(100 * record.Steps[0].Activations[0].Dead!.Value))}", await Hover(page, "dead units, in percent", 0));
        Assert.Matches($@"actual\s+{Regex.Escape(Text(record.Total.Actual))}", await Hover(page, "running total of the change", 1));

        Assert.Equal(24, await page.Page.Locator(".samples img").CountAsync());
        Assert.True(await page.Page.EvaluateAsync<bool>("[...document.images].every(image => image.complete && image.naturalWidth === 28 && image.naturalHeight === 28)"));
        Assert.True(new FileInfo(_path).Length < 1_000_000);
        page.AssertQuiet();
    }

    [Fact]
    public async Task Heat_maps_show_the_share_of_values_under_the_mouse()
    {
        var history = Trained();
        var page = await Open(history);
        // The first layer's weights begin within ±1/28, evenly spread: in the middle of the first column there are some.
        var shown = await Hover(page, "weights", 0.02);
        Assert.StartsWith($"step {((TrainingRecord)history.Watch!).Steps[0].Step}\n", shown);
        var map = page.Page.Locator("svg.chart:has(image)").First;
        var total = await map.EvaluateAsync<float>("svg => charts[svg.dataset.chart].shares[0].reduce((sum, share) => sum + share, 0)");
        Assert.InRange(total, 970, 1030);
        await map.FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowRight");
        // The page has scrolled under the mouse, which rests: that does not end reading by keys.
        await map.DispatchEventAsync("mouseleave");
        Assert.Matches(@"^step \d+\n-?[\d.e+-]+ to -?[\d.e+-]+\s+[\d.]+ %$", await page.Text("#numbers"));
        page.AssertQuiet();
    }

    [Fact]
    public async Task The_page_is_dark_where_the_system_is()
    {
        var page = await Open(Overfitted(), dark: true);
        Assert.Equal("rgb(22, 24, 27)", await page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.Equal("rgb(187, 187, 187)", await page.Page.EvaluateAsync<string>("getComputedStyle(document.querySelector('svg.chart text')).fill"));
        page.AssertQuiet();
    }

    [Fact]
    public async Task Several_trainings_stand_in_one_page_each_with_its_own_numbers()
    {
        var other = new History(History.Loss);
        other.Add(7.5);
        File.WriteAllText(_path, HistoryReport.ToHtml("Two", ("first", Overfitted()), ("second", other)));
        var page = await browser.Open(_path);
        Assert.Equal(["first", "second"], await page.Page.Locator("h2.run").AllInnerTextsAsync());
        await page.Page.Locator("svg.chart").Last.FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowRight");
        Assert.Matches(@"^epoch 1\ntraining\s+7.5$", await page.Text("#numbers"));
        page.AssertQuiet();
    }

    [Fact]
    public async Task Losses_that_are_no_numbers_and_trainings_without_epochs_have_a_page_too()
    {
        var history = new History(History.Loss, "accuracy");
        var page = await Open(history);
        Assert.Contains("No epoch was completed.", await page.Text("body"), StringComparison.Ordinal);
        history.Add(2, double.NaN);
        history.Add(double.NaN, double.NaN);
        page = await Open(history);
        Assert.Contains("Training diverges", await page.Text(".verdict"), StringComparison.Ordinal);
        Assert.Matches(@"training\s+NaN", await Hover(page, "loss", 1));
        page.AssertQuiet();
    }

    [GeneratedRegex("""stroke-dasharray="4 3" x1="([\d.]+)"[^>]*/>\s*<text[^>]*>(\w+)""")]
    private static partial Regex Marks();

    [GeneratedRegex("""<script type="application/json" id="data">(.*?)</script>""")]
    private static partial Regex DataOf();
}
