#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// Tomorrow's price from those of the past days. Four networks learn from the same days with four losses, and have to
// show on later, unseen days whether they are any better than saying "tomorrow = today", which is hard to beat. By default
// the series is simulated, with trends, a pull to a mean, and fat tails; with --csv it is a column of a file.

using System.CommandLine;
using System.Globalization;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

const int Past = 20;                // how many days the network sees
const double Low = 0.1, High = 0.9; // the quantiles of the fourth

var csv = new Option<FileInfo?>("--csv") { Description = "A file of prices, a row per day, oldest first." };
var column = new Option<string?>("--column") { Description = "The column with the prices; by default the last." };
var days = new Option<int>("--days") { Description = "The days to simulate.", DefaultValueFactory = _ => 6000 };

return Example.Run(args, "Tomorrow's price, by four losses, beside \"tomorrow = today\".", epochs: 60, [csv, column, days], example =>
{
    var prices = example.Value(csv) is { } file ? Read(file.FullName, example.Value(column)) : Simulate(example.Value(days));
    var count = prices.Length - Past - 1;
    if (count < 200) throw new InvalidOptionException($"{prices.Length} days are too few: {Past + 201} or more are needed.");

    // Day i: what was known in its evening, and how much the logarithm of the price changed until the next.
    var (known, change) = (new double[count * (Past + 1)], new double[count]);
    for (var i = 0; i < count; i++)
    {
        var today = i + Past;
        for (var back = 0; back < Past; back++)
            known[i * (Past + 1) + back] = Math.Log(prices[today - back] / prices[today - back - 1]);
        known[i * (Past + 1) + Past] = Math.Log(prices[today] / prices[i..(today + 1)].Average());
        change[i] = Math.Log(prices[today + 1] / prices[today]);
    }
    // Never shuffle days between the parts: the test is on the latest, of which nothing was known before.
    var (learnTo, checkTo) = (count * 6 / 10, count * 8 / 10);
    var (x, y) = (Tensor.From([count, Past + 1], known).To(DType.Float32), Tensor.From([count, 1], change).To(DType.Float32));
    var (inputs, outputs) = (Standardizer.Fit(x[..learnTo]), Standardizer.Fit(y[..learnTo]));
    var (seen, wanted) = (inputs.Transform(x), outputs.Transform(y));
    example.Say($"{prices.Length} days: {learnTo} to learn from, then {checkTo - learnTo} to tell when to stop, "
        + $"the last {count - checkTo} to be tested on.");

    var squared = Learn("squared", 1, (p, t) => Losses.MeanSquaredError(p, t));
    var absolute = Learn("absolute", 1, (p, t) => Losses.MeanAbsoluteError(p, t));
    var huber = Learn("Huber", 1, (p, t) => Losses.Huber(p, t));
    var range = Learn("quantile", 2, (p, t) => Quantile(p[.., ..1], t, Low) + Quantile(p[.., 1..], t, High));

    var naive = Errors(new double[count - checkTo]);
    example.Say($"\"Tomorrow = today\" is off by {Text(naive.Average())} a day on average; on the same {naive.Length} days:");
    // Is the mean of the daily gains more than chance would give? Three networks are tried, which Holm's correction knows.
    var verdicts = Compare.Holm(new[] { ("squared", squared), ("absolute", absolute), ("Huber", huber) }
        .Select(network => Compare.Losses(naive, Errors(network.Item2), "\"tomorrow = today\"", network.Item1)));
    foreach (var verdict in verdicts) example.Say($"  {verdict}.");
    string[] winners = [.. verdicts.Where(verdict => verdict.Better == verdict.B).Select(verdict => verdict.B)];
    example.Say(winners.Length > 0
        ? $"Beyond chance, networks beat \"tomorrow = today\" on these days ({string.Join(", ", winners)}), by as little as it says above."
        : "No network beats \"tomorrow = today\" beyond chance: on these days, nothing useful was learned from the past.");
    var coverage = change[checkTo..].Index().Average(day => range[2 * day.Index] <= day.Item && day.Item <= range[2 * day.Index + 1] ? 1 : 0);
    example.Say($"The range from the {Share(Low)} to the {Share(High)} quantile holds {Share(coverage)} of the days; "
        + $"{Share(High - Low)} were asked for.");
    example.Finish(("naive_mae", naive.Average()), ("squared_mae", Errors(squared).Average()),
        ("absolute_mae", Errors(absolute).Average()), ("huber_mae", Errors(huber).Average()), ("quantile_coverage", coverage));

    // Trains a network; returns what it says about the last days, as changes of the logarithm.
    double[] Learn(string name, int answers, Func<Tensor, Tensor, Tensor> loss)
    {
        var model = new Sequential(new Linear(Past + 1, 16), new Tanh(), new Dropout(0.2), new Linear(16, answers));
        var optimizer = new AdamW(model.Parameters(), learningRate: 1e-3, weightDecay: 0.1);
        var trainer = new Trainer<Tensor>(model, optimizer, loss)
        {
            Watch = example.Record(model, optimizer),
            EarlyStopping = new EarlyStopping(patience: 8),
        };
        var batches = Batches.Of(seen[..learnTo], wanted[..learnTo], size: 64);
        var validation = Batches.Of(seen[learnTo..checkTo], wanted[learnTo..checkTo], size: 1024, shuffle: false);
        var history = trainer.Fit(batches, validation, example.Epochs, cancellation: example.Stop);
        example.Report($"{name} loss", history);
        example.Say($"{name}: {history.Count} epochs. {history.Verdict.Text}");
        var answer = model.Predict(seen[checkTo..]);
        return (answer * outputs.Deviation + outputs.Mean).ToDoubles();
    }

    // How far the price expected for each of the last days was off.
    double[] Errors(double[] changes) => [.. changes.Select((expected, i) =>
        Math.Abs(prices[checkTo + i + Past + 1] - prices[checkTo + i + Past] * Math.Exp(expected)))];
});

