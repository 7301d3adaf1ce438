namespace MicroGrad.Net;

/// <summary>
/// A tensor that can be assigned: a <see cref="Parameter"/>, which training changes, or a <see cref="ModuleBuffer"/>, which
/// a layer keeps for itself. Each change is counted, so that a backward over a tape that recorded older values is an
/// error, never a wrong gradient.
/// </summary>
public abstract class Variable : Tensor
{
    private protected Variable(Tensor values)
        : base(values.Shape, new Storage(values.Shape, values.DType, clear: false, scope: null))
    {
        Storage.Owner = this;
        values.CopyTo(this);
    }

    /// <summary>
    /// The name that was given; else its path, such as <c>0.weight</c>, in the module that was first asked for its
    /// parameters or state; null until then.
    /// </summary>
    public string? Name { get => field ?? FirstPath; set; }

    /// <summary>Its path in the module whose state was asked for first.</summary>
    internal string? FirstPath { get; set; }

    /// <summary>Its path in the outermost of the modules that were called or asked for it.</summary>
    string? _outerPath;

    /// <summary>What it is called on tapes and in errors: the name given, else its path in the outermost module.</summary>
    internal string? ShownName => Name != FirstPath ? Name : _outerPath ?? FirstPath;

    /// <summary>Tells its path in a module, which counts unless a module around that one told its own.</summary>
    internal void ShowAs(string path)
    {
        if (_outerPath is null || path.EndsWith("." + _outerPath, StringComparison.Ordinal)) _outerPath = path;
    }

    /// <summary>How often the values were changed.</summary>
    public int Version => Storage.Version;

    /// <summary>Replaces the values by those of a tensor of the same shape and number type.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The number types differ.</exception>
    public void Assign(Tensor values)
    {
        if (values.Shape != Shape) Throw.Shapes("Assign", $"{Describe()} cannot take values of {values.Shape}.");
        if (values.DType != DType) Throw.MixedDTypes("Assign", DType, values.DType);
        values.CopyTo(this);
        Storage.Version++;
    }

    /// <summary>The values, to be changed in place; counts as a change.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not the element type.</exception>
    public Span<T> Update<T>() where T : unmanaged
    {
        var span = Write<T>();
        Storage.Version++;
        return span;
    }

    /// <summary>Converts the values in place to another number type; drops the gradient, which has the old
    /// one.</summary>
    public void ConvertTo(DType dtype)
    {
        if (dtype == DType) return;
        var trains = RequiresGrad;
        var converted = Detach().To(dtype).Keep();
        Storage.Version++;      // a tape that recorded the old values must notice
        converted.Storage.Version = Storage.Version;
        Storage = converted.Storage;
        Storage.Owner = this;
        ForgetGradient();
        RequiresGrad = false;
        RequiresGrad = trains;
    }

    /// <summary>The kind, name and shape: <c>parameter 0.weight [128, 784]</c>.</summary>
    internal string Describe() => $"{GetType().Name.ToLowerInvariant()} {ShownName ?? "(unnamed)"} {Shape}";
}
