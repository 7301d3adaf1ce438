using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MicroGrad.Net.Tests.Study;

namespace MicroGrad.Net.Tests.Examples;

/// <summary>examples/serve.cs as a process, asked by a real client and drawn on in a real browser.</summary>
[Collection(nameof(Pages))]
public sealed partial class ServeTests(ServeTests.Server server, Browser browser) : IClassFixture<ServeTests.Server>
{
    static readonly HttpClient s_client = new();

    /// <summary>The service, having learnt a little.</summary>
    public sealed partial class Server : IAsyncLifetime
    {
        readonly string _folder = Directory.CreateTempSubdirectory("serve").FullName;
        string _program = "";
        Process? _process;

        public string Address { get; private set; } = "";

        public string Model => Path.Combine(_folder, "digits.safetensors");

        public async ValueTask InitializeAsync()
        {
            var (exitCode, output, errors) = Repository.RunTool("build", "examples/serve.cs");
            Assert.True(exitCode == 0, output + errors);
            _program = Program().Match(output).Groups["path"].Value;
            _process = Start();
            Address = await AddressOf(_process);
        }

        public Process Start() => Process.Start(new ProcessStartInfo("dotnet",
            [_program, "--urls", "http://127.0.0.1:0", "--model", Model, "--digits", "3000", "--epochs", "1"])
        { RedirectStandardOutput = true })!;

        /// <summary>Reads what it prints until it listens.</summary>
        public static async Task<string> AddressOf(Process process)
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
                if (Listening().Match(line) is { Success: true } found)
                {
                    _ = process.StandardOutput.ReadToEndAsync();
                    return found.Groups["address"].Value;
                }
            throw new InvalidOperationException("It ended before it listened.");
        }

        public async ValueTask DisposeAsync()
        {
            _process?.Kill(entireProcessTree: true);
            if (_process is not null) await _process.WaitForExitAsync();
            Directory.Delete(_folder, recursive: true);
        }

        [GeneratedRegex(@"serve(\.cs)? -> (?<path>.*serve\.dll)")]
        private static partial Regex Program();

