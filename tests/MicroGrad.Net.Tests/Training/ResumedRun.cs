namespace MicroGrad.Net.Tests.Training;

/// <summary>A training run with everything that must be remembered: dropout, shuffling, statistics, an optimizer.</summary>
sealed class ResumedRun
{
    /// <summary>How each optimizer is made.</summary>
    public static readonly Dictionary<string, Func<IReadOnlyList<Parameter>, Optimizer>> Optimizers = new()
    {
        ["Sgd"] = parameters => new Sgd(parameters, 0.05),
    };

    readonly Optimizer _optimizer;

    public ResumedRun(string optimizer, ulong seed)
    {
        Rng.Seed(seed);
        var data = new Rng(7);
        Model = new Sequential(new Linear(4, 96), new BatchNorm1D(96), new Relu(), new Dropout(0.2, new Rng(seed + 1)),
            new Linear(96, 96), new Tanh(), new Dropout(0.3), new Linear(96, 3));
        _optimizer = Optimizers[optimizer](Model.Parameters());
        var (x, labels) = (Tensor.Normal([130, 4], rng: data), new int[130]);
        for (var i = 0; i < labels.Length; i++) labels[i] = data.Next(3);
        Loader = Batches.Of(x, labels, size: 40, rng: new Rng(seed + 2));
        Checkpoint = new Checkpoint(Model).Add("batches", Loader).Add("steps", () => Steps, value => Steps = value);
    }

    public Sequential Model { get; }

    public Batches<int[]> Loader { get; }

    public Checkpoint Checkpoint { get; }

    public int Steps { get; private set; }

    public ResumedRun Train(int steps)
    {
        for (var end = Steps + steps; Steps < end;)
            foreach (var (x, labels) in Loader)
            {
                _optimizer.ZeroGrad();
                Losses.CrossEntropy(Model.Forward(x), labels).Backward();
                _optimizer.Step();
                Steps++;
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
        var run = new ResumedRun("Sgd", seed: 1);
        var checkpoints = new CheckpointFolder(folder, keep: 2);
        checkpoints.LoadLatest(run.Checkpoint);
        while (true)
        {
            run.Train(1);
            checkpoints.Save(run.Checkpoint, score: 1.0 / run.Steps);
        }
    }
}
