using System.Numerics;
using System.Runtime.CompilerServices;
using static MicroGrad.Net.Elementwise;

namespace MicroGrad.Net;

/// <summary>
/// What a recurrent network does at one step, for one sequence: value and derivative side by side. Its numbers stand
/// in a row of memory, in blocks as wide as the state: first the products with the input, one block per gate, with
/// those with the state added to them; then products with the state that stay apart; then what else the derivative
/// needs.
/// </summary>
unsafe interface IRecurrentStep
{
    /// <summary>How many blocks the product with the input has, and that with the state.</summary>
    static abstract int Gates { get; }

    /// <summary>In how many of them the two are added up; from there on, they stay apart.</summary>
    static abstract int Summed { get; }

    /// <summary>How many blocks a row of memory has.</summary>
    static abstract int Blocks { get; }

    /// <summary>The block that holds the cell, which is carried along beside the state; −1 without one.</summary>
    static virtual int Cell => -1;

    /// <summary>From the products in <paramref name="row"/>, to which the bias is added, to the new state y.</summary>
    static abstract void Forward<T>(T* row, T* bias, T* state, T* cell, T* y, int width)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>
    /// From the gradients of y (g from the result, <paramref name="stateGradient"/> from the next step) and of the new
    /// cell to those of the products. Leaves in <paramref name="stateGradient"/> what reaches the state before by other
    /// ways than its product, and in <paramref name="cellGradient"/> what reaches the cell before.
    /// </summary>
    static abstract void Backward<T>(
        T* row, T* state, T* cell, T* y, T* g, T* stateGradient, T* cellGradient, T* products, int width)
        where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>y = activation(x + h), with x and h the products: <see cref="Rnn"/>.</summary>
readonly unsafe struct ElmanStep<TActivation> : IRecurrentStep where TActivation : struct, IDifferentiable
{
    public static int Gates => 1;

    public static int Summed => 1;

    public static int Blocks => 1;

    public static void Forward<T>(T* row, T* bias, T* state, T* cell, T* y, int width)
        where T : unmanaged, IFloatingPointIeee754<T> => Recurrence.Activate(default(TActivation), row, bias, y, width);

    // The slopes of both activations follow from the value.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<T>(
        T* row, T* state, T* cell, T* y, T* g, T* stateGradient, T* cellGradient, T* products, int width)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TActivation activation = default;
        for (var i = 0; i < width; i += Vector<T>.Count)
        {
            var count = Math.Min(Vector<T>.Count, width - i);
            var value = Load(y + i, count);
            var gradient = Load(g + i, count) + Load(stateGradient + i, count);
            Store(gradient * activation.Slope(value, value), products + i, count);
            Store(Vector<T>.Zero, stateGradient + i, count);
        }
    }
}

