namespace MicroGrad.Net;

/// <summary>
/// What attention remembers between calls, so that a sequence can be generated step by step without computing the
/// earlier steps again: the projected keys and values of every <see cref="MultiheadAttention"/> that it is given to. One
/// serves a whole model, for one batch of sequences:
/// <code>
/// var cache = new KeyValueCache();
/// using var off = Gradients.Off();
/// while (…) { x = positions.Forward(embedding.Forward(newIds), cache.Length); x = block.Forward(x, mask: null, cache: cache); … }
/// </code>
/// The results are those of the whole sequence at once. What it holds is cut off from the tape, and out of date once
/// the model's weights change, or a call has failed on its way through the layers: <see cref="Clear"/> it then.
/// </summary>
public sealed class KeyValueCache
{
    // [batch, heads, steps, width of a head]
    readonly Dictionary<MultiheadAttention, (Tensor Keys, Tensor Values)> _steps = [];
    readonly Dictionary<MultiheadAttention, (Tensor Key, Tensor Value, Tensor Keys, Tensor Values)> _memories = [];

    /// <summary>How many steps have gone before: those that every layer has seen.</summary>
    public int Length => _steps.Count == 0 ? 0 : _steps.Values.Min(held => held.Keys.Shape[2]);

    /// <summary>Forgets everything, before another batch of sequences.</summary>
    public void Clear()
    {
        _steps.Clear();
        _memories.Clear();
    }

    internal int StepsOf(MultiheadAttention layer) => _steps.TryGetValue(layer, out var held) ? held.Keys.Shape[2] : 0;

    /// <summary>Keys and values after those held, which they join.</summary>
    internal (Tensor Keys, Tensor Values) Append(MultiheadAttention layer, Tensor keys, Tensor values)
    {
        if (_steps.TryGetValue(layer, out var held))
        {
            if (held.Keys.Shape[0] != keys.Shape[0])
                Throw.Shapes(layer.Describe(), $"the cache holds steps of {held.Keys.Shape[0]} sequences, but got "
                    + $"{keys.Shape[0]}: Clear() it before another batch.");
            if (held.Keys.Shape[2] > Length)
                Throw.WrongCall(layer.Describe(), $"the cache holds {held.Keys.Shape[2]} steps of this layer, but {Length} "
                    + "of another: a call before failed on its way. Clear() it, and begin again.");
            (keys, values) = (Tensor.Concat([held.Keys, keys], axis: 2), Tensor.Concat([held.Values, values], axis: 2));
        }
        _steps[layer] = (keys.Keep(), values.Keep());
        return (keys, values);
    }

    /// <summary>Projected keys and values, made once for each key and value.</summary>
    internal (Tensor Keys, Tensor Values) Memory(
        MultiheadAttention layer, Tensor key, Tensor value, Func<(Tensor Keys, Tensor Values)> project)
    {
        if (_memories.TryGetValue(layer, out var held) && ReferenceEquals(held.Key, key) && ReferenceEquals(held.Value, value))
            return (held.Keys, held.Values);
        var (keys, values) = project();
        _memories[layer] = (key, value, keys.Keep(), values.Keep());
        return (keys, values);
    }
}
