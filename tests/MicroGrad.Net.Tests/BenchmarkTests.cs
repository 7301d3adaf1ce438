using System.Text.Json;

namespace MicroGrad.Net.Tests;

/// <summary>That the benchmarks run, on the smallest of them; what they measure is no matter for tests.</summary>
public class BenchmarkTests
{
    [Fact]
    public void A_training_step_prints_the_line_that_torch_bench_prints()
    {
        var (exitCode, output, errors) = Repository.RunTool(
            "run", "--project", "benchmarks", "--", "steps", "--only", "mlp_micro", "--threads", "2", "--seconds", "0.1");
        Assert.True(exitCode == 0, errors + output);
        var line = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["workload", "threads", "seconds_per_step"], line.EnumerateObject().Select(field => field.Name));
        Assert.Equal("mlp_micro", line.GetProperty("workload").GetString());
        Assert.Equal(2, line.GetProperty("threads").GetInt32());
        Assert.InRange(line.GetProperty("seconds_per_step").GetDouble(), 1e-7, 1);
    }
}