/// <summary>
/// c = f·cell + i·n and y = o·tanh c, with i, f, o logistic functions of sums of products, and n a tanh of one:
/// <see cref="Lstm"/>. A row holds i, f, n, o, c and tanh c.
/// </summary>
readonly unsafe struct LstmStep : IRecurrentStep
{
    public static int Gates => 4;

    public static int Summed => 4;

    public static int Blocks => 6;

    public static int Cell => 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<T>(T* row, T* bias, T* state, T* cell, T* y, int width)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Recurrence.Activate(default(Logistic), row, bias, row, 2 * width);
        Recurrence.Activate(default(HyperbolicTangent), row + 2 * width, bias + 2 * width, row + 2 * width, width);
        Recurrence.Activate(default(Logistic), row + 3 * width, bias + 3 * width, row + 3 * width, width);
        T* i = row, f = i + width, n = f + width, o = n + width, c = o + width, tanh = c + width;
        for (var j = 0; j < width; j += Vector<T>.Count)
        {
            var count = Math.Min(Vector<T>.Count, width - j);
            var next = Load(f + j, count) * Load(cell + j, count) + Load(i + j, count) * Load(n + j, count);
            var shown = VectorMath.Tanh(next);
            Store(next, c + j, count);
            Store(shown, tanh + j, count);
            Store(Load(o + j, count) * shown, y + j, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<T>(
        T* row, T* state, T* cell, T* y, T* g, T* stateGradient, T* cellGradient, T* products, int width)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var one = Vector<T>.One;
        for (var j = 0; j < width; j += Vector<T>.Count)
        {
            var count = Math.Min(Vector<T>.Count, width - j);
            var (i, f) = (Load(row + j, count), Load(row + width + j, count));
            var (n, o) = (Load(row + 2 * width + j, count), Load(row + 3 * width + j, count));
            var tanh = Load(row + 5 * width + j, count);
            var gradient = Load(g + j, count) + Load(stateGradient + j, count);
            var toCell = Load(cellGradient + j, count) + gradient * o * (one - tanh * tanh);
            Store(toCell * n * (i * (one - i)), products + j, count);
            Store(toCell * Load(cell + j, count) * (f * (one - f)), products + width + j, count);
            Store(toCell * i * (one - n * n), products + 2 * width + j, count);
            Store(gradient * tanh * (o * (one - o)), products + 3 * width + j, count);
            Store(toCell * f, cellGradient + j, count);
            Store(Vector<T>.Zero, stateGradient + j, count);
        }
    }
}

/// <summary>
/// y = (1 − z)·n + z·state, with r and z logistic functions of sums of products, and n = tanh(x + r·h) of two products
/// that stay apart: <see cref="Gru"/>. A row holds r, z, n and h.
/// </summary>
readonly unsafe struct GruStep : IRecurrentStep
{
    public static int Gates => 3;

    public static int Summed => 2;

    public static int Blocks => 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<T>(T* row, T* bias, T* state, T* cell, T* y, int width)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Recurrence.Activate(default(Logistic), row, bias, row, 2 * width);
        T* r = row, z = r + width, n = z + width, h = n + width;
        for (var j = 0; j < width; j += Vector<T>.Count)
        {
            var count = Math.Min(Vector<T>.Count, width - j);
            var own = Load(h + j, count) + Load(bias + 3 * width + j, count);
            var next = VectorMath.Tanh(
                Load(n + j, count) + Load(bias + 2 * width + j, count) + Load(r + j, count) * own);
            Store(own, h + j, count);
            Store(next, n + j, count);
            var kept = Load(z + j, count);
            Store((Vector<T>.One - kept) * next + kept * Load(state + j, count), y + j, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<T>(
        T* row, T* state, T* cell, T* y, T* g, T* stateGradient, T* cellGradient, T* products, int width)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var one = Vector<T>.One;
        for (var j = 0; j < width; j += Vector<T>.Count)
        {
            var count = Math.Min(Vector<T>.Count, width - j);
            var (r, z) = (Load(row + j, count), Load(row + width + j, count));
            var (n, h) = (Load(row + 2 * width + j, count), Load(row + 3 * width + j, count));
            var gradient = Load(g + j, count) + Load(stateGradient + j, count);
            var toSum = gradient * (one - z) * (one - n * n);
            Store(toSum * h * (r * (one - r)), products + j, count);
            Store(gradient * (Load(state + j, count) - n) * (z * (one - z)), products + width + j, count);
            Store(toSum, products + 2 * width + j, count);
            Store(toSum * r, products + 3 * width + j, count);
            Store(gradient * z, stateGradient + j, count);
        }
    }
}

static unsafe partial class Recurrence
{
    /// <summary>result = activation(x + bias).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate<T, TOp>(TOp op, T* x, T* bias, T* result, int length)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IUnary
    {
        for (var i = 0; i < length; i += Vector<T>.Count)
        {
            var count = Math.Min(Vector<T>.Count, length - i);
            Store(op.Value(Load(x + i, count) + Load(bias + i, count)), result + i, count);
        }
    }
}
