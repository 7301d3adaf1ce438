using System.Buffers.Binary;
using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// Reads IDX files, the format of MNIST and its kin: two zero bytes, a type byte, the number of dimensions, the sizes
/// as big-endian 32-bit numbers, then the values (LeCun, "The MNIST database"). Plain or gzip, by their first bytes.
/// </summary>
/// <remarks>
/// A packed file may unpack to <c>maxBytes</c>, and if that is null, to 256 MB or a hundred times its own length,
/// whichever is more.
/// </remarks>
public static class Idx
{
    const int StartLength = 4;

    /// <summary>The sizes and bytes of an IDX file of unsigned bytes, of any number of dimensions.</summary>
    /// <exception cref="DataFileException">The file is no IDX file of unsigned bytes, is cut off, goes on after the
    /// declared values, or unpacks to more than <paramref name="maxBytes"/>; the message names the file, the offset and
    /// what was expected.</exception>
    public static (Shape Shape, byte[] Values) Read(string path, long? maxBytes = null)
    {
        using var file = DataFile.Open(path, maxBytes);
        var (type, shape, bytes) = Read(file, dimensions: null);
        if (type != StoredType.U8)
            throw file.Bad(2, $"expects type 0x08 (unsigned bytes), but got {TypeName(type)}: use Idx.ReadTensor");
        return (shape, bytes);
    }

    /// <summary>
    /// The values of an IDX file of any type and number of dimensions, as they are: bytes, 16-bit numbers and floats as
    /// Float32, 32-bit numbers and doubles as Float64.
    /// </summary>
    /// <inheritdoc cref="ReadImages"/>
    public static Tensor ReadTensor(string path, long? maxBytes = null)
    {
        using var file = DataFile.Open(path, maxBytes);
        return Values(file, Read(file, dimensions: null));
    }

    /// <summary>
    /// The images of an IDX file: [n, 1, rows, columns]; unsigned bytes become 0 to 1 (byte / 255) in Float32, other
    /// types are as <see cref="ReadTensor"/> has them.
    /// </summary>
    /// <exception cref="DataFileException">The file is damaged, does not hold images, or unpacks to more than
    /// <paramref name="maxBytes"/>.</exception>
    public static Tensor ReadImages(string path, long? maxBytes = null)
    {
        using var file = DataFile.Open(path, maxBytes);
        var (type, shape, bytes) = Read(file, dimensions: 3);
        Shape wanted = [shape[0], 1, shape[1], shape[2]];
        if (type != StoredType.U8) return Values(file, (type, shape, bytes)).Reshape(wanted);
        var images = Tensor.Empty(wanted, DType.Float32);
        Span<float> brightness = stackalloc float[256];
        for (var value = 0; value < 256; value++) brightness[value] = value / 255f;
        var pixels = images.Write<float>();
        for (var i = 0; i < bytes.Length; i++) pixels[i] = brightness[bytes[i]];
        return images;
    }

    /// <summary>The labels of a one-dimensional IDX file, whole numbers of any type.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <param name="classes">Where given, labels must be from 0 to classes − 1.</param>
    /// <param name="maxBytes">The most bytes the file may unpack to.</param>
    /// <exception cref="DataFileException">The file is damaged, does not hold labels, a label is out of range, or the
    /// file unpacks to more than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is not positive.</exception>
    public static int[] ReadLabels(string path, int? classes = null, long? maxBytes = null)
    {
        if (classes < 1) Throw.OutOfRange("Idx.ReadLabels", nameof(classes), classes.Value, "at least 1");
        using var file = DataFile.Open(path, maxBytes);
        var read = Read(file, dimensions: 1);
        var values = Values(file, read).ToDoubles();
        var labels = new int[values.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = (int)values[i];
            var problem = labels[i] != values[i] ? "no whole number"
                : classes is { } count && (labels[i] < 0 || labels[i] >= count) ? $"not in 0..{count - 1}" : null;
            if (problem is not null)
                throw file.Bad(StartLength + sizeof(int) + (long)i * read.Type.Size, string.Create(
                    CultureInfo.InvariantCulture, $"label {values[i]} (number {i}) is {problem}"));
        }
        return labels;
    }

