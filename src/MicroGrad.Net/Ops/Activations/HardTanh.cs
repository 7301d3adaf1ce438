using System.Numerics;
using static System.Numerics.Vector;

namespace MicroGrad.Net;

public partial class Tensor
{
    static readonly Operation s_hardTanh = new("hard tanh", "y = a limited to (low, high)",
        "g where low < a < high, else 0") { Words = "Gradients pass between the bounds only.", IsActivation = true };

    /// <summary>x limited to [low, high]; the slope on the bounds is 0 (that of <see cref="Clamp"/> is 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">low is not below high.</exception>
    public Tensor HardTanh(double low = -1, double high = 1)
    {
        if (!(low < high)) Throw.OutOfRange(s_hardTanh, nameof(low), low, $"below high ({high})");
        return Pointwise(s_hardTanh.With("low", low).With("high", high), new HardLimited(1, 0, low, high), this);
    }

    static readonly Operation s_hardSigmoid = new("hard sigmoid", "y = a/6 + ½ limited to (0, 1)",
        "g / 6 where −3 < a < 3, else 0")
    { Words = "A sixth of the gradient passes between the bounds, else nothing.", IsActivation = true };

    /// <summary>x/6 + ½ limited to [0, 1]; the slope on the bounds is 0.</summary>
    public Tensor HardSigmoid() => Pointwise(s_hardSigmoid, new HardLimited(1.0 / 6, 0.5, 0, 1), this);

    static readonly Operation s_hardSwish = new("hard swish", "y = a · hard sigmoid(a)",
        "g · (a/3 + ½) where −3 < a < 3, g above, 0 below") { Words = Operation.Curve, IsActivation = true };

    /// <summary>x·hard-sigmoid(x) (Howard et al., 2019); the slope is −½ at −3 and 1½ at 3.</summary>
    public Tensor HardSwish() => Pointwise(s_hardSwish, default(HardSwishFunction), this, (x, _) =>
        Where(x < -3, 0, Where(x > 3, 1, x / 3 + 0.5)));
}

/// <summary>scale · x + shift limited to [low, high], with slope 0 on the bounds: hard tanh and hard sigmoid.</summary>
readonly struct HardLimited(double scale, double shift, double low, double high) : IDifferentiable
{
    public static bool NeedsOnlyValue => true;

    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Min(Max(Line(x), Lanes.All<T>(low)), Lanes.All<T>(high));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(GreaterThan(y, Lanes.All<T>(low)) & LessThan(y, Lanes.All<T>(high)),
            Lanes.All<T>(scale), y - y);

    Vector<T> Line<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        x * Lanes.All<T>(scale) + Lanes.All<T>(shift);
}

/// <summary>x · clamp(x/6 + ½, 0, 1), with slope 0 below −3, x/3 + ½ from −3 to 3, and 1 above.</summary>
readonly struct HardSwishFunction : IDifferentiable
{
    public Vector<T> Value<T>(Vector<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Lanes.AtLeast(x, -3) * (Min(Max(x + Lanes.All<T>(3), Vector<T>.Zero), Lanes.All<T>(6)) / Lanes.All<T>(6));

    public Vector<T> Slope<T>(Vector<T> x, Vector<T> y) where T : unmanaged, IFloatingPointIeee754<T> =>
        ConditionalSelect(LessThan(x, Lanes.All<T>(-3)), Vector<T>.Zero,
            ConditionalSelect(GreaterThan(x, Lanes.All<T>(3)), Vector<T>.One, x / Lanes.All<T>(3) + Lanes.All<T>(0.5)));
}
