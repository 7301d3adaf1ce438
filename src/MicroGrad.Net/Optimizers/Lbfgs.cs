using System.Diagnostics;

namespace MicroGrad.Net;

/// <summary>
/// L-BFGS (Liu and Nocedal, 1989): goes along −H·g, where H, the inverse of the curvature, is estimated from the
/// latest changes of weights and gradients. Evaluates the loss several times per step, so it takes it as a function:
/// <code>optimizer.Step(() => Losses.MeanSquaredError(model.Forward(x), y));</code>
/// For small problems and losses over the whole data set. As PyTorch's LBFGS; computes in Float64 throughout.
/// </summary>
public sealed class Lbfgs : Optimizer
{
    readonly int _maxIterations, _maxEvaluations, _historySize;
    readonly double _gradientTolerance, _changeTolerance;
    readonly bool _lineSearch;

    /// <summary>Changes y of the gradient and s of the weights, oldest first, with 1/(y·s).</summary>
    readonly List<(double[] Y, double[] S, double Rho)> _history = [];
    double[] _direction, _lastGradient;
    double _step;
    int _iterations, _evaluations;

    /// <summary>Descends with an estimate of the curvature.</summary>
    /// <param name="parameters">What to optimize: parameters, or one group of them.</param>
    /// <param name="learningRate">The length of a step as a share of −H·g; with a line search, of the first try.</param>
    /// <param name="maxIterations">How many changes a step makes at most.</param>
    /// <param name="maxEvaluations">After how many evaluations a step makes no more changes; 1¼ per iteration where
    /// null.</param>
    /// <param name="gradientTolerance">A step ends when no component of the gradient is larger.</param>
    /// <param name="changeTolerance">A step ends when neither a weight nor the loss changes by more.</param>
    /// <param name="historySize">How many changes the estimate of the curvature remembers.</param>
    /// <param name="lineSearch">Look for a step length that meets the strong Wolfe conditions: safer, and mostly
    /// faster.</param>
    /// <exception cref="ArgumentException">There is more than one group.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Lbfgs(IEnumerable<IOptimizable> parameters, double learningRate = 1, int maxIterations = 20,
        int? maxEvaluations = null, double gradientTolerance = 1e-7, double changeTolerance = 1e-9, int historySize = 100,
        bool lineSearch = false) : base(parameters, learningRate)
    {
        if (Groups.Count > 1)
            Throw.Value(nameof(Lbfgs), "takes one group only: it estimates one curvature for all parameters.");
        if (historySize < 1) Throw.OutOfRange(nameof(Lbfgs), nameof(historySize), historySize, "1 or more");
        if (maxIterations < 1) Throw.OutOfRange(nameof(Lbfgs), nameof(maxIterations), maxIterations, "1 or more");
        RequireRange(nameof(gradientTolerance), gradientTolerance);
        RequireRange(nameof(changeTolerance), changeTolerance);
        (_maxIterations, _maxEvaluations) = (maxIterations,
            maxEvaluations ?? (int)Math.Min(maxIterations * 5L / 4, int.MaxValue));
        (_gradientTolerance, _changeTolerance) = (gradientTolerance, changeTolerance);
        (_historySize, _lineSearch) = (historySize, lineSearch);
        var length = Parameters.Sum(parameter => parameter.Length);
        (_direction, _lastGradient) = (new double[length], new double[length]);
    }

    /// <summary>Not for this optimizer, which needs to evaluate the loss several times.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override void Step() =>
        Throw.WrongCall("Step", "Lbfgs evaluates the loss several times: pass it as a function, Step(() => loss).");

    /// <summary>Changes the parameters up to <c>maxIterations</c> times. Returns the loss before the first change.</summary>
    /// <exception cref="GradientException">A parameter that requires gradients has none; nothing was changed.</exception>
    public override double Step(Func<Tensor> loss)
    {
        var (value, gradient) = LossAndGradient(loss);
        RequireGradients();
        var (first, evaluationsBefore) = (value, _evaluations - 1);
        if (Largest(gradient) <= _gradientTolerance) return Sign * first;

        for (var iteration = 1; ; iteration++)
        {
            _iterations++;
            _direction = _iterations == 1 ? Array.ConvertAll(gradient, g => -g) : NewDirection(gradient);
            (_lastGradient, var lastValue) = (gradient, value);
            _step = LearningRate * (_iterations == 1 ? Math.Min(1, 1 / gradient.Sum(Math.Abs)) : 1);
            var slope = Dot(gradient, _direction);
            if (slope > -_changeTolerance) break;

            var weights = Flat(parameter => parameter.ToDoubles());
            if (_lineSearch)
            {
                var start = new StrongWolfe.Point(0, value, gradient, slope);
                (_step, value, gradient, _) = StrongWolfe.Search(At, start, _step, Largest(_direction), _changeTolerance);
                MoveTo(weights, _step);
            }
            else
            {
                MoveTo(weights, _step);
                if (iteration < _maxIterations) (value, gradient) = LossAndGradient(loss);
            }

            if (iteration == _maxIterations || _evaluations - evaluationsBefore >= _maxEvaluations
                || Largest(gradient) <= _gradientTolerance || Largest(_direction) * _step <= _changeTolerance
                || Math.Abs(value - lastValue) < _changeTolerance) break;

            StrongWolfe.Point At(double step)
            {
                MoveTo(weights, step);
                var (there, slopes) = LossAndGradient(loss);
                return new(step, there, slopes, Dot(slopes, _direction));
            }
        }
        return Sign * first;
    }

    /// <summary>−H·g by the two-loop recursion over the history, to which the latest change is added.</summary>
    double[] NewDirection(double[] gradient)
    {
        double[] y = [.. gradient.Zip(_lastGradient, (now, before) => now - before)];
        var s = Array.ConvertAll(_direction, d => d * _step);
        if (Dot(y, s) > 1e-10)      // else the curvature along the last step is not positive, and H would not be
        {
            if (_history.Count == _historySize) _history.RemoveAt(0);
            _history.Add((y, s, 1 / Dot(y, s)));
        }
        var direction = Array.ConvertAll(gradient, g => -g);
        var alphas = new double[_history.Count];
        for (var i = _history.Count - 1; i >= 0; i--)
        {
            alphas[i] = Dot(_history[i].S, direction) * _history[i].Rho;
            Add(direction, -alphas[i], _history[i].Y);
        }
        if (_history.Count > 0)
        {
            var (lastY, lastS, _) = _history[^1];
            var scale = Dot(lastY, lastS) / Dot(lastY, lastY);
            for (var i = 0; i < direction.Length; i++) direction[i] *= scale;
        }
        for (var i = 0; i < _history.Count; i++)
            Add(direction, alphas[i] - Dot(_history[i].Y, direction) * _history[i].Rho, _history[i].S);
        return direction;
    }

    (double Value, double[] Gradient) LossAndGradient(Func<Tensor> loss)
    {
        _evaluations++;
        var value = Sign * Evaluate(loss);
        return (value, Flat(parameter => parameter is { RequiresGrad: true, Grad: { } gradient }
            ? Array.ConvertAll(gradient.ToDoubles(), g => Sign * g) : new double[parameter.Length]));
    }

    /// <summary>The sign by which the loss counts.</summary>
    double Sign => Maximize ? -1 : 1;

    double[] Flat(Func<Parameter, double[]> part) => [.. Parameters.SelectMany(part)];

    /// <summary>Sets the parameters to weights + step·direction.</summary>
    void MoveTo(double[] weights, double step)
    {
        var offset = 0;
        foreach (var parameter in Parameters)
        {
            var values = new double[parameter.Length];
            for (var i = 0; i < values.Length; i++) values[i] = weights[offset + i] + step * _direction[offset + i];
            if (parameter.RequiresGrad) parameter.Assign(Tensor.From(parameter.Shape, values).To(parameter.DType));
            offset += values.Length;
        }
    }

    static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    static void Add(double[] to, double factor, double[] what)
    {
        for (var i = 0; i < to.Length; i++) to[i] += factor * what[i];
    }

    static double Largest(double[] values) => values.Length == 0 ? 0 : values.Max(Math.Abs);

    /// <inheritdoc/>
    protected override void Update<T>(Span<T> values, ReadOnlySpan<T> gradient, ParameterState state) =>
        throw new UnreachableException();       // parameters are not changed one by one

    /// <summary>The history is one tensor [changes, 2, weights]; all else follows from it.</summary>
    private protected override IEnumerable<StateEntry> Remembered()
    {
        var length = _direction.Length;
        yield return StateEntry.Count("n_iter", () => _iterations, value => _iterations = value);
        yield return StateEntry.Count("func_evals", () => _evaluations, value => _evaluations = value);
        yield return StateEntry.Number("t", () => _step, value => _step = value, double.IsFinite);
        yield return StateEntry.Values("d", [length], DType.Float64,
            () => Tensor.From([length], _direction), values => _direction = values.ToDoubles());
        yield return StateEntry.Values("prev_flat_grad", [length], DType.Float64,
            () => Tensor.From([length], _lastGradient), values => _lastGradient = values.ToDoubles());
        yield return StateEntry.Rows("history", _historySize, [2, length],
            () => _history.Select(pair => pair.Y.Concat(pair.S)),
            rows =>
            {
                _history.Clear();
                foreach (var row in rows) _history.Add((row[..length], row[length..], 1 / Dot(row[..length], row[length..])));
            });
    }
}