// A custom loss is a formula: too low costs q, too high 1 - q, per unit; the best answer is the q-quantile.
static Tensor Quantile(Tensor prediction, Tensor target, double q)
{
    var error = target - prediction;
    return Tensor.Max(q * error, (q - 1) * error).Mean();
}

// Trends that last for weeks, a pull towards the mean, restless and calm times, and now and then a shock.
static double[] Simulate(int days)
{
    if (days < 1) throw new InvalidOptionException($"--days must be positive, not {days}.");
    var rng = Rng.Default;
    var prices = new double[days];
    double level = 0, trend = 0, unrest = 0;
    for (var day = 0; day < days; day++)
    {
        prices[day] = 100 * Math.Exp(level);
        trend = 0.9 * trend + rng.Normal(0, 0.0015);
        unrest = 0.95 * unrest + rng.Normal(0, 0.15);
        // Student's t with 4 degrees of freedom, scaled to deviation 1: a normal number over a random size.
        var size = Math.Sqrt(Enumerable.Range(0, 4).Sum(_ => Math.Pow(rng.Normal(), 2)) / 4);
        level += trend - 0.01 * level + 0.01 * Math.Exp(unrest - 0.2) * rng.Normal() / size / Math.Sqrt(2);
    }
    return prices;
}

static double[] Read(string path, string? column)
{
    var table = CsvTable.Read(path);
    column ??= table.Columns[^1];
    if (!table.Columns.Contains(column))
        throw new InvalidOptionException($"{path} has no column {column}; it has {string.Join(", ", table.Columns)}.");
    double[] prices = [.. table.Numbers(column).Where(price => !double.IsNaN(price))];
    if (prices.Any(price => price <= 0))
        throw new InvalidOptionException($"column {column} of {path} has prices that are not positive.");
    return prices;
}

static string Text(double figure) => figure.ToString("0.000", CultureInfo.InvariantCulture);

static string Share(double figure) => figure.ToString("0.0 %", CultureInfo.InvariantCulture);
