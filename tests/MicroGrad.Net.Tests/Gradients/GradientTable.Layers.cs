using static MicroGrad.Net.Tests.Proof.Shapes;

namespace MicroGrad.Net.Tests.Proof;

// Layers: the gradient in the input and in every parameter.
static partial class GradientTable
{
    /// <summary>Away from the kinks of every activation function.</summary>
    static readonly Draw NoKinks = Draws.Between(-2, 2, [-1, 0, 1]);

    static IEnumerable<GradientRow> Layers =>
    [
        LayerRow("new Linear", "ab3", () => new Linear(3, 2)),
        LayerRow("new Linear: no bias", "a3", () => new Linear(3, 2, bias: false)),
        LayerRow("new Linear: one sample", "3", () => new Linear(3, 5)),
        LayerRow("new Dropout", Any, () => new Dropout(0.3, new Rng(1))),
        LayerRow("new Dropout: evaluation", Any, () => new Dropout(0.3).Eval()),
        LayerRow("new Sequential", "a3", () => new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 2))),
        LayerRow("new Lambda", Any, () => new Lambda(x => x * x)),
        LayerRow("new Identity", Any, () => new Identity()),
        LayerRow("new Relu", Any, () => new Relu(), NoKinks),
        LayerRow("new LeakyRelu", Any, () => new LeakyRelu(0.2), NoKinks),
        LayerRow("new Elu", Any, () => new Elu(0.7), NoKinks),
        LayerRow("new Selu", Any, () => new Selu(), NoKinks),
        LayerRow("new Celu", Any, () => new Celu(0.7), NoKinks),
        LayerRow("new Gelu", Any, () => new Gelu()),
        LayerRow("new Gelu: approximate", Any, () => new Gelu(approximate: true)),
        LayerRow("new Silu", Any, () => new Silu()),
        LayerRow("new Mish", Any, () => new Mish()),
        LayerRow("new Tanh", Any, () => new Tanh()),
        LayerRow("new Sigmoid", Any, () => new Sigmoid()),
        LayerRow("new LogSigmoid", Any, () => new LogSigmoid()),
        LayerRow("new Softplus", Any, () => new Softplus(2)),
        LayerRow("new Softsign", Any, () => new Softsign(), NoKinks),
        LayerRow("new HardTanh", Any, () => new HardTanh(), NoKinks),
        LayerRow("new HardSigmoid", Any, () => new HardSigmoid()),
        LayerRow("new HardSwish", Any, () => new HardSwish()),
        LayerRow("new Softmax", Ranked(2), () => new Softmax(1)),
        LayerRow("new LogSoftmax", Ranked(2), () => new LogSoftmax(1)),
        LayerRow("new Flatten", Ranked(2), () => new Flatten()),
    ];
}
