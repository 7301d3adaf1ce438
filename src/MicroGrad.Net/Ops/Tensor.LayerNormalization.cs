using System.Numerics;

namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_layerNorm = new("layer norm",
        "y = b · â + c, â = (a − mean)/√(variance + ε) of each row", "1/σ · (bg − mean(bg) − â · mean(bg · â))",
        "Σ g · â", "Σ g")
    {
        Words = "Gradients are scaled by 1/σ; what would only shift or stretch the whole row is taken out, since its "
            + "mean and spread cannot change.",
    };

    /// <summary>
    /// The last axes of each sample, of the shape given, brought to mean 0 and variance 1, then scaled and shifted:
    /// y = (x − mean)/√(variance + epsilon)·weight + bias. Weight and bias have that shape, or are null.
    /// </summary>
    internal Tensor LayerNormalized(Shape shape, double epsilon, Tensor? weight, Tensor? bias)
    {
        Tensor[] inputs = (weight, bias) switch
        {
            ({ } w, { } b) => [this, w, b],
            ({ } w, null) => [this, w],
            (null, { } b) => [this, b],
            _ => [this],
        };
        foreach (var input in inputs) SameDType(s_layerNorm, this, input);
        if (Length == 0) return Composed(inputs);

        var (width, rows) = (shape.Length, Length / shape.Length);
        var (y, mean, root) = (Empty(Shape, DType), Empty([rows], DType), Empty([rows], DType));
        if (DType == DType.Float32) Forward<float>();
        else Forward<double>();
        return Node.Record(s_layerNorm.With("shape", shape).With("epsilon", epsilon), y, inputs, (g, _) =>
        {
            var (toX, toWeight, toBias) = (Empty(Shape, DType), Empty(shape, DType), Empty(shape, DType));
            if (DType == DType.Float32) Backward<float>(g, toX, toWeight, toBias);
            else Backward<double>(g, toX, toWeight, toBias);
            return (weight, bias) switch
            {
                (null, null) => [toX],
                (null, _) => [toX, toBias],
                (_, null) => [toX, toWeight],
                _ => [toX, toWeight, toBias],
            };
        }, Composed);

        Tensor Composed(Tensor[] inputs)
        {
            var x = inputs[0];
            var samples = shape.Length == 0 ? 0 : x.Length / shape.Length;
            var result = x.Reshape(Shape.Of(1, samples, shape.Length)).Standardized(epsilon, null, null, out _, out _)
                .Reshape(x.Shape);
            if (weight is not null) result *= inputs[1];
            return bias is null ? result : result + inputs[^1];
        }

        void Forward<T>() where T : unmanaged, IFloatingPointIeee754<T> => Standardize.Rows(
            Read<T>(), width, epsilon, OrNone<T>(weight), OrNone<T>(bias), mean.Write<T>(), root.Write<T>(), y.Write<T>());

        void Backward<T>(Tensor g, Tensor toX, Tensor toWeight, Tensor toBias)
            where T : unmanaged, IFloatingPointIeee754<T> => Standardize.RowsGradient(
            Read<T>(), width, OrNone<T>(weight), mean.Read<T>(), root.Read<T>(), g.Read<T>(),
            toX.Write<T>(), toWeight.Write<T>(), toBias.Write<T>());

        static ReadOnlySpan<T> OrNone<T>(Tensor? x) where T : unmanaged => x is null ? [] : x.Read<T>();
    }
}
