#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// New names, character by character: a network learns to guess the next character of a name from those before, and
// then its guesses are taken for the truth. --model mlp sees three characters at once, as vectors side by side;
// --model transformer sees all of them and attends to what it needs. The figure is the loss per character in nats:
// e to its power is the number of characters that the network hesitates between.

using System.CommandLine;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

const int Context = 3, BatchSize = 64, Nothing = -100;

var data = new Option<FileInfo?>("--data") { Description = "A text file with one name per line; by default a built-in list." };
var kind = new Option<string>("--model") { Description = "mlp or transformer.", DefaultValueFactory = _ => "mlp" };
kind.AcceptOnlyFromAmong("mlp", "transformer");

return Example.Run(args, "Names, written character by character by a network.", epochs: 10, [data, kind], example =>
{
    var names = Read(example.Value(data));
    var alphabet = "." + string.Concat(string.Concat(names).Distinct().Order());      // the dot ends a name, and fills up
    string[] Part(Func<int, bool> holds) => [.. names.Where((_, i) => holds(i % 10))];
    var (training, validation) = (Part(digit => digit < 8), Part(digit => digit == 8));
    example.Say($"{training.Length} names to learn from, {validation.Length} to be tested on, {alphabet.Length} characters.");

    var isTransformer = example.Value(kind) == "transformer";
    var longest = names.Max(name => name.Length) + 1;
    var model = isTransformer ? Transformer(alphabet.Length, longest) : Perceptron(alphabet.Length);
    var rows = Rows(training);
    var optimizer = new Adam(model.Parameters(), learningRate: 1e-3);
    example.Say($"{model}");

    // About 500 batches an epoch, fewer where there is little to learn from.
    var (rng, steps) = (new Rng(example.Seed), Math.Min(500, 2 * rows.Length / BatchSize + 1));
    (int[] Seen, int[] Next)[] Batch(Rng from) => [.. Enumerable.Range(0, BatchSize).Select(_ => rows[from.Next(rows.Length)])];
    var looks = new Rng(example.Seed);
    example.Watch(model, optimizer, () =>
    {
        var batch = Batch(looks);
        return () => Loss(batch).Loss;
    });
    example.Train(["loss", "validation loss"], epoch =>
    {
        if (isTransformer) optimizer.LearningRate = 3e-3 * (1 - (epoch.Epoch - 1.0) / example.Epochs);
        for (var step = 0; step < steps; step++)
        {
            var (loss, _) = Loss(Batch(rng));
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            epoch.Step(loss.Item(), steps);
        }
        return [epoch.MeanLoss, Measure(validation)];
    });

    example.Say("New names: " + string.Join(", ", Enumerable.Range(0, 20).Select(_ => Invent())) + ".");
    // The names that it finds hardest to believe, and what it would have written next where it was most astonished.
    example.Judge(() => validation.Select(Judged));
    example.Finish(("val_nll", Measure(validation)), ("train_nll", Measure(training)));

    // Each row is what the network sees, and the character that follows each place; the mlp has one place per row.
    (int[] Seen, int[] Next)[] Rows(string[] from) => [.. from.SelectMany<string, (int[], int[])>(name =>
    {
        int[] ids = [.. name.Select(c => alphabet.IndexOf(c)), 0];
        if (!isTransformer)
            return Enumerable.Range(0, ids.Length).Select(i => (Window(ids[..i], Context), new[] { ids[i] }));
        int[] seen = [0, .. ids[..^1], .. new int[longest - ids.Length]];
        return [(seen, [.. ids, .. Enumerable.Repeat(Nothing, longest - ids.Length)])];
    })];

    (Tensor Loss, int Count) Loss((int[] Seen, int[] Next)[] batch)
    {
        int[] next = [.. batch.SelectMany(row => row.Next)];
        var logits = model.Forward(Ids([.. batch.Select(row => row.Seen)])).Reshape(-1, alphabet.Length);
        return (Losses.CrossEntropy(logits, next, ignoreIndex: Nothing), next.Count(id => id != Nothing));
    }

    double Measure(string[] from)
    {
        using var off = Gradients.Off();
        model.Eval();
        var (sum, count) = (0.0, 0);
        foreach (var batch in Rows(from).Chunk(1024))
        {
            var (loss, characters) = Loss(batch);
            (sum, count) = (sum + loss.Item() * characters, count + characters);
        }
        model.Train();
        return sum / count;
    }

    JudgedPrediction Judged(string name)
    {
        using var off = Gradients.Off();
        model.Eval();
        var parts = Rows([name]);
        var (seen, next) = (Ids([.. parts.Select(row => row.Seen)]), parts.SelectMany(row => row.Next).Where(id => id != Nothing).ToArray());
        var logits = model.Forward(seen).Reshape(-1, alphabet.Length)[..next.Length];
        var (losses, guesses) = (Losses.CrossEntropy(logits, next, reduction: Reduction.None).ToDoubles(), logits.ArgMax(axis: 1));
        var worst = Array.IndexOf(losses, losses.Max());
        return new JudgedPrediction(losses.Average(), $"{name[..worst]}[{alphabet[next[worst]]}]", $"{name[..worst]}[{alphabet[guesses[worst]]}]", name);
    }

    string Invent()
    {
        using var off = Gradients.Off();
        model.Eval();
        var ids = new List<int>();
        while (ids.Count + 1 < longest)
        {
            int[] seen = isTransformer ? [0, .. ids] : Window([.. ids], Context);
            var logits = model.Forward(Ids([seen])).Reshape(-1, alphabet.Length);
            var next = Draw(logits[^1].Softmax().ToDoubles());
            if (next == 0) break;
            ids.Add(next);
        }
        model.Train();
        return string.Concat(ids.Select(id => alphabet[id]));
    }

    int Draw(double[] probabilities)
    {
        var left = rng.NextDouble();
        return Math.Max(0, Array.FindIndex(probabilities, probability => (left -= probability) < 0));
    }
});

static Module Perceptron(int characters) => new Sequential(
    new Embedding(characters, 10), new Flatten(), new Linear(Context * 10, 200), new Tanh(), new Linear(200, characters));

static Module Transformer(int characters, int longest) => new Sequential(
    new Embedding(characters, 64), new LearnedPositions(longest, 64, batchFirst: true),
    Block(), Block(), new LayerNorm(64), new Linear(64, characters));

static Module Block() => new TransformerEncoderLayer(
    64, heads: 4, feedForward: 256, dropout: 0.1, new Gelu(), batchFirst: true, normFirst: true, causal: true);

// Ids as whole numbers in a tensor, which is what an Embedding at the beginning of a Sequential takes.
static Tensor Ids(int[][] rows) =>
    Tensor.From([rows.Length, rows[0].Length], [.. rows.SelectMany(row => row).Select(id => (float)id)]);

static int[] Window(int[] ids, int size) =>
    [.. Enumerable.Range(ids.Length - size, size).Select(i => i < 0 ? 0 : ids[i])];

static string[] Read(FileInfo? file)
{
    if (file is null) return [.. GivenNames.All];
    string[] names = [.. File.ReadLines(file.FullName).Select(line => line.Trim().ToLowerInvariant()).Where(line => line != "")];
    if (names.Length < 20)
        throw new InvalidOptionException($"{file.FullName} has {names.Length} names; at least 20 are needed.");
    if (Array.Find(names, name => name.Length > 40 || name.Contains('.')) is { } wrong)
        throw new InvalidOptionException($"{file.FullName}: \"{wrong}\" is no name: at most 40 characters, no dots.");
    return names;
}
