namespace MicroGrad.Net.Tests.Proof;

/// <summary>No public op, loss or layer without a row in the gradient table.</summary>
public class EveryOpIsProven
{
    /// <summary>
    /// What gives a tensor and needs no row, with the reason. The name alone stands for all overloads; with .* for a
    /// whole class.
    /// </summary>
    static readonly Dictionary<string, string> Exempt = new()
    {
        ["From"] = "makes a constant",
        ["Scalar"] = "makes a constant",
        ["Zeros"] = "makes a constant",
        ["Ones"] = "makes a constant",
        ["Full"] = "makes a constant",
        ["Uniform"] = "makes a constant",
        ["Normal"] = "makes a constant",
        ["Arange"] = "makes a constant",
        ["Linspace"] = "makes a constant",
        ["OneHot"] = "makes a constant",
        ["Eye"] = "makes a constant",
        ["Tensor > Tensor"] = "a comparison: 0 or 1, no gradient flows",
        ["Tensor < Tensor"] = "a comparison: 0 or 1, no gradient flows",
        ["Tensor >= Tensor"] = "a comparison: 0 or 1, no gradient flows",
        ["Tensor <= Tensor"] = "a comparison: 0 or 1, no gradient flows",
        ["Tensor > double"] = "a comparison: 0 or 1, no gradient flows",
        ["Tensor < double"] = "a comparison: 0 or 1, no gradient flows",
        ["Tensor >= double"] = "a comparison: 0 or 1, no gradient flows",
        ["Tensor <= double"] = "a comparison: 0 or 1, no gradient flows",
        ["EqualTo"] = "a comparison: 0 or 1, no gradient flows",
        ["NotEqualTo"] = "a comparison: 0 or 1, no gradient flows",
        ["IsNaN"] = "a comparison: 0 or 1, no gradient flows",
        ["IsFinite"] = "a comparison: 0 or 1, no gradient flows",
        ["IsInfinity"] = "a comparison: 0 or 1, no gradient flows",
        ["Detach"] = "cuts the tape on purpose",
        ["Keep"] = "cuts the tape on purpose",
        ["Grad"] = "is a gradient",
        ["RetainGrad"] = "returns the tensor itself",
        ["Gradients.Of"] = "is what the table proves",
        ["Derivatives.*"] = "are gradients, with tests of their own",
        ["ClassWeights.*"] = "makes constants of counts",
        ["Init.*"] = "makes constants to start from",
        ["Idx.*"] = "reads constants from files",
        ["Npy.*"] = "reads constants from files",
    };

    [Fact]
    public void Every_public_op_has_a_row_in_the_gradient_table()
    {
        var missing = Missing(GradientTable.Rows);
        Assert.True(missing.Length == 0, "Without a row in the gradient table (GradientTable*.cs), so without proof "
            + $"that their gradient is right: {string.Join("; ", missing)}.");
    }

    [Fact]
    public void Every_row_and_every_exemption_names_a_public_op()
    {
        var bare = PublicOps.Names.Select(Bare).Concat(PublicOps.Names.Select(Class));
        Assert.Empty(GradientTable.Rows.Select(row => row.Member).Distinct().Except(PublicOps.Names));
        Assert.Empty(Exempt.Keys.Except(bare));
        Assert.Empty(Exempt.Keys.Intersect(GradientTable.Rows.Select(row => row.Member)));
    }

    [Fact]
    public void An_op_whose_rows_are_deleted_is_missed()
    {
        foreach (var member in GradientTable.Rows.Select(row => row.Member).Distinct())
            Assert.Contains(member, Missing(GradientTable.Rows.Where(row => row.Member != member)));
    }

    static string[] Missing(IEnumerable<GradientRow> rows)
    {
        var proven = rows.Select(row => row.Member).ToHashSet();
        return [.. PublicOps.Names.Where(name => !proven.Contains(name)
            && !Exempt.ContainsKey(Bare(name)) && !Exempt.ContainsKey(Class(name)))];
    }

    static string Bare(string name) => name.Split('(')[0];

    static string Class(string name) => $"{name.Split('.')[0]}.*";
}
