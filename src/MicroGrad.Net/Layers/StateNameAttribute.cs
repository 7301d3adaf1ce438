namespace MicroGrad.Net;

/// <summary>
/// The name of a field in the paths of a module's parameters, where the field's own in snake case is not the one that
/// is wanted: <c>[field: StateName("attn")] public Linear Attention { get; }</c>. Parts behind an empty name belong to
/// the module itself: a dictionary's entries by their keys, which is how names are made that only running shows.
/// </summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class StateNameAttribute(string name) : Attribute
{
    /// <summary>The name; empty for none.</summary>
    public string Name { get; } = name;
}
