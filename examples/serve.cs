#!/usr/bin/env dotnet
#:sdk Microsoft.NET.Sdk.Web
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj

// A small network as a web service. It learns to read digits once, keeps what it learnt beside this file, and then
// answers POST /predict, from as many threads at once as there are requests; at / is a page to draw a digit on.
//
//     dotnet run examples/serve.cs -- --urls http://127.0.0.1:5000
//     curl http://127.0.0.1:5000/predict -H 'content-type: application/json' -d '{ "pixels": [0, 0.5, 1, … 784 of them] }'

using System.Text.Json;
using System.Text.Json.Serialization;
using MicroGrad.Net;

const int Side = 28, Pixels = Side * Side, MostBytes = 64 * 1024;

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration;
if (settings["urls"] is null) builder.WebHost.UseUrls("http://127.0.0.1:5000");
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MostBytes);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);

var beside = AppContext.GetData("EntryPointFileDirectoryPath") as string ?? Environment.CurrentDirectory;
var model = Trained(settings["model"] ?? Path.Combine(beside, "serve.safetensors"),
    settings.GetValue("digits", 10_000), settings.GetValue("epochs", 4));

var app = builder.Build();
app.MapGet("/", () => Results.Text(Page.Html, "text/html; charset=utf-8"));
app.MapPost("/predict", async (HttpRequest request) =>
{
    try
    {
        var drawing = await JsonSerializer.DeserializeAsync(request.Body, Json.Default.Drawing, request.HttpContext.RequestAborted);
        return drawing?.Pixels is not { } pixels ? Refused("expects { \"pixels\": [...] }")
            : Problem(pixels) is { } problem ? Refused(problem)
            : Results.Json(Read(pixels), Json.Default.Answer);
    }
    catch (JsonException problem)
    {
        return Refused($"no valid JSON: {problem.Message}");
    }
    catch (BadHttpRequestException problem)     // 413, where the body is larger than MostBytes
    {
        return Results.Json(new Refusal(problem.Message), Json.Default.Refusal, statusCode: problem.StatusCode);
    }
});
app.Run();

static IResult Refused(string reason) => Results.Json(new Refusal(reason), Json.Default.Refusal, statusCode: 400);

static string? Problem(float[] pixels)
{
    if (pixels.Length != Pixels) return $"expects {Pixels} pixels, {Side} rows of {Side}, but got {pixels.Length}";
    var wrong = Array.FindIndex(pixels, pixel => !(pixel >= 0 && pixel <= 1));
    return wrong < 0 ? null : $"pixel {wrong} is {pixels[wrong]}, but must be from 0 (paper) to 1 (ink)";
}

Answer Read(float[] pixels)
{
    // Predict is safe from many threads; the scope recycles the memory of what is computed on the way.
    using var scope = new StepScope();
    var probabilities = model.Predict(Tensor.From([1, 1, Side, Side], pixels)).Softmax().ToArray<float>();
    return new Answer(Array.IndexOf(probabilities, probabilities.Max()), probabilities);
}

static Sequential Trained(string path, int digits, int epochs)
{
    Rng.Seed(1);
    var model = new Sequential(
        new Conv2D(1, 16, window: 3, padding: 1), new BatchNorm2D(16), new Relu(), new MaxPool2D(2),
        new Conv2D(16, 32, window: 3, padding: 1), new BatchNorm2D(32), new Relu(), new MaxPool2D(2),
        new Flatten(), new Dropout(0.3), new Linear(32 * 7 * 7, 10));
    if (File.Exists(path))
    {
        model.Load(path);
        Console.WriteLine($"Loaded what was learnt before from {path}.");
        return model;
    }

    Console.WriteLine($"Learning to read {digits} digits; this is done once.");
    var (images, labels) = Toy.Digits(digits);
    var (unseen, truth) = Toy.Digits(1000);
    var batches = Batches.Of(images, labels, size: 64).Augment(new Augmentation().Shift(2).Rotate(10).Scale(0.8, 1.1));
    var trainer = new Trainer<int[]>(model, new Adam(model.Parameters(), 2e-3), (logits, y) => Losses.CrossEntropy(logits, y))
    {
        AfterEpoch = progress => Console.WriteLine($"epoch {progress.Epoch} of {epochs}: loss {progress.MeanLoss:0.000}"),
    };
    trainer.Fit(batches, epochs: epochs);
    Console.WriteLine($"It reads {Metrics.Accuracy(model.Predict(unseen), truth):0.0 %} of unseen digits. Saved to {path}.");
    model.Save(path);
    return model;
}

