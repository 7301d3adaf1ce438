namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_matmul = new("matmul", "y = a · b (matrix product)", "g · bᵀ", "aᵀ · g")
    { Words = "Each matrix gets the gradient times the other, turned so that the shapes fit." };

    /// <summary>
    /// The matrix product. [m, k]·[k, n] gives [m, n]; leading axes are batches and broadcast; a vector is a row on
    /// the left and a column on the right, and its axis is removed from the result.
    /// </summary>
    /// <param name="other">The right factor.</param>
    /// <param name="transposeLeft">Take the last two axes of the left factor exchanged, at no cost.</param>
    /// <param name="transposeRight">Take the last two axes of the right factor exchanged, at no cost.</param>
    /// <exception cref="ShapeException">The inner sizes differ, the batches do not broadcast, or one is a scalar.</exception>
    /// <exception cref="DTypeException">The number types differ.</exception>
    public Tensor MatMul(Tensor other, bool transposeLeft = false, bool transposeRight = false)
    {
        var (a, b) = (this, other);
        if (a.Rank == 0 || b.Rank == 0) Throw.Shapes(s_matmul, $"{a.Shape} and {b.Shape}: a scalar is no matrix; use *.");
        if (a.Rank == 1)
        {
            var product = a.Reshape(1, a.Length).MatMul(b, false, transposeRight);
            return product.Reshape(b.Rank == 1 ? Shape.Scalar : [.. product.Shape.Sizes[..^2], product.Shape[^1]]);
        }
        if (b.Rank == 1)
        {
            var product = a.MatMul(b.Reshape(b.Length, 1), transposeLeft, false);
            return product.Reshape(Shape.Of(product.Shape.Sizes[..^1]));
        }
        // One matrix on the right serves all batches: their rows make one tall matrix, and its gradient one product.
        if (a.Rank > 2 && b.Rank == 2 && !transposeLeft && a.Length > 0)
        {
            var product = a.Reshape(-1, a.Shape[^1]).MatMul(b, false, transposeRight);
            return product.Reshape(a.Shape.With(a.Rank - 1, product.Shape[^1]));
        }
        return Product(a, transposeLeft, b, transposeRight);
    }

    static readonly Operation s_linear = new("linear", "y = a · bᵀ + c", "g · b", "gᵀ · a", "Σ g over the rows")
    {
        Words = "The weights b get, of each input with each output, the product of the input with the output's "
            + "gradient, summed over the rows.",
    };

    /// <summary>
    /// x·weightᵀ + bias, the product of all rows of x at once: [..., inputs], [outputs, inputs] and [outputs] give
    /// [..., outputs].
    /// </summary>
    internal Tensor Linear(Tensor weight, Tensor bias)
    {
        var shape = Shape.With(Rank - 1, weight.Shape[0]);
        SameDType(s_linear, this, bias);
        return Node.Record(s_linear, Multiply(AsRows(this), false, weight, true, bias).As(shape),
            (this, g => Product(Rows(g), false, weight, false).Reshape(Shape)),
            (weight, g => Product(Rows(g), true, Rows(this), false)),
            (bias, g => g));

        static Shape Matrix(Tensor x) => [x.Shape[^1] == 0 ? 0 : x.Length / x.Shape[^1], x.Shape[^1]];
        static Tensor AsRows(Tensor x) => x.Rank == 2 ? x : x.As(Matrix(x));
        static Tensor Rows(Tensor x) => x.Rank == 2 ? x : x.Reshape(Matrix(x));
    }

    /// <summary>op(a)·op(b), where op is the transpose if asked for. Rules only set the flags, so nothing is copied.</summary>
    static Tensor Product(Tensor a, bool ta, Tensor b, bool tb) =>
        Gradients.RecordsOrChecks ? RecordedProduct(a, ta, b, tb) : Multiply(a, ta, b, tb);

    // A method of its own, because the closures of its rules are allocated on entry.
    static Tensor RecordedProduct(Tensor a, bool ta, Tensor b, bool tb) => Node.Record(
        s_matmul.With("transposeLeft", ta).With("transposeRight", tb), Multiply(a, ta, b, tb),
        (a, g => ta ? Product(b, tb, g, true) : Product(g, false, b, !tb)),
        (b, g => tb ? Product(g, true, a, ta) : Product(a, !ta, g, false)));

    /// <summary>op(a)·op(b), and a bias added to every row where one is given: a and b are matrices then.</summary>
    static Tensor Multiply(Tensor a, bool ta, Tensor b, bool tb, Tensor? bias = null)
    {
        var dtype = SameDType(s_matmul, a, b);
        var (m, k) = ta ? (a.Shape[^1], a.Shape[^2]) : (a.Shape[^2], a.Shape[^1]);
        var (inner, n) = tb ? (b.Shape[^1], b.Shape[^2]) : (b.Shape[^2], b.Shape[^1]);
        if (k != inner)
            Throw.Shapes(s_matmul, $"{a.Shape}{(ta ? " transposed" : "")} and {b.Shape}{(tb ? " transposed" : "")}: "
                + $"the inner sizes are {k} and {inner}, but must be equal.");

        var (batchA, batchB) = (Shape.Of(a.Shape.Sizes[..^2]), Shape.Of(b.Shape.Sizes[..^2]));
        var batch = Shape.Broadcast(batchA, batchB, s_matmul);
        // A batch that is one matrix repeats it for free; one that repeats on some axes only is written out.
        if (batchA != batch && batchA.Length != 1) a = a.Detach().Expand([.. batch.Sizes, .. a.Shape.Sizes[^2..]]);
        if (batchB != batch && batchB.Length != 1) b = b.Detach().Expand([.. batch.Sizes, .. b.Shape.Sizes[^2..]]);
        var result = Empty(Shape.Of([.. batch.Sizes, m, n]), dtype);
        if (dtype == DType.Float32) Run<float>();
        else Run<double>();
        return result;

        void Run<T>() where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
        {
            if (bias is not null) Move.Repeat(bias.Read<T>(), result.Write<T>());
            MicroGrad.Net.MatMul.MultiplyBatch(
                batch.Length, ta, tb, m, n, k,
                a.Read<T>(), a.Shape[^1], a.Length == m * k ? 0 : m * k,
                b.Read<T>(), b.Shape[^1], b.Length == k * n ? 0 : k * n,
                result.Write<T>(), n, m * n, accumulate: bias is not null);
        }
    }
}
