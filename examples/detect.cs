#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// Where is it? A small convolutional network looks at a noisy image with one shape in it, a rectangle, an ellipse, a
// triangle or a ring of random size and place, and says which box holds it. Six networks with the same first weights
// see the same images and differ in the loss alone: squared error of the corners, to which a pixel is a pixel, whether
// the shape is large or small, or one of the five that ask how much of the box is right.

using System.CommandLine;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

const int Size = 32;                // width and height of an image

var count = new Option<int>("--images")
{
    Description = "How many images to learn from.",
    DefaultValueFactory = _ => 4000,
};
count.Validators.Add(result =>
{
    if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var given) && given < 100)
        result.AddError($"--images must be at least 100, not {given}.");
});

return Example.Run(args, "The box around a shape, found by networks with six losses.", epochs: 10, [count], example =>
{
    var (images, boxes) = Shapes(example.Value(count));
    var (unseen, truth) = Shapes(500);
    var learners = new (string Name, Func<Tensor, Tensor, Tensor> Loss)[]
    {
        ("squared", (p, t) => Losses.MeanSquaredError(p / Size, t / Size)),
        ("iou", (p, t) => Losses.IntersectionOverUnion(p, t)),
        ("giou", (p, t) => Losses.GeneralizedIntersectionOverUnion(p, t)),
        ("diou", (p, t) => Losses.DistanceIntersectionOverUnion(p, t)),
        ("ciou", (p, t) => Losses.CompleteIntersectionOverUnion(p, t)),
        ("eiou", (p, t) => Losses.EfficientIntersectionOverUnion(p, t)),
    }.Select(learner =>
    {
        Rng.Seed(example.Seed);     // the same first weights for all
        var model = Network();
        return (learner.Name, learner.Loss, Model: model, Optimizer: new Adam(model.Parameters()));
    }).ToArray();
    example.Say($"{images.Shape[0]} images to learn from, {unseen.Shape[0]} to be tested on.");
    example.Say("Each of the six networks:");
    example.Say(learners[0].Model.Summary([1, Size, Size]));
    example.Say("After each epoch, the mean over the test images of how much of the box is right (IoU), by loss:");

    var batches = Batches.Of(images, boxes, size: 50);
    // A report is of the network with the complete loss.
    var complete = learners.Single(learner => learner.Name == "ciou");
    example.Watch(complete.Model, complete.Optimizer, batches, complete.Loss, x => Corners(complete.Model.Forward(x)));
    example.Train(["ciou loss", .. learners.Select(learner => learner.Name)], epoch =>
    {
        foreach (var (x, y) in batches)
            foreach (var (name, loss, model, optimizer) in learners)
            {
                // Large steps first, small ones to settle.
                optimizer.LearningRate = 3e-3 * (1 - (epoch.Epoch - 1.0) / example.Epochs);
                var missing = loss(Corners(model.Forward(x)), y);
                optimizer.ZeroGrad();
                missing.Backward();
                optimizer.Step();
                if (name == "ciou") epoch.Step(missing.Item(), batches.Count);
            }
        return [epoch.MeanLoss, .. learners.Select(learner => Overlap(Find(learner.Model, unseen), truth).Average())];
    });

    var found = learners.ToDictionary(learner => learner.Name, learner => Find(learner.Model, unseen));
    foreach (var (name, boxesFound) in found)
    {
        var overlap = Overlap(boxesFound, truth);
        var small = overlap.Where((_, i) => Area(truth[i]) < 100).Average();
        var (half, most) = (overlap.Count(share => share > 0.5), overlap.Count(share => share > 0.75));
        example.Say(FormattableString.Invariant($"  {name,-7} IoU {overlap.Average():0.000} on average, {small:0.000} ")
            + $"on small shapes; above 0.5 in {half} images, above 0.75 in {most}");
    }
    example.Judge(complete.Model, unseen, truth, complete.Loss, x => Corners(complete.Model.Forward(x)));
    example.Say("What the network with the complete loss finds (x), and what is true (o; both: &):");
    var shares = Overlap(found["ciou"], truth);
    Draw.Boxes([.. Enumerable.Range(0, 6).Select(i =>
        (FormattableString.Invariant($"IoU {shares[i]:0.00}"), unseen[i, 0], found["ciou"][i], truth[i]))]);
    example.Finish([.. found.Select(item => ($"{item.Key}_mean_iou", Overlap(item.Value, truth).Average()))]);
});

