#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// Dates as people write them ("the 3rd of May '87", "Sunday, 3 May 1987", "5/3/87") into one form: 1987-05-03. An
// encoder reads the characters from both ends; a decoder writes the date, character by character, and at each one
// attends to the part of the input that it needs. Nobody tells it where the month stands, or that May is 05.

using System.CommandLine;
using System.Globalization;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

const int BatchSize = 64, Steps = 100;

var text = new Option<string?>("--date") { Description = "A date of your own to translate at the end." };

const string Story = "Dates in many forms translated into ISO form, by an encoder and a decoder with attention.";
return Example.Run(args, Story, epochs: 7, [text], example =>
{
    var own = example.Value(text)?.ToLowerInvariant();
    if (own?.Trim().Length == 0) throw new InvalidOptionException("--date is empty.");
    var rng = new Rng(example.Seed);
    // Days that are tested on never occur in training, in no form.
    var test = Enumerable.Range(0, 2_000).Select(_ => Dates.Random(rng, unseen: true)).ToArray();
    var model = new Translator();
    var optimizer = new Adam(model.Parameters(), learningRate: 3e-3);
    example.Say($"Such as: {string.Join("   ", test.Take(6).Select(date => $"\"{date.Written}\""))}\n{model}");

    Tensor Loss((string Written, string Iso)[] batch)
    {
        string[] targets = [.. batch.Select(date => date.Iso)];
        var (logits, _) = model.Forward(([.. batch.Select(date => date.Written)], targets));
        return Losses.CrossEntropy(logits.Reshape(-1, Dates.Output.Length), Translator.Labels(targets));
    }

    (string Written, string Iso)[] Batch(Rng from) =>
        [.. Enumerable.Range(0, BatchSize).Select(_ => Dates.Random(from, unseen: false))];

    var looks = new Rng(example.Seed);
    example.Watch(model, optimizer, () =>
    {
        var batch = Batch(looks);
        return () => Loss(batch);
    });
    example.Train(["loss", "exact match"], epoch =>
    {
        for (var step = 0; step < Steps; step++)
        {
            optimizer.LearningRate = 3e-3 * (1 - (epoch.Epoch - 1 + (double)step / Steps) / example.Epochs);
            var loss = Loss(Batch(rng));
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            epoch.Step(loss.Item(), Steps);
        }
        return [epoch.MeanLoss, ExactMatch(test[..500])];
    });

    double ExactMatch((string Written, string Iso)[] dates) => dates.Chunk(500)
        .Sum(chunk => model.Translate([.. chunk.Select(date => date.Written)]).Zip(chunk).Count(pair => pair.First == pair.Second.Iso))
        / (double)dates.Length;

    var match = ExactMatch(test);
    foreach (var (written, iso) in test.Take(6))
    {
        var said = model.Translate([written])[0];
        example.Say($"{written,32} -> {said}{(said == iso ? "" : $" (wrong: {iso})")}");
    }
    var shown = own ?? test[5].Written;
    var date = model.Translate([shown])[0];
    example.Say($"\n\"{shown}\" is {date}. Where it looked (columns) when it wrote each character (rows):");
    Draw.HeatMap(model.Attention(shown), rows: date, columns: shown);
    example.Judge(() => test[..500].Select(one =>
    {
        using var off = Gradients.Off();
        return new JudgedPrediction(Loss([one]).Item(), one.Iso, model.Translate([one.Written])[0], one.Written);
    }));
    example.Finish(("exact_match", match));
});

/// <summary>
/// Encoder: a GRU over the characters in both directions. Decoder: a GRU over what has been written so far, whose
/// state asks the encoder's outputs by attention; state and answer together give the next character.
/// </summary>
sealed class Translator : Module<(string[] Texts, string[] Targets), (Tensor Logits, Tensor Weights)>
{
    const int Width = 64;
    readonly Embedding _read = new(Dates.Input.Length, 32), _written = new(Dates.Output.Length, 32);
    readonly Gru _encoder = new(32, Width / 2, batchFirst: true, bidirectional: true);
    readonly Gru _decoder = new(32, Width, batchFirst: true);
    readonly MultiheadAttention _attention = new(Width, heads: 1, batchFirst: true);
    readonly Linear _output = new(2 * Width, Dates.Output.Length);

