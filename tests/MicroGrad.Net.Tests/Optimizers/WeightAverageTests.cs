namespace MicroGrad.Net.Tests.Optimizers;

public class WeightAverageTests
{
    [Fact]
    public void The_average_follows_the_weights()
    {
        var parameter = new Parameter(Tensor.From([1], [8.0]));
        var average = new WeightAverage([parameter], decay: 0.75);
        foreach (var (value, expected) in new[] { (4.0, 4.0), (8, 5), (1, 4) })
        {
            parameter.Assign(Tensor.From([1], [value]));
            average.Update();
            using (average.Applied()) Assert.Equal(expected, parameter.Item());
            Assert.Equal(value, parameter.Item());
        }
        average.CopyToParameters();
        Assert.Equal(4, parameter.Item());
    }

    [Fact]
    public void Without_a_decay_it_is_the_mean()
    {
        var parameter = new Parameter(Tensor.Zeros([3]));
        var average = new WeightAverage([parameter], decay: null);
        foreach (var value in new[] { 1.0, 5, 6, 8 })
        {
            parameter.Assign(Tensor.Full([3], value));
            average.Update();
        }
        average.CopyToParameters();
        Assert.Equal([5f, 5f, 5f], parameter.ToArray<float>());
    }

    [Fact]
    public void Before_the_first_update_the_weights_stay()
    {
        var parameter = new Parameter(Tensor.Zeros([1]));
        var average = new WeightAverage([parameter]);
        parameter.Assign(Tensor.Ones([1]));
        using (average.Applied()) Assert.Equal(1, parameter.Item());
        average.CopyToParameters();
        Assert.Equal(1, parameter.Item());
    }

    [Fact]
    public void Training_goes_on_after_an_evaluation_as_if_there_had_been_none()
    {
        var (plain, watched) = (new OptimizerTable.Problem(), new OptimizerTable.Problem());
        var (a, b) = (new Adam(plain.Weights), new Adam(watched.Weights));
        var average = new WeightAverage(watched.Weights, 0.9);
        for (var step = 0; step < 5; step++)
        {
            a.Step(plain.Loss);
            b.Step(watched.Loss);
            average.Update();
            using (average.Applied()) Assert.NotEqual(step == 0 ? double.NaN : plain.Loss().Item(), watched.Loss().Item());
        }
        Assert.Equal(plain.Floats, watched.Floats);
    }

    [Fact]
    public void A_loaded_average_goes_on_with_the_same_bits()
    {
        var problem = new OptimizerTable.Problem();
        var optimizer = new Adam(problem.Weights);
        var average = new WeightAverage(problem.Weights, 0.9);
        for (var step = 0; step < 3; step++) Advance(average);
        var loaded = new WeightAverage(problem.Weights, 0.9);
        loaded.LoadState(average.State());
        Assert.Equal(3, loaded.Updates);
        Advance(average, loaded);
        foreach (var (name, values) in average.State()) Assert.Equal(values.ToDoubles(), loaded.State()[name].ToDoubles());
        Assert.Equal(["0.bias", "0.weight", "2.weight", "n_averaged"], average.State().Keys.Order());

        void Advance(params WeightAverage[] averages)
        {
            optimizer.Step(problem.Loss);
            foreach (var one in averages) one.Update();
        }
    }

    [Fact]
    public void Mistakes_are_told()
    {
        var parameter = new Parameter(Tensor.Zeros([1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightAverage([parameter], 1.5));
        var average = new WeightAverage([parameter]);
        average.Update();
        using (average.Applied())
        {
            Assert.Throws<InvalidOperationException>(average.Update);
            Assert.Throws<InvalidOperationException>(average.Applied);
            Assert.Throws<InvalidOperationException>(average.CopyToParameters);
            Assert.Throws<InvalidOperationException>(average.State);
        }
        Assert.Throws<ArgumentException>(() => average.LoadState(new Dictionary<string, Tensor>()));
    }

    [Fact]
    public void A_backward_over_a_tape_recorded_with_the_averages_is_an_error_and_no_wrong_gradient()
    {
        var problem = new OptimizerTable.Problem();
        var average = new WeightAverage(problem.Weights);
        average.Update();
        Tensor loss;
        using (average.Applied()) loss = problem.Loss();
        Assert.Throws<GradientException>(() => loss.Backward());
    }
}
