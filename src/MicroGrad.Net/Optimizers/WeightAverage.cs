using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// A running average of the weights, which often does better than the weights themselves:
/// a ← decay·a + (1 − decay)·w, a = w at the first update; or, with no decay, the mean of all updates (Izmailov et al.,
/// 2018). As PyTorch's AveragedModel.
/// <code>
/// optimizer.Step();
/// average.Update();
/// …
/// using (average.Applied()) Evaluate(model);
/// </code>
/// </summary>
public sealed class WeightAverage
{
    readonly Variable[] _parameters;
    readonly double? _decay;
    Tensor[] _averages;
    bool _applied;

    /// <summary>An average of parameters, with nothing in it yet.</summary>
    /// <param name="parameters">What to average: parameters, and buffers too if running statistics shall
    /// go along.</param>
    /// <param name="decay">How slowly the average follows, 0 to 1; null for the mean of all updates.</param>
    /// <exception cref="ArgumentOutOfRangeException">The decay is not in its range.</exception>
    public WeightAverage(IEnumerable<Variable> parameters, double? decay = 0.999)
    {
        if (decay is { } given && !(given >= 0 && given <= 1))
            Throw.OutOfRange(nameof(WeightAverage), nameof(decay), given, "from 0 to 1");
        (_parameters, _decay) = ([.. parameters], decay);
        _averages = [.. _parameters.Select(parameter => parameter.Keep())];
    }

    /// <summary>How many updates are in the average.</summary>
    public int Updates { get; private set; }

    /// <summary>Takes the present weights into the average.</summary>
    /// <exception cref="InvalidOperationException">The averages stand in for the weights.</exception>
    public void Update()
    {
        if (_applied) Throw.WrongCall("WeightAverage.Update", "the averages stand in for the weights until the scope ends.");
        Updates++;
        var share = Updates == 1 ? 1 : 1 - _decay ?? 1.0 / Updates;
        for (var i = 0; i < _parameters.Length; i++)
            if (_parameters[i].DType == DType.Float32) Follow<float>(i, share);
            else Follow<double>(i, share);
    }

    /// <summary>
    /// Puts the averages in place of the weights until the scope ends, when the weights come back: for evaluation.
    /// Before the first update the weights stay.
    /// </summary>
    /// <exception cref="InvalidOperationException">They are in place already.</exception>
    public AppliedScope Applied()
    {
        if (_applied) Throw.WrongCall("WeightAverage.Applied", "the averages stand in for the weights already.");
        Swap();
        _applied = true;
        return new AppliedScope(this);
    }

    /// <summary>Copies the averages over the weights for good; before the first update nothing happens.</summary>
    /// <exception cref="InvalidOperationException">They are in place already.</exception>
    public void CopyToParameters()
    {
        if (_applied) Throw.WrongCall("WeightAverage.CopyToParameters", "the averages stand in for the weights already.");
        if (Updates == 0) return;
        for (var i = 0; i < _parameters.Length; i++) _parameters[i].Assign(Average(i));
    }

    /// <summary>The number of updates and, per parameter, the average: to be saved and loaded.</summary>
    public IReadOnlyDictionary<string, Tensor> State() => StateEntry.Save(Entries());

    /// <summary>Takes over what <see cref="State"/> gave for the same parameters.</summary>
    /// <exception cref="ArgumentException">Entries are missing, unexpected or of wrong shape or type; all of them are
    /// listed, and nothing was changed.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state) =>
        StateEntry.Load(nameof(WeightAverage), [.. Entries()], state);

    IEnumerable<StateEntry> Entries()
    {
        if (_applied) Throw.WrongCall("WeightAverage", "no saving or loading while the averages stand in for the weights.");
        yield return StateEntry.Count("n_averaged", () => Updates, value => Updates = value);
        foreach (var (index, name) in Optimizer.NamesOf(_parameters).Index())
            yield return StateEntry.Values(name, _parameters[index].Shape, _parameters[index].DType,
                () => Average(index), values => _averages[index] = values);
    }

    void Swap()
    {
        if (Updates == 0) return;
        var weights = Array.ConvertAll(_parameters, parameter => parameter.Keep());
        for (var i = 0; i < _parameters.Length; i++) _parameters[i].Assign(Average(i));
        _averages = weights;
    }

    /// <summary>The average of one parameter, converted if the parameter was.</summary>
    Tensor Average(int index)
    {
        if (_averages[index].DType == _parameters[index].DType) return _averages[index];
        return _averages[index] = _averages[index].To(_parameters[index].DType).Keep();
    }

    void Follow<T>(int index, double share) where T : unmanaged, IFloatingPointIeee754<T> => MicroGrad.Net.Update.Run(
        new Rule(share), Average(index).Write<T>(), _parameters[index].Read<T>(), default, default, default);

    readonly struct Rule(double share) : IUpdate
    {
        public void Apply<T>(ref Vector<T> a, Vector<T> w, ref Vector<T> _, ref Vector<T> __, ref Vector<T> ___)
            where T : unmanaged, IFloatingPointIeee754<T> => a = share == 1 ? w : a + Lanes.All<T>(share) * (w - a);
    }

    /// <summary>While it lasts, the averages stand in for the weights.</summary>
    public sealed class AppliedScope : IDisposable
    {
        WeightAverage? _average;

        internal AppliedScope(WeightAverage average) => _average = average;

        /// <summary>Brings the weights back.</summary>
        public void Dispose()
        {
            if (_average is not { } average) return;
            average.Swap();
            (average._applied, _average) = (false, null);
        }
    }
}
