using System.IO.Compression;
using System.Text;

namespace MicroGrad.Net.Tests;

/// <summary>A base for tests that write files: each test has a folder of its own, deleted after it.</summary>
public abstract class TemporaryFiles : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("micrograd-data-").FullName;

    protected string Write(string name, params byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    protected string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    protected static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>The message of the one error that reading a bad file gives; it must name the file.</summary>
    protected static string ErrorOf(string path, Action read)
    {
        var error = Assert.Throws<DataFileException>(read);
        Assert.StartsWith($"{path}: ", error.Message);
        return error.Message[(path.Length + 2)..];
    }

    public virtual void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
