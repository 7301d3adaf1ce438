using static MicroGrad.Net.Tests.Proof.Shapes;

namespace MicroGrad.Net.Tests.Proof;

// Elementwise: arithmetic, elementary functions, activations.
static partial class GradientTable
{
    /// <summary>Away from the pole at 0, on both sides.</summary>
    static readonly Draw NotZero = Draws.Between(-2, 2, [0], by: 0.3);

    static readonly double[] Whole = [-2, -1, 0, 1, 2];

    static readonly Draw Positive = Draws.Between(0.3, 2);

    static IEnumerable<GradientRow> Arithmetic =>
    [
        Row("Tensor + Tensor", Pair, (x, y) => x + y),
        Row("Tensor - Tensor", Pair, (x, y) => x - y),
        Row("Tensor * Tensor", Pair, (x, y) => x * y),
        Row("Tensor / Tensor", Pair, (x, y) => x / y, second: NotZero),
        Row("Tensor + Tensor: the same one", Any, x => x + x),
        Row("Tensor * Tensor: the same one", Any, x => x * x),
        Row("Tensor / Tensor: the same one", Any, x => x / x, draw: NotZero),
        Row("-Tensor", Any, x => -x),
        Row("Tensor + double", Any, x => x + 1.5),
        Row("double + Tensor", Any, x => 1.5 + x),
        Row("Tensor - double", Any, x => x - 1.5),
        Row("double - Tensor", Any, x => 1.5 - x),
        Row("Tensor * double", Any, x => x * 1.5),
        Row("double * Tensor", Any, x => 1.5 * x),
        Row("Tensor / double", Any, x => x / 1.5),
        Row("double / Tensor", Any, x => 1.5 / x, draw: NotZero),
        Row("Pow(Tensor, Tensor)", Pair, Tensor.Pow, Positive, second: Draws.Between(-2, 2)),
        Row("Pow(Tensor, Tensor): the same one", Any, x => Tensor.Pow(x, x), draw: Positive),
        Row("Pow(double): 2.5", Any, x => x.Pow(2.5), draw: Positive),
        Row("Pow(double): 0.5", Any, x => x.Pow(0.5), draw: Positive),
        Row("Pow(double): -1.5", Any, x => x.Pow(-1.5), draw: Positive),
        Row("Pow(double): -1", Any, x => x.Pow(-1), draw: NotZero),
        Row("Pow(double): 0", Any, x => x.Pow(0)),
        Row("Pow(double): 1", Any, x => x.Pow(1)),
        Row("Pow(double): 2", Any, x => x.Pow(2)),
        Row("Pow(double): 3, of negative numbers", Any, x => x.Pow(3)),
        Row("Pow(double): 3, at 0", Any, x => x.Pow(3), draw: Draws.SomeZeros),
        Row("Square", Any, x => x.Square()),
        Row("Reciprocal", Any, x => x.Reciprocal(), draw: NotZero),
    ];

