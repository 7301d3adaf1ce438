#!/usr/bin/env dotnet
#:project ../src/MicroGrad.Net/MicroGrad.Net.csproj
#:project Support/Examples.Support.csproj

// A loss of one's own. A shop orders fresh goods each evening for a day whose demand it can only guess: what is left
// over is thrown away, and what is missing costs four times as much. That is the loss, in five lines; nobody writes its
// derivative, and GradientCheck says whether it is right. Then four networks learn from the same days, one with what
// mistakes cost and three with built-in losses, and order for days they have not seen. One of the built-in ones is the
// same in other words: the cost is five times the quantile loss of the level 4/5.

using MathNet.Numerics.Distributions;
using MicroGrad.Net;
using MicroGrad.Net.Examples;

const double Missing = 4, Left = 1; // what one too few and one too many cost
const double Spread = 0.35;         // the deviation of the logarithm of demand from what is usual on such a day

return Example.Run(args, "A loss of one's own, checked, and compared with built-in ones.", epochs: 30, [], example =>
{
    Check(example);

    var (x, demand, _) = Days(2000);
    var (unseen, wanted, usual) = Days(2000);
    var (inputs, outputs) = (Standardizer.Fit(x), Standardizer.Fit(demand));
    var batches = Batches.Of(inputs.Transform(x), outputs.Transform(demand), size: 64);
    var learners = new (string Name, Func<Tensor, Tensor, Tensor> Loss)[]
    {
        ("squared", (p, t) => Losses.MeanSquaredError(p, t)),
        ("absolute", (p, t) => Losses.MeanAbsoluteError(p, t)),
        ("quantile", (p, t) => (Missing + Left) * Losses.Quantile(p, t, Missing / (Missing + Left))),
        ("own", Cost),
    }.Select(learner =>
    {
        Rng.Seed(example.Seed);     // the same first weights for all
        var model = new Sequential(
            new Linear(x.Shape[1], 32), new Tanh(), new Linear(32, 32), new Tanh(), new Linear(32, 1));
        return (learner.Name, learner.Loss, Model: model, Optimizer: new Adam(model.Parameters()));
    }).ToArray();
    Tensor Order(Sequential model) => outputs.Inverse(model.Predict(inputs.Transform(unseen)));

    // A report is of the network that learns from what mistakes cost.
    var own = learners[^1];
    example.Watch(own.Model, own.Optimizer, batches, own.Loss);
    example.Say("After each epoch, what a day costs on unseen days, by the loss that was learned from:");
    example.Train(["own loss", .. learners.Select(learner => learner.Name)], epoch =>
    {
        foreach (var (features, target) in batches)
            foreach (var (name, loss, model, optimizer) in learners)
            {
                optimizer.LearningRate = 3e-3 * (1 - (epoch.Epoch - 1.0) / example.Epochs);
                var value = loss(model.Forward(features), target);
                optimizer.ZeroGrad();
                value.Backward();
                optimizer.Step();
                if (name == "own") epoch.Step(value.Item(), batches.Count);
            }
        return [epoch.MeanLoss, .. learners.Select(learner => Cost(Order(learner.Model), wanted).Item())];
    });

    // What demand stays below with probability Missing / (Missing + Left) is the best order; here it is known.
    var best = usual * Math.Exp(Spread * Normal.InvCDF(0, 1, Missing / (Missing + Left)));
    (string Name, Tensor Order)[] orders =
        [.. learners.Select(learner => (learner.Name, Order(learner.Model))), ("best", best)];
    foreach (var (name, order) in orders)
    {
        var (scarce, left) = ((wanted > order).Mean().Item(), (order - wanted).Relu().Mean().Item());
        example.Say(FormattableString.Invariant($"  {name,-8} costs {Cost(order, wanted).Item():0.00} a day: orders ")
            + FormattableString.Invariant($"{order.Mean().Item():0.0} on average, has too little on {scarce:P0} of ")
            + FormattableString.Invariant($"the days, and {left:0.0} left over"));
    }
    // In the units of the network, in which demand has mean 0 and deviation 1.
    example.Judge(own.Model, inputs.Transform(unseen), outputs.Transform(wanted), own.Loss);
    example.Finish([.. orders.Select(order => ($"{order.Name}_cost", Cost(order.Order, wanted).Item()))]);
});

// The loss. As a formula of differentiable operations it has its derivative already.
static Tensor Cost(Tensor order, Tensor demand)
{
    var missing = demand - order;
    return Tensor.Max(Missing * missing, -Left * missing).Mean();
}

// Compares what the tape derives with differences of the function; in Float64, away from the kink at order = demand.
static void Check(Example example)
{
    var (order, demand) = (Tensor.From([4], [1.5, 1, 3.5, 3]), Tensor.From([4], [1.0, 2, 3, 4]));
    example.Say($"the loss        {GradientCheck.Check(p => Cost(p, demand), order)}");

    // What a mistake looks like: the same values with a derivative written by hand, in which too much counts as too
    // little. A value without a tape plus slope · (p − p) has exactly the slope that is given.
    Tensor ByHand(Tensor p)
    {
        var slope = Tensor.Where(demand > p, -Missing, Tensor.Full(p.Shape, -Left, p.DType)) / p.Length;
        return Cost(p, demand).Detach() + (slope * (p - p.Detach())).Sum();
    }
    example.Say($"with a mistake  {GradientCheck.Check(ByHand, order, order: 1)}");
}

// Days by temperature, weekend or not, and whether there is an offer; their demand, and what is usual on such a day.
static (Tensor X, Tensor Demand, Tensor Usual) Days(int count)
{
    var rng = Rng.Default;
    var (x, demand, usual) = (new float[count * 3], new float[count], new float[count]);
    for (var day = 0; day < count; day++)
    {
        var (temperature, weekend, offer) = (rng.Uniform(0, 30), rng.Chance(2.0 / 7) ? 1 : 0, rng.Chance(0.2) ? 1 : 0);
        (x[3 * day], x[3 * day + 1], x[3 * day + 2]) = ((float)temperature, weekend, offer);
        // Warm days sell, up to a point; an offer helps more on weekends.
        var (weather, promoted) = (1 + 0.6 * Math.Sin(temperature / 30 * Math.PI), 1 + 0.3 * offer * (1 + weekend));
        usual[day] = (float)(40 * weather * promoted * (1 + 0.5 * weekend));
        demand[day] = (float)(usual[day] * Math.Exp(rng.Normal(0, Spread)));
    }
    return (Tensor.From([count, 3], x), Tensor.From([count, 1], demand), Tensor.From([count, 1], usual));
}
