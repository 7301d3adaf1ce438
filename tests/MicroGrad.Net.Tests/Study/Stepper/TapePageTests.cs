using System.Runtime.CompilerServices;
using System.Text.Json;
using MicroGrad.Net.Tests.Proof;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Study;

/// <summary>What the page of a tape says is true.</summary>
public sealed class TapePageTests
{
    public static TheoryData<string> Models => [.. TapeModels.All.Keys];

    static PageData Data(Tensor loss) => new(loss.Tape.ToHtml());

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_are_those_of_Gradients_Of(string model)
    {
        // Seen as they are made, so that each result is a tensor to ask for.
        var results = new List<Tensor>();
        Tensor loss;
        using (Gradients.Observe(results.Add)) loss = TapeModels.All[model]();
        var nodes = Data(loss).Nodes;
        var tape = loss.Tape;
        foreach (var result in results.Where(result => tape.IndexOf(result.Node!) >= 0))
        {
            var expected = Gradients.Of(loss, [result], retainTape: true)[0].ToDoubles();
            var gradient = nodes[tape.IndexOf(result.Node!)].GetProperty("gradient");
            Assert.Equal(expected.Length, gradient.GetProperty("n").GetInt32());
            Assert.Equal(expected.Count(value => value == 0), gradient.GetProperty("zeros").GetInt32());
            Assert.Equal(expected.Min(), PageData.Number(gradient.GetProperty("min")), 1e-6);
            if (expected.Length <= 64) Same(expected, gradient);
        }
        Assert.All(tape, node => Assert.Null(node.IsLeaf ? node.KeepsGradOf!.Grad : null));
        loss.Backward();
        foreach (var (node, shown) in tape.Zip(nodes))
            if (node.IsLeaf && node.Shape.Length <= 64)
                Same(node.KeepsGradOf!.Grad!.ToDoubles(), shown.GetProperty("gradient"));
    }

    /// <summary>To all digits of Float32.</summary>
    static void Same(double[] expected, JsonElement view) =>
        Assert.Equal(expected.Select(value => (float)value), PageData.Values(view).Select(value => (float)value));