    static IEnumerable<GradientRow> Functions =>
    [
        Row("Exp", Any, x => x.Exp()),
        Row("Expm1", Any, x => x.Expm1()),
        Row("Expm1: near 0", Any, x => x.Expm1(), low: -1e-3, high: 1e-3),
        Row("Log", Any, x => x.Log(), draw: Positive),
        Row("Log1p", Any, x => x.Log1p(), low: -0.7),
        Row("Log1p: near 0", Any, x => x.Log1p(), low: -1e-3, high: 1e-3),
        Row("Sqrt", Any, x => x.Sqrt(), draw: Positive),
        Row("Rsqrt", Any, x => x.Rsqrt(), draw: Positive),
        Row("Sin", Any, x => x.Sin(), low: -7, high: 7),
        Row("Cos", Any, x => x.Cos(), low: -7, high: 7),
        Row("Atan", Any, x => x.Atan(), low: -5, high: 5),
        Row("Tan", Any, x => x.Tan(), low: -4, high: 4, away: [-Math.PI / 2, Math.PI / 2], by: 0.5),
        Row("Asin", Any, x => x.Asin(), low: -0.8, high: 0.8),
        Row("Acos", Any, x => x.Acos(), low: -0.8, high: 0.8),
        Row("Atan2", Pair, Tensor.Atan2, NotZero, second: NotZero),
        Row("Atan2: the same one", Any, x => Tensor.Atan2(x, x), draw: NotZero),
        Row("Sinh", Any, x => x.Sinh(), low: -3, high: 3),
        Row("Sinh: near 0", Any, x => x.Sinh(), low: -1e-3, high: 1e-3),
        Row("Cosh", Any, x => x.Cosh(), low: -3, high: 3),
        Row("Asinh", Any, x => x.Asinh(), low: -5, high: 5),
        Row("Acosh", Any, x => x.Acosh(), low: 1.3, high: 5),
        Row("Atanh", Any, x => x.Atanh(), low: -0.8, high: 0.8),
        Row("LogAddExp", Pair, Tensor.LogAddExp),
        Row("LogAddExp: far apart", Pair, Tensor.LogAddExp, second: Draws.Between(-40, 40)),
        Row("LogAddExp: the same one", Any, x => Tensor.LogAddExp(x, x)),
        Row("Floor", Any, x => x.Floor(), away: Whole),
        Row("Ceiling", Any, x => x.Ceiling(), away: Whole),
        Row("Round", Any, x => x.Round(), away: [-1.5, -0.5, 0.5, 1.5]),
        Row("Truncate", Any, x => x.Truncate(), away: Whole),
        Row("Frac", Any, x => x.Frac(), away: Whole),
        // Quotients from 2.1 to 2.9 and their negatives: away from the steps.
        Row("Remainder(Tensor, Tensor)", Pair, Tensor.Remainder, Draws.Between(3.2, 3.8), second: Draws.Between(1.32, 1.5)),
        Row("Remainder(Tensor, Tensor): of negative numbers", Pair, Tensor.Remainder, Draws.Between(-3.8, -3.2), second: Draws.Between(1.32, 1.5)),
        Row("Remainder(Tensor, Tensor): by negative numbers", Pair, Tensor.Remainder, Draws.Between(3.2, 3.8), second: Draws.Between(-1.5, -1.32)),
        Row("Remainder(Tensor, double)", Any, x => Tensor.Remainder(x, -0.75), away: [-1.5, -0.75, 0, 0.75, 1.5]),
        Row("Fmod(Tensor, Tensor)", Pair, Tensor.Fmod, Draws.Between(3.2, 3.8), second: Draws.Between(1.32, 1.5)),
        Row("Fmod(Tensor, Tensor): of negative numbers", Pair, Tensor.Fmod, Draws.Between(-3.8, -3.2), second: Draws.Between(1.32, 1.5)),
        Row("Fmod(Tensor, Tensor): by negative numbers", Pair, Tensor.Fmod, Draws.Between(3.2, 3.8), second: Draws.Between(-1.5, -1.32)),
        Row("Fmod(Tensor, double)", Any, x => Tensor.Fmod(x, 0.75), away: [-1.5, -0.75, 0.75, 1.5]),
        Row("Erf", Any, x => x.Erf(), low: -3, high: 3),
        Row("Abs", Any, x => x.Abs(), away: [0]),
        Row("Sign", Any, x => x.Sign(), away: [0]),
        Row("Clamp", Any, x => x.Clamp(-1, 0.5), away: [-1, 0.5]),
        Row("Clamp: below only", Any, x => x.Clamp(low: -1), away: [-1]),
        Row("Clamp: above only", Any, x => x.Clamp(high: 0.5), away: [0.5]),
    ];

    static IEnumerable<GradientRow> Activations =>
    [
        Row("Relu", Any, x => x.Relu(), away: [0]),
        Row("LeakyRelu", Any, x => x.LeakyRelu(), away: [0]),
        Row("LeakyRelu: negative slope", Any, x => x.LeakyRelu(-0.5), away: [0]),
        Row("Elu", Any, x => x.Elu(), away: [0]),
        Row("Elu: alpha 0.7", Any, x => x.Elu(0.7), away: [0]),
        Row("Selu", Any, x => x.Selu(), away: [0]),
        Row("Celu", Any, x => x.Celu(), away: [0]),
        Row("Celu: alpha 0.7", Any, x => x.Celu(0.7), away: [0]),
        Row("Gelu", Any, x => x.Gelu(), low: -4, high: 4),
        Row("Gelu: approximate", Any, x => x.Gelu(approximate: true), low: -4, high: 4),
        Row("Silu", Any, x => x.Silu(), low: -8, high: 8),
        Row("Mish", Any, x => x.Mish(), low: -8, high: 8),
        Row("Tanh", Any, x => x.Tanh(), low: -4, high: 4),
        Row("Sigmoid", Any, x => x.Sigmoid(), low: -8, high: 8),
        Row("LogSigmoid", Any, x => x.LogSigmoid(), low: -30, high: 30),
        Row("Softplus", Any, x => x.Softplus(), low: -30, high: 30),
        Row("Softplus: beta 3", Any, x => x.Softplus(3), low: -4, high: 4),
        Row("Softsign", Any, x => x.Softsign(), away: [0]),
        Row("HardTanh", Any, x => x.HardTanh(), away: [-1, 1]),
        Row("HardTanh: other bounds", Any, x => x.HardTanh(-0.5, 1.5), away: [-0.5, 1.5]),
        Row("HardSigmoid", Any, x => x.HardSigmoid(), low: -5, high: 5, away: [-3, 3]),
        Row("HardSwish", Any, x => x.HardSwish(), low: -5, high: 5, away: [-3, 3]),
    ];
}
