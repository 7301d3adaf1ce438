namespace MicroGrad.Net;

/// <summary>
/// What an optimizer takes: a <see cref="Parameter"/>, or a <see cref="ParameterGroup"/> of them with settings of its
/// own.
/// </summary>
public interface IOptimizable
{
    /// <summary>The parameters to optimize.</summary>
    IReadOnlyList<Parameter> Parameters { get; }
}
