using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Study;

// Whoever draws from Rng.Default at the same time would be disturbed, and would disturb.
[Collection(nameof(ProcessSettings))]
public sealed class DiagnoseTests
{
    static (Tensor X, Tensor Y) Moons() => Toy.Moons(count: 240, noise: 0.1, rng: new Rng(4));

    static Linear Linear(int inputs, int outputs, ulong seed) => new(inputs, outputs, rng: new Rng(seed));

    static Sequential Network(params Module[] middle) => new([Linear(2, 16, 1), .. middle, Linear(16, 1, 2)]);

    static Tensor Loss(Tensor logits, Tensor y) => Losses.BinaryCrossEntropyWithLogits(logits, y);

    static Diagnosis OfMoons(Module model, Tensor? x = null, Tensor? y = null,
        Func<IEnumerable<Parameter>, Optimizer>? optimizer = null) =>
        Diagnose.Run(model, Loss, Batches.Of(x ?? Moons().X, y ?? Moons().Y, size: 32, rng: new Rng(5)), optimizer);

    /// <summary>Three classes by the largest of three of four inputs.</summary>
    static (Tensor X, int[] Labels) Classes(int count = 240)
    {
        var x = Tensor.Normal([count, 4], rng: new Rng(6));
        return (x, [.. x.ToDoubles().Chunk(4).Select(row => Array.IndexOf(row, row[..3].Max()))]);
    }

    static Diagnosis OfClasses(Module model, Tensor x, int[] labels) =>
        Diagnose.Run(model, (logits, y) => Losses.CrossEntropy(logits, y), Batches.Of(x, labels, rng: new Rng(5)));

    static Sequential Classifier() => new(Linear(4, 24, 1), new Relu(), Linear(24, 3, 2));

    static void Finds(string check, Diagnosis diagnosis, string evidence) => Assert.Contains(diagnosis.Faults,
        finding => finding.Check == check && finding.Evidence.Contains(evidence, StringComparison.Ordinal) && finding.Mend.Length > 0);

    static FindingVerdict VerdictOf(string check, Diagnosis diagnosis) => diagnosis.Single(finding => finding.Check == check).Verdict;

    /// <summary>A network of one's own, with its faults.</summary>
    sealed class Own(Func<Own, Tensor, Tensor> forward) : Module
    {
        public Linear First { get; } = Linear(2, 16, 1);

        public Linear Second { get; } = Linear(16, 1, 2);

        protected override Tensor Compute(Tensor input) => forward(this, input);
    }

    [Fact]
    public void Sound_networks_pass_in_silence()
    {
        Diagnosis[] all =
        [
            OfMoons(Network(new Tanh())),
            OfMoons(Network(new Relu()), optimizer: parameters => new Adam(parameters, 0.01)),
            OfMoons(Network(new BatchNorm1D(16), new Relu(), new Dropout(0.1, new Rng(3)))),
            OfMoons(new Own((own, x) => own.Second.Forward(own.First.Forward(x).Tanh()))),
            OfClasses(Classifier(), Classes().X, Classes().Labels),
            Diagnose.Run(new Sequential(Linear(4, 16, 1), new Tanh(), Linear(16, 1, 2)),
                (output, y) => Losses.MeanSquaredError(output, y),
                Batches.Of(Classes().X, Classes().X[.., 0..1] * 1.5 + Classes().X[.., 1..2] * Classes().X[.., 2..3])),
        ];
        Assert.All(all, diagnosis => Assert.True(diagnosis.Faults.Count == 0, $"{diagnosis}"));
        Assert.All(all, diagnosis => Assert.EndsWith("no faults", diagnosis.ToString()));
        Assert.All(all, diagnosis => Assert.True(diagnosis.Count(finding => finding.Verdict == FindingVerdict.Sound) >= 10, $"{diagnosis}"));
        Assert.Contains("by design", all[2].Single(finding => finding.Check == "leakage between samples").Evidence);
        // The theory for labels: ln 3 for an output of zeros.
        Assert.Contains("an output of zeros 1.099", all[4].Single(finding => finding.Check == "loss at start").Evidence);
        Assert.Equal(FindingVerdict.Sound, VerdictOf("update-to-weight ratio", all[1]));
        Assert.Equal(FindingVerdict.Skipped, VerdictOf("update-to-weight ratio", all[0]));
    }

