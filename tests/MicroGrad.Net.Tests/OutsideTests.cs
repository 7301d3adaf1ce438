using System.Reflection;

namespace MicroGrad.Net.Tests;

/// <summary>
/// An operation, a loss, a layer, a metric and something fitted, each written in an assembly that sees the public members
/// of the library only. (An optimizer and a schedule: DerivedTests.)
/// </summary>
public class OutsideTests
{
    const string Code = """
        using MicroGrad.Net;

        public static class Outside
        {
            static readonly Operation s_cube = new("cube", "y = a³", "g · 3a²");

            // An operation that owns its derivative.
            public static Tensor Cube(Tensor x)
            {
                using (Gradients.Off())
                {
                    var y = x * x * x;
                    using (Gradients.On()) return Node.Record(s_cube, y.Detach(), (x, g => g * 3 * x * x));
                }
            }

            // A loss is a formula.
            public static Tensor Asymmetric(Tensor prediction, Tensor target, double low)
            {
                var error = target - prediction;
                return Tensor.Max(low * error, -error).Mean();
            }
        }

        // A layer: parameters in fields, and what it computes.
        public sealed class Gated(int size) : Module
        {
            readonly Parameter _gate = new(Tensor.Full([size], 0.5));
            readonly Linear _linear = new(size, size, rng: new Rng(1));

            protected override Tensor Compute(Tensor input) => _linear.Forward(input) * _gate.Sigmoid();
        }

        // A metric that is no mean over rows.
        public sealed class LargestError : IMetric<Tensor>
        {
            public double Value { get; private set; }

            public void Add(Tensor prediction, Tensor target) =>
                Value = Math.Max(Value, (prediction - target).Abs().Max().Item());

            public void Reset() => Value = 0;
        }

        // Something that is learnt from the training data, and kept in the model's file.
        public sealed class Scale(double factor) : IFitted<Scale>
        {
            public double Factor => factor;

            public string SaveState() => factor.ToString("r", System.Globalization.CultureInfo.InvariantCulture);

            public static Scale LoadState(string text) =>
                new(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
        }

        public static class Story
        {
            public static string Tell(string path)
            {
                var x = Tensor.Uniform([64, 3], -1, 1, new Rng(2));
                var model = new Gated(3);
                var scale = new Scale(2.5);
                var trainer = new Trainer<Tensor>(model, new Adam(model.Parameters(), 0.05),
                    (p, y) => Outside.Asymmetric(Outside.Cube(p), y, 1))
                { Metrics = { { "largest", new LargestError() } }, BatchWeight = batch => batch.Count };
                var history = trainer.Fit(Batches.Of(x, x * 0.5, 16, rng: new Rng(3)), epochs: 20);
                new Checkpoint(model).Add("scale", scale).Save(path);
                var loaded = new Gated(3);
                loaded.Load(path);
                var same = loaded.Predict(x).ToArray<float>().AsSpan().SequenceEqual(model.Predict(x).ToArray<float>());
                return $"{history.Last["loss"] < history["loss"][0]} {history.Last["largest"] < 2} {same} "
                    + Checkpoint.Read<Scale>(path, "scale").Factor.ToString(System.Globalization.CultureInfo.InvariantCulture)
                    + $" {model.NamedParameters().Count} {Outside.Cube(new Parameter(x)).Node!.Op}";
            }
        }
        """;

    static readonly Lazy<Assembly> s_outside = new(() => ScriptSet.Library("OutsideParts", Code));

    static Tensor Call(string method, params object[] arguments) =>
        (Tensor)s_outside.Value.GetType("Outside")!.GetMethod(method)!.Invoke(null, arguments)!;

    [Fact]
    public void An_operation_and_a_loss_have_right_gradients_of_first_and_second_order()
    {
        var x = Tensor.Uniform([2, 3], 0.5, 1.5, new Rng(1), DType.Float64);
        GradientCheck.Require(input => Call("Cube", input).Sum(), x);
        var target = Tensor.Uniform([2, 3], 2, 3, new Rng(2), DType.Float64);
        GradientCheck.Require(input => Call("Asymmetric", input, target, 3.0), x);
    }

    [Fact]
    public void All_of_them_train_save_load_and_predict_together()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("outside").FullName, "model.safetensors");
        var told = s_outside.Value.GetType("Story")!.GetMethod("Tell")!.Invoke(null, [path]);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.Equal("True True True 2.5 3 cube", told);
    }
}
