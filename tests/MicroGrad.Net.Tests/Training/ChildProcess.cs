using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net.Tests.Training;

/// <summary>
/// Runs a task in a process of its own, which can be killed: the test program started again, with the task in an
/// environment variable.
/// </summary>
static class ChildProcess
{
    const string Variable = "MICROGRAD_TEST_CHILD";

    static readonly Dictionary<string, Action<string[]>> Tasks = new()
    {
        ["resume"] = arguments => ResumedRun.Resume(arguments[0], arguments[1], int.Parse(arguments[2]), arguments[3]),
        ["write and wait"] = arguments => LeftOverTests.WriteAndWait(arguments[0]),
        ["save forever"] = arguments => ResumedRun.SaveForever(arguments[0]),
        ["predict alone"] = arguments => FittedTests.PredictAlone(arguments[0], arguments[1]),
        ["extreme sizes"] = arguments => ExtremeSizesTests.Run(arguments[0], arguments[1]),
    };

    public static Process Start(string task, params string[] arguments) => Start(task, environment: new(), arguments);

    public static Process Start(string task, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ChildProcess).Assembly.Location]);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment[Variable] = string.Join('|', [task, .. arguments]);
        return Process.Start(start)!;
    }

    // Before the test runner's own Main, which would look for tests. Until it returns, no other thread can run code of
    // this assembly: a task may start threads only inside the library.
    [ModuleInitializer]
    internal static void RunTask()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } text) return;
        var parts = text.Split('|');
        Tasks[parts[0]](parts[1..]);
        Environment.Exit(0);
    }
}
