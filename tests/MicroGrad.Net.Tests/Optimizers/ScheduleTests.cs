namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>Schedules that PyTorch's recorded sequences leave out, composition, groups and mistakes.</summary>
public class ScheduleTests
{
    static readonly Dictionary<string, Func<Schedule>> s_schedules = new()
    {
        ["LambdaSchedule"] = () => new LambdaSchedule(step => 1.0 / (1 + step)),
        ["ConstantSchedule"] = () => new ConstantSchedule(0.5, 3),
        ["LinearSchedule"] = () => new LinearSchedule(0, 1, 4),
        ["StepSchedule"] = () => new StepSchedule(3),
        ["MultiStepSchedule"] = () => new MultiStepSchedule([2, 5]),
        ["ExponentialSchedule"] = () => new ExponentialSchedule(0.9),
        ["PolynomialSchedule"] = () => new PolynomialSchedule(8, 2),
        ["CosineSchedule"] = () => new CosineSchedule(10, 0.01),
        ["CosineRestartsSchedule"] = () => new CosineRestartsSchedule(3, 2),
        ["OneCycleSchedule"] = () => new OneCycleSchedule(0.3, 16, threePhases: true),
        ["CyclicSchedule"] = () => new CyclicSchedule(0.01, 0.1, 3, 2, cycleFactor: 0.5),
        ["PlateauSchedule"] = () => new PlateauSchedule(0.5, patience: 1, cooldown: 2),
        ["SequenceSchedule"] = () => new SequenceSchedule([new LinearSchedule(steps: 3), new CosineSchedule(6)], [3]),
        ["ChainedSchedule"] = () => new ChainedSchedule(new LinearSchedule(steps: 3), new PlateauSchedule(0.5, patience: 1),
            new PlateauSchedule(0.9, patience: 0)),
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
        var (half, optimizer, scheduler) = Train(new OptimizerTable.Problem(), 0, 7, null);
        var resumed = Train(half, 7, 14, (optimizer.State(), scheduler.State()));
        Assert.Equal(whole.Problem.Floats, resumed.Problem.Floats);
        Assert.Equal(whole.Optimizer.LearningRate, resumed.Optimizer.LearningRate);

        (OptimizerTable.Problem Problem, Optimizer Optimizer, Scheduler Scheduler) Train(OptimizerTable.Problem problem, int from,
            int to, (IReadOnlyDictionary<string, Tensor> Optimizer, IReadOnlyDictionary<string, Tensor> Schedule)? states)
        {
            var optimizer = new RmsProp(problem.Weights, 0.02, momentum: 0.5);
            var scheduler = optimizer.Follow(s_schedules[name]());
            if (states is { } saved)
            {
                optimizer.LoadState(saved.Optimizer);
                scheduler.LoadState(saved.Schedule);
            }
            for (var step = from; step < to; step++)
            {
                var loss = optimizer.Step(problem.Loss);
                scheduler.Step(step % 3 == 0 ? loss : 10);
            }
            return (problem, optimizer, scheduler);
        }
    }

