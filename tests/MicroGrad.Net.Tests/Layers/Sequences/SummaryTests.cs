using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Layers.Sequences;

public class SummaryTests
{
    [Fact]
    public void A_summary_shows_what_each_layer_makes_and_how_many_parameters_it_has()
    {
        var model = new Sequential(new Flatten(), new Sequential(new Linear(16, 5), new Relu()), new Dropout(), new Twice());
        Assert.Equal("""
            layer                       output        parameters
            input                       [n, 1, 4, 4]
            Sequential                  [n, 5]               115
              0: Flatten                [n, 16]                0
              1: Sequential             [n, 5]                85
                0: Linear(16 -> 5)      [n, 5]                85
                1: Relu                 [n, 5]                 0
              2: Dropout(0.5)           [n, 5]                 0
              3: Twice                  [n, 5]                30
                linear: Linear(5 -> 5)                        30
            """.ReplaceLineEndings(), model.Summary([1, 4, 4]));
    }

    [Fact]
    public void A_summary_leaves_the_network_as_it_was()
    {
        var model = new Sequential(new Embedding(5, 4), new Dropout(), new Gru(4, 3, batchFirst: true));
        model.To(DType.Float64);
        model[0].Eval();
        Assert.Contains("[n, 7, 3]", model.Summary([7]), StringComparison.Ordinal);
        Assert.Equal([true, false, true, true], model.Modules().Select(module => module.IsTraining));
        Assert.Contains("Gru(4 -> 3) expects [batch, steps, 4]", Message<ShapeException>(() => model.Summary([7, 2])), StringComparison.Ordinal);
        Assert.Equal([true, false, true, true], model.Modules().Select(module => module.IsTraining));
        Assert.All(model.Parameters(), parameter => Assert.Null(parameter.Grad));
    }

    [Fact]
    public void A_field_is_named_as_its_attribute_says() =>
        Assert.Equal(["attn.weight", "own", "table.k"], new Named().NamedParameters().Select(named => named.Name));

    sealed class Twice : Module
    {
        readonly Linear _linear = new(5, 5);

        protected override Tensor Compute(Tensor input) => _linear.Forward(_linear.Forward(input));
    }

    sealed class Named : Module
    {
        [field: StateName("attn")]
        public Linear Attention { get; } = new(2, 2, bias: false);

        [StateName("")]
        readonly Dictionary<string, Parameter> _inside = new() { ["own"] = new(Tensor.Zeros([1])) };

        readonly Dictionary<string, Parameter> _table = new() { ["k"] = new(Tensor.Zeros([1])) };

        protected override Tensor Compute(Tensor input) => Attention.Forward(input) + _inside["own"] + _table["k"];
    }
}
