using System.Globalization;

namespace MicroGrad.Net.Tests;

public class HistoryTests : TemporaryFiles
{
    static History Sample(int epochs)
    {
        var history = new History("loss", "validation loss", "learning rate", "seconds");
        for (var i = 0; i < epochs; i++) history.Add(2.0 / (i + 1), 3.0 / (i + 1), 1e-3, 0.5);
        return history;
    }

    [Fact]
    public void A_table_names_its_columns_and_ends_with_the_verdict()
    {
        var lines = Sample(3).ToString().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal("epoch    loss  validation loss  learning rate  seconds", lines[0]);
        Assert.Equal("1  2.0000           3.0000          0.001     0.50", lines[1]);
        Assert.Equal(5, lines.Length);
        Assert.Equal("Fewer than 6 epochs: too early to tell.", lines[^1]);
    }

    [Fact]
    public void A_long_table_shows_its_start_and_its_end()
    {
        var lines = Sample(100).ToString().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal(1 + 5 + 1 + 20 + 1, lines.Length);
        Assert.StartsWith("…", lines[6], StringComparison.Ordinal);
        Assert.StartsWith("81 ", lines[7], StringComparison.Ordinal);
        Assert.StartsWith("100 ", lines[26], StringComparison.Ordinal);
        Assert.Equal(1 + 26 + 1, Sample(26).ToString().Split('\n').Length);
    }

    [Fact]
    public void Csv_has_a_header_and_every_digit_in_any_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            // The tests run with invariant globalization: a decimal comma is made by hand.
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            var path = Write("history.csv", "");
            var history = new History("loss", "a, \"b\"") { FirstEpoch = 4 };
            history.Add(1.0 / 3, double.NaN);
            history.Add(0.1, -2e-30);
            history.SaveCsv(path);
            Assert.Equal("epoch,loss,\"a, \"\"b\"\"\"\n4,0.3333333333333333,NaN\n5,0.1,-2E-30\n", File.ReadAllText(path));
            Assert.Equal([0.1, 1.0 / 3], CsvTable.Read(path).Numbers("loss").Order());
            Assert.DoesNotContain(',', Sample(40).ToString().Replace(", ", "", StringComparison.Ordinal));
            Assert.DoesNotContain(',', Sample(40).Chart());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Figures_are_found_by_name_and_the_best_with_its_epoch()
    {
        var history = new History("loss", "validation loss") { FirstEpoch = 5 };
        history.Add(3, double.NaN);
        history.Add(2, 4);
        history.Add(1, 6);
        history.Add(2, 4);
        Assert.Equal((6, 4.0), (history.Best("validation loss").Epoch, history.Best("validation loss")["validation loss"]));
        Assert.Equal((7, 1.0), (history.Best("validation loss", highest: true).Epoch, history.Best("loss")["loss"]));
        Assert.Equal(8, history.Last.Epoch);
        Assert.Equal("History: there is no figure 'val_loss'. Did you mean 'validation loss'?",
            Assert.Throws<KeyNotFoundException>(() => history.Last["val_loss"]).Message);
        Assert.Equal("History: there is no figure 'accuracy'. There are loss, validation loss.",
            Assert.Throws<ArgumentException>(() => history.Best("accuracy")).Message);
        var none = new History("a");
        Assert.Throws<InvalidOperationException>(() => none.Best("a"));
        none.Add(double.NaN);
        Assert.Contains("NaN in every epoch", Assert.Throws<InvalidOperationException>(() => none.Best("a")).Message);
    }

    [Fact]
    public void Without_an_epoch_there_is_no_last_and_a_verdict_that_says_so()
    {
        var none = new History("loss", "validation loss");
        Assert.Equal("History.Last: no epoch was completed.",
            Assert.Throws<InvalidOperationException>(() => none.Last).Message);
        Assert.Contains("too early", none.Verdict.Text);
        Assert.Equal("epoch  loss  validation loss", none.ToString());
    }

    [Fact]
    public void A_chart_runs_from_the_highest_to_the_lowest_figure()
    {
        var history = new History("loss", "validation loss");
        for (var i = 0; i <= 10; i++) history.Add(10 - i, 10);
        var lines = history.Chart("loss", width: 11, height: 11).ReplaceLineEndings("\n").Split('\n');
        Assert.Equal("loss  • training  ○ validation  ◉ both", lines[0]);
        Assert.Equal("10 ┤◉○○○○○○○○○○", lines[1]);
        for (var i = 1; i <= 10; i++) Assert.Equal(new string(' ', i) + "•", lines[1 + i][4..]);
        Assert.Equal(" 0 ┤          •", lines[11]);
        Assert.Equal("   └───────────", lines[12]);
        Assert.Equal("    1  epoch 11", lines[13]);
    }

    [Fact]
    public void A_chart_is_logarithmic_over_a_wide_range_and_bears_what_cannot_be_drawn()
    {
        var history = new History("loss");
        for (var i = 0; i < 5; i++) history.Add(Math.Pow(10, -i));
        var lines = history.Chart("loss", 41, 5).ReplaceLineEndings("\n").Split('\n');
        Assert.Contains("(logarithmic)", lines[0]);
        Assert.Equal('•', lines[1][8]);
        Assert.EndsWith("•", lines[5], StringComparison.Ordinal);
        history.Add(double.NaN);
        Assert.Contains("•", history.Chart());
        Assert.Equal("loss: nothing to draw.", new History("loss").Chart());
        var flat = new History("loss");
        flat.Add(1);
        Assert.Contains(new string('•', 72), flat.Chart());
        Assert.Contains("no figure 'accuracy'. There are loss", Assert.Throws<ArgumentException>(() => flat.Chart("accuracy")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => flat.Chart(width: 1));
        Assert.Throws<ArgumentException>(() => new History());
        Assert.Throws<ArgumentException>(() => new History("a", "a"));
        Assert.Throws<ArgumentException>(() => flat.Add(1, 2));
    }
}
