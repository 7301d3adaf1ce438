using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests;

/// <summary>Runs the README's programs and compares what they print with what the README says they print.</summary>
[Collection(nameof(Scripts))]
public partial class ReadMeTests
{
    static readonly string s_readMe = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");

    /// <summary>The code blocks of the README, with the block of output that follows each.</summary>
    static (string Code, string Output)[] Programs() =>
        [.. Program().Matches(s_readMe).Select(match => (match.Groups["code"].Value, match.Groups["output"].Value))];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Programs().Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_program_of_the_readme_prints_what_the_readme_says(int number)
    {
        var (code, output) = Programs()[number];
        var (exitCode, printed, errors) = Run($"program{number}", code);
        Assert.True(exitCode == 0, errors + printed);
        Docs.Printed.AssertSameButForRounding(output, printed, "the README");
    }

    [Fact]
    public void The_drawing_of_the_tape_is_a_real_one()
    {
        var (code, _) = Programs().Single(program => program.Code.Contains("loss.Tape", StringComparison.Ordinal));
        var (_, printed, errors) = Run("drawing", code.Replace("loss.Tape)", "loss.Tape.ToMermaid())", StringComparison.Ordinal));
        var drawing = Drawing().Match(s_readMe).Groups["drawing"].Value;
        Assert.True(drawing.Length > 0 && printed.StartsWith(drawing, StringComparison.Ordinal), $"{drawing}\n{printed}\n{errors}");
    }

    [Fact]
    public void The_readme_has_programs() => Assert.True(Programs().Length >= 3);

    static (int, string, string) Run(string name, string code)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "readme")).FullName;
        var script = Path.Combine(folder, name + ".cs");
        File.WriteAllText(script, code.Replace("#:project src/", "#:project ../../src/", StringComparison.Ordinal));
        return Repository.RunScript(script);
    }

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```\n+```text\n(?<output>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();

    [GeneratedRegex(@"```mermaid\n(?<drawing>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Drawing();
}
