using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// Which axes a reduction runs over: one (<c>x.Sum(-1)</c>), several (<c>x.Sum([0, 2])</c>), or, left out, all of
/// them (<c>x.Sum()</c>). Negative numbers count from the last axis.
/// </summary>
[CollectionBuilder(typeof(Axes), nameof(Of))]
public readonly struct Axes
{
    readonly int[]? _axes;

    Axes(int[] axes) => _axes = axes;

    /// <summary>The given axes; none means all.</summary>
    public static Axes Of(params ReadOnlySpan<int> axes) => new(axes.ToArray());

    /// <summary>One axis.</summary>
    public static implicit operator Axes(int axis) => new([axis]);

    /// <summary>Several axes.</summary>
    public static implicit operator Axes(int[] axes) => new(axes);

    /// <summary>Every axis.</summary>
    public static Axes All => default;

    internal ReadOnlySpan<int> Named => _axes;

    /// <summary>The axes in brackets: <c>[0, 2]</c>; <c>all</c> where none is named.</summary>
    public override string ToString() => Named.IsEmpty ? "all" : Shape.Text(Named);

    /// <summary>The axes in order of naming.</summary>
    public ReadOnlySpan<int>.Enumerator GetEnumerator() => Named.GetEnumerator();
}
