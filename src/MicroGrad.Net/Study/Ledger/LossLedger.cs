namespace MicroGrad.Net;

/// <summary>
/// Books what each optimizer step did to the loss of its batch, parameter by parameter, from the expansion
/// L(θ + Δθ) − L(θ) = ⟨g, Δθ⟩ + ½ Δθᵀ H Δθ + remainder, with the Δθ that the step really made, so that momentum, weight
/// decay and clipping are in it:
/// <code>
/// var ledger = new LossLedger(model, optimizer);
/// foreach (var (x, y) in batches) ledger.Step(() =&gt; Losses.CrossEntropy(model.Forward(x), y));
/// Console.WriteLine(ledger.Total);
/// </code>
/// </summary>
/// <remarks>
/// <para>H Δθ takes one Hessian-vector product, H being the whole Hessian. The curvature of parameter i is
/// ½ Δθᵢ·(H Δθ)ᵢ: its rows of H, so the curvature between two parameters is shared equally, and the parts add up to
/// the whole.</para>
/// <para>A booked step changes the model to the same bits as an unbooked one and costs several times as much: the
/// loss is computed twice more, before and after the change, with the same random numbers (those of the layers and of
/// <see cref="Rng.Default"/>), and the buffers are put back. The function must therefore be of one batch, drawn
/// before.</para>
/// </remarks>
/// <param name="model">Names the layers, and holds the buffers and generators to be put back.</param>
/// <param name="optimizer">Makes the steps; parameters of it that are not the model's are booked too.</param>
public sealed class LossLedger(ModuleBase model, Optimizer optimizer)
{
    readonly List<LossStep> _steps = [];

    /// <summary>The steps booked, in order.</summary>
    public IReadOnlyList<LossStep> Steps => _steps;

    /// <summary>All steps together.</summary>
    public LossTotal Total => LossTotal.Of(_steps);

    /// <summary>Makes and books a whole step: drops old gradients, computes the loss and its gradients, changes the
    /// parameters.</summary>
    /// <param name="loss">One number, of one batch.</param>
    /// <exception cref="InvalidOperationException">The loss is not the same when computed again: it draws from a
    /// generator of its own, or takes a new batch each time. The step was made, but not booked.</exception>
    /// <exception cref="GradientException">As in <see cref="Optimizer.Step(Func{Tensor})"/>.</exception>
    public LossStep Step(Func<Tensor> loss) => Book(loss, () => optimizer.Step(loss));

    /// <summary>Books a step that is made by other means, such as with clipped gradients.</summary>
    /// <param name="loss">What is booked: one number, of one batch.</param>
    /// <param name="change">Changes the parameters: zero grad, backward, step.</param>
    /// <exception cref="InvalidOperationException">As in <see cref="Step(Func{Tensor})"/>, if the two see different
    /// numbers.</exception>
    public LossStep Step(Func<Tensor> loss, Action change) => Book(loss, () =>
    {
        change();
        return null;
    });

    LossStep Book(Func<Tensor> loss, Func<double?> change)
    {
        var step = Measure(loss, change).Step;
        _steps.Add(step);
        return step;
    }

    /// <summary>Makes a step and measures it, but does not book it.</summary>
    /// <param name="loss">One number, of one batch.</param>
    /// <param name="change">Makes the step; gives the loss that it saw, where it knows.</param>
    /// <param name="seen">Shown what the operations of the loss give, before the step.</param>
    internal MeasuredStep Measure(Func<Tensor> loss, Func<double?> change, Action<Tensor>? seen = null)
    {
        var (parameters, names) = Named();
        var before = ModelState.Of(model, parameters);
        var told = change();
        using var after = ModelState.Of(model, parameters);
        before.Restore();
        var old = Watched(loss, seen);
        var value = old.Item();
        if (told is { } known && !known.Equals(value))
            Throw.WrongCall("LossLedger.Step", FormattableString.Invariant($"the loss was {known:g9}, but {value:g9} when")
                + " computed again on the same weights: draw the batch before the step, and random numbers from "
                + "generators in the model's fields or from Rng.Default.");
        Tensor[] values = Array.ConvertAll(parameters, parameter => before[parameter]);
        Tensor[] moved = [.. parameters.Select(parameter => after[parameter] - before[parameter])];
        var (gradients, products) = Derivatives(old, parameters, moved);
        after.Restore();
        before.Rewind();
        var actual = loss().Item() - value;
        var step = new LossStep(_steps.Count + 1, value, [.. names.Select((name, i) => new LossPart(
            name.Layer, name.Name, Dot(gradients[i], moved[i]), 0.5 * Dot(products[i], moved[i])))], actual);
        return new MeasuredStep(step, values, gradients, moved);
    }

    static Tensor Watched(Func<Tensor> loss, Action<Tensor>? seen)
    {
        if (seen is null) return loss();
        using var observed = Gradients.Observe(seen);
        return loss();
    }

    /// <summary>g and H·v, as new tensors: no Grad is touched.</summary>
    static (Tensor[] Gradients, Tensor[] Products) Derivatives(Tensor loss, Tensor[] parameters, Tensor[] v)
    {
        var gradients = Gradients.Of(loss, parameters, createGraph: true, allowUnused: true);
        var slope = Tensor.Scalar(0, DType.Float64);
        foreach (var (gradient, direction) in gradients.Zip(v)) slope += (gradient * direction).Sum().To(DType.Float64);
        return (gradients, Gradients.Of(slope, parameters, allowUnused: true));
    }

    /// <summary>The parameters that can change, with their layers and names.</summary>
    (Parameter[] Parameters, (string Layer, string Name)[] Names) Named()
    {
        var modules = model.NamedModules().ToDictionary(named => named.Name, named => named.Module);
        var own = model.NamedParameters().Select(one => (Layer: LayerOf(one.Name), one.Name, one.Parameter)).ToArray();
        var others = optimizer.Parameters.Except(own.Select(one => one.Parameter))
            .Select((parameter, i) => (Name: parameter.Name ?? FormattableString.Invariant($"parameter {i}"), parameter))
            .Select(one => (Layer: one.Name, one.Name, Parameter: one.parameter));
        var all = own.Concat(others).Where(one => one.Parameter.RequiresGrad).ToArray();
        return (Array.ConvertAll(all, one => one.Parameter), Array.ConvertAll(all, one => (one.Layer, one.Name)));

        string LayerOf(string path)
        {
            while (path.Length > 0)
            {
                path = path[..Math.Max(0, path.LastIndexOf('.'))];
                if (path.Length > 0 && modules.TryGetValue(path, out var module)) return $"{path}: {module.Describe()}";
            }
            return model.Describe();
        }
    }

    static double Dot(Tensor a, Tensor b)
    {
        var (left, right, sum) = (a.ToDoubles(), b.ToDoubles(), 0.0);
        for (var i = 0; i < left.Length; i++) sum += left[i] * right[i];
        return sum;
    }
}

/// <summary>A step in all detail: tensors by parameter, in the order of the step's parts.</summary>
/// <param name="Step">What it did to the loss.</param>
/// <param name="Values">The parameters before it.</param>
/// <param name="Gradients">The gradients of the loss there, not clipped.</param>
/// <param name="Moved">By how much it changed the parameters.</param>
sealed record MeasuredStep(LossStep Step, Tensor[] Values, Tensor[] Gradients, Tensor[] Moved);
