namespace MicroGrad.Net;

/// <summary>
/// A part of a network: a function with parameters. Derive, keep parameters and other modules in fields, and compute in
/// <see cref="Compute"/>. For other inputs and outputs than one tensor, such as ids or tuples of tensors;
/// <see cref="Module"/> is the one from tensor to tensor.
/// </summary>
/// <typeparam name="TInput">What it takes; several inputs as a tuple.</typeparam>
/// <typeparam name="TOutput">What it gives; several outputs as a tuple.</typeparam>
public abstract class Module<TInput, TOutput> : ModuleBase
{
    readonly Func<TInput, TOutput> _compute;

    /// <summary>A module in training mode.</summary>
    protected Module() => _compute = Compute;

    /// <summary>Computes the output of one input.</summary>
    public TOutput Forward(TInput input) => Called(input, _compute);

    /// <summary>
    /// The output of one input as the trained network gives it: as in evaluation (no dropout, running statistics), and
    /// nothing is recorded for a backward. The modules keep their modes. Any number of threads may predict with one
    /// model at once, as long as none changes it: neither training, nor loading, nor converting.
    /// </summary>
    public TOutput Predict(TInput input)
    {
        using var off = Gradients.Off();
        using var evaluating = Evaluating();
        return Forward(input);
    }

    /// <summary>What <see cref="Forward"/> does; not to be called itself, since nobody would see the call.</summary>
    protected abstract TOutput Compute(TInput input);

    /// <summary>
    /// A table of the parts of this module: what each makes of an example, and how many parameters it has. The modules
    /// run once, in evaluation; the mode that other threads see stays. There is a ? where a part was not called.
    /// </summary>
    /// <param name="example">An input, such as one batch.</param>
    /// <exception cref="InvalidOperationException">As in <see cref="ModuleBase.State"/>.</exception>
    public string Summary(TInput example) => Table(example, () => Forward(example));
}

/// <summary>
/// A part of a network from tensor to tensor:
/// <code>
/// sealed class Net : Module
/// {
///     readonly Linear _hidden = new(2, 16), _output = new(16, 1);
///
///     protected override Tensor Compute(Tensor input) =&gt; _output.Forward(_hidden.Forward(input).Tanh());
/// }
/// </code>
/// </summary>
public abstract class Module : Module<Tensor, Tensor>
{
    /// <summary>
    /// The table of <see cref="Module{TInput, TOutput}.Summary"/> for zeros: <c>model.Summary([1, 28, 28])</c> is for
    /// images of that shape; n stands for their number.
    /// </summary>
    /// <param name="input">The shape of one sample, without the first axis.</param>
    /// <exception cref="ShapeException">The module cannot take such an input; the message names the part.</exception>
    /// <exception cref="InvalidOperationException">As in <see cref="ModuleBase.State"/>.</exception>
    public string Summary(Shape input) =>
        Summary(Tensor.Zeros([1, .. input], Parameters() is [var first, ..] ? first.DType : DType.Float32));
}

/// <summary>What changes a whole module, and gives it back.</summary>
public static class ModuleChanges
{
    extension<TModule>(TModule module) where TModule : ModuleBase
    {
        /// <summary>Switches the module and those inside it to training, or, with false, to evaluation.</summary>
        public TModule Train(bool training = true)
        {
            foreach (var inner in module.Modules()) inner.IsTraining = training;
            return module;
        }

        /// <summary>Switches the module and those inside it to evaluation: no dropout, for one.</summary>
        public TModule Eval() => module.Train(false);

        /// <summary>Converts all parameters and buffers in place to another number type; gradients are dropped.</summary>
        public TModule To(DType dtype)
        {
            foreach (var (_, variable) in module.State()) variable.ConvertTo(dtype);
            return module;
        }
    }
}
