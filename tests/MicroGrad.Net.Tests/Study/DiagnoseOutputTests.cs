using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Study;

/// <summary>What stands between the last layer and the loss is looked at on the tape, whoever put it there.</summary>
[Collection(nameof(ProcessSettings))]
public sealed class DiagnoseOutputTests
{
    const string Check = "output and loss";

    static readonly Tensor s_x = Tensor.Normal([16, 4], rng: new Rng(6));
    static readonly int[] s_labels = [.. s_x.ToDoubles().Chunk(4).Select(row => Array.IndexOf(row, row[..3].Max()))];

    sealed class Own(int outputs, Func<Tensor, Tensor> end) : Module
    {
        readonly Linear _first = new(4, 8, rng: new Rng(1)), _last = new(8, outputs, rng: new Rng(2));

        protected override Tensor Compute(Tensor input) => end(_last.Forward(_first.Forward(input).Tanh()));
    }

    static Finding Look<T>(int outputs, Func<Tensor, Tensor> end, T target, Func<Tensor, T, Tensor> loss)
    {
        var data = target is int[] labels ? (object)Batches.Of(s_x, labels) : Batches.Of(s_x, (Tensor)(object)target!);
        return Diagnose.Run(new Own(outputs, end), loss, (Batches<Tensor, T>)data, steps: 1).Single(finding => finding.Check == Check);
    }

    static Finding OfClasses(Func<Tensor, Tensor> end, Func<Tensor, int[], Tensor>? loss = null) =>
        Look(3, end, s_labels, loss ?? ((p, y) => Losses.CrossEntropy(p, y)));

    static Finding OfYes(Func<Tensor, Tensor> end, Func<Tensor, Tensor, Tensor>? loss = null) =>
        Look(1, end, Tensor.Where(s_x[.., 0..1] > 0, Tensor.Ones([16, 1]), Tensor.Zeros([16, 1])), loss ?? ((p, y) => Losses.BinaryCrossEntropyWithLogits(p, y)));

    static Finding OfNumbers(Func<Tensor, Tensor> end, double scale, double shift = 0) =>
        Look(1, end, s_x[.., 0..1] * scale + shift, (p, y) => Losses.MeanSquaredError(p, y));

    static void IsFault(Finding finding, params string[] words)
    {
        Assert.True(finding.Verdict == FindingVerdict.Fault && finding.Mend.Length > 0, finding.ToString());
        Assert.All(words, word => Assert.Contains(word, finding.Evidence, StringComparison.Ordinal));
    }

    static void IsSound(Finding finding, params string[] words)
    {
        Assert.True(finding.Verdict == FindingVerdict.Sound, finding.ToString());
        Assert.All(words, word => Assert.Contains(word, finding.Evidence, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_loss_of_classes_does_by_itself_is_not_done_before()
    {
        IsFault(OfClasses(x => x.Softmax()), "softmax (DiagnoseOutputTests.cs:", "before cross-entropy", "a second time");
        IsFault(OfClasses(x => x, (p, y) => Losses.CrossEntropy(p.Softmax(), y)), "softmax", "before cross-entropy");
        IsFault(OfClasses(x => x.Softmax().Reshape(-1, 3, 1).Transpose(1, 2).Reshape(-1, 3)), "softmax");
        IsFault(OfClasses(x => x.Softmax(), (p, y) => Losses.CrossEntropy(p, y, labelSmoothing: 0.1)), "softmax");
        IsFault(OfClasses(x => x.Softmax(), (p, y) => Losses.Focal(p, y)), "softmax", "log-softmax");
        IsFault(OfClasses(x => x.Softmax().LogSoftmax(), (p, y) => Losses.NegativeLogLikelihood(p, y)), "before log-softmax");
        IsFault(OfClasses(x => x.Softmax().Softmax(), (p, y) => Losses.NegativeLogLikelihood(p.Log(), y)), "before softmax");
        IsFault(OfClasses(x => x.Sigmoid()), "sigmoid");
        IsFault(OfClasses(x => x.Relu()), "relu", "no gradient");
        IsFault(OfClasses(x => x.Tanh()), "tanh", "certain");
        IsSound(OfClasses(x => x.LogSoftmax()), "changes nothing");
        IsSound(OfClasses(x => x), "plain scores (linear) reach the cross-entropy");
        IsSound(OfClasses(x => x.LogSoftmax(), (p, y) => Losses.NegativeLogLikelihood(p, y)));
        IsSound(OfClasses(x => 30 * (x / 30).Tanh()));
        IsSound(OfClasses(x => x.MatMul(Tensor.Eye(3)) + (x.Softmax() * x).Sum([1], keepDims: true)));
    }

    [Fact]
    public void What_a_loss_of_yes_and_no_does_by_itself_is_not_done_before()
    {
        IsFault(OfYes(x => x.Sigmoid()), "sigmoid", "before binary cross-entropy");
        IsFault(OfYes(x => x, (p, y) => Losses.BinaryCrossEntropyWithLogits(p.Sigmoid(), y)), "sigmoid");
        IsFault(OfYes(x => x.Sigmoid(), (p, y) => Losses.BinaryCrossEntropyWithLogits(p, y, positiveWeight: Tensor.Scalar(2))), "sigmoid", "log-sigmoid");
        IsFault(OfYes(x => x.Relu()), "relu", "never negative");
        IsFault(OfYes(x => x.Tanh()), "tanh");
        IsFault(OfYes(x => x.LogSigmoid()), "never positive");
        IsSound(OfYes(x => x));
        IsSound(OfYes(x => x.Sigmoid(), (p, y) => Losses.BinaryCrossEntropy(p, y)));
    }

    [Fact]
    public void A_last_operation_that_cannot_reach_the_targets_is_named()
    {
        IsFault(OfNumbers(x => x.Relu(), 1), "relu", "gives nothing below 0");
        IsFault(OfNumbers(x => (x.Detach() * 0 + x * 1e-9 - 1).Relu(), 0.1, 3), "no gradient");
        IsFault(OfNumbers(x => x.Tanh(), 3), "tanh", "-1 to 1 only");
        IsFault(OfNumbers(x => x.Sigmoid(), 1), "sigmoid", "0 to 1 only");
        IsFault(OfNumbers(x => x.Softplus(), 1), "softplus");
        IsSound(OfNumbers(x => x, 1));
        IsSound(OfNumbers(x => x.Tanh(), 0.1));
        IsSound(OfNumbers(x => x.Sigmoid(), 0.05, 0.5));
    }

    [Fact]
    public void A_softmax_over_the_samples_is_named()
    {
        IsFault(OfClasses(x => x.LogSoftmax(0), (p, y) => Losses.NegativeLogLikelihood(p, y)), "over the samples");
        IsFault(OfClasses(x => x, (p, y) => Losses.NegativeLogLikelihood(p.LogSoftmax(0), y)), "over the samples");
    }

    [Fact]
    public void Parameters_that_are_no_part_of_the_model_are_found()
    {
        var w = new Parameter(Tensor.Eye(3)) { Name = "w" };
        Finding Of(Func<Tensor, Tensor> end) => Diagnose.Run(new Own(3, end), (p, y) => Losses.CrossEntropy(p, y),
            Batches.Of(s_x, s_labels), steps: 1).First(finding => finding.Check == "parameters");
        IsFault(Of(x => x.MatMul(w)), "w [3, 3] (in matmul (DiagnoseOutputTests.cs:");
        IsFault(Of(x => new Linear(3, 3).Forward(x)), "[3, 3] (in linear (DiagnoseOutputTests.cs:");
        IsSound(Of(x => x));
    }
}
