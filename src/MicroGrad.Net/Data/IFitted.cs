namespace MicroGrad.Net;

/// <summary>
/// What was learned from training data beside the weights, such as means and categories, and must go wherever the
/// model goes: it can be written as one text and made again from it. <c>checkpoint.Add("inputs", encoder)</c> puts it
/// into a model's file, <c>Checkpoint.Read&lt;FeatureEncoder&gt;(path, "inputs")</c> takes it out.
/// </summary>
/// <typeparam name="TSelf">The type itself: <c>class Vocabulary : IFitted&lt;Vocabulary&gt;</c>.</typeparam>
public interface IFitted<TSelf> where TSelf : IFitted<TSelf>
{
    /// <summary>Everything as one text; the same for the same content, and with every bit of its numbers.</summary>
    string SaveState();

    /// <summary>Makes it again from the text of <see cref="SaveState"/>.</summary>
    /// <exception cref="FormatException">The text is damaged, of another kind or of another version.</exception>
    static abstract TSelf LoadState(string text);
}
