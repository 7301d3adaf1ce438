namespace MicroGrad.Net;

/// <summary>
/// The checks that an expert makes before a long run:
/// <c>Console.WriteLine(Diagnose.Run(model, (logits, labels) =&gt; Losses.CrossEntropy(logits, labels), batches))</c>.
/// </summary>
public static class Diagnose
{
    /// <summary>
    /// Checks data, network and loss by looking and by short trainings. Takes seconds for small networks; afterwards
    /// parameters, gradients, buffers, modes and random numbers are as before, and no epoch of the data has moved on. No
    /// other thread may use the model meanwhile.
    /// </summary>
    /// <param name="model">The network, best as it is before training.</param>
    /// <param name="loss">From prediction and target to one number, a mean over rows.</param>
    /// <param name="data">The training data; up to 512 rows are looked at, without augmentation.</param>
    /// <param name="optimizer">Makes the optimizer of the short trainings, from the parameters: the one of the long
    /// run, so that its updates are judged; Adam with a learning rate of 0.01 if null.</param>
    /// <param name="steps">The steps of a short training.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> is not positive.</exception>
    public static Diagnosis Run<TTarget>(Module model, Func<Tensor, TTarget, Tensor> loss, Batches<Tensor, TTarget> data,
        Func<IEnumerable<Parameter>, Optimizer>? optimizer = null, int steps = 100)
    {
        if (steps < 1) Throw.OutOfRange("Diagnose.Run", nameof(steps), steps, "at least 1");
        using var start = ModelState.Of(model);
        return new Diagnosis(new Examination<TTarget>(model, loss, data, optimizer, steps, start).Findings());
    }
}
