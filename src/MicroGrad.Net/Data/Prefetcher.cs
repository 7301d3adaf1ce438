using System.Diagnostics.CodeAnalysis;

namespace MicroGrad.Net;

/// <summary>
/// Makes items ahead of their use: one after another, in order, on a thread of the pool while the consumer is busy. No
/// thread waits for a consumer, so that one who stops asking leaves none behind.
/// </summary>
/// <param name="count">The number of items.</param>
/// <param name="ahead">How many are made before they are asked for; 0 to make each when it is.</param>
/// <param name="make">Makes an item of the given number.</param>
sealed class Prefetcher<T>(int count, int ahead, Func<int, T> make) : IDisposable
{
    readonly Queue<Task<T?>> _coming = [];
    Task _last = Task.CompletedTask;
    int _started;
    volatile bool _stopped;

    /// <summary>The next item; false after the last. What its making threw is thrown here, and ends it all.</summary>
    public bool TryNext([MaybeNullWhen(false)] out T item)
    {
        item = default;
        if (ahead == 0)
        {
            if (_started == count) return false;
            item = make(_started++);
            return true;
        }
        StartUpTo(1);
        if (!_coming.TryDequeue(out var next)) return false;
        StartUpTo(ahead);
        item = next.GetAwaiter().GetResult()!;
        return true;
    }

    void StartUpTo(int coming)
    {
        while (_coming.Count < coming && _started < count)
        {
            var number = _started++;
            var task = _last.ContinueWith(_ => Make(number), TaskScheduler.Default);
            _coming.Enqueue(task);
            _last = task;
        }
    }

    T? Make(int number)
    {
        if (_stopped) return default;
        try
        {
            return make(number);
        }
        catch
        {
            _stopped = true;
            throw;
        }
    }

    /// <summary>Makes no more items; returns when the one that is being made is done.</summary>
    public void Dispose()
    {
        _stopped = true;
        // Who disposes asks for no more items, nor for the error of one.
        _last.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
    }
}
