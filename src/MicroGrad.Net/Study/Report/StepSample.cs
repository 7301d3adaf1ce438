namespace MicroGrad.Net;

/// <summary>What is known of one step of a training.</summary>
/// <param name="Step">How many steps were made before.</param>
/// <param name="LearningRate">The learning rate of the step.</param>
/// <param name="Change">What it did to the loss of its batch.</param>
/// <param name="Layers">The layers, in the order of their parameters.</param>
/// <param name="Activations">The activations, in the order in which they were computed.</param>
sealed record StepSample(
    long Step, double LearningRate, LossStep Change, LayerSample[] Layers, ActivationSample[] Activations)
{
    /// <summary>Sums a measured step up by layer.</summary>
    public static StepSample Of(
        long step, double learningRate, MeasuredStep measured, IEnumerable<ActivationSample> seen)
    {
        var parts = measured.Step.Parameters.Index().GroupBy(part => part.Item.Layer, part => part.Index);
        var layers = parts.Select(layer =>
        {
            double[][] Numbers(Tensor[] tensors) => [.. layer.Select(i => tensors[i].ToDoubles())];
            var (values, gradients) = (Numbers(measured.Values), Numbers(measured.Gradients));
            return new LayerSample(layer.Key, Norm(values), Norm(gradients), Norm(Numbers(measured.Moved)),
                Histogram.OfValues(values), Histogram.OfSizes(gradients));
        });
        return new StepSample(step, learningRate, measured.Step, [.. layers], [.. seen]);
    }

    static double Norm(double[][] parts)
    {
        var sum = 0.0;
        foreach (var part in parts)
            foreach (var value in part) sum += value * value;
        return Math.Sqrt(sum);
    }
}

/// <summary>A layer at a step: Euclidean norms over all its parameters, before the step.</summary>
/// <param name="Layer">Its path and description.</param>
/// <param name="Weights">The norm of the parameters.</param>
/// <param name="Gradients">The norm of their gradients, not clipped.</param>
/// <param name="Updates">The norm of what the step changes.</param>
/// <param name="WeightValues">The parameters.</param>
/// <param name="GradientSizes">The sizes of the gradients.</param>
sealed record LayerSample(string Layer, double Weights, double Gradients, double Updates,
    Histogram WeightValues, Histogram GradientSizes)
{
    /// <summary>How large the change is beside the weights; NaN where all weights are 0.</summary>
    public double Ratio => Updates == 0 && Weights == 0 ? double.NaN : Updates / Weights;
}

/// <summary>The results of an activation function at a step.</summary>
/// <param name="Name">The function, and the parameter before it.</param>
/// <param name="Dead">The share of units that are 0 for the whole batch; null where that means nothing.</param>
/// <param name="Saturated">The share of results at the ends of the range; null where it has no ends.</param>
/// <param name="Values">The results.</param>
sealed record ActivationSample(string Name, double? Dead, double? Saturated, Histogram Values);
