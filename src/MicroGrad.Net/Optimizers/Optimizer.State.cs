using System.Globalization;
using System.Numerics;

namespace MicroGrad.Net;

public abstract partial class Optimizer
{
    /// <summary>
    /// All that the optimizer remembers, to be saved and loaded to go on with the same bits: the learning rate and the
    /// settings of the groups, and per parameter the number of steps and its running averages, by PyTorch's names
    /// (<c>0.weight.exp_avg</c>). A parameter goes by its name, or, where it has none or shares it, by its position
    /// (<c>parameters.3.exp_avg</c>). Numbers are Float64 scalars; everything is a copy.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> State() => StateEntry.Save(Entries());

    /// <summary>Takes over what <see cref="State"/> gave for the same parameters and the same kind of optimizer.</summary>
    /// <exception cref="ArgumentException">Entries are missing, unexpected or of wrong shape or type; all of them are
    /// listed, and nothing was changed.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state) => StateEntry.Load(GetType().Name, [.. Entries()], state);

    IEnumerable<StateEntry> Entries()
    {
        yield return StateEntry.Number("learning_rate", () => LearningRate, value => LearningRate = value,
            value => value >= 0 && double.IsFinite(value));
        foreach (var (index, group) in _groups.Index())
            foreach (var entry in group.Entries(string.Create(CultureInfo.InvariantCulture, $"groups.{index}.")))
                yield return entry;
        foreach (var entry in Remembered()) yield return entry;
    }

    /// <summary>What is remembered of the parameters.</summary>
    private protected virtual IEnumerable<StateEntry> Remembered() =>
        NamesOf(_parameters).Zip(_states).SelectMany(pair => pair.Second.Entries(pair.First + "."));

    /// <summary>A name for each parameter: its own, or its position where that is missing or not the only one.</summary>
    internal static IEnumerable<string> NamesOf(IReadOnlyList<Variable> parameters)
    {
        var shared = parameters.CountBy(parameter => parameter.Name ?? "").ToDictionary();
        return parameters.Select((parameter, index) => parameter.Name is { Length: > 0 } name && shared[name] == 1
            ? name : string.Create(CultureInfo.InvariantCulture, $"parameters.{index}"));
    }

    /// <summary>What is remembered of one parameter: the number of updates and up to three numbers per element.</summary>
    private protected sealed class ParameterState(Optimizer owner, ParameterGroup group, Parameter parameter)
    {
        const int Slots = 3;
        readonly Tensor?[] _slots = new Tensor?[Slots];

        public ParameterGroup Group => group;

        public Parameter Parameter => parameter;

        /// <summary>How many updates the parameter has had, the present one included.</summary>
        public int Step { get; set; }

        /// <summary>A number that belongs to the whole parameter: a product, 1 at first.</summary>
        public double Number { get; set; } = 1;

        /// <summary>Runs the formula of one element over the parameter and the slots.</summary>
        public void Run<T, TRule>(TRule rule, Span<T> values, ReadOnlySpan<T> gradient)
            where T : unmanaged, IFloatingPointIeee754<T> where TRule : struct, IUpdate =>
            MicroGrad.Net.Update.Run(rule, values, gradient, Slot<T>(0), Slot<T>(1), Slot<T>(2));

        /// <summary>One number per element; empty where the optimizer has no name for it.</summary>
        public Span<T> Slot<T>(int slot) where T : unmanaged =>
            owner.SlotName(slot, this) is null ? default : (_slots[slot] = Values(slot)).Write<T>();

        /// <summary>Whether no step has used a slot, and none was loaded but the one that it starts with.</summary>
        public bool IsFresh(int slot) => _slots[slot] is null;

        /// <summary>Lets a slot go, to begin anew.</summary>
        public void Forget(int slot) => _slots[slot] = null;

        /// <summary>What a slot holds, or will start with: that follows the settings until the first step.</summary>
        Tensor Values(int slot)
        {
            if (_slots[slot] is { } values && values.DType == parameter.DType) return values;
            return (_slots[slot]?.To(parameter.DType)
                ?? Tensor.Full(parameter.Shape, owner.SlotStart(slot, this), parameter.DType)).Keep();
        }

        void Load(int slot, Tensor values)
        {
            _slots[slot] = null;
            if (Step > 0 || !values.ToDoubles().SequenceEqual(Values(slot).ToDoubles())) _slots[slot] = values;
        }

        public IEnumerable<StateEntry> Entries(string path)
        {
            yield return StateEntry.Count(path + "step", () => Step, value => Step = value);
            if (owner.NumberName is { } number)
                yield return StateEntry.Number(path + number, () => Number, value => Number = value, double.IsFinite);
            for (var i = 0; i < Slots; i++)
            {
                var slot = i;
                if (owner.SlotName(slot, this) is { } name)
                    yield return StateEntry.Values(path + name, parameter.Shape, parameter.DType,
                        () => Values(slot), values => Load(slot, values));
            }
        }
    }

    /// <summary>The name in the saved state of a number per element; null where the optimizer does not use it.</summary>
    private protected abstract string? SlotName(int slot, ParameterState state);

    /// <summary>What a slot of a parameter holds before the first step.</summary>
    private protected virtual double SlotStart(int slot, ParameterState state) => 0;

    /// <summary>The name in the saved state of the number that belongs to a whole parameter; null where unused.</summary>
    private protected virtual string? NumberName => null;
}