    /// <summary>Scores of each next character [n, places, characters], given those before; and what was looked at.</summary>
    protected override (Tensor Logits, Tensor Weights) Compute((string[] Texts, string[] Targets) input)
    {
        var (texts, targets) = input;
        var longest = texts.Max(text => text.Length);
        string[] padded = [.. texts.Select(text => text.PadRight(longest, Dates.Input[0]))];
        int[] ids = [.. padded.SelectMany(text => text.Select(c => Math.Max(0, Dates.Input.IndexOf(c))))];
        var padding = Tensor.From([texts.Length, longest], [.. ids.Select(id => id == 0 ? 1f : 0)]);
        var before = Labels([.. targets.Select(target => ("^" + target)[..^1])]);

        var (memory, last) = _encoder.Run(_read.Forward(ids, [texts.Length, longest]));
        var start = Tensor.Concat([last[0], last[1]], axis: 1).Unsqueeze(0);
        var (states, _) = _decoder.Run(_written.Forward(before, [texts.Length, before.Length / texts.Length]), start);
        var (answers, weights) = _attention.Attend(states, memory, memory, paddingMask: padding);
        return (_output.Forward(Tensor.Concat([states, answers], axis: 2)), weights);
    }

    /// <summary>Writes dates character by character, each time the one it finds most likely.</summary>
    public string[] Translate(string[] texts)
    {
        var written = texts.Select(_ => "").ToArray();
        for (var place = 0; place < Dates.Length; place++)
        {
            var (logits, _) = Predict((texts, [.. written.Select(target => target + " ")]));
            var next = logits[.., ^1].ArgMax(axis: 1);
            for (var i = 0; i < texts.Length; i++) written[i] += Dates.Output[next[i]];
        }
        return written;
    }

    /// <summary>What it looked at while writing a date, [places, characters].</summary>
    public Tensor Attention(string text) => Predict(([text], Translate([text]))).Weights[0];

    /// <summary>The ids of the characters of dates.</summary>
    public static int[] Labels(string[] targets) =>
        [.. targets.SelectMany(target => target.Select(c => Dates.Output.IndexOf(c)))];
}

/// <summary>Random days from 1950 to 2049, written in many ways.</summary>
static class Dates
{
    /// <summary>The characters that are read; the first fills up.</summary>
    public const string Input = "\0 abcdefghijklmnopqrstuvwxyz0123456789,./-'";

    /// <summary>The characters that are written; the first stands for the beginning.</summary>
    public const string Output = "^0123456789-";

    /// <summary>The length of a date in ISO form.</summary>
    public const int Length = 10;

    static readonly string[] s_forms =
    [
        "d MMMM yyyy", "d MMM yyyy", "dd MMM yy", "MMMM d, yyyy", "MMM d, yyyy", "MMM d, ''yy", "dddd, d MMMM yyyy",
        "dddd, MMMM d, yyyy", "ddd d MMM yyyy", "d.M.yyyy", "dd.MM.yyyy", "d.M.yy", "M/d/yyyy", "MM/dd/yyyy", "M/d/yy",
        "yyyy/MM/dd", "yyyyMMdd", "d-MMM-yyyy", "'the' o 'of' MMMM yyyy", "'the' o 'of' MMMM ''yy", "MMMM o, yyyy",
        "o MMM yyyy", "MMMM 'the' o, yyyy", "yyyy, MMMM d",
    ];

    /// <summary>A day and one of its written forms. One day in ten is kept for testing.</summary>
    public static (string Written, string Iso) Random(Rng rng, bool unseen)
    {
        int day;
        do day = rng.Next(36524);
        while (day % 10 == 0 != unseen);
        var date = new DateOnly(1950, 1, 1).AddDays(day);
        // An o stands for 1st, 2nd and so on, which .NET's forms do not have.
        var form = s_forms[rng.Next(s_forms.Length)].Replace("o ", $"'{Ordinal(date.Day)}' ", StringComparison.Ordinal)
            .Replace("o,", $"'{Ordinal(date.Day)}',", StringComparison.Ordinal);
        return (date.ToString(form, CultureInfo.InvariantCulture).ToLowerInvariant(),
            date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    static string Ordinal(int day) =>
        day + (day is 11 or 12 or 13 ? "th" : (day % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });
}
