using System.Text;

namespace MicroGrad.Net;

/// <summary>
/// One tensor in a file of NumPy's format .npy, as <c>numpy.save</c> and <c>numpy.load</c> have it (NEP 1): a magic
/// word, the version, a Python dictionary with type, order and shape, the values.
/// </summary>
public static class Npy
{
    const int Alignment = 64;
    const int GrowthDigits = 21;        // NumPy leaves room for the first size to grow

    internal static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Writes a tensor. A crash on the way leaves the file that was there before.</summary>
    public static void Save(string path, Tensor tensor) => NewFile.Write(path, stream => Write(stream, tensor));

    /// <summary>
    /// The tensor of a file: versions 1 to 3, either byte order, rows or columns first. f4 and f8 are taken as they
    /// are; f2, b1 and whole numbers of up to 16 bits become Float32, longer ones Float64: no value changes.
    /// </summary>
    /// <exception cref="DataFileException">The file is damaged, cut off or no .npy file of numbers; the message names
    /// the place and what was expected.</exception>
    public static Tensor Load(string path)
    {
        using var file = DataFile.OpenPlain(path);
        return Read(file, out var problem) ?? throw new DataFileException($"{path}: {problem}.");
    }

    internal static void Write(Stream stream, Tensor tensor)
    {
        var header = new StringBuilder();
        header.Append($"{{'descr': '<f{(tensor.DType == DType.Float32 ? 4 : 8)}', 'fortran_order': False, 'shape': (");
        header.AppendJoin(", ", tensor.Shape.Sizes.ToArray()).Append(tensor.Rank == 1 ? "," : "").Append("), }");
        if (tensor.Rank > 0) header.Append(' ', GrowthDigits - $"{tensor.Shape[0]}".Length);
        var start = Magic.Length + 2 + sizeof(ushort);
        header.Append(' ', Alignment - 1 - (start + header.Length) % Alignment).Append('\n');
        if (header.Length > ushort.MaxValue)
            Throw.Shapes("Npy.Save", $"a tensor of {tensor.Rank} axes has no place in a file.");
        stream.Write(Magic);
        stream.Write([1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header.ToString()));
        StoredNumbers.Write(tensor, stream.Write);
    }

    /// <summary>The tensor of a file; null where its type is none for a tensor, and the reason.</summary>
    internal static Tensor? Read(DataFile file, out string? problem)
    {
        var header = NpyHeader.Read(file);
        problem = header.Unreadable;
        if (header.Type is not { } type) return null;
        if (!header.ColumnsFirst || header.Sizes.Length < 2)
            return StoredNumbers.Read(file, type, Shape.Of(header.Sizes), out problem, header.BigEndian);
        int[] backwards = [.. header.Sizes.Reverse()];
        var transposed = StoredNumbers.Read(file, type, Shape.Of(backwards), out problem, header.BigEndian);
        return transposed?.Permute([.. Enumerable.Range(0, backwards.Length).Reverse()]);
    }
}
