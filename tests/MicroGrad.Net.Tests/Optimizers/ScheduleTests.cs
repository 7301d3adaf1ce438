namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>Schedules that PyTorch's recorded sequences leave out, composition, groups and mistakes.</summary>
public class ScheduleTests
{
    static readonly Dictionary<string, Func<Optimizer, Schedule>> s_schedules = new()
    {
        ["LambdaSchedule"] = optimizer => new LambdaSchedule(optimizer, step => 1.0 / (1 + step)),
        ["ConstantSchedule"] = optimizer => new ConstantSchedule(optimizer, 0.5, 3),
        ["LinearSchedule"] = optimizer => new LinearSchedule(optimizer, 0, 1, 4),
        ["StepSchedule"] = optimizer => new StepSchedule(optimizer, 3),
        ["MultiStepSchedule"] = optimizer => new MultiStepSchedule(optimizer, [2, 5]),
        ["ExponentialSchedule"] = optimizer => new ExponentialSchedule(optimizer, 0.9),
        ["PolynomialSchedule"] = optimizer => new PolynomialSchedule(optimizer, 8, 2),
        ["CosineSchedule"] = optimizer => new CosineSchedule(optimizer, 10, 0.01),
        ["CosineRestartsSchedule"] = optimizer => new CosineRestartsSchedule(optimizer, 3, 2),
        ["OneCycleSchedule"] = optimizer => new OneCycleSchedule(optimizer, 0.3, 16, threePhases: true),
        ["CyclicSchedule"] = optimizer => new CyclicSchedule(optimizer, 0.01, 0.1, 3, 2, cycleFactor: 0.5),
        ["PlateauSchedule"] = optimizer => new PlateauSchedule(optimizer, 0.5, patience: 1, cooldown: 2),
        ["SequenceSchedule"] = optimizer => new SequenceSchedule(optimizer,
            [new LinearSchedule(optimizer, steps: 3), new CosineSchedule(optimizer, 6)], [3]),
    };

    public static TheoryData<string> Names => [.. s_schedules.Keys];

    static Sgd NewSgd(double rate = 0.1) => new([new Parameter(Tensor.Zeros([1]))], rate, momentum: 0.5);

