namespace MicroGrad.Net;

/// <summary>Shapes that do not fit an operation. The message names the operation, the shapes and the guilty axis.</summary>
public sealed class ShapeException(string message) : ArgumentException(message);

/// <summary>Tensors of different number types met, or a tensor was read as the wrong one.</summary>
public sealed class DTypeException(string message) : ArgumentException(message);

/// <summary>The machine has not the memory that an operation asks for. The message says which and how much.</summary>
public sealed class TensorMemoryException(string message, Exception? inner = null) : OutOfMemoryException(message, inner);

/// <summary>
/// Differentiation was asked for where it cannot be done: a second backward over a freed tape, a parameter that
/// changed since it was recorded, a loss that depends on nothing.
/// </summary>
public sealed class GradientException(string message) : InvalidOperationException(message);

/// <summary>A result that is NaN or infinite was found inside a <c>Gradients.CheckFinite()</c> scope.</summary>
public sealed class NonFiniteException(string message) : ArithmeticException(message);

/// <summary>A data file is damaged or not what it was taken for. The message names the file and the place in it.</summary>
public sealed class DataFileException(string message, Exception? inner = null) : IOException(message, inner);
