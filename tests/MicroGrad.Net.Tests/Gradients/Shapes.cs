using FsCheck;
using FsCheck.Fluent;
using Random = FsCheck.Fluent.Gen;

namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// Random shapes for the inputs of a row, small enough to differentiate numerically in every element: sizes 0, 1, 2,
/// 3 and 5, so empty and one-element axes among them. A string names sizes by letters, equal letters being equal
/// sizes, one word per input: "ij,jk". A small letter may be any size, a capital is not 0, a capital with + is at
/// least 2; a digit is itself. <paramref name="Shrink"/> gives simpler shapes that are still such ones.
/// </summary>
sealed record Shapes(Gen<int[][]> Gen, Func<int[][], IEnumerable<int[][]>> Shrink)
{
    const int MostElements = 48;

    /// <summary>One input of any rank up to 4.</summary>
    public static readonly Shapes Any = Ranked(0);

    /// <summary>One input with something in it.</summary>
    public static readonly Shapes NotEmpty = Ranked(0, smallest: 1);

    /// <summary>Two inputs that broadcast: axes of size 1 and missing leading axes on both sides.</summary>
    public static readonly Shapes Pair = Broadcasting(2);

    /// <summary>Three inputs that broadcast.</summary>
    public static readonly Shapes Triple = Broadcasting(3);

    public static implicit operator Shapes(string letters) => Named(letters);

    /// <summary>One input of at least a rank, at most 4, with no axis smaller than <paramref name="smallest"/>.</summary>
    public static Shapes Ranked(int least, int smallest = 0) => new(
        OfRank(least, smallest).Where(Small).Select(shape => new[] { shape }),
        shapes => Shrinks.Sizes(shapes[0], least, smallest).Select(shape => new[] { shape }));

    /// <summary>Further inputs of known shapes, after these.</summary>
    public Shapes With(int[][] more) => new(Gen.Select(shapes => shapes.Concat(more).ToArray()),
        shapes => Shrink(shapes[..^more.Length]).Select(less => less.Concat(more).ToArray()));

    static Gen<int[]> OfRank(int least, int smallest) =>
        from rank in Random.Choose(least, 4)
        from shape in Size(smallest).ArrayOf(rank)
        select shape;

    static Shapes Broadcasting(int inputs) => new(
        from full in OfRank(0, 0).Where(Small)
        from shapes in Arbitraries.Part(full).ArrayOf(inputs)
        select shapes, Shrinks.Broadcasting);

    static Shapes Named(string letters)
    {
        var words = letters.Replace("+", "", StringComparison.Ordinal).Split(',');
        var names = letters.Where(char.IsAsciiLetter).Distinct().ToArray();
        return new(Random.CollectToArray(names, name => Size(Smallest(letters, name))).Select(Filled)
                .Where(shapes => shapes.All(Small)),
            shapes =>
            {
                // The letters shrink, each wherever it stands.
                int[] sizes = [.. names.Select(name => SizeOf(name, shapes))];
                return from i in Enumerable.Range(0, names.Length)
                       from size in Shrinks.Size(sizes[i], Smallest(letters, names[i]))
                       select Filled(Shrinks.With(sizes, i, size));
            });

        int[][] Filled(int[] sizes) => [.. words.Select(word => word.Select(name =>
            char.IsAsciiDigit(name) ? name - '0' : sizes[Array.IndexOf(names, name)]).ToArray())];

        int SizeOf(char name, int[][] shapes) =>
            words.Zip(shapes).Where(one => one.First.Contains(name))
                .Select(one => one.Second[one.First.IndexOf(name)]).First();
    }

    static int Smallest(string letters, char name) =>
        letters.Contains($"{name}+", StringComparison.Ordinal) ? 2 : char.IsAsciiLetterUpper(name) ? 1 : 0;

    static Gen<int> Size(int smallest) => Random.Frequency(
        new[] { (1, 0), (3, 1), (4, 2), (3, 3), (2, 5) }.Where(choice => choice.Item2 >= smallest)
            .Select(choice => (choice.Item1, Random.Constant(choice.Item2))));

    static bool Small(int[] shape) => shape.Aggregate(1, (count, size) => count * size) <= MostElements;
}
