using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Study.Report;

[Collection(nameof(ProcessSettings))]
public sealed class JudgementTests
{
    /// <summary>Three scores of each row, taken as they are for logits.</summary>
    static readonly Tensor s_logits = Tensor.Normal([300, 3], rng: new Rng(4)) * 3;

    static readonly int[] s_labels = [.. Enumerable.Range(0, 300).Select(i => i % 3)];

    static TrainingRecord Record(Module? model = null)
    {
        model ??= new Linear(1, 1);
        return new TrainingRecord(model, new Sgd(model.Parameters(), 0.1));
    }

    [Fact]
    public void The_worst_are_those_with_the_largest_losses_in_order()
    {
        var record = Record();
        var random = Rng.Default.State;
        record.Judge(Batches.Of(s_logits, s_labels), x => x, (p, y) => Losses.CrossEntropy(p, y));
        Assert.Equal(random, Rng.Default.State);
        var losses = Losses.CrossEntropy(s_logits, s_labels, reduction: Reduction.None).ToDoubles();
        var order = Enumerable.Range(0, 300).OrderByDescending(i => losses[i]).Take(24).ToArray();
        var (worst, about) = record.Predictions;
        Assert.Equal("The 24 with the largest loss among 300 rows of validation data.", about);
        Assert.Equal(order.Select(i => losses[i]), worst.Select(one => one.Loss), (a, b) => Math.Abs(a - b) < 1e-6);
        var probabilities = s_logits[order[0]].Softmax().ToDoubles();
        var said = Array.IndexOf(probabilities, probabilities.Max());
        Assert.Equal(FormattableString.Invariant($"{said} ({probabilities[said]:0 %})"), worst[0].Said);
        Assert.StartsWith(FormattableString.Invariant($"{s_labels[order[0]]} ("), worst[0].Truth);
        Assert.Null(worst[0].Image);
    }

    [Fact]
    public void Numbers_are_shown_with_their_inputs_and_a_loss_that_is_no_number_is_the_worst()
    {
        var x = Tensor.From([4, 2], new float[] { 1f, 2, 3, 4, 5, 6, float.NaN, 8 });
        var record = Record();
        record.Judge(Batches.Of(x, Tensor.From([4, 1], new float[] { 1f, 1, 1, 1 })), rows => rows[.., ..1], (p, t) => Losses.MeanSquaredError(p, t));
        var worst = record.Predictions.Worst;
        Assert.Equal([double.NaN, 16, 4, 0], worst.Select(one => one.Loss));
        Assert.Equal(("1", "5", "5, 6"), (worst[1].Truth, worst[1].Said, worst[1].Input));
    }

    [Fact]
    public void Pictures_are_known_by_their_shape()
    {
        Tensor? Image(Shape shape)
        {
            var record = Record();
            record.Judge(Batches.Of(Tensor.Ones([2, .. shape]), [0, 1]), x => Tensor.Zeros([x.Shape[0], 2]), (p, y) => Losses.CrossEntropy(p, y));
            return record.Predictions.Worst[0].Image;
        }
        Assert.Equal<Shape>([1, 28, 28], Image([1, 28, 28])!.Shape);
        Assert.Equal<Shape>([3, 9, 7], Image([3, 9, 7])!.Shape);
        Assert.Equal<Shape>([28, 28], Image([784])!.Shape);
        Assert.Equal<Shape>([12, 10], Image([12, 10])!.Shape);
        Assert.Null(Image([10]));
        Assert.Null(Image([4, 3]));
    }

    [Fact]
    public void What_is_no_row_for_a_row_is_left_out_with_the_reason()
    {
        var record = Record();
        record.Judge(Batches.Of(s_logits, s_labels), x => x.Sum(), (p, y) => p);
        Assert.StartsWith("Left out: predictions and targets have no row for each sample", record.Predictions.About);
        record.Judge(Batches.Of(s_logits, s_logits), x => x, (p, y) => p.Shape[0] < 2
            ? throw new ArgumentException("pairs are needed") : (p - y).Mean());
        Assert.Equal("Left out: the loss cannot be computed of one row alone.", record.Predictions.About);
        Assert.Empty(record.Predictions.Worst);
    }

    [Fact]
    public void A_trainer_judges_its_validation_data_in_evaluation_mode_with_the_weights_it_leaves()
    {
        Rng.Seed(3);
        var model = new Sequential(new Linear(3, 3), new Dropout(0.5));
        var optimizer = new Sgd(model.Parameters(), 0.1);
        var record = new TrainingRecord(model, optimizer) { Samples = 2 };
        var validation = Batches.Of(s_logits[..50], s_labels[..50], size: 7);
        new Trainer<int[]>(model, optimizer, (p, y) => Losses.CrossEntropy(p, y)) { Watch = record }
            .Fit(Batches.Of(s_logits[50..], s_labels[50..]), validation, epochs: 2);
        Assert.True(model.IsTraining);
        model.Eval();
        var losses = Losses.CrossEntropy(model.Forward(s_logits[..50]), s_labels[..50], reduction: Reduction.None).ToDoubles();
        Assert.Equal(losses.Max(), record.Predictions.Worst[0].Loss, 1e-6);
        Assert.EndsWith("among 50 rows of validation data.", record.Predictions.About);
    }

    [Fact]
    public void Predictions_judged_elsewhere_are_sorted_too()
    {
        var record = Record();
        record.Judge([new JudgedPrediction(1, "a", "b", "x"), new JudgedPrediction(3, "c", "d", "y"), new JudgedPrediction(2, "e", "f", "z")], "names");
        Assert.Equal("yzx", string.Concat(record.Predictions.Worst.Select(one => one.Input)));
        Assert.Equal("The 3 with the largest loss among 3 rows of names.", record.Predictions.About);
    }
}
