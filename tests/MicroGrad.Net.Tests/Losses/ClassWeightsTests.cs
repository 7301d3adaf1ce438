using static MicroGrad.Net.Tests.Numbers;

namespace MicroGrad.Net.Tests;

public sealed class ClassWeightsTests
{
    [Fact]
    public void Labels_are_counted()
    {
        Assert.Equal([2, 0, 3], ClassWeights.Count([0, 2, 2, 0, 2], 3));
        Assert.Equal([1, 1], ClassWeights.Count([0, -1, 1, -1], 2, ignoreIndex: -1));
        Assert.Equal([0, 0], ClassWeights.Count([], 2));
        Assert.Equal("class weights: label 3 at row 1 is not in 0..2.",
            Message<ArgumentOutOfRangeException>(() => ClassWeights.Count([0, 3], 3)));
        Assert.Equal("class weights: classes is 0, but must be 1 or more.",
            Message<ArgumentOutOfRangeException>(() => ClassWeights.Count([], 0)));
    }

    [Fact]
    public void Inverse_weights_make_all_classes_weigh_the_same()
    {
        int[] counts = [100, 25, 5];
        var weights = ClassWeights.Inverse(counts, DType.Float64);
        // 1/100, 1/25 and 1/5 are 1 : 4 : 20, of which 25 make 3.
        Close([0.12, 0.48, 2.4], weights);
        Close([12, 12, 12], weights * Vector(100, 25, 5));
        Assert.Equal((DType.Float32, Shape.Of(3)), (ClassWeights.Inverse(counts).DType, ClassWeights.Inverse(counts).Shape));
    }

    [Fact]
    public void Effective_numbers_follow_their_formula()
    {
        // With β = ½, 1, 2 and 3 samples are worth 1, 3/2 and 7/4: weights 1, 2/3 and 4/7, of which 47/21 make 3.
        Close([63.0 / 47, 42.0 / 47, 36.0 / 47], ClassWeights.EffectiveNumber([1, 2, 3], 0.5, DType.Float64));
        Close([1, 1, 1], ClassWeights.EffectiveNumber([7, 900, 1], 0, DType.Float64));
        // Nearly 1: nothing resembles anything, and each sample counts.
        Close(ClassWeights.Inverse([1, 2, 300], DType.Float64).ToDoubles(),
            ClassWeights.EffectiveNumber([1, 2, 300], 1 - 1e-9, DType.Float64), 1e-6);
        foreach (var beta in new[] { 0, 0.9, 0.999 })
            Close([1], ClassWeights.EffectiveNumber([3, 30, 3000, 17], beta, DType.Float64).Mean());
    }

    [Fact]
    public void Counts_that_balance_nothing_are_refused()
    {
        Assert.Equal("class weights: counts[1] is 0, but each class needs samples: leave class 1 out, or join it to another.",
            Message<ArgumentException>(() => ClassWeights.Inverse([3, 0, 2])));
        Assert.Equal("class weights: there are no counts, but one per class is needed.",
            Message<ArgumentException>(() => ClassWeights.EffectiveNumber([])));
        foreach (var beta in new[] { 1, -0.1, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => ClassWeights.EffectiveNumber([1, 2], beta));
        Assert.Equal("class weights: beta is 1, but must be from 0 to below 1.",
            Message<ArgumentOutOfRangeException>(() => ClassWeights.EffectiveNumber([1, 2], 1)));
    }
}
