namespace MicroGrad.Net.Tests;

public class VerdictTests
{
    static double[] Curve(int epochs, Func<double, double> at, double noise = 0, ulong seed = 1)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, epochs).Select(t => at(t) + rng.Normal(0, noise))];
    }

    static double Decay(double t) => 0.3 + 2 * Math.Exp(-t / 8);

    [Theory]
    [InlineData(0)]
    [InlineData(0.002)]
    [InlineData(0.02)]
    public void A_curve_that_has_levelled_off_has_converged(double noise)
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var verdict = TrainingVerdict.Of(Curve(80, Decay, noise, seed), Curve(80, t => Decay(t) + 0.1, noise, seed + 1000));
            Assert.False(verdict.Diverges);
            Assert.Null(verdict.OverfitsFrom);
            if (seed <= 3) Assert.True(verdict.Converged, verdict.Text);
        }
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(20, 0.01)]
    [InlineData(60, 0.1)]
    public void A_curve_that_still_falls_has_not_converged_however_noisy(int epochs, double noise)
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var verdict = TrainingVerdict.Of(Curve(epochs, t => 2 - t / epochs, noise, seed));
            Assert.False(verdict.Converged || verdict.Diverges, verdict.Text);
        }
        Assert.Contains("still falling", TrainingVerdict.Of(Curve(epochs, t => 2 - t / epochs)).Text);
    }

    [Fact]
    public void A_validation_loss_that_rises_while_the_training_loss_falls_is_overfitting_from_its_minimum()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var validation = Curve(40, t => 1 + 0.002 * (t - 11) * (t - 11), 0.01, seed);
            var verdict = TrainingVerdict.Of(Curve(40, t => 2 * Math.Exp(-t / 8), 0.01, seed + 99), validation);
            Assert.InRange(verdict.OverfitsFrom ?? 0, 11, 16);
            Assert.Equal(Array.IndexOf(validation, validation.Min()) + 1, verdict.LowestEpoch);
            Assert.Contains($"overfits from epoch {verdict.OverfitsFrom} on", verdict.Text);
        }
        var clean = TrainingVerdict.Of(Curve(40, Decay), Curve(40, t => 1 + 0.002 * (t - 11) * (t - 11)), firstEpoch: 101);
        Assert.Equal((113, 112), (clean.OverfitsFrom, clean.LowestEpoch));
    }

    [Fact]
    public void A_validation_loss_that_scatters_or_rises_with_the_training_loss_is_no_overfitting()
    {
        var alarms = 0;
        for (var seed = 1UL; seed <= 200; seed++)
            if (TrainingVerdict.Of(Curve(40, Decay), Curve(40, t => 0.5 + Decay(t), 0.1, seed)).OverfitsFrom is not null) alarms++;
        Assert.InRange(alarms, 0, 6);
        Assert.Null(TrainingVerdict.Of(Curve(40, t => 1 + t / 200), Curve(40, t => 1 + t / 100)).OverfitsFrom);
        Assert.Null(TrainingVerdict.Of(Curve(9, Decay), [2, 1, 0.5, 0.4, 0.3, 0.2, 0.3, 0.4, 0.5]).OverfitsFrom);
    }

    [Fact]
    public void A_loss_that_grows_or_is_NaN_diverges()
    {
        Assert.True(TrainingVerdict.Of([1, double.NaN]).Diverges);
        Assert.True(TrainingVerdict.Of([1, 0.5, 0.4, double.PositiveInfinity]).Diverges);
        Assert.True(TrainingVerdict.Of(Curve(8, t => Math.Pow(2, t))).Diverges);
        Assert.True(TrainingVerdict.Of([2, 1.5, 1, 0.9, 0.8, 0.8, 30]).Diverges);
        Assert.True(TrainingVerdict.Of(Curve(40, t => t < 20 ? 2 - t / 20 : 1 + (t - 20) / 20, 0.02)).Diverges);
        Assert.Contains("smaller learning rate", TrainingVerdict.Of(Curve(8, t => 1 + t)).Text);
    }

    [Fact]
    public void A_verdict_does_not_depend_on_the_unit_of_the_loss()
    {
        foreach (var scale in new[] { 1e-300, 1e-170, 1e170, 1e300 })
            foreach (var noise in new[] { 0, 0.01, 0.1 })
            {
                var (loss, validation) = (Curve(40, Decay, noise), Curve(40, t => 1 + 0.002 * (t - 11) * (t - 11), noise, 2));
                var (one, other) = (TrainingVerdict.Of(loss, validation), TrainingVerdict.Of(
                    [.. loss.Select(x => x * scale)], [.. validation.Select(x => x * scale)]));
                Assert.Equal((one.Converged, one.OverfitsFrom, one.LowestEpoch, one.Diverges),
                    (other.Converged, other.OverfitsFrom, other.LowestEpoch, other.Diverges));
            }
    }

    [Fact]
    public void A_loss_below_0_is_judged_as_one_above()
    {
        // A log-likelihood, say: a constant taken off changes neither convergence nor overfitting.
        foreach (var off in new[] { 0.0, 1, 5, 1000 })
        {
            var verdict = TrainingVerdict.Of(Curve(40, t => Decay(t) - off), Curve(40, t => 1 + 0.002 * (t - 11) * (t - 11) - off));
            Assert.Equal((false, false), (verdict.Diverges, verdict.Converged));
            Assert.Equal((off < 1000, 12), (verdict.OverfitsFrom == 13, verdict.LowestEpoch));
            Assert.True(TrainingVerdict.Of(Curve(100, t => Decay(t) - off)).Converged);
        }
    }

    [Fact]
    public void A_validation_loss_that_is_no_number_is_told()
    {
        double[] Broken(int epoch, double value) => [.. Curve(12, Decay).Select((loss, i) => i + 1 == epoch ? value : loss)];
        Assert.EndsWith("The validation loss is lowest, 0.8057, in epoch 12, and is NaN in epoch 5: whether the network "
            + "overfits cannot be told.", TrainingVerdict.Of(Curve(12, Decay), Broken(5, double.NaN)).Text);
        Assert.Equal(12, TrainingVerdict.Of(Curve(12, Decay), Broken(5, double.NegativeInfinity)).LowestEpoch);
        var nothing = TrainingVerdict.Of(Curve(12, Decay), [.. Enumerable.Repeat(double.NaN, 12)], firstEpoch: 3);
        Assert.EndsWith(" The validation loss is NaN in epoch 3: whether the network overfits cannot be told.", nothing.Text);
        Assert.Equal(((int?)null, (int?)null), (nothing.LowestEpoch, nothing.OverfitsFrom));
    }

    [Fact]
    public void Overfitting_may_begin_right_after_the_first_epoch()
    {
        var verdict = TrainingVerdict.Of(Curve(10, Decay), Curve(10, t => 1 + 0.1 * t), firstEpoch: 1);
        Assert.Equal((2, 1), (verdict.OverfitsFrom, verdict.LowestEpoch));
        Assert.Contains("overfits from epoch 2 on", verdict.Text);
    }

    [Fact]
    public void Noise_alone_is_neither_divergence_nor_convergence()
    {
        var alarms = 0;
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var verdict = TrainingVerdict.Of(Curve(30, _ => 1, 0.05, seed));
            if (verdict.Diverges || verdict.Converged) alarms++;
        }
        Assert.InRange(alarms, 0, 6);
        Assert.Contains("not fallen", TrainingVerdict.Of(Curve(30, _ => 1)).Text);
        Assert.False(TrainingVerdict.Of(Curve(30, _ => 1)).Converged);
    }

    [Fact]
    public void Too_few_epochs_say_nothing()
    {
        foreach (var length in new[] { 0, 1, 5 })
        {
            var verdict = TrainingVerdict.Of(Curve(length, Decay));
            Assert.False(verdict.Converged || verdict.Diverges);
            Assert.Contains("too early", verdict.Text);
        }
        Assert.Throws<ArgumentException>(() => TrainingVerdict.Of([1, 2], [1]));
    }

    // ---- one real run each ----

    [Fact]
    public void A_real_regression_converges()
    {
        var history = Train(rows: 400, width: 4, epochs: 60, rate: 0.02, seed: 1);
        Assert.True(history.Verdict.Converged, history.ToString());
        Assert.False(history.Verdict.Diverges);
    }

    [Fact]
    public void A_large_network_on_few_noisy_rows_overfits()
    {
        var history = Train(rows: 24, width: 64, epochs: 150, rate: 0.02, seed: 1);
        Assert.True(history.Verdict.OverfitsFrom > 1, history.ToString());
        Assert.False(history.Verdict.Diverges);
    }

    [Fact]
    public void A_far_too_large_learning_rate_diverges()
    {
        var rng = new Rng(1);
        var x = Tensor.Normal([64, 3], rng: rng);
        var model = new Sequential(new Linear(3, 1, rng: rng));
        var history = new Trainer<Tensor>(model, new Sgd(model.Parameters(), 1.5), (p, t) => Losses.MeanSquaredError(p, t))
            .Fit(Batches.Of(x, x.Sum(1, keepDims: true), 16, rng: rng), epochs: 8);
        Assert.True(history.Verdict.Diverges, history.ToString());
    }

    static History Train(int rows, int width, int epochs, double rate, ulong seed)
    {
        var rng = new Rng(seed);
        (Tensor, Tensor) Data(int count)
        {
            var x = Tensor.Normal([count, 3], rng: rng);
            return (x, x[.., ..1].Sin() + 0.5 * x[.., 1..2] + Tensor.Normal([count, 1], 0, 0.5, rng));
        }
        var ((x, y), (testX, testY)) = (Data(rows), Data(400));
        var model = new Sequential(new Linear(3, width, rng: rng), new Tanh(), new Linear(width, 1, rng: rng));
        return new Trainer<Tensor>(model, new Adam(model.Parameters(), rate), (p, t) => Losses.MeanSquaredError(p, t))
            .Fit(Batches.Of(x, y, 32, rng: rng), Batches.Of(testX, testY, 400), epochs);
    }

    [Fact]
    public void Converged_from_is_the_first_epoch_after_which_the_verdict_stayed()
    {
        double[] losses = [.. Enumerable.Range(1, 40).Select(epoch => Math.Exp(-epoch / 3.0) + 0.1)];
        var from = TrainingVerdict.ConvergedFrom(losses);
        Assert.NotNull(from);
        Assert.All(Enumerable.Range(from.Value, 41 - from.Value), count => Assert.True(TrainingVerdict.Of(losses.AsSpan(0, count)).Converged));
        Assert.False(TrainingVerdict.Of(losses.AsSpan(0, from.Value - 1)).Converged);
        Assert.Equal(from + 10, TrainingVerdict.ConvergedFrom(losses, firstEpoch: 11));
        Assert.Null(TrainingVerdict.ConvergedFrom(losses.AsSpan(0, from.Value - 1)));
        Assert.Null(TrainingVerdict.ConvergedFrom([]));
        // A later fall takes it back: converged counts only from where it lasts.
        Assert.Null(TrainingVerdict.ConvergedFrom([.. losses, .. Enumerable.Range(1, 15).Select(i => 0.1 - 0.006 * i)]));
    }
}