    [Theory]
    [MemberData(nameof(Models))]
    public void The_sum_spelled_out_for_an_element_is_its_gradient(string model)
    {
        var loss = TapeModels.All[model]();
        var gradients = loss.Tape.AllGradients();
        var uses = loss.Tape.SelectMany(node => node.Inputs).CountBy(input => input).ToDictionary();
        foreach (var (i, node) in Data(loss).Nodes.Index())
        {
            var gradient = gradients[i].ToDoubles();
            var sums = node.GetProperty("sums").EnumerateArray().ToArray();
            Assert.Equal(gradient.Length <= 64 ? gradient.Length : 5, sums.Length);
            Assert.Equal(gradient.Max(Math.Abs), Math.Abs(gradient[sums[0].GetProperty("at").GetInt32()]));
            foreach (var sum in sums)
            {
                var parts = sum.GetProperty("parts").EnumerateArray().ToArray();
                Assert.Equal(uses.GetValueOrDefault(loss.Tape[i]), parts.Length);
                if (parts.Length == 0) continue;
                var total = parts.Sum(part => PageData.Number(part.GetProperty("sum")));
                Assert.Equal(gradient[sum.GetProperty("at").GetInt32()], total, 1e-5 * (1 + gradient.Max(Math.Abs)));
                foreach (var part in parts)
                {
                    var terms = part.GetProperty("terms").EnumerateArray().ToArray();
                    var consumer = gradients[part.GetProperty("y").GetInt32()].ToDoubles();
                    Assert.All(terms, term => Assert.Equal(
                        consumer[term[0].GetInt32()], PageData.Number(term[1]), 1e-6));
                    if (terms.Length == part.GetProperty("count").GetInt32())
                        Assert.Equal(PageData.Number(part.GetProperty("sum")),
                            terms.Sum(term => PageData.Number(term[1]) * PageData.Number(term[2])), 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Slopes_of_a_product_are_the_other_factor()
    {
        var (x, y) = (Leaf([2], 3, 4), Leaf([2, 2], 1, 2, 5, 6));
        var nodes = Data((x * y).Sum()).Nodes;
        // ∂L/∂x[1] = 1 · y[0, 1] + 1 · y[1, 1], the row of x having been repeated.
        var sum = nodes[0].GetProperty("sums").EnumerateArray().Single(one => one.GetProperty("at").GetInt32() == 1);
        var terms = Assert.Single(sum.GetProperty("parts").EnumerateArray()).GetProperty("terms").EnumerateArray();
        Assert.Equal([(3, 1.0, 6.0), (1, 1.0, 2.0)],
            terms.Select(term => (term[0].GetInt32(), PageData.Number(term[1]), PageData.Number(term[2]))));
    }

    [Fact]
    public void Values_are_the_results()
    {
        var kept = new List<Tensor>();
        var loss = TapeModels.InDetail(() =>
        {
            var x = Leaf([40, 2], [.. Enumerable.Range(0, 80).Select(i => i / 10.0)]);
            kept.AddRange([x.Detach(), x.Square(), x.Square().Sum(0)]);
            var square = x.Square();
            return (square.Sum(0) * 2).Mean();
        });
        var nodes = Data(loss).Nodes;
        Assert.Equal(6241 / 100.0, PageData.Number(nodes[1].GetProperty("value").GetProperty("max")), 1e-4);
        Assert.Equal(1, nodes[1].GetProperty("value").GetProperty("zeros").GetInt32());
        Assert.Equal(80, nodes[1].GetProperty("value").GetProperty("n").GetInt32());
        Assert.Equal(kept[2].ToDoubles(), PageData.Values(nodes[2].GetProperty("value")));
        Assert.Equal([loss.Item()], PageData.Values(nodes[^1].GetProperty("value")));
    }

    [Fact]
    public void A_heat_map_shows_the_largest_of_each_block_and_tells_what_is_not_finite()
    {
        var values = new double[96 * 96];
        (values[0], values[97], values[2], values[^1]) = (1, -2, double.NaN, 1e-9);
        var loss = (Leaf([96, 96], values) * 1).Sum();
        var view = Data(loss).Nodes[0].GetProperty("value");
        Assert.Equal((1, values.Length - 4), (view.GetProperty("nan").GetInt32(), view.GetProperty("zeros").GetInt32()));
        var map = view.GetProperty("map");
        var cells = map.GetProperty("cells").GetBytesFromBase64().Select(cell => (sbyte)cell).ToArray();
        Assert.Equal((48, 48), (map.GetProperty("height").GetInt32(), map.GetProperty("width").GetInt32()));
        // [0, 0] and [1, 1] share the first cell; the smallest number is not drawn as none.
        Assert.Equal([-127, -128, 0], cells[..3]);
        Assert.Equal(1, cells[^1]);
        Assert.Equal(2, PageData.Number(map.GetProperty("scale")));
    }

    [Fact]
    public void Networks_fold_by_module_and_by_loss()
    {
        static string Tree(Func<Tensor> make) => Data(TapeModels.InDetail(make)).Tree();
        Assert.Equal("""
            []
            Sequential [tanh]
              0: Linear(2 -> 3) [0.weight, 0.bias, linear]
              2: Linear(3 -> 1) [2.weight, 2.bias, linear]
            Losses.MeanSquaredError [subtract, multiply, mean]
            """, Tree(TapeModels.Perceptron));
        Assert.Equal("""
            []
            Sequential [relu, max pool2d, relu, max pool2d, reshape, relu]
              0: Conv2D(1 -> 2, 5x5) [0.weight, 0.bias, conv2d]
              3: Conv2D(2 -> 3, 3x3) [3.weight, 3.bias, conv2d]
              7: Linear(12 -> 5) [7.weight, 7.bias, linear]
              9: Linear(5 -> 4) [9.weight, 9.bias, linear]
            Losses.CrossEntropy [cross-entropy, mean]
            """, Tree(TapeModels.LeNet));
        Assert.Equal("""
            []
            BlockNetwork []
              enter: Linear [enter.weight, enter.bias, linear]
              blocks.0: Block [tanh, relu, add]
                first: Linear [blocks.0.first.weight, blocks.0.first.bias, linear]
                second: Linear [blocks.0.second.weight, blocks.0.second.bias, linear]
              blocks.1: Block [tanh, relu, add]
                first: Linear [blocks.1.first.weight, blocks.1.first.bias, linear]
                second: Linear [blocks.1.second.weight, blocks.1.second.bias, linear]
              blocks.2: Block [tanh, relu, add]
                first: Linear [blocks.2.first.weight, blocks.2.first.bias, linear]
                second: Linear [blocks.2.second.weight, blocks.2.second.bias, linear]
              leave: Linear [leave.weight, leave.bias, linear]
            Losses.Huber [subtract, where, multiply, multiply, abs, subtract, multiply, where, mean]
            """, Tree(TapeModels.Blocks));
        Assert.Equal("""
            [reshape]
            Sequential []
              0: Linear(3 -> 4) [0.weight, 0.bias, linear]
              1: TransformerEncoderLayer(norm first) [add, relu, add]
                norm1: LayerNorm(4) [1.norm1.weight, 1.norm1.bias, layer norm]
                self_attn: MultiheadAttention(4, 2 heads, causal) [1.self_attn.in_proj_weight, 1.self_attn.in_proj_bias, reshape, matmul, reshape, add, attention]
                  out_proj: Linear(4 -> 4) [1.self_attn.out_proj.weight, 1.self_attn.out_proj.bias, linear]
                norm2: LayerNorm(4) [1.norm2.weight, 1.norm2.bias, layer norm]
                linear1: Linear(4 -> 8) [1.linear1.weight, 1.linear1.bias, linear]
                linear2: Linear(8 -> 4) [1.linear2.weight, 1.linear2.bias, linear]
              2: Linear(4 -> 2) [2.weight, 2.bias, linear]
            Losses.CrossEntropy [cross-entropy, mean]
            """, Tree(TapeModels.Transformer));
        Assert.Equal("""
            []
            LastState [slice]
              cells: Recurrent [cells.weight_ih_l0, cells.weight_hh_l0, cells.bias_ih_l0, cells.bias_hh_l0, lstm]
              head: Sequential [tanh]
                0: Linear(3 -> 2) [head.0.weight, head.0.bias, linear]
                2: Linear(2 -> 1) [head.2.weight, head.2.bias, linear]
            Losses.MeanSquaredError [subtract, multiply, mean]
            """, Tree(TapeModels.Lstm));
    }

    [Fact]
    public void Every_loss_is_known_by_its_name()
    {
        var wrong = new HashSet<string>();
        foreach (var row in GradientTable.Rows.Where(row => row.Member.StartsWith("Losses.", StringComparison.Ordinal)))
        {
            var one = new GradientCase(row, Search.Draw(row.Name, 1, row.Shapes.Gen)[0], Seed: 1);
            var result = TapeModels.InDetail(() => one.Evaluate(one.Values(), leaves: true).Output);
            if (result.Node is null) continue;
            // What a row does before and after stands under other names.
            var names = result.Tape.SelectMany(node => node.Detail?.Calls ?? []).Where(call => !call.IsModule)
                .Select(call => call.Text).Where(name => name.StartsWith("Losses.", StringComparison.Ordinal)).ToHashSet();
            if (!names.Contains(row.Member.Split('(')[0])) wrong.Add($"{row.Member}: {string.Join(", ", names)}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void A_tape_recorded_outside_has_graph_and_gradients_but_no_folds_nor_lines()
    {
        var data = Data(TapeModels.LeNet());
        Assert.DoesNotContain('\n', data.Tree());
        Assert.All(data.Nodes, node => Assert.False(node.TryGetProperty("at", out _)));
        Assert.Contains(false, data.Nodes.Select(node => node.TryGetProperty("value", out _)));
        Assert.All(data.Nodes, node => Assert.True(node.TryGetProperty("gradient", out _)));
    }

    [Fact]
    [MethodImpl(MethodImplOptions.NoOptimization)]
    public void The_line_of_the_source_is_shown()
    {
        var x = Leaf([2], 1, 2);
        Tensor loss;
        using (Tape.Detailed())
        {
            var y = x.Exp();    // the line to be found
            loss = (y * x).Sum();
        }
        var nodes = Data(loss).Nodes;
        Assert.Equal("var y = x.Exp();    // the line to be found", nodes[1].GetProperty("code").GetString());
        Assert.Equal("loss = (y * x).Sum();", nodes[2].GetProperty("code").GetString());
        Assert.StartsWith("TapePageTests.cs:", nodes[1].GetProperty("at").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_are_shown_with_their_place()
    {
        var loss = TapeModels.InDetail(() => (Vector(5, 6) - Leaf([2], 1, 2)).Sum());
        var constant = Assert.Single(Data(loss).Nodes[1].GetProperty("constants").EnumerateArray());
        Assert.Equal(0, constant.GetProperty("place").GetInt32());
        Assert.Equal([5.0, 6.0], PageData.Values(constant.GetProperty("value")));
    }

    [Fact]
    public void Each_operation_that_the_gradient_table_records_has_its_rule()
    {
        var operations = new HashSet<string>();
        using (Gradients.Observe(result => operations.Add(result.Node!.Op)))
            foreach (var row in GradientTable.Rows)
                foreach (var shapes in Search.Draw(row.Name, 3, row.Shapes.Gen))
                {
                    var one = new GradientCase(row, shapes, Seed: 1);
                    one.Evaluate(one.Values(), leaves: true);
                }
        Assert.True(operations.Count > 50, $"{operations.Count} operations");
        var missing = operations.Where(op => !OpRules.Knows(op)).Order();
        Assert.True(!missing.Any(), $"without a rule in OpRules: {string.Join(", ", missing)}");
    }

    [Fact]
    public void An_operation_of_the_users_own_has_a_page_too()
    {
        var x = Leaf([2], 1, 2);
        var y = Node.Record("doubled", Vector(2, 4), (x, g => g * 2));
        var data = Data(y.Sum());
        Assert.Contains("a rule of its own", $"{data.Rule("doubled")}", StringComparison.Ordinal);
        Assert.Equal([2.0, 2.0], PageData.Values(data.Nodes[0].GetProperty("gradient")));
    }

    [Fact]
    public void Several_numbers_need_a_seed()
    {
        var y = Leaf([2], 1, 2).Square();
        Assert.Contains("pass a seed of shape [2]", Message<GradientException>(() => y.Tape.ToHtml()),
            StringComparison.Ordinal);
        var nodes = new PageData(y.Tape.ToHtml(Vector(1, 10))).Nodes;
        Assert.Equal([2.0, 40.0], PageData.Values(nodes[0].GetProperty("gradient")));
    }

    [Fact]
    public void After_the_backward_and_after_the_scope_it_is_an_error_that_says_so()
    {
        var loss = Leaf([2], 1, 2).Square().Sum();
        loss.Backward();
        Assert.Contains("the tape was freed", Message<GradientException>(() => loss.Tape.ToHtml()),
            StringComparison.Ordinal);
        using (new StepScope()) loss = Leaf([2], 1, 2).Square().Sum();
        Assert.Contains("StepScope", Message<InvalidOperationException>(() => loss.Tape.ToHtml()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_sees_what_the_page_computes()
    {
        var seen = 0;
        using (Gradients.Observe(_ => seen++))
        {
            var loss = Leaf([2], 1, 2).Square().Sum();
            loss.Tape.ToHtml();
        }
        Assert.Equal(2, seen);
    }

    [Fact]
    public void The_page_of_a_large_network_is_below_10_megabytes()
    {
        var rng = new Rng(1);
        Tensor x = Tensor.Normal([16, 64], rng: rng);
        var weights = Enumerable.Range(0, 100).Select(_ => Leaf(Tensor.Normal([64, 64], 0, 0.1, rng))).ToArray();
        using (Tape.Detailed())
            foreach (var weight in weights) x = (x + (x.MatMul(weight) * 0.5).Tanh()) / 1.1;
        var html = x.Mean().Tape.ToHtml();
        Assert.InRange(html.Length, 1_000_000, 10_000_000);
    }
}
