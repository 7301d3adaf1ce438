namespace MicroGrad.Net.Tests;

/// <summary>Models with several inputs and outputs in trainer, metrics, prediction, summary and reports.</summary>
public class TrainerOfTuplesTests
{
    /// <summary>From numbers and ids to a price and a class.</summary>
    sealed class TwoHeads : Module<(Tensor Numbers, int[] Ids), (Tensor Price, Tensor Logits)>
    {
        readonly Embedding _ids = new(3, 4, rng: new Rng(1));
        readonly Linear _body = new(6, 16, rng: new Rng(2)), _price = new(16, 1, rng: new Rng(3)), _kind = new(16, 2, rng: new Rng(4));
        readonly Dropout _dropout = new(0.2, new Rng(5));

        protected override (Tensor Price, Tensor Logits) Compute((Tensor Numbers, int[] Ids) input)
        {
            var x = Tensor.Concat([input.Numbers, _ids.Forward(input.Ids)], axis: 1);
            var hidden = _dropout.Forward(_body.Forward(x).Tanh());
            return (_price.Forward(hidden), _kind.Forward(hidden));
        }
    }

    // Before any test: a static field that is first read inside a step would be made there, and end with it.
    static TrainerOfTuplesTests()
    {
    }

    const int Rows = 120;
    static readonly Tensor s_numbers = Tensor.Uniform([Rows, 2], -1, 1, new Rng(6));
    static readonly int[] s_ids = [.. Enumerable.Range(0, Rows).Select(row => row % 3)];
    static readonly int[] s_kinds = [.. s_ids.Select(id => id == 1 ? 1 : 0)];
    static readonly Tensor s_prices = s_numbers.Sum(1, keepDims: true);

    static Batches<(Tensor, int[]), (Tensor Price, int[] Kind)> Data => Batches.Of(
        Rows, rows => (s_numbers.Select(rows), Array.ConvertAll(rows, row => s_ids[row])),
        rows => (Price: s_prices.Select(rows), Kind: Array.ConvertAll(rows, row => s_kinds[row])), size: 20, rng: new Rng(7));

    static Trainer<(Tensor, int[]), (Tensor Price, Tensor Logits), (Tensor Price, int[] Kind)> Trainer(
        TwoHeads model, ITrainingWatch? watch = null) => new(
        model, new Adam(model.Parameters(), 0.01),
        (said, truth) => Losses.MeanSquaredError(said.Price, truth.Price) + Losses.CrossEntropy(said.Logits, truth.Kind))
    {
        BatchWeight = batch => batch.Count,
        Metrics = { { "accuracy", (said, truth) => Metrics.Accuracy(said.Logits, truth.Kind) } },
        Watch = watch,
    };

    [Fact]
    public void A_trainer_learns_two_things_from_two_inputs()
    {
        var model = new TwoHeads();
        var history = Trainer(model).Fit(Data, Data, epochs: 30);
        Assert.True(history.Last["validation loss"] < 0.1, history.ToString());
        Assert.Equal(1, history.Last["validation accuracy"]);
        Assert.True(model.IsTraining);
        var (price, logits) = model.Predict((s_numbers, s_ids));
        Assert.Null(price.Node);
        Assert.Equal(1, Metrics.Accuracy(logits, s_kinds));
        Assert.True(Losses.MeanSquaredError(price, s_prices).Item() < 0.1);
    }

    [Fact]
    public void A_report_of_such_a_training_has_its_steps_and_says_what_is_left_out()
    {
        var model = new TwoHeads();
        var record = new TrainingRecord(model, new Adam(model.Parameters(), 0.01));
        Trainer(model, record).Fit(Data, epochs: 1);
        Assert.NotEmpty(record.Steps);
        Assert.Contains("Left out", record.Predictions.About);
    }

    [Fact]
    public void A_number_that_is_not_finite_in_one_of_several_inputs_is_found()
    {
        var numbers = s_numbers.ToArray<float>();
        numbers[3] = float.NaN;
        var bad = Tensor.From(s_numbers.Shape, numbers);
        var message = Assert.Throws<NonFiniteException>(() => Trainer(new TwoHeads()).Fit(Batches.Of(
            Rows, rows => (bad.Select(rows), Array.ConvertAll(rows, row => s_ids[row])),
            rows => (s_prices.Select(rows), Array.ConvertAll(rows, row => s_kinds[row])), size: 20, shuffle: false))).Message;
        Assert.Contains("the input of the batch [20, 2] has values that are not finite, the first in its row 1", message);
    }

    [Fact]
    public void Its_summary_shows_all_shapes() =>
        Assert.Contains("[5, 1], [5, 2]", new TwoHeads().Summary((Tensor.Ones([5, 2]), [0, 1, 2, 0, 1])));

    [Fact]
    public void Many_threads_predict_with_one_model_in_training_mode()
    {
        var model = new TwoHeads();
        var expected = model.Predict((s_numbers, s_ids)).Price.ToDoubles();
        var same = Enumerable.Range(0, 64).AsParallel().WithDegreeOfParallelism(8).Select(_ =>
        {
            var (price, logits) = model.Predict((s_numbers, s_ids));
            return price.Node is null && logits.Node is null && price.ToDoubles().SequenceEqual(expected);
        });
        Assert.All(same, Assert.True);
        Assert.True(model.IsTraining);
        Assert.NotNull(model.Forward((s_numbers, s_ids)).Price.Node);     // records again
        Assert.NotEqual(expected, model.Forward((s_numbers, s_ids)).Price.ToDoubles());     // drops out again
    }
}