    [Fact]
    public void Nothing_is_changed()
    {
        Rng.Seed(21);
        var model = Network(new BatchNorm1D(16), new Relu(), new Dropout(0.2), new Dropout(0.1, new Rng(3)));
        model[1].Eval();
        var optimizer = new Adam(model.Parameters(), 0.01);
        var data = Batches.Of(Moons().X, Moons().Y, size: 32, rng: new Rng(5));
        optimizer.Step(() => Loss(model.Forward(Moons().X), Moons().Y));
        Assert.Equal(1, data.Take(1).Sum(_ => data.Position.Next));
        object[] Everything() =>
        [
            .. model.State().Select(named => named.Variable.ToDoubles()),
            .. model.Parameters().Select(parameter => parameter.Grad!.ToDoubles()),
            .. model.Generators().Select(named => named.Rng.State), Rng.Default.State, data.Generator.State, data.Position,
            .. model.Modules().Select(module => module.IsTraining), .. optimizer.State().Values.Select(value => value.ToDoubles()),
        ];
        var before = Everything();
        Diagnose.Run(model, Loss, data, steps: 20);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void Inputs_out_of_scale_are_found()
    {
        Finds("inputs", OfMoons(Network(new Tanh()), Moons().X * 300 + 1000), "mean 1");
        Finds("inputs", OfMoons(Network(new Tanh()), Moons().X * Tensor.From([2], [1f, 0.0001f])), "columns");
        Finds("inputs", OfMoons(Network(new Tanh()), Moons().X * double.NaN), "NaN");
        Finds("activations", OfMoons(Network(new Tanh()), Moons().X * 300), "saturated");
    }

    [Fact]
    public void Imbalance_and_odd_targets_are_found()
    {
        var (x, labels) = Classes();
        Finds("targets", OfClasses(Classifier(), x, [.. labels.Select((label, i) => i < 8 ? 1 : 0)]), "class 1 8 times");
        Finds("targets", OfClasses(Classifier(), x, new int[labels.Length]), "1 classes");
        var far = Diagnose.Run(Network(new Tanh()), (output, y) => Losses.MeanSquaredError(output, y),
            Batches.Of(Moons().X, Moons().X[.., 0..1] + 500));
        Finds("targets", far, "mean 5");
        Finds("loss at start", far, "variance of the target");
    }

    [Fact]
    public void A_loss_that_starts_too_high_is_found()
    {
        var model = Classifier();
        ((Linear)model[2]).Weight.Assign(((Linear)model[2]).Weight * 100);
        Finds("loss at start", OfClasses(model, Classes().X, Classes().Labels), "zeros 1.099");
        ((Linear)model[2]).Weight.Assign(((Linear)model[2]).Weight * double.NaN);
        Finds("loss at start", OfClasses(model, Classes().X, Classes().Labels), "NaN");
    }

    [Fact]
    public void Parameters_without_gradient_are_found()
    {
        Finds("parameters", OfMoons(new Own((own, x) => own.Second.Forward(own.First.Forward(x).Tanh()).Detach())), "none of the 4");
        Finds("parameters", OfMoons(new Own((own, x) => own.Second.Forward(own.First.Forward(x).Tanh().Detach()))), "first.weight, first.bias");
        Finds("parameters", OfMoons(new Own((own, x) => own.Second.Forward(own.First.Forward(x) * 0))), "stays exactly 0: first.weight");
    }

    [Fact]
    public void Dead_and_saturated_units_are_found()
    {
        var dead = Network(new Relu());
        ((Linear)dead[0]).Bias!.Assign(Tensor.Full([16], -20));
        Finds("activations", OfMoons(dead), "relu after 0.weight: 100 % of units dead");
        var saturated = Network(new Sigmoid());
        ((Linear)saturated[0]).Bias!.Assign(Tensor.Full([16], 20));
        Finds("activations", OfMoons(saturated), "sigmoid after 0.weight: 100 % saturated");
    }

    [Fact]
    public void Vanishing_and_exploding_gradients_are_found()
    {
        Sequential Deep(double gain) => new(Enumerable.Range(0, 8).SelectMany(layer =>
        {
            var linear = Linear(layer == 0 ? 2 : 16, 16, (ulong)layer + 1);
            linear.Weight.Assign(linear.Weight * gain);
            return new Module[] { linear, gain > 1 ? new Identity() : new Sigmoid() };
        }).Append(Linear(16, 1, 20)).ToArray());
        Finds("gradients by layer", OfMoons(Deep(1)), "vanish");
        // Small outputs of large weights: what comes back grows.
        var model = Deep(4);
        ((Linear)model[0]).Weight.Assign(((Linear)model[0]).Weight * 1e-6);
        foreach (var layer in model.OfType<Linear>()) layer.Bias!.Assign(layer.Bias * 0);
        Finds("gradients by layer", OfMoons(model), "explode");
    }

    [Fact]
    public void Updates_of_wrong_size_are_found()
    {
        Finds("update-to-weight ratio", OfMoons(Network(new Tanh()), optimizer: parameters => new Adam(parameters, 3)), "0.weight");
        Finds("update-to-weight ratio", OfMoons(Network(new Tanh()), optimizer: parameters => new Sgd(parameters, 1e-9)), "0.weight");
    }

    [Fact]
    public void Leakage_between_samples_is_found()
    {
        const string Check = "leakage between samples";
        Finds(Check, OfMoons(new Own((own, x) => own.Second.Forward((own.First.Forward(x) - own.First.Forward(x).Mean([0])).Tanh()))),
            "in evaluation");
        Finds(Check, OfMoons(new Own((own, x) =>
            own.Second.Forward((own.IsTraining ? own.First.Forward(x) - own.First.Forward(x).Mean([0]) : own.First.Forward(x)).Tanh()))),
            "in training");
    }

    [Fact]
    public void Leakage_between_ids_is_found_by_exchange()
    {
        var (ids, labels) = (Tensor.From([96, 1], [.. Enumerable.Range(0, 96).Select(i => (float)(i % 5))]), Enumerable.Range(0, 96).Select(i => i % 5 % 2).ToArray());
        Module Model(bool leaks) => new Sequential(new Embedding(5, 8, rng: new Rng(1)), new Flatten(),
            new Lambda(x => leaks ? x - x.Mean([0]) : x), Linear(8, 2, 2));
        Finds("leakage between samples", OfClasses(Model(true), ids, labels), "exchanging");
        Assert.Empty(OfClasses(Model(false), ids, labels).Faults);
    }

    [Fact]
    public void Networks_that_cannot_learn_are_found()
    {
        // Equal inputs with different targets.
        var (x, y) = Moons();
        Finds("one batch by heart", OfMoons(Network(new Tanh()), Tensor.Ones(x.Shape)), "rows");
        var blind = OfMoons(new Own((own, input) => own.Second.Forward(own.First.Forward(input * 0).Tanh())), x, y);
        Finds("blank inputs", blind, "zeros in their place");
    }

    [Fact]
    public void Targets_of_other_rows_are_found()
    {
        var (x, labels) = Classes();
        var mixed = new Rng(9).Permutation(labels.Length);
        Finds("shuffled labels", OfClasses(Classifier(), x, Array.ConvertAll(mixed, i => labels[i])), "held out");
    }

    [Fact]
    public void Evaluation_unlike_training_is_found()
    {
        const string Check = "training and evaluation";
        Finds(Check, OfMoons(Network(new BatchNorm1D(16, momentum: 0), new Tanh()), Moons().X * 5), "evaluation mode");
        Finds(Check, OfMoons(new Own((own, x) =>
            own.Second.Forward((own.First.Forward(x) + Tensor.Normal([16])).Tanh()))), "another loss each time");
    }

    [Fact]
    public void Observers_see_what_is_recorded_until_their_scope_ends()
    {
        List<string> seen = [];
        var (model, x) = (Network(new Tanh()), Moons().X);
        using (Gradients.Observe(result => seen.Add(result.Node!.Op)))
        {
            model.Forward(x);
            using (Gradients.Off()) model.Forward(x);
        }
        var count = seen.Count;
        model.Forward(x);
        Assert.Equal(count, seen.Count);
        Assert.Equal(model.Forward(x).Tape.Where(node => !node.IsLeaf).Select(node => node.Op), seen);
    }

    [Fact]
    public void Steps_must_be_positive() => Assert.Contains("steps is 0", Assert.Throws<ArgumentOutOfRangeException>(() =>
        Diagnose.Run(Network(), Loss, Batches.Of(Moons().X, Moons().Y), steps: 0)).Message);
}
