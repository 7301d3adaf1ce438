using System.Net;
using System.Net.Sockets;

namespace MicroGrad.Net.Tests;

public sealed class DownloadTests : TemporaryFiles
{
    static readonly byte[] Content = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * i / 7))];

    /// <summary>A server on this machine that misbehaves as told, request by request.</summary>
    sealed class Server : IDisposable
    {
        readonly HttpListener _listener = new();
        readonly Queue<string> _behaviours;

        public Server(params string[] behaviours)
        {
            _behaviours = new Queue<string>(behaviours);
            using (var socket = new TcpListener(IPAddress.Loopback, 0))
            {
                socket.Start();
                Address = new Uri($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndpoint).Port}/file.gz");
            }
            _listener.Prefixes.Add(new Uri(Address, "/").ToString());
            _listener.Start();
            _ = ServeAsync();
        }

        public Uri Address { get; }

        /// <summary>Where each request asked to begin.</summary>
        public List<long> Asked { get; } = [];

        async Task ServeAsync()
        {
            while (_listener.IsListening)
                try
                {
                    // Not waited for: one that stalls is no hindrance to the next.
                    _ = AnswerAsync(await _listener.GetContextAsync());
                }
                catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
                {
                }
        }

        async Task AnswerAsync(HttpListenerContext context)
        {
            var behaviour = _behaviours.Count > 0 ? _behaviours.Dequeue() : "good";
            var range = context.Request.Headers["Range"];
            var from = range is null ? 0 : int.Parse(range["bytes=".Length..^1]);
            Asked.Add(from);
            using var response = context.Response;
            if (behaviour is "missing" or "bad range" || from >= Content.Length)
            {
                response.StatusCode = behaviour == "missing" ? 404 : 416;
                return;
            }
            if (behaviour == "no ranges") from = 0;
            else if (range is not null)
            {
                response.StatusCode = 206;
                response.Headers["Content-Range"] = $"bytes {from}-{Content.Length - 1}/{Content.Length}";
            }
            var bytes = Content[from..];
            if (behaviour == "corrupt") bytes[^1] ^= 1;
            response.ContentLength64 = bytes.Length;
            if (behaviour is "truncate" or "stall")
            {
                await response.OutputStream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
                await response.OutputStream.FlushAsync();
                await Task.Delay(behaviour == "stall" ? 6000 : 300);
                response.Abort();
                return;
            }
            await response.OutputStream.WriteAsync(bytes);
        }

        public void Dispose() => _listener.Close();
    }

    sealed class Heard : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public void Report(DownloadProgress value) => All.Add(value);
    }

    string Target => Path.Combine(Path.GetDirectoryName(Write("marker"))!, "cache", "file.gz");

    static Download New(string target, Heard? heard, params Uri[] mirrors) => new(
        target, mirrors, path => File.ReadAllBytes(path).AsSpan().SequenceEqual(Content))
    { Patience = TimeSpan.FromSeconds(2), Progress = heard };

    [Theory]
    [InlineData("good")]
    [InlineData("missing")]
    [InlineData("truncate")]
    [InlineData("truncate", "truncate")]
    [InlineData("truncate", "no ranges")]
    [InlineData("stall")]
    [InlineData("corrupt")]
    [InlineData("truncate", "corrupt")]
    public async Task A_server_that_behaves_badly_at_first_gives_the_file_in_the_end(params string[] behaviours)
    {
        using var server = new Server(behaviours);
        var (target, heard) = (Target, new Heard());
        await New(target, heard, server.Address).FetchAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Content, File.ReadAllBytes(target));
        Assert.Equal([target], Directory.GetFiles(Path.GetDirectoryName(target)!));
        Assert.Equal(new DownloadProgress("file.gz", Content.Length, Content.Length), heard.All[^1]);
        // What was received is not asked for again.
        Assert.Equal(behaviours[0] is "truncate" or "stall", server.Asked.Count > 1 && server.Asked[1] > 0);

        await New(target, heard, server.Address).FetchAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1 + behaviours.Count(behaviour => behaviour is not ("good" or "no ranges")), server.Asked.Count);
    }

    [Fact]
    public async Task A_server_that_sends_too_much_is_left()
    {
        using var server = new Server();
        var target = Target;
        var download = new Download(target, [server.Address], _ => true) { MaxBytes = Content.Length - 1 };
        var error = await Assert.ThrowsAsync<DataFileException>(() => download.FetchAsync(TestContext.Current.CancellationToken));
        Assert.Contains($"the server sends more than {Content.Length - 1} bytes", error.Message);
        Assert.False(File.Exists(target));
        await new Download(target, [server.Address], _ => true) { MaxBytes = Content.Length }.FetchAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Content, File.ReadAllBytes(target));
    }

    [Fact]
    public async Task A_range_that_was_not_asked_for_is_a_problem_of_the_server()
    {
        using var server = new Server("bad range", "bad range", "bad range");
        var target = Target;
        var error = await Assert.ThrowsAsync<DataFileException>(
            () => New(target, null, server.Address).FetchAsync(TestContext.Current.CancellationToken));
        Assert.Contains("416", error.Message);
    }

    [Fact]
    public async Task A_part_of_another_file_is_thrown_away()
    {
        using var server = new Server();
        var target = Target;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        foreach (var length in new[] { 10, Content.Length, Content.Length + 10 })
        {
            File.WriteAllBytes(target + ".part", new byte[length]);
            await New(target, null, server.Address).FetchAsync(TestContext.Current.CancellationToken);
            Assert.Equal(Content, File.ReadAllBytes(target));
            Assert.Equal([target], Directory.GetFiles(Path.GetDirectoryName(target)!));
            File.Delete(target);
        }
        // All had come, and the process was killed before it took its name.
        File.WriteAllBytes(target + ".part", Content);
        await New(target, null, server.Address).FetchAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Content, File.ReadAllBytes(target));
    }

    [Fact]
    public async Task The_next_mirror_is_tried_and_every_problem_is_listed()
    {
        using var bad = new Server("missing", "missing", "corrupt", "missing", "missing", "missing");
        using var good = new Server();
        var target = Target;
        await New(target, null, bad.Address, good.Address).FetchAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Content, File.ReadAllBytes(target));
        File.Delete(target);
        var error = await Assert.ThrowsAsync<DataFileException>(
            () => New(target, null, bad.Address).FetchAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith($"{target}: could not be downloaded", error.Message);
        Assert.Contains($"{bad.Address}: ", error.Message);
        Assert.Contains("404", error.Message);
        Assert.False(File.Exists(target));
    }

    [Fact]
    public async Task A_download_that_was_given_up_goes_on_later()
    {
        using var server = new Server("stall");
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var target = Target;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => New(target, null, server.Address).FetchAsync(giveUp.Token));
        Assert.False(File.Exists(target));
        await New(target, null, server.Address).FetchAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0, Content.Length / 2], server.Asked);
    }

    [Fact]
    public void Images_come_from_a_given_folder()
    {
        var folder = Path.GetDirectoryName(Write("t10k-labels-idx1-ubyte", 0, 0, 8, 1, 0, 0, 0, 2, 3, 9))!;
        Assert.Contains("t10k-images-idx3-ubyte: expects this file or t10k-images.idx3-ubyte, plain or .gz",
            Assert.Throws<DataFileException>(() => Mnist.Load(folder, train: false)).Message);
        Write("t10k-images-idx3-ubyte.gz", Gzip([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 255]));
        var (images, labels) = Mnist.Load(folder, train: false);
        Assert.Equal([0f, 1], images.ToArray<float>());
        Assert.Equal([3, 9], labels);
        Assert.Equal([3, 9], FashionMnist.Load(folder, train: false).Labels);
        foreach (var name in new[] { "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte" })
            File.Move(Path.Combine(folder, name), Path.Combine(folder, name.Replace("-idx", ".idx")));
        Assert.Equal([3, 9], Mnist.Load(folder, train: false).Labels);
    }
}
