namespace MicroGrad.Net.Tests.Oracle;

/// <summary>What of the oracle is left out, and where we differ: everything with its reason.</summary>
static partial class OpLists
{
    /// <summary>Ops that the framework does without.</summary>
    public static IReadOnlyDictionary<string, string> NotPlanned { get; } = Reasons(new()
    {
        ["no such function"] = ["exp2", "erfc", "lgamma", "sinc", "copysign", "nan_to_num"],
        ["no medians, and no scans but sum and product"] = ["median_dim", "logcumsumexp", "cummax", "cummin"],
        ["no differentiable linear algebra but products"] = ["det", "inverse"],
        ["windows slide over one or two axes"] = ["conv3d"],
    });

    /// <summary>Single cases of ops that have a function.</summary>
    public static IReadOnlyDictionary<string, string> LeftCases { get; } = Reasons(new()
    {
        ["our LSTM shows its state as it is, without a projection"] = ["lstm_proj"],
    });

    /// <summary>Whether a case is left out, and why.</summary>
    public static bool Left(OracleCase one, out string reason) => LeftCases.TryGetValue(one.Name, out reason!)
        || NotPlanned.TryGetValue(one.Op, out reason!);

    static Dictionary<string, string> Reasons(Dictionary<string, string[]> names) =>
        names.SelectMany(pair => pair.Value, (pair, name) => (name, pair.Key)).ToDictionary();
}
