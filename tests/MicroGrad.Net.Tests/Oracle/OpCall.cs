namespace MicroGrad.Net.Tests.Oracle;

/// <summary>One case about to be computed by us: its inputs as tensors of a number type, and its attributes.</summary>
sealed class OpCall
{
    readonly Dictionary<string, Tensor> _inputs = [];
    readonly List<string> _leaves = [];

    public OpCall(OracleCase @case, DType dtype)
    {
        (Case, DType) = (@case, dtype);
        foreach (var input in @case.Tensors("inputs"))
        {
            var tensor = input.As(dtype);
            tensor.RequiresGrad = input.RequiresGrad;
            _inputs.Add(input.Name, tensor);
            if (input.RequiresGrad) _leaves.Add(input.Name);
        }
    }

    public OracleCase Case { get; }

    public DType DType { get; }

    /// <summary>The inputs that gradients flow to, in order.</summary>
    public IReadOnlyList<string> Leaves => _leaves;

    public Tensor X => this["x"];

    public Tensor A => this["a"];

    public Tensor B => this["b"];

    public Tensor this[string input] => _inputs[input];

    /// <summary>All inputs, in order.</summary>
    public Tensor[] All => [.. _inputs.Values];

    public Tensor? Maybe(string input) => _inputs.GetValueOrDefault(input);

    /// <summary>Gives a layer's parameter the values of an input, and lets it stand for that: gradients flow to it.</summary>
    public void Fill(string input, Parameter? parameter)
    {
        if (parameter is null) return;
        parameter.Assign(_inputs[input]);
        _inputs[input] = parameter;
    }

    /// <summary>An input of labels or indices.</summary>
    public int[] Ints(string input) => Case.Tensor("inputs", input).Ints;

    /// <summary>The axes of attribute <c>dim</c>, all where it is missing.</summary>
    public Axes Axes => Case.Ints("dim");

    /// <summary>The one axis of attribute <c>dim</c>.</summary>
    public int Axis => Case.Int("dim");

    public bool HasAxis => Case.Attribute("dim") is not null;

    public bool KeepDims => Case.Flag("keepdim");

    public double Number(string name) => Case.Number(name);

    public double Number(string name, double otherwise) => Case.Number(name, otherwise);

    /// <summary>A list of indices as a tensor, to stand among the outputs.</summary>
    public Tensor Indices(int[] indices, Shape shape) =>
        Tensor.From(shape, [.. indices.Select(index => (double)index)]).To(DType);
}