    static readonly Dictionary<string, (Schedule Schedule, double[] Rates)> s_closedForms = new()
    {
        ["constant"] = (new ConstantSchedule(0.25, 3), [0.025, 0.025, 0.025, 0.1, 0.1]),
        ["exponential"] = (new ExponentialSchedule(0.5), [0.1, 0.05, 0.025, 0.0125]),
        ["polynomial"] = (new PolynomialSchedule(4), [0.1, 0.075, 0.05, 0.025, 0, 0]),
        ["polynomial, squared"] = (new PolynomialSchedule(2, 2), [0.1, 0.025, 0, 0]),
        ["cosine, and up again"] = (new CosineSchedule(2, 0.02), [0.1, 0.06, 0.02, 0.06]),
        ["cosine with longer and longer restarts"] = (new CosineRestartsSchedule(1, 2),
            [0.1, 0.1, 0.05, 0.1, Cosine(1, 4), 0.05, Cosine(3, 4), 0.1]),
        ["cycles"] = (new CyclicSchedule(0.1, 0.5, 2, 1), [0.1, 0.3, 0.5, 0.1, 0.3]),
        ["cycles that halve"] = (new CyclicSchedule(0, 0.8, 1, cycleFactor: 0.5), [0, 0.8, 0, 0.4, 0, 0.2, 0]),
        ["cycles that fade"] = (new CyclicSchedule(0, 1, 1, stepFactor: 0.5), [0, 0.5, 0, 0.125, 0]),
        ["one cycle"] = (new OneCycleSchedule(1, 5, 0.6, 10, 100, linear: true), [0.1, 0.55, 1, 0.5005, 0.001]),
        ["one cycle in three phases"] = (new OneCycleSchedule(1, 7, 3.0 / 7, 10, 100, threePhases: true, linear: true),
            [0.1, 0.55, 1, 0.55, 0.1, 0.0505, 0.001]),
        ["a chain"] = (new ChainedSchedule(new StepSchedule(2, 0.5), new ExponentialSchedule(0.1), new ConstantSchedule(2, 1)),
            [0.2, 0.01, 0.0005, 0.00005]),
        ["a sequence"] = (new SequenceSchedule(
            [new ConstantSchedule(0.5, 9), new ExponentialSchedule(0.5), new StepSchedule(1, 0.1)], [2, 4]),
            [0.05, 0.05, 0.1, 0.05, 0.1, 0.01]),
        ["a sequence in a sequence"] = (new SequenceSchedule([new LinearSchedule(0, 1, 2),
            new SequenceSchedule([new LinearSchedule(0.5, 1, 1), new ConstantSchedule(0, 2)], [1])], [2]),
            [0, 0.05, 0.05, 0, 0, 0.1]),
    };

    public static TheoryData<string> ClosedForms => [.. s_closedForms.Keys];

    [Theory, MemberData(nameof(ClosedForms))]
    public void The_rates_follow_the_formula(string name)
    {
        var (schedule, rates) = s_closedForms[name];
        var optimizer = NewSgd();
        var scheduler = optimizer.Follow(schedule);
        for (var step = 0; step < rates.Length; step++)
        {
            if (step > 0) scheduler.Step();
            Assert.Equal(rates[step], optimizer.LearningRate, 12);
        }
    }

    static double Cosine(int step, int steps) => 0.1 * (1 + Math.Cos(Math.PI * step / steps)) / 2;

    [Fact]
    public void A_plateau_can_be_of_a_metric_to_raise_and_has_a_pause_and_a_floor()
    {
        var optimizer = NewSgd(1);
        var schedule = new PlateauSchedule(0.1, patience: 0, threshold: 0.1, maximize: true, cooldown: 2, minimum: 0.05);
        var scheduler = optimizer.Follow(schedule);
        double[] metrics = [1, 1.05, 1, 1, 1, 1, 1, 1.2, 1];
        double[] rates = [1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05];
        foreach (var (metric, rate) in metrics.Zip(rates))
        {
            scheduler.Step(metric);
            Assert.Equal(rate, optimizer.LearningRate, 12);
        }
        Assert.Equal(1.2, schedule.Best);
    }

    /// <summary>Whether the second of two metrics counts as better than the first.</summary>
    static bool IsBetter(double first, double second, bool maximize, bool absolute, double threshold)
    {
        var schedule = new PlateauSchedule(patience: 0, threshold: threshold, absolute: absolute, maximize: maximize);
        var scheduler = NewSgd(1).Follow(schedule);
        scheduler.Step(first);
        var rate = scheduler.Optimizer.LearningRate;
        scheduler.Step(second);
        var better = scheduler.Optimizer.LearningRate == rate;
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
        var schedule = new PlateauSchedule(0.1, patience: 2, maximize: maximize);
        var scheduler = optimizer.Follow(schedule);
        for (var i = 0; i < 20; i++) scheduler.Step(-10.0 + (maximize ? -1e-9 : 1e-9) * i);
        Assert.Equal(-10, schedule.Best);
        // The first is the best; then falls at the 4th, the 7th, the 10th, …
        Assert.Equal(1e-6, optimizer.LearningRate, 1e-12);
    }

