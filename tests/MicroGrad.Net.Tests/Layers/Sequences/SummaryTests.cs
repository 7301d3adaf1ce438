using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests.Layers.Sequences;

public class SummaryTests
{
    [Fact]
    public void A_summary_shows_what_each_layer_makes_and_how_many_parameters_it_has()
    {
        var model = new Sequential(new Flatten(), new Sequential(new Linear(16, 5), new Relu()), new Dropout(), new Twice());
        Assert.Equal("""
            layer                       output        parameters
            input                       [n, 1, 4, 4]
            Sequential                  [n, 5]               115
              0: Flatten                [n, 16]                0
              1: Sequential             [n, 5]                85
                0: Linear(16 -> 5)      [n, 5]                85
                1: Relu                 [n, 5]                 0
              2: Dropout(0.5)           [n, 5]                 0
              3: Twice                  [n, 5]                30
                linear: Linear(5 -> 5)  ?                     30
            """.ReplaceLineEndings(), model.Summary([1, 4, 4]));
    }

    [Fact]
    public void A_summary_leaves_the_network_as_it_was()
    {
        var model = new Sequential(new Embedding(5, 4), new Dropout(), new Gru(4, 3, batchFirst: true));
        model.To(DType.Float64);
        model[0].Eval();
        Assert.Contains("[n, 7, 3]", model.Summary([7]), StringComparison.Ordinal);
        Assert.Equal([true, false, true, true], model.Modules().Select(module => module.IsTraining));
        Assert.Contains("Gru(4 -> 3) expects [batch, steps, 4]", Message<ShapeException>(() => model.Summary([7, 2])), StringComparison.Ordinal);
        Assert.Equal([true, false, true, true], model.Modules().Select(module => module.IsTraining));
        Assert.All(model.Parameters(), parameter => Assert.Null(parameter.Grad));
    }

    sealed class Lists : Module
    {
        readonly Linear _enter = new(2, 4);
        readonly Linear[] _blocks = [new(4, 4), new(4, 4)];
        readonly List<(Linear, Dropout)> _pairs = [(new(4, 4), new())];
        readonly Dictionary<string, Module> _heads;
        readonly Embedding _table = new(4, 4);
        readonly Linear _tied = new(4, 4, bias: false);
        readonly Lists? _self;

        public Lists()
        {
            (_heads, _self) = (new() { ["one"] = new Sequential(_blocks[0], new Tanh()) }, this);
            _table.Weight.RequiresGrad = false;
            _blocks[1].Bias!.RequiresGrad = false;
            _shared = _table.Weight;
        }

        readonly Parameter _shared;

        public override Tensor Forward(Tensor input)
        {
            var x = Run("enter", _enter, input);
            foreach (var block in _blocks) x = Run("block", block, x);
            var (linear, dropout) = _pairs[0];
            return _tied.Forward(Run("head", _heads["one"], dropout.Forward(linear.Forward(x)))) + _shared.Sum() + (_self is null ? 1 : 0);
        }
    }

    [Fact]
    public void Lists_print_in_their_place_and_shared_and_frozen_parts_are_marked()
    {
        Assert.Equal("""
            Lists (shared shared with table.weight; frozen)           104
              enter: Linear(2 -> 4)                                    12
              blocks.0: Linear(4 -> 4)                                 20
              blocks.1: Linear(4 -> 4) (bias frozen)                   20
              pairs.0.0: Linear(4 -> 4)                                20
              pairs.0.1: Dropout(0.5)
              heads.one: Sequential
                0: Linear(4 -> 4) (shared with blocks.0)
                1: Tanh
              table: Embedding(4 x 4) (frozen)                         16
              tied: Linear(4 -> 4, no bias)                            16
            """.ReplaceLineEndings(), new Lists().ToString());
        var twice = new Linear(2, 2);
        Assert.Contains("  2: Linear(2 -> 2) (shared with 0)", new Sequential(twice, new Tanh(), twice).ToString(), StringComparison.Ordinal);
        var summary = new Lists().Summary([2]).Split(Environment.NewLine);
        Assert.Contains(summary, line => line.StartsWith("  blocks.1: Linear(4 -> 4) (bias frozen)", StringComparison.Ordinal)
            && line.Contains("[n, 4]", StringComparison.Ordinal) && line.EndsWith("20", StringComparison.Ordinal));
        Assert.Contains(summary, line => line.StartsWith("  pairs.0.0: ", StringComparison.Ordinal) && line.Contains("  ?  ", StringComparison.Ordinal));
    }

    [Fact]
    public void Threads_that_ask_for_a_summary_or_evaluate_do_not_disturb_each_other_or_a_training()
    {
        var model = new Sequential(new Conv2D(1, 2, 3), new BatchNorm2D(2), new Dropout(), new Flatten(), new Linear(2 * 36, 1));
        var running = ((BatchNorm2D)model[1]).RunningMean.ToDoubles();
        var expected = model.Summary([1, 8, 8]);
        var data = Batches.Of(Tensor.Normal([4, 1, 8, 8], rng: new Rng(1)), Tensor.Ones([4, 1]), 2, shuffle: false);
        var trainer = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 0.1), (p, y) => Losses.MeanSquaredError(p, y));
        var loss = trainer.Evaluate(data)["loss"];
        using var stop = new CancellationTokenSource();
        var trains = true;
        var watching = new Thread(() =>
        {
            while (!stop.IsCancellationRequested) trains &= model.Modules().All(module => module.IsTraining);
        });
        watching.Start();
        try
        {
            Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            {
                if (i % 2 == 0) Assert.Equal(expected, model.Summary([1, 8, 8]));
                else Assert.Equal(loss, trainer.Evaluate(data)["loss"]);
            });
        }
        finally
        {
            stop.Cancel();
            watching.Join();
        }
        Assert.True(trains);
        Assert.True(model.Modules().All(module => module.IsTraining));
        Assert.Equal(running, ((BatchNorm2D)model[1]).RunningMean.ToDoubles());
    }

    [Fact]
    public void Only_the_own_thread_is_observed()
    {
        var model = new Sequential(new Linear(2, 2), new Tanh());
        var seen = new List<Module>();
        model.Observe(Tensor.Ones([1, 2]), (module, _, _) =>
        {
            seen.Add(module);
            var other = new Thread(() => model.Forward(Tensor.Ones([3, 2])));
            other.Start();
            other.Join();
        });
        Assert.Equal([model[0], model[1], model], seen);
    }

    [Fact]
    public void A_field_is_named_as_its_attribute_says() =>
        Assert.Equal(["attn.weight", "own", "table.k"], new Named().NamedParameters().Select(named => named.Name));

    sealed class Twice : Module
    {
        readonly Linear _linear = new(5, 5);

        public override Tensor Forward(Tensor input) => _linear.Forward(_linear.Forward(input));
    }

    sealed class Named : Module
    {
        [field: StateName("attn")]
        public Linear Attention { get; } = new(2, 2, bias: false);

        [StateName("")]
        readonly Dictionary<string, Parameter> _inside = new() { ["own"] = new(Tensor.Zeros([1])) };

        readonly Dictionary<string, Parameter> _table = new() { ["k"] = new(Tensor.Zeros([1])) };

        public override Tensor Forward(Tensor input) => Attention.Forward(input) + _inside["own"] + _table["k"];
    }
}
