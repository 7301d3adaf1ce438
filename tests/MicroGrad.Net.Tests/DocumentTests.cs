using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MicroGrad.Net.Tests;

/// <summary>
/// Runs the programs of the README and of pages of docs, and compares what they print and what they draw with what the
/// page says and shows. With MICROGRAD_WRITE_DOCS=1, writes it into the page.
/// </summary>
public partial class DocumentTests
{
    static readonly string[] s_pages = ["README.md", "docs/study.md", "docs/tensors.md", "docs/layers.md", "docs/data.md",
        "docs/from-pytorch.md", "docs/ship.md"];

    static readonly bool s_write = Environment.GetEnvironmentVariable("MICROGRAD_WRITE_DOCS") == "1";

    static string PathOf(string page) => Path.Combine(Repository.Root, page);

    static string Read(string page) => File.ReadAllText(PathOf(page)).ReplaceLineEndings("\n");

    /// <summary>Where the programs run, so that what they write is not left beside the page.</summary>
    static string Folder(string page) => Directory.CreateDirectory(Path.Combine(
        Repository.Root, "artifacts", "documents", Path.GetFileNameWithoutExtension(page).ToLowerInvariant())).FullName;

    public static TheoryData<string, int> Programs
    {
        get
        {
            var all = new TheoryData<string, int>();
            foreach (var page in s_pages)
                for (var i = 0; i < Program().Count(Read(page)); i++) all.Add(page, i);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_program_prints_and_draws_what_the_page_says(string page, int number)
    {
        var program = Program().Matches(Read(page))[number];
        foreach (var old in Drawn(page)) File.Delete(old);
        var (exitCode, printed, errors) = s_programs.Run(Name(page, number), Folder(page));
        Assert.True(exitCode == 0, errors + printed);
        var output = program.Groups["output"];
        if (s_write)
            File.WriteAllText(PathOf(page), Read(page).Remove(output.Index, output.Length)
                .Insert(output.Index, printed.ReplaceLineEndings("\n").TrimEnd() + "\n"));
        else Docs.Printed.AssertSameButForRounding(output.Value, printed, page, layout: page == "README.md");
        foreach (var drawn in Drawn(page))
        {
            var name = Path.GetFileName(drawn).Replace(".html", ".png", StringComparison.Ordinal);
            var shown = Path.Combine(PathOf(page)[..^3], name);
            if (s_write) await Show(drawn, shown);
            Assert.True(File.Exists(shown),
                $"{shown} is missing: write it with MICROGRAD_WRITE_DOCS=1 dotnet test --filter DocumentTests");
            Assert.Contains($"]({Path.GetFileNameWithoutExtension(page)}/{name})", Read(page), StringComparison.Ordinal);
            if (shown.EndsWith(".svg", StringComparison.Ordinal)) AssertSamePicture(shown, drawn);
        }
    }

    /// <summary>The pictures and pages that a program wrote.</summary>
    static string[] Drawn(string page) =>
        [.. Directory.EnumerateFiles(Folder(page)).Where(file => Path.GetExtension(file) is ".svg" or ".html")];

    /// <summary>A picture as it is, and a page as a picture of its beginning.</summary>
    static async Task Show(string drawn, string shown)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(shown)!);
        if (shown.EndsWith(".svg", StringComparison.Ordinal)) File.Copy(drawn, shown, overwrite: true);
        else await Study.Browser.Photograph(drawn, shown, 1200, 940);
    }

    [Fact]
    public void Every_picture_that_a_page_shows_is_there()
    {
        foreach (var page in s_pages)
            foreach (Match picture in Picture().Matches(Read(page)))
            {
                var file = Path.Combine(Path.GetDirectoryName(PathOf(page))!, picture.Groups["path"].Value);
                Assert.True(File.Exists(file), $"{page} shows {picture.Value}, which is not there.");
            }
    }

    [Fact]
    public void The_drawing_of_the_tape_is_a_real_one()
    {
        var readMe = Read("README.md");
        var (_, printed, errors) = s_programs.Run("drawing", Folder("README.md"));
        var drawing = Drawing().Match(readMe).Groups["drawing"].Value;
        Assert.True(drawing.Length > 0 && printed.StartsWith(drawing, StringComparison.Ordinal),
            $"{drawing}\n{printed}\n{errors}");
    }

    [Fact]
    public void A_program_runs_as_the_page_says()
    {
        var compiled = s_programs.Run(Name("README.md", 0), Folder("README.md"));
        Assert.Equal(compiled, Repository.RunIn(Folder("README.md"), "run", FileOf(Name("README.md", 0))));
    }

    [Fact]
    public void Every_program_of_a_page_is_run_and_the_main_pages_have_several() => Assert.All(s_pages, page =>
    {
        var programs = Program().Count(Read(page));
        Assert.Equal(Read(page).Split("```csharp\n#:project ").Length - 1, programs);
        Assert.True(programs >= (page is "README.md" or "docs/study.md" ? 3 : 1), $"{page} has too few programs.");
    });

    static readonly ScriptSet s_programs = new(() =>
    {
        if (Directory.Exists(ProgramFolder)) Directory.Delete(ProgramFolder, recursive: true);
        Directory.CreateDirectory(ProgramFolder);
        foreach (var page in s_pages)
            foreach (var (i, program) in Program().Matches(Read(page)).Index())
                File.WriteAllText(FileOf(Name(page, i)), Code(program));
        File.WriteAllText(FileOf("drawing"), Program().Matches(Read("README.md")).Select(Code)
            .Single(code => code.Contains("loss.Tape", StringComparison.Ordinal))
            .Replace("loss.Tape)", "loss.Tape.ToMermaid())", StringComparison.Ordinal));
        return Directory.GetFiles(ProgramFolder);
    });

    static string ProgramFolder => Path.Combine(Repository.Root, "artifacts", "documents", "programs");

    static string FileOf(string name) => Path.Combine(ProgramFolder, name + ".cs");

    static string Name(string page, int number) =>
        $"{Path.GetFileNameWithoutExtension(page).ToLowerInvariant()}{number}";

    static string Code(Match program) =>
        program.Groups["code"].Value.Replace("#:project src/", "#:project ../../../src/", StringComparison.Ordinal);

    static double Value(string number) => double.Parse(number, CultureInfo.InvariantCulture);

    /// <summary>The same words, and lines within two pixels.</summary>
    static void AssertSamePicture(string saved, string drawn)
    {
        Assert.Equal(Words(saved), Words(drawn));
        Assert.Equal(Points(saved), Points(drawn), (a, b) => Math.Abs(a - b) <= 2);

        static IEnumerable<XElement> Parts(string file, string name) =>
            XDocument.Load(file).Descendants().Where(element => element.Name.LocalName == name);
        static string[] Words(string file) =>
            [.. Parts(file, "text").Select(text => Number().Replace(text.Value, "#"))];
        static double[] Points(string file) => [.. Parts(file, "polyline")
            .SelectMany(line => line.Attribute("points")!.Value.Split(' ', ',')).Select(Value)];
    }

    [GeneratedRegex(@"```csharp\n(?<code>((?!```).)*)```\n+```text\n(?<output>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();

    [GeneratedRegex(@"```mermaid\n(?<drawing>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Drawing();

    [GeneratedRegex(@"!\[[^\]]*\]\((?<path>[^)]*)\)")]
    private static partial Regex Picture();

    [GeneratedRegex(@"-?\d+(\.\d+)?")]
    private static partial Regex Number();
}
