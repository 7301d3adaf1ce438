using System.Globalization;
using Microsoft.Playwright;

namespace MicroGrad.Net.Tests.Study;

/// <summary>A page of a tape in a real browser: how tests open one, and walk and read it.</summary>
public abstract class TapeBrowser(Browser browser) : IDisposable
{
    readonly string _file = Path.GetTempFileName() + ".html";

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(_file);
        GC.SuppressFinalize(this);
    }

    private protected async Task<OpenPage> Open(Func<Tensor> make, bool dark = false, bool detailed = true)
    {
        var loss = detailed ? TapeModels.InDetail(make) : make();
        loss.Tape.SaveHtml(_file);
        return await browser.Open(_file, dark);
    }

    private protected static async Task Press(OpenPage page, string key, int times = 1)
    {
        for (var i = 0; i < times; i++) await page.Page.Keyboard.PressAsync(key);
    }

    private protected static Task<string> Name(OpenPage page) => page.Text("#name");

    private protected static async Task<string> Time(OpenPage page) => $"{await page.Text("#phase")} {await page.Text("#count")}";

    private protected static async Task<double[]> Numbers(OpenPage page, string cells) =>
        [.. (await page.Page.Locator(cells).EvaluateAllAsync<string[]>("all => all.map(one => one.dataset.value)"))
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
}
