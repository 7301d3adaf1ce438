using System.Security.Cryptography;

namespace MicroGrad.Net;

/// <summary>
/// Images of clothes in the form of <see cref="Mnist"/> (Xiao, Rasul and Vollgraf, 2017), and harder: 60 000 to train on
/// and 10 000 to test with, 28 × 28, ten classes.
/// </summary>
public static class FashionMnist
{
    static readonly ImageSet Set = new("fashion-mnist",
        ["https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"],
        new Dictionary<string, string>
        {
            ["train-images-idx3-ubyte"] = "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            ["train-labels-idx1-ubyte"] = "25c81989df183df01b3e8a0aad5dffbe",
            ["t10k-images-idx3-ubyte"] = "bef4ecab320f06d8554ea6380940ec79",
            ["t10k-labels-idx1-ubyte"] = "bb300cfdad3c16e7a12a480ee83cd310",
        },
        path =>
        {
            using var file = File.OpenRead(path);
            // The one that the authors publish: against damage, not against attackers.
            return Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.MD5, file));
        });

    /// <summary>What the classes are, in order.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>
    /// The images, [n, 1, 28, 28] from 0 to 1, and their classes: from the files of a folder, or, where none is given,
    /// downloaded once (31 MB) into a folder of the user's local application data.
    /// </summary>
    /// <inheritdoc cref="Mnist.Load"/>
    public static (Tensor Images, int[] Labels) Load(string? folder = null, bool train = true,
        IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default) =>
        Set.Load(folder, train, progress, cancellation);
}
