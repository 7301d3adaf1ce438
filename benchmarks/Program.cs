using System.CommandLine;
using MicroGrad.Net;
using MicroGrad.Net.Benchmarks;

var threads = new Option<int[]>("--threads")
{
    Description = "How many threads to use; several numbers are measured one after another.",
    DefaultValueFactory = _ => [1], AllowMultipleArgumentsPerToken = true,
};
var only = new Option<string[]>("--only") { Description = "The workloads to run, by name.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. Workload.All.Select(workload => workload.Name)]);
var seconds = new Option<double>("--seconds") { Description = "How long to measure a workload.", DefaultValueFactory = _ => 4 };
var memory = new Option<bool>("--memory") { Description = "Also print processor time, allocations, collections and the peak memory of the process so far." };
var noScope = new Option<bool>("--no-scope") { Description = "Leave the step scope out, which recycles a step's memory." };
var steps = new Option<int>("--steps") { Description = "How many steps of each workload.", DefaultValueFactory = _ => 10_000 };
var rounds = new Option<int>("--rounds") { Description = "How often to run both sides.", DefaultValueFactory = _ => 3 };
var torch = new Option<string?>("--torch") { Description = "The path of torch_bench.py; shared/bench beside the repository by default." };
var write = new Option<bool>("--write") { Description = "Write what was found to its section of benchmarks/RESULTS.md." };
var example = new Option<string>("--example")
{
    Description = "The script to publish as a native program.",
    DefaultValueFactory = _ => Path.Combine(Report.Root, "examples", "moons.cs"),
};

var root = new RootCommand("How fast the library is: training steps beside PyTorch, kernels beside what the machine can do.");
Add("steps", "The six training steps of torch_bench.py: a JSON line each.", [threads, only, seconds, memory, noScope], parsed =>
{
    foreach (var count in parsed.GetValue(threads)!)
        foreach (var workload in Chosen(parsed))
        {
            Parallelism.Threads = count;
            var cost = StepCost.Of(workload, parsed.GetValue(seconds), scope: !parsed.GetValue(noScope));
            Console.WriteLine(cost.Json(workload, count, parsed.GetValue(memory)));
        }
});
Add("compare", "The six steps beside PyTorch's, with memory and a profile.", [threads, only, seconds, rounds, torch, write], parsed =>
    SideBySide.Run(new Torch(parsed.GetValue(torch)), Chosen(parsed), parsed.GetValue(threads)!, parsed.GetValue(rounds),
        parsed.GetValue(seconds), parsed.GetValue(write)));
Add("profile", "Where the time of the six steps goes.", [only, seconds, write], parsed =>
    Profile.Run(Chosen(parsed), parsed.GetValue(seconds), parsed.GetValue(write)));
Add("memory", "Many steps, and what the garbage collector had to do.", [only, steps, noScope, write], parsed =>
    Memory.Run(Chosen(parsed), parsed.GetValue(steps), !parsed.GetValue(noScope), parsed.GetValue(write)));
Add("kernels", "Matmul beside OpenBLAS, elementwise kernels beside a copy.", [threads, write], parsed =>
    Kernels.Run(parsed.GetValue(threads)!, parsed.GetValue(write)));
Add("growth", "Time against batch, width and length, beside PyTorch.", [threads, torch, write], parsed =>
    Growth.Run(new Torch(parsed.GetValue(torch)), parsed.GetValue(threads)![0], parsed.GetValue(write)));
Add("startup", "A script from start to end, built and as a native program.", [example, torch, write], parsed =>
    StartUp.Run(new Torch(parsed.GetValue(torch)), parsed.GetValue(example)!, parsed.GetValue(write)));
var single = new Command("single", "Single kernels under BenchmarkDotNet; takes its arguments, such as --filter *Tanh*.")
{
    TreatUnmatchedTokensAsErrors = false,
};
single.SetAction(parsed => SingleKernels.Run([.. parsed.UnmatchedTokens]));
root.Add(single);
return root.Parse(args).Invoke();

void Add(string name, string description, Option[] options, Action<ParseResult> action)
{
    var command = new Command(name, description);
    foreach (var option in options) command.Add(option);
    command.SetAction(parsed =>
    {
        try
        {
            action(parsed);
            return 0;
        }
        catch (Exception wrong) when (wrong is FileNotFoundException or InvalidOperationException)
        {
            Console.Error.WriteLine("error: " + wrong.Message);
            return 2;
        }
    });
    root.Add(command);
}

Workload[] Chosen(ParseResult parsed) => parsed.GetValue(only) is { Length: > 0 } names
    ? [.. Workload.All.Where(workload => names.Contains(workload.Name))] : Workload.All;
