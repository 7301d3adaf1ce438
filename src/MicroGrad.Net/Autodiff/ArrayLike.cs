using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>
/// What <see cref="Tensor.From(ArrayLike, DType)"/> takes: a number, or brackets around such, as deep as the tensor has
/// axes (<c>[[1, 2], [3, 4]]</c>), or an array of any number type, with several axes (<c>float[,]</c>) or of arrays
/// (<c>int[][]</c>). Nobody writes the name: each of these becomes one by itself.
/// </summary>
[CollectionBuilder(typeof(ArrayLike), nameof(Of))]
public readonly struct ArrayLike
{
    readonly double _number;
    readonly Array? _numbers;           // of numbers, with any number of axes
    readonly ArrayLike[]? _items;       // where both are null, it is a number

    ArrayLike(double number, Array? numbers, ArrayLike[]? items) =>
        (_number, _numbers, _items) = (number, numbers, items);

    /// <summary>A number.</summary>
    public static implicit operator ArrayLike(double number) => new(number, null, null);

    /// <summary>An array of numbers, or of arrays.</summary>
    /// <exception cref="ArgumentException">It is null, or holds something else.</exception>
    public static implicit operator ArrayLike(Array array)
    {
        if (array is null) Throw.Value("From", "there is no array (null).");
        var element = array.GetType().GetElementType()!;
        if (element.IsArray && array.Rank == 1)
            return new(0, null, [.. array.Cast<Array>().Select(item => (ArrayLike)item)]);
        if (Type.GetTypeCode(element) is < TypeCode.Boolean or TypeCode.Char or > TypeCode.Decimal)
            Throw.Value("From", $"an array of {element.Name} holds no numbers.");
        return new(0, array, null);
    }

    /// <summary>What stands in brackets.</summary>
    public static ArrayLike Of(params ReadOnlySpan<ArrayLike> items) => new(0, null, items.ToArray());

    /// <summary>What stands in brackets, one after another.</summary>
    public ReadOnlySpan<ArrayLike>.Enumerator GetEnumerator() => new ReadOnlySpan<ArrayLike>(_items).GetEnumerator();

    /// <summary>The shape, which is that of the first item of each axis, and the numbers in row-major order.</summary>
    internal (Shape Shape, double[] Numbers) Read()
    {
        var sizes = new List<int>();
        for (var first = this; ; first = first._items[0])
        {
            sizes.AddRange(first.OwnSizes());
            if (first._items is null or []) break;
        }
        var shape = Shape.Of([.. sizes]);
        var numbers = Sizes.New<double>("From", shape.Length);
        Fill(shape.Sizes, numbers, []);
        return (shape, numbers);
    }

    int[] OwnSizes() => _items is not null ? [_items.Length] : _numbers is null ? []
        : [.. Enumerable.Range(0, _numbers.Rank).Select(_numbers.GetLength)];

    void Fill(ReadOnlySpan<int> sizes, Span<double> numbers, ReadOnlySpan<int> place)
    {
        var own = OwnSizes();
        if (!sizes.StartsWith(own) || (_items is null && own.Length != sizes.Length))
            Throw.Shapes("From", $"rows must be equally long, but the first is {Text(sizes)}, and that at "
                + $"{Shape.Text(place)} {Text(own)}.");
        if (_items is not null)
        {
            var length = _items.Length == 0 ? 0 : numbers.Length / _items.Length;
            for (var i = 0; i < _items.Length; i++)
                _items[i].Fill(sizes[1..], numbers.Slice(i * length, length), [.. place, i]);
        }
        else if (_numbers is null) numbers[0] = _number;
        else if (_numbers.GetType().GetElementType() == typeof(float)) Move.Convert(Flat<float>(_numbers), numbers);
        else if (_numbers.GetType().GetElementType() == typeof(double)) Flat<double>(_numbers).CopyTo(numbers);
        else
        {
            var i = 0;
            foreach (var number in _numbers) numbers[i++] = Convert.ToDouble(number, CultureInfo.InvariantCulture);
        }
    }

    static string Text(ReadOnlySpan<int> sizes) => sizes.IsEmpty ? "a number" : $"of {Shape.Text(sizes)}";

    static ReadOnlySpan<T> Flat<T>(Array array) => MemoryMarshal.CreateReadOnlySpan(
        ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
}