sealed record Drawing(float[]? Pixels);

sealed record Answer(int Digit, float[] Probabilities);

sealed record Refusal(string Error);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Drawing)), JsonSerializable(typeof(Answer)), JsonSerializable(typeof(Refusal))]
sealed partial class Json : JsonSerializerContext;

static class Page
{
    // What is drawn is sent as the network has seen digits: 28 x 28, the ink in a box of 20 x 20 about the middle.
    public const string Html = """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <link rel="icon" href="data:,"><title>Draw a digit</title>
        <style>
          body { font: 16px/1.5 system-ui, sans-serif; max-width: 620px; margin: 2em auto; padding: 0 1em; color: #222 }
          main { display: flex; flex-wrap: wrap; gap: 2em }
          canvas { border: 1px solid #999; border-radius: 4px; touch-action: none; cursor: crosshair; background: #fff }
          #bars { border-collapse: collapse; width: 230px } #bars td { padding: 1px 4px } #bars td:nth-child(2) { width: 100% }
          .bar { height: 14px; background: #9bb8d3; width: 0 } .best .bar { background: #d2691e } .best { font-weight: bold }
          #said { min-height: 1.5em } button { font: inherit; padding: .2em 1em }
        </style>
        <h1>Draw a digit</h1>
        <main>
          <div><canvas id="pad" width="280" height="280" role="img" aria-label="Draw a digit here"></canvas><br>
            <button id="clear">Clear</button></div>
          <div><table id="bars" aria-label="Probabilities"></table><p id="said" aria-live="polite"></p></div>
        </main>
        <script>
          const pad = document.getElementById('pad'), ink = pad.getContext('2d', { willReadFrequently: true });
          const bars = document.getElementById('bars'), said = document.getElementById('said');
          for (let digit = 0; digit < 10; digit++)
            bars.insertRow().innerHTML = `<td>${digit}</td><td><div class="bar"></div></td><td></td>`;
          ink.lineWidth = 20; ink.lineCap = ink.lineJoin = 'round';
          let last = null, waiting = null, asked = 0;
          const place = e => { const box = pad.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
          pad.addEventListener('pointerdown', e => { pad.setPointerCapture(e.pointerId); last = place(e); stroke(e); });
          pad.addEventListener('pointermove', e => { if (last) stroke(e); });
          for (const end of ['pointerup', 'pointercancel']) pad.addEventListener(end, () => { last = null; ask(); });
          document.getElementById('clear').onclick = () => { ink.clearRect(0, 0, 280, 280); asked++; show(null); };

          function stroke(e) {
            const next = place(e);
            ink.beginPath(); ink.moveTo(...last); ink.lineTo(...next); ink.stroke();
            last = next;
            waiting ??= setTimeout(() => { waiting = null; ask(); }, 150);
          }

          function pixels() {
            const data = ink.getImageData(0, 0, 280, 280).data;
            let [left, top, right, bottom] = [280, 280, -1, -1];
            for (let y = 0; y < 280; y++)
              for (let x = 0; x < 280; x++)
                if (data[(y * 280 + x) * 4 + 3] > 0)
                  [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
            if (right < 0) return null;
            const [width, height] = [right - left + 1, bottom - top + 1], scale = 20 / Math.max(width, height, 40);
            const small = new OffscreenCanvas(28, 28).getContext('2d');
            small.imageSmoothingQuality = 'high';
            small.drawImage(pad, left, top, width, height, 14 - width * scale / 2, 14 - height * scale / 2, width * scale, height * scale);
            const alpha = small.getImageData(0, 0, 28, 28).data;
            return Array.from({ length: 784 }, (_, i) => alpha[i * 4 + 3] / 255);
          }

          async function ask() {
            const drawn = pixels(), number = ++asked;
            if (!drawn) return;
            try {
              const answer = await fetch('predict', { method: 'POST', headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ pixels: drawn }) });
              const body = await answer.json();
              if (number === asked) answer.ok ? show(body) : said.textContent = body.error;
            } catch { said.textContent = 'The server does not answer.'; }
          }

          function show(answer) {
            [...bars.rows].forEach((row, digit) => {
              const share = answer ? answer.probabilities[digit] : 0;
              row.className = answer && digit === answer.digit ? 'best' : '';
              row.querySelector('.bar').style.width = `${100 * share}%`;
              row.cells[2].textContent = answer ? `${(100 * share).toFixed(1)} %` : '';
            });
            said.textContent = answer ? `This is a ${answer.digit}.` : '';
          }
        </script>
        </html>
        """;
}
