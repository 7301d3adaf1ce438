using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Layers.Sequences;

/// <summary>Whole sequences in one op: beside the formulas, step by step, at sizes that no gradient row has.</summary>
public class FusedRecurrenceTests
{
    public static TheoryData<string, int, int, int, int, bool, bool> Sizes()
    {
        var data = new TheoryData<string, int, int, int, int, bool, bool>();
        foreach (var network in (string[])["rnn", "relu", "lstm", "gru"])
        {
            data.Add(network, 1, 1, 1, 1, true, false);
            data.Add(network, 1, 6, 2, 5, true, true);         // one step
            data.Add(network, 5, 1, 3, 8, false, false);       // one sequence
            data.Add(network, 4, 5, 2, 9, true, true);         // no whole number of vectors
            data.Add(network, 12, 33, 7, 65, true, false);     // in groups, the last of one sequence
            data.Add(network, 12, 33, 7, 65, false, true);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Outputs_states_and_gradients_are_those_of_the_formulas(
        string network, int steps, int batch, int inputs, int width, bool bias, bool backward)
    {
        var layer = Make(network, inputs, width, bias, backward);
        Tensor[] states = [.. Enumerable.Range(6, network == "lstm" ? 2 : 1)
            .Select(seed => Random(seed, Directions(backward), batch, width))];
        Tensor[] leaves = [Random(5, steps, batch, inputs), .. states];
        foreach (var leaf in leaves) leaf.RequiresGrad = true;
        Tensor[] inputsAndWeights = [.. leaves, .. layer.Weights.Values];

        var (outputs, last) = Run(layer, leaves[0], states);
        var (expected, expectedLast) = Formulas(network, layer, leaves[0], states, backward);
        Close(expected.ToDoubles(), outputs);
        foreach (var (one, other) in expectedLast.Zip(last)) Close(one.ToDoubles(), other);

        // Every element of every result counts, and differently.
        var gradients = Gradients.Of(Weighed([outputs, .. last]), inputsAndWeights, retainTape: true);
        var recorded = Gradients.Of(Weighed([outputs, .. last]), inputsAndWeights, createGraph: true);
        var wanted = Gradients.Of(Weighed([expected, .. expectedLast]), inputsAndWeights);
        for (var i = 0; i < wanted.Length; i++)
        {
            var scale = Math.Max(1, wanted[i].Abs().Max().Item());
            Close([.. wanted[i].ToDoubles().Select(value => value / scale)], gradients[i] / scale);
            Close([.. wanted[i].ToDoubles().Select(value => value / scale)], recorded[i] / scale);
        }
    }

    [Fact]
    public void The_tape_of_a_sequence_is_as_long_as_that_of_a_step()
    {
        foreach (var network in (string[])["rnn", "lstm", "gru"])
        {
            var layer = Make(network, 3, 4, bias: true, backward: false);
            Assert.Equal(["parameter", "parameter", "parameter", "parameter", network],
                layer.Forward(Random(1, 50, 2, 3)).Tape.Select(node => node.Op));
        }
    }

    [Fact]
    public void A_sequence_allocates_its_results_and_no_tensor_per_step()
    {
        var layer = new Lstm(8, 16);
        long Allocated(int steps)
        {
            var x = Tensor.Zeros([steps, 6, 8]);
            long before = 0;
            for (var i = 0; i < 3; i++)         // the first passes fill pools
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                layer.Forward(x).Sum().Backward();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        var perStep = (Allocated(60) - Allocated(20)) / 40.0;
        // Six blocks of gates and cells, the output, its gradient and that of the sum's input, in bytes; then some.
        Assert.InRange(perStep, 0, 9 * 6 * 16 * sizeof(float) + 200);
    }

    [Fact]
    public void A_kept_tape_serves_one_gradient_after_another()
    {
        var layer = Make("gru", 3, 4, bias: true, backward: false);
        var weight = layer.Weights["weight_hh_l0"];
        var outputs = layer.Forward(Random(1, 5, 2, 3));
        Tensor Of(Tensor seed, bool createGraph = false) =>
            Gradients.Of(outputs, [weight], createGraph, retainTape: true, seed: seed)[0];
        var (one, two) = (Random(2, 5, 2, 4), Random(3, 5, 2, 4));
        var sum = Of(one + two).ToDoubles();
        Close(sum, Of(two) + Of(one));
        // The same seed again: what was computed without a tape is not what a recorded pass needs.
        var recorded = Of(one, createGraph: true);
        Assert.NotNull(recorded.Node);
        Close(Of(one).ToDoubles(), recorded);
    }

    [Fact]
    public void Weights_that_are_not_trained_leave_the_gradients_of_the_others()
    {
        var layer = Make("lstm", 3, 4, bias: true, backward: false);
        var x = Random(1, 5, 2, 3);
        layer.Forward(x).Square().Sum().Backward();
        var all = layer.Weights.ToDictionary(pair => pair.Key, pair => pair.Value.Grad!.ToDoubles());
        foreach (var (name, frozen) in layer.Weights)
        {
            foreach (var weight in layer.Weights.Values) weight.Grad = null;
            frozen.RequiresGrad = false;
            layer.Forward(x).Square().Sum().Backward();
            frozen.RequiresGrad = true;
            Assert.Null(frozen.Grad);
            foreach (var (other, weight) in layer.Weights)
                if (other != name) Assert.Equal(all[other], weight.Grad!.ToDoubles());
        }
    }

    [Fact]
    public void A_weight_that_is_frozen_after_the_forward_still_gets_its_gradient()
    {
        var layer = Make("gru", 3, 4, bias: true, backward: false);
        var weight = layer.Weights["weight_hh_l0"];
        var x = Random(1, 5, 2, 3);
        layer.Forward(x).Square().Sum().Backward();
        var expected = weight.Grad!.ToDoubles();
        foreach (var createGraph in (bool[])[false, true])
        {
            weight.Grad = null;
            var loss = layer.Forward(x).Square().Sum();
            weight.RequiresGrad = false;
            loss.Backward(createGraph: createGraph);
            weight.RequiresGrad = true;
            Close(expected, weight.Grad);       // as every op does: the tape decides
        }
    }

    [Fact]
    public void Not_a_number_goes_on_to_all_later_steps_of_its_sequence_and_no_other()
    {
        foreach (var network in (string[])["rnn", "relu", "lstm", "gru"])
        {
            var x = Random(1, 6, 3, 2).ToDoubles();
            x[(2 * 3 + 1) * 2] = double.NaN;
            var outputs = Make(network, 2, 5, bias: true, backward: false).Forward(Tensor.From([6, 3, 2], x));
            for (var step = 0; step < 6; step++)
                for (var sequence = 0; sequence < 3; sequence++)
                    Assert.All(outputs[step, sequence].ToDoubles(),
                        value => Assert.Equal(step >= 2 && sequence == 1, double.IsNaN(value)));
        }
    }

    [Fact]
    public void Mixed_number_types_are_an_error() => Assert.StartsWith("lstm: ",
        Message<DTypeException>(() => new Lstm(2, 3).Forward(Random(1, 4, 1, 2))), StringComparison.Ordinal);

    // ---- by the formulas, one after another ----

    static (Tensor Outputs, Tensor[] Last) Formulas(
        string network, Recurrent layer, Tensor input, Tensor[] start, bool backward)
    {
        var ways = new List<Tensor>();
        var last = new List<Tensor[]>();
        for (var way = 0; way < Directions(backward); way++)
        {
            var suffix = way == 0 ? "l0" : "l0_reverse";
            var state = Array.ConvertAll(start, part => part[way]);
            var outputs = new Tensor[input.Shape[0]];
            for (var i = 0; i < outputs.Length; i++)
            {
                var t = way == 0 ? i : outputs.Length - 1 - i;
                var (x, h) = (Product("ih", input[t], suffix), Product("hh", state[0], suffix));
                state = Step(network, x, h, state);
                outputs[t] = state[0];
            }
            ways.Add(Tensor.Stack(outputs));
            last.Add(state);
        }
        return (Tensor.Concat([.. ways], axis: 2),
            [.. start.Select((_, part) => Tensor.Stack([.. last.Select(state => state[part])]))]);

        Tensor Product(string which, Tensor x, string suffix)
        {
            var product = x.MatMul(layer.Weights[$"weight_{which}_{suffix}"].Transpose());
            return layer.Weights.TryGetValue($"bias_{which}_{suffix}", out var bias) ? product + bias : product;
        }
    }

    static Tensor[] Step(string network, Tensor x, Tensor h, Tensor[] state)
    {
        var width = state[0].Shape[1];
        Tensor Part(Tensor from, int gate) => from[.., (gate * width)..((gate + 1) * width)];
        switch (network)
        {
            case "rnn": return [(x + h).Tanh()];
            case "relu": return [(x + h).Relu()];
            case "lstm":
                var a = x + h;
                var cell = Part(a, 1).Sigmoid() * state[1] + Part(a, 0).Sigmoid() * Part(a, 2).Tanh();
                return [Part(a, 3).Sigmoid() * cell.Tanh(), cell];
            default:
                var (r, z) = ((Part(x, 0) + Part(h, 0)).Sigmoid(), (Part(x, 1) + Part(h, 1)).Sigmoid());
                return [(1 - z) * (Part(x, 2) + r * Part(h, 2)).Tanh() + z * state[0]];
        }
    }

    static Recurrent Make(string network, int inputs, int width, bool bias, bool backward)
    {
        var rng = new Rng(3);
        Recurrent layer = network switch
        {
            "lstm" => new Lstm(inputs, width, bias: bias, bidirectional: backward, rng: rng),
            "gru" => new Gru(inputs, width, bias: bias, bidirectional: backward, rng: rng),
            _ => new Rnn(inputs, width, relu: network == "relu", bias: bias, bidirectional: backward, rng: rng),
        };
        layer.To(DType.Float64);
        return layer;
    }

    static (Tensor Outputs, Tensor[] Last) Run(Recurrent layer, Tensor input, Tensor[] states)
    {
        switch (layer)
        {
            case Lstm lstm:
                var (outputs, (hidden, cell)) = lstm.Run(input, (states[0], states[1]));
                return (outputs, [hidden, cell]);
            case Gru gru:
                var (ofGru, lastOfGru) = gru.Run(input, states[0]);
                return (ofGru, [lastOfGru]);
            default:
                var (ofRnn, lastOfRnn) = ((Rnn)layer).Run(input, states[0]);
                return (ofRnn, [lastOfRnn]);
        }
    }

    static Tensor Weighed(Tensor[] results)
    {
        var all = Tensor.Concat([.. results.Select(result => result.Flatten())]);
        return (all * Random(9, all.Length)).Sum();
    }

    static int Directions(bool backward) => backward ? 2 : 1;

    static Tensor Random(int seed, params int[] sizes) =>
        Tensor.Uniform(sizes, -1, 1, new Rng((ulong)seed), DType.Float64);
}
