namespace MicroGrad.Net;

/// <summary>
/// Which modules were in training mode, from <see cref="Module.KeepModes"/>: each is put back into its own when this is
/// disposed, and wherever else <see cref="Restore"/> is called.
/// </summary>
public sealed class KeptModes : IDisposable
{
    readonly (Module Module, bool Training)[] _modes;

    internal KeptModes(Module model) => _modes = [.. model.Modules().Select(module => (module, module.Mode))];

    /// <summary>Puts each module back into its mode.</summary>
    public void Restore()
    {
        foreach (var (module, training) in _modes) module.IsTraining = training;
    }

    /// <summary>Puts each module back into its mode.</summary>
    public void Dispose() => Restore();
}
