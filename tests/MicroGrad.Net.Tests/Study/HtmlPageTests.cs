namespace MicroGrad.Net.Tests.Study;

[Collection(nameof(Pages))]
public sealed class HtmlPageTests(Browser browser)
{
    [Fact]
    public async Task A_page_needs_nothing_else_and_takes_any_text()
    {
        const string Nasty = "</script><b>\"loss\" & more</b>";
        var path = Path.GetTempFileName() + ".html";
        File.WriteAllText(path, HtmlPage.Text(Nasty, $"<p id=\"said\" title=\"{HtmlPage.Escaped(Nasty)}\">x</p>",
            data: $"{{\"text\": \"{Nasty.Replace("\"", "\\\"", StringComparison.Ordinal)}\"}}"));
        var page = await browser.Open(path);
        Assert.Equal(Nasty, await page.Page.TitleAsync());
        Assert.Equal(Nasty, await page.Page.EvaluateAsync<string>(
            "JSON.parse(document.getElementById('data').textContent).text"));
        Assert.Equal(Nasty, await page.Page.GetAttributeAsync("#said", "title"));
        page.AssertQuiet();
        File.Delete(path);
    }

    [Fact]
    public async Task A_page_is_dark_where_the_system_is()
    {
        var path = Path.GetTempFileName() + ".html";
        File.WriteAllText(path, HtmlPage.Text("page", "<p>text</p>"));
        async Task<string> Background(bool dark) => await (await browser.Open(path, dark)).Page.EvaluateAsync<string>(
            "getComputedStyle(document.body).backgroundColor");
        Assert.Equal("rgb(251, 251, 250)", await Background(dark: false));
        Assert.Equal("rgb(22, 24, 27)", await Background(dark: true));
        File.Delete(path);
    }
}
