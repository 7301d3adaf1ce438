namespace MicroGrad.Net;

// The checks that train for a while: one batch, and controls that must not learn.
sealed partial class Examination<TTarget>
{
    const int OverfitRows = 8, FewestRows = 48;

    /// <summary>Adam's, tried in this order where no optimizer is given.</summary>
    static readonly double[] s_rates = [0.01, 0.03, 0.001];

    Func<IEnumerable<Parameter>, Optimizer> Make(double learningRate) =>
        optimizer ?? (parameters => new Adam(parameters, learningRate));

    /// <summary>Trains on one batch for some steps; tells the loss of each.</summary>
    void Train(Batch<Tensor, TTarget> batch, Func<IEnumerable<Parameter>, Optimizer> make, int count, Action<double> after)
    {
        var reached = Forward(batch).Tape.ToHashSet();
        var trains = make(model.Parameters().Where(parameter => parameter.Node is { } node && reached.Contains(node)));
        for (var step = 0; step < count; step++) after(trains.Step(() => Forward(batch)));
    }

    IEnumerable<Finding> OneBatchLearned()
    {
        const string Check = "one batch by heart";
        var batch = data.Rows(_rows[..Math.Min(_rows.Length, OverfitRows)]);
        var (_, constant) = Constants(model.Forward(batch.X).Detach(), batch.Y);
        if (!double.IsFinite(constant) || Math.Abs(constant) < 1e-6)
        {
            yield return Skipped(Check, "a constant prediction cannot be told from a learned one");
            yield break;
        }
        var (lowest, right) = (double.PositiveInfinity, false);
        foreach (var rate in optimizer is null ? s_rates : s_rates[..1])
        {
            FromStart();
            // Dropout is there to hinder what is asked for here.
            foreach (var dropout in model.Modules().OfType<Dropout>()) dropout.Eval();
            for (var round = 0; round < 10 && !Learned(); round++)
                Train(batch, Make(rate), steps, value => lowest = Math.Min(lowest, value));
            right = AllRight(batch);
            if (Learned()) break;
        }
        var evidence = Text($"on {batch.Count} rows the loss falls to {lowest:g3}, where the best constant has {constant:g3}{
            (right ? ", and all labels are right" : "")}");
        yield return Learned() ? Sound(Check, evidence) : Fault(Check, evidence,
            "the network cannot learn what it sees: check the way from input to loss, its width, the learning rate, and "
            + "whether equal inputs have different targets");

        bool Learned() => lowest <= constant - 0.9 * Math.Abs(constant) || right;
    }

    /// <summary>Whether the largest output is the label everywhere; false where there are no labels.</summary>
    bool AllRight(Batch<Tensor, TTarget> batch)
    {
        if (batch.Y is not int[] labels) return false;
        using var off = Gradients.Off();
        var output = model.Forward(batch.X);
        if (output.Rank != 2 || output.Shape[1] < 2) return false;
        var values = output.ToDoubles().Chunk(output.Shape[1]);
        return values.Zip(labels).All(pair => Array.IndexOf(pair.First, pair.First.Max()) == pair.Second);
    }

    IEnumerable<Finding> Controls()
    {
        const string Blank = "blank inputs", Shuffled = "shuffled labels", Mode = "training and evaluation";
        if (_rows.Length < FewestRows)
            return [.. new[] { Blank, Shuffled, Mode }.Select(check => Skipped(check, Text($"fewer than {FewestRows} rows")))];
        var cut = _rows.Length * 2 / 3;
        var (train, held) = (data.Rows(_rows[..cut]), data.Rows(_rows[cut..]));
        var wrong = new Rng(2).Permutation(cut);

        var (real, realHeld) = Learn(train, held);
        var modes = TrainAgainstEval(Mode, train);
        FromStart();
        var (blank, _) = Learn(new(Tensor.Zeros(train.X.Shape, train.X.DType), train.Y, train.Indices), held);
        FromStart();
        var (_, shuffledHeld) = Learn(new(train.X, data.Rows([.. wrong.Select(i => _rows[i])]).Y, train.Indices), held);

        var first = Text($"loss {real:g3} with inputs, {blank:g3} with zeros in their place");
        var second = Text($"on rows held out the loss is {realHeld:g3}, and {shuffledHeld:g3} after training on shuffled labels");
        return
        [
            blank - real > 0.05 * Math.Abs(blank) ? Sound(Blank, first) : Fault(Blank, first,
                "the network does not use its inputs: check that they reach it, and are not all alike after preparation"),
            shuffledHeld - realHeld > 0.05 * Math.Abs(shuffledHeld) ? Sound(Shuffled, second) : Fault(Shuffled, second,
                "nothing is learned that holds for other rows: check that inputs and targets are in the same order; if they "
                + "are, the inputs say little about the targets, or more rows are needed"),
            modes,
        ];
    }

    /// <summary>Trains for some steps; the least loss there and on the rows held out, looked at ten times on the
    /// way.</summary>
    (double Train, double Held) Learn(Batch<Tensor, TTarget> train, Batch<Tensor, TTarget> held)
    {
        var (least, heldLeast, step, every) = (double.PositiveInfinity, double.PositiveInfinity, 0, Math.Max(1, steps / 10));
        Train(train, Make(s_rates[0]), steps, value =>
        {
            least = Math.Min(least, value);
            if (++step % every == 0) heldLeast = Math.Min(heldLeast, Evaluated(held));
        });
        return (least, Math.Min(heldLeast, Evaluated(held)));
    }

    double Evaluated(Batch<Tensor, TTarget> batch)
    {
        using var modes = model.KeepModes();
        using var off = Gradients.Off();
        model.Eval();
        return Forward(batch).Item();
    }

    Finding TrainAgainstEval(string check, Batch<Tensor, TTarget> batch)
    {
        var evaluation = Evaluated(batch);
        if (Evaluated(batch) != evaluation)
            return Fault(check, "in evaluation, the same rows give another loss each time",
                "make layers draw random numbers only while IsTraining");
        var training = Forward(batch).Item();
        var evidence = Text($"after {steps} steps the loss on the same rows is {training:g3} in training mode, {
            evaluation:g3} in evaluation mode");
        var (_, constant) = Constants(model.Forward(batch.X).Detach(), batch.Y);
        var scale = double.IsFinite(constant) ? Math.Abs(constant) : Math.Abs(training);
        return evaluation - training <= 0.5 * Math.Abs(training) + 0.1 * scale ? Sound(check, evidence)
            : Fault(check, evidence, "running averages have not followed (momentum of batch normalization, batches too small "
                + "or too different), or a layer does something else in evaluation");
    }
}
