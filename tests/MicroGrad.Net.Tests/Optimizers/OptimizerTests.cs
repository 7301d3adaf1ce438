using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class OptimizerTests
{
    static Parameter With(double value, double? gradient, string name = "w")
    {
        var parameter = Named(name, [1], value);
        if (gradient is { } g) parameter.Grad = Vector(g);
        return parameter;
    }

    static readonly Func<IEnumerable<Parameter>, Optimizer>[] Kinds =
    [
        p => new Sgd(p, 0.1), p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true), p => new Adam(p, 0.1), p => new AdamW(p, 0.1),
    ];

    [Fact]
    public void A_missing_gradient_names_its_parameter_and_changes_nothing()
    {
        foreach (var kind in Kinds)
        {
            var (first, second) = (With(1, 1, "0.weight"), With(2, null, "0.bias"));
            var optimizer = kind([first, second]);
            Assert.Equal("Step: parameter 0.bias [1] has no gradient. Is it connected to the loss, and was Backward called? To leave such "
                + "parameters as they are, set AllowMissingGradients; to freeze one, set its RequiresGrad to false.",
                Assert.Throws<GradientException>(optimizer.Step).Message);
            Assert.Equal((1, 2, 0), (first.Item(), second.Item(), first.Version));
        }
    }

    [Fact]
    public void Missing_gradients_can_be_allowed()
    {
        var (first, second) = (With(1, 1), With(2, null));
        var sgd = new Sgd([first, second], 0.5) { AllowMissingGradients = true };
        sgd.Step();
        Assert.Equal((0.5, 2), (first.Item(), second.Item()));
        Assert.Equal(0, second.Version);
    }

    [Fact]
    public void A_frozen_parameter_is_skipped()
    {
        foreach (var kind in Kinds)
        {
            var (first, frozen) = (With(1, 1), With(2, 5));
            var optimizer = kind([first, frozen]);
            frozen.RequiresGrad = false;
            optimizer.Step();
            Assert.NotEqual(1, first.Item());
            Assert.Equal(2, frozen.Item());
        }
    }

    [Fact]
    public void ZeroGrad_drops_the_gradients()
    {
        var parameter = With(1, 1);
        new Sgd([parameter], 0.1).ZeroGrad();
        Assert.Null(parameter.Grad);
    }

    [Fact]
    public void A_step_counts_as_one_change()
    {
        foreach (var kind in Kinds)
        {
            var parameter = With(1, 1);
            kind([parameter]).Step();
            Assert.Equal(1, parameter.Version);
        }
    }

    [Fact]
    public void Settings_are_checked()
    {
        Parameter[] p = [With(1, 1)];
        Assert.Equal("Sgd: learning rate is -1, but must be 0 or more, and finite.", Message<ArgumentOutOfRangeException>(() => new Sgd(p, -1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(p).LearningRate = double.PositiveInfinity);
        Assert.Equal("Sgd: momentum is -0.1, but must be 0 or more, and finite.", Message<ArgumentOutOfRangeException>(() => new Sgd(p, 0.1, momentum: -0.1)));
        Assert.Equal("Sgd: weightDecay is -1, but must be 0 or more, and finite.", Message<ArgumentOutOfRangeException>(() => new Sgd(p, 0.1, weightDecay: -1)));
        Assert.Equal("Sgd: Nesterov needs a momentum and no dampening.", Message<ArgumentException>(() => new Sgd(p, 0.1, nesterov: true)));
        Assert.Throws<ArgumentException>(() => new Sgd(p, 0.1, 0.9, dampening: 0.1, nesterov: true));
        Assert.Equal("Adam: beta1 is 1, but must be from 0 to below 1.", Message<ArgumentOutOfRangeException>(() => new Adam(p, beta1: 1)));
        Assert.Equal("AdamW: beta2 is -0.5, but must be from 0 to below 1.", Message<ArgumentOutOfRangeException>(() => new AdamW(p, beta2: -0.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(p, epsilon: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(p, weightDecay: double.NaN));
        Assert.Equal("Adam: there are no parameters to optimize.", Message<ArgumentException>(() => new Adam([])));
        Assert.Equal("Adam: a parameter is given twice.", Message<ArgumentException>(() => new Adam([p[0], p[0]])));
    }

    [Fact]
    public void Sgd_follows_its_formula()
    {
        var (w, m, parameter) = (3.0, 0.0, With(3, null));
        var sgd = new Sgd([parameter], 0.1, momentum: 0.9, dampening: 0.2, weightDecay: 0.01);
        for (var step = 0; step < 5; step++)
        {
            parameter.Grad = Vector(2 * step - 3);
            sgd.Step();
            var d = 2 * step - 3 + 0.01 * w;
            m = step == 0 ? d : 0.9 * m + 0.8 * d;
            w -= 0.1 * m;
            Assert.Equal(w, parameter.Item(), 1e-14);
        }
    }

    [Fact]
    public void Nesterov_looks_ahead()
    {
        var parameter = With(1, 2);
        var sgd = new Sgd([parameter], 0.1, momentum: 0.5, nesterov: true);
        sgd.Step();
        Assert.Equal(1 - 0.1 * (2 + 0.5 * 2), parameter.Item(), 1e-15);
    }

    [Theory]
    [InlineData(false, 0.0, false)]
    [InlineData(false, 0.1, true)]
    [InlineData(true, 0.1, false)]
    [InlineData(true, 0.1, true)]
    public void Adam_and_AdamW_follow_their_formulas(bool decoupled, double decay, bool amsGrad)
    {
        var (w, m, v, largest, parameter) = (3.0, 0.0, 0.0, 0.0, With(3, null));
        Optimizer optimizer = decoupled ? new AdamW([parameter], 0.1, 0.8, 0.9, 1e-3, decay, amsGrad)
            : new Adam([parameter], 0.1, 0.8, 0.9, 1e-3, decay, amsGrad);
        for (var step = 1; step <= 6; step++)
        {
            var g = 5.0 - 2 * step;
            parameter.Grad = Vector(g);
            optimizer.Step();
            if (decoupled) w -= 0.1 * decay * w;
            else g += decay * w;
            m = 0.8 * m + 0.2 * g;
            v = 0.9 * v + 0.1 * g * g;
            largest = Math.Max(largest, v);
            var (mHat, vHat) = (m / (1 - Math.Pow(0.8, step)), (amsGrad ? largest : v) / (1 - Math.Pow(0.9, step)));
            w -= 0.1 * mHat / (Math.Sqrt(vHat) + 1e-3);
            Assert.Equal(w, parameter.Item(), 1e-13);
        }
    }

    [Fact]
    public void Maximize_climbs()
    {
        var parameter = With(1, 2);
        new Sgd([parameter], 0.1) { Maximize = true }.Step();
        Assert.Equal(1.2, parameter.Item(), 1e-15);
        var other = With(1, 2);
        new Adam([other], 0.1) { Maximize = true }.Step();
        Assert.Equal(1.1, other.Item(), 1e-8);
    }

    [Fact]
    public void Updates_reach_every_element_whatever_the_length()
    {
        foreach (var kind in Kinds)
            for (var length = 1; length < 40; length++)
            {
                var parameter = new Parameter(Tensor.Ones([length]));
                var optimizer = kind([parameter]);
                for (var step = 0; step < 3; step++)
                {
                    parameter.Grad = Tensor.Full([length], 0.5);
                    optimizer.Step();
                }
                var values = parameter.ToDoubles();
                Assert.NotEqual(1, values[0]);
                Assert.All(values, v => Assert.Equal(values[0], v));
            }
    }

    static (double First, double Last, long[] Bits) TrainXor(ulong seed, Func<IEnumerable<Parameter>, Optimizer> kind, int steps)
    {
        var rng = new Rng(seed);
        var model = new Sequential(new Linear(2, 8, rng: rng), new Tanh(), new Linear(8, 1, rng: rng));
        var (x, y) = (Tensor.From([4, 2], [0f, 0, 0, 1, 1, 0, 1, 1]), Tensor.From([4, 1], [0f, 1, 1, 0]));
        var optimizer = kind(model.Parameters());
        var losses = new List<double>();
        for (var step = 0; step < steps; step++)
        {
            var loss = Losses.BinaryCrossEntropyWithLogits(model.Forward(x), y);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            losses.Add(loss.Item());
        }
        return (losses[0], losses[^1], [.. model.Parameters().SelectMany(Bits)]);
    }

    [Fact]
    public void Two_equal_runs_give_the_same_bits()
    {
        foreach (var kind in Kinds) Assert.Equal(TrainXor(3, kind, 30).Bits, TrainXor(3, kind, 30).Bits);
        Assert.NotEqual(TrainXor(3, Kinds[2], 30).Bits, TrainXor(4, Kinds[2], 30).Bits);
    }

    [Fact]
    public void Xor_is_learnt_from_twenty_seeds()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var (first, last, _) = TrainXor(seed, p => new Adam(p, 0.05), 200);
            Assert.True(first > 0.5 && last < 0.05, $"seed {seed}: the loss went from {first} to {last}");
        }
    }

    [Fact]
    public void Two_half_rings_are_parted_from_twenty_seeds()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var rng = new Rng(seed);
            var (points, labels) = (new float[2 * 60], new int[60]);
            for (var i = 0; i < 60; i++)
            {
                var (angle, upper) = (rng.Uniform(0, Math.PI), i % 2 == 0);
                points[2 * i] = (float)(upper ? Math.Cos(angle) : 1 - Math.Cos(angle));
                points[2 * i + 1] = (float)(upper ? Math.Sin(angle) : 0.5 - Math.Sin(angle));
                labels[i] = upper ? 0 : 1;
            }
            var model = new Sequential(new Linear(2, 16, rng: rng), new Tanh(), new Linear(16, 2, rng: rng));
            var optimizer = new Adam(model.Parameters(), 0.05);
            var x = Tensor.From([60, 2], points);
            for (var step = 0; step < 200; step++)
            {
                optimizer.ZeroGrad();
                Losses.CrossEntropy(model.Forward(x), labels).Backward();
                optimizer.Step();
            }
            var right = model.Forward(x).ArgMax(1).Zip(labels, (a, b) => a == b).Count(same => same);
            Assert.True(right >= 58, $"seed {seed}: {right} of 60 right");
        }
    }
}
