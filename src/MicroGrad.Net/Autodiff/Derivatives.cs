namespace MicroGrad.Net;

/// <summary>
/// Derivatives of functions beyond the gradient: whole matrices of first and second derivatives, and their products
/// with a vector, which cost two or three passes whatever the size. Inputs keep their tape, and no <c>Grad</c> is
/// touched. Functions must be deterministic; results are constants.
/// </summary>
public static class Derivatives
{
    /// <summary>
    /// J[i, j] = ∂function(input)[i]/∂input[j], of shape [...output, ...input], by one backward pass for each element
    /// of the output; zeros where the output does not depend on the input.
    /// </summary>
    public static Tensor Jacobian(Func<Tensor, Tensor> function, Tensor input)
    {
        var (x, output) = Recording(function, input);
        return Rows(output, [x]).Reshape(Shape.Of([.. output.Shape, .. input.Shape]));
    }

    /// <summary>
    /// J·vector, of the output's shape: how the output begins to change where the input moves along the vector. Jᵀ·u is
    /// linear in u, so its derivative with respect to u, in a second backward, is J.
    /// </summary>
    /// <param name="function">From a tensor to one of any shape.</param>
    /// <param name="input">Where.</param>
    /// <param name="vector">The direction, of the shape and number type of the input.</param>
    /// <exception cref="ShapeException">The vector has another shape.</exception>
    /// <exception cref="DTypeException">The vector has another number type.</exception>
    public static Tensor JacobianVector(Func<Tensor, Tensor> function, Tensor input, Tensor vector)
    {
        Fits(nameof(JacobianVector), input, vector);
        using var recording = Gradients.On();
        var (x, output) = Recording(function, input);
        var u = Leaf(Tensor.Zeros(output.Shape, output.DType));
        var product = Gradients.Of(output, [x], createGraph: true, seed: u, allowUnused: true)[0];
        return Gradients.Of(product, [u], seed: vector, allowUnused: true)[0];
    }

    /// <summary>
    /// H[i, j] = ∂²function(input)/∂input[i]∂input[j] of a function that gives one number, of shape
    /// [...input, ...input], by one backward pass over the gradient's tape for each element.
    /// </summary>
    /// <exception cref="ShapeException">The function gives more than one number.</exception>
    public static Tensor Hessian(Func<Tensor, Tensor> function, Tensor input)
    {
        using var recording = Gradients.On();
        var (x, output) = Recording(function, input);
        var gradient = Slope(nameof(Hessian), output, [x])[0];
        return Rows(gradient, [x]).Reshape(Shape.Of([.. input.Shape, .. input.Shape]));
    }

    /// <summary>
    /// The second derivatives of a loss with respect to all elements of its parameters, one parameter after another, as
    /// a matrix [elements, elements]; for small networks, since it costs one backward pass for each row.
    /// </summary>
    /// <param name="loss">Runs the model and gives one number.</param>
    /// <param name="parameters">What to differentiate by; the loss need not depend on all.</param>
    /// <exception cref="ShapeException">The loss is more than one number.</exception>
    /// <exception cref="GradientException">A parameter requires no gradient.</exception>
    public static Tensor Hessian(Func<Tensor> loss, IReadOnlyList<Parameter> parameters)
    {
        using var recording = Gradients.On();
        Tensor[] inputs = [.. parameters];
        var slopes = Slope(nameof(Hessian), loss(), inputs);
        return Tensor.Concat([.. slopes.Select(slope => Rows(slope, inputs))], axis: 0);
    }

    /// <summary>
    /// H·vector, of the input's shape, without the matrix: the gradient of ⟨∇function, vector⟩ (Pearlmutter, 1994).
    /// </summary>
    /// <param name="function">From a tensor to one number.</param>
    /// <param name="input">Where.</param>
    /// <param name="vector">Of the shape and number type of the input.</param>
    /// <exception cref="ShapeException">The vector has another shape, or the function gives several
    /// numbers.</exception>
    /// <exception cref="DTypeException">The vector has another number type.</exception>
    public static Tensor HessianVector(Func<Tensor, Tensor> function, Tensor input, Tensor vector)
    {
        Fits(nameof(HessianVector), input, vector);
        using var recording = Gradients.On();
        var (x, output) = Recording(function, input);
        return Gradients.Of(Slope(nameof(HessianVector), output, [x])[0], [x], seed: vector, allowUnused: true)[0];
    }

    /// <summary>H·vectors of a loss over all its parameters at once, one result for each, of its shape.</summary>
    /// <param name="loss">Runs the model and gives one number.</param>
    /// <param name="parameters">What to differentiate by; the loss need not depend on all.</param>
    /// <param name="vectors">One for each parameter, of its shape and number type.</param>
    /// <exception cref="ShapeException">A vector has another shape, or the loss is more than one number.</exception>
    /// <exception cref="DTypeException">A vector has another number type.</exception>
    /// <exception cref="GradientException">A parameter requires no gradient.</exception>
    public static Tensor[] HessianVector(
        Func<Tensor> loss, IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> vectors)
    {
        if (vectors.Count != parameters.Count)
            Throw.Shapes(nameof(HessianVector), $"{parameters.Count} parameters, but {vectors.Count} vectors.");
        for (var i = 0; i < vectors.Count; i++) Fits(nameof(HessianVector), parameters[i], vectors[i]);
        using var recording = Gradients.On();
        Tensor[] inputs = [.. parameters];
        if (inputs.Length == 0) return [];
        var slopes = Slope(nameof(HessianVector), loss(), inputs);
        var along = slopes.Zip(vectors, (slope, vector) => (slope * vector).Sum()).Aggregate((a, b) => a + b);
        return Gradients.Of(along, inputs, allowUnused: true);
    }

    static void Fits(string call, Tensor input, Tensor vector)
    {
        if (vector.Shape != input.Shape)
            Throw.Shapes(call, $"the vector is {vector.Shape}, but must be {input.Shape}, the shape of the input.");
        if (vector.DType != input.DType) Throw.MixedDTypes(call, input.DType, vector.DType);
    }

    static Tensor Leaf(Tensor values)
    {
        values.RequiresGrad = true;
        return values;
    }

    static (Tensor Input, Tensor Output) Recording(Func<Tensor, Tensor> function, Tensor input)
    {
        using var recording = Gradients.On();
        var x = Leaf(input.Detach());
        return (x, function(x));
    }

    /// <summary>The gradient, on a tape of its own.</summary>
    static Tensor[] Slope(string call, Tensor loss, Tensor[] inputs)
    {
        if (loss.Length != 1) Throw.NotOneElement(call, loss.Shape);
        return Gradients.Of(loss, inputs, createGraph: true, allowUnused: true);
    }

    /// <summary>The gradient of each element of a tensor in all inputs, flat: [elements, inputs' elements].</summary>
    static Tensor Rows(Tensor output, Tensor[] inputs)
    {
        var rows = new Tensor[output.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var seed = new double[rows.Length];
            seed[i] = 1;
            var one = Tensor.From(output.Shape, seed).To(output.DType);
            var parts = Gradients.Of(output, inputs, retainTape: true, seed: one, allowUnused: true);
            rows[i] = Tensor.Concat(Array.ConvertAll(parts, part => part.Reshape(part.Length)), axis: 0).Detach();
        }
        return rows.Length > 0 ? Tensor.Stack(rows)
            : Tensor.Zeros([0, inputs.Sum(input => input.Length)], output.DType);
    }
}
