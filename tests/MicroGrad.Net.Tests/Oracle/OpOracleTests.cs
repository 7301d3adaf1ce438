namespace MicroGrad.Net.Tests.Oracle;

/// <summary>Values, gradients and gradients of gradients of every op beside PyTorch's.</summary>
public class OpOracleTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases => OracleFiles.Names(() => OracleFiles.Grad, IsRun);

    public static IEnumerable<TheoryDataRow<string>> TameCases =>
        OracleFiles.Names(() => OracleFiles.Grad, one => IsRun(one) && one.Tags.Length == 0 && FitsFloat(one));

    static bool IsRun(OracleCase one) => !OpLists.Left(one, out _) && OpTable.Functions.ContainsKey(one.Op);

    static bool FitsFloat(OracleCase one) => one.Tensors("inputs").Concat(one.Tensors("outputs"))
        .All(tensor => tensor.Doubles.All(value => float.IsFinite((float)value) || !double.IsFinite(value)));

    [Theory, MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch_in_doubles(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Grad, name);
        Check(one, DType.Float64, Tolerance.Double with { Relative = one.Tolerance ?? Tolerance.Double.Relative });
    }

    [Theory, MemberData(nameof(TameCases))]
    public void Agrees_with_PyTorch_in_floats(string name) =>
        Check(OracleFiles.Case(() => OracleFiles.Grad, name), DType.Float32, Tolerance.Single);

    [Fact]
    public void Every_case_is_run_or_listed_with_a_reason()
    {
        Shared.Require("oracle");
        foreach (var one in OracleFiles.Grad)
            Assert.True(OpLists.Left(one, out _) || OpTable.Functions.ContainsKey(one.Op),
                $"{one.Name}: op {one.Op} has neither a function in OpTable nor a reason in OpLists.");
        var counts = OracleFiles.Grad.CountBy(one => OpLists.Left(one, out var reason) ? reason : "run");
        foreach (var (reason, count) in counts.OrderByDescending(pair => pair.Value))
            TestContext.Current.TestOutputHelper!.WriteLine($"{count,4} {reason}");
    }

    [Fact]
    public void What_is_listed_as_left_out_has_no_function()
    {
        Shared.Require("oracle");
        var ops = OracleFiles.Grad.Select(one => one.Op).ToHashSet();
        foreach (var op in OpLists.NotPlanned.Keys)
        {
            Assert.True(ops.Contains(op), $"{op} is listed, but the oracle has no such op.");
            Assert.False(OpTable.Functions.ContainsKey(op), $"{op} has a function: take it off the list.");
        }
        foreach (var op in OpTable.Functions.Keys)
            Assert.True(ops.Contains(op), $"{op} has a function, but the oracle has no such op.");
    }

    [Fact]
    public void What_is_listed_as_a_difference_is_compared()
    {
        Shared.Require("oracle");
        var parts = OracleFiles.Grad.Where(IsRun).SelectMany(Parts, (one, part) => (one.Name, part)).ToHashSet();
        foreach (var key in OpLists.Differences.Keys.Concat(OpLists.Coarse.Keys))
            Assert.True(parts.Contains(key), $"{key} is listed, but not compared.");
        foreach (var name in OpLists.LeftCases.Keys)
            Assert.True(OracleFiles.Grad.Any(one => one.Name == name), $"{name} is listed, but there is no such case.");
    }

    static IEnumerable<string> Parts(OracleCase one) =>
        one.Tensors("outputs").Select(output => $"out {output.Name}")
            .Concat(one.Tensors("grads").Select(gradient => $"grad {gradient.Name}"))
            .Concat(one.Tensors("hvp").Select(second => $"hvp {second.Name}"));

    static void Check(OracleCase one, DType dtype, Tolerance tolerance)
    {
        var first = new OpCall(one, dtype);
        var outputs = OpTable.Functions[one.Op](first);
        var theirs = one.Tensors("outputs");
        Assert.Equal(theirs.Length, outputs.Length);
        for (var i = 0; i < theirs.Length; i++)
            Same(one, $"out {theirs[i].Name}", theirs[i], outputs[i], tolerance);
        if (one.Tensors("grads").Length == 0 && one.Tensors("hvp").Length == 0)
        {
            if (one.Json.TryGetProperty("unused_grads", out _)) CheckNoSlope(one, first, Loss(one, outputs));
            return;
        }

        // Twice: by the rules that run once, and by those that can be differentiated again.
        CheckGradients(one, first, Gradients.Of(Loss(one, outputs), Leaves(first), allowUnused: true), tolerance);
        var again = new OpCall(one, dtype);
        var recorded = Gradients.Of(
            Loss(one, OpTable.Functions[one.Op](again)), Leaves(again), createGraph: true, allowUnused: true);
        CheckGradients(one, again, recorded, tolerance);
        if (one.Tensors("hvp").Length > 0) CheckSecondOrder(one, again, recorded, tolerance);
    }

    static void CheckGradients(OracleCase one, OpCall call, Tensor[] gradients, Tolerance tolerance)
    {
        foreach (var theirs in one.Tensors("grads"))
            Same(one, $"grad {theirs.Name}", theirs, gradients[Position(call, theirs.Name)], tolerance);
    }

    static void CheckNoSlope(OracleCase one, OpCall call, Tensor loss)
    {
        foreach (var gradient in Gradients.Of(loss, Leaves(call), allowUnused: true))
            Assert.True(gradient.ToDoubles().All(value => value == 0),
                $"{one.Name}: PyTorch has no gradient, but ours is {gradient}.");
    }

    static void CheckSecondOrder(OracleCase one, OpCall call, Tensor[] gradients, Tolerance tolerance)
    {
        var sum = Tensor.Scalar(0, call.DType);
        foreach (var vector in one.Tensors("hvp_vectors"))
            sum += (vector.As(call.DType) * gradients[Position(call, vector.Name)]).Sum();
        var second = Gradients.Of(sum, Leaves(call), allowUnused: true);
        foreach (var theirs in one.Tensors("hvp"))
            Same(one, $"hvp {theirs.Name}", theirs, second[Position(call, theirs.Name)], tolerance);
    }

    /// <summary>L = Σ over outputs of Σ(weight · output).</summary>
    static Tensor Loss(OracleCase one, Tensor[] outputs)
    {
        var names = one.Tensors("outputs").Select(output => output.Name).ToArray();
        var loss = Tensor.Scalar(0, outputs[0].DType);
        foreach (var weight in one.Tensors("out_weights"))
            loss += (weight.As(loss.DType) * outputs[Array.IndexOf(names, weight.Name)]).Sum();
        return loss;
    }

    static Tensor[] Leaves(OpCall call) => [.. call.Leaves.Select(name => call[name])];

    static int Position(OpCall call, string name) => call.Leaves.ToList().IndexOf(name);

    static void Same(OracleCase one, string part, OracleTensor theirs, Tensor ours, Tolerance tolerance)
    {
        if (OpLists.Coarse.TryGetValue((one.Name, part), out var relative))
            tolerance = tolerance with { Relative = Math.Max(relative, tolerance.Relative) };
        var differences = OpLists.Differences.GetValueOrDefault((one.Name, part))?.Values;
        Proof.Same($"{one.Name}: {part}", theirs, ours, tolerance, differences);
    }
}
