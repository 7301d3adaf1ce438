using static MicroGrad.Net.Tests.Optimizers.OptimizerTable;

namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>Groups of parameters with settings of their own.</summary>
public class ParameterGroupTests
{
    public static TheoryData<string> Elementwise => [.. All.Keys.Where(name => !name.StartsWith("Lbfgs") && name != "Rprop")];

    [Theory, MemberData(nameof(Elementwise))]
    public void A_group_moves_as_if_it_had_an_optimizer_of_its_own(string name)
    {
        var (apart, together) = (new Problem(), new Problem());
        var first = All[name]([new ParameterGroup(apart.Weights[..1])]);
        var rate = first.LearningRate;
        var second = All[name](apart.Weights[1..]);
        second.LearningRate = rate / 4;
        var both = All[name]([together.Weights[0], new ParameterGroup(together.Weights[1..]) { LearningRate = rate / 4 }]);
        for (var step = 0; step < 5; step++)
        {
            second.ZeroGrad();
            first.ZeroGrad();
            apart.Loss().Backward();
            first.Step();
            second.Step();
            both.Step(together.Loss);
        }
        Assert.Equal(apart.Floats, together.Floats);
        Assert.Equal(2, both.Groups.Count);
    }

    [Fact]
    public void Weight_decay_is_the_groups_own()
    {
        var (decayed, rest) = (new Parameter(Tensor.Ones([2])), new Parameter(Tensor.Ones([2])));
        var optimizer = new AdamW(
            [new ParameterGroup([decayed]) { WeightDecay = 0.1 }, new ParameterGroup([rest]) { WeightDecay = 0 }],
            learningRate: 0.5);
        (decayed.Grad, rest.Grad) = (Tensor.Zeros([2]), Tensor.Zeros([2]));
        optimizer.Step();
        Assert.Equal([0.95f, 0.95f], decayed.ToArray<float>());
        Assert.Equal([1f, 1f], rest.ToArray<float>());
        Assert.Equal((0.1, 0.0, 0.9), (optimizer.Groups[0].WeightDecay, optimizer.Groups[1].WeightDecay, optimizer.Groups[1].Beta1));
    }

    [Fact]
    public void Every_setting_is_the_groups_own()
    {
        foreach (var (name, own) in new (string, Func<Problem, ParameterGroup>)[]
        {
            ("WeightDecay", problem => new(problem.Weights) { WeightDecay = 0.3 }),
            ("Momentum", problem => new(problem.Weights) { Momentum = 0.5 }),
            ("Beta1", problem => new(problem.Weights) { Beta1 = 0.5 }),
            ("Beta2", problem => new(problem.Weights) { Beta2 = 0.5 }),
            ("Epsilon", problem => new(problem.Weights) { Epsilon = 0.5 }),
        })
        {
            var heard = new List<string>();
            foreach (var (which, create) in All)
            {
                var (plain, grouped) = (new Problem(), new Problem());
                Optimizer optimizer;
                try { optimizer = create([own(grouped)]); }
                catch (ArgumentException error)
                {
                    Assert.Contains($"sets {name}, which {create(plain.Weights).GetType().Name} does not have", error.Message);
                    continue;
                }
                var usual = create(plain.Weights);
                for (var step = 0; step < 12; step++) (optimizer.Step(grouped.Loss), usual.Step(plain.Loss)).ToString();
                Assert.False(plain.Floats.SequenceEqual(grouped.Floats), $"{which} does not use {name} of the group.");
                heard.Add(which);
            }
            Assert.NotEmpty(heard);
        }
    }

    [Fact]
    public void A_groups_rate_stays_in_proportion_to_the_optimizers()
    {
        var problem = new Problem();
        var optimizer = new Sgd([new ParameterGroup(problem.Weights[..1]) { LearningRate = 0.2 }, .. problem.Weights[1..]], 0.1);
        optimizer.LearningRate = 0;
        Assert.Equal(0, optimizer.Groups[0].LearningRate);
        optimizer.LearningRate = 0.5;
        Assert.Equal((1.0, 0.5), (optimizer.Groups[0].LearningRate, optimizer.Groups[1].LearningRate));
        optimizer.Follow(new StepSchedule(every: 1, factor: 0.5));
        optimizer.Groups[0].LearningRate = 0.25;
        optimizer.LearningRate = 1;
        Assert.Equal(0.5, optimizer.Groups[0].LearningRate);
    }

    [Fact]
    public void Settings_are_saved_with_the_state()
    {
        var (a, b) = (new Problem(), new Problem());
        var optimizer = new AdamW([new ParameterGroup(a.Weights) { LearningRate = 0.2, WeightDecay = 0.3 }], 0.1);
        optimizer.LearningRate = 0.05;
        optimizer.Groups[0].Beta1 = 0.7;
        var other = new AdamW(b.Weights);
        other.LoadState(optimizer.State());
        var group = other.Groups[0];
        Assert.Equal((0.05, 0.1, 0.3, 0.7), (other.LearningRate, group.LearningRate, group.WeightDecay, group.Beta1));
    }

    [Fact]
    public void Mistakes_are_told()
    {
        var parameter = new Parameter(Tensor.Zeros([1]));
        var group = new ParameterGroup([parameter]);
        _ = new Sgd([group], 0.1);
        Assert.Contains("another optimizer", Assert.Throws<ArgumentException>(() => new Adam([group])).Message);
        Assert.Contains("Sgd", Assert.Throws<InvalidOperationException>(() => group.Beta1).Message);
        Assert.Contains("Sgd", Assert.Throws<InvalidOperationException>(() => group.Beta1 = 0.5).Message);
        Assert.Throws<InvalidOperationException>(() => new ParameterGroup([parameter]).Momentum);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParameterGroup([parameter]) { Beta1 = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParameterGroup([parameter]) { LearningRate = double.NaN });
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() =>
            new Adam([parameter, new ParameterGroup([parameter])])).Message);
        Assert.Contains("proportion", Assert.Throws<ArgumentException>(() =>
            new Adam([new ParameterGroup([parameter]) { LearningRate = 1 }], learningRate: 0)).Message);
        Assert.Contains("one group", Assert.Throws<ArgumentException>(() =>
            new Lbfgs([new ParameterGroup([parameter]), new Parameter(Tensor.Zeros([1]))])).Message);
    }
}
