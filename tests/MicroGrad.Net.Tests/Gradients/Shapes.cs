using FsCheck;
using FsCheck.Fluent;
using Random = FsCheck.Fluent.Gen;

namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// Random shapes for the inputs of a row, small enough to differentiate numerically in every element: sizes 0, 1, 2,
/// 3 and 5, so empty and one-element axes among them. A string names sizes by letters, equal letters being equal
/// sizes, one word per input: "ij,jk". A small letter may be any size, a capital is not 0, a capital with + is at
/// least 2; a digit is itself.
/// </summary>
sealed record Shapes(Gen<int[][]> Gen)
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

    public static implicit operator Shapes(string letters) => new(Named(letters));

    /// <summary>One input of at least a rank, at most 4, with no axis smaller than <paramref name="smallest"/>.</summary>
    public static Shapes Ranked(int least, int smallest = 0) => new(
        OfRank(least, smallest).Where(Small).Select(shape => new[] { shape }));

    /// <summary>Further inputs of known shapes, after these.</summary>
    public Shapes With(int[][] more) => new(Gen.Select(shapes => shapes.Concat(more).ToArray()));

    static Gen<int[]> OfRank(int least, int smallest) =>
        from rank in Random.Choose(least, 4)
        from shape in Size(smallest).ArrayOf(rank)
        select shape;

    static Shapes Broadcasting(int inputs) => new(
        from full in OfRank(0, 0).Where(Small)
        from shapes in Part(full).ArrayOf(inputs)
        select shapes);

    // Zero (with itself or 1) broadcasts as any size does.
    static Gen<int[]> Part(int[] full) =>
        from drop in Random.Frequency((3, Random.Constant(0)), (2, Random.Choose(0, full.Length)))
        from ones in Random.Choose(0, 2).ArrayOf(full.Length)
        select full.Select((size, axis) => ones[axis] == 0 ? 1 : size).Skip(drop).ToArray();

    static Gen<int[][]> Named(string letters)
    {
        var names = letters.Where(char.IsAsciiLetter).Distinct().ToArray();
        return
            (from sizes in Random.CollectToArray(names, name => Size(Smallest(letters, name)))
             select letters.Split(',').Select(word => word.Where(name => name != '+').Select(name =>
                 char.IsAsciiDigit(name) ? name - '0' : sizes[Array.IndexOf(names, name)]).ToArray()).ToArray())
            .Where(shapes => shapes.All(Small));
    }

    static int Smallest(string letters, char name) =>
        letters.Contains($"{name}+", StringComparison.Ordinal) ? 2 : char.IsAsciiLetterUpper(name) ? 1 : 0;

    static Gen<int> Size(int smallest) => Random.Frequency(
        new[] { (1, 0), (3, 1), (4, 2), (3, 3), (2, 5) }.Where(choice => choice.Item2 >= smallest)
            .Select(choice => (choice.Item1, Random.Constant(choice.Item2))));

    static bool Small(int[] shape) => shape.Aggregate(1, (count, size) => count * size) <= MostElements;
}