    [Fact]
    public void What_is_no_number_is_not_better_and_anything_is_better_than_infinitely_bad()
    {
        var schedule = new PlateauSchedule(patience: 100);
        var scheduler = NewSgd(1).Follow(schedule);
        foreach (var (metric, best) in new[] { (double.NaN, double.PositiveInfinity), (double.PositiveInfinity, double.PositiveInfinity),
            (1e308, 1e308), (double.NaN, 1e308), (double.NegativeInfinity, double.NegativeInfinity), (-1e308, double.NegativeInfinity) })
        {
            scheduler.Step(metric);
            Assert.Equal(best, schedule.Best);
        }
        foreach (var threshold in new[] { 1.0, 2 })       // a share of all of it: PyTorch's inf * 0 is NaN
            Assert.True(IsBetter(double.PositiveInfinity, 5, false, false, threshold));
        foreach (var wrong in new[] { -1, double.NaN, double.PositiveInfinity })
        {
            Assert.Contains("threshold", Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(threshold: wrong)).Message);
            Assert.Contains("minimum", Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(minimum: wrong)).Message);
            Assert.Contains("epsilon", Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(epsilon: wrong)).Message);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(cooldown: -1));
    }

    [Fact]
    public void A_rate_below_the_minimum_is_not_raised_and_a_fall_of_epsilon_is_none()
    {
        foreach (var (rate, minimum, epsilon, after) in new[] { (0.01, 0.5, 0.0, 0.01), (1, 0, 0.91, 1), (1, 0, 0.89, 0.1) })
        {
            var optimizer = NewSgd(rate);
            var scheduler = optimizer.Follow(new PlateauSchedule(0.1, patience: 0, minimum: minimum, epsilon: epsilon));
            scheduler.Step(1);
            scheduler.Step(1);
            Assert.Equal(after, optimizer.LearningRate, 12);
        }
    }

    [Fact]
    public void A_cycle_may_be_longer_than_any_training()
    {
        var optimizer = NewSgd();
        var scheduler = optimizer.Follow(new CyclicSchedule(0.1, 0.5, int.MaxValue, int.MaxValue, cycleMomentum: false));
        for (var i = 0; i < 3; i++) scheduler.Step();
        Assert.InRange(optimizer.LearningRate, 0.1, 0.1 + 1e-8);
    }

    [Fact]
    public void All_groups_follow()
    {
        var (a, b) = (new Parameter(Tensor.Zeros([1])), new Parameter(Tensor.Zeros([1])));
        var optimizer = new Adam([a, new ParameterGroup([b]) { LearningRate = 0.4, Beta1 = 0.5 }], 0.1);
        var scheduler = optimizer.Follow(new OneCycleSchedule(1, 10, baseMomentum: 0.7, maxMomentum: 0.9));
        Assert.Equal((0.04, 0.16), (optimizer.Groups[0].LearningRate, Math.Round(optimizer.Groups[1].LearningRate, 12)));
        scheduler.Step();
        scheduler.Step();
        Assert.Equal((1, 4, 0.7, 0.7), (optimizer.Groups[0].LearningRate, optimizer.Groups[1].LearningRate,
            Math.Round(optimizer.Groups[0].Beta1, 12), Math.Round(optimizer.Groups[1].Beta1, 12)));
    }

    [Fact]
    public void Mistakes_are_told()
    {
        var optimizer = NewSgd();
        var plain = new Adagrad([new Parameter(Tensor.Zeros([1]))], 0.3);
        foreach (var schedule in new Schedule[] { new OneCycleSchedule(1, 10), new CyclicSchedule(0, 1) })
        {
            Assert.Contains("cycleMomentum", Assert.Throws<ArgumentException>(() => plain.Follow(schedule)).Message);
            // Not only at the step at which it would set one.
            Assert.Throws<ArgumentException>(() => plain.Follow(new SequenceSchedule([new ConstantSchedule(), schedule], [3])));
            Assert.Throws<ArgumentException>(() => plain.Follow(new ChainedSchedule(schedule, new ConstantSchedule())));
        }
        Assert.Equal(0.3, plain.LearningRate);
        plain.Follow(new OneCycleSchedule(1, 10, cycleMomentum: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepSchedule(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneCycleSchedule(1, 10, riseShare: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauSchedule(factor: 1));
        var cycle = optimizer.Follow(new OneCycleSchedule(1, 2));
        cycle.Step();
        cycle.Step();       // after the last of two batches
        Assert.Contains("2 steps", Assert.Throws<InvalidOperationException>(cycle.Step).Message);
        Assert.Equal(2, cycle.StepCount);
        Assert.Throws<ArgumentException>(() => new SequenceSchedule([new ConstantSchedule(), new ConstantSchedule()], []));
        Assert.Contains("PlateauSchedule", Assert.Throws<ArgumentException>(() =>
            new SequenceSchedule([new ConstantSchedule(), new PlateauSchedule()], [1])).Message);
        foreach (var byMetric in new Schedule[] { new PlateauSchedule(), new ChainedSchedule(new LinearSchedule(), new PlateauSchedule()) })
            Assert.Contains("metric", Assert.Throws<InvalidOperationException>(NewSgd().Follow(byMetric).Step).Message);
        Assert.Contains("missing: step", Assert.Throws<ArgumentException>(() =>
            NewSgd().Follow(new ConstantSchedule()).LoadState(new Dictionary<string, Tensor>())).Message);
    }

    [Fact]
    public void A_schedule_that_another_one_replaced_cannot_undo_it()
    {
        var optimizer = NewSgd(1);
        var first = optimizer.Follow(new LinearSchedule(0, 1, 4));
        Assert.Equal(0, optimizer.LearningRate);
        var second = optimizer.Follow(new ExponentialSchedule(0.5));
        Assert.Equal((1, 1), (optimizer.LearningRate, second.BaseLearningRate));      // not from the 0 of the warm-up
        second.Step();
        foreach (var step in new Action[] { first.Step, () => first.Step(1) })
        {
            var message = Assert.Throws<InvalidOperationException>(step).Message;
            Assert.Contains("follows a ExponentialSchedule since, which this LinearSchedule would undo", message);
            Assert.Contains("ChainedSchedule", message);
        }
        Assert.Equal((0.5, 0, 1), (optimizer.LearningRate, first.StepCount, second.StepCount));
    }

    [Fact]
    public void A_warm_up_and_a_plateau_act_together()
    {
        var optimizer = NewSgd(1);
        var scheduler = optimizer.Follow(new ChainedSchedule(new LinearSchedule(0.25, 1, 3), new PlateauSchedule(0.5, patience: 0)));
        var rates = new List<double> { optimizer.LearningRate };
        foreach (var metric in new[] { 5.0, 6, 4, 4 })
        {
            scheduler.Step(metric);
            rates.Add(optimizer.LearningRate);
        }
        Assert.Equal([0.25, 0.5, 0.375, 0.5, 0.25], rates);
        // What it remembers is the part's, under its number in the chain.
        Assert.Equal(4, scheduler.State()["1.best"].Item());
        Assert.Equal(2, scheduler.State()["1.num_falls"].Item());
    }

    [Fact]
    public void What_would_undo_a_schedule_cannot_be_chained_to_it()
    {
        foreach (var alone in new Schedule[] { new CyclicSchedule(0, 1), new OneCycleSchedule(1, 9),
            new SequenceSchedule([new ConstantSchedule(), new CyclicSchedule(0, 1)], [1]), new ChainedSchedule(new CyclicSchedule(0, 1)) })
        {
            Assert.Contains("first", Assert.Throws<ArgumentException>(() => new ChainedSchedule(new LinearSchedule(), alone)).Message);
            Assert.Equal(0.5 * alone.Rate(1, 0), new ChainedSchedule(alone, new LambdaSchedule(_ => 0.5)).Rate(1, 0));
        }
        Assert.Throws<ArgumentException>(() => new ChainedSchedule());
    }
}
