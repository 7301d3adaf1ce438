using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests;

/// <summary>The mistakes that someone makes who tries the scripts; the gate runs them as they are meant to be.</summary>
[Collection(nameof(Scripts))]
public partial class ExampleTests
{
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
    [InlineData("autoencoder", "--bottleneck 0", "from 1 to 784, not 0")]
    [InlineData("translate", "--epochs 0", "at least 1, not 0")]
    [InlineData("detect", "--images 5", "at least 100, not 5")]
    [InlineData("moons", "--epochs 0", "at least 1, not 0")]
    [InlineData("moons", "--epoch 3", "--epoch")]
    public void A_wrong_option_or_file_ends_with_one_clear_line_and_exit_code_2(string script, string arguments, string says)
    {
        var (exitCode, output, errors) = Repository.RunScript($"examples/{script}.cs", arguments.Split(' '));
        Assert.Equal(2, exitCode);
        var line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.Matches(says, line);
        Assert.DoesNotContain("result:", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_line_is_for_programs_and_the_same_seed_gives_the_same_figures()
    {
        string Result()
        {
            var (exitCode, output, errors) = Repository.RunScript("examples/moons.cs", "--seed", "3", "--epochs", "5");
            Assert.True(exitCode == 0, errors);
            var line = output.TrimEnd().Split('\n')[^1];
            Assert.Matches(ResultLine(), line);
            return line[..line.IndexOf("seconds", StringComparison.Ordinal)];
        }
        Assert.Equal(Result(), Result());
    }

    [Fact]
    public void Help_names_the_common_options_and_those_of_the_script()
    {
        var (exitCode, output, _) = Repository.RunScript("examples/regression.cs", "--help");
        Assert.Equal(0, exitCode);
        Assert.All("--seed --epochs --csv --target".Split(' '), option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^result: accuracy=\d\.\d{4} loss=\d+\.\d{4} seconds=\d+\.\d$")]
    private static partial Regex ResultLine();
}
