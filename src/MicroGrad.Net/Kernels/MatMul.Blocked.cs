using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static unsafe partial class MatMul
{
    // A block of b, [Depth, Columns] of at most these sizes, should stay in the second-level cache while the rows of a
    // pass by, a panel of TileRows at a time, which stays in the first.
    const int BlockDepth = 256;
    const int BlockBytes = 512 * 1024;

    // Packing is work too: it pays when a panel of b meets this many rows and b lies over more than the first cache,
    // and when a panel of a meets this many columns.
    const int PackedRows = 96;
    const int PackedColumns = 128;
    const int FirstCacheBytes = 32 * 1024;

    // With no more rows than this, a transposed b is better read once for each than packed once for all.
    const int VectorRows = 4;

    // Multiply-adds below which waking other threads costs more than they bring, and that a chunk for one should have.
    const double ParallelWork = 500_000;
    const double SmallestChunk = 250_000;

    static bool IsParallel(double work) => work >= ParallelWork && Work.Threads > 1;

    /// <summary>The product for one instruction set and element type.</summary>
    /// <remarks>
    /// Its methods ask for AggressiveOptimization: a small product takes less than a microsecond, but several in the
    /// unoptimised code that the JIT would start with.
    /// </remarks>
    static partial class Kernel<TSimd, TVector, T>
        where TSimd : struct, ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, INumberBase<T>
    {
        static int PanelWidth => 2 * TSimd.Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Multiply(in Product<T> product)
        {
            if (product.Rows == 0 || product.Columns == 0) return;
            if (product.Depth == 0)
            {
                if (!product.Accumulate) Clear(product);
                return;
            }

            if (product.Rows == 1 || product.Columns == 1) MultiplyVector(product);
            else if (product.Rows <= VectorRows && product.B.Column != 1) MultiplyRowByRow(product);
            else if (IsLong(product.Depth, LongDepth)) MultiplyLong(product);
            else if (IsParallel(product.Cost)) MultiplyParallel(product);
            else MultiplySerial(product);
        }

        static void MultiplyRowByRow(in Product<T> product)
        {
            for (var i = 0; i < product.Rows; i++)
                MultiplyVector(product with { Rows = 1, A = product.A.From(i, 0), C = product.C.From(i, 0) });
        }

        // Cuts c into chunks, each a product by itself. Those near square pack least; more of them than threads let the
        // others take over from one that is held up.
        static void MultiplyParallel(Product<T> product)
        {
            var chunks = (int)Math.Min(2 * Work.Threads, product.Cost / SmallestChunk);
            var across = (int)Math.Clamp(Math.Sqrt((double)chunks * product.Columns / product.Rows), 1, chunks);
            var columns = Share(product.Columns, across, PanelWidth);
            var rows = Share(product.Rows, chunks / across, TSimd.TileRows);
            var down = Parts(product.Rows, rows);
            Work.Split(Parts(product.Columns, columns) * down, 1, (chunk, _) =>
            {
                var (i, j) = (chunk % down * rows, chunk / down * columns);
                MultiplySerial(product with
                {
                    Rows = Math.Min(rows, product.Rows - i),
                    Columns = Math.Min(columns, product.Columns - j),
                    A = product.A.From(i, 0),
                    B = product.B.From(0, j),
                    C = product.C.From(i, j),
                });
            });
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void MultiplySerial(in Product<T> product)
        {
            var blockColumns = BlockBytes / sizeof(T) / BlockDepth;
            if (product.Depth <= BlockDepth && product.Columns <= blockColumns)
            {
                MultiplyBlock(product);
                return;
            }

            // Blocks of equal size: a last thin one would read and write c, or pack a, for little work.
            var depth = Share(product.Depth, Parts(product.Depth, BlockDepth), 1);
            var columns = Share(product.Columns, Parts(product.Columns, blockColumns), PanelWidth);
            for (var j = 0; j < product.Columns; j += columns)
            {
                for (var p = 0; p < product.Depth; p += depth)
                {
                    MultiplyBlock(new Product<T>(
                        product.Rows, Math.Min(columns, product.Columns - j), Math.Min(depth, product.Depth - p),
                        product.A.From(0, p), product.B.From(p, j), product.C.From(0, j), product.Accumulate || p > 0));
                }
            }
        }

        // How many parts of a size make up a total, and what each of a number of parts gets, in whole units.
        static int Parts(int total, int size) => (total - 1) / size + 1;

        static int Share(int total, int parts, int unit) => Parts(Parts(total, parts), unit) * unit;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void MultiplyBlock(in Product<T> block)
        {
            var panels = new Panels(block);
            for (var panel = panels.FirstPacked; panel < panels.Count; panel++)
            {
                var (j, target) = (panel * PanelWidth, panels[panel]);
                var width = Math.Min(PanelWidth, block.Columns - j);
                Pack(block.B.From(0, j), block.Depth, width, target.Origin, (int)target.Row);
            }

            var packed = block.Columns >= PackedColumns;
            var scratch = packed ? Scratch<T>.ForA(block.Depth * TSimd.TileRows + TSimd.Width) : null;
            int rows;
            for (var i = 0; i < block.Rows; i += rows)
            {
                // Twice 8 rows keep the multipliers busier than 12 and a few.
                var left = block.Rows - i;
                rows = TSimd.TileRows == 12 && left is > 13 and <= 16 ? 8 : Math.Min(TSimd.TileRows, left);
                var a = block.A.From(i, 0);
                var c = block.C.From(i, 0);
                if (packed)
                {
                    Pack(a.Transposed, block.Depth, rows, scratch, rows);
                    a = new View<T>(scratch, 1, rows);
                }

                for (var panel = 0; panel < panels.Count; panel++, c = c.From(0, PanelWidth))
                {
                    var columns = block.Columns - panel * PanelWidth;
                    if (columns > TSimd.Width)
                        TileColumn<Two>(rows, block.Depth, a, panels[panel], c, columns, block.Accumulate);
                    else
                        TileColumn<One>(rows, block.Depth, a, panels[panel], c, columns, block.Accumulate);
                }
            }
        }

        static void Clear(in Product<T> product)
        {
            for (var i = 0; i < product.Rows; i++) new Span<T>(product.C.From(i, 0).Origin, product.Columns).Clear();
        }

        /// <summary>The columns of b in panels as wide as a tile: in place where they can be, else packed.</summary>
        readonly struct Panels
        {
            /// <summary>How many panels there are, and from which one on they are packed.</summary>
            public readonly int Count, FirstPacked;

            readonly View<T> _inPlace;
            readonly T* _packed;
            readonly nint _packedSize;
            readonly int _lastWidth;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public Panels(in Product<T> block)
            {
                var whole = block.Columns / PanelWidth;
                var rest = block.Columns - whole * PanelWidth;
                Count = rest == 0 ? whole : whole + 1;
                // The last panel is one vector wide where that is enough. If it ends within a vector, it is padded.
                _lastWidth = rest is > 0 && rest <= TSimd.Width ? TSimd.Width : PanelWidth;
                var bytes = block.Depth * block.B.Row * sizeof(T);
                FirstPacked = block.B.Column != 1 || (block.Rows >= PackedRows && bytes > FirstCacheBytes) ? 0
                    : rest == 0 || rest == _lastWidth ? Count
                    : whole;
                _inPlace = block.B;
                _packedSize = block.Depth * PanelWidth;
                _packed = FirstPacked < Count ? Scratch<T>.ForB((Count - FirstPacked) * (int)_packedSize) : null;
            }

            /// <summary>A view on one panel.</summary>
            public View<T> this[int panel]
            {
                [MethodImpl(MethodImplOptions.AggressiveInlining)]
                get => panel < FirstPacked
                    ? _inPlace.From(0, panel * PanelWidth)
                    : new(
                        _packed + (panel - FirstPacked) * _packedSize,
                        panel == Count - 1 ? _lastWidth : PanelWidth, 1);
            }
        }
    }
}
