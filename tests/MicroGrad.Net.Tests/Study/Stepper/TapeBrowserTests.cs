using System.Globalization;
using Microsoft.Playwright;

namespace MicroGrad.Net.Tests.Study;

/// <summary>The page of a tape in a real browser: steps, keys, numbers, folds.</summary>
[Collection(nameof(Pages))]
public sealed class TapeBrowserTests(Browser browser) : IDisposable
{
    readonly string _file = Path.GetTempFileName() + ".html";

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_file);

    async Task<OpenPage> Open(Func<Tensor> make, bool dark = false, bool detailed = true)
    {
        var loss = detailed ? TapeModels.InDetail(make) : make();
        loss.Tape.SaveHtml(_file);
        return await browser.Open(_file, dark);
    }

    static async Task Press(OpenPage page, string key, int times = 1)
    {
        for (var i = 0; i < times; i++) await page.Page.Keyboard.PressAsync(key);
    }

    static Task<string> Name(OpenPage page) => page.Text("#name");

    static async Task<string> Time(OpenPage page) => $"{await page.Text("#phase")} {await page.Text("#count")}";

    static async Task<double[]> Numbers(OpenPage page, string cells) =>
        [.. (await page.Page.Locator(cells).EvaluateAllAsync<string[]>("all => all.map(one => one.dataset.value)"))
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture))];

    [Fact]
    public async Task Keys_walk_forward_to_the_loss_and_backward_to_the_first_operation()
    {
        var tape = TapeModels.InDetail(TapeModels.Expression).Tape;
        string[] operations = [.. tape.Index().Where(at => !at.Item.IsLeaf).Select(at => $"%{at.Index} {at.Item.Op}")];
        var page = await Open(TapeModels.Expression);
        var seen = new List<string>();
        for (var i = 0; i < operations.Length; i++)
        {
            Assert.Equal($"forward {i + 1} of {operations.Length}", await Time(page));
            seen.Add(await Name(page));
            await Press(page, "ArrowRight");
        }
        Assert.Equal(operations, seen);
        seen.Clear();
        for (var i = 0; i < operations.Length; i++)
        {
            Assert.Equal($"backward {i + 1} of {operations.Length}", await Time(page));
            seen.Add(await Name(page));
            await Press(page, "ArrowRight");
        }
        Assert.Equal(operations.Reverse(), seen);
        Assert.True(await page.Page.Locator("#next").IsDisabledAsync());

        await Press(page, "ArrowLeft");
        Assert.Equal(operations[1], await Name(page));
        await Press(page, "b");
        Assert.Equal(operations[^1], await Name(page));
        Assert.Equal("backward", await page.Text("#phase"));
        await Press(page, "Home");
        Assert.Equal(operations[0] + "forward", await Name(page) + await page.Text("#phase"));
        await Press(page, "End");
        Assert.Equal(operations[0] + "backward", await Name(page) + await page.Text("#phase"));
        await page.Page.ClickAsync("#first");
        await page.Page.ClickAsync("#next");
        await page.Page.ClickAsync("#next");
        await page.Page.ClickAsync("#back");
        Assert.Equal(operations[1], await Name(page));
        page.AssertQuiet();
    }

    [Fact]
    public async Task Shown_numbers_are_the_tensors_and_the_arithmetic_gives_the_gradient()
    {
        var loss = TapeModels.InDetail(TapeModels.Expression);
        var gradients = loss.Tape.AllGradients();
        var page = await Open(() => loss, detailed: false);
        foreach (var (i, node) in loss.Tape.Index())
        {
            // In one go: the values, the gradient, and for each of its elements what a click on it spells out.
            var shown = await page.Page.EvaluateAsync<double[][]>(
                """
                i => {
                    const all = cells => [...document.querySelectorAll(cells)];
                    const numbers = cells => all(cells).map(one => +one.dataset.value);
                    visit(i);
                    const shown = [numbers('#value td'), numbers('#gradient td')];
                    shown[1].forEach((_, at) => {
                        document.querySelector(`#gradient td[data-at='${at}']`).click();
                        const picked = all(`#gradient td.picked[data-at='${at}']`).length;
                        shown.push([picked], numbers('#total'), numbers('.product'));
                    });
                    return shown;
                }
                """, i);
            Assert.Equal(node.Value!.ToDoubles(), shown[0]);
            Assert.Equal(gradients[i].ToDoubles(), shown[1]);
            Assert.Equal(2 + 3 * node.Shape.Length, shown.Length);
            for (var at = 0; at < node.Shape.Length; at++)
            {
                Assert.Equal([1.0], shown[2 + 3 * at]);
                if (i == loss.Tape.Count - 1) continue;
                var expected = gradients[i].ToDoubles()[at];
                Assert.Equal(expected, Assert.Single(shown[3 + 3 * at]), 1e-5);
                Assert.Equal(expected, shown[4 + 3 * at].Sum(), 1e-5);
            }
        }
        await page.Page.EvaluateAsync("visit(0)");
        await page.Page.ClickAsync("#gradient td[data-at='0']");        // by the mouse
        Assert.Equal(1, await page.Page.Locator("#gradient td.picked[data-at='0']").CountAsync());
        page.AssertQuiet();
    }

    [Fact]
    public async Task Every_use_of_a_value_is_in_its_sum()
    {
        var page = await Open(TapeModels.Expression);
        await page.Page.EvaluateAsync("visit(0)");      // a, which is used three times
        Assert.StartsWith("∂L/∂a = Σ over its 3 uses", await page.Text("#equation"), StringComparison.Ordinal);
        Assert.Equal(3, await page.Page.Locator(".terms .link").CountAsync());
    }

    [Fact]
    public async Task The_rule_the_line_and_the_forward_are_told()
    {
        var page = await Open(TapeModels.Expression);
        await page.Page.EvaluateAsync("visit(nodes.find(node => node.op === 'tanh').i)");
        Assert.Equal("y = tanh a", await page.Text("#formula"));
        Assert.Contains("∂L/∂a = g · (1 − y²)", await page.Text(".inputs"), StringComparison.Ordinal);
        Assert.Equal("var e = (d.Relu() + d.Tanh()) * a;", await page.Text("#code"));
        Assert.StartsWith("TapeModels.cs:", await page.Text("#at"), StringComparison.Ordinal);
        // d = (4, −6, −7); the element of largest gradient is picked.
        Assert.Matches(@"^%\d+\[\d\] = tanh\((4|−6|−7)\) = −?(0\.99933|0\.99999|1)$", await page.Text("#forward"));
        page.AssertQuiet();
    }

    [Fact]
    public async Task Modules_fold_and_unfold_and_a_folded_one_is_one_step()
    {
        var page = await Open(TapeModels.LeNet);
        Task<int> Items() => page.Page.Locator("#graph .item").CountAsync();
        var all = await Items();
        Assert.Equal(TapeModels.LeNet().Tape.Count, all);
        await page.Page.ClickAsync("#fold");
        Assert.Equal(2, await Items());                 // the network and the loss
        await Press(page, "Home");
        await Press(page, "ArrowRight");
        Assert.Equal("Losses.CrossEntropy", await Name(page));
        var last = TapeModels.LeNet().Tape.Count(node => !node.IsLeaf);
        Assert.Equal($"{last} of {last}", await page.Text("#count"));
        await Press(page, "ArrowRight");
        Assert.Equal("Losses.CrossEntropybackward", await Name(page) + await page.Text("#phase"));
        await Press(page, "ArrowRight");
        Assert.Equal("Sequential", await Name(page));
        await Press(page, "Enter");
        Assert.True(await Items() > 5);
        await page.Page.Locator(".frame-title").First.ClickAsync();
        Assert.Equal(2, await Items());
        await Press(page, "Home");
        await Press(page, "Shift+ArrowRight");          // into the folds
        Assert.True(await Items() > 5);
        await Press(page, "a");
        Assert.Equal(all, await Items());
        await Press(page, "a");
        Assert.Equal(2, await Items());
        page.AssertQuiet();
    }

    [Fact]
    public async Task Marks_tell_what_is_known_at_each_step()
    {
        var page = await Open(TapeModels.Perceptron);
        Task<int> Count(string marks) => page.Page.Locator($"#graph .item.{marks}").CountAsync();
        var tape = TapeModels.Perceptron().Tape;
        Assert.Equal((tape.Count(node => node.IsLeaf) + 1, 0), (await Count("known"), await Count("arrived")));
        await Press(page, "b");
        // The last operation passes its gradient on to its one input.
        Assert.Equal((tape.Count, 2), (await Count("known"), await Count("arrived")));
        await Press(page, "End");
        Assert.Equal(tape.Count, await Count("arrived"));
        Assert.Equal(2, await page.Page.Locator("#graph .edge.returns").CountAsync());      // to weight and bias
    }

    [Fact]
    public async Task Boxes_do_not_overlap()
    {
        foreach (var make in TapeModels.All.Values)
        {
            var page = await Open(make);
            var boxes = await page.Page.Locator("#graph .item .box").EvaluateAllAsync<double[][]>(
                "all => all.map(one => one.getBoundingClientRect()).map(r => [r.left, r.top, r.right, r.bottom])");
            for (var i = 0; i < boxes.Length; i++)
                for (var j = 0; j < i; j++)
                    Assert.False(boxes[i][0] < boxes[j][2] && boxes[j][0] < boxes[i][2]
                        && boxes[i][1] < boxes[j][3] && boxes[j][1] < boxes[i][3], $"boxes {i} and {j} overlap");
            page.AssertQuiet();
            await page.Page.CloseAsync();
        }
    }

    [Fact]
    public async Task Edges_go_from_left_to_right()
    {
        var page = await Open(TapeModels.Blocks);
        var ends = await page.Page.Locator("#graph .edge").EvaluateAllAsync<double[][]>(
            "all => all.map(one => [one.getPointAtLength(0).x, one.getPointAtLength(one.getTotalLength()).x])");
        Assert.NotEmpty(ends);
        Assert.All(ends, end => Assert.True(end[0] < end[1]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Large_tensors_are_drawn_in_light_and_dark(bool dark)
    {
        var page = await Open(TapeModels.LeNet, dark);
        await page.Page.EvaluateAsync("visit(nodes.find(node => node.op === 'conv2d').i)");
        Assert.Equal(16, await page.Page.Locator("#value canvas").CountAsync());
        // Not one colour only, and what is nearly 0 has the colour of the card.
        var colours = await page.Page.Locator("#value canvas").First.EvaluateAsync<int>(
            "one => new Set(new Uint32Array("
            + "one.getContext('2d').getImageData(0, 0, one.width, one.height).data.buffer)).size");
        Assert.InRange(colours, 20, 256);
        Assert.Contains("mean", await page.Text("#value .stats >> nth=0"), StringComparison.Ordinal);
        Assert.Equal(5, await page.Page.Locator(".picks button").CountAsync());
        await Press(page, "ArrowDown");
        Assert.Equal("picked", await page.Page.Locator(".picks button").Nth(1).GetAttributeAsync("class"));
        var total = Assert.Single(await Numbers(page, "#total"));
        Assert.Equal(total, (await Numbers(page, ".product")).Sum(), 1e-6);
        page.AssertQuiet();
    }

    [Fact]
    public async Task NaN_is_told()
    {
        var x = Tests.Numbers.Leaf([2], -1, 4);
        var page = await Open(() => x.Log().Sum(), detailed: false);
        Assert.Equal("1 NaN", await page.Text("#value .bad"));
        await page.Page.EvaluateAsync("visit(0)");
        page.AssertQuiet();
    }

    [Fact]
    public async Task Without_details_the_page_says_how_to_get_them()
    {
        var page = await Open(TapeModels.LeNet, detailed: false);
        Assert.Contains("using (Tape.Detailed())", await page.Text("#about"), StringComparison.Ordinal);
        Assert.Contains("Not kept", await page.Text("#value"), StringComparison.Ordinal);
        await Press(page, "End");
        page.AssertQuiet();
        var detailed = await Open(TapeModels.LeNet);
        Assert.DoesNotContain("Detailed", await detailed.Text("#about"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_leaf_alone_is_shown_too()
    {
        var page = await Open(() => new Parameter(Tensor.Scalar(3)) { Name = "w" });
        Assert.Contains("w", await Name(page), StringComparison.Ordinal);
        await Press(page, "ArrowRight");
        Assert.Equal("backward", await page.Text("#phase"));
        Assert.Equal(4, (await Numbers(page, "#value td, #gradient td")).Sum());     // 3, and a gradient of 1
        page.AssertQuiet();
    }

    public static TheoryData<string, bool> Models =>
        new(from model in TapeModels.All.Keys from detailed in (bool[])[false, true] select (model, detailed));

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Every_step_of_every_network_can_be_shown(string model, bool detailed)
    {
        var page = await Open(TapeModels.All[model], detailed: detailed);
        var wrong = await page.Page.EvaluateAsync<string>(
            """
            () => {
                const press = key => document.dispatchEvent(new KeyboardEvent('keydown', key));
                press({ key: 'Home' });
                for (let steps = 1; !document.getElementById('next').disabled; steps++) {
                    if (steps > 1000) return 'the walk does not end';
                    press({ key: 'ArrowRight', shiftKey: true });
                    const shown = document.querySelectorAll('.arithmetic').length;
                    if (shown !== 1) return `after ${steps} steps there are ${shown} lines of arithmetic`;
                }
                return '';
            }
            """);
        Assert.Equal("", wrong);
        var operations = Math.Max(1, TapeModels.All[model]().Tape.Count(node => !node.IsLeaf));
        Assert.Equal($"backward {operations} of {operations}", await Time(page));
        page.AssertQuiet();
    }

    [Fact]
    public async Task A_tape_of_hundreds_of_operations_opens_folded()
    {
        var rng = new Rng(1);
        var model = new Sequential([.. Enumerable.Range(0, 60).Select(_ => (Module)new Residual(
            new Sequential(new LayerNorm(8), new Linear(8, 8, rng: rng), new Gelu(), new Linear(8, 8, rng: rng))))]);
        model.NamedParameters();
        var x = Tensor.Normal([4, 8], rng: rng);
        var page = await Open(() => Losses.MeanSquaredError(model.Forward(x), x));
        Assert.InRange(await page.Page.Locator("#graph .item").CountAsync(), 2, 30);
        await page.Page.ClickAsync("#unfold");
        Assert.Equal(303 + 360, await page.Page.Locator("#graph .item").CountAsync());
        await Press(page, "b");
        await Press(page, "ArrowRight", 5);
        Assert.Equal("backward 6 of 303", await Time(page));
        page.AssertQuiet();
    }
}
