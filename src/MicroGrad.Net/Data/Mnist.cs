using System.Security.Cryptography;

namespace MicroGrad.Net;

/// <summary>
/// Handwritten digits (LeCun, Cortes and Burges): 60 000 images to train on and 10 000 to test with, 28 × 28, classes
/// 0 to 9.
/// </summary>
public static class Mnist
{
    static readonly ImageSet Set = new("mnist",
        ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
        new Dictionary<string, string>
        {
            ["train-images-idx3-ubyte"] = "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ["train-labels-idx1-ubyte"] = "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ["t10k-images-idx3-ubyte"] = "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ["t10k-labels-idx1-ubyte"] = "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
        // Of what is unpacked: each mirror packs in its own way.
        path => Convert.ToHexStringLower(SHA256.HashData(DataFile.ReadAll(path))));

    /// <summary>
    /// The images, [n, 1, 28, 28] from 0 to 1, and their digits: from the files of a folder, or, where none is given,
    /// downloaded once (11 MB) into a folder of the user's local application data.
    /// </summary>
    /// <param name="folder">Where the four files are, by their usual names, plain or .gz; nothing is downloaded then.</param>
    /// <param name="train">The images to train on, or those to test with.</param>
    /// <param name="progress">Hears how far a download is.</param>
    /// <param name="cancellation">Ends a download; the next call goes on from there.</param>
    /// <exception cref="DataFileException">A file is missing or damaged, or cannot be downloaded.</exception>
    public static (Tensor Images, int[] Labels) Load(string? folder = null, bool train = true,
        IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default) =>
        Set.Load(folder, train, progress, cancellation);
}
