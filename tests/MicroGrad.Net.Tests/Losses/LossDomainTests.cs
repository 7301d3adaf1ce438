using System.Globalization;
using System.Reflection;

namespace MicroGrad.Net.Tests;

/// <summary>
/// A walk over all that the losses state of their inputs: what is beside a domain is an error that names the loss, the
/// input and the place; what a model predicts may be NaN, and comes out as NaN; and nothing to learn from gives 0.
/// </summary>
public sealed class LossDomainTests
{
    const int Rows = 4;

    /// <summary>Whose value depends on some of the predictions only: those of the label, or of the classes there.</summary>
    static readonly string[] s_readsSome = [nameof(Losses.NegativeLogLikelihood),
        nameof(Losses.ConnectionistTemporalClassification), nameof(Losses.LovaszSoftmax)];

    [Fact]
    public void Every_input_of_every_loss_has_a_domain()
    {
        foreach (var sample in LossSample.All(Rows))
        {
            var (name, stated) = sample.Statements();
            foreach (var (index, parameter) in sample.Parameters.Index())
            {
                var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
                if (parameter.Name == "ignoreIndex" || type == typeof(bool) || type == typeof(Rng)
                    || type == typeof(Reduction) || typeof(Delegate).IsAssignableFrom(type)) continue;
                Assert.True(stated.Any(one => one.Index == index), $"{sample} states nothing of {parameter.Name}.");
            }
            // What is not predicted: targets and weights.
            foreach (var (index, _) in sample.Tensors)
                if (sample.Parameters[index].Name!.Contains("arget") || sample.Parameters[index].Name!.Contains("eight"))
                    Assert.Contains(stated, one => one.Index == index && !one.Domain.IsPredicted);
        }
    }

    [Fact]
    public void A_value_beside_a_domain_is_an_error_that_names_loss_input_and_place()
    {
        var tried = 0;
        foreach (var sample in LossSample.All(Rows))
        {
            var (name, stated) = sample.Statements();
            foreach (var (index, domain) in stated.Where(one => one.Domain != Domain.Predicted))
            {
                foreach (var (wrong, place) in Beside(sample, index, domain))
                {
                    tried++;
                    var error = Record.Exception(() => { sample.Call(index, wrong); });
                    Assert.True(error is ArgumentException && error.Message.StartsWith(name + ": ", StringComparison.Ordinal)
                        && error.Message.Contains(place), $"{sample}: {wrong} in {sample.Parameters[index].Name}: {error}");
                }
            }
        }
        Assert.True(tried > 600, $"only {tried} values were tried");
    }

    [Fact]
    public void A_NaN_that_is_predicted_comes_out()
    {
        foreach (var sample in LossSample.All(Rows))
        {
            var stated = sample.Statements().Stated;
            foreach (var (index, tensor) in sample.Tensors)
            {
                if (stated.Any(one => one.Index == index && !one.Domain.IsPredicted)) continue;
                foreach (var place in Enumerable.Range(0, tensor.Length))
                {
                    var all = s_readsSome.Contains(sample.Method.Name);
                    var loss = sample.Call(index, all ? tensor * double.NaN : With(tensor, place, double.NaN), Reduction.Sum);
                    Assert.True(loss.ToDoubles().Any(double.IsNaN), $"{sample} swallows a NaN in {sample.Parameters[index].Name}[{place}].");
                }
            }
        }
    }

    [Fact]
    public void Other_shapes_and_number_types_are_refused_by_the_loss_itself()
    {
        foreach (var sample in LossSample.All(Rows))
        {
            var name = sample.Statements().Loss;
            foreach (var (index, tensor) in sample.Tensors)
            {
                var error = Assert.ThrowsAny<ArgumentException>(() => sample.Call(index, Tensor.Ones([7, 5, 3, 2, 2]) * 0.01));
                Assert.True(error is ShapeException && error.Message.StartsWith(name + ": ", StringComparison.Ordinal),
                    $"{sample}: another shape of {sample.Parameters[index].Name}: {error}");
                if (sample.Tensors.Count() == 1) continue;
                var mixed = Assert.ThrowsAny<ArgumentException>(() => sample.Call(index, tensor.To(DType.Float64)));
                Assert.True(mixed is DTypeException && mixed.Message.StartsWith(name + ": ", StringComparison.Ordinal),
                    $"{sample}: another type of {sample.Parameters[index].Name}: {mixed}");
            }
        }
    }

    [Fact]
    public void Nothing_to_learn_from_is_a_loss_of_0_with_gradients_of_0()
    {
        foreach (var sample in LossSample.All(rows: 0))
            if (sample.Method.Name != nameof(Losses.PairwiseIntersectionOverUnion)) Check(sample, -1, null);
        foreach (var sample in LossSample.All(Rows))
            foreach (var (index, parameter) in sample.Parameters.Index())
            {
                if (parameter.Name == "weights") Check(sample, index, 0 * (Tensor)sample.Arguments[index]!);
                if (parameter.Name == "labels" && sample.Parameters.Any(other => other.Name == "ignoreIndex"))
                    Check(sample, index, Enumerable.Repeat(-100, Rows).ToArray());
            }
        var circle = LossSample.All(Rows).First(sample => sample.Method.Name == nameof(Losses.Circle));
        foreach (var labels in new int[][] { [1, 1, 1, 1], [1, 2, 3, 4] }) Check(circle, 1, labels);

        static void Check(LossSample sample, int index, object? argument)
        {
            foreach (var how in new[] { Reduction.Mean, Reduction.Sum })
            {
                foreach (var (_, tensor) in sample.Tensors) tensor.RequiresGrad = true;
                foreach (var (_, tensor) in sample.Tensors) tensor.Grad = null;
                var loss = sample.Call(index, argument, how);
                Assert.True(loss.Item() == 0, $"{sample} of nothing in {(index < 0 ? "all" : sample.Parameters[index].Name)}: {how} {loss.Item()}");
                // Without a step, nothing of CTC is left that a gradient could flow to.
                if (!loss.RequiresGrad && sample.Method.Name == nameof(Losses.ConnectionistTemporalClassification)) continue;
                Assert.True(loss.RequiresGrad, $"{sample} of nothing depends on nothing.");
                loss.Backward();
                foreach (var (at, tensor) in sample.Tensors)
                    if (at != index && tensor.Grad is { } gradient)
                        Assert.All(gradient.ToDoubles(), slope => Assert.Equal(0, slope));
            }
        }
    }