    /// <summary>The images and labels of a pair of IDX files, which must be equally many.</summary>
    /// <param name="imagesPath">The file of images, plain or gzip.</param>
    /// <param name="labelsPath">The file of labels, plain or gzip.</param>
    /// <param name="classes">Where given, labels must be from 0 to classes − 1.</param>
    /// <param name="maxBytes">The most bytes each file may unpack to.</param>
    /// <returns>Images as <see cref="ReadImages"/> has them, and n labels.</returns>
    /// <exception cref="DataFileException">A file is damaged, a label is out of range, the counts differ, or a file
    /// unpacks to more than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is not positive.</exception>
    public static (Tensor Images, int[] Labels) ReadLabelled(
        string imagesPath, string labelsPath, int? classes = null, long? maxBytes = null)
    {
        var labels = ReadLabels(labelsPath, classes, maxBytes);
        var images = ReadImages(imagesPath, maxBytes);
        if (images.Shape[0] != labels.Length)
            throw new DataFileException($"{imagesPath}: offset {StartLength}: {images.Shape[0]} images, but "
                + $"{labelsPath} has {labels.Length} labels: do the two files belong together?");
        return (images, labels);
    }

    static (StoredType Type, Shape Shape, byte[] Bytes) Read(DataFile file, int? dimensions)
    {
        var (type, sizes) = ReadSizes(file, dimensions);
        if (StoredNumbers.Count(sizes) is not { } count)
            throw file.Bad(StartLength, $"the sizes {Shape.Text(sizes)} give more than 2^31 - 1 values");
        var (start, length) = (file.Offset, (long)count * type.Size);
        // Taken as they come, and not on the word of the header.
        var bytes = file.Read(length);
        if (bytes.Length < length)
            throw file.Bad($"the file ends after {bytes.Length / type.Size} of the {count} values that its sizes "
                + $"{Shape.Text(sizes)} declare");
        if (!file.IsAtEnd())
            throw file.Bad(start + length, $"the file goes on after the {count} values that its sizes "
                + $"{Shape.Text(sizes)} declare");
        return (type, Shape.Of(sizes), bytes);
    }

    static Tensor Values(DataFile file, (StoredType Type, Shape Shape, byte[] Bytes) read)
    {
        using var values = DataFile.OfEntry(file.Path, new MemoryStream(read.Bytes), read.Bytes.Length);
        return StoredNumbers.Read(values, read.Type, read.Shape, out _, bigEndian: true)!;
    }

    static (StoredType Type, int[] Sizes) ReadSizes(DataFile file, int? dimensions)
    {
        var start = file.Read(StartLength);
        if (start.Length < StartLength)
            throw file.Bad(start.Length == 0 ? "the file is empty, where an IDX header was expected"
                : $"the file ends within the {StartLength} bytes an IDX file starts with");
        if (start[0] != 0 || start[1] != 0)
            throw file.Bad(0, "expects the two zero bytes an IDX file starts with, but got "
                + $"0x{start[0]:X2} 0x{start[1]:X2}");
        if (TypeOf(start[2]) is not { } type)
            throw file.Bad(2, $"0x{start[2]:X2} is no type that an IDX file has: 0x08, 0x09 or 0x0B to 0x0E");
        if (dimensions is { } wanted && start[3] != wanted)
            throw file.Bad(3, $"expects {Kind(wanted)}, but got {Kind(start[3])}");
        if (start[3] is 0 or > StoredNumbers.MaxRank)
            throw file.Bad(3, $"expects 1 to {StoredNumbers.MaxRank} dimensions, but got {start[3]}");

        var sizes = new int[start[3]];
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            var offset = file.Offset;
            var bytes = file.Read(sizeof(int));
            if (bytes.Length < sizeof(int))
                throw file.Bad($"the file ends within the sizes of its {sizes.Length} dimensions");
            var size = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            if (size > int.MaxValue) throw file.Bad(offset, $"dimension {axis} has size {size}, more than 2^31 - 1");
            sizes[axis] = (int)size;
        }
        return (type, sizes);
    }

    static string Kind(int dimensions) => dimensions switch
    {
        1 => "1 dimension (labels)",
        3 => "3 dimensions (images)",
        _ => $"{dimensions} dimensions",
    };

    static StoredType? TypeOf(byte type) => type switch
    {
        0x08 => StoredType.U8,
        0x09 => StoredType.I8,
        0x0B => StoredType.I16,
        0x0C => StoredType.I32,
        0x0D => StoredType.F32,
        0x0E => StoredType.F64,
        _ => null,
    };

    static string TypeName(StoredType type) => type switch
    {
        StoredType.I8 => "0x09 (signed bytes)",
        StoredType.I16 => "0x0B (16-bit numbers)",
        StoredType.I32 => "0x0C (32-bit numbers)",
        StoredType.F32 => "0x0D (floats)",
        _ => "0x0E (doubles)",
    };
}
