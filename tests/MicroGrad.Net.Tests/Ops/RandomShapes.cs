namespace MicroGrad.Net.Tests;

/// <summary>Random tensors for properties, and index arithmetic that shares nothing with the engine's.</summary>
static class RandomShapes
{
    public static Tensor Draw(Rng rng, Shape sizes, DType dtype = DType.Float64) => Tensor.Normal(sizes, 0, 1, rng, dtype);

    public static DType AnyType(Rng rng) => rng.Chance(0.5) ? DType.Float32 : DType.Float64;

    /// <summary>Every index of a shape, in row-major order.</summary>
    public static IEnumerable<int[]> Indices(IReadOnlyList<int> sizes)
    {
        var count = sizes.Aggregate(1, (a, b) => a * b);
        for (var flat = 0; flat < count; flat++)
        {
            var (index, rest) = (new int[sizes.Count], flat);
            for (var axis = sizes.Count - 1; axis >= 0; axis--)
            {
                index[axis] = rest % sizes[axis];
                rest /= sizes[axis];
            }
            yield return index;
        }
    }

    /// <summary>The element at an index, by Horner's rule; missing leading axes and axes of size 1 repeat.</summary>
    public static double At(Tensor x, IReadOnlyList<int> index)
    {
        var flat = 0;
        for (var axis = 0; axis < x.Rank; axis++)
            flat = flat * x.Shape[axis] + (x.Shape[axis] == 1 ? 0 : index[index.Count - x.Rank + axis]);
        return x.DType == DType.Float32 ? x.AsSpan<float>()[flat] : x.AsSpan<double>()[flat];
    }

    public static void SameNumbers(IEnumerable<double> expected, Tensor actual) => Assert.Equal(expected.ToArray(), actual.ToDoubles());
}
