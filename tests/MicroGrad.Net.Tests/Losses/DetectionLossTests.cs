using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class DetectionLossTests
{
    delegate Tensor BoxLoss(Tensor prediction, Tensor target, double epsilon = 1e-7, Reduction reduction = Reduction.Mean);

    static readonly Dictionary<string, BoxLoss> All = new()
    {
        ["intersection over union"] = Losses.IntersectionOverUnion,
        ["generalized intersection over union"] = Losses.GeneralizedIntersectionOverUnion,
        ["distance intersection over union"] = Losses.DistanceIntersectionOverUnion,
        ["complete intersection over union"] = Losses.CompleteIntersectionOverUnion,
        ["efficient intersection over union"] = Losses.EfficientIntersectionOverUnion,
    };

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Overlapping, around the target, apart, far apart, equal, touching.</summary>
    static readonly double[] Predicted = [0, 0, 4, 4, 1, 1, 3, 2, 0, 0, 2, 3, 10, 10, 14, 11, 2, 3, 5, 9, 0, 0, 4, 2];
    static readonly double[] True = [1, 2, 5, 5, 0, 0, 5, 6, 4, 1, 7, 3, 2, 1, 3, 6, 2, 3, 5, 9, 4, 0, 6, 2];

    static Tensor Boxes(params double[] corners) => Tensor.From([corners.Length / 4, 4], corners);

    static double[] Each(string name, Tensor prediction, Tensor target, double epsilon = 1e-15) =>
        All[name](prediction, target, epsilon, Reduction.None).ToDoubles();

    // torchvision 0.14's losses of the boxes above in float64, eps 1e-7, and the gradients in the first five
    // predictions of Σ weights · losses with weights 1, -0.5, 2, 0.75, 1.5.
    [Theory]
    [InlineData("generalized intersection over union", new[]
    {
        0.8472727280323967, 0.9333333335555556, 1.4285714265306122, 1.9249999992291666, 5.5555555711350735e-09, 1.0,
    }, new[]
    {
        -0.06558677644071526, -0.06558677644071526, -0.14611570197151014, -0.16396694148162283, -0.01666666661111111,
        -0.03333333322222222, 0.01666666661111111, 0.03333333322222222, 0.12244897842565594, -0.19047619092970522,
        -0.28571428435374147, 6.802721164156367e-10, 0.006249999994791667, 0.024999999979166666, -0.0015624999505208428,
        -0.019374999926041678, 1.3888888650281928e-09, 6.944444325140964e-10, -1.3888888650281928e-09, -6.944444325140964e-10,
    })]
    [InlineData("distance intersection over union", new[]
    {
        0.7922727283823968, 0.9743169400457464, 1.3534482752526753, 1.5706967210775833, 5.5555555711350735e-09, 1.2249999994375,
    }, new[]
    {
        -0.056586776420715246, -0.06658677640071525, -0.08611570225151015, -0.15396694158162283, -0.01256830596209203,
        -0.021038251275164975, 0.02076502726013019, 0.045628415169279464, 0.015457788026364327, 0.055885849955922745,
        -0.1551724135255648, -0.053804993898888834, 0.0292008196601636, 0.021516393433804758, -0.012899758106993946,
        -0.013567421372159869, 1.3888889482949196e-09, 6.944444741474598e-10, -1.3888889482949196e-09, -6.944444741474598e-10,
    })]
    [InlineData("complete intersection over union", new[]
    {
        0.7923632747048087, 0.9790577925116092, 1.357201358365849, 1.7463633702646317, 5.5555555711350735e-09, 1.2266894601368956,
    }, new[]
    {
        -0.0564272482284909, -0.06674630459293959, -0.0862752304437345, -0.1538074133893985, -0.010269211667825382,
        -0.025636439863698266, 0.018465932965863546, 0.05022660375781275, 0.024233021914084697, 0.05003569403077583,
        -0.16394764741328516, -0.04795483797374192, 0.015464826360108036, 0.07646036663402701, 0.0008362351930616182,
        -0.06851139457238212, 1.3888889482949196e-09, 6.944444741474598e-10, -1.3888889482949196e-09, -6.944444741474598e-10,
    })]
    public void Values_and_gradients_are_those_of_torchvision(string name, double[] losses, double[] gradients)
    {
        var prediction = Leaf(Boxes(Predicted));
        var mine = All[name](prediction, Boxes(True), reduction: Reduction.None);
        Close(losses, mine, 1e-13);
        (mine[..5] * Vector(1, -0.5, 2, 0.75, 1.5)).Sum().Backward();
        Close(gradients, prediction.Grad![..5], 1e-13);
    }

    [Fact]
    public void Losses_of_plain_boxes_are_what_one_counts()
    {
        // A square of 4 against one shifted by 1 and 1: they share 1 of 7, in an enclosing square of 9.
        var (p, t) = (Boxes(0, 0, 2, 2), Boxes(1, 1, 3, 3));
        Close([6.0 / 7, 6.0 / 7 + 2.0 / 9, 6.0 / 7 + 2.0 / 18, 6.0 / 7 + 2.0 / 18, 6.0 / 7 + 2.0 / 18],
            Tensor.Concat([.. All.Keys.Select(name => Vector(Each(name, p, t)))]));
        // The upper half of a square of 16: the centre is 1 off; of the ratios 2 and 1 the angles differ; a side is 2 off.
        (p, t) = (Boxes(0, 0, 4, 2), Boxes(0, 0, 4, 4));
        var v = 4 / Math.Pow(Math.PI, 2) * Math.Pow(Math.Atan(1) - Math.Atan(2), 2);
        Close([0.5, 0.5, 0.5 + 1.0 / 32, 0.5 + 1.0 / 32 + v * v / (0.5 + v), 0.5 + 1.0 / 32 + 4.0 / 16],
            Tensor.Concat([.. All.Keys.Select(name => Vector(Each(name, p, t)))]));
        // ε counts in each denominator.
        Close([1 - 1.0 / 8, 1 - 1.0 / 8 + 2.0 / 10, 1 - 1.0 / 8 + 2.0 / 19, 1 - 1.0 / 8 + 2.0 / 19, 1 - 1.0 / 8 + 2.0 / 19],
            Tensor.Concat([.. All.Keys.Select(name => Vector(Each(name, Boxes(0, 0, 2, 2), Boxes(1, 1, 3, 3), epsilon: 1)))]));
    }

    [Fact]
    public void Overlap_is_the_number_of_cells_in_both_boxes()
    {
        var random = new Random(3);
        double[] Draw()
        {
            var (x, y) = (random.Next(8), random.Next(8));
            return [x, y, x + random.Next(1, 6), y + random.Next(1, 6)];
        }
        static bool Has(double[] box, int x, int y) => x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
        double[][] boxes = [.. Enumerable.Range(0, 30).Select(_ => Draw())];
        double[][] others = [.. Enumerable.Range(0, 20).Select(_ => Draw())];
        var (prediction, target) = (Boxes([.. boxes.SelectMany(b => b)]), Boxes([.. others.SelectMany(b => b)]));
        var expected = boxes.SelectMany(box => others.Select(other =>
        {
            var (both, either) = (0, 0);
            for (var cell = 0; cell < 400; cell++)
            {
                var (one, two) = (Has(box, cell % 20, cell / 20), Has(other, cell % 20, cell / 20));
                (both, either) = (both + (one && two ? 1 : 0), either + (one || two ? 1 : 0));
            }
            return (double)both / either;
        })).ToArray();
        Assert.Contains(expected, share => share == 0);
        var pairs = Losses.PairwiseIntersectionOverUnion(prediction, target, epsilon: 1e-15);
        Assert.Equal(Shape.Of(30, 20), pairs.Shape);
        Close(expected, pairs);
        // The loss of the pairs on the diagonal.
        var diagonal = Each("intersection over union", prediction[..20], target);
        Close([.. diagonal.Select((_, i) => 1 - expected[i * 20 + i])], Vector(diagonal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Place_unit_and_the_order_of_the_axes_do_not_matter(string name)
    {
        var (p, t) = (Boxes(Predicted), Boxes(True));
        var losses = Each(name, p, t);
        Close(losses, Vector(Each(name, p + 1000, t + 1000)), 1e-9);
        Close(losses, Vector(Each(name, p / 640, t / 640)), 1e-9);
        Close(losses, Vector(Each(name, p.Select([1, 0, 3, 2], axis: 1), t.Select([1, 0, 3, 2], axis: 1))));
        Close(losses, Vector(Each(name, t, p)));
        Close([losses.Average()], All[name](p, t, 1e-15));
        Close([losses.Sum()], All[name](p, t, 1e-15, Reduction.Sum));
        // Further axes, and a single box.
        Assert.Equal(Shape.Of(2, 3), All[name](p.Reshape(2, 3, 4), t.Reshape(2, 3, 4), reduction: Reduction.None).Shape);
        Close([losses[0]], All[name](p[0], t[0], 1e-15));
    }

    /// <summary>What a box can be, from harmless to hopeless, against the target 2, 2, 6, 5.</summary>
    public static TheoryData<string, double[]> Corners => new()
    {
        { "apart", [8, 8, 9, 10] }, { "touching an edge", [6, 2, 8, 5] }, { "touching a corner", [6, 5, 7, 7] },
        { "equal", [2, 2, 6, 5] }, { "inside", [3, 3, 4, 4] }, { "around", [0, 0, 9, 9] }, { "a line", [3, 3, 3, 4] },
        { "a point", [3, 3, 3, 3] }, { "a point far away", [-9, 0, -9, 0] }, { "all 0", [0, 0, 0, 0] },
        { "inverted in x", [5, 3, 3, 4] }, { "inverted in y", [3, 4, 5, 3] }, { "inverted", [5, 4, 3, 3] },
        { "inverted around", [9, 9, 0, 0] }, { "inverted and apart", [-1, 0, -4, -2] }, { "huge", [-1e4, -1e4, 1e4, 1e4] },
        { "far", [1e4, -1e4, 1e4 + 1, -1e4 + 1] }, { "tiny", [3, 3, 3 + 1e-6, 3 + 1e-6] },
    };

    [Theory]
    [MemberData(nameof(Corners))]
    public void Every_box_has_a_finite_loss_and_gradient(string what, double[] box)
    {
        foreach (var name in All.Keys)
            foreach (var target in new[] { Boxes(2, 2, 6, 5), Boxes(3, 3, 3, 3), Boxes(0, 0, 0, 0), Boxes(2, 3, 6, 3) })
                foreach (var dtype in Enum.GetValues<DType>())
                {
                    var (p, t) = (Leaf(Boxes(box).To(dtype)), Leaf(target.To(dtype)));
                    var loss = All[name](p, t);
                    loss.Backward();
                    Assert.True(loss.Item() is >= -1e-6 and <= 6, $"{name} of {what} is {loss.Item()}");
                    Assert.All([.. p.Grad!.ToDoubles(), .. t.Grad!.ToDoubles()], g =>
                        Assert.True(double.IsFinite(g), $"{name} of {what} against {target}: a slope is {g}"));
                }
    }

    [Theory]
    [MemberData(nameof(Corners))]
    public void All_but_the_plain_loss_lead_every_box_to_its_target(string what, double[] box)
    {
        // Far away there is next to no slope, and of a point only the efficient loss says that its sides are too short.
        if (what is "huge" or "far") return;
        foreach (var name in All.Keys.Skip(box[0] == box[2] && box[1] == box[3] ? 4 : 1))
        {
            var (p, t) = (new Parameter(Boxes(box)), Boxes(2, 2, 6, 5));
            var optimizer = new Adam([p], learningRate: 0.1, beta2: 0.9);
            for (var step = 0; step < 2000; step++)
            {
                optimizer.LearningRate *= 0.997;
                optimizer.ZeroGrad();
                All[name](p, t).Backward();
                optimizer.Step();
            }
            var loss = Losses.IntersectionOverUnion(p, t).Item();
            Assert.True(loss < 0.1, $"{what}, by {name}: {p} is {1 - loss:0.000} right");
        }
    }

    [Fact]
    public void Equal_boxes_have_no_loss_and_stay_where_they_are()
    {
        foreach (var (name, loss) in All)
        {
            var p = Leaf(Boxes(2, 2, 6, 5));
            var value = loss(p, Boxes(2, 2, 6, 5), 1e-15);
            Assert.Equal(0, value.Item(), 1e-15);
            value.Backward();
            Assert.All(p.Grad!.ToDoubles(), g => Assert.True(Math.Abs(g) < 1e-15, name));
            // Without area nothing overlaps, so equality cannot show.
            Close([1], loss(Boxes(3, 3, 3, 3), Boxes(3, 3, 3, 3)));
        }
    }

    [Fact]
    public void Boxes_that_touch_are_pulled_together_and_boxes_apart_are_not_by_overlap_alone()
    {
        var (touching, apart, target) = (Leaf(Boxes(6, 2, 8, 5)), Leaf(Boxes(6.01, 2, 8, 5)), Boxes(2, 2, 6, 5));
        Losses.IntersectionOverUnion(touching, target, 1e-15).Backward();
        Losses.IntersectionOverUnion(apart, target, 1e-15).Backward();
        // A step of the left edge adds 3 to the overlap; together they cover 6 + 12.
        Close([3.0 / 18, 0, 0, 0], touching.Grad);
        Close([0, 0, 0, 0], apart.Grad);
    }

    [Fact]
    public void Inverted_boxes_pay_for_how_far_they_are_inverted()
    {
        var target = Boxes(2, 2, 6, 5);
        Close([1 + 2.0 / (2 + 4)], Losses.IntersectionOverUnion(Boxes(5, 3, 3, 4), target, 1e-15));
        Close([1 + 2.0 / (2 + 4) + 1.0 / (1 + 3)], Losses.IntersectionOverUnion(Boxes(5, 4, 3, 3), target, 1e-15));
        var p = Leaf(Boxes(5, 3, 3, 4));
        Losses.IntersectionOverUnion(p, target, 1e-15).Backward();
        Close([4.0 / 36, 0, -4.0 / 36, 0], p.Grad);
        // For the rest it is a point in its middle: 4.5, 4.5 in the target; 8, 3 beside it, 6 by 3 with it.
        Close([1 + 9.0 / 13 + 9.0 / 12], Losses.GeneralizedIntersectionOverUnion(Boxes(9, 9, 0, 0), target, 1e-15));
        Close([1 + 2.0 / 6 + 1.0 / 4 + (18 - 12.0) / 18],
            Losses.GeneralizedIntersectionOverUnion(Boxes(9, 3.5, 7, 2.5), target, 1e-15));
        Close([0], Losses.PairwiseIntersectionOverUnion(Boxes(5, 4, 3, 3), target));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NaN_in_a_prediction_is_not_swallowed(string name)
    {
        for (var corner = 0; corner < 4; corner++)
        {
            double[] box = [1, 1, 3, 4];
            box[corner] = double.NaN;
            var p = Leaf(Boxes([.. box, 2, 2, 6, 5]));
            var losses = All[name](p, Boxes(2, 2, 6, 5, 2, 2, 6, 5), reduction: Reduction.None);
            Assert.Equal([true, false], losses.ToDoubles().Select(double.IsNaN));
            losses.Sum().Backward();
            Assert.Equal(double.NaN, p.Grad!.ToDoubles()[corner]);
            Assert.All(p.Grad[1].ToDoubles(), g => Assert.False(double.IsNaN(g)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Of_no_boxes_the_mean_and_the_sum_are_0(string name)
    {
        var p = Leaf(Tensor.Zeros([0, 4]));
        Assert.Equal(0, All[name](p, Tensor.Zeros([0, 4])).Item());
        var sum = All[name](p, Tensor.Zeros([0, 4]), reduction: Reduction.Sum);
        Assert.Equal(0, sum.Item());
        sum.Backward();
        Assert.Equal(Shape.Of(0, 4), p.Grad!.Shape);
        Assert.Equal(Shape.Of(0, 3), Losses.PairwiseIntersectionOverUnion(p, Tensor.Zeros([3, 4])).Shape);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Boxes_that_make_no_sense_are_named(string name)
    {
        var (loss, box) = (All[name], Boxes(1, 1, 3, 4));
        Assert.Equal($"{name}: prediction [1, 4] and target [4] differ in shape, and losses never broadcast: "
            + "target.Reshape(prediction.Shape)?", Message<ShapeException>(() => loss(box, box[0])));
        Assert.Equal($"{name}: expects target [n, 4] as x1, y1, x2, y2, but got [2, 5].",
            Message<ShapeException>(() => loss(Tensor.Zeros([2, 5]), Tensor.Zeros([2, 5]))));
        Assert.Throws<ShapeException>(() => loss(Tensor.Scalar(1), Tensor.Scalar(1)));
        Assert.Equal($"{name}: x2 of target[1, 2] is 2, but must be x1 = 5 or more: boxes are corners x1, y1, x2, y2.",
            Message<ArgumentOutOfRangeException>(() => loss(Boxes(0, 0, 1, 1, 0, 0, 1, 1), Boxes(0, 0, 1, 1, 5, 5, 2, 2))));
        Assert.Equal($"{name}: y2 of target[0, 3] is 2.5, but must be y1 = 5 or more: boxes are corners x1, y1, x2, y2.",
            Message<ArgumentOutOfRangeException>(() => loss(box, Boxes(5, 5, 6, 2.5))));
        Assert.Equal($"{name}: target[0, 1] is NaN, but must be a finite number.",
            Message<ArgumentOutOfRangeException>(() => loss(box, Boxes(5, double.NaN, 6, 2.5))));
        Assert.Throws<ArgumentOutOfRangeException>(() => loss(box, Boxes(1, 1, double.PositiveInfinity, 3)));
        Assert.Equal($"{name}: epsilon is 0, but must be positive.", Message<ArgumentOutOfRangeException>(() => loss(box, box, 0)));
    }

    [Fact]
    public void Pairs_that_make_no_sense_are_named()
    {
        const string Name = "pairwise intersection over union: ";
        var box = Boxes(1, 1, 3, 4);
        Assert.Equal(Name + "expects [n, 4] and [m, 4], but got [4] and [1, 4].",
            Message<ShapeException>(() => Losses.PairwiseIntersectionOverUnion(box[0], box)));
        Assert.Equal(Name + "expects prediction [n, 4] as x1, y1, x2, y2, but got [2, 3].",
            Message<ShapeException>(() => Losses.PairwiseIntersectionOverUnion(Tensor.Zeros([2, 3]), box)));
        Assert.Equal(Name + "x2 of target[0, 2] is 0, but must be x1 = 1 or more: boxes are corners x1, y1, x2, y2.",
            Message<ArgumentOutOfRangeException>(() => Losses.PairwiseIntersectionOverUnion(box, Boxes(1, 1, 0, 4))));
    }
}
