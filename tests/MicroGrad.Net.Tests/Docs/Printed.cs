using System.Globalization;
using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>What the documentation shows, held against what a program prints or draws now.</summary>
static partial class Printed
{
    const double DrawnOtherwise = 0.02;     // of the characters of a drawing

    /// <summary>
    /// The same text, but for numbers up to 2 % and a few characters of drawings: another processor rounds sums in
    /// another order.
    /// </summary>
    public static void AssertSameButForRounding(string expected, string printed, string where)
    {
        var (said, real) = (Lines(expected), Lines(printed));
        var (drawn, otherwise) = (0, 0);
        foreach (var (a, b) in said.Zip(real))
        {
            if (!Drawing().IsMatch(a) || a.Length != b.Length) Assert.Equal(Shape(a), Shape(b));
            else (drawn, otherwise) = (drawn + a.Length, otherwise + a.Zip(b).Count(pair => pair.First != pair.Second));
        }
        Assert.Equal(said.Length, real.Length);
        Assert.True(otherwise <= DrawnOtherwise * drawn, $"{where} has {otherwise} characters of its drawings otherwise.");
        foreach (var (a, b) in said.Zip(real).Where(pair => !Drawing().IsMatch(pair.First))
            .SelectMany(pair => Decimals().Matches(pair.First).Zip(Decimals().Matches(pair.Second))))
            Assert.True(Math.Abs(Value(a) - Value(b)) <= 0.02 * Math.Abs(Value(a)) + 1e-4,
                $"{where} says {a.Value}, the program {b.Value}");

        static string[] Lines(string text) =>
            [.. text.ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => line.TrimEnd())];

        // Differences near the rounding error itself vary freely: "(off by 1.3e-13)".
        static string Shape(string line) => Spaces().Replace(Decimals().Replace(Tiny().Replace(line, "tiny"), "#"), " ");
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
