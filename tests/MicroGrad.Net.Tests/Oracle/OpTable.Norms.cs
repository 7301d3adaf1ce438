namespace MicroGrad.Net.Tests.Oracle;

static partial class OpTable
{
    static Dictionary<string, Func<OpCall, Tensor>> Norms => new()
    {
        ["layer_norm"] = c =>
        {
            var affine = c.Maybe("weight") is not null;
            var layer = new LayerNorm(c.Case.Ints("normalized_shape"), c.Number("eps"), affine);
            layer.To(c.DType);
            c.Fill("weight", layer.Weight);
            c.Fill("bias", layer.Bias);
            return layer.Forward(c.X);
        },
        ["rms_norm"] = c =>
        {
            var layer = new RmsNorm(c.Case.Ints("normalized_shape"), c.Number("eps"), c.Maybe("weight") is not null);
            layer.To(c.DType);
            c.Fill("weight", layer.Weight);
            return layer.Forward(c.X);
        },
        ["group_norm"] = c => Grouped(c, new GroupNorm(
            c.Case.Int("num_groups"), c.X.Shape[1], c.Number("eps"), c.Maybe("weight") is not null)),
        ["instance_norm"] = c => Grouped(c, new InstanceNorm(c.X.Shape[1], c.Number("eps"), c.Maybe("weight") is not null)),
    };

    static Tensor Grouped(OpCall c, GroupNorm layer)
    {
        layer.To(c.DType);
        c.Fill("weight", layer.Weight);
        c.Fill("bias", layer.Bias);
        return layer.Forward(c.X);
    }

    static Tensor[] BatchNorms(OpCall c)
    {
        if (c.Case.Kind == "batchnorm_steps") return BatchNormSteps(c);
        var layer = LayerFor(c, c.X.Shape);
        c.Fill("weight", layer.Weight);
        c.Fill("bias", layer.Bias);
        if (c.Maybe("running_mean") is { } mean) layer.RunningMean.Assign(mean);
        if (c.Maybe("running_var") is { } variance) layer.RunningVar.Assign(variance);
        layer.Train(c.Case.Flag("training"));
        var result = layer.Forward(c.X);
        return c.Case.Tensors("outputs").Length == 1 ? [result] : [result, layer.RunningMean, layer.RunningVar];
    }

    /// <summary>The running statistics after each of several batches, and an evaluation with the last.</summary>
    static Tensor[] BatchNormSteps(OpCall c)
    {
        var (steps, results, means, variances) = (c["x_steps"], new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        var layer = LayerFor(c, c["x_eval"].Shape);
        for (var step = 0; step < steps.Shape[0]; step++)
        {
            results.Add(layer.Forward(steps[step]));
            means.Add(layer.RunningMean * 1);
            variances.Add(layer.RunningVar * 1);
        }
        layer.Eval();
        return
        [
            Tensor.Stack([.. results]), Tensor.Stack([.. means]), Tensor.Stack([.. variances]), layer.Forward(c["x_eval"]),
        ];
    }

    static BatchNorm LayerFor(OpCall c, Shape input)
    {
        // The extremes leave the momentum out; elsewhere, null stands for the average of all batches.
        double? momentum = c.Case.Attribute("momentum") is null && c.Case.Kind == "batchnorm_steps" ? null : c.Number("momentum", 0.1);
        var affine = c.Maybe("weight") is not null;
        BatchNorm layer = input.Rank == 4
            ? new BatchNorm2D(input[1], c.Number("eps"), momentum, affine)
            : new BatchNorm1D(input[1], c.Number("eps"), momentum, affine);
        layer.To(c.DType);
        return layer;
    }
}
