using System.Globalization;

namespace MicroGrad.Net;

/// <summary>What <c>Gradients.CheckFinite()</c> does at every operation: finds the first NaN or infinity, and names
/// it.</summary>
static class FiniteGuard
{
    /// <summary>Where an operation was recorded and what went into it.</summary>
    internal sealed record Origin(string Place, string Inputs);

    public static Origin CheckForward(
        Operation op, Tensor result, ReadOnlySpan<(Tensor Input, Func<Tensor, Tensor>? Rule)> inputs)
    {
        var ranges = new string[inputs.Length];
        for (var i = 0; i < inputs.Length; i++) ranges[i] = $"input {i}: {Describe(inputs[i].Input)}";
        var origin = new Origin(CallSite.Find().Place, string.Join("; ", ranges));
        if (IsFinite(result)) return origin;
        throw new NonFiniteException($"forward of '{op}' gave {Describe(result)}, recorded at {origin.Place}; "
            + $"{origin.Inputs}.");
    }

    public static void CheckBackward(Node node, Edge edge, Tensor gradient, Tensor part)
    {
        if (IsFinite(part)) return;
        var origin = node.Origin ?? new Origin("(unknown: run the forward inside Gradients.CheckFinite() too)",
            "inputs unknown");
        throw new NonFiniteException($"backward of '{node.Op}' gave input {edge.Input} a gradient of {Describe(part)}, "
            + $"recorded at {origin.Place}; gradient of the result: {Describe(gradient)}; {origin.Inputs}.");
    }

    /// <summary>Whether all elements are numbers and none is infinite.</summary>
    public static bool IsFinite(Tensor tensor) => tensor.DType == DType.Float32
        ? Scan.AllFinite(tensor.Read<float>()) : Scan.AllFinite(tensor.Read<double>());

    /// <summary>The shape and what the values are like: <c>[32, 10] in -3.1..2.4, 2 NaN</c>.</summary>
    static string Describe(Tensor tensor)
    {
        var (min, max, nans, infinities) = tensor.DType == DType.Float32
            ? Scan.Range(tensor.Read<float>()) : Scan.Range(tensor.Read<double>());
        var text = tensor.Shape.ToString();
        if (min <= max) text += string.Create(CultureInfo.InvariantCulture, $" in {min:g4}..{max:g4}");
        if (nans > 0) text += $", {nans} NaN";
        if (infinities > 0) text += $", {infinities} infinite";
        return text;
    }
}
