namespace MicroGrad.Net.Benchmarks;

/// <summary>One training step on fixed random data, as a user of the library would write it.</summary>
/// <param name="Name">The name that torch_bench.py has for it.</param>
/// <param name="Goal">Seconds per step over PyTorch's, at most.</param>
/// <param name="Build">Makes the model, the data and the optimizer.</param>
sealed record Workload(string Name, double Goal, Func<Training> Build)
{
    /// <summary>The six steps of torch_bench.py: same models, sizes, optimizers, batches and losses.</summary>
    public static readonly Workload[] All =
    [
        new("mlp_micro", 0.05, () => MlpMicro(batch: 100, width: 16)), new("mlp_mnist", 0.40, () => Mlp(batch: 64, width: 128)),
        new("mlp_wide", 0.85, MlpWide), new("cnn_lenet", 0.50, CnnLenet),
        new("gpt_char", 0.60, () => GptChar(batch: 12, steps: 64)), new("lstm_seq", 0.30, LstmSeq),
    ];

    public static Training MlpMicro(int batch, int width)
    {
        var model = new Sequential(
            new Linear(2, width), new Tanh(), new Linear(width, width), new Tanh(), new Linear(width, 1));
        var x = Tensor.Normal([batch, 2]);
        var y = Tensor.From([batch, 1], Array.ConvertAll(Labels(batch, 2), label => (float)label));
        return new(new Sgd(model.Parameters(), learningRate: 0.1),
            () => Losses.BinaryCrossEntropyWithLogits(model.Forward(x), y));
    }

    /// <summary>mlp_mnist, and its kin of other sizes for the table of growth.</summary>
    public static Training Mlp(int batch, int width)
    {
        var model = new Sequential(new Linear(784, width), new Relu(), new Linear(width, 10));
        var (x, y) = (Tensor.Normal([batch, 784]), Labels(batch, 10));
        return new(new Adam(model.Parameters(), learningRate: 1e-3), () => Losses.CrossEntropy(model.Forward(x), y));
    }

    static Training MlpWide()
    {
        var model = new Sequential(
            new Linear(512, 1024), new BatchNorm1D(1024), new Relu(),
            new Linear(1024, 1024), new BatchNorm1D(1024), new Relu(),
            new Linear(1024, 10));
        var (x, y) = (Tensor.Normal([256, 512]), Labels(256, 10));
        return new(new Adam(model.Parameters(), learningRate: 1e-3), () => Losses.CrossEntropy(model.Forward(x), y));
    }

    static Training CnnLenet()
    {
        var model = new Sequential(
            new Conv2D(1, 16, 3, padding: 1), new BatchNorm2D(16), new Relu(), new MaxPool2D(2),
            new Conv2D(16, 32, 3, padding: 1), new BatchNorm2D(32), new Relu(), new MaxPool2D(2),
            new Flatten(), new Linear(32 * 49, 10));
        var (x, y) = (Tensor.Normal([64, 1, 28, 28]), Labels(64, 10));
        return new(new Adam(model.Parameters(), learningRate: 1e-3), () => Losses.CrossEntropy(model.Forward(x), y));
    }

    /// <summary>gpt_char, and its kin of other lengths for the table of growth.</summary>
    public static Training GptChar(int batch, int steps)
    {
        var model = new Gpt(vocabulary: 65, steps, width: 128, heads: 4, layers: 4);
        var (x, y) = (Labels(batch * steps, 65), Labels(batch * steps, 65));
        return new(new AdamW(model.Parameters(), learningRate: 1e-3),
            () => Losses.CrossEntropy(model.Forward(x).Reshape(-1, 65), y));
    }

    static Training LstmSeq()
    {
        var (lstm, head) = (new Lstm(32, 64, batchFirst: true), new Linear(64, 1));
        var (x, y) = (Tensor.Normal([32, 50, 32]), Tensor.Normal([32, 1]));
        return new(new Adam([.. lstm.Parameters(), .. head.Parameters()], learningRate: 1e-3),
            () => Losses.MeanSquaredError(head.Forward(lstm.Forward(x)[.., ^1]), y));
    }

    static int[] Labels(int count, int classes) =>
        Array.ConvertAll(Tensor.Uniform([count], 0, classes).ToDoubles(), value => (int)Math.Min(value, classes - 1));

    /// <summary>A transformer that reads characters and says what comes next; the blocks normalise first.</summary>
    sealed class Gpt(int vocabulary, int steps, int width, int heads, int layers) : Module<int[], Tensor>
    {
        readonly Embedding _tokens = new(vocabulary, width), _positions = new(steps, width);
        readonly Block[] _blocks = [.. Enumerable.Range(0, layers).Select(_ => new Block(width, heads))];
        readonly LayerNorm _norm = new(width);
        readonly Linear _head = new(width, vocabulary, bias: false);
        readonly int[] _range = [.. Enumerable.Range(0, steps)];

        protected override Tensor Compute(int[] ids)
        {
            var x = _tokens.Forward(ids, [ids.Length / steps, steps]) + _positions.Forward(_range);
            foreach (var block in _blocks) x = block.Forward(x);
            return _head.Forward(_norm.Forward(x));
        }
    }

    sealed class Block(int width, int heads) : Module
    {
        readonly LayerNorm _norm1 = new(width), _norm2 = new(width);
        readonly Linear _qkv = new(width, 3 * width), _projection = new(width, width);
        readonly Linear _up = new(width, 4 * width), _down = new(4 * width, width);

        protected override Tensor Compute(Tensor x)
        {
            x += _projection.Forward(_qkv.Forward(_norm1.Forward(x)).SelfAttention(heads, causal: true));
            return x + _down.Forward(_up.Forward(_norm2.Forward(x)).Gelu());
        }
    }
}

/// <summary>What a training loop holds on to.</summary>
sealed record Training(Optimizer Optimizer, Func<Tensor> Loss)
{
    /// <summary>One step, its memory recycled by the next.</summary>
    public void Step()
    {
        using var scope = new StepScope();
        StepWithoutScope();
    }

    /// <summary>One step, as written by who knows nothing of scopes.</summary>
    public void StepWithoutScope()
    {
        Optimizer.ZeroGrad();
        var loss = Loss();
        loss.Backward();
        Optimizer.Step();
    }
}
