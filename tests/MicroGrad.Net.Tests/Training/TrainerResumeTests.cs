using MicroGrad.Net.Tests.Kernels;

namespace MicroGrad.Net.Tests.Training;

/// <summary>The parts of a training together: clipping, a schedule that follows the validation loss, checkpoints.</summary>
// Checkpoints hold Rng.Default, which other tests draw from: this one runs by itself.
[Collection(nameof(ProcessSettings))]
public sealed class TrainerResumeTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("micrograd").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    sealed class Run
    {
        readonly Sequential _model;
        readonly Optimizer _optimizer;
        readonly Scheduler _scheduler;
        readonly Batches<Tensor, int[]> _train, _validation;
        readonly CheckpointFolder _folder;
        double _largestNorm;

        public Run(string folder, ulong seed)
        {
            Rng.Seed(seed);
            _model = new Sequential(new Linear(2, 16), new BatchNorm1D(16), new Relu(), new Dropout(0.2), new Linear(16, 3));
            _optimizer = new Sgd(_model.Parameters(), 0.5, momentum: 0.9);
            _scheduler = _optimizer.Follow(new PlateauSchedule(factor: 0.5, patience: 0, threshold: 0.3));
            var (train, validation) = (Toy.Spirals(120, rng: new Rng(1)), Toy.Spirals(60, rng: new Rng(2)));
            _train = Batches.Of(train.X, train.Labels, size: 32, rng: new Rng(seed)).Map((x, rng) => x + Tensor.Normal(x.Shape, 0, 0.05, rng));
            _validation = Batches.Of(validation.X, validation.Labels, size: 60, shuffle: false);
            Checkpoint = new Checkpoint(_model).Add("optimizer", _optimizer).Add("schedule", _scheduler).Add("batches", _train);
            _folder = new CheckpointFolder(folder, keep: 2);
        }

        public Checkpoint Checkpoint { get; }

        public History Fit(int epochs, int firstEpoch = 1)
        {
            var trainer = new Trainer<int[]>(_model, _optimizer, (logits, labels) => Losses.CrossEntropy(logits, labels))
            {
                ClipGradients = parameters =>
                {
                    GradientClipping.ByNorm(parameters, 0.1);
                    _largestNorm = Math.Max(_largestNorm, Math.Sqrt(parameters.Sum(p => p.Grad!.Square().Sum().Item())));
                },
                AfterEpoch = report => _scheduler.Step(report.Figures![History.ValidationLoss]),
                SaveLast = report => _folder.Save(Checkpoint, score: report.Figures![History.ValidationLoss]),
            };
            var history = trainer.Fit(_train, _validation, epochs, firstEpoch);
            Assert.InRange(_largestNorm, 0.05, 0.1001);
            return history;
        }

        public string Latest => _folder.Paths[^1];

        public string Best => _folder.BestPath;

        public void LoadLatest() => Assert.NotNull(_folder.LoadLatest(Checkpoint));
    }

    [Fact]
    public void Six_epochs_are_three_saved_loaded_and_three_more_to_the_bit()
    {
        var whole = new Run(Path.Combine(_folder, "whole"), seed: 5);
        var figures = whole.Fit(6);
        new Run(Path.Combine(_folder, "parts"), seed: 5).Fit(3);
        var resumed = new Run(Path.Combine(_folder, "parts"), seed: 77);
        resumed.LoadLatest();
        var rest = resumed.Fit(6, firstEpoch: 4);

        Assert.Equal(figures["loss"][3..], rest["loss"]);
        Assert.Equal(figures[History.ValidationLoss][3..], rest[History.ValidationLoss]);
        Assert.Equal(figures[History.LearningRate][3..], rest[History.LearningRate]);
        Assert.True(File.ReadAllBytes(whole.Latest).AsSpan().SequenceEqual(File.ReadAllBytes(resumed.Latest)), "the last checkpoints differ");
        Assert.True(figures[History.LearningRate][^1] < 0.5, "the plateau schedule never acted");
        Assert.True(File.Exists(whole.Best));
    }
}
