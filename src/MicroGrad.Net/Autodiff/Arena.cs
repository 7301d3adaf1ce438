using System.Runtime.InteropServices;

namespace MicroGrad.Net;

/// <summary>
/// Arrays that wait to be used again, and the storages that a thread's open scopes made. One thread has it at a time,
/// from the start of its outermost scope to the end, so that only taking and returning it needs a lock.
/// </summary>
sealed class Arena
{
    // Measured: a new array below this size costs no more than one from a shelf.
    const int SmallestBytes = 1024;

    static readonly Lock s_gate = new();
    static readonly Stack<Arena> s_idle = [];

    readonly Shelves<float> _singles = new();
    readonly Shelves<double> _doubles = new();

    /// <summary>What was made in the open scopes, outer before inner.</summary>
    public List<Storage> Made { get; } = [];

    /// <summary>For tests: arrays of every size are used again, and come full of NaN.</summary>
    internal static bool Strict { get; set; }

    /// <summary>How many bytes wait to be used again.</summary>
    public long IdleBytes => _singles.IdleBytes + _doubles.IdleBytes;

    /// <summary>The arena last returned, whose arrays are most likely to be in the cache; or a new one.</summary>
    public static Arena Take()
    {
        lock (s_gate) return s_idle.TryPop(out var arena) ? arena : new Arena();
    }

    public static void Return(Arena arena)
    {
        arena.Made.Clear();
        arena._singles.Tidy();
        arena._doubles.Tidy();
        lock (s_gate) s_idle.Push(arena);
    }

    /// <summary>Leaves all arrays that wait to the garbage collector.</summary>
    public static void DropIdle()
    {
        lock (s_gate) s_idle.Clear();
    }

    /// <summary>An array of exactly this length, with whatever is in it.</summary>
    public T[] Rent<T>(int length) where T : unmanaged
    {
        var array = Pools<T>(length) ? Of<T>().Take(length) : Sizes.New<T>("tensor", length, clear: false);
        if (Strict) MemoryMarshal.AsBytes(array.AsSpan()).Fill(byte.MaxValue);      // all bits set is a NaN
        return array;
    }

    /// <summary>Takes an array that nobody else has.</summary>
    public void Return<T>(T[] array) where T : unmanaged
    {
        if (Pools<T>(array.Length)) Of<T>().Put(array);
    }

    static unsafe bool Pools<T>(int length) where T : unmanaged => (long)length * sizeof(T) >= SmallestBytes || Strict;

    Shelves<T> Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? (Shelves<T>)(object)_singles : (Shelves<T>)(object)_doubles;

    /// <summary>Arrays by length.</summary>
    sealed class Shelves<T> where T : unmanaged
    {
        const int Window = 16;      // uses of the arena after which arrays that were not needed go

        readonly Dictionary<int, Shelf> _shelves = [];
        long _out, _most, _mostBefore;
        int _uses;

        public long IdleBytes { get; private set; }

        public T[] Take(int length)
        {
            var bytes = Bytes(length);
            if (!_shelves.TryGetValue(length, out var shelf)) _shelves.Add(length, shelf = new Shelf());
            shelf.LastUse = _uses;
            var isNew = shelf.Free.Count == 0;
            var array = isNew ? Sizes.New<T>("tensor", length, clear: false) : shelf.Take();
            if (!isNew) IdleBytes -= bytes;
            _most = Math.Max(_most, _out += bytes);
            return array;
        }

        public void Put(T[] array)
        {
            if (!_shelves.TryGetValue(array.Length, out var shelf)) _shelves.Add(array.Length, shelf = new Shelf());
            shelf.LastUse = _uses;
            shelf.Free.Push(array);
            IdleBytes += Bytes(array.Length);
            _out -= Bytes(array.Length);
        }

        /// <summary>
        /// Drops what no recent use needed, so that batches or sequences of ever new sizes do not gather: arrays that
        /// lay still for a window of uses, and the longest unused while twice the need of the recent uses is exceeded.
        /// </summary>
        public void Tidy()
        {
            (_uses, _out) = (_uses + 1, 0);
            if (_uses % Window == 0)
            {
                foreach (var (length, shelf) in _shelves)
                {
                    for (; shelf.Least > 0; shelf.Least--) Drop(length, shelf);
                    shelf.Least = shelf.Free.Count;
                    if (shelf.Free.Count == 0) _shelves.Remove(length);
                }
                (_most, _mostBefore) = (0, _most);
            }
            var limit = 2 * Math.Max(_most, _mostBefore);
            if (IdleBytes <= limit) return;
            foreach (var (length, shelf) in _shelves.OrderBy(pair => pair.Value.LastUse))
                while (IdleBytes > limit && shelf.Free.Count > 0) Drop(length, shelf);
        }

        void Drop(int length, Shelf shelf)
        {
            shelf.Take();
            IdleBytes -= Bytes(length);
        }

        static unsafe long Bytes(int length) => (long)length * sizeof(T);

        sealed class Shelf
        {
            public Stack<T[]> Free { get; } = [];

            /// <summary>The fewest that were free since the window began: as many were not needed.</summary>
            public int Least { get; set; }

            public int LastUse { get; set; }

            public T[] Take()
            {
                var array = Free.Pop();
                Least = Math.Min(Least, Free.Count);
                return array;
            }
        }
    }
}
