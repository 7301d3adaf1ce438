using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(MicroGrad.Net.Tests.Study.Browser))]

namespace MicroGrad.Net.Tests.Study;

/// <summary>
/// A real browser for the pages that Study writes: the machine's own Chromium. Tests skip where there is none;
/// MICROGRAD_BROWSER names it where it is in no usual place. One browser serves all page tests, one after another
/// (<see cref="Pages"/>, or alone), and shows one page: what stays open goes on drawing, in the others' time.
/// </summary>
public sealed class Browser : IAsyncLifetime
{
    const string Variable = "MICROGRAD_BROWSER";

    static readonly string[] s_usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    IPlaywright? _playwright;
    IBrowser? _browser;
    IPage? _page;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// Opens a page from a file, or from an address, and closes the one before; what goes wrong in it is gathered, and
    /// so is what it wants to fetch from elsewhere.
    /// </summary>
    public async Task<OpenPage> Open(string path, bool dark = false, int width = 1400, int height = 900)
    {
        var file = Environment.GetEnvironmentVariable(Variable) ?? Array.Find(s_usual, File.Exists);
        if (file is null) Assert.Skip($"no Chromium found ({string.Join(", ", s_usual)}); {Variable} can name one.");
        _playwright ??= await Playwright.CreateAsync();
        _browser ??= await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = file, Args = ["--no-sandbox", "--disable-gpu"] });
        if (_page is not null) await _page.CloseAsync();
        _page = await _browser.NewPageAsync(new()
        {
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new() { Width = width, Height = height },
        });
        var address = path.StartsWith("http:", StringComparison.Ordinal) ? path : new Uri(Path.GetFullPath(path)).AbsoluteUri;
        var open = new OpenPage(_page, address.StartsWith("http:", StringComparison.Ordinal) ? address : "file:");
        await _page.GotoAsync(address);
        return open;
    }

    /// <summary>Saves a picture of the beginning of a page, in a browser of its own.</summary>
    public static async Task Photograph(string path, string picture, int width, int height)
    {
        await using var browser = new Browser();
        await (await browser.Open(path, width: width, height: height)).Page.ScreenshotAsync(new() { Path = picture });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}

/// <summary>The tests of pages take turns with the one browser.</summary>
[CollectionDefinition(nameof(Pages))]
public sealed class Pages;

/// <summary>A page in the browser.</summary>
public sealed class OpenPage
{
    readonly List<string> _wrong = [];

    internal OpenPage(IPage page, string own)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _wrong.Add($"console {message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => _wrong.Add($"error: {error}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(own, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                _wrong.Add($"fetches {request.Url}");
        };
    }

    /// <summary>The page, to be looked at and used.</summary>
    public IPage Page { get; }

    /// <summary>The text of the one element that a selector finds.</summary>
    public async Task<string> Text(string selector) => (await Page.Locator(selector).InnerTextAsync()).Trim();

    /// <summary>Fails if there was an error or a warning, or if anything was fetched.</summary>
    public void AssertQuiet() => Assert.True(_wrong.Count == 0, string.Join('\n', _wrong));
}
