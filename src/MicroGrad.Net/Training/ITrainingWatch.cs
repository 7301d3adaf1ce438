namespace MicroGrad.Net;

/// <summary>
/// Looks at a training on its way, through <see cref="Trainer{TInput, TOutput, TTarget}.Watch"/>. Whatever it runs, it puts
/// model, optimizer and random generators back as they were, so that a training that is watched has the same bits as
/// one that is not. Study's TrainingRecord is one.
/// </summary>
public interface ITrainingWatch
{
    /// <summary>Told before each step, with the model in training mode.</summary>
    /// <param name="report">How far training has come; its last step is the one before.</param>
    /// <param name="loss">The mean loss of the rows that the step is about to learn from.</param>
    /// <param name="change">Makes the step: gradients, clipping and change of the parameters.</param>
    void BeforeStep(TrainingProgress report, Func<Tensor> loss, Action change);

    /// <summary>Told when training has ended with its last epoch or was stopped early, the best weights put back if so
    /// wished, with the model in evaluation mode.</summary>
    /// <param name="data">Batches of the validation data, or of the training data where there is no other.</param>
    /// <param name="isValidation">Which of the two.</param>
    /// <param name="forward">From input to prediction.</param>
    /// <param name="loss">From prediction and target to one number, a mean over rows.</param>
    void AfterTraining<TInput, TOutput, TTarget>(IEnumerable<IBatch<TInput, TTarget>> data, bool isValidation,
        Func<TInput, TOutput> forward, Func<TOutput, TTarget, Tensor> loss);
}
