namespace MicroGrad.Net;

// Where tensors meet kernels: the switch between float and double of the families that many operations share. Kernels
// of one operation are switched where that is. A switch is one test of the type and the kernel's call for each; where that
// call is long, it is written once, as a local function Run<T>. A helper that took the call as a delegate would be
// shorter, but would allocate with each operation.
public partial class Tensor
{
    static DType SameDType(string op, Tensor a, Tensor b)
    {
        if (a.DType != b.DType) Throw.MixedDTypes(op, a.DType, b.DType);
        return a.DType;
    }

    static Tensor Map<TOp>(TOp op, Tensor x) where TOp : struct, IUnary
    {
        var result = Empty(x.Shape, x.DType);
        if (x.DType == DType.Float32) Elementwise.Map(op, x.Read<float>(), result.Write<float>());
        else Elementwise.Map(op, x.Read<double>(), result.Write<double>());
        return result;
    }

    static Tensor Zip<TOp>(string name, TOp op, Tensor x, Tensor y) where TOp : struct, IBinary
    {
        var dtype = SameDType(name, x, y);
        var result = Empty(Shape.Broadcast(x.Shape, y.Shape, name), dtype);
        if (x.Shape == y.Shape)
        {
            Zip(op, x, y, result);
            return result;
        }
        var plan = new BroadcastPlan(result.Shape, x.Shape, y.Shape);
        if (dtype == DType.Float32)
            Elementwise.Zip(op, plan, x.Read<float>(), y.Read<float>(), result.Write<float>());
        else Elementwise.Zip(op, plan, x.Read<double>(), y.Read<double>(), result.Write<double>());
        return result;
    }

    /// <summary>Operands and result of one shape; the result may be one of them.</summary>
    static void Zip<TOp>(TOp op, Tensor x, Tensor y, Tensor result) where TOp : struct, IBinary
    {
        if (x.DType == DType.Float32) Elementwise.Zip(op, x.Read<float>(), y.Read<float>(), result.Write<float>());
        else Elementwise.Zip(op, x.Read<double>(), y.Read<double>(), result.Write<double>());
    }

    /// <summary>this + other of the same shape, in place: for sums of gradients that nobody has seen.</summary>
    internal void AddInPlace(Tensor other) => Zip(default(Add), this, other, this);

    static Tensor Zip<TOp>(string name, TOp op, Tensor x, Tensor y, Tensor z) where TOp : struct, ITernary
    {
        var dtype = SameDType(name, x, y);
        SameDType(name, x, z);
        var shape = Shape.Broadcast(Shape.Broadcast(x.Shape, y.Shape, name), z.Shape, name);
        var result = Empty(shape, dtype);
        if (x.Shape == shape && y.Shape == shape && z.Shape == shape)
        {
            if (dtype == DType.Float32)
                Elementwise.Zip(op, x.Read<float>(), y.Read<float>(), z.Read<float>(), result.Write<float>());
            else Elementwise.Zip(op, x.Read<double>(), y.Read<double>(), z.Read<double>(), result.Write<double>());
            return result;
        }
        var plan = new BroadcastPlan(shape, x.Shape, y.Shape, z.Shape);
        if (dtype == DType.Float32)
            Elementwise.Zip(op, plan, x.Read<float>(), y.Read<float>(), z.Read<float>(), result.Write<float>());
        else
            Elementwise.Zip(op, plan, x.Read<double>(), y.Read<double>(), z.Read<double>(), result.Write<double>());
        return result;
    }

    /// <summary>Reduces the marked axes, each run of neighbours in one go; the result keeps them at size 1.</summary>
    static Tensor Fold<TOp>(TOp op, Tensor x, ReadOnlySpan<bool> marked) where TOp : struct, IReduction
    {
        // A scalar is its own sum; a parameter's is copied, since the parameter can change.
        if (!marked.Contains(true)) return x.Storage.Assignable ? x.Detach() * 1 : x.Detach();
        for (var last = x.Rank - 1; last >= 0; last--)
        {
            if (!marked[last]) continue;
            var first = last;
            while (first > 0 && marked[first - 1]) first--;
            var (outer, count, inner) = Around(x.Shape, first, last);
            var sizes = x.Shape.Sizes.ToArray();
            Array.Fill(sizes, 1, first, last - first + 1);
            var result = Empty(sizes, x.DType);
            if (x.DType == DType.Float32) Reduce.Fold(op, x.Read<float>(), outer, count, inner, result.Write<float>());
            else Reduce.Fold(op, x.Read<double>(), outer, count, inner, result.Write<double>());
            (x, last) = (result, first);
        }
        return x;
    }

    /// <summary>A shape seen as [what is before an axis, the axis, what is after it].</summary>
    static (int Outer, int Count, int Inner) Around(Shape shape, int first, int last)
    {
        var (outer, count, inner) = (1, 1, 1);
        for (var axis = 0; axis < shape.Rank; axis++)
            if (axis < first) outer *= shape[axis];
            else if (axis <= last) count *= shape[axis];
            else inner *= shape[axis];
        return (outer, count, inner);
    }

    static Tensor GatherView(Tensor x, View view)
    {
        var result = Empty(view.Sizes, x.DType);
        if (x.DType == DType.Float32) Move.Gather(x.Read<float>(), view, result.Write<float>());
        else Move.Gather(x.Read<double>(), view, result.Write<double>());
        return result;
    }

    static Tensor ScatterView(Tensor x, View view, Shape shape)
    {
        var result = Zeros(shape, x.DType);
        AddToView(x, view, result);
        return result;
    }

    static void AddToView(Tensor x, View view, Tensor sum)
    {
        if (x.DType == DType.Float32) Move.Scatter(x.Read<float>(), view, sum.Write<float>());
        else Move.Scatter(x.Read<double>(), view, sum.Write<double>());
    }

    static Tensor TakeRows(Tensor x, int[] rows, int width, Shape shape)
    {
        var result = Empty(shape, x.DType);
        if (x.DType == DType.Float32) Move.TakeRows(x.Read<float>(), rows, width, result.Write<float>());
        else Move.TakeRows(x.Read<double>(), rows, width, result.Write<double>());
        return result;
    }

    static Tensor PutRows(Tensor x, int[] rows, int width, Shape shape)
    {
        var result = Zeros(shape, x.DType);
        if (x.DType == DType.Float32) Move.PutRows(x.Read<float>(), rows, width, result.Write<float>());
        else Move.PutRows(x.Read<double>(), rows, width, result.Write<double>());
        return result;
    }

    /// <summary>The position of the first element that is not between low and high (a NaN is not); −1 if all are.</summary>
    internal int FirstOutside(double low, double high) => DType == DType.Float32
        ? Scan.FirstOutside(Read<float>(), (float)low, (float)high) : Scan.FirstOutside(Read<double>(), low, high);
}
