using static MicroGrad.Net.Tests.Optimizers.OptimizerTable;

namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>What optimizers save, and that they go on from it with the same bits.</summary>
public class OptimizerStateTests
{
    public static TheoryData<string> Names => OptimizerTable.Names;

    [Fact]
    public void Every_optimizer_is_in_the_table()
    {
        var all = typeof(Optimizer).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(Optimizer)) && !type.IsAbstract);
        var tested = All.Values.Select(create => create([new Parameter(Tensor.Zeros([1]))]).GetType()).Distinct();
        Assert.Equal(all.Select(type => type.Name).Order(), tested.Select(type => type.Name).Order());
    }

    [Theory, MemberData(nameof(Names))]
    public void A_loaded_optimizer_goes_on_with_the_same_bits(string name)
    {
        foreach (var (before, after) in new[] { (0, 3), (1, 4), (7, 5) })
        {
            var (straight, optimizer) = After(before, name);
            var (resumed, loaded) = (new Problem(), (Optimizer?)null);
            foreach (var (mine, theirs) in resumed.Weights.Zip(straight.Weights)) mine.Assign(theirs);
            loaded = All[name](resumed.Weights);
            var state = optimizer.State();
            loaded.LoadState(state);
            for (var step = 0; step < after; step++)
            {
                optimizer.Step(straight.Loss);
                loaded.Step(resumed.Loss);
                Assert.Equal(straight.Floats, resumed.Floats);
            }
            Assert.Equal(Flat(optimizer.State()), Flat(loaded.State()));
            if (before > 0) Assert.NotEqual(Flat(state), Flat(optimizer.State()));     // what was saved stays as it was
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Without_the_state_most_would_go_elsewhere(string name)
    {
        var (straight, optimizer) = After(7, name);
        var resumed = new Problem();
        foreach (var (mine, theirs) in resumed.Weights.Zip(straight.Weights)) mine.Assign(theirs);
        var fresh = All[name](resumed.Weights);
        for (var step = 0; step < 12; step++) (optimizer.Step(straight.Loss), fresh.Step(resumed.Loss)).ToString();
        Assert.Equal(name == "Sgd", straight.Floats.SequenceEqual(resumed.Floats));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_loss_falls(string name)
    {
        var problem = new Problem();
        var optimizer = All[name](problem.Weights);
        var before = problem.Loss().Item();
        for (var step = 0; step < 60; step++) optimizer.Step(problem.Loss);
        Assert.True(problem.Loss().Item() < 0.9 * before, $"{problem.Loss().Item()} after {before}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Climbing_is_descending_the_negative(string name)
    {
        var (down, up) = (new Problem(), new Problem());
        var descent = All[name](down.Weights);
        var climb = Climbing(All[name](up.Weights));
        for (var step = 0; step < 4; step++)
            Assert.Equal(descent.Step(down.Loss), -climb.Step(() => -up.Loss()));
        Assert.Equal(down.Floats, up.Floats);
    }

    [Theory, MemberData(nameof(Names))]
    public void Float64_goes_the_same_way(string name)
    {
        var (single, _) = After(5, name);
        var (precise, _) = After(5, name, DType.Float64);
        foreach (var (mine, theirs) in single.Weights.Zip(precise.Weights))
            Assert.All(mine.ToDoubles().Zip(theirs.ToDoubles()), pair => Assert.Equal(pair.Second, pair.First, 2e-3));
    }

    /// <summary>A weight at 0 that gets gradients of 1, of an optimizer with settings of its own.</summary>
    static (Parameter Weight, Optimizer Optimizer) One(Func<Parameter[], Optimizer> create)
    {
        var weight = new Parameter(Tensor.From([1], [0.0])) { Name = "w" };
        return (weight, create([weight]));
    }

    static double Step((Parameter Weight, Optimizer Optimizer) one)
    {
        one.Weight.Grad = Tensor.From([1], [1.0]);
        one.Optimizer.Step();
        return one.Weight.Item();
    }

    [Fact]
    public void What_is_loaded_before_the_first_step_is_used()
    {
        // w = -1 / sqrt(8 + 1).
        var adagrad = Loaded(parameters => new Adagrad(parameters, 1, epsilon: 0), ("w.sum", 8));
        Assert.Equal(-1 / 3.0, Step(adagrad), 12);
        // A first step of its own, whatever the rate.
        Assert.Equal(-0.25, Step(Loaded(parameters => new Rprop(parameters, 0.01), ("w.step_size", 0.25))), 12);
        // m = 0.5 * 4 + (1 - 0.25) * 1: a momentum that was there is not the first.
        Assert.Equal(-2.75, Step(Loaded(parameters => new Sgd(parameters, 1, momentum: 0.5, dampening: 0.25),
            ("w.momentum_buffer", 4))), 12);
        // A product of 0.5 so far: then 1 / (1 - 0.5 * mu) and mu' / (1 - 0.5 * mu * mu') in place of those of 1.
        var (now, next) = (0.9 * (1 - 0.5 * Math.Pow(0.96, 0.004)), 0.9 * (1 - 0.5 * Math.Pow(0.96, 0.008)));
        Assert.Equal(-((1 - now) / (1 - 0.5 * now) + next * 0.1 / (1 - 0.5 * now * next)),
            Step(Loaded(parameters => new NAdam(parameters, 1, epsilon: 0), ("w.mu_product", 0.5))), 9);

        (Parameter, Optimizer) Loaded(Func<Parameter[], Optimizer> create, (string Name, double Value) entry)
        {
            var one = One(create);
            var state = one.Optimizer.State().ToDictionary();
            state[entry.Name] = state[entry.Name].Rank == 0 ? Tensor.Scalar(entry.Value, DType.Float64) : Tensor.From([1], [entry.Value]);
            one.Optimizer.LoadState(state);
            Assert.Equal(entry.Value, one.Optimizer.State()[entry.Name].Item());
            return one;
        }
    }

    [Fact]
    public void A_state_shows_what_the_first_step_starts_from()
    {
        double Shown(Func<Parameter[], Optimizer> create, string name) => One(create).Optimizer.State()[name].Item();
        Assert.Equal(2, Shown(parameters => new Adagrad(parameters, 1, initialSum: 2), "w.sum"));
        Assert.Equal(0.3, Shown(parameters => new Rprop(parameters, 0.3), "w.step_size"));
        Assert.Equal(1, Shown(parameters => new NAdam(parameters), "w.mu_product"));
        Assert.Equal(-1 / Math.Sqrt(3), Step(One(parameters => new Adagrad(parameters, 1, initialSum: 2, epsilon: 0))), 12);
    }

    [Theory, MemberData(nameof(Names))]
    public void To_look_at_the_state_or_to_save_and_load_it_before_the_first_step_pins_nothing(string name)
    {
        var (straight, looked) = (new Problem(), new Problem());
        var (one, other) = (All[name](straight.Weights), All[name](looked.Weights));
        other.LoadState(other.State());
        // A schedule that begins late, say.
        foreach (var optimizer in new[] { one, other }) optimizer.LearningRate *= 0.5;
        for (var step = 0; step < 3; step++)
        {
            one.Step(straight.Loss);
            other.Step(looked.Loss);
            Assert.Equal(straight.Floats, looked.Floats);
        }
    }

    [Fact]
    public void A_momentum_that_is_switched_off_and_on_begins_anew_as_its_saved_state_does()
    {
        foreach (var create in new Func<Parameter[], Optimizer>[]
        {
            parameters => new Sgd(parameters, 0.1, momentum: 0.5, dampening: 0.25),
            parameters => new RmsProp(parameters, 0.1, momentum: 0.5),
        })
        {
            var (one, other) = (One(create), One(create));
            Step(one);
            one.Optimizer.Groups[0].Momentum = other.Optimizer.Groups[0].Momentum = 0;
            Step(one);
            Assert.DoesNotContain("w.momentum_buffer", one.Optimizer.State().Keys);
            other.Optimizer.LoadState(one.Optimizer.State());
            other.Weight.Assign(one.Weight.Keep());
            one.Optimizer.Groups[0].Momentum = other.Optimizer.Groups[0].Momentum = 0.5;
            for (var step = 0; step < 3; step++) Assert.Equal(Step(one), Step(other));
        }
        // As PyTorch's, a momentum that begins later begins with the whole gradient, dampened or not.
        var late = One(parameters => new Sgd(parameters, 1, momentum: 0.5, dampening: 0.25));
        late.Optimizer.Groups[0].Momentum = 0;
        Assert.Equal(-1, Step(late));
        late.Optimizer.Groups[0].Momentum = 0.5;
        Assert.Equal(-2, Step(late));
        Assert.Equal(-3.25, Step(late));
    }

    [Fact]
    public void The_names_are_PyTorchs()
    {
        var (_, optimizer) = After(2, "Adam with amsGrad");
        var state = optimizer.State();
        string[] parts = ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"];
        string[] weights = ["0.weight", "0.bias", "2.weight"];
        string[] settings = ["learning_rate_factor", "weight_decay", "beta1", "beta2", "epsilon"];
        Assert.Equal(
            settings.Select(name => "groups.0." + name).Append("learning_rate")
                .Concat(weights.SelectMany(weight => parts.Select(part => $"{weight}.{part}"))).Order(),
            state.Keys.Order());
        Assert.Equal(2, state["0.weight.step"].Item());
        Assert.Equal(Shape.Of(5, 3), state["0.weight.exp_avg"].Shape);
    }

    [Fact]
    public void A_parameter_without_a_name_of_its_own_goes_by_its_position()
    {
        Parameter[] parameters = [new(Tensor.Zeros([1])), new(Tensor.Zeros([1])), new(Tensor.Zeros([1]))];
        (parameters[0].Name, parameters[2].Name) = ("w", "w");
        var names = new Sgd(parameters, 1).State().Keys.Where(name => name.EndsWith(".step"));
        Assert.Equal(["parameters.0.step", "parameters.1.step", "parameters.2.step"], names);
    }

    [Fact]
    public void All_that_does_not_fit_is_listed_and_nothing_changes()
    {
        var (_, source) = After(3, "Adam");
        var (_, target) = After(1, "Adam");
        var before = Flat(target.State());
        var state = source.State().ToDictionary();
        state.Remove("0.bias.exp_avg");
        state.Remove("learning_rate");
        state["more"] = Tensor.Zeros([1]);
        state["0.weight.exp_avg"] = Tensor.Zeros([3, 5]);
        state["0.weight.exp_avg_sq"] = Tensor.Zeros([5, 3], DType.Float64);
        state["2.weight.step"] = Tensor.Scalar(1.5, DType.Float64);
        state["groups.0.beta1"] = Tensor.Scalar(1, DType.Float64);
        var error = Assert.Throws<ArgumentException>(() => target.LoadState(state));
        foreach (var part in new[]
        {
            "Adam", "missing: learning_rate, 0.bias.exp_avg", "unexpected: more", "0.weight.exp_avg is [3, 5], but must be [5, 3]",
            "0.weight.exp_avg_sq is Float64, but must be Float32", "2.weight.step is 1.5", "groups.0.beta1 is 1",
        }) Assert.Contains(part, error.Message);
        Assert.Equal(before, Flat(target.State()));
    }

    [Fact]
    public void The_state_of_another_optimizer_does_not_fit()
    {
        var (_, adam) = After(1, "Adam");
        foreach (var other in new[] { "Adam with amsGrad", "Sgd", "Lbfgs", "Muon" })
            Assert.Throws<ArgumentException>(() => After(1, other).Optimizer.LoadState(adam.State()));
    }

    [Fact]
    public void A_history_of_wrong_shape_does_not_fit()
    {
        var (_, optimizer) = After(3, "Lbfgs");
        var state = optimizer.State().ToDictionary();
        Assert.Equal(Shape.Of(4, 2, 25), state["history"].Shape);
        state["history"] = Tensor.Zeros([5, 2, 25], DType.Float64);
        Assert.Contains("[0 to 4, 2, 25]", Assert.Throws<ArgumentException>(() => optimizer.LoadState(state)).Message);
    }

    static Optimizer Climbing(Optimizer optimizer)
    {
        // Maximize is set at construction: the table's constructors leave it out.
        typeof(Optimizer).GetProperty(nameof(Optimizer.Maximize))!.SetValue(optimizer, true);
        return optimizer;
    }

    static string[] Flat(IReadOnlyDictionary<string, Tensor> state) =>
        [.. state.OrderBy(pair => pair.Key).Select(pair =>
            $"{pair.Key} {pair.Value.Shape} {string.Join(' ', pair.Value.ToDoubles())}")];
}
