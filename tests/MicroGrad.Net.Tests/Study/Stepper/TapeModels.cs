using System.Runtime.CompilerServices;

namespace MicroGrad.Net.Tests.Study;

/// <summary>
/// Losses of small networks of every make, to be looked at step by step; never optimised, as a user's debug build is.
/// </summary>
static class TapeModels
{
    [MethodImpl(MethodImplOptions.NoOptimization)]
    public static Tensor Expression()
    {
        var (a, b) = (Scalar("a", 2), Scalar("b", -3));
        var c = new Parameter(Numbers.Vector(10, 0, -1)) { Name = "c" };
        var d = a * b + c;
        var e = (d.Relu() + d.Tanh()) * a;
        var f = e / (1 + d.Square());
        var g = f.Exp().Log1p() - c.Sigmoid();
        var h = Tensor.Max(g, d * 0.1);
        return (h * h).Sum() + a * b / 2 + c.Square().Mean().Sqrt();
    }

    static Parameter Scalar(string name, double value) => new(Tensor.Scalar(value, DType.Float64)) { Name = name };

    [MethodImpl(MethodImplOptions.NoOptimization)]
    public static Tensor Perceptron()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Linear(2, 3, rng: rng), new Tanh(), new Linear(3, 1, rng: rng));
        return Losses.MeanSquaredError(Named(model).Forward(Tensor.Normal([4, 2], rng: rng)), Tensor.Ones([4, 1]));
    }

    [MethodImpl(MethodImplOptions.NoOptimization)]
    public static Tensor LeNet()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Conv2D(1, 2, 5, rng: rng), new Relu(), new MaxPool2D(2),
            new Conv2D(2, 3, 3, rng: rng), new Relu(), new MaxPool2D(2), new Flatten(),
            new Linear(12, 5, rng: rng), new Relu(), new Linear(5, 4, rng: rng));
        return Losses.CrossEntropy(Named(model).Forward(Tensor.Normal([8, 1, 16, 16], rng: rng)), [0, 1, 2, 3, 0, 1, 2, 3]);
    }

    [MethodImpl(MethodImplOptions.NoOptimization)]
    public static Tensor Blocks()
    {
        var rng = new Rng(1);
        return Losses.Huber(Named(new BlockNetwork(rng)).Forward(Tensor.Normal([4, 5], rng: rng)), Tensor.Zeros([4, 1]));
    }

    [MethodImpl(MethodImplOptions.NoOptimization)]
    public static Tensor Transformer()
    {
        var rng = new Rng(1);
        var model = new Sequential(new Linear(3, 4, rng: rng), new TransformerEncoderLayer(
            4, 2, 8, dropout: 0, batchFirst: true, normFirst: true, causal: true, rng: rng), new Linear(4, 2, rng: rng));
        var x = Tensor.Normal([2, 3, 3], rng: rng);
        return Losses.CrossEntropy(Named(model).Forward(x).Reshape(-1, 2), [0, 1, 1, 0, 1, 0]);
    }

    [MethodImpl(MethodImplOptions.NoOptimization)]
    public static Tensor Lstm()
    {
        var rng = new Rng(1);
        return Losses.MeanSquaredError(
            Named(new LastState(rng)).Forward(Tensor.Normal([3, 2, 2], rng: rng)), Tensor.Zeros([2, 1]));
    }

    public static readonly Dictionary<string, Func<Tensor>> All = new()
    {
        [nameof(Expression)] = Expression, [nameof(Perceptron)] = Perceptron, [nameof(LeNet)] = LeNet,
        [nameof(Blocks)] = Blocks, [nameof(Transformer)] = Transformer, [nameof(Lstm)] = Lstm,
    };

    public static Tensor InDetail(Func<Tensor> make)
    {
        using (Tape.Detailed()) return make();
    }

    static Module Named(Module model)
    {
        model.NamedParameters();
        return model;
    }

    sealed class Block(Rng rng) : Module
    {
        readonly Linear _first = new(3, 3, rng: rng), _second = new(3, 3, rng: rng);

        [MethodImpl(MethodImplOptions.NoOptimization)]
        protected override Tensor Compute(Tensor input) => input + _second.Forward(_first.Forward(input.Tanh()).Relu());
    }

    sealed class BlockNetwork(Rng rng) : Module
    {
        readonly Linear _enter = new(5, 3, rng: rng), _leave = new(3, 1, rng: rng);
        readonly List<Block> _blocks = [new Block(rng), new Block(rng), new Block(rng)];

        [MethodImpl(MethodImplOptions.NoOptimization)]
        protected override Tensor Compute(Tensor input)
        {
            var x = _enter.Forward(input);
            foreach (var block in _blocks) x = block.Forward(x);
            return _leave.Forward(x);
        }
    }

    sealed class LastState(Rng rng) : Module
    {
        readonly Lstm _cells = new(2, 3, rng: rng);
        readonly Sequential _head = new(new Linear(3, 2, rng: rng), new Tanh(), new Linear(2, 1, rng: rng));

        [MethodImpl(MethodImplOptions.NoOptimization)]
        protected override Tensor Compute(Tensor input) => _head.Forward(_cells.Forward(input)[^1]);
    }
}
