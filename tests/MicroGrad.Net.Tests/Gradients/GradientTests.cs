namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// Every row of the gradient table is a property, proven at random shapes and values. What fails is told at the
/// smallest shapes where it does. One class per property, since classes run side by side.
/// </summary>
public class GradientTests
{
    public static TheoryData<string> Names(int order) =>
        [.. GradientTable.Rows.Where(row => row.Order >= order).Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names), 1)]
    public void The_gradient_is_what_numerical_differentiation_says(string row) =>
        GradientProof.ForCases(GradientTable.Named(row), 20, GradientProof.FirstOrder);

    [Fact]
    public void Names_are_told_apart_and_every_check_left_out_has_its_reason()
    {
        Assert.Equal(GradientTable.Rows.Select(row => row.Name).Distinct(), GradientTable.Rows.Select(row => row.Name));
        Assert.All(GradientTable.Rows.Where(row => row.Order < 2), row => Assert.NotNull(row.Because));
    }
}

public class SecondGradientTests
{
    [Theory]
    [MemberData(nameof(GradientTests.Names), 2, MemberType = typeof(GradientTests))]
    public void The_gradient_of_the_gradient_is_what_numerical_differentiation_says(string row) =>
        GradientProof.ForCases(GradientTable.Named(row), 8, GradientProof.SecondOrder);
}

public class GradientRulesTests
{
    [Theory]
    [MemberData(nameof(GradientTests.Names), 1, MemberType = typeof(GradientTests))]
    public void The_fast_rule_and_the_recorded_rule_agree(string row) =>
        GradientProof.ForCases(GradientTable.Named(row), 15, GradientProof.RulesAgree);
}

public class GradientTypesTests
{
    [Theory]
    [MemberData(nameof(GradientTests.Names), 1, MemberType = typeof(GradientTests))]
    public void Float32_agrees_with_Float64(string row) =>
        GradientProof.ForCases(GradientTable.Named(row), 15, GradientProof.Float32Agrees);
}
