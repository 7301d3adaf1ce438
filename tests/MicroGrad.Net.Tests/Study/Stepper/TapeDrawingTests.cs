namespace MicroGrad.Net.Tests.Study;

/// <summary>The page of a tape in a real browser: what is drawn, of networks of every make.</summary>
[Collection(nameof(Pages))]
public sealed class TapeDrawingTests(Browser browser) : TapeBrowser(browser)
{
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
