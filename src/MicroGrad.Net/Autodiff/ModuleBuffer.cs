namespace MicroGrad.Net;

/// <summary>
/// A tensor that a layer keeps for itself, such as running statistics: saved with the module and converted with it,
/// but no optimizer changes it and no gradient flows to it.
/// </summary>
public sealed class ModuleBuffer : Variable
{
    /// <summary>A buffer that starts with a copy of the values.</summary>
    public ModuleBuffer(Tensor values) : base(values)
    {
    }
}
