using System.Reflection;
using System.Xml.Linq;
using static MicroGrad.Net.Tests.Optimizers.OptimizerTable;

namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>
/// An optimizer and a schedule written outside the library: the examples of the documentation, in an assembly that sees
/// public members only.
/// </summary>
public class DerivedTests
{
    static readonly Lazy<Assembly> s_outside = new(() => ScriptSet.Library("Outside", string.Join('\n',
        "using MicroGrad.Net;", Example("T:MicroGrad.Net.Optimizer"), Example("T:MicroGrad.Net.Schedule").Split("var ")[0])));

    static string Example(string member) => XDocument.Load(Path.Combine(AppContext.BaseDirectory, "MicroGrad.Net.xml"))
        .Descendants("member").Single(one => one.Attribute("name")!.Value == member).Descendants("code").Single().Value;

    static object Create(string type, params object[] arguments) =>
        Activator.CreateInstance(s_outside.Value.GetType(type, throwOnError: true)!, arguments)!;

    static Optimizer Descent(IEnumerable<IOptimizable> parameters, double momentum = 0.9) =>
        (Optimizer)Create("SignDescent", parameters, 0.01, momentum);

    static Optimizer Climbing(Optimizer optimizer)
    {
        typeof(Optimizer).GetProperty(nameof(Optimizer.Maximize))!.SetValue(optimizer, true);
        return optimizer;
    }

    [Theory]
    [InlineData(DType.Float32), InlineData(DType.Float64)]
    public void An_optimizer_moves_by_its_own_formula(DType dtype)
    {
        var parameter = new Parameter(Tensor.From([3], [1.0, 2, 3]).To(dtype));
        var optimizer = Descent([parameter], momentum: 0.5);
        foreach (var (gradient, after) in new[] { (new double[] { 4, -4, 0 }, new[] { 0.99, 2.01, 3 }), ([-5, 1, 0], [1, 2.02, 3]) })
        {
            parameter.Grad = Tensor.From([3], gradient).To(dtype);
            optimizer.Step();
            Assert.All(after.Zip(parameter.ToDoubles()), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        }
        Assert.Equal([-1.5, -0.5, 0], optimizer.State()["parameters.0.momentum_buffer"].ToDoubles());
    }

    [Fact]
    public void Its_state_is_saved_and_loaded_with_the_same_bits_and_it_climbs()
    {
        var (straight, resumed, up) = (new Problem(), new Problem(), new Problem());
        var (optimizer, climb) = (Descent(straight.Weights), Climbing(Descent(up.Weights)));
        for (var step = 0; step < 5; step++) Assert.Equal(optimizer.Step(straight.Loss), -climb.Step(() => -up.Loss()));
        foreach (var (mine, theirs) in resumed.Weights.Zip(straight.Weights)) mine.Assign(theirs);
        var loaded = Descent(resumed.Weights, momentum: 0.1);
        var state = optimizer.State();
        Assert.Equal(["0.bias.momentum_buffer", "0.bias.step", "groups.0.learning_rate_factor", "groups.0.momentum"],
            state.Keys.Where(name => name.StartsWith("0.bias") || name.StartsWith("groups")).Order());
        loaded.LoadState(state);
        for (var step = 0; step < 5; step++) (optimizer.Step(straight.Loss), loaded.Step(resumed.Loss)).ToString();
        Assert.Equal(straight.Floats, resumed.Floats);
        Assert.NotEqual(straight.Floats, up.Floats);
        state = state.Where(entry => entry.Key != "0.bias.momentum_buffer").ToDictionary();
        Assert.Contains("missing: 0.bias.momentum_buffer", Assert.Throws<ArgumentException>(() => loaded.LoadState(state)).Message);
    }

    [Fact]
    public void Groups_have_settings_of_their_own()
    {
        var (slow, fast) = (new Parameter(Tensor.Zeros([1])), new Parameter(Tensor.Zeros([1])));
        var optimizer = Descent([slow, new ParameterGroup([fast]) { LearningRate = 0.04, Momentum = 0 }]);
        foreach (var gradient in new[] { 8f, -1 })
        {
            (slow.Grad, fast.Grad) = (Tensor.From([1], [gradient]), Tensor.From([1], [gradient]));
            optimizer.Step();
        }
        // The one remembers the first gradient; the other turns.
        Assert.Equal((-0.02f, 0f), (slow.ToArray<float>()[0], fast.ToArray<float>()[0]));
        Assert.Contains("sets Beta1, which SignDescent does not have", Assert.Throws<TargetInvocationException>(() =>
            Descent([new ParameterGroup([slow]) { Beta1 = 0.5 }])).InnerException!.Message);
        Assert.Contains("SignDescent: momentum is -1", Assert.Throws<TargetInvocationException>(() =>
            Descent([slow], momentum: -1)).InnerException!.Message);
    }

    /// <summary>Asks for a slot that it did not name.</summary>
    sealed class Forgetful(IEnumerable<IOptimizable> parameters) : Optimizer(parameters, 0.1)
    {
        protected override IReadOnlyList<StateSlot> Slots => ["mean", new("count") { IsScalar = true, Start = _ => 2 }];

        protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
        {
            Assert.Equal((true, 2), (state.IsFresh("count"), state.Slot<double>("count")[0]++));
            state.Slot<T>("maen").Clear();
        }
    }

    [Fact]
    public void A_slot_that_there_is_not_is_told_with_those_that_there_are()
    {
        var parameter = new Parameter(Tensor.Zeros([2])) { Grad = Tensor.Zeros([2]) };
        var optimizer = new Forgetful([parameter]);
        Assert.Equal("Forgetful: has no slot 'maen'; its Slots are [mean, count].",
            Assert.Throws<ArgumentException>(optimizer.Step).Message);
        var count = optimizer.State()["parameters.0.count"];
        Assert.Equal((3, Shape.Scalar), (count.Item(), count.Shape));
    }

    sealed class Doubled(IEnumerable<IOptimizable> parameters) : Optimizer(parameters, 0.1)
    {
        protected override IReadOnlyList<StateSlot> Slots => ["mean", "square", "mean"];

        protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state)
        {
        }
    }

