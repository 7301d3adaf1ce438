using System.Text;
using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>A script of the course: its title and paragraph, as they stand on top of it.</summary>
sealed partial record Lesson(string File, int Number, string Title, string Paragraph, int Lines)
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "examples", "learn");

    public static IReadOnlyList<Lesson> All { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.cs").Order(StringComparer.Ordinal).Select(Read)];

    static Lesson Read(string path)
    {
        var text = System.IO.File.ReadAllText(path).ReplaceLineEndings("\n");
        var top = Top().Match(text);
        Assert.True(top.Success, $"{Path.GetFileName(path)} must begin with its directives, a title such as "
            + "'// 3. Gradient descent' and a paragraph.");
        return new Lesson(Path.GetFileName(path), int.Parse(top.Groups["number"].Value), top.Groups["title"].Value,
            top.Groups["paragraph"].Value.Replace("\n// ", " ").Replace("// ", "").Trim(), text.Count(c => c == '\n'));
    }

    [GeneratedRegex(@"\A(#.*\n)+\n// (?<number>\d+)\. (?<title>.+)\n//\n(?<paragraph>(// .+\n)+)\nusing MicroGrad\.Net;\n")]
    private static partial Regex Top();
}

/// <summary>docs/course.md: the scripts in their order, each with its paragraph, what it prints and what it draws.</summary>
static partial class CoursePage
{
    public static string File { get; } = Path.Combine(Repository.Root, "docs", "course.md");

    public static string Pictures { get; } = Path.Combine(Repository.Root, "docs", "course");

    const string Introduction = """
        # Learn: backpropagation in twelve scripts

        How does a network learn? By derivatives, and nothing else: each weight is moved a little in the direction in
        which the loss falls. These twelve scripts show it from the derivative of x³ to the report of a whole training,
        one idea each. You need C# and the calculus of school: what a derivative is, and that (x²)' = 2x.

        Each script is one file of at most 80 lines, runs in seconds, needs no data and prints the same each time:

        ```sh
        dotnet run examples/learn/01-derivative.cs
        ```

        Read its paragraph, run it, look at what it prints and draws (what it draws is saved beside you; `-- --out DIR`
        saves it elsewhere), then change what *Try* says and run it again. Below is what each of them gives.


        """;

    /// <summary>The page, with these outputs of the scripts.</summary>
    public static string Markdown(Func<Lesson, string> output)
    {
        var page = new StringBuilder(Introduction);
        foreach (var lesson in Lesson.All)
            page.Append($"{lesson.Number}. [{lesson.Title}](#{MarkdownText.Anchor($"{lesson.Number}. {lesson.Title}")})\n");
        foreach (var lesson in Lesson.All)
        {
            var text = lesson.Paragraph.Replace(" Try: ", "\n\n*Try:* ");
            page.Append($"\n## {lesson.Number}. {lesson.Title}\n\n[examples/learn/{lesson.File}](../examples/learn/{
                lesson.File})\n\n{text}\n\n```text\n{output(lesson)}```\n");
            string[] pictures = [.. Saved(output(lesson)).Select(Picture)];
            // Several stand side by side.
            foreach (var (i, name) in pictures.Index())
                page.Append($"{(i == 0 ? "\n" : "")}<img alt=\"{lesson.Title}\" src=\"course/{name}\"{
                    (pictures.Length > 1 ? $" width=\"{98 / pictures.Length}%\"" : "")}>\n");
        }
        return page.ToString();
    }

    /// <summary>What the page says that a script prints; nothing where it does not name it.</summary>
    public static string Output(string page, Lesson lesson) => Regex.Match(page,
        $@"\]\(\.\./examples/learn/{Regex.Escape(lesson.File)}\).*?```text\n(?<output>.*?)```", RegexOptions.Singleline)
        .Groups["output"].Value;

    /// <summary>The drawings and pages that a script says it saved.</summary>
    public static IEnumerable<string> Saved(string output) => FileName().Matches(output).Select(match => match.Value);

    /// <summary>How the documentation shows a saved file: a drawing as it is, a page as a picture of its beginning.</summary>
    public static string Picture(string saved) => saved.Replace(".html", ".png");

    [GeneratedRegex(@"\d\d-[\w-]+\.(svg|html)")]
    private static partial Regex FileName();
}
