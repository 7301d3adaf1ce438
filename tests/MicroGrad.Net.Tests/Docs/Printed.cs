using System.Globalization;
using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>What the documentation shows, held against what a program prints or draws now.</summary>
static partial class Printed
{
    const double DrawnOtherwise = 0.02;     // of the characters of a drawing

    /// <summary>
    /// The same text, but for numbers up to 2 %: another processor rounds sums in another order. Where
    /// <paramref name="layout"/> is not held to the character, spaces within a line and a few characters of drawings may
    /// differ too, since those follow from such numbers.
    /// </summary>
    public static void AssertSameButForRounding(string expected, string printed, string where, bool layout)
    {
        var (said, real) = (Lines(expected), Lines(printed));
        var (drawn, otherwise) = (0, 0);
        foreach (var (a, b) in said.Zip(real))
        {
            if (!IsDrawn(a) || a.Length != b.Length) Assert.Equal(Shape(a), Shape(b));
            else (drawn, otherwise) = (drawn + a.Length, otherwise + a.Zip(b).Count(pair => pair.First != pair.Second));
        }
        Assert.Equal(said.Length, real.Length);
        Assert.True(otherwise <= DrawnOtherwise * drawn, $"{where} has {otherwise} characters of its drawings otherwise.");
        foreach (var (a, b) in said.Zip(real).Where(pair => !IsDrawn(pair.First))
            .SelectMany(pair => Decimals().Matches(pair.First).Zip(Decimals().Matches(pair.Second))))
            Assert.True(Math.Abs(Value(a) - Value(b)) <= 0.02 * Math.Abs(Value(a)) + 1e-4,
                $"{where} says {a.Value}, the program {b.Value}");

        bool IsDrawn(string line) => !layout && Drawing().IsMatch(line);

        string[] Lines(string text) => [.. text.ReplaceLineEndings("\n").Trim().Split('\n')
            .Select(line => layout ? line : line.TrimEnd())];

        // Differences near the rounding error itself vary freely: "(off by 1.3e-13)".
        string Shape(string line)
        {
            var shape = Decimals().Replace(Tiny().Replace(line, "tiny"), "#");
            return layout ? shape : Spaces().Replace(shape, " ");
        }
    }

    /// <summary>The same picture, but for the last digit of a coordinate, which may be rounded the other way.</summary>
    public static void AssertSamePicture(string saved, string drawn, string file)
    {
        Assert.Equal(Number().Replace(saved, "#"), Number().Replace(drawn, "#"));
        foreach (var (a, b) in Number().Matches(saved).Zip(Number().Matches(drawn)))
            Assert.True(Math.Abs(Value(a) - Value(b)) <= 0.11,
                $"{Path.GetFileName(file)} is out of step: {a.Value} is now {b.Value}");
    }

    static double Value(Match number) => double.Parse(number.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*\d*(\.\d+)? ?[|│┤└]")]
    private static partial Regex Drawing();

    [GeneratedRegex(@"-?\d+\.\d+(e[+-]?\d+)?")]
    private static partial Regex Decimals();

    [GeneratedRegex(@"-?\d+(\.\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"off by [^)]*")]
    private static partial Regex Tiny();

    [GeneratedRegex(@" +")]
    private static partial Regex Spaces();
}
