namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>Every optimizer, in every form that remembers something of its own.</summary>
static class OptimizerTable
{
    public static readonly Dictionary<string, Func<IEnumerable<IOptimizable>, Optimizer>> All = new()
    {
        ["Sgd"] = parameters => new Sgd(parameters, 0.05),
        ["Sgd with momentum"] = parameters => new Sgd(parameters, 0.05, 0.9, dampening: 0.1, weightDecay: 0.01),
        ["Adam"] = parameters => new Adam(parameters, 0.05, weightDecay: 0.01),
        ["Adam with amsGrad"] = parameters => new Adam(parameters, 0.05, amsGrad: true),
        ["AdamW"] = parameters => new AdamW(parameters, 0.05),
        ["RmsProp"] = parameters => new RmsProp(parameters, 0.01),
        ["RmsProp, all"] = parameters => new RmsProp(parameters, 0.01, momentum: 0.9, centered: true),
        ["Adagrad"] = parameters => new Adagrad(parameters, 0.05, learningRateDecay: 0.1, initialSum: 0.1),
        ["Adadelta"] = parameters => new Adadelta(parameters),
        ["Adamax"] = parameters => new Adamax(parameters, 0.05),
        ["NAdam"] = parameters => new NAdam(parameters, 0.05),
        ["RAdam"] = parameters => new RAdam(parameters, 0.05),
        ["Rprop"] = parameters => new Rprop(parameters),
        ["Lion"] = parameters => new Lion(parameters, 0.05, weightDecay: 0.1),
        ["Muon"] = parameters => new Muon(parameters, 0.05, weightDecay: 0.1),
        ["Lbfgs"] = parameters => new Lbfgs(parameters, 0.5, maxIterations: 3, historySize: 4),
        ["Lbfgs with line search"] = parameters => new Lbfgs(parameters, maxIterations: 3, historySize: 4, lineSearch: true),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>A small problem, always the same: y = tanh(x·Wᵀ + b)·v.</summary>
    public sealed class Problem
    {
        readonly Tensor _x, _y;

        public Problem(DType dtype = DType.Float32)
        {
            var rng = new Rng(5);
            Tensor Normal(Shape shape) => Tensor.Normal(shape, rng: rng).To(dtype);
            (_x, _y) = (Normal([16, 3]), Normal([16]));
            Weights = [Named("0.weight", Normal([5, 3])), Named("0.bias", Normal([5])), Named("2.weight", Normal([5]))];
        }

        public Parameter[] Weights { get; }

        public Tensor Loss() => Losses.MeanSquaredError(
            (_x.MatMul(Weights[0], transposeRight: true) + Weights[1]).Tanh().MatMul(Weights[2]), _y);

        public float[] Floats => [.. Weights.SelectMany(weight => weight.ToArray<float>())];

        static Parameter Named(string name, Tensor values) => new(values) { Name = name };
    }

    /// <summary>A problem and its optimizer, some steps on.</summary>
    public static (Problem Problem, Optimizer Optimizer) After(int steps, string name, DType dtype = DType.Float32)
    {
        var problem = new Problem(dtype);
        var optimizer = All[name](problem.Weights);
        for (var step = 0; step < steps; step++) optimizer.Step(problem.Loss);
        return (problem, optimizer);
    }
}
