namespace MicroGrad.Net.Tests.Study;

/// <summary>The page of a tape in a real browser: steps, keys, numbers, folds, boxes and edges.</summary>
[Collection(nameof(Pages))]
public sealed class TapeBrowserTests(Browser browser) : TapeBrowser(browser)
{
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
}
