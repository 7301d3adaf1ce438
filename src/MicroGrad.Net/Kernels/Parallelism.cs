namespace MicroGrad.Net;

/// <summary>How many threads large operations are spread over. Results have the same bits for any number.</summary>
public static class Parallelism
{
    /// <summary>At most this many threads work on one operation; all processors by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 or more than 1024.</exception>
    public static int Threads
    {
        get => Work.Threads;
        set => Work.Threads = value;
    }
}
