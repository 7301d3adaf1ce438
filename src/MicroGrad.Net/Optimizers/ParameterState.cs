using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// Numbers that an optimizer remembers for each element of a parameter: a name is one that holds 0 at first.
/// <code>
/// protected override IReadOnlyList&lt;StateSlot&gt; Slots => ["exp_avg", new("sum") { Start = _ => 0.1 }];
/// </code>
/// </summary>
/// <param name="Name">The name in the saved state.</param>
public sealed record StateSlot(string Name)
{
    /// <summary>What it holds before the parameter's first step; 0 where null.</summary>
    public Func<ParameterState, double>? Start { get; init; }

    /// <summary>Whether a parameter has it, which its settings may change: what it held is lost then. Always where
    /// null.</summary>
    public Func<ParameterState, bool>? When { get; init; }

    /// <summary>Whether it is one Float64 number for the whole parameter.</summary>
    public bool IsScalar { get; init; }

    /// <summary>A slot of a number per element, 0 at first.</summary>
    public static implicit operator StateSlot(string name) => new(name);
}

/// <summary>What an optimizer remembers of one parameter: the number of its steps, and its slots.</summary>
public sealed class ParameterState
{
    readonly Optimizer _owner;
    readonly Tensor?[] _values;

    internal ParameterState(Optimizer owner, ParameterGroup group, Parameter parameter, int slots) =>
        (_owner, Group, Parameter, _values) = (owner, group, parameter, new Tensor?[slots]);

    /// <summary>The settings by which the parameter moves.</summary>
    public ParameterGroup Group { get; }

    /// <summary>The parameter.</summary>
    public Parameter Parameter { get; }

    /// <summary>How many steps the parameter has had, the present one included.</summary>
    public int Step { get; internal set; }

    /// <summary>
    /// The numbers of a slot, to be changed in place: one per element, in the parameter's number type (or one double,
    /// if it is a scalar). Empty where the parameter does not have the slot.
    /// </summary>
    /// <exception cref="ArgumentException">The optimizer has no slot of this name.</exception>
    public Span<T> Slot<T>(string name) where T : unmanaged => At<T>(IndexOf(name));

    /// <summary>Whether no step has used a slot, and none was loaded but the one that it starts with.</summary>
    /// <exception cref="ArgumentException">The optimizer has no slot of this name.</exception>
    public bool IsFresh(string name) => _values[IndexOf(name)] is null;

    /// <summary>Runs the formula of one element over the parameter and the first three slots.</summary>
    internal void Run<T, TRule>(TRule rule, Span<T> values, ReadOnlySpan<T> gradient)
        where T : unmanaged, IFloatingPointIeee754<T> where TRule : struct, IUpdate =>
        Update.Run(rule, values, gradient, Lane<T>(0), Lane<T>(1), Lane<T>(2));

    internal IEnumerable<StateEntry> Entries(string path) =>
    [
        StateEntry.Count(path + "step", () => Step, value => Step = value),
        .. from slot in _owner.StateSlots.Index() where Has(slot.Item) select StateEntry.Values(
            path + slot.Item.Name, ShapeOf(slot.Item), TypeOf(slot.Item),
            () => Values(slot.Index), values => Load(slot.Index, values)),
    ];

    Span<T> Lane<T>(int index) where T : unmanaged =>
        index < _values.Length && !_owner.StateSlots[index].IsScalar ? At<T>(index) : default;

    Span<T> At<T>(int index) where T : unmanaged
    {
        if (Has(_owner.StateSlots[index])) return (_values[index] = Values(index)).Write<T>();
        _values[index] = null;      // switched off, it begins anew, as it is saved
        return default;
    }

    bool Has(StateSlot slot) => slot.When?.Invoke(this) ?? true;

    Shape ShapeOf(StateSlot slot) => slot.IsScalar ? Shape.Scalar : Parameter.Shape;

    DType TypeOf(StateSlot slot) => slot.IsScalar ? DType.Float64 : Parameter.DType;

    /// <summary>What a slot holds, or will start with: that follows the settings until the first step.</summary>
    Tensor Values(int index)
    {
        var slot = _owner.StateSlots[index];
        if (_values[index] is { } values && values.DType == TypeOf(slot)) return values;
        return (_values[index]?.To(Parameter.DType)
            ?? Tensor.Full(ShapeOf(slot), slot.Start?.Invoke(this) ?? 0, TypeOf(slot))).Keep();
    }

    void Load(int index, Tensor values)
    {
        _values[index] = null;
        if (Step > 0 || !values.ToDoubles().SequenceEqual(Values(index).ToDoubles())) _values[index] = values;
    }

    int IndexOf(string name)
    {
        for (var i = 0; i < _values.Length; i++)
            if (_owner.StateSlots[i].Name == name) return i;
        var names = string.Join(", ", _owner.StateSlots.Select(slot => slot.Name));
        Throw.Value(_owner.GetType().Name, $"has no slot '{name}'; its Slots are [{names}].");
        return -1;
    }
}
