using System.Reflection;

namespace MicroGrad.Net.Tests;

/// <summary>A valid call of every public loss, by reflection, so that a new loss is in every walk over all of them.</summary>
sealed class LossSample
{
    readonly int _rows;
    readonly bool _hasLabels;

    LossSample(MethodInfo method, int rows, ParameterInfo? flipped = null)
    {
        (Method, _rows) = (method, rows);
        Parameters = method.GetParameters();
        _hasLabels = Parameters.Any(parameter => parameter.Name == "labels");
        Arguments = [.. Parameters.Select(Argument)];
        if (flipped is null) return;
        Arguments[flipped.Position] = !(bool)Arguments[flipped.Position]!;
        if (flipped.Name == "logTarget") Arguments[1] = ((Tensor)Arguments[1]!).Log();
    }

    public MethodInfo Method { get; }

    public ParameterInfo[] Parameters { get; }

    public object?[] Arguments { get; }

    public IEnumerable<(int Index, Tensor Value)> Tensors =>
        Arguments.Index().Where(pair => pair.Item is Tensor).Select(pair => (pair.Index, (Tensor)pair.Item!));

    /// <summary>A sample per overload, and one more for each of its switches.</summary>
    public static IEnumerable<LossSample> All(int rows) =>
        from method in typeof(Losses).GetMethods(BindingFlags.Public | BindingFlags.Static)
        from flipped in method.GetParameters().Where(parameter => parameter.ParameterType == typeof(bool)).Prepend(null)
        select new LossSample(method, rows, flipped);

    /// <summary>The loss, with one argument replaced.</summary>
    public Tensor Call(int index = -1, object? argument = null, Reduction reduction = Reduction.Mean)
    {
        object?[] arguments = [.. Arguments];
        if (index >= 0) arguments[index] = argument;
        var how = Array.FindIndex(Parameters, parameter => parameter.ParameterType == typeof(Reduction));
        if (how >= 0) arguments[how] = reduction;
        try
        {
            return (Tensor)Method.Invoke(null, arguments)!;
        }
        catch (TargetInvocationException thrown)
        {
            throw thrown.InnerException!;
        }
    }

    /// <summary>What the loss states of each of its inputs, by the name of the parameter.</summary>
    public (string Loss, IReadOnlyList<(int Index, Domain Domain)> Stated) Statements()
    {
        var all = Domain.StatedBy(() => Call());
        return (all.Select(one => one.User).FirstOrDefault() ?? "",
            [.. all.Select(one => (Index(one.Input), one.Domain)).Where(one => one.Item1 >= 0).Distinct()]);
    }

    public override string ToString() => $"{Method.Name}({string.Join(", ", Parameters.Select(parameter =>
        parameter.ParameterType == typeof(bool) ? $"{parameter.Name}: {Arguments[parameter.Position]}" : parameter.Name))})";

    int Index(string input) => Array.FindIndex(Parameters, parameter => parameter.Name!.Equals(
        input.Replace("exp(", "").Replace(")", "").Replace(" ", "").Split('[')[0], StringComparison.OrdinalIgnoreCase));

    object? Argument(ParameterInfo parameter) => parameter.Name switch
    {
        "logProbabilities" when IsCtc => Numbers(4, _rows, 3).LogSoftmax(-1),
        "logProbabilities" => Numbers(_rows, 3).LogSoftmax(1),
        "target" => Target(),
        "prediction" when IsBoxes => Boxes(0),
        "prediction" when Method.Name == "Quantile" && Parameters[2].ParameterType == typeof(double[]) => Numbers(_rows, 3),
        "labels" => Enumerable.Range(0, _rows).Select(i => i % 3).ToArray(),
        "counts" => (int[])[5, 3, 2],
        "levels" => (double[])[0.1, 0.5, 0.9],
        "targets" when parameter.ParameterType == typeof(int[]) => Enumerable.Repeat((int[])[1, 2], _rows).SelectMany(x => x).ToArray(),
        "targets" => Enumerable.Repeat((int[])[1, 2], _rows).ToArray(),
        "inputLengths" => Enumerable.Repeat(4, _rows).ToArray(),
        "targetLengths" => Enumerable.Repeat(2, _rows).ToArray(),
        "weights" => PerClass ? Tensor.Ones([3]) : Tensor.Ones([_rows, 3]),
        "positiveWeight" => Tensor.Ones([3]),
        "negatives" => Numbers(2, 3),
        "centers" => Numbers(3, 3),
        "rng" => new Rng(1),
        "critic" => (Func<Tensor, Tensor>)(x => x.Square().Sum(1)),
        "distance" => (Func<Tensor, Tensor, Tensor>)((a, b) => (a - b).Norm(axes: 1)),
        _ when parameter.HasDefaultValue => parameter.DefaultValue,
        // Tensors that differ from each other, wherever they stand.
        _ => Numbers(_rows, 3) * (1 - 0.1 * parameter.Position),
    };

    bool IsCtc => Method.Name == nameof(Losses.ConnectionistTemporalClassification);

    bool IsBoxes => Method.Name.EndsWith("IntersectionOverUnion", StringComparison.Ordinal);

    bool PerClass => _hasLabels
        || Method.Name is nameof(Losses.CrossEntropy) or nameof(Losses.MultiLabelSoftMargin);

    Tensor Target() => Method.Name switch
    {
        _ when IsBoxes => Boxes(0.25),
        nameof(Losses.Hinge) or nameof(Losses.SquaredHinge) or nameof(Losses.SoftMargin) or nameof(Losses.MarginRanking)
            or nameof(Losses.HingeEmbedding) => Signs(_rows, 3),
        nameof(Losses.CosineEmbedding) or nameof(Losses.Contrastive) => Signs(_rows),
        nameof(Losses.MultiLabelMargin) or nameof(Losses.LovaszHinge) => (Signs(_rows, 3) + 1) / 2,
        nameof(Losses.CrossEntropy) or nameof(Losses.KullbackLeiblerDivergence)
            or nameof(Losses.JensenShannonDivergence) => (2 * Numbers(_rows, 3)).Softmax(1),
        nameof(Losses.MixtureDensityNegativeLogLikelihood) => Numbers(_rows),
        nameof(Losses.Quantile) when Parameters[2].ParameterType == typeof(double[]) => Numbers(_rows),
        _ => 0.8 * Numbers(_rows, 3),
    };

    /// <summary>Between 0.1 and 0.9, no two alike next to each other.</summary>
    static Tensor Numbers(params int[] sizes)
    {
        var shape = Shape.Of(sizes);
        return Tensor.From(shape, [.. Enumerable.Range(0, shape.Length).Select(i => 0.1f + 0.8f * (i * 7 % 11) / 10)]);
    }

    static Tensor Signs(params int[] sizes)
    {
        var shape = Shape.Of(sizes);
        return Tensor.From(shape, [.. Enumerable.Range(0, shape.Length).Select(i => i % 2 == 0 ? 1f : -1)]);
    }

    Tensor Boxes(double shift) => Tensor.From([_rows, 4],
        [.. Enumerable.Range(0, 4 * _rows).Select(i => (float)(shift + (i % 4 < 2 ? 0 : 1 + i / 4)))]);
}