    [Fact]
    public void Every_schedule_is_in_the_table()
    {
        var all = typeof(Schedule).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Schedule)));
        Assert.Equal(all.Select(type => type.Name).Order(), s_schedules.Keys.Order());
    }

    [Theory, MemberData(nameof(Names))]
    public void Training_resumed_in_the_middle_gives_the_same_bits(string name)
    {
        var whole = Train(new OptimizerTable.Problem(), 0, 14, null);
        var (half, optimizer, schedule) = Train(new OptimizerTable.Problem(), 0, 7, null);
        var resumed = Train(half, 7, 14, (optimizer.State(), schedule.State()));
        Assert.Equal(whole.Problem.Floats, resumed.Problem.Floats);
        Assert.Equal(whole.Optimizer.LearningRate, resumed.Optimizer.LearningRate);

        (OptimizerTable.Problem Problem, Optimizer Optimizer, Schedule Schedule) Train(OptimizerTable.Problem problem, int from,
            int to, (IReadOnlyDictionary<string, Tensor> Optimizer, IReadOnlyDictionary<string, Tensor> Schedule)? states)
        {
            var optimizer = new RmsProp(problem.Weights, 0.02, momentum: 0.5);
            var schedule = s_schedules[name](optimizer);
            if (states is { } saved)
            {
                optimizer.LoadState(saved.Optimizer);
                schedule.LoadState(saved.Schedule);
            }
            for (var step = from; step < to; step++)
            {
                var loss = optimizer.Step(problem.Loss);
                schedule.Step(step % 3 == 0 ? loss : 10);
            }
            return (problem, optimizer, schedule);
        }
    }

    static readonly Dictionary<string, (Func<Optimizer, Schedule> Create, double[] Rates)> s_closedForms = new()
    {
        ["constant"] = (o => new ConstantSchedule(o, 0.25, 3), [0.025, 0.025, 0.025, 0.1, 0.1]),
        ["exponential"] = (o => new ExponentialSchedule(o, 0.5), [0.1, 0.05, 0.025, 0.0125]),
        ["polynomial"] = (o => new PolynomialSchedule(o, 4), [0.1, 0.075, 0.05, 0.025, 0, 0]),
        ["polynomial, squared"] = (o => new PolynomialSchedule(o, 2, 2), [0.1, 0.025, 0, 0]),
        ["cosine, and up again"] = (o => new CosineSchedule(o, 2, 0.02), [0.1, 0.06, 0.02, 0.06]),
        ["cosine with longer and longer restarts"] = (o => new CosineRestartsSchedule(o, 1, 2),
            [0.1, 0.1, 0.05, 0.1, Cosine(1, 4), 0.05, Cosine(3, 4), 0.1]),
        ["cycles"] = (o => new CyclicSchedule(o, 0.1, 0.5, 2, 1), [0.1, 0.3, 0.5, 0.1, 0.3]),
        ["cycles that halve"] = (o => new CyclicSchedule(o, 0, 0.8, 1, cycleFactor: 0.5), [0, 0.8, 0, 0.4, 0, 0.2, 0]),
        ["cycles that fade"] = (o => new CyclicSchedule(o, 0, 1, 1, stepFactor: 0.5), [0, 0.5, 0, 0.125, 0]),
        ["one cycle"] = (o => new OneCycleSchedule(o, 1, 5, 0.6, 10, 100, linear: true), [0.1, 0.55, 1, 0.5005, 0.001]),
        ["one cycle in three phases"] = (o => new OneCycleSchedule(o, 1, 7, 3.0 / 7, 10, 100, threePhases: true, linear: true),
            [0.1, 0.55, 1, 0.55, 0.1, 0.0505, 0.001]),
        ["a sequence"] = (o => new SequenceSchedule(o,
            [new ConstantSchedule(o, 0.5, 9), new ExponentialSchedule(o, 0.5), new StepSchedule(o, 1, 0.1)], [2, 4]),
            [0.05, 0.05, 0.1, 0.05, 0.1, 0.01]),
        ["a sequence in a sequence"] = (o => new SequenceSchedule(o, [new LinearSchedule(o, 0, 1, 2),
            new SequenceSchedule(o, [new LinearSchedule(o, 0.5, 1, 1), new ConstantSchedule(o, 0, 2)], [1])], [2]),
            [0, 0.05, 0.05, 0, 0, 0.1]),
    };

    public static TheoryData<string> ClosedForms => [.. s_closedForms.Keys];

    [Theory, MemberData(nameof(ClosedForms))]
    public void The_rates_follow_the_formula(string name)
    {
        var (create, rates) = s_closedForms[name];
        var optimizer = NewSgd();
        var schedule = create(optimizer);
        for (var step = 0; step < rates.Length; step++)
        {
            if (step > 0) schedule.Step();
            Assert.Equal(rates[step], optimizer.LearningRate, 12);
        }
    }

    static double Cosine(int step, int steps) => 0.1 * (1 + Math.Cos(Math.PI * step / steps)) / 2;

    [Fact]
    public void A_plateau_can_be_of_a_metric_to_raise_and_has_a_pause_and_a_floor()
    {
        var optimizer = NewSgd(1);
        var schedule = new PlateauSchedule(optimizer, 0.1, patience: 0, threshold: 0.1, maximize: true,
            cooldown: 2, minimum: 0.05);
        double[] metrics = [1, 1.05, 1, 1, 1, 1, 1, 1.2, 1];
        double[] rates = [1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05];
        foreach (var (metric, rate) in metrics.Zip(rates))
        {
            schedule.Step(metric);
            Assert.Equal(rate, optimizer.LearningRate, 12);
        }
        Assert.Equal(1.2, schedule.Best);
    }

    /// <summary>Whether the second of two metrics counts as better than the first.</summary>
    static bool IsBetter(double first, double second, bool maximize, bool absolute, double threshold)
    {
        var schedule = new PlateauSchedule(NewSgd(1), patience: 0, threshold: threshold, absolute: absolute, maximize: maximize);
        schedule.Step(first);
        var rate = schedule.Optimizer.LearningRate;
        schedule.Step(second);
        var better = schedule.Optimizer.LearningRate == rate;
        Assert.Equal(better ? second : first, schedule.Best);
        return better;
    }

    [Theory]
    [InlineData(10, 8.9, 9.1, 0.1)]
    [InlineData(-10, -11.1, -10.9, 0.1)]
    [InlineData(0, -1e-9, 1e-9, 0.1)]
    [InlineData(1, -0.1, 0.1, 1)]
    [InlineData(-2, -4.1, -3.9, 1)]
    [InlineData(1e-300, 0.8e-300, 1e-300, 0.1)]
    public void Better_by_a_share_of_the_best_is_so_whatever_its_sign(double best, double better, double not, double threshold)
    {
        // And the same in the mirror, for metrics to raise.
        Assert.Equal((true, false), (IsBetter(best, better, false, false, threshold), IsBetter(best, not, false, false, threshold)));
        Assert.Equal((true, false), (IsBetter(-best, -better, true, false, threshold), IsBetter(-best, -not, true, false, threshold)));
    }

    [Theory]
    [InlineData(10), InlineData(-10), InlineData(0)]
    public void Better_by_a_difference_is_so_wherever_the_best_is(double best)
    {
        foreach (var maximize in new[] { false, true })
        {
            var way = maximize ? 1 : -1;
            Assert.True(IsBetter(best, best + way * 0.6, maximize, true, 0.5));
            Assert.False(IsBetter(best, best + way * 0.4, maximize, true, 0.5));
            Assert.False(IsBetter(best, best, maximize, true, 0));
        }
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_negative_metric_that_stands_still_lowers_the_rate_and_the_worse_is_never_the_best(bool maximize)
    {
        var optimizer = NewSgd(1);
        var schedule = new PlateauSchedule(optimizer, 0.1, patience: 2, maximize: maximize);
        for (var i = 0; i < 20; i++) schedule.Step(-10.0 + (maximize ? -1e-9 : 1e-9) * i);
        Assert.Equal(-10, schedule.Best);
        // The first is the best; then falls at the 4th, the 7th, the 10th, …
        Assert.Equal(1e-6, optimizer.LearningRate, 1e-12);
    }

    [Fact]
    public void What_is_no_number_is_not_better_and_anything_is_better_than_infinitely_bad()
    {
        var schedule = new PlateauSchedule(NewSgd(1), patience: 100);
        foreach (var (metric, best) in new[] { (double.NaN, double.PositiveInfinity), (double.PositiveInfinity, double.PositiveInfinity),
            (1e308, 1e308), (double.NaN, 1e308), (double.NegativeInfinity, double.NegativeInfinity), (-1e308, double.NegativeInfinity) })
        {
            schedule.Step(metric);
            Assert.Equal(best, schedule.Best);
        }
        foreach (var threshold in new[] { 1.0, 2 })       // a share of all of it: PyTorch's inf * 0 is NaN
            Assert.True(IsBetter(double.PositiveInfinity, 5, false, false, threshold));
        foreach (var wrong in new[] { -1, double.NaN, double.PositiveInfinity })
        {
            Assert.Contains("threshold", Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(NewSgd(), threshold: wrong)).Message);
            Assert.Contains("minimum", Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(NewSgd(), minimum: wrong)).Message);
            Assert.Contains("epsilon", Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(NewSgd(), epsilon: wrong)).Message);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(NewSgd(), cooldown: -1));
    }

    [Fact]
    public void A_rate_below_the_minimum_is_not_raised_and_a_fall_of_epsilon_is_none()
    {
        foreach (var (rate, minimum, epsilon, after) in new[] { (0.01, 0.5, 0.0, 0.01), (1, 0, 0.91, 1), (1, 0, 0.89, 0.1) })
        {
            var optimizer = NewSgd(rate);
            var schedule = new PlateauSchedule(optimizer, 0.1, patience: 0, minimum: minimum, epsilon: epsilon);
            schedule.Step(1);
            schedule.Step(1);
            Assert.Equal(after, optimizer.LearningRate, 12);
        }
    }

    [Fact]
    public void A_cycle_may_be_longer_than_any_training()
    {
        var optimizer = NewSgd();
        var schedule = new CyclicSchedule(optimizer, 0.1, 0.5, int.MaxValue, int.MaxValue, cycleMomentum: false);
        for (var i = 0; i < 3; i++) schedule.Step();
        Assert.InRange(optimizer.LearningRate, 0.1, 0.1 + 1e-8);
    }

    [Fact]
    public void All_groups_follow()
    {
        var (a, b) = (new Parameter(Tensor.Zeros([1])), new Parameter(Tensor.Zeros([1])));
        var optimizer = new Adam([a, new ParameterGroup([b]) { LearningRate = 0.4, Beta1 = 0.5 }], 0.1);
        var schedule = new OneCycleSchedule(optimizer, 1, 10, baseMomentum: 0.7, maxMomentum: 0.9);
        Assert.Equal((0.04, 0.16), (optimizer.Groups[0].LearningRate, Math.Round(optimizer.Groups[1].LearningRate, 12)));
        schedule.Step();
        schedule.Step();
        Assert.Equal((1, 4, 0.7, 0.7), (optimizer.Groups[0].LearningRate, optimizer.Groups[1].LearningRate,
            Math.Round(optimizer.Groups[0].Beta1, 12), Math.Round(optimizer.Groups[1].Beta1, 12)));
    }

    [Fact]
    public void Mistakes_are_told()
    {
        var optimizer = NewSgd();
        var plain = new Adagrad([new Parameter(Tensor.Zeros([1]))], 0.3);
        Assert.Contains("cycleMomentum", Assert.Throws<ArgumentException>(() => new OneCycleSchedule(plain, 1, 10)).Message);
        Assert.Contains("cycleMomentum", Assert.Throws<ArgumentException>(() => new CyclicSchedule(plain, 0, 1)).Message);
        Assert.Equal(0.3, plain.LearningRate);
        _ = new OneCycleSchedule(plain, 1, 10, cycleMomentum: false);
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepSchedule(optimizer, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule(optimizer, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneCycleSchedule(optimizer, 1, 10, riseShare: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(optimizer, factor: 1));
        var cycle = new OneCycleSchedule(optimizer, 1, 2);
        cycle.Step();
        cycle.Step();       // after the last of two batches
        Assert.Contains("2 steps", Assert.Throws<InvalidOperationException>(cycle.Step).Message);
        Assert.Equal(2, cycle.StepCount);
        Assert.Contains("metric", Assert.Throws<InvalidOperationException>(new PlateauSchedule(optimizer).Step).Message);
        Schedule Constant(Optimizer of) => new ConstantSchedule(of, 1);
        Assert.Throws<ArgumentException>(() => new SequenceSchedule(optimizer, [Constant(optimizer), Constant(optimizer)], []));
        Assert.Throws<ArgumentException>(() => new SequenceSchedule(optimizer, [Constant(optimizer), Constant(plain)], [1]));
        Assert.Contains("PlateauSchedule", Assert.Throws<ArgumentException>(() =>
            new SequenceSchedule(optimizer, [Constant(optimizer), new PlateauSchedule(optimizer)], [1])).Message);
        Assert.Contains("missing: step", Assert.Throws<ArgumentException>(() =>
            Constant(optimizer).LoadState(new Dictionary<string, Tensor>())).Message);
    }
}
