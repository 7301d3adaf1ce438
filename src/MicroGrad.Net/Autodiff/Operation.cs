namespace MicroGrad.Net;

/// <summary>
/// What an operation is, for who looks at a tape: stated once, beside the method that records it, and handed to
/// <see cref="Node.Record(Operation, Tensor, ReadOnlySpan{ValueTuple{Tensor, Func{Tensor, Tensor}}})"/>. A name alone
/// will do for an operation of one's own. In formulas the inputs are called a, b, c, the result y, and g is ∂L/∂y; a
/// hat marks what is known of the whole row.
/// </summary>
/// <param name="name">Its name on the tape and in errors, such as <c>matmul</c>.</param>
/// <param name="formula">What it computes: <c>y = a · b</c>.</param>
/// <param name="gradients">∂L/∂a, ∂L/∂b, …; the last serves all inputs that follow.</param>
public sealed class Operation(string name, string formula = "y = f(a, …)", params string[] gradients)
{
    /// <summary>The words for a function of elements that has nothing special about it.</summary>
    internal const string Curve = "Each gradient is multiplied by the slope of the curve at that element.";

    /// <summary>The words for what computes nothing.</summary>
    internal const string Move = "Elements only move: each gradient goes back to where its element came from.";

    /// <summary>Its name on the tape and in errors, such as <c>matmul</c>.</summary>
    public string Name { get; } = name is { Length: > 0 } ? name
        : throw new ArgumentException("Node.Record: the operation needs a name, such as \"swish\".");

    /// <summary>What it computes.</summary>
    public string Formula { get; } = formula;

    /// <summary>∂L/∂a, ∂L/∂b, …; the last serves all inputs that follow.</summary>
    public IReadOnlyList<string> Gradients { get; } = gradients is [] ? ["g through its rule"] : gradients;

    /// <summary>How gradients pass, in words.</summary>
    public string Words { get; init; } = "A function with a rule of its own.";

    /// <summary>One element of the result by those of the inputs, {0}, {1}, …; null where not elementwise.</summary>
    public string? Element { get; init; }

    /// <summary>Whether its results are what units of a network answer with: activations.</summary>
    public bool IsActivation { get; init; }

    /// <summary>Whether units can die of it: give 0 and pass no gradient for every sample.</summary>
    public bool CanDie { get; init; }

    /// <summary>The ends of its range, where it is flat; null where it has none.</summary>
    public (double Low, double High)? Saturates { get; init; }

    /// <summary>What it was called with, beside tensors: axis, stride, ids; known where somebody watched.</summary>
    public IReadOnlyList<(string Name, object? Value)> Settings { get; private init; } = [];

    /// <summary>
    /// The operation called with a setting. Costs nothing where nobody watches (see <see cref="Tape.Detailed"/> and
    /// <see cref="MicroGrad.Net.Gradients.Observe(Action{Tensor})"/>).
    /// </summary>
    /// <param name="setting">The setting's name.</param>
    /// <param name="value">A number, a text, a size, a shape or an array.</param>
    public Operation With<T>(string setting, T value) => MicroGrad.Net.Gradients.Observer is null ? this
        : new(Name, Formula, [.. Gradients])
        {
            Words = Words, Element = Element, IsActivation = IsActivation, CanDie = CanDie, Saturates = Saturates,
            Settings = [.. Settings, (setting, value)],
        };

    /// <summary>An operation of which only the name is known.</summary>
    public static implicit operator Operation(string name) => new(name);

    /// <summary>Its name.</summary>
    public static implicit operator string(Operation operation) => operation.Name;

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