        [GeneratedRegex("Now listening on: (?<address>http://[0-9.:]+)")]
        private static partial Regex Listening();
    }

    async Task<(HttpStatusCode Status, JsonElement Body)> Predict(HttpContent content)
    {
        using var answer = await s_client.PostAsync($"{server.Address}/predict", content);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    Task<(HttpStatusCode Status, JsonElement Body)> Predict(string json) => Predict(new StringContent(json, Encoding.UTF8, "application/json"));

    static string PixelsOf(Tensor image) => JsonSerializer.Serialize(new { pixels = image.ToArray<float>() });

    [Fact]
    public async Task It_reads_digits_as_the_saved_model_does_from_many_threads()
    {
        var (images, labels) = Toy.Digits(200, new Rng(77));
        var model = new Sequential(
            new Conv2D(1, 16, window: 3, padding: 1), new BatchNorm2D(16), new Relu(), new MaxPool2D(2),
            new Conv2D(16, 32, window: 3, padding: 1), new BatchNorm2D(32), new Relu(), new MaxPool2D(2),
            new Flatten(), new Dropout(0.3), new Linear(32 * 7 * 7, 10));
        model.Load(server.Model);
        var answers = await Task.WhenAll(Enumerable.Range(0, labels.Length).Select(i => Predict(PixelsOf(images[i]))));
        for (var i = 0; i < labels.Length; i++)
        {
            Assert.Equal(HttpStatusCode.OK, answers[i].Status);
            float[] probabilities = [.. answers[i].Body.GetProperty("probabilities").EnumerateArray().Select(one => one.GetSingle())];
            var expected = model.Predict(images.Select([i])).Softmax();
            Assert.Equal(expected.ToArray<float>(), probabilities);
            Assert.Equal(expected.ArgMax(axis: 1)[0], answers[i].Body.GetProperty("digit").GetInt32());
        }
        var right = answers.Zip(labels).Count(one => one.First.Body.GetProperty("digit").GetInt32() == one.Second);
        Assert.True(right > 120, $"{right} of 200");
    }

    [Fact]
    public async Task Bad_requests_get_their_reason()
    {
        async Task Refused(string json, HttpStatusCode status, string reason)
        {
            var (got, body) = await Predict(json);
            Assert.Equal(status, got);
            Assert.Contains(reason, body.GetProperty("error").GetString());
        }
        await Refused("", HttpStatusCode.BadRequest, "no valid JSON");
        await Refused("{ \"pixels\": [1, 2", HttpStatusCode.BadRequest, "no valid JSON");
        await Refused("{}", HttpStatusCode.BadRequest, "expects { \"pixels\"");
        await Refused("null", HttpStatusCode.BadRequest, "expects { \"pixels\"");
        await Refused("{ \"pixels\": [\"a\"] }", HttpStatusCode.BadRequest, "no valid JSON");
        await Refused("{ \"pixels\": [0, 1] }", HttpStatusCode.BadRequest, "expects 784 pixels, 28 rows of 28, but got 2");
        await Refused(PixelsOf(Tensor.Full([784], 1.5)), HttpStatusCode.BadRequest, "pixel 0 is 1.5, but must be from 0 (paper) to 1 (ink)");
        await Refused(PixelsOf(Tensor.Zeros([784])).Replace("[0,", "[1e999,"), HttpStatusCode.BadRequest, "");
        await Refused(new string(' ', 70_000), HttpStatusCode.RequestEntityTooLarge, "too large");
        // A body whose length is not known beforehand is cut off too.
        var (status, _) = await Predict(new StreamContent(new Endless(200_000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Equal(HttpStatusCode.OK, (await Predict(PixelsOf(Tensor.Zeros([784])))).Status);
    }

    /// <summary>So many blanks, of a length that is not told.</summary>
    sealed class Endless(int count) : Stream
    {
        int _left = count;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = Math.Min(count, _left);
            _left -= count;
            Array.Fill(buffer, (byte)' ', offset, count);
            return count;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    [Fact]
    public async Task A_digit_drawn_on_the_page_is_read()
    {
        var page = await browser.Open(server.Address + "/");
        var pad = await page.Page.Locator("#pad").BoundingBoxAsync();
        async Task Stroke(params (float X, float Y)[] points)
        {
            var mouse = page.Page.Mouse;
            await mouse.MoveAsync(pad!.X + points[0].X, pad.Y + points[0].Y);
            await mouse.DownAsync();
            foreach (var (x, y) in points[1..]) await mouse.MoveAsync(pad.X + x, pad.Y + y, new() { Steps = 8 });
            await mouse.UpAsync();
        }
        await Stroke((140, 40), (140, 240));
        await page.Page.Locator("#said", new() { HasTextRegex = new Regex("This is a [0-9]") }).WaitForAsync();
        Assert.Equal(10, await page.Page.Locator("#bars tr").CountAsync());
        Assert.Equal(1, await page.Page.Locator("#bars tr.best").CountAsync());
        Assert.Equal("This is a 1.", await page.Text("#said"));
        await page.Page.Locator("#clear").ClickAsync();
        Assert.Equal("", await page.Text("#said"));
        Assert.Equal(0, await page.Page.Locator("#bars tr.best").CountAsync());
        await Stroke(Enumerable.Range(0, 25).Select(i => (140 + 60 * MathF.Cos(i * MathF.PI / 12), 140 + 95 * MathF.Sin(i * MathF.PI / 12))).ToArray());
        await page.Page.Locator("#said", new() { HasTextRegex = new Regex("This is a 0") }).WaitForAsync();
        page.AssertQuiet();
    }

    [Fact]
    public async Task It_loads_what_it_learnt_and_stops_cleanly()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("there is no SIGTERM on Windows.");
        var saved = File.GetLastWriteTimeUtc(server.Model);
        using var second = server.Start();
        var address = await Server.AddressOf(second);
        Assert.NotEqual(server.Address, address);
        Assert.Equal(saved, File.GetLastWriteTimeUtc(server.Model));
        using (var kill = Process.Start("kill", ["-TERM", $"{second.Id}"])) await kill.WaitForExitAsync();
        await second.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, second.ExitCode);
    }
}
