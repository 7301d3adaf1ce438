using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Layers.Sequences;

public class RecurrentTests
{
    static Tensor Random(params int[] sizes) => Tensor.Uniform(sizes, -1, 1, new Rng(4), DType.Float64);

    static T Double<T>(T layer) where T : Module
    {
        layer.To(DType.Float64);
        return layer;
    }

    static string[] Names(Module layer) =>
        [.. layer.NamedParameters().Select(named => $"{named.Name} {named.Parameter.Shape}")];

    [Fact]
    public void Parameters_have_PyTorchs_names_shapes_and_order()
    {
        Assert.Equal(
            ["weight_ih_l0 [8, 3]", "weight_hh_l0 [8, 2]", "bias_ih_l0 [8]", "bias_hh_l0 [8]",
                "weight_ih_l0_reverse [8, 3]", "weight_hh_l0_reverse [8, 2]", "bias_ih_l0_reverse [8]", "bias_hh_l0_reverse [8]",
                "weight_ih_l1 [8, 4]", "weight_hh_l1 [8, 2]", "bias_ih_l1 [8]", "bias_hh_l1 [8]",
                "weight_ih_l1_reverse [8, 4]", "weight_hh_l1_reverse [8, 2]", "bias_ih_l1_reverse [8]", "bias_hh_l1_reverse [8]"],
            Names(new Lstm(3, 2, layers: 2, bidirectional: true, dropout: 0.1)));
        Assert.Equal(["0.weight_ih_l0 [6, 3]", "0.weight_hh_l0 [6, 2]"], Names(new Sequential(new Gru(3, 2, bias: false))));
        Assert.Equal(["weight_ih_l0 [2, 3]", "weight_hh_l0 [2, 2]"], Names(new Rnn(3, 2, bias: false)));
    }

    [Fact]
    public void Weights_start_within_one_over_the_root_of_the_state()
    {
        var layer = new Gru(50, 16, rng: new Rng(1));
        foreach (var (_, weight) in layer.Weights)
            Assert.InRange(weight.Abs().Max().Item(), 0.2, 0.25);
        SameBits(layer.Weights["bias_hh_l0"], new Gru(50, 16, rng: new Rng(1)).Weights["bias_hh_l0"]);
    }

    [Fact]
    public void Two_halves_with_the_state_carried_over_are_the_whole()
    {
        var x = Random(7, 2, 3);
        var rnn = Double(new Rnn(3, 4, layers: 2));
        var (whole, last) = rnn.Run(x);
        var (first, middle) = rnn.Run(x[..3]);
        var (second, end) = rnn.Run(x[3..], middle);
        Close(whole.ToDoubles(), Tensor.Concat([first, second]));
        Close(last.ToDoubles(), end);

        var gru = Double(new Gru(3, 4, layers: 2));
        Close(gru.Forward(x)[3..].ToDoubles(), gru.Run(x[3..], gru.Run(x[..3]).Last).Outputs);

        var lstm = Double(new Lstm(3, 4, layers: 2));
        var (all, (hidden, cell)) = lstm.Run(x);
        var (rest, (endHidden, endCell)) = lstm.Run(x[3..], lstm.Run(x[..3]).Last);
        Close(all[3..].ToDoubles(), rest);
        Close(hidden.ToDoubles(), endHidden);
        Close(cell.ToDoubles(), endCell);
    }

    [Fact]
    public void The_backward_direction_is_the_forward_one_over_the_reversed_sequence()
    {
        var x = Random(5, 2, 3);
        var both = Double(new Lstm(3, 4, bidirectional: true));
        var backward = Double(new Lstm(3, 4));
        foreach (var (name, weight) in backward.Weights) weight.Assign(both.Weights[name + "_reverse"]);
        var (outputs, (hidden, cell)) = both.Run(x);
        var (reversed, (lastHidden, lastCell)) = backward.Run(x.Flip(0));
        Close(outputs[.., .., 4..].ToDoubles(), reversed.Flip(0));
        // The last states: forward at the end, backward at the beginning.
        Equal(lastHidden.Shape, hidden[1..].ToDoubles(), lastHidden);
        Equal(lastCell.Shape, cell[1..].ToDoubles(), lastCell);
        Equal([2, 4], outputs[^1, .., ..4].ToDoubles(), hidden[0]);
        Equal([2, 4], outputs[0, .., 4..].ToDoubles(), hidden[1]);
    }

