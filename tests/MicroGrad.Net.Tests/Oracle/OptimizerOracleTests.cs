namespace MicroGrad.Net.Tests.Oracle;

/// <summary>The paths that optimizers take, step by step, beside PyTorch's.</summary>
public class OptimizerOracleTests
{
    static readonly Dictionary<string, Func<OracleCase, Parameter[], Optimizer>> s_optimizers = new()
    {
        ["SGD"] = (one, parameters) => new Sgd(parameters, one.Number("lr"), one.Number("momentum"),
            one.Number("dampening"), one.Number("weight_decay"), one.Flag("nesterov"))
        { Maximize = one.Flag("maximize") },
        ["Adam"] = (one, parameters) => new Adam(parameters, one.Number("lr"), Beta(one, 0), Beta(one, 1),
            one.Number("eps"), one.Number("weight_decay"), one.Flag("amsgrad"))
        { Maximize = one.Flag("maximize") },
        ["AdamW"] = (one, parameters) => new AdamW(parameters, one.Number("lr"), Beta(one, 0), Beta(one, 1),
            one.Number("eps"), one.Number("weight_decay"), one.Flag("amsgrad"))
        { Maximize = one.Flag("maximize") },
        ["RMSprop"] = (one, parameters) => new RmsProp(parameters, one.Number("lr"), one.Number("alpha"),
            one.Number("eps"), one.Number("weight_decay"), one.Number("momentum"), one.Flag("centered"))
        { Maximize = one.Flag("maximize") },
        ["Adagrad"] = (one, parameters) => new Adagrad(parameters, one.Number("lr"), one.Number("lr_decay"),
            one.Number("weight_decay"), one.Number("initial_accumulator_value"), one.Number("eps"))
        { Maximize = one.Flag("maximize") },
        ["Adadelta"] = (one, parameters) => new Adadelta(parameters, one.Number("lr"), one.Number("rho"),
            one.Number("eps"), one.Number("weight_decay"))
        { Maximize = one.Flag("maximize") },
        ["Adamax"] = (one, parameters) => new Adamax(parameters, one.Number("lr"), Beta(one, 0), Beta(one, 1),
            one.Number("eps"), one.Number("weight_decay"))
        { Maximize = one.Flag("maximize") },
        ["RAdam"] = (one, parameters) => new RAdam(parameters, one.Number("lr"), Beta(one, 0), Beta(one, 1),
            one.Number("eps"), one.Number("weight_decay")),
        ["Rprop"] = (one, parameters) => new Rprop(parameters, one.Number("lr"), Pair(one, "etas", 0),
            Pair(one, "etas", 1), Pair(one, "step_sizes", 0), Pair(one, "step_sizes", 1))
        { Maximize = one.Flag("maximize") },
        ["LBFGS"] = (one, parameters) => new Lbfgs(parameters, one.Number("lr"), one.Int("max_iter"), one.Int("max_eval"),
            one.Number("tolerance_grad"), one.Number("tolerance_change"), one.Int("history_size")),
    };

    static readonly Dictionary<string, Func<Parameter[], double, Optimizer>> s_byDefault = new()
    {
        ["SGD"] = (parameters, rate) => new Sgd(parameters, rate),
        ["Adam"] = (parameters, rate) => new Adam(parameters, rate),
        ["AdamW"] = (parameters, rate) => new AdamW(parameters, rate),
        ["RMSprop"] = (parameters, rate) => new RmsProp(parameters, rate),
        ["Adagrad"] = (parameters, rate) => new Adagrad(parameters, rate),
        ["Adadelta"] = (parameters, rate) => new Adadelta(parameters, rate),
        ["Adamax"] = (parameters, rate) => new Adamax(parameters, rate),
        ["RAdam"] = (parameters, rate) => new RAdam(parameters, rate),
        ["Rprop"] = (parameters, rate) => new Rprop(parameters, rate),
    };

    /// <summary>What of torch_train.json is not run here.</summary>
    static readonly Dictionary<string, string> s_notYet = new Dictionary<string, string[]>
    {
        ["left out: any optimizer with a WeightAverage does what it does"] = ["ASGD"],
        ["differs on purpose: NAdamTests looks at each"] = ["NAdam"],
    }.SelectMany(pair => pair.Value, (pair, name) => (name, pair.Key)).ToDictionary();

    public static IEnumerable<TheoryDataRow<string>> PrescribedGradients => Names("optimizer_grads");

    public static IEnumerable<TheoryDataRow<string>> Problems => Names("optimizer_problem");

