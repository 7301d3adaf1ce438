namespace MicroGrad.Net;

/// <summary>
/// What stands behind a <see cref="StepScope"/>, and behind the temporaries of a backward pass: every storage made on
/// this thread while it is the innermost belongs to it, and loses its array to the arena when it ends.
/// </summary>
sealed class Recycler
{
    // Of the thread, not of the asynchronous flow: the storages of a step are listed without a lock, and a scope is a
    // ref struct, so that no await can come between.
    [ThreadStatic] static Recycler? t_current;

    readonly Recycler? _outer;
    readonly Arena _arena;
    int _start;         // where the storages of this scope begin in the arena's list
    bool _ended;

    Recycler(Recycler? outer, Arena arena) => (_outer, _arena, _start) = (outer, arena, arena.Made.Count);

    /// <summary>The innermost open scope of this thread.</summary>
    public static Recycler? Current => t_current;

    public static Recycler Begin() => t_current = new Recycler(t_current, t_current?._arena ?? Arena.Take());

    /// <summary>Until it ends, new tensors on this thread belong to no scope: for what outlives a step.</summary>
    public static OutsideScope Outside()
    {
        var scope = new OutsideScope(t_current);
        t_current = null;
        return scope;
    }

    internal readonly ref struct OutsideScope(Recycler? back) : IDisposable
    {
        readonly Recycler? _back = back;

        public void Dispose() => t_current = _back;
    }

    /// <summary>Ends this scope, and those inside it that were left open.</summary>
    public void End()
    {
        if (_ended) return;
        while (t_current is { } innermost)
        {
            t_current = innermost._outer;
            innermost.Close();
            if (innermost == this) break;
        }
    }

    void Close()
    {
        _ended = true;
        ReleaseUnheld(all: true);
        if (_outer is null) Arena.Return(_arena);
    }

    public T[] Rent<T>(Storage storage, int length) where T : unmanaged
    {
        _arena.Made.Add(storage);
        return _arena.Rent<T>(length);
    }

    // ---- for the backward pass, whose gradients are gone before it ends ----

    /// <summary>Counts a pending gradient that has this memory.</summary>
    public void Hold(Storage storage)
    {
        if (storage.Scope == this) storage.Holds++;
    }

    /// <summary>Counts it off.</summary>
    public void LetGo(Storage storage)
    {
        if (storage.Scope == this && --storage.Holds == 0) storage.Recycle(_arena);
    }

    /// <summary>Whether so many holds are all there is to a storage, so that it may be changed or taken.</summary>
    public bool Owns(Storage storage, int holds) => storage.Scope == this && storage.Holds == holds;

    /// <summary>Hands a storage over to the scope around this one, if there is one.</summary>
    public void HandOut(Storage storage)
    {
        storage.Scope = _outer;
        if (_outer is not null) _arena.Made.Insert(_start++, storage);
    }

    /// <summary>Takes the memory of a storage that nobody has.</summary>
    public void TakeBack(Storage storage) => storage.Recycle(_arena);

    /// <summary>Recycles what was made here and is no pending gradient.</summary>
    public void ReleaseUnheld(bool all = false)
    {
        var made = _arena.Made;
        for (var i = _start; i < made.Count; i++)
            if (made[i].Scope == this && (all || made[i].Holds == 0)) made[i].Recycle(_arena);
        made.RemoveRange(_start, made.Count - _start);
    }
}
