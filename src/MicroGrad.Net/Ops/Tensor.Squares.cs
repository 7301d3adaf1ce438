using System.Numerics;

namespace MicroGrad.Net;

// Sums of squares, which overflow, or round to 0, long before what is made of them would. So they own a derivative.
public partial class Tensor
{
    static readonly Operation s_norm = new("norm", "y = √(Σ a² / n + ε)", "g · a / (n · y)")
    { Words = "Each element gets the gradient times its share of the length." };

    /// <summary>√(Σx²/divisor + epsilon) over the axes; the slope where that is 0 is taken as 0.</summary>
    internal Tensor RootOfSquares(Axes axes, bool keepDims, double divisor = 1, double epsilon = 0)
    {
        var kept = Kept(s_norm, axes, out var marked);
        var result = FoldSquares(marked, new(divisor, epsilon, Root: true)).As(Shape.Without(marked, keepDims));
        Tensor y = null!;
        return y = Node.Record(s_norm.With("axes", axes).With("keepDims", keepDims)
            .With("divisor", divisor).With("epsilon", epsilon), result, (this, g =>
        {
            var length = y.Reshape(kept);
            var none = length.EqualTo(0);
            return this / Where(none, 1, length) * Where(none, 0, g.Reshape(kept) / divisor);
        }));
    }

    static readonly Operation s_meanOfSquares = new("mean of squares", "y = (1/n) Σ a²", "2 · g · a / n")
    { Words = "Each element gets twice itself, times the n-th part of the gradient." };

    /// <summary>Σx²/divisor over the axes.</summary>
    internal Tensor MeanOfSquares(Axes axes, bool keepDims, double divisor)
    {
        var kept = Kept(s_meanOfSquares, axes, out var marked);
        var result = FoldSquares(marked, new(divisor, 0, Root: false)).As(Shape.Without(marked, keepDims));
        return Node.Record(
            s_meanOfSquares.With("axes", axes).With("keepDims", keepDims).With("divisor", divisor), result,
            (this, g => this * (g.Reshape(kept) * (2 / divisor))));
    }

    /// <summary>Each run of marked neighbours in one go: the roots of sums of squares are squared and summed again.</summary>
    Tensor FoldSquares(bool[] marked, SquaresResult what)
    {
        var begin = marked.AsSpan().IndexOf(true);
        if (begin < 0) return Of(this, Shape, (Length, 1, 1), what);
        var x = this;
        for (var last = Rank - 1; last >= begin; last--)
        {
            if (!marked[last]) continue;
            var first = last;
            while (first > 0 && marked[first - 1]) first--;
            var sizes = x.Shape.Sizes.ToArray();
            Array.Fill(sizes, 1, first, last - first + 1);
            x = Of(x, sizes, Around(x.Shape, first, last), first == begin ? what : new(1, 0, Root: true));
            last = first;
        }
        return x;

        static Tensor Of(Tensor x, Shape shape, (int Outer, int Count, int Inner) sizes, SquaresResult what)
        {
            var result = Empty(shape, x.DType);
            if (x.DType == DType.Float32) Run<float>();
            else Run<double>();
            return result;

            void Run<T>() where T : unmanaged, IFloatingPointIeee754<T> =>
                Squares.Sums(x.Read<T>(), sizes.Outer, sizes.Count, sizes.Inner, what, result.Write<T>());
        }
    }
}
