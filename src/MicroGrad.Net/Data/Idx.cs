using System.Buffers.Binary;

namespace MicroGrad.Net;

/// <summary>
/// Reads IDX files, the format of MNIST and its kin: two zero bytes, a type byte, the number of dimensions, the sizes
/// as big-endian 32-bit numbers, then the values (LeCun, "The MNIST database"). Plain or gzip; only unsigned bytes.
/// </summary>
public static class Idx
{
    const int UnsignedByte = 0x08;
    const int StartLength = 4;

    /// <summary>The sizes and bytes of an IDX file of any number of dimensions.</summary>
    /// <exception cref="DataFileException">The file is no IDX file of unsigned bytes, is cut off, or goes on after the
    /// declared values; the message names the file, the offset and what was expected.</exception>
    public static (Shape Shape, byte[] Values) Read(string path)
    {
        using var file = DataFile.Open(path);
        return Read(file, dimensions: null);
    }

    /// <summary>The images of an IDX file: [n, 1, rows, columns], 0 to 1 (byte / 255), Float32.</summary>
    /// <exception cref="DataFileException">The file is damaged or does not hold images.</exception>
    public static Tensor ReadImages(string path)
    {
        using var file = DataFile.Open(path);
        var (shape, bytes) = Read(file, dimensions: 3);
        var images = Tensor.Empty([shape[0], 1, shape[1], shape[2]], DType.Float32);
        Span<float> brightness = stackalloc float[256];
        for (var value = 0; value < 256; value++) brightness[value] = value / 255f;
        var pixels = images.Write<float>();
        for (var i = 0; i < bytes.Length; i++) pixels[i] = brightness[bytes[i]];
        return images;
    }

    /// <summary>The labels of a one-dimensional IDX file.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <param name="classes">Where given, labels must be from 0 to classes − 1.</param>
    /// <exception cref="DataFileException">The file is damaged, does not hold labels, or a label is out of range.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is not positive.</exception>
    public static int[] ReadLabels(string path, int? classes = null)
    {
        if (classes < 1) Throw.OutOfRange("Idx.ReadLabels", nameof(classes), classes.Value, "at least 1");
        using var file = DataFile.Open(path);
        var (_, bytes) = Read(file, dimensions: 1);
        if (classes is { } count && bytes.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)Math.Min(count - 1, 255))
            is >= 0 and var bad)
            throw file.Bad(StartLength + sizeof(int) + bad,
                $"label {bytes[bad]} (number {bad}) is not in 0..{count - 1}");
        return Array.ConvertAll(bytes, label => (int)label);
    }

    /// <summary>The images and labels of a pair of IDX files, which must be equally many.</summary>
    /// <param name="imagesPath">The file of images, plain or gzip.</param>
    /// <param name="labelsPath">The file of labels, plain or gzip.</param>
    /// <param name="classes">Where given, labels must be from 0 to classes − 1.</param>
    /// <returns>Images [n, 1, rows, columns] from 0 to 1, and n labels.</returns>
    /// <exception cref="DataFileException">A file is damaged, a label is out of range, or the counts differ.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is not positive.</exception>
    public static (Tensor Images, int[] Labels) ReadLabelled(string imagesPath, string labelsPath, int? classes = null)
    {
        var labels = ReadLabels(labelsPath, classes);
        var images = ReadImages(imagesPath);
        if (images.Shape[0] != labels.Length)
            throw new DataFileException($"{imagesPath}: offset {StartLength}: {images.Shape[0]} images, but "
                + $"{labelsPath} has {labels.Length} labels: do the two files belong together?");
        return (images, labels);
    }

    static (Shape Shape, byte[] Values) Read(DataFile file, int? dimensions)
    {
        var sizes = ReadSizes(file, dimensions);
        long count = 1;
        foreach (var size in sizes)
        {
            count *= size;
            if (count > int.MaxValue)
                throw file.Bad(StartLength, $"the sizes {Shape.Text(sizes)} give more than 2^31 - 1 values");
        }
        var start = file.Offset;
        var bytes = file.Read(count);
        if (bytes.Length < count)
            throw file.Bad($"the file ends after {bytes.Length} of the {count} values that its sizes "
                + $"{Shape.Text(sizes)} declare");
        if (file.Read(1).Length > 0)
            throw file.Bad(start + count, $"the file goes on after the {count} values that its sizes "
                + $"{Shape.Text(sizes)} declare");
        return (Shape.Of(sizes), bytes);
    }

    static int[] ReadSizes(DataFile file, int? dimensions)
    {
        var start = file.Read(StartLength);
        if (start.Length < StartLength)
            throw file.Bad(start.Length == 0 ? "the file is empty, where an IDX header was expected"
                : $"the file ends within the {StartLength} bytes an IDX file starts with");
        if (start[0] != 0 || start[1] != 0)
            throw file.Bad(0, "expects the two zero bytes an IDX file starts with, but got "
                + $"0x{start[0]:X2} 0x{start[1]:X2}");
        if (start[2] != UnsignedByte)
            throw file.Bad(2, $"expects type 0x08 (unsigned bytes), but got {TypeName(start[2])}");
        if (dimensions is { } wanted && start[3] != wanted)
            throw file.Bad(3, $"expects {Kind(wanted)}, but got {Kind(start[3])}");
        if (start[3] == 0) throw file.Bad(3, "expects at least one dimension, but got 0");

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
        if (sizes.Length > Sizes.MostAxes)
            throw file.Bad(3, $"has {sizes.Length} dimensions, more than the {Sizes.MostAxes} axes that a tensor may have");
        return sizes;
    }

    static string Kind(int dimensions) => dimensions switch
    {
        1 => "1 dimension (labels)",
        3 => "3 dimensions (images)",
        _ => $"{dimensions} dimensions",
    };

    static string TypeName(byte type) => type switch
    {
        0x09 => "0x09 (signed bytes)",
        0x0B => "0x0B (16-bit numbers)",
        0x0C => "0x0C (32-bit numbers)",
        0x0D => "0x0D (floats)",
        0x0E => "0x0E (doubles)",
        _ => $"0x{type:X2}, which no IDX file has",
    };
}