    public static IEnumerable<TheoryDataRow<string>> Defaults => OracleFiles.Names(() => OracleFiles.Train, one =>
        one.Kind == "optimizer_grads" && s_byDefault.ContainsKey(one.Op)
            && one.Json.GetProperty("given").EnumerateObject().All(given => given.Name == "lr"));

    static IEnumerable<TheoryDataRow<string>> Names(string kind) =>
        OracleFiles.Names(() => OracleFiles.Train, one => one.Kind == kind && s_optimizers.ContainsKey(one.Op));

    [Theory, MemberData(nameof(PrescribedGradients))]
    public void Prescribed_gradients_move_a_parameter_as_in_PyTorch(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        Follow(one, parameters => s_optimizers[one.Op](one, parameters), DType.Float64, Tolerance.Double);
    }

    [Theory, MemberData(nameof(PrescribedGradients))]
    public void Prescribed_gradients_move_a_parameter_of_floats_alike(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        Follow(one, parameters => s_optimizers[one.Op](one, parameters), DType.Float32, Tolerance.Single);
    }

    [Theory, MemberData(nameof(Defaults))]
    public void The_default_settings_are_PyTorchs(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        Follow(one, parameters => s_byDefault[one.Op](parameters, one.Number("lr")), DType.Float64, Tolerance.Double);
    }

    [Theory, MemberData(nameof(Problems))]
    public void A_small_problem_is_learned_on_PyTorchs_path(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        var (x, y) = (one.Tensor("inputs", "X").Values, one.Tensor("inputs", "Y").Values);
        var weight = new Parameter(one.Tensor("inputs", "W0").Values);
        var bias = new Parameter(one.Tensor("inputs", "b0").Values);
        var optimizer = s_optimizers[one.Op](one, [weight, bias]);
        var losses = one.Tensor("outputs", "loss_before_each_step").Doubles;
        var (weights, biases) = (Rows(one, "W_after_each_step"), Rows(one, "b_after_each_step"));
        for (var step = 0; step < losses.Length; step++)
        {
            var loss = optimizer.Step(() =>
                Losses.MeanSquaredError((x.MatMul(weight, transposeRight: true) + bias).Tanh(), y));
            Proof.Same($"{name}: loss before step {step}", [losses[step]], [loss], Tolerance.Double);
            Proof.Same($"{name}: W after step {step}", weights[step], weight.ToDoubles(), Tolerance.Double);
            Proof.Same($"{name}: b after step {step}", biases[step], bias.ToDoubles(), Tolerance.Double);
        }
    }

    [Fact]
    public void Every_case_is_run_or_listed_with_a_reason()
    {
        Shared.Require("oracle");
        string[] runs =
        [
            .. s_optimizers.Keys, InitOracleTests.Op, .. Optimizers.ScheduleOracleTests.Ops,
            .. Optimizers.GradientClippingTests.Ops,
        ];
        foreach (var one in OracleFiles.Train)
        {
            var (run, left) = (runs.Contains(one.Op), s_notYet.ContainsKey(one.Op));
            Assert.True(run || left, $"{one.Name}: {one.Op} is neither run nor listed.");
            Assert.False(run && left, $"{one.Name}: {one.Op} is run: take it off the list.");
        }
        foreach (var op in s_notYet.Keys)
            Assert.True(OracleFiles.Train.Any(one => one.Op == op), $"{op} is listed, but there is no such case.");
        var counts = OracleFiles.Train.CountBy(one => s_notYet.GetValueOrDefault(one.Op, "run"));
        foreach (var (reason, count) in counts) TestContext.Current.TestOutputHelper!.WriteLine($"{count,4} {reason}");
    }

    static void Follow(OracleCase one, Func<Parameter[], Optimizer> create, DType dtype, Tolerance tolerance)
    {
        var parameter = new Parameter(one.Tensor("inputs", "p0").As(dtype));
        var optimizer = create([parameter]);
        var (gradients, theirs) = (one.Tensor("inputs", "grads").As(dtype), Rows(one, "p_after_each_step"));
        for (var step = 0; step < theirs.Length; step++)
        {
            parameter.Grad = gradients[step];
            optimizer.Step();
            Proof.Same($"{one.Name}: after step {step}", theirs[step], parameter.ToDoubles(), tolerance);
        }
    }

    /// <summary>An output by step.</summary>
    static double[][] Rows(OracleCase one, string output)
    {
        var all = one.Tensor("outputs", output);
        return [.. all.Doubles.Chunk(all.Doubles.Length / all.Shape[0])];
    }

    static double Beta(OracleCase one, int which) => Pair(one, "betas", which);

    static double Pair(OracleCase one, string name, int which) => one.Attribute(name)!.Value[which].GetDouble();
}
