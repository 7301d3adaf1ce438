using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// A layer that goes over a sequence step by step and carries a state along: <see cref="Rnn"/>, <see cref="Lstm"/> and
/// <see cref="Gru"/>, which state one step each. [steps, batch, inputs] becomes [steps, batch, hidden], or with the
/// batch first [batch, steps, …]; bidirectional, the last axis holds the forward and then the backward outputs.
/// </summary>
public abstract class Recurrent : Module
{
    const int MostLayers = 1000;        // far beyond what trains; else a wrong number would fill the memory first

    readonly int _inputs, _hidden, _layers;
    readonly bool _bidirectional, _batchFirst;
    readonly Dropout? _dropout;

    [StateName("")]
    readonly Dictionary<string, Parameter> _weights = [];

    private protected Recurrent(int gates, int inputs, int hidden, int layers, bool bias, bool batchFirst, double dropout,
        bool bidirectional, Rng? rng, DType dtype)
    {
        var name = GetType().Name;
        if (inputs <= 0) Throw.OutOfRange(name, nameof(inputs), inputs, "positive");
        if (hidden <= 0) Throw.OutOfRange(name, nameof(hidden), hidden, "positive");
        if (layers is < 1 or > MostLayers) Throw.OutOfRange(name, nameof(layers), layers, $"from 1 to {MostLayers}");
        var (rows, width) = (Sizes.Product(name, "a weight", gates, hidden), bidirectional ? 2L * hidden : hidden);
        (_inputs, _hidden, _layers, _bidirectional, _batchFirst) = (inputs, hidden, layers, bidirectional, batchFirst);
        if (dropout != 0) _dropout = new Dropout(dropout, rng);
        for (var layer = 0; layer < layers; layer++)
            foreach (var suffix in Suffixes(layer))
            {
                Add("weight_ih_" + suffix, [rows, layer == 0 ? inputs : Sizes.Fit(name, "a weight", width)]);
                Add("weight_hh_" + suffix, [rows, hidden]);
                if (bias) Add("bias_ih_" + suffix, [rows]);
                if (bias) Add("bias_hh_" + suffix, [rows]);
            }

        void Add(string weight, Shape shape) => _weights.Add(
            weight, new Parameter(Tensor.Uniform(shape, -1 / Math.Sqrt(hidden), 1 / Math.Sqrt(hidden), rng, dtype)));
    }

    /// <summary>
    /// The weights by PyTorch's names: <c>weight_ih_l0</c> [gates·hidden, inputs] is applied to the input of layer 0,
    /// <c>weight_hh_l0</c> [gates·hidden, hidden] to its state, and <c>bias_ih_l0</c> and <c>bias_hh_l0</c> are added;
    /// those of the backward direction end in <c>_reverse</c>.
    /// </summary>
    public IReadOnlyDictionary<string, Parameter> Weights => _weights;

    int Directions => _bidirectional ? 2 : 1;

    bool Biased => _weights.ContainsKey("bias_ih_l0");

    private protected int Hidden => _hidden;

    /// <summary>What the names of a layer's weights end in, forward before backward.</summary>
    string[] Suffixes(int layer) => _bidirectional ? [$"l{layer}", $"l{layer}_reverse"] : [$"l{layer}"];

    /// <summary>The outputs of the last layer at every step, starting from zeros.</summary>
    /// <exception cref="ShapeException">The input does not fit, or has no step.</exception>
    protected override Tensor Compute(Tensor input) => Stacked(input, null);

    /// <summary>
    /// One step: the new state, output first. <paramref name="x"/> and <paramref name="h"/> are the products of the
    /// gates' weights with input and state, biases included, [batch, gates·hidden].
    /// </summary>
    private protected abstract Tensor[] Step(Tensor x, Tensor h, Tensor[] state);

    /// <summary>All steps, as <see cref="Tensor.Recurrence"/>, which knows the same step as a kernel.</summary>
    private protected abstract Tensor Steps(
        Tensor input, Tensor[] weights, Tensor[] state, bool backward, bool lastCell);

    /// <summary>How many tensors make up the state.</summary>
    private protected virtual int States => 1;

    /// <summary>
    /// All layers over the whole sequence, and the state after it; each tensor of the state is
    /// [layers·directions, batch, hidden].
    /// </summary>
    private protected (Tensor Outputs, Tensor[] Last) Sweep(Tensor input, params Tensor[] start) =>
        Called((input, start), _ => Swept(input, start));

    (Tensor Outputs, Tensor[] Last) Swept(Tensor input, Tensor[] start)
    {
        var last = new List<Tensor[]>();
        var outputs = Stacked(input, last, start);
        var parts = Enumerable.Range(0, States);
        return (outputs, [.. parts.Select(part => Tensor.Stack([.. last.Select(state => state[part])]))]);
    }

    /// <summary>The outputs. What each direction of each layer ends with goes to the list, if there is one.</summary>
    Tensor Stacked(Tensor input, List<Tensor[]>? last, params Tensor[] start)
    {
        if (input.Rank != 3 || input.Shape[2] != _inputs)
            Throw.LayerInput(Describe(), Throw.Sequences(_batchFirst, _inputs), input.Shape,
                input.Rank == 2 && input.Shape[1] == _inputs ? $"Unsqueeze({(_batchFirst ? 0 : 1)}) for one sequence?" : null);
        if (_batchFirst) input = input.Transpose(0, 1);
        if (input.Shape[0] == 0) Throw.Shapes(Describe(), "a sequence needs at least one step.");
        var shape = Shape.Of(_layers * Directions, input.Shape[1], _hidden);
        foreach (var part in start)
            if (part.Shape != shape)
                Throw.LayerInput(Describe(), $"a state {shape} (layers · directions, batch, hidden)", part.Shape, null);

        for (var layer = 0; layer < _layers; layer++)
        {
            if (layer > 0 && _dropout is not null) input = _dropout.Forward(input);
            var outputs = new Tensor[Directions];
            foreach (var (direction, suffix) in Suffixes(layer).Index())
            {
                var index = layer * Directions + direction;
                Tensor[] state = start.Length > 0 ? Array.ConvertAll(start, part => part[index])
                    : [.. Enumerable.Repeat(Tensor.Zeros([shape[1], shape[2]], input.DType), States)];
                outputs[direction] = OneWay(input, suffix, backward: direction == 1, state, last);
            }
            input = _bidirectional ? Tensor.Concat(outputs, axis: 2) : outputs[0];
        }
        return _batchFirst ? input.Transpose(0, 1) : input;
    }

    /// <summary>One direction of one layer.</summary>
    Tensor OneWay(Tensor input, string suffix, bool backward, Tensor[] state, List<Tensor[]>? last)
    {
        Tensor[] weights = [_weights["weight_ih_" + suffix], _weights["weight_hh_" + suffix]];
        if (Biased) weights = [.. weights, _weights["bias_ih_" + suffix], _weights["bias_hh_" + suffix]];
        var withCell = last is not null && States == 2;
        var results = Steps(input, weights, state, backward, withCell);
        var outputs = withCell ? results[..^1] : results;
        var output = outputs[backward ? 0 : ^1];
        last?.Add(withCell ? [output, results[^1]] : [output]);
        return outputs;
    }

    /// <inheritdoc/>
    public override string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{GetType().Name}({_inputs} -> {_hidden}{(_layers > 1 ? $", {_layers} layers" : "")}")
        + $"{(_bidirectional ? ", bidirectional" : "")}{(Biased ? "" : ", no bias")})";
}
