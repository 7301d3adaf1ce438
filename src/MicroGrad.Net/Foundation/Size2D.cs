namespace MicroGrad.Net;

/// <summary>
/// A setting of a two-dimensional window, one number per axis: <c>stride: 2</c> for both, <c>stride: (2, 1)</c> for
/// height and width.
/// </summary>
/// <param name="Height">For the rows.</param>
/// <param name="Width">For the columns; one-dimensional layers use this one.</param>
public readonly record struct Size2D(int Height, int Width)
{
    /// <summary>The same number for both axes.</summary>
    public static implicit operator Size2D(int both) => new(both, both);

    /// <summary>Height and width.</summary>
    public static implicit operator Size2D((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>The numbers, as <c>3x5</c>.</summary>
    public override string ToString() => $"{Height}x{Width}";
}

/// <summary>
/// The zeros around the input of a convolution: so many before and after, or, <see cref="Same"/>, as many as it takes
/// for an output as large as the input.
/// </summary>
public readonly record struct Padding
{
    Padding(Size2D size, bool isSame) => (Size, IsSame) = (size, isSame);

    /// <summary>As many zeros as it takes for an output as large as the input; an odd one goes after it.</summary>
    public static Padding Same { get; } = new(0, true);

    /// <summary>How many zeros, where that is given.</summary>
    public Size2D Size { get; }

    /// <summary>Whether it is <see cref="Same"/>.</summary>
    public bool IsSame { get; }

    /// <summary>The same number on all sides.</summary>
    public static implicit operator Padding(int all) => new(all, false);

    /// <summary>A number above and below, and one left and right.</summary>
    public static implicit operator Padding((int Height, int Width) size) => new(size, false);

    /// <summary>A number above and below, and one left and right.</summary>
    public static implicit operator Padding(Size2D size) => new(size, false);

    /// <summary>The numbers, or <c>same</c>.</summary>
    public override string ToString() => IsSame ? "same" : Size.ToString();
}
