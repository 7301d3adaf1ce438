using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests;

/// <summary>Random shapes and tensors for properties, and index arithmetic that shares nothing with the engine's.</summary>
static class RandomShapes
{
    /// <summary>A seed for everything that one case draws.</summary>
    public static void ForAll(Action<Rng> property, int cases = 150) =>
        Prop.ForAll(ArbMap.Default.ArbFor<uint>(), seed => property(new Rng(seed)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(12345, 7));

    /// <summary>Up to four axes of sizes around 1 and the width of a vector; now and then an empty one.</summary>
    public static int[] Sizes(Rng rng, int least = 0) =>
        [.. Enumerable.Range(0, least + rng.Next(5 - least)).Select(_ => rng.Chance(0.03) ? 0 : rng.Chance(0.2) ? 1 : 1 + rng.Next(rng.Chance(0.3) ? 19 : 5))];

    public static Tensor Draw(Rng rng, int[] sizes, DType dtype = DType.Float64) => Tensor.Normal(sizes, 0, 1, rng, dtype);

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
