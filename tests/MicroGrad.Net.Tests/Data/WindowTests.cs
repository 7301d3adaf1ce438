namespace MicroGrad.Net.Tests;

public sealed class WindowTests
{
    [Theory]
    [InlineData(3, 2, 1, null)]
    [InlineData(3, 1, 2, 1)]
    [InlineData(1, 4, 3, 0)]
    public void Each_window_is_followed_by_its_horizon(int length, int horizon, int stride, int? target)
    {
        const int Steps = 12;
        var series = Tensor.From([Steps, 2], Enumerable.Range(0, 2 * Steps).Select(i => (float)i).ToArray());
        var batches = Batches.OfWindows(series, length, horizon, target, stride, size: 4, rng: new Rng(1));
        Assert.Equal((Steps - length - horizon) / stride + 1, batches.RowCount);
        foreach (var batch in batches)
        {
            Assert.Equal(Shape.Of(batch.Count, length, 2), batch.X.Shape);
            Assert.Equal(target is null ? Shape.Of(batch.Count, horizon, 2) : Shape.Of(batch.Count, horizon), batch.Y.Shape);
            for (var i = 0; i < batch.Count; i++)
            {
                var start = batch.Indices[i] * stride;
                Assert.Equal(series[start..(start + length)].ToDoubles(), batch.X[i].ToDoubles());
                var next = series[(start + length)..(start + length + horizon)];
                Assert.Equal((target is { } one ? next[.., one] : next).ToDoubles(), batch.Y[i].ToDoubles());
            }
        }
    }

    [Fact]
    public void A_plain_series_has_one_feature_and_bad_arguments_are_named()
    {
        var series = Tensor.From([5], [0f, 1, 2, 3, 4]);
        var all = Batches.OfWindows(series, 3, shuffle: false).Single();
        Assert.Equal(Shape.Of(2, 3, 1), all.X.Shape);
        Assert.Equal([3, 4], all.Y.ToDoubles());
        Assert.Equal(Shape.Of(2, 1), all.Y.Shape);
        Assert.Contains("5 steps have no window of 4 and 2 to follow.", Assert.Throws<ShapeException>(() => Batches.OfWindows(series, 4, 2)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.OfWindows(series, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.OfWindows(series, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.OfWindows(series, 1, stride: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Batches.OfWindows(series, 1, target: 1));
    }
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class FoldTests
{
    static int[] Labels(Rng rng, int classes, int least) =>
        [.. Enumerable.Range(0, classes).SelectMany(c => Enumerable.Repeat(c, least + rng.Next(20))).OrderBy(_ => rng.NextBits())];

    [Property]
    public void Stratified_parts_have_every_class_in_its_share(Seed seed)
    {
        var rng = seed.Rng();
        var (labels, fraction) = (Labels(rng, 1 + rng.Next(4), 2), 0.05 + 0.9 * rng.NextDouble());
        var (train, test) = Split.Stratified(labels, fraction, rng);
        Assert.Equal(Enumerable.Range(0, labels.Length), train.Concat(test).Order());
        foreach (var (label, rows) in labels.CountBy(label => label))
            Assert.Equal(Math.Clamp((int)Math.Round(rows * fraction), 1, rows - 1), test.Count(row => labels[row] == label));
    }

    [Property]
    public void Folds_hold_each_row_out_once_and_every_class_evenly(Seed seed)
    {
        var rng = seed.Rng();
        var folds = 2 + rng.Next(4);
        var labels = Labels(rng, 1 + rng.Next(4), folds);
        foreach (var parts in new[] { Split.StratifiedFolds(labels, folds, rng).ToArray(), Split.Folds(labels.Length, folds, rng).ToArray() })
        {
            Assert.Equal(folds, parts.Length);
            Assert.Equal(Enumerable.Range(0, labels.Length), parts.SelectMany(part => part.Test).Order());
            Assert.All(parts, part => Assert.Equal(Enumerable.Range(0, labels.Length), part.Train.Concat(part.Test).Order()));
            Assert.InRange(parts.Max(part => part.Test.Length) - parts.Min(part => part.Test.Length), 0, 1);
        }
        var stratified = Split.StratifiedFolds(labels, folds, rng);
        foreach (var label in labels.Distinct())
        {
            int[] counts = [.. stratified.Select(part => part.Test.Count(row => labels[row] == label))];
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }
    }

    [Fact]
    public void Bad_folds_are_named()
    {
        Assert.Contains("folds is 4, but must be from 2 to 3", Assert.Throws<ArgumentOutOfRangeException>(() => Split.Folds(3, 4)).Message);
        Assert.Contains("class 7 has 1 row, but needs 2", Assert.Throws<ArgumentException>(() => Split.Stratified([0, 0, 7], 0.5)).Message);
        Assert.Contains("class 1 has 2 rows, but needs 3", Assert.Throws<ArgumentException>(() => Split.StratifiedFolds([0, 0, 0, 1, 1], 3)).Message);
        Assert.Throws<ArgumentException>(() => Split.Stratified([], 0.5));
        Assert.Equal(Split.Folds(9, 3, new Rng(1)).First().Test, Split.Folds(9, 3, new Rng(1)).First().Test);
    }
}