// Three times: look at 3x3 windows, then halve the image.
static Sequential Network() => new(
    new Conv2D(1, 8, window: 3, padding: 1), new BatchNorm2D(8), new Relu(), new MaxPool2D(2),
    new Conv2D(8, 16, window: 3, padding: 1), new BatchNorm2D(16), new Relu(), new MaxPool2D(2),
    new Conv2D(16, 32, window: 3, padding: 1), new BatchNorm2D(32), new Relu(),
    new Flatten(), new Linear(32 * (Size / 4) * (Size / 4), 64), new Relu(), new Linear(64, 4));

// What the network says becomes a centre in the image and a size up to it, so that every answer is a box.
static Tensor Corners(Tensor answer)
{
    var (centre, half) = (answer[.., ..2].Sigmoid() * Size, answer[.., 2..].Sigmoid() * (Size / 2));
    return Tensor.Concat([centre - half, centre + half], axis: 1);
}

static Tensor Find(Sequential model, Tensor images) => Corners(model.Predict(images));

static double[] Overlap(Tensor found, Tensor truth) =>
    (1 - Losses.IntersectionOverUnion(found, truth, reduction: Reduction.None)).ToDoubles();

static double Area(Tensor box) => ((box[2] - box[0]) * (box[3] - box[1])).Item();

// Images [count, 1, 32, 32] of one shape each, and its box [count, 4] as x1, y1, x2, y2 in pixels.
static (Tensor Images, Tensor Boxes) Shapes(int count)
{
    var rng = Rng.Default;
    var (pixels, boxes) = (new float[count * Size * Size], new float[count * 4]);
    for (var image = 0; image < count; image++)
    {
        var (width, height) = (rng.Uniform(6, 22), rng.Uniform(6, 22));
        var (left, top) = (rng.Uniform(0, Size - width), rng.Uniform(0, Size - height));
        var (shape, paper, ink) = (rng.Next(4), rng.Uniform(0, 0.4), rng.Uniform(0.6, 1));
        double[] box = [left, top, left + width, top + height];
        for (var i = 0; i < 4; i++) boxes[image * 4 + i] = (float)box[i];
        for (var pixel = 0; pixel < Size * Size; pixel++)
        {
            // Four points in each pixel, so that edges are smooth; from -1 to 1 in the box.
            var hits = 0;
            for (var part = 0; part < 4; part++)
            {
                var x = 2 * (pixel % Size + 0.25 + 0.5 * (part % 2) - left) / width - 1;
                var y = 2 * (pixel / Size + 0.25 + 0.5 * (part / 2) - top) / height - 1;
                if (Inside(shape, x, y)) hits++;
            }
            pixels[image * Size * Size + pixel] = (float)(paper + (ink - paper) * hits / 4 + rng.Normal(0, 0.12));
        }
    }
    return (Tensor.From([count, 1, Size, Size], pixels), Tensor.From([count, 4], boxes));
}

static bool Inside(int shape, double x, double y) => Math.Abs(x) <= 1 && Math.Abs(y) <= 1 && shape switch
{
    0 => true,                                      // a rectangle
    1 => x * x + y * y <= 1,                        // an ellipse
    2 => Math.Abs(x) <= (y + 1) / 2,                // a triangle
    _ => x * x + y * y is <= 1 and >= 0.3,          // a ring
};
