using MicroGrad.Net.Tests.Oracle;

namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>The sequences of learning rates beside PyTorch's.</summary>
public class ScheduleOracleTests
{
    static readonly Dictionary<string, Func<OracleCase, Schedule>> s_schedules = new()
    {
        ["StepLR"] = one => new StepSchedule(one.Int("step_size"), one.Number("gamma")),
        ["MultiStepLR"] = one => new MultiStepSchedule(one.Ints("milestones"), one.Number("gamma")),
        ["LambdaLR"] = _ => new LambdaSchedule(step => Math.Pow(0.95, step)),
        ["LinearLR"] = one => new LinearSchedule(one.Number("start_factor"), one.Number("end_factor"),
            one.Int("total_iters")),
        ["CosineAnnealingLR"] = one => new CosineSchedule(one.Int("T_max")),
        ["CosineAnnealingWarmRestarts"] = one => new CosineRestartsSchedule(one.Int("T_0")),
        ["OneCycleLR"] = one => new OneCycleSchedule(one.Number("max_lr"),
            (int)one.Number("total_steps", one.Number("epochs", 0) * one.Number("steps_per_epoch", 0)),
            one.Number("pct_start", 0.3), baseMomentum: one.Number("base_momentum", 0.85),
            maxMomentum: one.Number("max_momentum", 0.95)),
        // The file gives the optimizer's rate in place of the lower one, which is 0.01 by the sequence.
        ["CyclicLR"] = one => new CyclicSchedule(0.01, one.Number("max_lr"), one.Int("step_size_up"),
            baseMomentum: one.Number("base_momentum"), maxMomentum: one.Number("max_momentum")),
        ["ReduceLROnPlateau"] = one => new PlateauSchedule(one.Number("factor"), one.Int("patience"),
            one.Number("threshold"), one.Text("threshold_mode") == "abs", one.Text("mode") == "max", one.Int("cooldown"),
            one.Number("min_lr"), one.Number("eps")),
    };

    internal static IEnumerable<string> Ops => s_schedules.Keys;

    public static IEnumerable<TheoryDataRow<string>> Cases =>
        OracleFiles.Names(() => OracleFiles.Train, one => one.Kind == "scheduler");

    [Theory, MemberData(nameof(Cases))]
    public void The_rates_are_PyTorchs(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        var optimizer = new Sgd([new Parameter(Tensor.Zeros([1]))], one.Number("base_lr"), momentum: 0.9);
        Follow(one, optimizer, optimizer.Follow(s_schedules[one.Op](one)), group => group.Momentum);
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_first_beta_goes_where_there_is_no_momentum(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        var optimizer = new Adam([new Parameter(Tensor.Zeros([1]))], one.Number("base_lr"));
        Follow(one, optimizer, optimizer.Follow(s_schedules[one.Op](one)), group => group.Beta1);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_loaded_schedule_goes_on_with_the_same_bits(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        var rates = one.Tensor("outputs", "lrs").Doubles;
        for (var stop = 0; stop < rates.Length; stop += 7)
        {
            var (optimizer, scheduler) = Create();
            for (var step = 0; step < stop; step++) scheduler.Step(Metric(step));
            var (loaded, resumed) = Create();
            resumed.LoadState(scheduler.State());
            Assert.Equal(scheduler.StepCount, resumed.StepCount);
            for (var step = stop; step < rates.Length - 1; step++)
            {
                Assert.Equal(optimizer.LearningRate, loaded.LearningRate);
                Assert.Equal(optimizer.Groups[0].Momentum, loaded.Groups[0].Momentum);
                scheduler.Step(Metric(step));
                resumed.Step(Metric(step));
            }
        }

        (Optimizer, Scheduler) Create()
        {
            var optimizer = new Sgd([new Parameter(Tensor.Zeros([1]))], one.Number("base_lr"), momentum: 0.9);
            return (optimizer, optimizer.Follow(s_schedules[one.Op](one)));
        }

        double Metric(int step) => one.Op == "ReduceLROnPlateau" ? one.Tensor("inputs", "metric").Doubles[step] : 0;
    }

    static void Follow(OracleCase one, Optimizer optimizer, Scheduler scheduler, Func<ParameterGroup, double> momentum)
    {
        double[]? Values(string role, string name) =>
            one.Tensors(role).SingleOrDefault(tensor => tensor.Name == name)?.Doubles;

        var rates = one.Tensor("outputs", "lrs").Doubles;
        var (momenta, metrics) = (Values("outputs", "momentums"), Values("inputs", "metric"));
        for (var step = 0; step < rates.Length; step++)
        {
            Oracle.Proof.Same($"{one.Name}: rate at step {step}", [rates[step]], [optimizer.LearningRate], Tolerance.Double);
            if (momenta is not null)
                Oracle.Proof.Same($"{one.Name}: momentum at step {step}", [momenta[step]],
                    [momentum(optimizer.Groups[0])], Tolerance.Double);
            if (step == rates.Length - 1) break;
            if (metrics is null) scheduler.Step();
            else scheduler.Step(metrics[step]);
        }

    }
}
