using System.Reflection;

namespace MicroGrad.Net;

/// <summary>
/// One file that a browser shows without anything else: style, script and data are inside, nothing is fetched. Light or
/// dark as the reader's system is.
/// </summary>
static class HtmlPage
{
    /// <summary>The text of a page.</summary>
    /// <param name="title">Its title, in plain text.</param>
    /// <param name="body">What it shows, in HTML.</param>
    /// <param name="script">The name of the script beside this file that makes it move; null for none.</param>
    /// <param name="data">JSON, for the script: <c>JSON.parse(document.getElementById('data').textContent)</c>.</param>
    /// <param name="style">The name of the style sheet beside this file that it adds to page.css; null for
    /// none.</param>
    public static string Text(
        string title, string body, string? script = null, string data = "null", string? style = null) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        <title>{Escaped(title)}</title>
        <style>
        {Resource("page.css")}{(style is null ? "" : Resource(style))}</style>
        </head>
        <body>
        {body}
        <script type="application/json" id="data">{data.Replace("</", "<\\/", StringComparison.Ordinal)}</script>
        <script>
        {(script is null ? "" : Resource(script))}</script>
        </body>
        </html>

        """;

    /// <summary>Text as it may stand between tags and in attributes.</summary>
    public static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>The text of a file that stands beside this one.</summary>
    public static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Pages.{name}")
            ?? throw new InvalidOperationException($"The assembly has no page resource '{name}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
