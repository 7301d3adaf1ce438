namespace MicroGrad.Net;

// The predictions that are most wrong: pictures where there are some, else a table.
sealed partial class TrainingPage
{
    void MostWrong(TrainingRecord record)
    {
        var (worst, about) = record.Predictions;
        Heading("Most wrong");
        Paragraph(about);
        if (worst.Count == 0) return;
        if (!worst.Any(one => one.Image is not null))
        {
            Table([["input", "truth", "prediction", "loss"],
                .. worst.Select(one => new[] { one.Input, one.Truth, one.Said, Number(one.Loss) })], numbers: false);
            return;
        }
        Begin("samples");
        foreach (var one in worst)
        {
            var words = (one.Truth.Length > 0 ? $"is {HtmlPage.Escaped(one.Truth)}<br>" : "")
                + (one.Said.Length > 0 ? $"said {HtmlPage.Escaped(one.Said)}<br>" : "");
            Add($"<figure class=\"card\">{Picture(one.Image, "shown")}{Picture(one.SaidImage, "made of it")}"
                + $"<figcaption>{words}<span class=\"soft\">loss {Number(one.Loss)}</span></figcaption></figure>");
        }
        End();
    }

    static string Picture(Tensor? image, string role) =>
        image is null ? "" : $"<img src=\"{Address(image)}\" alt=\"{role}\" title=\"{role}\">";

    /// <summary>Values from 0 to 1 as they are; others from their lowest, black, to their highest, white.</summary>
    static string Address(Tensor image)
    {
        var (height, width) = (image.Shape[^2], image.Shape[^1]);
        var (values, plane) = (image.ToDoubles(), height * width);
        var channels = values.Length / plane;
        var (low, high) = (Math.Min(0, values.Min()), Math.Max(1, values.Max()));
        if (low < 0 || high > 1) (low, high) = (values.Min(), values.Max());
        var pixels = new byte[plane * 4];
        for (var i = 0; i < plane; i++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                var share = (values[Math.Min(channel, channels - 1) * plane + i] - low) / Math.Max(1e-12, high - low);
                if (!double.IsNaN(share)) pixels[4 * i + channel] = (byte)Math.Round(255 * Math.Clamp(share, 0, 1));
            }
            pixels[4 * i + 3] = 255;
        }
        return Png.DataUri(width, height, pixels);
    }
}
