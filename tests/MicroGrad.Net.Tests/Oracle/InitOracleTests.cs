using System.Globalization;
using System.Text.Json;

namespace MicroGrad.Net.Tests.Oracle;

/// <summary>
/// Bounds and deviations of starting values beside PyTorch's. From the same generator, starting values and standard
/// draws differ by just that factor, so that it can be compared exactly.
/// </summary>
public class InitOracleTests
{
    public const string Op = "fan";

    public static IEnumerable<TheoryDataRow<string>> Cases =>
        OracleFiles.Names(() => OracleFiles.Train, one => one.Op == Op);

    [Theory, MemberData(nameof(Cases))]
    public void Xavier_scales_as_in_PyTorch(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        Shape shape = one.Ints("shape");
        foreach (var (gain, bound) in Numbers(one.Attribute("xavier_uniform")!.Value))
            Scales($"{name}: uniform, {gain}", bound,
                Init.XavierUniform(shape, After(gain, "gain="), new Rng(1), DType.Float64), Uniform);
        foreach (var (gain, deviation) in Numbers(one.Attribute("xavier_normal")!.Value))
            Scales($"{name}: normal, {gain}", deviation,
                Init.XavierNormal(shape, After(gain, "gain="), new Rng(1), DType.Float64), Normal);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Kaiming_scales_as_in_PyTorch(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        Shape shape = one.Ints("shape");
        foreach (var setting in one.Attribute("kaiming")!.Value.EnumerateObject())
        {
            var parts = setting.Name.Split(',');
            var mode = parts[0] == "fan_in" ? FanMode.In : FanMode.Out;
            var gain = GainOf(parts[1], After(parts[2], "a="));
            var expected = Numbers(setting.Value).ToDictionary();
            Scales($"{name}: uniform, {setting.Name}", expected["uniform_bound"],
                Init.KaimingUniform(shape, gain, mode, new Rng(1), DType.Float64), Uniform);
            Scales($"{name}: normal, {setting.Name}", expected["normal_std"],
                Init.KaimingNormal(shape, gain, mode, new Rng(1), DType.Float64), Normal);
        }
    }

    [Fact]
    public void A_linear_layer_starts_with_PyTorchs_bounds()
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, "init_fan_64x32");
        var expected = one.Attribute("default_layer_init")!.Value;
        var layer = new Linear(32, 64, rng: new Rng(1));
        var draws = Tensor.Uniform([66, 32], -1, 1, new Rng(1));
        var bounds = (Weight: expected.GetProperty("weight_uniform_bound").GetDouble(),
            Bias: expected.GetProperty("bias_uniform_bound").GetDouble());
        var (weight, bias) = (draws[..64] * bounds.Weight, draws.Reshape(-1)[(64 * 32)..] * bounds.Bias);
        Proof.Same("weight", weight.ToDoubles(), layer.Weight.ToDoubles(), Tolerance.Single);
        Proof.Same("bias", bias.ToDoubles(), layer.Bias!.ToDoubles(), Tolerance.Single);
    }

    static void Scales(string what, double factor, Tensor ours, Func<Shape, Tensor> standard) =>
        Proof.Same(what, (standard(ours.Shape) * factor).ToDoubles(), ours.ToDoubles(), Tolerance.Double);

    static Tensor Uniform(Shape shape) => Tensor.Uniform(shape, -1, 1, new Rng(1), DType.Float64);

    static Tensor Normal(Shape shape) => Tensor.Normal(shape, 0, 1, new Rng(1), DType.Float64);

    static double GainOf(string nonlinearity, double slope) => nonlinearity switch
    {
        "linear" => Gain.Linear,
        "tanh" => Gain.Tanh,
        "relu" => Gain.Relu,
        "selu" => Gain.Selu,
        "leaky_relu" => Gain.LeakyRelu(slope),
        _ => throw new InvalidDataException($"no gain for {nonlinearity}."),
    };

    static IEnumerable<(string Key, double Value)> Numbers(JsonElement map) =>
        map.EnumerateObject().Select(entry => (entry.Name, entry.Value.GetDouble()));

    static double After(string text, string prefix) =>
        double.Parse(text[prefix.Length..], CultureInfo.InvariantCulture);
}
