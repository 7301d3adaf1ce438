namespace MicroGrad.Net;

/// <summary>
/// What <see cref="TypeFormatterSourceAttribute"/> names: a notebook makes one and asks it how to show the type. The
/// names of the public members are those that notebooks look for.
/// </summary>
sealed class NotebookFormatters
{
    readonly NotebookFormatter[] _formatters =
        [new("text/html", NotebookHtml.Of), new("text/plain", value => value.ToString() ?? "")];

    public IEnumerable<object> CreateTypeFormatters() => _formatters;
}

/// <summary>Writes values in one format.</summary>
sealed class NotebookFormatter(string mimeType, Func<object, string> text)
{
    public string MimeType => mimeType;

    /// <summary>Writes a value; true, since it can write all that it is asked for.</summary>
    public bool Format(object instance, TextWriter writer)
    {
        writer.Write(text(instance));
        return true;
    }
}
