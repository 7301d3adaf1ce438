using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Programs of one file each, as <c>dotnet run file.cs</c> takes them. They are compiled in this process, beside the
/// library that is tested, and run as processes of their own: <c>dotnet run</c> would spend seconds on each before it
/// starts. A warning is an error.
/// </summary>
sealed class ScriptSet(Func<IEnumerable<string>> files)
{
    // What a project of the SDK's has without saying so.
    const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    static readonly string[] s_library = ["MicroGrad.Net", "MathNet.Numerics", "CsvHelper"];

    static readonly string[] s_support = ["Examples.Support", "Spectre.Console", "System.CommandLine"];

    static readonly CSharpParseOptions s_language = CSharpParseOptions.Default.WithPreprocessorSymbols("DEBUG", "TRACE")
        .WithFeatures([new("FileBasedProgram", "true")]);

    /// <summary>The scripts of <c>examples</c>, but for those of another SDK, such as the web's.</summary>
    public static readonly ScriptSet Examples = new(() => Folder("examples").Where(file =>
        !File.ReadAllText(file).Contains("\n#:sdk ", StringComparison.Ordinal)));

    /// <summary>The lessons.</summary>
    public static readonly ScriptSet Course = new(() => Folder("examples/learn"));

    readonly Lazy<Dictionary<string, string>> _compiled = new(() =>
        files().AsParallel().ToDictionary(file => Path.GetFileNameWithoutExtension(file), Compile));

    /// <summary>Runs a script, which is named without its .cs, in a folder.</summary>
    public (int ExitCode, string Output, string Errors) Run(
        string script, string folder, params ReadOnlySpan<string> arguments) =>
        Repository.RunIn(folder, ["exec", "--runtimeconfig",
            Path.Combine(AppContext.BaseDirectory, $"{typeof(ScriptSet).Assembly.GetName().Name}.runtimeconfig.json"),
            _compiled.Value[script], .. arguments]);

    static string[] Folder(string name) => Directory.GetFiles(Path.Combine(Repository.Root, name), "*.cs");

    static string Compile(string file)
    {
        var (code, script) = (File.ReadAllText(file), Path.GetFileNameWithoutExtension(file));
        string[] beside = code.Contains("#:project Support/", StringComparison.Ordinal)
            ? [.. s_library, .. s_support] : s_library;
        var compilation = Compilation(script, code, file, OutputKind.ConsoleApplication, beside);
        var assembly = Path.Combine(AppContext.BaseDirectory, script + ".dll");
        using Stream image = File.Create(assembly), symbols = File.Create(Path.ChangeExtension(assembly, ".pdb"));
        var result = compilation.Emit(image, symbols,
            options: new(debugInformationFormat: DebugInformationFormat.PortablePdb));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return assembly;
    }

    /// <summary>The types of a source text, in an assembly that sees the public members of the library only.</summary>
    public static Assembly Library(string name, string code)
    {
        using var image = new MemoryStream();
        var result = Compilation(name, code, name + ".cs", OutputKind.DynamicallyLinkedLibrary, s_library).Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return Assembly.Load(image.ToArray());
    }

    static CSharpCompilation Compilation(string name, string code, string path, OutputKind kind, string[] beside)
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == runtime)
            .Concat(beside.Select(name => Path.Combine(AppContext.BaseDirectory, name + ".dll")));
        return CSharpCompilation.Create(name,
            [CSharpSyntaxTree.ParseText(SourceText.From(code, Encoding.UTF8), s_language, path),
                CSharpSyntaxTree.ParseText(SourceText.From(Usings, Encoding.UTF8), s_language, "Usings.cs")],
            references.Select(path => MetadataReference.CreateFromFile(path)),
            new(kind, nullableContextOptions: NullableContextOptions.Enable,
                generalDiagnosticOption: ReportDiagnostic.Error, deterministic: true));
    }
}
