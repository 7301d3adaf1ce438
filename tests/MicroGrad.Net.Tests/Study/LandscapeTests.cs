using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MathNet.Numerics.LinearAlgebra;

namespace MicroGrad.Net.Tests.Study;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed partial class LandscapeTests
{
    static readonly Tensor s_x = Tensor.Normal([6, 2], 0, 1, new Rng(1));

    static XElement[] Parts(string svg, string name) =>
        [.. XDocument.Parse(svg).Descendants().Where(element => element.Name.LocalName == name)];

    static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    /// <summary>A path in the space of two parameters: a, then b.</summary>
    static ParameterPath Walk(Parameter w, params (double A, double B)[] places)
    {
        var path = new ParameterPath([w]);
        foreach (var (a, b) in places)
        {
            w.Assign(Numbers.Vector(a, b));
            path.Add();
        }
        return path;
    }

    [Fact]
    public void Random_directions_are_as_long_as_the_filters_and_leave_biases()
    {
        var rng = new Rng(2);
        var model = new Sequential(new Conv2D(2, 3, 2, rng: rng), new Linear(4, 2, rng: rng));
        var before = model.Parameters().Select(parameter => parameter.ToDoubles()).ToArray();
        var changes = new List<double[][]>();
        var landscape = Landscape.Around(model, () =>
        {
            changes.Add([.. model.Parameters().Select((parameter, i) => parameter.ToDoubles().Zip(before[i], (now, then) => now - then).ToArray())]);
            return Tensor.Scalar(changes.Count);
        }, radius: 1, points: 3);

        Assert.Equal([-1, 0, 1], landscape.X);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], Enumerable.Range(0, 9).Select(i => landscape[i / 3, i % 3]));
        static double Length(IEnumerable<double> numbers) => Math.Sqrt(numbers.Sum(number => number * number));
        void AsLong(double[] change, double[] values, int filters)
        {
            foreach (var (one, other) in change.Chunk(change.Length / filters).Zip(values.Chunk(values.Length / filters)))
                Assert.Equal(Length(other), Length(one), 1e-6);
        }
        foreach (var place in new[] { 1, 3, 5, 7 })         // one step along one of the directions
        {
            AsLong(changes[place][0], before[0], filters: 3);
            AsLong(changes[place][2], before[2], filters: 2);
        }
        Assert.All(changes, change => Assert.All(change[1].Concat(change[3]), number => Assert.Equal(0, number)));
        Assert.All(changes[4].SelectMany(change => change), number => Assert.Equal(0, number));
        Assert.Equal(before, model.Parameters().Select(parameter => parameter.ToDoubles()));
    }

    [Fact]
    public void The_middle_is_the_loss_where_the_parameters_are()
    {
        var model = new Sequential(new Linear(2, 4, rng: new Rng(1)), new Dropout(0.5, new Rng(4)), new Linear(4, 1, rng: new Rng(3)));
        Tensor Loss() => model.Forward(s_x).Square().Mean();
        var landscape = Landscape.Around(model, Loss, points: 5);
        Assert.Equal(Loss().Item(), landscape[2, 2]);         // the same units dropped
        Assert.Equal(25, Enumerable.Range(0, 25).Select(i => landscape[i / 5, i % 5]).Distinct().Count());
    }

    [Fact]
    public void The_plane_goes_through_the_path()
    {
        // In two dimensions the plane is all there is: the loss at the path's places is that on the plane.
        var w = Numbers.Named("w", [2], 0, 0);
        var path = Walk(w, (4, 1), (3, 2), (1, 2.5), (1, 2));
        static double Value(double a, double b) => a * a + 3 * b * b + a * b;
        var seen = new List<(double A, double B)>();
        var landscape = Landscape.Along(path, () =>
        {
            seen.Add((w.ToDoubles()[0], w.ToDoubles()[1]));
            return (w[0].Square() + 3 * w[1].Square() + w[0] * w[1]).Sum();
        }, points: 9);
        Assert.Equal(1, landscape.Share!.Value, 1e-12);
        Assert.Equal([1, 2], w.ToDoubles());
        for (var i = 0; i < 81; i++) Assert.Equal(Value(seen[i].A, seen[i].B), landscape[i / 9, i % 9], 1e-9);
        Assert.Equal([Value(4, 1), Value(3, 2), Value(1, 2.5), Value(1, 2)], landscape.PathLosses, (a, b) => Math.Abs(a - b) < 1e-9);
        // Distances are kept, and so are the places: each is where the plane says.
        var corner = seen[0];
        var (right, up) = ((A: seen[8].A - corner.A, B: seen[8].B - corner.B), (A: seen[72].A - corner.A, B: seen[72].B - corner.B));
        foreach (var ((x, y), (a, b)) in landscape.Path.Zip([(4.0, 1.0), (3, 2), (1, 2.5), (1, 2)]))
        {
            var s = (x - landscape.X[0]) / (landscape.X[^1] - landscape.X[0]);
            var t = (y - landscape.Y[0]) / (landscape.Y[^1] - landscape.Y[0]);
            Assert.Equal((a, b), (Math.Round(corner.A + s * right.A + t * up.A, 9), Math.Round(corner.B + s * right.B + t * up.B, 9)));
            Assert.InRange(s, 0, 1);
            Assert.InRange(t, 0, 1);
        }
    }

    [Property(MaxTest = 30)]
    public void The_main_directions_are_those_of_MathNets_singular_values(Seed seed)
    {
        var rng = seed.Rng();
        var w = new Parameter(Tensor.Zeros([7], DType.Float64));
        var (path, rows) = (new ParameterPath([w]), new List<Vector<double>>());
        for (var i = 0; i < 5; i++)
        {
            w.Assign(Tensor.Normal([7], 0, 1, rng, DType.Float64));
            rows.Add(w.ToVector());
            path.Add();
        }
        var svd = Matrix<double>.Build.DenseOfRowVectors(rows.Select(row => row - rows[^1])).Svd();
        var (first, second, share) = path.MainDirections();
        Assert.Equal(1, Math.Abs(first * svd.VT.Row(0)), 1e-6);
        Assert.Equal(1, Math.Abs(second * svd.VT.Row(1)), 1e-6);
        Assert.Equal((svd.S[0] * svd.S[0] + svd.S[1] * svd.S[1]) / svd.S.Sum(value => value * value), share, 1e-9);
    }

    [Fact]
    public void A_straight_path_gets_a_second_direction_across_it()
    {
        var w = Numbers.Named("w", [2], 0, 0);
        var landscape = Landscape.Along(Walk(w, (0, 0), (1, 1), (2, 2)), () => w.Square().Sum(), points: 5);
        Assert.All(landscape.Path, place => Assert.Equal(0, place.Y, 1e-9));
        Assert.Equal(25, Enumerable.Range(0, 25).Count(i => double.IsFinite(landscape[i / 5, i % 5])));
    }

    [Fact]
    public void Everything_is_put_back_even_where_the_loss_throws()
    {
        var rng = new Rng(3);
        var model = new Sequential(new Linear(2, 3, rng: rng), new BatchNorm1D(3), new Dropout(0.5, rng));
        var path = new ParameterPath(model.Parameters());
        path.Add();
        model.Parameters()[0].Assign(Tensor.Ones([3, 2]));
        path.Add();
        var (bits, random, calls) = (model.State().Select(named => Numbers.Bits(named.Variable)).ToArray(), rng.State, 0);
        Tensor Loss() => ++calls == 5 ? throw new InvalidOperationException("enough") : model.Forward(s_x).Mean();
        void Same()
        {
            Assert.Equal(5, calls);
            Assert.Equal(bits, model.State().Select(named => Numbers.Bits(named.Variable)));
            Assert.Equal(random, rng.State);
            calls = 0;
        }
        Assert.Throws<InvalidOperationException>(() => Landscape.Around(model, Loss));
        Same();
        Assert.Throws<InvalidOperationException>(() => Landscape.Along(path, Loss, model: model));
        Same();
        calls = 5;
        Assert.Empty(Landscape.Around(model, Loss, points: 3).PathLosses);
        calls = 5;
        Assert.Equal(2, Landscape.Around(model, Loss, points: 3, path: path).PathLosses.Distinct().Count());
        calls = 5;
        Same();
    }

    static Landscape Bowl(Parameter w) => Landscape.Along(Walk(w, (-1, -1), (1, -1), (1, 1), (0, 0)), () => w.Square().Sum(), points: 9);

    /// <summary>The rectangles of a band's path.</summary>
    static IEnumerable<(string Fill, double X, double Y, double Width, double Height)> Rectangles(XElement path) =>
        Rectangle().Matches(path.Attribute("d")!.Value).Select(match => match.Groups.Values.Skip(1)
            .Select(group => double.Parse(group.Value, CultureInfo.InvariantCulture)).ToArray() is var n
            ? (path.Attribute("fill")!.Value, n[0], n[1], n[2], n[3]) : default);

    [GeneratedRegex(@"M([\d.]+) (-?[\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z")]
    private static partial Regex Rectangle();

    [Fact]
    public void The_picture_is_dark_in_the_valley_and_shows_the_path()
    {
        var landscape = Bowl(Numbers.Named("w", [2], 0, 0));
        landscape.Title = "a < b";
        var svg = landscape.ToSvg();
        Assert.Contains(Parts(svg, "text"), text => text.Value == "a < b");
        var cells = Parts(svg, "path").SelectMany(Rectangles).ToArray();
        var end = Parts(svg, "circle").Single(circle => circle.Attribute("class")!.Value == "end");
        string At(double x, double y) => cells.First(cell =>
            x >= cell.X && y >= cell.Y && x <= cell.X + cell.Width && y <= cell.Y + cell.Height).Fill;
        Assert.Equal("#440154", At(Number(end, "cx"), Number(end, "cy")));
        Assert.Equal("#fde725", At(299.9, 299.9));
        // The cells cover the plot: their heights and widths, without what they overlap, add up.
        Assert.Equal(300.0 * 300, cells.Sum(cell => (cell.Width - 0.3) * (cell.Height - 0.3)), 500.0);
        Assert.Equal(4, Parts(svg, "polyline")[0].Attribute("points")!.Value.Split(' ').Length);
        Assert.Equal(10, Parts(svg, "rect").Count(rect => rect.Attribute("class")!.Value == "bar"));
    }

    [Fact]
    public void The_terminal_shows_valley_path_and_range()
    {
        var text = Bowl(Numbers.Named("w", [2], 0, 0)).ToString();
        var lines = text.Split('\n');
        Assert.Equal(10, lines.Length);
        Assert.All(lines[..9], line => Assert.Equal(20, line.Length));
        Assert.Single(text.Split("(blank)")[0], 'E');
        Assert.Single(text.Split("(blank)")[0], 'S');
        Assert.Contains('@', string.Concat(lines[..9]));
        Assert.StartsWith("loss 0.03125 (blank) to 12.5 (@), along the path's main directions: ", lines[9], StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_loss_is_not_finite_the_picture_says_so()
    {
        var w = Numbers.Named("w", [2], 1, 1);
        var landscape = Landscape.Around([w], () => w.Log().Sum(), radius: 3, points: 9);
        Assert.Contains("?", landscape.ToString(), StringComparison.Ordinal);
        Assert.Contains("#999", landscape.ToSvg(), StringComparison.Ordinal);
        var none = Landscape.Around([w], () => Tensor.Scalar(double.NaN), points: 3);
        Assert.True(double.IsNaN(none[1, 1]));
        Assert.Equal("#999", Assert.Single(Parts(none.ToSvg(), "path")).Attribute("fill")!.Value);
    }

    [Fact]
    public void Two_numbers_are_shown_as_they_are()
    {
        var w = new Parameter(Numbers.Vector(7, 8));
        var path = Walk(w, (1, 2), (3, -1), (9, 9));
        Tensor Loss() => w[0] * 10 + w[1];
        var landscape = Landscape.Over(w, Loss, x: (0, 4), y: (-1, 2), points: 4, path);
        Assert.Equal([0, 4 / 3.0, 8 / 3.0, 4], landscape.X, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([-1, 0, 1, 2], landscape.Y, (a, b) => Math.Abs(a - b) < 1e-12);
        for (var i = 0; i < 16; i++)
            Assert.Equal(landscape.X[i % 4] * 10 + landscape.Y[i / 4], landscape[i / 4, i % 4], 1e-12);
        Assert.Equal([(1, 2), (3, -1), (9, 9)], landscape.Path);
        Assert.Equal([9, 9], w.ToDoubles());

        Assert.Equal("Landscape: a rectangle is over two numbers, but the parameter has 3: Landscape.Around and "
            + "Landscape.Along show any number.", Assert.Throws<ShapeException>(() =>
                Landscape.Over(new Parameter(Numbers.Vector(1, 2, 3)), Loss, (0, 1), (0, 1))).Message);
        Assert.Equal("Landscape: the range from 1 to 1 is empty or not finite.",
            Assert.Throws<ArgumentException>(() => Landscape.Over(w, Loss, (0, 1), (1, 1))).Message);
        Assert.Throws<ArgumentException>(() => Landscape.Over(w, Loss, (0, double.PositiveInfinity), (0, 1)));
        Assert.Throws<ArgumentException>(() => Landscape.Over(new Parameter(Numbers.Vector(1, 2)), Loss, (0, 1), (0, 1), path: path));
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        var w = Numbers.Named("w", [2], 1, 1);
        Tensor Loss() => w.Sum();
        Assert.Equal("Landscape: a path needs two places or more, but has 1.", Numbers.Message<ArgumentException>(() => Landscape.Along(Walk(w, (1, 1)), Loss)));
        Assert.StartsWith("Landscape: the path does not move", Numbers.Message<ArgumentException>(() => Landscape.Along(Walk(w, (1, 1), (1, 1)), Loss)), StringComparison.Ordinal);
        Assert.StartsWith("Landscape: the path is of other parameters", Numbers.Message<ArgumentException>(() =>
            Landscape.Around([Numbers.Named("v", [2], 1, 1)], Loss, path: Walk(w, (1, 1), (2, 2)))), StringComparison.Ordinal);
        Assert.StartsWith("Landscape: expects a tensor with one element", Numbers.Message<ShapeException>(() => Landscape.Around([w], () => w * 1)), StringComparison.Ordinal);
        Assert.StartsWith("Landscape: all parameters are 0", Numbers.Message<ArgumentException>(() => Landscape.Around([Numbers.Named("v", [2], 0, 0)], Loss)), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Landscape.Around([w], Loss, radius: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Landscape.Around([w], Loss, points: 2));
    }
}
