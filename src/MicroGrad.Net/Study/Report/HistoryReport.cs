namespace MicroGrad.Net;

/// <summary>
/// The report of a training: one page that a browser shows without anything else, in light and dark, with the numbers
/// under the mouse.
/// </summary>
public static class HistoryReport
{
    const string Title = "Training report";

    extension(History history)
    {
        /// <summary>
        /// The report as the text of an HTML file: loss and other figures with marks where training converged, began
        /// to overfit or was restored, and the learning rate; and, where a <see cref="TrainingRecord"/> watched
        /// (<see cref="History.Watch"/>), by layer the norms of weights, gradients and updates, dead units, histograms
        /// in the course of time, what each layer did to the loss, and the predictions that are most wrong.
        /// </summary>
        /// <param name="title">What was trained.</param>
        public string ToHtml(string title = Title) => TrainingPage.Text(title, [("", history)]);

        /// <summary>Writes <see cref="ToHtml(History, string)"/> to a file.</summary>
        /// <param name="path">The file, such as <c>report.html</c>.</param>
        /// <param name="title">What was trained.</param>
        /// <exception cref="IOException">The file cannot be written.</exception>
        public void SaveHtml(string path, string title = Title) => File.WriteAllText(path, history.ToHtml(title));
    }

    /// <summary>The reports of several trainings in one page, each under its name.</summary>
    /// <param name="title">What was trained.</param>
    /// <param name="runs">The trainings, at least one.</param>
    public static string ToHtml(string title, params IReadOnlyList<(string Name, History History)> runs)
    {
        if (runs.Count == 0) Throw.Value("ToHtml", "there are no trainings to report on.");
        return TrainingPage.Text(title, runs);
    }
}
