using FsCheck;
using FsCheck.Fluent;

namespace MicroGrad.Net.Tests.Kernels;

[Collection(nameof(ProcessSettings))]
public sealed class PoolingTests : IDisposable
{
    readonly int _threads = Work.Threads;

    public void Dispose() => Work.Threads = _threads;

    [Fact]
    public void The_largest_and_its_place_are_what_plain_loops_find()
    {
        var cases =
            from planes in Gen.Choose(1, 3)
            from rows in Axis()
            from columns in Axis()
            from distinct in Gen.Elements(2, 1000)      // few values: many ties
            select (planes, rows, columns, distinct);
        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var random = new Random(5);
            double[] x = [.. Enumerable.Range(0, one.planes * one.rows.Input * one.columns.Input)
                .Select(_ => random.Next(one.distinct) == 0 ? double.NegativeInfinity : random.Next(one.distinct))];
            CheckMax(x, one.planes, one.rows, one.columns);
            CheckMax([.. x.Select(value => (float)value)], one.planes, one.rows, one.columns);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_not_a_number_is_the_largest()
    {
        float[] x = [1, 2, float.NaN, 3, 9, 1];
        var (result, cells) = (new float[3], new float[3]);
        Pooling.Max<float>(x, new(1, 1, 1, 1, 0, 1), new(6, 3, 2, 2, 0, 1), result, cells);
        Assert.Equal([2, float.NaN, 9], result);
        Assert.Equal([1, 0, 0], cells);
    }

    [Fact]
    public void A_not_a_number_wins_in_every_lane()
    {
        for (var place = 0; place < 80; place++)
        {
            var x = new float[80];
            x[place] = float.NaN;
            var (result, cells) = (new float[20], new float[20]);
            Pooling.Max<float>(x, new(2, 1, 2, 2, 0, 1), new(40, 20, 2, 2, 0, 1), result, cells);
            for (var i = 0; i < 20; i++) Assert.Equal(i == place % 40 / 2, float.IsNaN(result[i]));
            Assert.Equal(place / 40 * 2 + place % 2, cells[place % 40 / 2]);
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_the_number_of_threads()
    {
        var random = new Random(6);
        float[] x = [.. Enumerable.Range(0, 40 * 30 * 31).Select(_ => random.NextSingle())];
        Segment[] rows = [.. Enumerable.Range(0, 15).Select(i => new Segment(2 * i, 2 * i + 2, 2))];
        Segment[] columns = [.. Enumerable.Range(0, 29).Select(i => new Segment(i, i + 3, 3))];
        (float[], float[], float[], float[], float[])? expected = null;
        foreach (var threads in new[] { 1, 2, 4 })
        {
            Work.Threads = threads;
            var (max, cells, average) = (new float[40 * 15 * 29], new float[40 * 15 * 29], new float[40 * 15 * 29]);
            var (back, spread) = (new float[x.Length], new float[x.Length]);
            var (down, across) = (new Sliding(30, 15, 2, 2, 0, 1), new Sliding(31, 29, 3, 1, 0, 1));
            Pooling.Max<float>(x, down, across, max, cells);
            Pooling.PutBack<float>(max, cells, down, across, back);
            Pooling.Average<float>(40, 31, rows, columns, x, average);
            Pooling.Spread<float>(40, 31, rows, columns, average, spread);
            expected ??= (max, cells, back, average, spread);
            Assert.Equal(expected, (max, cells, back, average, spread));
        }
    }

    static void CheckMax<T>(T[] x, int planes, Sliding rows, Sliding columns) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var count = planes * rows.Output * columns.Output;
        var (result, cells, places) = (new T[count], new T[count], new int[count]);
        Pooling.Max<T>(x, rows, columns, result, cells);
        Pooling.Places<T>(cells, rows, columns, places);
        T[] g = [.. Enumerable.Range(1, count).Select(T.CreateChecked)];
        var (back, expected) = (new T[x.Length], new T[x.Length]);
        Array.Fill(back, T.NaN);
        Pooling.PutBack<T>(g, cells, rows, columns, back);
        for (var i = 0; i < count; i++) expected[places[i]] += g[i];
        Assert.Equal(expected, back);
        for (var i = 0; i < count; i++)
        {
            var (plane, row, column) = (i / columns.Output / rows.Output, i / columns.Output % rows.Output, i % columns.Output);
            var seen =
                from k in Enumerable.Range(0, rows.Window)
                from l in Enumerable.Range(0, columns.Window)
                let y = row * rows.Stride + k * rows.Dilation - rows.Before
                let z = column * columns.Stride + l * columns.Dilation - columns.Before
                where y >= 0 && y < rows.Input && z >= 0 && z < columns.Input
                select (plane * rows.Input + y) * columns.Input + z;
            var best = seen.MaxBy(place => x[place]);       // the first of ties
            Assert.Equal(best, places[i]);
            Assert.Equal(x[best], result[i]);
        }
    }

    /// <summary>A window that sees at least one number at each position.</summary>
    static Gen<Sliding> Axis() =>
        from input in Gen.Choose(1, 40)
        from window in Gen.Choose(1, 4)
        from stride in Gen.Choose(1, 3)
        from dilation in Gen.Choose(1, 2)
        from before in Gen.Choose(0, window / 2)
        let extent = (window - 1) * dilation + 1
        let result = new Sliding(input, (input + before - extent) / stride + 1, window, stride, before, dilation)
        where extent <= input + before && Enumerable.Range(0, result.Output).All(o =>
            Enumerable.Range(0, window).Any(k => o * stride + result.Offset(k) is var i && i >= 0 && i < input))
        select result;
}
