using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace MicroGrad.Net.Benchmarks;

/// <summary>Single kernels under BenchmarkDotNet: for looking closely at one while it is changed.</summary>
public static class SingleKernels
{
    /// <summary>Runs those that match BenchmarkDotNet's own arguments, such as <c>--filter *Tanh*</c>.</summary>
    public static void Run(string[] arguments)
    {
        // In this process: a generated project would inherit the solution's settings and be built beside it.
        var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance));
        Parallelism.Threads = 1;
        BenchmarkSwitcher.FromTypes([typeof(MatMulKernel), typeof(ElementwiseKernel), typeof(TapeOps)]).Run(arguments, config);
    }

    /// <summary>Square products.</summary>
    public class MatMulKernel
    {
        float[] _a = [], _b = [], _c = [];

        [Params(32, 64, 256, 512)]
        public int Size { get; set; }

        [GlobalSetup]
        public void Setup() => (_a, _b, _c) = (
            Tensor.Normal([Size * Size]).ToArray<float>(), Tensor.Normal([Size * Size]).ToArray<float>(), new float[Size * Size]);

        [Benchmark]
        public void Plain() => MatMul.Multiply<float>(false, false, Size, Size, Size, _a, Size, _b, Size, _c, Size);

        [Benchmark]
        public void RightTransposed() => MatMul.Multiply<float>(false, true, Size, Size, Size, _a, Size, _b, Size, _c, Size);
    }

    /// <summary>Functions of one array.</summary>
    public class ElementwiseKernel
    {
        float[] _x = [], _y = [];

        [Params(1 << 10, 1 << 16)]
        public int Length { get; set; }

        [GlobalSetup]
        public void Setup() => (_x, _y) = (Tensor.Normal([Length]).ToArray<float>(), new float[Length]);

        [Benchmark]
        public void Relu() => Elementwise.Map<float, Rectifier>(default, _x, _y);

        [Benchmark]
        public void Exp() => Elementwise.Map<float, Exponential>(default, _x, _y);

        [Benchmark]
        public void Tanh() => Elementwise.Map<float, HyperbolicTangent>(default, _x, _y);

        [Benchmark]
        public void Gelu() => Elementwise.Map<float, GaussianErrorLinear>(default, _x, _y);
    }

    /// <summary>What one op costs beside its kernel: the tensor, the node, the rules, the walk back.</summary>
    [MemoryDiagnoser]
    public class TapeOps
    {
        readonly Tensor _plain = Tensor.Ones([16]);
        readonly Parameter _parameter = new(Tensor.Ones([16]));

        [Benchmark]
        public Tensor AddUnrecorded() => _plain + _plain;

        [Benchmark]
        public Tensor AddRecorded() => _parameter + _plain;

        [Benchmark]
        public void AddSumBackward()
        {
            _parameter.Grad = null;
            (_parameter + _plain).Sum().Backward();
        }
    }
}
