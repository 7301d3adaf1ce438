namespace MicroGrad.Net;

/// <summary>
/// Shown as HTML in .NET notebooks, and so is what derives from it. Notebooks find the attribute and its properties by
/// their names, so that nothing has to be referenced; no other program looks for it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
sealed class TypeFormatterSourceAttribute : Attribute
{
    public Type FormatterSourceType { get; } = typeof(NotebookFormatters);

    public string[] PreferredMimeTypes { get; } = ["text/html"];
}
