namespace MicroGrad.Net.Tests.Training;

/// <summary>
/// A training run with all that must be remembered: dropout, shuffling, augmentation, statistics, an optimizer.
/// </summary>
sealed class ResumedRun
{
    /// <summary>How each optimizer is made.</summary>
    public static readonly Dictionary<string, Func<IReadOnlyList<Parameter>, Optimizer>> Optimizers = new()
    {
        ["Sgd"] = parameters => new Sgd(parameters, 0.05),
        ["Sgd with momentum"] = parameters => new Sgd(parameters, 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01),
        ["Adam"] = parameters => new Adam(parameters, 0.01),
        ["Adam with amsGrad"] = parameters => new Adam(parameters, 0.01, amsGrad: true),
        ["AdamW"] = parameters => new AdamW(parameters, 0.01),
        ["AdamW in groups"] = parameters => new AdamW(
            [new ParameterGroup(parameters.Take(2)), new ParameterGroup(parameters.Skip(2)) { LearningRate = 0.003 }], 0.01),
        ["RmsProp"] = parameters => new RmsProp(parameters, 0.001, momentum: 0.5, centered: true),
        ["Adagrad"] = parameters => new Adagrad(parameters, learningRateDecay: 0.1),
        ["Adadelta"] = parameters => new Adadelta(parameters),
        ["Adamax"] = parameters => new Adamax(parameters),
        ["NAdam"] = parameters => new NAdam(parameters),
        ["RAdam"] = parameters => new RAdam(parameters),
        ["Rprop"] = parameters => new Rprop(parameters),
        ["Lion"] = parameters => new Lion(parameters),
        ["Muon"] = parameters => new Muon(parameters),
        ["Lbfgs"] = parameters => new Lbfgs(parameters, maxIterations: 3, historySize: 5),
    };

    readonly Optimizer _optimizer;
    readonly Scheduler _scheduler;
    readonly WeightAverage _average;

    public ResumedRun(string optimizer, ulong seed)
    {
        Rng.Seed(seed);
        var data = new Rng(7);
        Model = new Sequential(new Linear(4, 200), new BatchNorm1D(200), new Relu(), new Dropout(0.2, new Rng(seed + 1)),
            new Linear(200, 200), new Tanh(), new Dropout(0.3), new Linear(200, 3));
        _optimizer = Optimizers[optimizer](Model.Parameters());
        _scheduler = _optimizer.Follow(new CosineSchedule(1000));
        _average = new WeightAverage(Model.Parameters(), 0.9);
        var (x, labels) = (Tensor.Normal([130, 1, 2, 2], rng: data), new int[130]);
        for (var i = 0; i < labels.Length; i++) labels[i] = data.Next(3);
        Loader = Batches.Of(x, labels, size: 40, rng: new Rng(seed + 2)).Augment(new Augmentation(-9, 9).Noise(0.1));
        Checkpoint = new Checkpoint(Model).Add("optimizer", _optimizer).Add("schedule", _scheduler).Add("average", _average)
            .Add("batches", Loader).Add("steps", () => Steps, value => Steps = value);
    }

    public Sequential Model { get; }

    public Batches<Tensor, int[]> Loader { get; }

    public Checkpoint Checkpoint { get; }

    public int Steps { get; private set; }

    public ResumedRun Train(int steps, Action? afterStep = null)
    {
        for (var end = Steps + steps; Steps < end;)
            foreach (var (x, labels) in Loader)
            {
                _optimizer.Step(() => Losses.CrossEntropy(Model.Forward(x.Reshape(labels.Length, 4)), labels));
                _average.Update();
                _scheduler.Step();
                Steps++;
                afterStep?.Invoke();
                if (Steps == end) return this;
            }
        return this;
    }

    /// <summary>In a process of its own: goes on from a file and writes another.</summary>
    public static void Resume(string optimizer, string from, int steps, string to)
    {
        var run = new ResumedRun(optimizer, seed: 99);
        run.Checkpoint.Load(from);
        run.Train(steps).Checkpoint.Save(to);
    }

    /// <summary>In a process of its own: trains and saves until it is killed.</summary>
    public static void SaveForever(string folder)
    {
        var run = new ResumedRun("Adam", seed: 1);
        var checkpoints = new CheckpointFolder(folder, keep: 2);
        checkpoints.LoadLatest(run.Checkpoint);
        run.Train(100_000, () => checkpoints.Save(run.Checkpoint, score: 1.0 / run.Steps));
    }
}