    [Fact]
    public void With_the_batch_first_the_axes_change_places_but_not_those_of_the_state()
    {
        var x = Random(5, 2, 3);
        var (steps, batch) = (Double(new Gru(3, 4, rng: new Rng(1))), Double(new Gru(3, 4, batchFirst: true, rng: new Rng(1))));
        var (outputs, last) = steps.Run(x);
        var (turned, same) = batch.Run(x.Transpose(0, 1));
        Equal([2, 5, 4], outputs.Transpose(0, 1).ToDoubles(), turned);
        Equal([1, 2, 4], last.ToDoubles(), same);
    }

    [Fact]
    public void An_output_depends_on_no_later_input()
    {
        var x = Leaf(Random(6, 1, 2));
        Double(new Lstm(2, 3)).Forward(x)[2].Sum().Backward();
        var slopes = x.Grad!.Abs().Sum([1, 2]).ToDoubles();
        Assert.All(slopes[..3], slope => Assert.True(slope > 0));
        Assert.All(slopes[3..], slope => Assert.Equal(0, slope));
    }

    [Fact]
    public void Dropout_works_between_layers_in_training_only_and_by_the_seed()
    {
        var x = Random(6, 2, 3);
        Gru Make() => Double(new Gru(3, 8, layers: 2, dropout: 0.5, rng: new Rng(3)));
        var layer = Make();
        var training = layer.Forward(x);
        Assert.NotEqual(training.ToDoubles(), layer.Forward(x).ToDoubles());
        SameBits(training, Make().Forward(x));
        layer.Eval();
        SameBits(layer.Forward(x), layer.Forward(x));
        Assert.NotEqual(training.ToDoubles(), layer.Forward(x).ToDoubles());
        // Nothing is dropped before the first layer or after the last.
        var single = Double(new Gru(3, 8, dropout: 0.5, rng: new Rng(3)));
        SameBits(single.Forward(x), single.Forward(x));
    }

    [Fact]
    public void Errors_print_the_layer()
    {
        var layer = new Lstm(3, 4, layers: 2, bidirectional: true);
        Assert.Equal("Lstm(3 -> 4, 2 layers, bidirectional) expects [steps, batch, 3] but got [5, 2, 4].",
            Message<ShapeException>(() => layer.Forward(Tensor.Zeros([5, 2, 4]))));
        Assert.Equal("Gru(3 -> 4, no bias) expects [batch, steps, 3] but got [5, 3]: Unsqueeze(0) for one sequence?",
            Message<ShapeException>(() => new Gru(3, 4, bias: false, batchFirst: true).Forward(Tensor.Zeros([5, 3]))));
        Assert.Equal("Lstm(3 -> 4, 2 layers, bidirectional): a sequence needs at least one step.",
            Message<ShapeException>(() => layer.Forward(Tensor.Zeros([0, 2, 3]))));
        Assert.Equal("Rnn(3 -> 4) expects a state [1, 2, 4] (layers · directions, batch, hidden) but got [2, 4].",
            Message<ShapeException>(() => new Rnn(3, 4).Run(Tensor.Zeros([5, 2, 3]), Tensor.Zeros([2, 4])).Last));
        Assert.Contains("hidden is 0", Message<ArgumentOutOfRangeException>(() => new Rnn(3, 0)));
        Assert.Contains("layers is 0", Message<ArgumentOutOfRangeException>(() => new Gru(3, 1, layers: 0)));
        Assert.Contains("probability is 2", Message<ArgumentOutOfRangeException>(() => new Gru(3, 1, dropout: 2)));
    }

    [Fact]
    public void A_batch_may_be_empty() => Equal([3, 0, 2], [], new Lstm(1, 2).Forward(Tensor.Zeros([3, 0, 1])));
}
