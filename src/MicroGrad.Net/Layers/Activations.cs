using System.Globalization;

namespace MicroGrad.Net;

// Activation functions as modules, for use in a Sequential. What they compute stands at the op they name.

/// <summary>A module without parameters that applies a function.</summary>
public abstract class Activation(Func<Tensor, Tensor> function, string settings = "") : Module
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => function(input);

    /// <inheritdoc/>
    public override string Describe() => settings.Length == 0 ? GetType().Name : $"{GetType().Name}({settings})";

    private protected static string Text(double value) => value.ToString("g6", CultureInfo.InvariantCulture);
}

/// <summary>Any function as a module: <c>new Lambda(x =&gt; x * 2)</c>.</summary>
public sealed class Lambda(Func<Tensor, Tensor> function) : Activation(function);

/// <summary>The input itself.</summary>
public sealed class Identity() : Activation(x => x);

/// <inheritdoc cref="Tensor.Relu"/>
public sealed class Relu() : Activation(x => x.Relu());

/// <inheritdoc cref="Tensor.LeakyRelu"/>
public sealed class LeakyRelu(double slope = 0.01) : Activation(x => x.LeakyRelu(slope), Text(slope));

/// <inheritdoc cref="Tensor.Elu"/>
public sealed class Elu(double alpha = 1) : Activation(x => x.Elu(alpha), Text(alpha));

/// <inheritdoc cref="Tensor.Selu"/>
public sealed class Selu() : Activation(x => x.Selu());

/// <inheritdoc cref="Tensor.Celu"/>
public sealed class Celu(double alpha = 1) : Activation(x => x.Celu(alpha), Text(alpha));

/// <inheritdoc cref="Tensor.Gelu"/>
public sealed class Gelu(bool approximate = false) : Activation(x => x.Gelu(approximate), approximate ? "tanh" : "");

/// <inheritdoc cref="Tensor.Silu"/>
public sealed class Silu() : Activation(x => x.Silu());

/// <inheritdoc cref="Tensor.Mish"/>
public sealed class Mish() : Activation(x => x.Mish());

/// <inheritdoc cref="Tensor.Tanh"/>
public sealed class Tanh() : Activation(x => x.Tanh());

/// <inheritdoc cref="Tensor.Sigmoid"/>
public sealed class Sigmoid() : Activation(x => x.Sigmoid());

/// <inheritdoc cref="Tensor.LogSigmoid"/>
public sealed class LogSigmoid() : Activation(x => x.LogSigmoid());

/// <inheritdoc cref="Tensor.Softplus"/>
public sealed class Softplus(double beta = 1) : Activation(x => x.Softplus(beta), Text(beta));

/// <summary>x/(1 + |x|).</summary>
public sealed class Softsign() : Activation(x => x.Softsign());

/// <inheritdoc cref="Tensor.HardTanh"/>
public sealed class HardTanh(double low = -1, double high = 1)
    : Activation(x => x.HardTanh(low, high), $"{Text(low)} to {Text(high)}");

/// <inheritdoc cref="Tensor.HardSigmoid"/>
public sealed class HardSigmoid() : Activation(x => x.HardSigmoid());

/// <inheritdoc cref="Tensor.HardSwish"/>
public sealed class HardSwish() : Activation(x => x.HardSwish());

/// <summary>The softmax along an axis. Not before a cross-entropy, which takes logits.</summary>
public sealed class Softmax(int axis = -1) : Activation(x => x.Softmax(axis), $"axis {axis}");

/// <summary>The logarithm of the softmax along an axis.</summary>
public sealed class LogSoftmax(int axis = -1) : Activation(x => x.LogSoftmax(axis), $"axis {axis}");

/// <summary>The axes from <paramref name="start"/> on joined into one: [n, 1, 28, 28] becomes [n, 784].</summary>
public sealed class Flatten(int start = 1) : Activation(x => x.Flatten(start));
