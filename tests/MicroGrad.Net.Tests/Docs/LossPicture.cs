namespace MicroGrad.Net.Tests.Docs;

/// <summary>One loss as a function of one number, for one or several of its settings.</summary>
/// <param name="XLabel">What the number is.</param>
/// <param name="From">Where the picture begins.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Curves">The settings: what to call them, and the loss of the number, a scalar Float64 leaf.</param>
sealed record LossPicture(string XLabel, double From, double To, params (string Name, Func<Tensor, Tensor> Loss)[] Curves)
{
    // Even, so that no point falls on a kink in the middle.
    const int Points = 120;

    /// <summary>The highest value drawn; all of them by default.</summary>
    public double Highest { get; init; } = double.PositiveInfinity;

    public LossPicture(string xLabel, double from, double to, Func<Tensor, Tensor> loss) : this(xLabel, from, to, ("", loss)) { }

    /// <summary>The loss and, beside it, its gradient as a backward pass gives it.</summary>
    public string Draw()
    {
        var (losses, gradients) = (new LineChart("loss", XLabel), new LineChart("gradient", XLabel));
        foreach (var (setting, loss) in Curves)
        {
            var (x, y, slope) = (new double[Points], new double[Points], new double[Points]);
            for (var i = 0; i < Points; i++)
            {
                x[i] = From + (To - From) * i / (Points - 1);
                var at = Numbers.Leaf(x[i]);
                var value = loss(at).Sum();
                value.Backward();
                (y[i], slope[i]) = (value.Item() > Highest ? double.NaN : value.Item(), at.Grad!.Item());
                if (double.IsNaN(y[i])) slope[i] = double.NaN;
            }
            losses.Add(setting, x, y);
            gradients.Add(setting, x, slope);
        }
        return LineChart.Row(losses, gradients);
    }
}
