using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace MicroGrad.Net;

/// <summary>The one place for parallelism: splits a range of independent outputs over a few threads.</summary>
/// <remarks>
/// The partition is fixed by <c>count</c> and <c>grain</c> alone; threads only decide who runs which chunk. When every
/// output belongs to one chunk, results therefore have the same bits for any number of threads.
/// </remarks>
static class Work
{
    // A parallel step is often followed by the next one within microseconds: waiting awake that long is cheaper than
    // being woken (5-50 µs). Longer would steal the processor from others.
    const double SpinMicroseconds = 30;

    const int MostThreads = 1024;       // each has a stack of its own: more would only take memory

    static readonly long SpinTicks = (long)(SpinMicroseconds * 1e-6 * Stopwatch.Frequency);
    static readonly Lock StartGate = new();
    static readonly object SleepGate = new();

    static int _threads = Math.Min(Environment.ProcessorCount, MostThreads);
    static int _helpers;                // background threads started so far
    static int _sleeping;               // background threads that must be woken to see a new job
    static int _busy;                   // 1 while a job owns the pool
    static Job? _current;

    /// <summary>How many threads a split may use, the caller's included; 1 keeps all work on that.</summary>
    public static int Threads
    {
        get => _threads;
        set
        {
            if (value is < 1 or > MostThreads)
                Throw.OutOfRange("Parallelism", nameof(Threads), value, $"from 1 to {MostThreads}");
            _threads = value;
        }
    }

    /// <summary>Runs <paramref name="body"/>(low, high) for each chunk [i·grain, (i+1)·grain) of [0, count).</summary>
    /// <remarks>
    /// Returns when all chunks are done. One chunk, one thread, a call from within a body, or a call while another
    /// thread uses the pool: all run on the caller's thread, over the same chunks. An exception thrown by a body
    /// reaches the caller; chunks not begun by then are skipped.
    /// </remarks>
    public static void Split(int count, int grain, Action<int, int> body)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(grain, 1);
        var threads = _threads;
        if (count <= grain || threads == 1 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            for (long low = 0; low < count; low += grain) body((int)low, (int)Math.Min(low + grain, count));
            return;
        }

        try
        {
            var job = new Job(count, grain, body);
            job.Invite(threads - 1);
            job.RunChunks();
            job.Wait();
            job.Error?.Throw();
        }
        finally
        {
            Volatile.Write(ref _current, null);
            Volatile.Write(ref _busy, 0);
        }
    }

    static void StartHelpers(int wanted)
    {
        lock (StartGate)
        {
            for (; _helpers < wanted; _helpers++)
                new Thread(Help) { IsBackground = true, Name = $"MicroGrad worker {_helpers + 1}" }.Start();
        }
    }

    // A background thread's life: take part in a job, stay awake a moment for the next, then sleep.
    static void Help()
    {
        Job? last = null;
        while (true)
        {
            var job = NextJob(last);
            if (job.Join()) job.RunChunks();
            last = job;
        }
    }

    static Job NextJob(Job? last)
    {
        var start = Stopwatch.GetTimestamp();
        do
        {
            if (Volatile.Read(ref _current) is { } job && job != last) return job;
            Thread.SpinWait(10);
        }
        while (Stopwatch.GetTimestamp() - start < SpinTicks);

        lock (SleepGate)
        {
            // Full fences here and in Invite: either we see the new job, or its owner sees us asleep and wakes us.
            Interlocked.Increment(ref _sleeping);
            try
            {
                while (true)
                {
                    if (Volatile.Read(ref _current) is { } job && job != last) return job;
                    Monitor.Wait(SleepGate);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _sleeping);
            }
        }
    }

    sealed class Job(int count, int grain, Action<int, int> body)
    {
        readonly int _chunks = (int)(((long)count + grain - 1) / grain);
        int _next = -1;                                     // the chunk last handed out
        int _unfinished = (int)(((long)count + grain - 1) / grain);
        int _seats;                                         // background threads that may still join
        bool _ownerSleeps;

        public ExceptionDispatchInfo? Error { get; private set; }

        public void Invite(int helpers)
        {
            _seats = Math.Min(helpers, _chunks - 1);
            if (Volatile.Read(ref _helpers) < _seats) StartHelpers(_seats);
            Interlocked.Exchange(ref _current, this);
            if (Volatile.Read(ref _sleeping) == 0) return;
            lock (SleepGate)
            {
                Monitor.PulseAll(SleepGate);
            }
        }

        public bool Join() => Interlocked.Decrement(ref _seats) >= 0;

        public void RunChunks()
        {
            for (int chunk; (chunk = Interlocked.Increment(ref _next)) < _chunks;)
            {
                try
                {
                    var low = (long)chunk * grain;
                    if (Error is null) body((int)low, (int)Math.Min(low + grain, count));
                }
                catch (Exception error)
                {
                    Error = ExceptionDispatchInfo.Capture(error);
                }

                if (Interlocked.Decrement(ref _unfinished) == 0) WakeOwner();
            }
        }

        // The owner has run out of chunks; helpers may still be at theirs.
        public void Wait()
        {
            var start = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref _unfinished) > 0)
            {
                if (Stopwatch.GetTimestamp() - start > SpinTicks)
                {
                    lock (this)
                    {
                        _ownerSleeps = true;
                        while (Volatile.Read(ref _unfinished) > 0) Monitor.Wait(this);
                    }

                    return;
                }

                Thread.SpinWait(10);
            }
        }

        void WakeOwner()
        {
            lock (this)
            {
                if (_ownerSleeps) Monitor.PulseAll(this);
            }
        }
    }
}
