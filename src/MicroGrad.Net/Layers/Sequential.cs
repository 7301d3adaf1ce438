using System.Collections;

namespace MicroGrad.Net;

/// <summary>Modules one after another: the output of each is the input of the next.</summary>
public sealed class Sequential(params Module[] modules) : Module, IReadOnlyList<Module>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        for (var i = 0; i < modules.Length; i++) input = Run(i, modules[i], input);
        return input;
    }

    /// <inheritdoc/>
    public Module this[int index] => modules[Throw.IfNoItem(nameof(Sequential), nameof(index), index, Count)];

    /// <inheritdoc/>
    public int Count => modules.Length;

    /// <inheritdoc/>
    public IEnumerator<Module> GetEnumerator() => ((IEnumerable<Module>)modules).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
