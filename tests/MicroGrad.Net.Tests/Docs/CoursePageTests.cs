namespace MicroGrad.Net.Tests.Docs;

/// <summary>
/// Runs the scripts of the course, and holds docs/course.md in step with what they print and draw; with
/// MICROGRAD_WRITE_DOCS=1, writes it.
/// </summary>
public sealed class CoursePageTests
{
    const int MostLines = 80, FewestWords = 60;

    static readonly bool s_write = Environment.GetEnvironmentVariable("MICROGRAD_WRITE_DOCS") == "1";

    public static TheoryData<string> Files => [.. Lesson.All.Select(lesson => lesson.File)];

    [Fact]
    public void There_are_twelve_lessons_numbered_without_gap()
    {
        Assert.Equal(Enumerable.Range(1, 12), Lesson.All.Select(lesson => lesson.Number));
        Assert.All(Lesson.All, lesson => Assert.StartsWith($"{lesson.Number:00}-", lesson.File, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_lesson_is_short_and_says_what_to_look_at_and_to_try(string file)
    {
        var lesson = Lesson.All.Single(lesson => lesson.File == file);
        Assert.True(lesson.Lines <= MostLines, $"{file} has {lesson.Lines} lines, more than {MostLines}.");
        Assert.True(lesson.Paragraph.Split(' ').Length >= FewestWords, $"{file} begins with too short a paragraph.");
        Assert.Contains("Look ", lesson.Paragraph, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(" Try: ", lesson.Paragraph, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_lesson_prints_and_draws_what_the_page_shows(string file)
    {
        var lesson = Lesson.All.Single(lesson => lesson.File == file);
        var folder = Directory.CreateTempSubdirectory("course").FullName;
        try
        {
            var (exitCode, printed, errors) = ScriptSet.Course.Run(
                Path.GetFileNameWithoutExtension(file), Repository.Root, "--out", folder);
            Assert.True(exitCode == 0, errors + printed);
            Assert.Empty(errors);
            printed = string.Join('\n', printed.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => line.TrimEnd())) + "\n";
            if (s_write) await Write(lesson, printed, folder);

            var shown = CoursePage.Output(File.ReadAllText(CoursePage.File).ReplaceLineEndings("\n"), lesson);
            Assert.True(shown.Length > 0, $"docs/course.md does not show what {file} prints: {HowToWrite}");
            Printed.AssertSameButForRounding(shown, printed, "docs/course.md", layout: false);
            Assert.Equal(CoursePage.Saved(shown).Order(), Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order());
            foreach (var name in CoursePage.Saved(shown).Where(IsDrawing))
                Printed.AssertSamePicture(File.ReadAllText(Path.Combine(CoursePage.Pictures, name)).ReplaceLineEndings("\n"),
                    File.ReadAllText(Path.Combine(folder, name)), name);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_lesson_runs_as_the_page_says()
    {
        const string Lesson = "01-derivative", Script = $"examples/learn/{Lesson}.cs";
        Assert.Contains($"dotnet run {Script}", File.ReadAllText(CoursePage.File), StringComparison.Ordinal);
        var folder = Directory.CreateTempSubdirectory("course").FullName;
        Assert.Equal(ScriptSet.Course.Run(Lesson, Repository.Root, "--out", folder),
            Repository.RunScript(Script, "--out", folder));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_page_has_the_titles_and_paragraphs_of_the_scripts()
    {
        var page = File.ReadAllText(CoursePage.File).ReplaceLineEndings("\n");
        var wanted = CoursePage.Markdown(lesson => CoursePage.Output(page, lesson));
        if (s_write) File.WriteAllText(CoursePage.File, page = wanted);
        Assert.True(page == wanted, $"docs/course.md is out of step: {HowToWrite}");
    }

    [Fact]
    public void There_is_a_picture_of_what_the_lessons_save_and_no_other()
    {
        var page = File.ReadAllText(CoursePage.File);
        Assert.Equal(
            Lesson.All.SelectMany(lesson => CoursePage.Saved(CoursePage.Output(page, lesson))).Select(CoursePage.Picture).Order(),
            Directory.EnumerateFiles(CoursePage.Pictures).Select(Path.GetFileName).Order());
    }

    const string HowToWrite = "write it with MICROGRAD_WRITE_DOCS=1 dotnet test --filter CoursePage";

    static bool IsDrawing(string name) => name.EndsWith(".svg", StringComparison.Ordinal);

    /// <summary>Puts what a lesson prints and draws in place of what the page shows of it.</summary>
    static async Task Write(Lesson lesson, string printed, string folder)
    {
        Directory.CreateDirectory(CoursePage.Pictures);
        var old = File.Exists(CoursePage.File) ? File.ReadAllText(CoursePage.File).ReplaceLineEndings("\n") : "";
        File.WriteAllText(CoursePage.File,
            CoursePage.Markdown(other => other == lesson ? printed : CoursePage.Output(old, other)));
        foreach (var name in Directory.EnumerateFiles(CoursePage.Pictures, $"{lesson.Number:00}-*")) File.Delete(name);
        foreach (var name in CoursePage.Saved(printed))
        {
            var (saved, picture) = (Path.Combine(folder, name), Path.Combine(CoursePage.Pictures, CoursePage.Picture(name)));
            if (IsDrawing(name)) File.Copy(saved, picture);
            else await Study.Browser.Photograph(saved, picture, 1300, 1400);
        }
    }
}
