using System.Globalization;
using System.IO.Compression;

namespace MicroGrad.Net.Tests.Oracle;

/// <summary>A whole training on real data, step by step beside PyTorch's.</summary>
public class TraceTests
{
    const string Digits = "trace_digits_mlp_adam";
    const int BatchSize = 32, Epochs = 2;

    const string DigitsByConvolution = "trace_digits_cnn_sgd";

    [Fact]
    public void A_network_learns_digits_on_PyTorchs_path()
    {
        var one = OracleFiles.Case(() => OracleFiles.Trace, Digits);
        var (training, test) = ReadDigits();
        var model = new Sequential(new Linear(64, 64), new Relu(), new Linear(64, 10));
        model.To(DType.Float64);
        foreach (var (name, parameter) in model.NamedParameters()) parameter.Assign(one.Tensor("inputs", name).Values);
        var optimizer = new Adam(model.Parameters(), one.Number("lr"));
        var losses = one.Tensor("outputs", "loss").Doubles;
        var norms = one.Tensor("outputs", "grad_norm_before_clip").Doubles;

        var step = 0;
        for (var epoch = 0; epoch < Epochs; epoch++)
            foreach (var batch in training.Chunk(BatchSize))
            {
                var loss = Losses.CrossEntropy(model.Forward(Pixels(batch)), Labels(batch));
                optimizer.ZeroGrad();
                loss.Backward();
                Proof.Same($"loss before step {step}", [losses[step]], loss.ToDoubles(), Tolerance.Trace);
                Proof.Same($"gradient norm at step {step}", [norms[step]], [GradientNorm(model)], Tolerance.Trace);
                optimizer.Step();
                step++;
            }

        Assert.Equal(losses.Length, step);
        foreach (var (name, parameter) in model.NamedParameters())
            Proof.Same($"final {name}", one.Tensor("outputs", $"final/{name}"), parameter, Tolerance.Trace);
        CheckTest(one, model, test);
    }

    [Fact]
    public void A_network_of_convolutions_learns_digits_on_PyTorchs_path()
    {
        var one = OracleFiles.Case(() => OracleFiles.Trace, DigitsByConvolution);
        var (training, test) = ReadDigits();
        var model = new Sequential(
            new Lambda(x => x.Reshape(-1, 1, 8, 8)),
            new Sequential(
                new Conv2D(1, 8, 3, padding: 1), new BatchNorm2D(8), new Relu(), new MaxPool2D(2),
                new Conv2D(8, 16, 3, padding: 1), new BatchNorm2D(16), new Relu(), new AvgPool2D(2),
                new Flatten(), new Linear(64, 10)));
        model.To(DType.Float64);
        var state = model[1].State().ToDictionary();
        foreach (var given in one.Tensors("inputs")) state[given.Name].Assign(given.Values);
        var optimizer = new Sgd(model.Parameters(), one.Number("lr"), one.Number("momentum"),
            weightDecay: one.Number("weight_decay"), nesterov: one.Flag("nesterov"));
        var losses = one.Tensor("outputs", "loss").Doubles;
        var norms = one.Tensor("outputs", "grad_norm_before_clip").Doubles;
        var rates = one.Tensor("outputs", "lr").Doubles;

        foreach (var (step, batch) in training.Chunk(BatchSize).Index())
        {
            var loss = Losses.CrossEntropy(model.Forward(Pixels(batch)), Labels(batch));
            optimizer.ZeroGrad();
            loss.Backward();
            Proof.Same($"loss before step {step}", [losses[step]], loss.ToDoubles(), Tolerance.Trace);
            var norm = GradientNorm(model);
            Proof.Same($"gradient norm at step {step}", [norms[step]], [norm], Tolerance.Trace);
            foreach (var parameter in model.Parameters())
                parameter.Grad = parameter.Grad! * Math.Min(1, one.Number("clip") / (norm + 1e-6));
            optimizer.LearningRate = one.Number("lr") * Math.Pow(0.5, step / 15);
            Assert.Equal(rates[step], optimizer.LearningRate, 1e-12);
            optimizer.Step();
        }

        // final/0.weight, final_buffer/1.running_mean
        foreach (var final in one.Tensors("outputs").Where(output => output.Name.Contains('/', StringComparison.Ordinal)))
            Proof.Same(final.Name, final, state[final.Name.Split('/')[1]], Tolerance.Trace);
        CheckTest(one, model, test);
    }

    [Fact]
    public void Every_trace_is_run_or_listed_with_a_reason()
    {
        Shared.Require("oracle");
        Assert.Equal(OracleFiles.Trace.Select(one => one.Name).Order(), new[] { Digits, DigitsByConvolution }.Order());
    }

    static void CheckTest(OracleCase one, Module model, Row[] test)
    {
        var expected = one.Json.GetProperty("eval");
        using var off = Gradients.Off();
        var logits = model.Eval().Forward(Pixels(test));
        Assert.Equal(expected.GetProperty("test_n").GetInt32(), test.Length);
        var right = logits.ArgMax(1).Zip(test).Count(pair => pair.First == pair.Second.Label);
        Assert.Equal(expected.GetProperty("test_correct").GetInt32(), right);
        Proof.Same("test loss", [expected.GetProperty("test_loss").GetDouble()],
            Losses.CrossEntropy(logits, Labels(test)).ToDoubles(), Tolerance.Trace);
        Proof.Same("first logits", one.Read(expected.GetProperty("logits_first5")), logits[..5], Tolerance.Trace);
    }

    static double GradientNorm(Module model) =>
        Math.Sqrt(model.Parameters().Sum(parameter => parameter.Grad!.ToDoubles().Sum(value => value * value)));

    sealed record Row(double[] Pixels, int Label);

    static Tensor Pixels(Row[] rows) =>
        Tensor.From([rows.Length, 64], [.. rows.SelectMany(row => row.Pixels.Select(pixel => pixel / 16))]);

    static int[] Labels(Row[] rows) => [.. rows.Select(row => row.Label)];

    /// <summary>64 pixels from 0 to 16 and a label per line; the first and every fifth from there are the test.</summary>
    static (Row[] Training, Row[] Test) ReadDigits()
    {
        using var file = File.OpenRead(Path.Combine(Shared.Require("data"), "digits", "digits.csv.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        var rows = new List<Row>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            double[] numbers = [.. line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            rows.Add(new Row(numbers[..^1], (int)numbers[^1]));
        }
        return ([.. rows.Where((_, i) => i % 5 != 0)], [.. rows.Where((_, i) => i % 5 == 0)]);
    }
}
