using System.Diagnostics.CodeAnalysis;

namespace MicroGrad.Net;

/// <summary>Proves that the gradients of a whole model are those of the function that it computes.</summary>
public static class Verify
{
    const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields;

    /// <summary>Checks a model on one input, with a sum of its outputs, each weighted at random, for a loss.</summary>
    /// <inheritdoc cref="Gradients{TInput, TOutput, TTarget}(Module{TInput, TOutput}, TInput, TTarget, Func{TOutput, TTarget, Tensor}, double)"/>
    public static VerifyReport Gradients<[DynamicallyAccessedMembers(Fields)] TInput,
        [DynamicallyAccessedMembers(Fields)] TOutput>(
        Module<TInput, TOutput> model, TInput input, double tolerance = 1e-4) => Compared(model, input, loss: null, tolerance);

    /// <summary>Checks a model and its loss on a batch.</summary>
    /// <inheritdoc cref="Gradients{TInput, TOutput, TTarget}(Module{TInput, TOutput}, TInput, TTarget, Func{TOutput, TTarget, Tensor}, double)"/>
    public static VerifyReport Gradients<[DynamicallyAccessedMembers(Fields)] TInput,
        [DynamicallyAccessedMembers(Fields)] TOutput, [DynamicallyAccessedMembers(Fields)] TTarget>(
        Module<TInput, TOutput> model, IBatch<TInput, TTarget> batch,
        Func<TOutput, TTarget, Tensor> loss, double tolerance = 1e-4) =>
        Gradients(model, batch.X, batch.Y, loss, tolerance);

    /// <summary>
    /// Compares, in Float64 and along random directions of each parameter and of the inputs, the derivative of the loss
    /// by the tape with difference quotients, and likewise that of the gradient. Where they differ, each layer is
    /// checked by itself on the input that it got, and the innermost wrong one is named. Values, buffers, gradients,
    /// number types and random generators are put back to the very bits, whatever happens.
    /// </summary>
    /// <remarks>
    /// Checked by themselves are layers from tensor to tensor. No other thread may use the model meanwhile. Where the
    /// function has a kink, such as a Relu at exactly 0, there is no derivative to compare with, and the direction is
    /// counted in <see cref="VerifyReport.Kinks"/>. A gradient that is cut off on purpose (<see cref="Tensor.Detach"/>)
    /// is wrong here. Constants that a module holds besides its parameters and buffers must take the number type of the
    /// input.
    /// </remarks>
    /// <param name="model">In the mode, training or evaluation, that it is in.</param>
    /// <param name="input">One batch: a tensor, a tuple with tensors, or what holds none, such as ids.</param>
    /// <param name="target">What the outputs should be; a tensor, and those in a tuple, are converted to Float64.</param>
    /// <param name="loss">From output and target to one number.</param>
    /// <param name="tolerance">The allowed difference, relative to the larger of the two numbers; at very small
    /// derivatives, to 0.00001·(1 + |loss|).</param>
    /// <returns>How close the worst comparison was, and how many there were.</returns>
    /// <exception cref="GradientException">A derivative is wrong; the message names layer and numbers. Or the model gives
    /// other values each time.</exception>
    /// <exception cref="ShapeException">The loss is more than one number.</exception>
    public static VerifyReport Gradients<[DynamicallyAccessedMembers(Fields)] TInput,
        [DynamicallyAccessedMembers(Fields)] TOutput, [DynamicallyAccessedMembers(Fields)] TTarget>(
        Module<TInput, TOutput> model, TInput input, TTarget target,
        Func<TOutput, TTarget, Tensor> loss, double tolerance = 1e-4)
    {
        var wide = new TensorParts<TTarget>(target).Wide;
        return Compared(model, input, output => loss(output, wide), tolerance);
    }

    static VerifyReport Compared<[DynamicallyAccessedMembers(Fields)] TInput, [DynamicallyAccessedMembers(Fields)] TOutput>(
        Module<TInput, TOutput> model, TInput input, Func<TOutput, Tensor>? loss, double tolerance)
    {
        if (!(tolerance > 0)) Throw.OutOfRange("Verify.Gradients", nameof(tolerance), tolerance, "positive");
        using var recording = MicroGrad.Net.Gradients.On();
        using var kept = ModelState.Of(model);
        model.To(DType.Float64);
        var given = new TensorParts<TInput>(new TensorParts<TInput>(input).Wide);
        SlopeCheck Of(ModuleBase? part, Func<Tensor[], Tensor> function, params Tensor[] at) => new(
            x => { kept.Rewind(); return function(x); }, part?.NamedParameters() ?? [], at, tolerance);
        Tensor Loss(TOutput output) => loss is null ? Weighted(new TensorParts<TOutput>(output).Tensors) : loss(output);

        var slopes = Of(model, x => Loss(model.Forward(given.With(x))), given.Tensors);
        var whole = slopes.Compare();
        // To the comparison noise looks like a kink.
        if (whole is { Passed: true, Kinks: 0 }) return whole;
        if (!slopes.Repeats())
            throw new GradientException("Verify.Gradients: the model and its loss give other values each time on the same "
                + "input, so there is nothing to compare with: Eval() the model, or let it draw from generators in its "
                + "fields or from Rng.Default, which are put back before each call.");
        if (whole.Passed) return whole;
        kept.Rewind();
        var (seen, output) = Seen(model, given.Value);
        var wrong = new List<(Module Module, VerifyReport Report)>();
        foreach (var (module, at) in seen)
            if (Of(module, x => Weighted(module.Forward(x[0])), at).Compare() is { Passed: false } report)
                wrong.Add((module, report));
        foreach (var (module, report) in wrong)
            if (!wrong.Any(other => other.Module != module && module.Modules().Contains(other.Module)))
                throw Fault(Name(model, module), report);
        var last = new TensorParts<TOutput>(output);
        if (loss is not null && Of(null, x => loss(last.With(x)), last.Tensors).Compare() is { Passed: false } ofLoss)
            throw Fault("the loss", ofLoss);
        throw Fault("the model as a whole, though in no layer by itself", whole);
    }

    // Random weights, so that each output counts differently.
    static Tensor Weighted(params Tensor[] outputs)
    {
        if (outputs.Length == 0)
            Throw.Value("Verify.Gradients", "the model gives neither a tensor nor a tuple with tensors: give a loss that "
                + "takes what it gives.");
        return outputs.Select((output, i) => (output * Tensor.Uniform(
            output.Shape, 0.5, 1.5, new Rng(5 + (ulong)i), DType.Float64)).Sum()).Aggregate((a, b) => a + b);
    }

    static GradientException Fault(string where, VerifyReport report) =>
        new($"Verify.Gradients: the gradient is wrong in {where}: {report}");

    static string Name(ModuleBase model, Module part)
    {
        var path = model.NamedModules().First(named => named.Module == part).Name;
        return path.Length == 0 ? $"the model itself ({part.Describe()})" : $"layer {path} ({part.Describe()})";
    }

    /// <summary>What each module that goes from tensor to tensor got, the model itself too if it is one; and what the model
    /// gave.</summary>
    static (List<(Module Module, Tensor Input)> Calls, TOutput Output) Seen<TInput, TOutput>(
        Module<TInput, TOutput> model, TInput input)
    {
        var calls = new List<(Module Module, Tensor Input)>();
        var own = model.Modules().ToHashSet();
        using (MicroGrad.Net.Gradients.Off())
        using (Call.Observe(call =>
        {
            if (call is { Callee: Module module, Input: Tensor got, Output: Tensor } && own.Contains(module))
                calls.Add((module, got));
        }))
            return (calls, model.Forward(input));
    }
}
