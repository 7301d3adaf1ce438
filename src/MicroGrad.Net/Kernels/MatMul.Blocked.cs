using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

static unsafe partial class MatMul
{
    // A block of b, [Depth, Columns] of at most these sizes, should stay in the second-level cache while the rows of a
    // pass by, a panel of TileRows at a time, which stays in the first.
    const int BlockDepth = 256;
    const int BlockBytes = 512 * 1024;

    // Packing is work too: it pays when a panel of b meets this many rows, or a panel of a this many panels of b.
    const int PackedRows = 96;
    const int PackedPanels = 4;

    // Multiply-adds below which waking other threads costs more than they bring.
    const double ParallelWork = 500_000;

    static bool IsParallel(double work) => work >= ParallelWork && Work.Threads > 1;

    /// <summary>The product for one instruction set and element type.</summary>
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
            else if (!IsParallel(product.Cost)) MultiplyBlocks(product, parallel: false);
            else if (product.Rows >= 8 * TSimd.TileRows) MultiplyBlocks(product, parallel: true);
            else SplitColumns(product);
        }

        // Few rows: each thread takes some panels of columns.
        static void SplitColumns(Product<T> product)
        {
            Work.Split(product.Columns, PanelWidth, (low, high) => MultiplyBlocks(
                product with { Columns = high - low, B = product.B.From(0, low), C = product.C.From(0, low) },
                parallel: false));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void MultiplyBlocks(in Product<T> product, bool parallel)
        {
            var blockColumns = BlockBytes / sizeof(T) / BlockDepth;
            if (product.Depth <= BlockDepth && product.Columns <= blockColumns && !parallel)
            {
                MultiplyBlock(product);
                return;
            }

            // Blocks of equal size: a last thin one would read and write c, or pack a, for little work.
            var depth = Even(product.Depth, BlockDepth, 1);
            var columns = Even(product.Columns, blockColumns, PanelWidth);
            for (var j = 0; j < product.Columns; j += columns)
            {
                for (var p = 0; p < product.Depth; p += depth)
                {
                    var block = new Product<T>(
                        product.Rows, Math.Min(columns, product.Columns - j), Math.Min(depth, product.Depth - p),
                        product.A.From(0, p), product.B.From(p, j), product.C.From(0, j), product.Accumulate || p > 0);
                    if (parallel) MultiplyBlockParallel(block);
                    else MultiplyBlock(block);
                }
            }
        }

        // The largest size that is a multiple of unit and at most `limit`, when `total` is cut into as few equal parts.
        static int Even(int total, int limit, int unit)
        {
            var parts = (total - 1) / limit + 1;
            var size = (total - 1) / parts + 1;
            return (size + unit - 1) / unit * unit;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void MultiplyBlock(in Product<T> block)
        {
            var panels = new Panels(block);
            if (panels.FirstPacked < panels.Count) panels.Pack(block, panels.FirstPacked, panels.Count);
            MultiplyRows(block, panels, 0, block.Rows);
        }

        static void MultiplyBlockParallel(Product<T> block)
        {
            var panels = new Panels(block);
            var first = panels.FirstPacked;
            Work.Split(panels.Count - first, 1, (low, high) => panels.Pack(block, first + low, first + high));
            Work.Split(
                block.Rows, TSimd.TileRows, (low, high) => MultiplyRows(block, panels, low, high));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void MultiplyRows(in Product<T> block, in Panels panels, int low, int high)
        {
            var packed = panels.Count >= PackedPanels;
            var scratch = packed ? Scratch<T>.ForA(block.Depth * TSimd.TileRows + TSimd.Width) : null;
            int rows;
            for (var i = low; i < high; i += rows)
            {
                // Twice 8 rows keep the multipliers busier than 12 and a few.
                var left = high - i;
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
                // The last panel is one vector wide where that is enough. If it ends within a vector, it must be padded.
                _lastWidth = rest is > 0 && rest <= TSimd.Width ? TSimd.Width : PanelWidth;
                FirstPacked = block.B.Column != 1 || block.Rows >= PackedRows ? 0
                    : rest == 0 || rest == _lastWidth ? Count
                    : whole;
                _inPlace = block.B;
                _packedSize = block.Depth * PanelWidth;
                _packed = FirstPacked < Count ? Scratch<T>.ForB((Count - FirstPacked) * block.Depth * PanelWidth) : null;
            }

            /// <summary>A view on one panel.</summary>
            public View<T> this[int panel]
            {
                [MethodImpl(MethodImplOptions.AggressiveInlining)]
                get => panel < FirstPacked
                    ? _inPlace.From(0, panel * PanelWidth)
                    : new(_packed + (panel - FirstPacked) * _packedSize, panel == Count - 1 ? _lastWidth : PanelWidth, 1);
            }

            public void Pack(in Product<T> block, int low, int high)
            {
                for (var panel = low; panel < high; panel++)
                {
                    var (first, target) = (panel * PanelWidth, this[panel]);
                    var width = Math.Min(PanelWidth, block.Columns - first);
                    Kernel<TSimd, TVector, T>.Pack(
                        block.B.From(0, first), block.Depth, width, target.Origin, (int)target.Row);
                }
            }
        }
    }
}
