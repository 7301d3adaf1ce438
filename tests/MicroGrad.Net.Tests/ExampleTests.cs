using System.Globalization;
using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests;

/// <summary>The mistakes that someone makes who tries the scripts; the gate runs them as they are meant to be.</summary>
public partial class ExampleTests
{
    static (int ExitCode, string Output, string Errors) Run(string script, params ReadOnlySpan<string> arguments) =>
        ScriptSet.Examples.Run(script, Repository.Root, arguments);

    [Theory]
    [InlineData("digits", "--data no-such-folder", "no-such-folder")]
    [InlineData("digits", "--data .", "train-images-idx3-ubyte")]
    [InlineData("mnist", "--data no-such-folder", "no-such-folder")]
    [InlineData("regression", "--csv no-such-file.csv", "no-such-file.csv")]
    [InlineData("regression", "--csv global.json", "global.json")]
    [InlineData("names", "--data no-such-file.txt", "no-such-file.txt")]
    [InlineData("names", "--data global.json", "at least 20 are needed")]
    [InlineData("names", "--model gpt", "gpt")]
    [InlineData("prices", "--csv no-such-file.csv", "no-such-file.csv")]
    [InlineData("imbalance", "--csv no-such-file.csv", "no-such-file.csv")]
    [InlineData("imbalance", "--csv README.md", "README.md")]
    [InlineData("imbalance", "--rows 10", "at least 1000, not 10")]
    [InlineData("imbalance", "--price 0", "positive number, not 0")]
    [InlineData("autoencoder", "--bottleneck 0", "from 1 to 784, not 0")]
    [InlineData("translate", "--epochs 0", "at least 1, not 0")]
    [InlineData("detect", "--images 5", "at least 100, not 5")]
    [InlineData("moons", "--epochs 0", "at least 1, not 0")]
    [InlineData("moons", "--epoch 3", "--epoch")]
    [InlineData("moons", "--report no-such-folder/report.html", "--report .*no-such-folder.report.html cannot be written")]
    [InlineData("autoencoder", "--report .", "--report .* cannot be written")]
    public void A_wrong_option_or_file_ends_with_one_clear_line_and_exit_code_2(string script, string arguments, string says)
    {
        var (exitCode, output, errors) = Run(script, arguments.Split(' '));
        Assert.Equal(2, exitCode);
        var line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.Matches(says, line);
        // Before any training.
        Assert.DoesNotContain("epoch 1", output, StringComparison.Ordinal);
        Assert.DoesNotContain("result:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("moons", "--epochs 3", "tanh after 2.weight", "among 1,000 rows of test data")]         // a loop of its own
    [InlineData("autoencoder", "--epochs 1 --bottleneck 4", "dead units", "among 1,000 rows of validation data")]   // a Trainer
    public void A_report_is_written_and_changes_no_figure(string script, string arguments, params string[] says)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".html");
        string Figures(params string[] more)
        {
            var (exitCode, output, errors) = Run(script, [.. arguments.Split(' '), .. more]);
            Assert.True(exitCode == 0, errors);
            if (more.Length > 0) Assert.Contains($"Report: {path}", output, StringComparison.Ordinal);
            var line = output.TrimEnd().Split('\n')[^1];
            return line[..line.IndexOf("seconds", StringComparison.Ordinal)];
        }
        Assert.Equal(Figures(), Figures("--report", path));
        var page = File.ReadAllText(path);
        File.Delete(path);
        Assert.All(says, part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.Contains("What each layer did to the loss", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_line_is_for_programs_and_the_same_seed_gives_the_same_figures()
    {
        string Result()
        {
            var (exitCode, output, errors) = Run("moons", "--seed", "3", "--epochs", "5");
            Assert.True(exitCode == 0, errors);
            var line = output.TrimEnd().Split('\n')[^1];
            Assert.Matches(ResultLine(), line);
            return line[..line.IndexOf("seconds", StringComparison.Ordinal)];
        }
        Assert.Equal(Result(), Result());
    }

    [Fact]
    public void Weighting_finds_what_a_plain_loss_misses() => ARareClassIsFound(plain: (0.3, 0.7), weighted: (0.85, 1));

    [Fact]
    public void Weighting_finds_the_rare_class_of_a_real_table_as_PyTorch_does() => ARareClassIsFound((0.3, 0.5), (0.85, 0.95),
        "--csv", Path.Combine(Shared.Require("data"), "tabular", "mammography.csv.gz"));

    static void ARareClassIsFound((double Low, double High) plain, (double Low, double High) weighted, params string[] arguments)
    {
        var (exitCode, output, errors) = Run("imbalance", ["--seed", "1", .. arguments]);
        Assert.True(exitCode == 0, errors);
        var figures = output.TrimEnd().Split('\n')[^1]["result: ".Length..].Split(' ').Select(figure => figure.Split('='))
            .ToDictionary(figure => figure[0], figure => double.Parse(figure[1], CultureInfo.InvariantCulture));
        Assert.InRange(figures["plain_recall"], plain.Low, plain.High);
        Assert.InRange(figures["weighted_recall"], weighted.Low, weighted.High);
        // What it costs: the probabilities; and what moving the threshold finds without that.
        Assert.True(figures["weighted_ece"] > 3 * figures["plain_ece"]);
        Assert.True(figures["tuned_recall"] > figures["plain_recall"] + 0.3);
    }

    [Fact]
    public void Help_names_the_common_options_and_those_of_the_script()
    {
        // As a newcomer runs it; the others are compiled together.
        var (exitCode, output, _) = Repository.RunScript("examples/regression.cs", "--help");
        Assert.Equal(0, exitCode);
        Assert.All("--seed --epochs --report --csv --target".Split(' '), option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^result: accuracy=\d\.\d{4} loss=\d+\.\d{4} seconds=\d+\.\d$")]
    private static partial Regex ResultLine();
}
