namespace MicroGrad.Net;

/// <summary>A module or library function on a tape: its operations can be shown as one.</summary>
/// <param name="Label">Its name and what it is.</param>
/// <param name="Parent">The fold around it; −1 for none.</param>
sealed record Fold(string Label, int Parent);

/// <summary>
/// The folds of a tape, from the calls in which its operations were recorded. Operations of one call follow one
/// another, so a fold is a run of operations, and the drawing of folds has no cycles.
/// </summary>
sealed class TapeFolds
{
    readonly Tape _tape;
    readonly int[] _operations;                 // positions on the tape, leaves left out
    readonly IReadOnlyList<NodeCall>[] _calls;  // of each operation
    readonly string?[] _paths;                  // of the module whose parameters the operation uses
    readonly List<Fold> _folds = [];
    readonly List<(int Start, int End)> _ranges = [];    // of each fold, in operations
    readonly int[] _foldOf;

    public TapeFolds(Tape tape)
    {
        _tape = tape;
        _foldOf = new int[tape.Count];
        _operations = [.. Enumerable.Range(0, tape.Count).Where(i => !tape[i].IsLeaf)];
        _calls = Array.ConvertAll(_operations, i => tape[i].Detail?.Calls ?? []);
        _paths = Array.ConvertAll(_operations, i => First(tape[i].Inputs.Select(PathOf)));
        Array.Fill(_foldOf, -1);
        Split(0, _operations.Length, depth: 0, parent: -1, "");
        PlaceLeaves();
    }

    public IReadOnlyList<Fold> Folds => _folds;

    /// <summary>The innermost fold of each node of the tape; −1 for none.</summary>
    public IReadOnlyList<int> FoldOf => _foldOf;

    /// <summary>The path of the module that a parameter belongs to.</summary>
    static string? PathOf(Node node) =>
        node.Name is { } name ? name[..Math.Max(0, name.LastIndexOf('.'))] : null;

    void Split(int start, int end, int depth, int parent, string path)
    {
        for (var i = start; i < end;)
        {
            if (_calls[i].Count <= depth)
            {
                _foldOf[_operations[i++]] = parent;
                continue;
            }
            var next = i + 1;
            while (next < end && _calls[next].Count > depth && IsOne(_calls[next][depth], _calls[i][depth])) next++;
            foreach (var (from, to) in Runs(i, next, depth)) Add(from, to, depth, parent, path);
            i = next;
        }
    }

    /// <summary>
    /// Whether two operations come from one call: one announcement, or one place in the caller's code. Not by the name,
    /// since an optimised function may hand its stack frame on to the function that it ends with.
    /// </summary>
    static bool IsOne(NodeCall a, NodeCall b) =>
        a.Number == b.Number && a.IsModule == b.IsModule && (a.Number > 0 || a.Offset == b.Offset);

    /// <summary>
    /// A loop may call one line again with other modules. Where the code inside goes back and other parameters follow,
    /// another call has begun.
    /// </summary>
    IEnumerable<(int Start, int End)> Runs(int start, int end, int depth)
    {
        var (first, path) = (start, (string?)null);
        for (var i = start; i < end;)
        {
            var next = i + 1;
            while (next < end && !(OffsetOf(next) < OffsetOf(next - 1))) next++;
            var own = First(Enumerable.Range(i, next - i).Select(at => PathAt(at, depth)));
            if (path is not null && own is not null && own != path)
            {
                yield return (first, i);
                first = i;
            }
            path = own ?? path;
            i = next;
        }
        yield return (first, end);

        int OffsetOf(int i) => _calls[i].Count > depth + 1 ? _calls[i][depth + 1].Offset : 0;
    }

    /// <summary>The path of the module at a depth of the calls: that of the parameters, less what is inside.</summary>
    string? PathAt(int i, int depth)
    {
        if (_paths[i] is not { } path || !_calls[i][depth].IsModule) return null;
        for (var inner = _calls[i].Count - 1; inner > depth; inner--)
        {
            var call = _calls[i][inner];
            if (!call.IsModule) continue;
            if (call.Name is not null)
            {
                path = WithoutLast(path);
                continue;
            }
            // A field, or an element of a list in a field.
            while (path.Contains('.', StringComparison.Ordinal) && int.TryParse(LastOf(path), out _))
                path = WithoutLast(path);
            path = WithoutLast(path);
        }
        return path;
    }

    static string? First(IEnumerable<string?> paths) => paths.FirstOrDefault(path => path is not null);

    static string LastOf(string path) => path[(path.LastIndexOf('.') + 1)..];

    static string WithoutLast(string path) => path[..Math.Max(0, path.LastIndexOf('.'))];

    void Add(int start, int end, int depth, int parent, string around)
    {
        var call = _calls[start][depth];
        // One function that is one operation needs no fold; a layer has parameters, which are folded with it.
        if (end - start == 1 && (!call.IsModule || _paths[start] is null) && IsInnermost(start, depth))
        {
            _foldOf[_operations[start]] = parent;
            return;
        }
        var path = First(Enumerable.Range(start, end - start).Select(i => PathAt(i, depth)));
        var name = call.Name ?? Below(path, around);
        var label = string.IsNullOrEmpty(name) ? call.Text : $"{name}: {call.Text}";

        // A fold that would hold nothing but another is not worth a click.
        if (parent >= 0 && _ranges[parent] == (start, end))
            _folds[parent] = _folds[parent] with { Label = $"{_folds[parent].Label} › {label}" };
        else
        {
            _folds.Add(new Fold(label, parent));
            _ranges.Add((start, end));
            parent = _folds.Count - 1;
        }
        Split(start, end, depth + 1, parent, path ?? around);
    }

    /// <summary>Whether no fold would be made below.</summary>
    bool IsInnermost(int i, int depth) => _calls[i].Skip(depth + 1).All(call => !call.IsModule || _paths[i] is null);

    /// <summary>A path as seen from the module around.</summary>
    static string? Below(string? path, string around) => path is null || path == around ? null
        : path.StartsWith(around + ".", StringComparison.Ordinal) ? path[(around.Length + 1)..] : path;

    /// <summary>A leaf that only one fold uses is shown in it.</summary>
    void PlaceLeaves()
    {
        var users = new Dictionary<int, List<int>>();
        foreach (var i in _operations)
            foreach (var input in _tape[i].Inputs)
                if (input.IsLeaf)
                {
                    var at = _tape.IndexOf(input);
                    if (!users.TryGetValue(at, out var list)) users.Add(at, list = []);
                    list.Add(_foldOf[i]);
                }
        foreach (var (leaf, folds) in users)
            _foldOf[leaf] = Around(folds[0])
                .FirstOrDefault(fold => folds.All(other => Around(other).Contains(fold)), -1);
    }

    IEnumerable<int> Around(int fold)
    {
        for (; fold >= 0; fold = _folds[fold].Parent) yield return fold;
    }
}
