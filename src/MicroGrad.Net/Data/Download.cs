using System.Net;
using System.Net.Http.Headers;

namespace MicroGrad.Net;

/// <summary>How far a download is.</summary>
/// <param name="File">The name of the file.</param>
/// <param name="Received">The bytes that are there, those of an earlier attempt included.</param>
/// <param name="Total">The bytes there will be; null where the server does not say.</param>
public readonly record struct DownloadProgress(string File, long Received, long? Total);

/// <summary>
/// Fetches a file from the first of several mirrors that gives it undamaged. What is received is kept beside the target
/// under the name <c>….part</c>, so that a later attempt goes on from there; the target appears complete and checked, or
/// not at all.
/// </summary>
sealed class Download(string target, IReadOnlyList<Uri> mirrors, Func<string, bool> isGood)
{
    const int AttemptsPerMirror = 3;
    const int BufferLength = 1 << 16;

    static readonly HttpClient Client = new() { Timeout = Timeout.InfiniteTimeSpan };

    readonly string _part = target + ".part";

    /// <summary>How long a server may send nothing.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    public IProgress<DownloadProgress>? Progress { get; init; }

    /// <summary>The most bytes that are taken, so that a server gone wrong does not fill the disk.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Fetches the file, unless it is there.</summary>
    /// <exception cref="DataFileException">No mirror gave it; each one's problem is listed.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; a later call goes on from there.</exception>
    public async Task FetchAsync(CancellationToken cancellation)
    {
        if (File.Exists(target)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        var problems = new List<string>();
        foreach (var mirror in mirrors)
            for (var attempt = 0; attempt < AttemptsPerMirror; attempt++)
            {
                var problem = await AttemptAsync(mirror, cancellation).ConfigureAwait(false);
                if (problem is null) return;
                problems.Add($"  {mirror}: {problem}");
            }
        throw new DataFileException($"{target}: could not be downloaded; put it there by hand, or try again later:\n"
            + string.Join('\n', problems.Distinct()));
    }

    /// <summary>One request; what went wrong, or null.</summary>
    async Task<string?> AttemptAsync(Uri mirror, CancellationToken cancellation)
    {
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await ReceiveAsync(mirror, stalled).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return FormattableString.Invariant($"nothing came for {Patience.TotalSeconds} seconds");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            return problem.Message;
        }
        if (isGood(_part))
        {
            File.Move(_part, target, overwrite: true);
            return null;
        }
        File.Delete(_part);
        return "what came is damaged: it does not have the check sum of the file";
    }

    async Task ReceiveAsync(Uri mirror, CancellationTokenSource stalled)
    {
        stalled.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, mirror);
        var received = File.Exists(_part) ? new FileInfo(_part).Length : 0;
        if (received > 0) request.Headers.Range = new RangeHeaderValue(received, null);
        using var response =
            await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stalled.Token).ConfigureAwait(false);
        // Everything was there already: the check will tell.
        if (received > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return;
        response.EnsureSuccessStatusCode();
        // A server may not know ranges, and send all.
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != received)
            received = response.StatusCode == HttpStatusCode.PartialContent
                ? throw new HttpRequestException("the server sent another part than was asked for") : 0;
        var total = received + response.Content.Headers.ContentLength;
        if (total > MaxBytes) throw TooLong();
        using var from = await response.Content.ReadAsStreamAsync(stalled.Token).ConfigureAwait(false);
        using var to = new FileStream(_part, received > 0 ? FileMode.Append : FileMode.Create);
        var buffer = new byte[BufferLength];
        while (true)
        {
            Progress?.Report(new DownloadProgress(Path.GetFileName(target), received, total));
            stalled.CancelAfter(Patience);
            var count = await from.ReadAsync(buffer, stalled.Token).ConfigureAwait(false);
            if (count == 0) break;
            if (received + count > MaxBytes) throw TooLong();
            to.Write(buffer, 0, count);
            received += count;
        }
        if (received < total) throw new HttpRequestException($"the file ended after {received} of {total} bytes");
    }

    HttpRequestException TooLong() => new($"the server sends more than {MaxBytes} bytes");
}
