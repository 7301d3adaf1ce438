using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;

namespace MicroGrad.Net.Tests;

/// <summary>The package, as a stranger gets it: what is in it, and a program of one's own that uses it.</summary>
public sealed class PackageTests(PackageTests.Packed packed) : IClassFixture<PackageTests.Packed>
{
    /// <summary>The package in a feed of its own, and a console project that adds it.</summary>
    public sealed class Packed : IDisposable
    {
        const string Program = """
            using MicroGrad.Net;

            Rng.Seed(1);
            var (x, y) = Toy.Moons(count: 400, noise: 0.1);
            var model = Model();
            var optimizer = new Adam(model.Parameters(), learningRate: 0.01);
            for (var step = 0; step < 400; step++)
                optimizer.Step(() => Losses.BinaryCrossEntropyWithLogits(model.Forward(x), y));
            model.Save("moons.safetensors");

            var loaded = Model();
            loaded.Load("moons.safetensors");
            var same = loaded.Predict(x).ToArray<float>().AsSpan().SequenceEqual(model.Predict(x).ToArray<float>());
            Console.WriteLine($"accuracy {Metrics.BinaryAccuracy(loaded.Predict(x), y):0.00}, the same after loading: {same}");

            static Sequential Model() => new(new Linear(2, 16), new Tanh(), new Linear(16, 16), new Tanh(), new Linear(16, 1));
            """;

        readonly string _folder = Directory.CreateTempSubdirectory("package").FullName;

        /// <summary>Packs, with a version that no cache has.</summary>
        public Packed()
        {
            Version = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{DateTime.UtcNow.Ticks}");
            var (exitCode, output, errors) = Repository.RunTool(
                "pack", "src/MicroGrad.Net", "-o", Feed, $"-p:Version={Version}", "-p:RepositoryUrl=https://example.org/here");
            Assert.True(exitCode == 0, output + errors);
            Directory.CreateDirectory(Project);
            File.WriteAllText(Path.Combine(Project, "Use.csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <Nullable>enable</Nullable>
                    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                    <InvariantGlobalization>true</InvariantGlobalization>
                  </PropertyGroup>
                  <ItemGroup><PackageReference Include="MicroGrad.Net" Version="{Version}" /></ItemGroup>
                  <Target Name="TellInstructionSet" AfterTargets="Publish">
                    <Message Importance="high" Text="instruction set: $(IlcInstructionSet)" />
                  </Target>
                </Project>
                """);
            File.WriteAllText(Path.Combine(Project, "nuget.config"), $"""
                <configuration><packageSources><add key="feed" value="{Feed}" /></packageSources></configuration>
                """);
            File.WriteAllText(Path.Combine(Project, "Program.cs"), Program);
        }

        public string Version { get; }

        public string Feed => Path.Combine(_folder, "feed");

        public string Project => Path.Combine(_folder, "use");

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }

    ZipArchive Open(string extension) =>
        ZipFile.OpenRead(Path.Combine(packed.Feed, $"MicroGrad.Net.{packed.Version}.{extension}"));

    static string Text(ZipArchive archive, string name)
    {
        using var reader = new StreamReader(archive.GetEntry(name)?.Open() ?? throw new FileNotFoundException(name));
        return reader.ReadToEnd();
    }

    [Fact]
    public void It_says_what_it_is_and_is_small()
    {
        using var package = Open("nupkg");
        var metadata = XDocument.Parse(Text(package, "MicroGrad.Net.nuspec")).Root!.Elements().First();
        string Of(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
        Assert.Equal(("MIT", "README.md", "icon.png"), (Of("license"), Of("readme"), Of("icon")));
        Assert.Equal("https://example.org/here", Of("projectUrl"));
        Assert.Contains("neural-network", Of("tags"));
        Assert.NotEqual("MicroGrad.Net", Of("authors"));
        Assert.Equal(["CsvHelper", "MathNet.Numerics"], metadata.Descendants().Where(element => element.Name.LocalName == "dependency")
            .Select(element => element.Attribute("id")!.Value).Order());
        Assert.InRange(new FileInfo(Path.Combine(packed.Feed, $"MicroGrad.Net.{packed.Version}.nupkg")).Length, 100_000, 1_000_000);
        Assert.All(["lib/net10.0/MicroGrad.Net.dll", "lib/net10.0/MicroGrad.Net.xml", "icon.png",
            "buildTransitive/MicroGrad.Net.targets"], name => Assert.NotNull(package.GetEntry(name)));
        using var symbols = Open("snupkg");
        Assert.NotNull(symbols.GetEntry("lib/net10.0/MicroGrad.Net.pdb"));
    }

    [Fact]
    public void Its_readme_has_links_that_work_anywhere()
    {
        using var package = Open("nupkg");
        var text = Text(package, "README.md");
        Assert.StartsWith("# MicroGrad.Net\n\n```sh\ndotnet add package MicroGrad.Net\n```\n", text.ReplaceLineEndings("\n"));
        Assert.DoesNotContain("mermaid", text);
        Assert.DoesNotContain("#:project", text);
        Assert.DoesNotContain("$url$", text);
        var links = text.Split("](").Skip(1).Select(part => part[..part.IndexOf(')')]).ToArray();
        Assert.NotEmpty(links);
        Assert.All(links, link =>
        {
            Assert.StartsWith("https://example.org/here/", link);
            var path = link["https://example.org/here/".Length..].Split('/', 3)[2];
            Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path);
        });
    }

    [Fact]
    public void A_program_outside_adds_it_trains_saves_loads_and_predicts()
    {
        var (exitCode, output, errors) = Repository.RunIn(packed.Project, "run");
        Assert.True(exitCode == 0, output + errors);
        Assert.Equal("accuracy 1.00, the same after loading: True", output.Trim());
    }

    [Fact]
    public void Natively_compiled_it_is_small_has_no_warning_and_is_compiled_for_wide_vectors()
    {
        if (!OperatingSystem.IsLinux() || System.Runtime.InteropServices.RuntimeInformation.OSArchitecture != System.Runtime.InteropServices.Architecture.X64)
            Assert.Skip("the linker is looked for on Linux on x64 alone.");
        var linker = Array.Find(["clang", "gcc"], name => File.Exists($"/usr/bin/{name}"));
        if (linker is null) Assert.Skip("there is neither clang nor gcc to link with.");
        var (exitCode, output, errors) = Repository.RunIn(packed.Project, "publish", "-r", "linux-x64", "-c", "Release", "-o", "native",
            "-p:PublishAot=true", $"-p:CppCompilerAndLinker={linker}");
        Assert.True(exitCode == 0, output + errors);
        Assert.Contains("instruction set: x86-64-v3", output);
        var program = Path.Combine(packed.Project, "native", "Use");
        Assert.InRange(new FileInfo(program).Length, 1_000_000, 8_000_000);
        using var run = Process.Start(new ProcessStartInfo(program) { WorkingDirectory = packed.Project, RedirectStandardOutput = true })!;
        Assert.Equal("accuracy 1.00, the same after loading: True", run.StandardOutput.ReadToEnd().Trim());
        run.WaitForExit();
        Assert.Equal(0, run.ExitCode);
    }
}
