using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static unsafe partial class Standardize
{
    const int Chain = 128;          // vectors summed in their own type, two at a time, before that is put aside in double
    const int RowBlock = 128;       // the same for columns, whose sums are not spread over lanes

    /// <summary>The two numbers that are summed, of an element x, one of g beside it, and the channel's mean.</summary>
    interface ITerms
    {
        static abstract Vector<T> First<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T>;
        static abstract Vector<T> Second<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T>;
    }

    /// <summary>x, and nothing.</summary>
    readonly struct Value : ITerms
    {
        public static Vector<T> First<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => x;
        public static Vector<T> Second<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => Vector<T>.Zero;
    }

    /// <summary>x − mean, and its square.</summary>
    readonly struct Deviation : ITerms
    {
        public static Vector<T> First<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => x - mean;
        public static Vector<T> Second<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => (x - mean) * (x - mean);
    }

    /// <summary>g, and g·(x − mean).</summary>
    readonly struct Gradient : ITerms
    {
        public static Vector<T> First<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => g;
        public static Vector<T> Second<T>(Vector<T> x, Vector<T> g, Vector<T> mean)
            where T : unmanaged, IFloatingPointIeee754<T> => g * (x - mean);
    }

    /// <summary>What is written, of an element x, one of g beside it, and the channel's coefficients.</summary>
    interface IResult
    {
        static abstract Vector<T> Of<T>(
            Vector<T> x, Vector<T> g, Vector<T> center, Vector<T> a, Vector<T> b, Vector<T> c) where T : unmanaged, IFloatingPointIeee754<T>;
    }

    /// <summary>(x − center)·a + c.</summary>
    readonly struct Shifted : IResult
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> g, Vector<T> center, Vector<T> a, Vector<T> b, Vector<T> c)
            where T : unmanaged, IFloatingPointIeee754<T> => (x - center) * a + c;
    }

    /// <summary>((x − center)·a + (g − c))·b.</summary>
    readonly struct WithGradient : IResult
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<T> Of<T>(Vector<T> x, Vector<T> g, Vector<T> center, Vector<T> a, Vector<T> b, Vector<T> c)
            where T : unmanaged, IFloatingPointIeee754<T> => ((x - center) * a + (g - c)) * b;
    }

    /// <summary>The sums of each of so many channels: one, or columns of a table.</summary>
    static void Sum<T, TTerms>(in Call<T> call, int channel, int width, T* center, double* first, double* second)
        where T : unmanaged, IFloatingPointIeee754<T> where TTerms : struct, ITerms
    {
        new Span<double>(first, width).Clear();
        new Span<double>(second, width).Clear();
        if (call.AreColumns)
        {
            var start = (long)channel;
            for (var left = call.Count; left > 0; left -= RowBlock, start += RowBlock * call.Step)
                ColumnBlock<T, TTerms>(
                    call.X + start, call.G + start, call.Step, Math.Min(RowBlock, left), width, center, first, second);
            return;
        }
        for (var start = channel * (long)call.Inner; start < call.Step * call.Runs; start += call.Step)
            Sum<T, TTerms>(call.X + start, call.G + start, call.Inner, *center, first, second);
    }

    /// <summary>Adds to first and second the sums over a run of neighbours.</summary>
    static void Sum<T, TTerms>(T* x, T* g, int length, T mean, double* first, double* second)
        where T : unmanaged, IFloatingPointIeee754<T> where TTerms : struct, ITerms
    {
        var block = 2 * Chain * Vector<T>.Count;
        for (var done = 0; done < length; done += block)
            RunBlock<T, TTerms>(x + done, g + done, Math.Min(block, length - done), mean, first, second);
    }

    /// <summary>The same for no more than a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void RunBlock<T, TTerms>(T* x, T* g, int length, T mean, double* first, double* second)
        where T : unmanaged, IFloatingPointIeee754<T> where TTerms : struct, ITerms
    {
        var lanes = Vector<T>.Count;
        var center = Vector.Create(mean);
        // Two sums of each in turn, so that an addition need not wait for the one before.
        Vector<T> first0 = default, first1 = default, second0 = default, second1 = default;
        var i = 0;
        for (; i <= length - 2 * lanes; i += 2 * lanes)
        {
            var (x0, g0) = (Vector.Load(x + i), Vector.Load(g + i));
            var (x1, g1) = (Vector.Load(x + i + lanes), Vector.Load(g + i + lanes));
            first0 += TTerms.First(x0, g0, center);
            first1 += TTerms.First(x1, g1, center);
            second0 += TTerms.Second(x0, g0, center);
            second1 += TTerms.Second(x1, g1, center);
        }
        Put(first0 + first1, second0 + second1);
        // Then, if need be, two more, of which the last begins early: what it sees again does not count.
        for (var tail = i; tail < length && length >= lanes; tail += lanes)
        {
            var begin = Math.Min(tail, length - lanes);
            var (x0, g0) = (Vector.Load(x + begin), Vector.Load(g + begin));
            var counts = Between<T>(tail - begin, lanes);
            Put(TTerms.First(x0, g0, center) & counts, TTerms.Second(x0, g0, center) & counts);
        }
        if (length < lanes) Short();

        void Put(Vector<T> a, Vector<T> b)
        {
            *first += double.CreateTruncating(Vector.Sum(a));
            *second += double.CreateTruncating(Vector.Sum(b));
        }

        // By itself, as calls would keep the sums above out of the registers.
        [MethodImpl(MethodImplOptions.NoInlining)]
        void Short()
        {
            var (x0, g0) = (Elementwise.LoadPart(x, length), Elementwise.LoadPart(g, length));
            var counts = Between<T>(0, length);
            Put(TTerms.First(x0, g0, Vector.Create(mean)) & counts, TTerms.Second(x0, g0, Vector.Create(mean)) & counts);
        }
    }

    /// <summary>All bits of the lanes from low to before high, none of the others.</summary>
    static Vector<T> Between<T>(int low, int high) where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector.GreaterThanOrEqual(Vector<T>.Indices, Vector.Create(T.CreateTruncating(low)))
        & Vector.LessThan(Vector<T>.Indices, Vector.Create(T.CreateTruncating(high)));

    /// <summary>Adds to first and second the sums over rows, column by column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void ColumnBlock<T, TTerms>(
        T* x, T* g, long step, int rows, int width, T* center, double* first, double* second)
        where T : unmanaged, IFloatingPointIeee754<T> where TTerms : struct, ITerms
    {
        var lanes = Vector<T>.Count;
        T* memory = stackalloc T[2 * (MostColumns + lanes)], firsts = memory, seconds = memory + MostColumns + lanes;
        new Span<T>(memory, 2 * (MostColumns + lanes)).Clear();
        for (var row = 0; row < rows; row++, x += step, g += step)
        {
            var i = 0;
            for (; i <= width - lanes; i += lanes)
                AddLanes(Vector.Load(x + i), Vector.Load(g + i), Vector.Load(center + i), i);
            // The sums have room for a whole vector.
            if (i < width)
                AddLanes(Elementwise.LoadPart(x + i, width - i), Elementwise.LoadPart(g + i, width - i),
                    Elementwise.LoadPart(center + i, width - i), i);
        }
        for (var i = 0; i < width; i++)
        {
            first[i] += double.CreateTruncating(firsts[i]);
            second[i] += double.CreateTruncating(seconds[i]);
        }

        void AddLanes(Vector<T> x, Vector<T> g, Vector<T> mean, int i)
        {
            Vector.Store(Vector.Load(firsts + i) + TTerms.First(x, g, mean), firsts + i);
            Vector.Store(Vector.Load(seconds + i) + TTerms.Second(x, g, mean), seconds + i);
        }
    }

    /// <summary>Writes the results of some channels.</summary>
    static void Combine<T, TResult>(in Call<T> call, int channel, int width, in Coefficients<T> by)
        where T : unmanaged, IFloatingPointIeee754<T> where TResult : struct, IResult
    {
        var (length, each) = call.AreColumns ? (width, 1) : (call.Inner, 0);
        var start = channel * (long)call.Inner;
        for (var run = 0; run < call.Runs; run++, start += call.Step)
            Row<T, TResult>(call.X + start, call.G + start, call.Result + start, length, by, each);
    }

    /// <summary>Elements that have coefficients <paramref name="each"/> (1), or share those of one channel (0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Row<T, TResult>(T* x, T* g, T* result, int length, in Coefficients<T> by, int each)
        where T : unmanaged, IFloatingPointIeee754<T> where TResult : struct, IResult
    {
        T* pm = by.Center, pa = by.A, pb = by.B, pc = by.C;
        var (m, a, b, c) = (Vector.Create(*pm), Vector.Create(*pa), Vector.Create(*pb), Vector.Create(*pc));
        var i = 0;
        for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
        {
            if (each == 1)
                (m, a, b, c) = (Vector.Load(pm + i), Vector.Load(pa + i), Vector.Load(pb + i), Vector.Load(pc + i));
            Vector.Store(TResult.Of(Vector.Load(x + i), Vector.Load(g + i), m, a, b, c), result + i);
        }
        if (i >= length) return;
        if (length >= Vector<T>.Count)
        {
            // Once more as many as a vector has, to the end: some are written twice.
            i = length - Vector<T>.Count;
            if (each == 1)
                (m, a, b, c) = (Vector.Load(pm + i), Vector.Load(pa + i), Vector.Load(pb + i), Vector.Load(pc + i));
            Vector.Store(TResult.Of(Vector.Load(x + i), Vector.Load(g + i), m, a, b, c), result + i);
            return;
        }
        Short(x, g, result, length, by, each);

        // By itself, as calls would keep the coefficients above out of the registers. There is room for a whole vector
        // of them.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Short(T* x, T* g, T* result, int length, in Coefficients<T> by, int each)
        {
            var (m, a, b, c) = each == 1
                ? (Vector.Load(by.Center), Vector.Load(by.A), Vector.Load(by.B), Vector.Load(by.C))
                : (Vector.Create(*by.Center), Vector.Create(*by.A), Vector.Create(*by.B), Vector.Create(*by.C));
            Elementwise.StorePart(
                TResult.Of(Elementwise.LoadPart(x, length), Elementwise.LoadPart(g, length), m, a, b, c), result, length);
        }
    }
}
