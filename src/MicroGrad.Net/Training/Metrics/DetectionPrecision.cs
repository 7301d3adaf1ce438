namespace MicroGrad.Net;

/// <summary>
/// Mean average precision of detected objects (mAP). For each class the detections of all images are taken from the
/// highest score down; each is a hit if, among the true boxes of its image and class that are still free, the one with
/// the largest intersection over union reaches the threshold, and takes it (COCO's matching). The average precision is
/// the area under precision over recall, each precision raised to the highest at that recall or beyond: at <i>all
/// points</i>, as PASCAL VOC since 2010 (COCO reads that curve at 101 points, which differs in the third decimal).
/// Equal scores come together, so that the order of images does not matter. The mean is over the classes that have true
/// boxes; NaN where none has.
/// </summary>
public sealed class DetectionPrecision
{
    const string Name = "mAP";

    readonly List<Found> _found = [];
    readonly Dictionary<(int Image, int Class), List<double[]>> _truth = [];
    int _images;

    /// <summary>mAP@[.5:.95]: the mean over the thresholds 0.50, 0.55, …, 0.95.</summary>
    public double Value => Enumerable.Range(0, 10).Average(step => At((50 + 5 * step) / 100.0));

    /// <summary>mAP at one threshold of intersection over union; 0.5 is PASCAL VOC's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not above 0 and at most 1.</exception>
    public double At(double iou)
    {
        new Checks(Name).Option(iou, Domain.AboveZeroToOne);
        int[] classes = [.. _truth.Keys.Select(key => key.Class).Distinct().Order()];
        return classes.Length == 0 ? double.NaN : classes.Average(@class => Precision(@class, iou));
    }

    /// <summary>The average precision of one class at a threshold; NaN where it has no true boxes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not above 0 and at most 1.</exception>
    public double At(double iou, int @class)
    {
        new Checks(Name).Option(iou, Domain.AboveZeroToOne);
        return Precision(@class, iou);
    }

    /// <summary>Adds an image.</summary>
    /// <param name="boxes">What was found: [n, 4], x1, y1, x2, y2; [0, 4] for nothing.</param>
    /// <param name="scores">How sure each is, [n].</param>
    /// <param name="classes">The class of each.</param>
    /// <param name="trueBoxes">What is there, [m, 4].</param>
    /// <param name="trueClasses">The class of each.</param>
    /// <exception cref="ShapeException">The sizes do not fit.</exception>
    /// <exception cref="ArgumentException">A box or score is not finite, or a box ends before it begins.</exception>
    public void Add(Tensor boxes, Tensor scores, int[] classes, Tensor trueBoxes, int[] trueClasses)
    {
        var (found, truth) = (Read("boxes", boxes, classes), Read("true boxes", trueBoxes, trueClasses));
        if (scores.Rank != 1 || scores.Length != classes.Length)
            Throw.Shapes(Name, $"boxes {boxes.Shape} need scores [{classes.Length}], but got {scores.Shape}.");
        var values = scores.ToDoubles();
        var bad = Array.FindIndex(values, score => !double.IsFinite(score));
        if (bad >= 0) Throw.Value(Name, $"the score of box {bad} is not finite.");
        for (var i = 0; i < found.Length; i++) _found.Add(new Found(_images, classes[i], values[i], found[i]));
        for (var i = 0; i < truth.Length; i++)
        {
            var key = (_images, trueClasses[i]);
            if (!_truth.TryGetValue(key, out var list)) _truth[key] = list = [];
            list.Add(truth[i]);
        }
        _images++;
    }

    /// <summary>Forgets all images.</summary>
    public void Reset()
    {
        _found.Clear();
        _truth.Clear();
        _images = 0;
    }

    double Precision(int @class, double threshold)
    {
        var truth = _truth.Where(pair => pair.Key.Class == @class)
            .ToDictionary(pair => pair.Key.Image, pair => pair.Value);
        double wanted = truth.Values.Sum(boxes => boxes.Count);
        if (wanted == 0) return double.NaN;
        var taken = truth.ToDictionary(pair => pair.Key, pair => new bool[pair.Value.Count]);
        // A stable sort: in one image, equal scores take boxes in the order they were given.
        var ordered = _found.Where(one => one.Class == @class).OrderByDescending(one => one.Score).ToArray();
        var points = new List<(int Hits, double Precision)>();
        var hits = 0;
        for (var i = 0; i < ordered.Length; i++)
        {
            if (Takes(ordered[i])) hits++;
            if (i + 1 == ordered.Length || ordered[i + 1].Score < ordered[i].Score)
                points.Add((hits, hits / (i + 1.0)));
        }
        double area = 0, highest = 0;
        for (var i = points.Count - 1; i >= 0; i--)
        {
            highest = Math.Max(highest, points[i].Precision);
            area += (points[i].Hits - (i > 0 ? points[i - 1].Hits : 0)) * highest;
        }
        return area / wanted;

        bool Takes(Found one)
        {
            if (!truth.TryGetValue(one.Image, out var boxes)) return false;
            var (best, overlap) = (-1, threshold);
            for (var i = 0; i < boxes.Count; i++)
                if (!taken[one.Image][i] && Iou(one.Box, boxes[i]) is var iou
                    && (best < 0 ? iou >= overlap : iou > overlap))
                    (best, overlap) = (i, iou);
            if (best >= 0) taken[one.Image][best] = true;
            return best >= 0;
        }
    }

    /// <summary>0 where the union has no area.</summary>
    static double Iou(double[] a, double[] b)
    {
        var width = Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]);
        var height = Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]);
        if (width <= 0 || height <= 0) return 0;
        return width * height / (Area(a) + Area(b) - width * height);

        static double Area(double[] box) => (box[2] - box[0]) * (box[3] - box[1]);
    }

    static double[][] Read(string what, Tensor boxes, int[] classes)
    {
        if (boxes.Shape != Shape.Of(classes.Length, 4))
            Throw.Shapes(Name, $"{classes.Length} classes need {what} [{classes.Length}, 4], but got {boxes.Shape}.");
        double[][] read = [.. boxes.ToDoubles().Chunk(4)];
        for (var i = 0; i < read.Length; i++)
        {
            if (read[i].Any(side => !double.IsFinite(side))) Throw.Value(Name, $"{what}: row {i} is not finite.");
            if (read[i][2] < read[i][0] || read[i][3] < read[i][1])
                Throw.Value(Name, $"{what}: row {i} ends before it begins; a row is x1, y1, x2, y2.");
        }
        return read;
    }

    readonly record struct Found(int Image, int Class, double Score, double[] Box);
}