    [Fact]
    public void Two_slots_of_one_name_are_an_error_at_the_first_step()
    {
        var parameter = new Parameter(Tensor.Zeros([2])) { Grad = Tensor.Zeros([2]) };
        Assert.Equal("Doubled: two of its Slots are named 'mean'.",
            Assert.Throws<ArgumentException>(new Doubled([parameter]).Step).Message);
    }

    [Fact]
    public void A_state_beyond_the_end_of_a_schedule_is_refused_and_changes_nothing()
    {
        Scheduler Of(int steps) => new Sgd([new Parameter(Tensor.Zeros([1]))], 0.1, momentum: 0.9).Follow(new OneCycleSchedule(1, steps));
        var (longer, shorter) = (Of(10), Of(4));
        for (var step = 0; step < 8; step++) longer.Step();
        shorter.Step();
        var (rate, momentum) = (shorter.Optimizer.LearningRate, shorter.Optimizer.Groups[0].Momentum);
        Assert.Contains("OneCycleSchedule.LoadState: Step: this OneCycleSchedule has 4 steps only",
            Assert.Throws<ArgumentException>(() => shorter.LoadState(longer.State())).Message);
        Assert.Equal((1, rate, momentum), (shorter.StepCount, shorter.Optimizer.LearningRate, shorter.Optimizer.Groups[0].Momentum));
    }

    [Fact]
    public void A_schedule_is_followed_combined_and_resumed()
    {
        Schedule InverseRoot() => (Schedule)Create("InverseRoot", 4);
        Sgd NewSgd() => new([new Parameter(Tensor.Zeros([1]))], 0.8);
        var (optimizer, resumed) = (NewSgd(), NewSgd());
        var scheduler = optimizer.Follow(InverseRoot());
        var rates = new List<double> { optimizer.LearningRate };
        for (var step = 0; step < 15; step++)
        {
            scheduler.Step();
            rates.Add(optimizer.LearningRate);
        }
        Assert.Equal([0.2, 0.4, 0.6, 0.8], rates[..4].Select(rate => Math.Round(rate, 12)));
        Assert.Equal(0.4, rates[15], 12);
        resumed.Follow(InverseRoot()).LoadState(scheduler.State());
        Assert.Equal(rates[15], resumed.LearningRate);
        Assert.Equal(0.1, new ChainedSchedule(InverseRoot(), new ConstantSchedule(0.5, 9)).Rate(0.8, 0), 12);
        Assert.Equal(0.2, new SequenceSchedule([new ConstantSchedule(), InverseRoot()], [3]).Rate(0.8, 3), 12);
    }
}
