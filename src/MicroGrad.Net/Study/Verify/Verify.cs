namespace MicroGrad.Net;

/// <summary>Proves that the gradients of a whole model are those of the function that it computes.</summary>
public static class Verify
{
    /// <summary>Checks a model on one input, with a sum of its outputs, each weighted at random, for a loss.</summary>
    /// <inheritdoc cref="Gradients{TTarget}(Module, Tensor, TTarget, Func{Tensor, TTarget, Tensor}, double)"/>
    public static VerifyReport Gradients(Module model, Tensor input, double tolerance = 1e-4) =>
        Run(model, input, loss: null, tolerance);

    /// <summary>Checks a model and its loss on a batch.</summary>
    /// <inheritdoc cref="Gradients{TTarget}(Module, Tensor, TTarget, Func{Tensor, TTarget, Tensor}, double)"/>
    public static VerifyReport Gradients<TTarget>(
        Module model, IBatch<Tensor, TTarget> batch, Func<Tensor, TTarget, Tensor> loss, double tolerance = 1e-4) =>
        Gradients(model, batch.X, batch.Y, loss, tolerance);

    /// <summary>
    /// Compares, in Float64 and along random directions of each parameter and of the input, the derivative of the loss
    /// by the tape with difference quotients, and likewise that of the gradient. Where they differ, each layer is
    /// checked by itself on the input that it got, and the innermost wrong one is named. Values, buffers, gradients,
    /// number types and random generators are put back to the very bits, whatever happens.
    /// </summary>
    /// <remarks>
    /// Checked by themselves are layers from tensor to tensor. No other thread may use the model meanwhile. Where the
    /// function has a kink, such as a Relu at exactly 0, there is no derivative to compare with, and the direction is counted in <see cref="VerifyReport.Kinks"/>. A gradient that
    /// is cut off on purpose (<see cref="Tensor.Detach"/>) is wrong here. Constants that a module holds besides its
    /// parameters and buffers must take the number type of the input.
    /// </remarks>
    /// <param name="model">In the mode, training or evaluation, that it is in.</param>
    /// <param name="input">One batch.</param>
    /// <param name="target">What the outputs should be; a tensor is converted to Float64.</param>
    /// <param name="loss">From output and target to one number.</param>
    /// <param name="tolerance">The allowed difference, relative to the larger of the two numbers; at very small
    /// derivatives, to 0.00001·(1 + |loss|).</param>
    /// <returns>How close the worst comparison was, and how many there were.</returns>
    /// <exception cref="GradientException">A derivative is wrong; the message names layer and numbers. Or the model gives
    /// other values each time.</exception>
    /// <exception cref="ShapeException">The loss is more than one number.</exception>
    public static VerifyReport Gradients<TTarget>(
        Module model, Tensor input, TTarget target, Func<Tensor, TTarget, Tensor> loss, double tolerance = 1e-4)
    {
        var wide = target is Tensor tensor ? (TTarget)(object)tensor.Detach().To(DType.Float64) : target;
        return Run(model, input, output => loss(output, wide), tolerance);
    }

    static VerifyReport Run(Module model, Tensor input, Func<Tensor, Tensor>? loss, double tolerance)
    {
        if (!(tolerance > 0)) Throw.OutOfRange("Verify.Gradients", nameof(tolerance), tolerance, "positive");
        using var recording = MicroGrad.Net.Gradients.On();
        using var kept = ModelState.Of(model);
        model.To(DType.Float64);
        input = input.Detach().To(DType.Float64);
        // Random weights, so that each output counts differently.
        Tensor Weighted(Tensor output) =>
            (output * Tensor.Uniform(output.Shape, 0.5, 1.5, new Rng(5), DType.Float64)).Sum();
        SlopeCheck Of(Module? part, Func<Tensor, Tensor> function, Tensor at) => new(
            x => { kept.Rewind(); return function(x); }, part?.NamedParameters() ?? [], at, tolerance);
        VerifyReport Check(Module? part, Func<Tensor, Tensor> function, Tensor at) => Of(part, function, at).Run();

        var slopes = Of(model, x => (loss ?? Weighted)(model.Forward(x)), input);
        var whole = slopes.Run();
        // To the comparison noise looks like a kink.
        if (whole is { Passed: true, Kinks: 0 }) return whole;
        if (!slopes.Repeats())
            throw new GradientException("Verify.Gradients: the model and its loss give other values each time on the same "
                + "input, so there is nothing to compare with: Eval() the model, or let it draw from generators in its "
                + "fields or from Rng.Default, which are put back before each call.");
        if (whole.Passed) return whole;
        kept.Rewind();
        var seen = Seen(model, input);
        var wrong = new List<(Module Module, VerifyReport Report)>();
        foreach (var (module, at, _) in seen)
            if (Check(module, x => Weighted(module.Forward(x)), at) is { Passed: false } report)
                wrong.Add((module, report));
        foreach (var (module, report) in wrong)
            if (!wrong.Any(other => other.Module != module && module.Modules().Contains(other.Module)))
                throw Fault(Name(model, module), report);
        if (loss is not null && Check(null, loss, seen[^1].Output) is { Passed: false } ofLoss)
            throw Fault("the loss", ofLoss);
        throw Fault("the model as a whole, though in no layer by itself", whole);
    }

    static GradientException Fault(string where, VerifyReport report) =>
        new($"Verify.Gradients: the gradient is wrong in {where}: {report}");

    static string Name(Module model, Module part)
    {
        var path = model.NamedModules().First(named => named.Module == part).Name;
        return path.Length == 0 ? $"the model itself ({part.Describe()})" : $"layer {path} ({part.Describe()})";
    }

    /// <summary>What each module inside that goes from tensor to tensor got and gave; the model itself comes last.</summary>
    static List<(Module Module, Tensor Input, Tensor Output)> Seen(Module model, Tensor input)
    {
        var calls = new List<(Module Module, Tensor Input, Tensor Output)>();
        var own = model.Modules().ToHashSet();
        using (MicroGrad.Net.Gradients.Off())
        using (Call.Observe(call =>
        {
            if (call is { Callee: Module module, Input: Tensor got, Output: Tensor gave } && own.Contains(module))
                calls.Add((module, got, gave));
        }))
            model.Forward(input);
        return calls;
    }
}
