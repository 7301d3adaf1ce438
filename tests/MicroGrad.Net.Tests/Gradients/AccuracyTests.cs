namespace MicroGrad.Net.Tests.Proof;

/// <summary>Every row of the gradient table in Float32, from the smallest to the largest numbers.</summary>
public class AccuracyTests
{
    public static TheoryData<string> Names => [.. GradientTable.Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Float32_is_accurate_for_numbers_of_any_size(string row) =>
        AccuracySweep.Magnitudes(GradientTable.Named(row));

    [Theory]
    [MemberData(nameof(Names))]
    public void Float32_is_accurate_for_small_differences(string row) =>
        AccuracySweep.SmallDifferences(GradientTable.Named(row));

    [Fact]
    public void Every_exception_names_rows() => Assert.Empty(AccuracyTable.Unused);
}
