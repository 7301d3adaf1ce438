using System.Globalization;
using Microsoft.Playwright;

namespace MicroGrad.Net.Tests.Study;

[Collection(nameof(Pages))]
public sealed class LandscapePageTests(Browser browser)
{
    static readonly (double A, double B)[] s_places = [(-1, -1), (1, -1), (1, 1), (0, 0)];

    /// <summary>a² + 3b² + a along a path; not finite where a is above a limit.</summary>
    static Landscape Valley(double limit = double.PositiveInfinity)
    {
        var w = Numbers.Named("w", [2], 0, 0);
        var path = new ParameterPath([w]);
        foreach (var (a, b) in s_places)
        {
            w.Assign(Numbers.Vector(a, b));
            path.Add();
        }
        return Landscape.Along(path, () =>
        {
            var (a, b) = (w.ToDoubles()[0], w.ToDoubles()[1]);
            return Tensor.Scalar(a > limit ? double.NaN : Value(a, b));
        }, points: 9);
    }

    static double Value(double a, double b) => a * a + 3 * b * b + a;

    static double Number(string text) => double.Parse(text.TrimEnd(',').Replace('−', '-'), CultureInfo.InvariantCulture);

    static async Task With(Browser browser, Landscape landscape, Func<OpenPage, Task> look, bool dark = false)
    {
        var path = Path.GetTempFileName() + ".html";
        landscape.SaveHtml(path);
        var page = await browser.Open(path, dark);
        await look(page);
        page.AssertQuiet();
        File.Delete(path);
    }

    static Task<string> Picture(OpenPage page) =>
        page.Page.EvaluateAsync<string>("document.getElementById('surface').toDataURL()");

    static async Task Point(OpenPage page, Landscape landscape, int row, int column)
    {
        var map = (await page.Page.Locator("#map .plot path").First.EvaluateAsync<float[]>(
            """
            path => {
                const plot = path.parentNode, at = plot.getScreenCTM();
                return [at.e, at.f, at.a * plot.width.baseVal.value];
            }
            """))!;
        float Inside(double share) => (float)Math.Clamp(map[2] * share, 1, map[2] - 1);
        await page.Page.Mouse.MoveAsync(map[0] + Inside((double)column / (landscape.X.Count - 1)),
            map[1] + Inside(1 - (double)row / (landscape.Y.Count - 1)));
    }

    [Fact]
    public Task The_mouse_reads_the_loss_on_the_map() => With(browser, Valley(), async page =>
    {
        var landscape = Valley();
        foreach (var (row, column) in new[] { (0, 0), (4, 4), (2, 6), (7, 1) })
        {
            await Point(page, landscape, row, column);
            var said = await page.Text("#under");
            Assert.StartsWith("x ", said, StringComparison.Ordinal);
            var loss = landscape[row, column];
            Assert.Equal(loss, Number(said.Split(' ')[^1]), 0.05 + 0.01 * loss);        // a pixel beside, at an edge
        }
        var pointed = await Picture(page);
        await page.Page.Mouse.MoveAsync(2, 2);
        Assert.StartsWith("Point at the map", await page.Text("#under"), StringComparison.Ordinal);
        Assert.NotEqual(pointed, await Picture(page));
    });

    [Fact]
    public Task Keys_slider_chart_and_button_walk_along_the_path() => With(browser, Valley(), async page =>
    {
        async Task At(int place)
        {
            var said = await page.Text("#at-place");
            Assert.StartsWith($"place {place + 1} of 4: loss ", said, StringComparison.Ordinal);
            Assert.Equal(Value(s_places[place].A, s_places[place].B), Number(said.Split(' ')[5]), 1e-3);
            // The mark on the map is where the path is.
            var at = await page.Page.Locator("#map .now").EvaluateAsync<double[]>(
                "mark => [mark.cx.baseVal.value, mark.cy.baseVal.value]");
            var landscape = Valley();
            var (x, y) = landscape.Path[place];
            Assert.Equal((x - landscape.X[0]) / (landscape.X[^1] - landscape.X[0]) * 300, at![0], 0.01);
            Assert.Equal((landscape.Y[^1] - y) / (landscape.Y[^1] - landscape.Y[0]) * 300, at[1], 0.01);
        }
        async Task Press(string key) => await page.Page.Keyboard.PressAsync(key);

        await At(3);
        await Press("ArrowRight");
        await At(3);
        await Press("ArrowLeft");
        await At(2);
        await Press("Home");
        await At(0);
        await Press("ArrowRight");
        await At(1);
        await page.Page.Locator("#place").EvaluateAsync(
            "slider => { slider.value = 2; slider.dispatchEvent(new Event('input')); }");
        await At(2);
        await page.Page.Locator("#place").FocusAsync();
        await Press("ArrowLeft");           // once, not once by the slider and once by the page
        await At(1);
        var chart = (await page.Page.Locator("#losses").BoundingBoxAsync())!;
        await page.Page.Mouse.ClickAsync(chart.X + 3, chart.Y + 20);
        await At(0);
        await page.Page.ClickAsync("#play");
        Assert.Equal("Pause", await page.Text("#play"));
        await Assertions.Expect(page.Page.Locator("#play")).ToHaveTextAsync("Play");
        await At(3);
    });

    [Fact]
    public Task The_surface_is_turned_by_mouse_and_keys() => With(browser, Valley(), async page =>
    {
        var box = (await page.Page.Locator("#surface").BoundingBoxAsync())!;
        List<string> seen = [await Picture(page)];
        async Task Changed()
        {
            seen.Add(await Picture(page));
            Assert.Equal(seen.Count, seen.Distinct().Count());
        }
        await page.Page.Mouse.MoveAsync(box.X + 100, box.Y + 100);
        Assert.Equal(seen[0], await Picture(page));
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(box.X + 160, box.Y + 120);
        await Changed();
        await page.Page.Mouse.UpAsync();
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await Changed();
        await page.Page.Keyboard.PressAsync("ArrowUp");
        await Changed();
        Assert.StartsWith("place 4", await page.Text("#at-place"), StringComparison.Ordinal);
        await page.Page.ClickAsync("#heights");
        await Changed();
        Assert.Equal("Heights: square root", await page.Text("#heights"));
    });

    [Fact]
    public Task Where_the_loss_is_not_finite_the_page_says_so() => With(browser, Valley(limit: 0.5), async page =>
    {
        var landscape = Valley(limit: 0.5);
        var place = Enumerable.Range(0, 81).First(i => double.IsNaN(landscape[i / 9, i % 9]));
        await Point(page, landscape, place / 9, place % 9);
        Assert.EndsWith("not finite", await page.Text("#under"), StringComparison.Ordinal);
        await page.Page.Keyboard.PressAsync("Home");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        Assert.Contains("loss not finite", await page.Text("#at-place"), StringComparison.Ordinal);
    }, dark: true);

    [Fact]
    public Task Without_a_path_there_is_none_to_walk()
    {
        var w = Numbers.Named("w", [2], 1, 2);
        return With(browser, Landscape.Around([w], () => w.Square().Sum(), points: 3), async page =>
        {
            await page.Page.Keyboard.PressAsync("ArrowLeft");
            Assert.Equal(0, await page.Page.Locator("#place").CountAsync());
            Assert.Equal("On a plane along random directions; 3 × 3 places.", await page.Text("h1 + p"));
        });
    }
}
