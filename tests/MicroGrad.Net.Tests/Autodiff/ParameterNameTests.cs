using MicroGrad.Net.Tests.Study;
using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

/// <summary>What parameters are called on tapes and in errors does not depend on who was asked for them before.</summary>
public sealed class ParameterNameTests
{
    sealed class Block : Module
    {
        readonly Linear _first = new(3, 3, rng: new Rng(1));
        readonly (Linear Second, int Width) _rest = (new Linear(3, 3, rng: new Rng(2)), 3);

        protected override Tensor Compute(Tensor input) => input + _rest.Second.Forward(_first.Forward(input).Tanh());
    }

    sealed class Net : Module
    {
        readonly Linear[] _enter;
        readonly List<Block> _blocks = [new(), new()];

        public Net() => _enter = [new Linear(2, 3, rng: new Rng(3))];

        protected override Tensor Compute(Tensor input)
        {
            var x = _enter[0].Forward(input);
            foreach (var block in _blocks) x = block.Forward(x);
            return x;
        }

        public IEnumerable<Module> Parts => [_enter[0], .. _blocks];
    }

    static string[] Drawn(Module model)
    {
        Tensor loss;
        using (Tape.Detailed()) loss = model.Forward(Tensor.Ones([1, 2])).Sum();
        var tape = loss.Tape;
        return [tape.ToString(), tape.ToMermaid(), tape.ToDot(), new PageData(tape.ToHtml()).Tree(), string.Join(", ", tape)];
    }

    [Fact]
    public void A_tape_is_drawn_alike_whoever_was_asked_for_parameters_before()
    {
        var (never, before, partsFirst) = (new Net(), new Net(), new Net());
        before.Parameters();
        foreach (var part in partsFirst.Parts) part.Parameters();
        var expected = Drawn(before);
        Assert.Contains("blocks.1.rest.0.weight", expected[0], StringComparison.Ordinal);
        Assert.Contains("blocks.1: Block", expected[3], StringComparison.Ordinal);
        Assert.Equal(expected, Drawn(never));
        Assert.Equal(expected, Drawn(partsFirst));
        never.Parameters();
        Assert.Equal(expected, Drawn(never));
    }

    [Fact]
    public void A_parameter_is_named_by_the_outermost_module()
    {
        var layer = new Linear(2, 2);
        var node = layer.Weight.Node!;
        Assert.Null(node.Name);
        layer.Forward(Tensor.Ones([1, 2]));
        Assert.Equal("weight", node.Name);
        var inner = new Sequential(new Tanh(), layer);
        inner.Forward(Tensor.Ones([1, 2]));
        Assert.Equal("1.weight", node.Name);
        var outer = new Sequential(inner);
        outer.Parameters();
        Assert.Equal("0.1.weight", node.Name);
        inner.Parameters();
        layer.Forward(Tensor.Ones([1, 2]));
        Assert.Equal("0.1.weight", node.Name);
        layer.Weight.Name = "mine";
        Assert.Equal("mine", node.Name);
        Assert.Null(new Parameter(Tensor.Ones([1])).Node!.Name);
    }

    [Fact]
    public void Errors_name_parameters_that_nobody_asked_for()
    {
        var model = new Sequential(new Tanh(), new Linear(2, 2));
        var weight = ((Linear)model[1]).Weight;
        model.Forward(Tensor.Ones([1, 2]));
        var message = Message<GradientException>(() => { new Sgd([weight], 0.1).Step(); return null; });
        Assert.Contains("parameter 1.weight [2, 2] has no gradient", message, StringComparison.Ordinal);
        Assert.Contains("1.weight", Message<ShapeException>(() => { weight.Assign(Tensor.Ones([3])); return null; }), StringComparison.Ordinal);
        // The state of an optimizer goes by what its parameters were called when it was made.
        Assert.Null(weight.Name);
    }
}