    [Fact]
    public void Losses_holds_losses_bodies_they_share_and_Reduce()
    {
        var helpers = typeof(Losses).GetMethods(BindingFlags.NonPublic | BindingFlags.Static)
            .Where(method => !method.Name.StartsWith('<') && method.Name is not ("Reduce" or "Weighed")
                && method.GetParameters()[0].ParameterType != typeof(Checks));
        Assert.Empty(helpers);
        Assert.DoesNotContain(typeof(Losses).GetNestedTypes(BindingFlags.NonPublic), type => !type.Name.StartsWith('<'));
    }

    [Fact]
    public void A_loss_that_refuses_an_input_is_a_call_that_has_ended()
    {
        using (Call.Observe(_ => { }))
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Losses.Huber(Tensor.Zeros([2]), Tensor.Ones([2]) * double.NaN));
            Assert.Null(Call.Current);
        }
    }

    /// <summary>Values that a domain leaves out, and how an error must name the place.</summary>
    static IEnumerable<(object Wrong, string Place)> Beside(LossSample sample, int index, Domain domain)
    {
        var (name, right) = (sample.Parameters[index].Name!, sample.Arguments[index]);
        double[] around = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, domain.Low - 1e-3, domain.Low - 1,
            domain.High + 1e-3, domain.High + 1, 0, (domain.Low + domain.High) / 2];
        if (domain == Domain.LogDistribution) around = [double.NaN, 1e-3, 1, double.PositiveInfinity];
        var wrong = around.Where(value => domain == Domain.LogDistribution || !domain.Holds(value)).Distinct();
        switch (right)
        {
            case Tensor tensor:
                foreach (var value in wrong)
                    foreach (var place in new[] { 0, tensor.Length - 1 })
                        yield return (With(tensor, place, value), Domain.Element(name, tensor.Shape, place)[name.Length..]);
                if (domain == Domain.Distribution) yield return (tensor * 0.9, "the sum of target[0] over the classes");
                if (domain == Domain.LogDistribution) yield return (tensor - 0.1, "the sum of exp(target)[0] over the classes");
                if (domain == Domain.Boxes) yield return (With(tensor, 6, -5), "x2 of target[1, 2]");
                break;
            case double[] levels:
                foreach (var value in wrong) yield return ((double[])[.. levels[..^1], value], $"{name}[{levels.Length - 1}]");
                break;
            case double or null when sample.Parameters[index].ParameterType != typeof(Tensor):
                foreach (var value in wrong) yield return (value, name == "labelSmoothing" ? "label smoothing" : name);
                // What is too large or too small for Float32 would be infinite or 0 beside its tensors.
                if (domain == Domain.Positive) yield return (1e-50, name);
                if (domain == Domain.Positive || domain == Domain.NotNegative || domain == Domain.Finite) yield return (1e300, name);
                break;
            case int when name == "blank":
                foreach (var blank in new[] { -1, 3, int.MaxValue, int.MinValue, 1 }) yield return (blank, blank == 1 ? "targets[0][0]" : name);
                break;
            case int:
                foreach (var value in wrong.Where(value => (int)value == value)) yield return ((int)value, name);
                break;
            case int[] labels when domain == Domain.Counts:
                foreach (var count in new[] { 0, -1, int.MinValue }) yield return ((int[])[.. labels[..^1], count], "counts[2]");
                yield return ((int[])[.. labels, 1], "counts");
                break;
            case int[] lengths when domain == Domain.Lengths:
                foreach (var length in new[] { -1, 5, int.MaxValue, int.MinValue })
                    yield return ((int[])[.. lengths[..^1], length], name == "targetLengths" ? "target lengths" : $"{name}[{Rows - 1}]");
                yield return ((int[])[.. lengths, 1], name == "targetLengths" ? "target lengths" : "lengths");
                break;
            case int[] labels:
                if (domain != Domain.AnyLabels)
                    foreach (var label in new[] { -1, 3, int.MaxValue, int.MinValue })
                        yield return ((int[])[.. labels[..^1], label], label.ToString(CultureInfo.InvariantCulture));
                yield return ((int[])[.. labels, 0], "labels");
                yield return (labels[1..], "labels");
                break;
            case int[][] targets:
                foreach (var label in new[] { -1, 3, 0 }) yield return ((int[][])[.. targets[..^1], [1, label]], "targets[3][1]");
                yield return (targets[1..], "targets");
                break;
        }
    }

    static Tensor With(Tensor tensor, int place, double value)
    {
        var values = tensor.ToDoubles();
        values[place] = value;
        return Tensor.From(tensor.Shape, values).To(tensor.DType);
    }
}
