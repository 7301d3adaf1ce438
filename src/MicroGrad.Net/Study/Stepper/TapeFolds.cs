namespace MicroGrad.Net;

/// <summary>A module or loss on a tape: its operations can be shown as one.</summary>
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
    readonly int[] _operations;             // positions on the tape, leaves left out
    readonly IReadOnlyList<Call>[] _calls;  // of each operation
    readonly List<Fold> _folds = [];
    readonly List<(int Start, int End)> _ranges = [];    // of each fold, in operations
    readonly int[] _foldOf;

    public TapeFolds(Tape tape)
    {
        _tape = tape;
        _foldOf = new int[tape.Count];
        _operations = [.. Enumerable.Range(0, tape.Count).Where(i => !tape[i].IsLeaf)];
        _calls = Array.ConvertAll(_operations, i => tape[i].Detail?.Calls ?? []);
        Array.Fill(_foldOf, -1);
        Split(0, _operations.Length, depth: 0, parent: -1);
        PlaceLeaves();
    }

    public IReadOnlyList<Fold> Folds => _folds;

    /// <summary>The innermost fold of each node of the tape; −1 for none.</summary>
    public IReadOnlyList<int> FoldOf => _foldOf;

    void Split(int start, int end, int depth, int parent)
    {
        for (var i = start; i < end;)
        {
            if (_calls[i].Count <= depth)
            {
                _foldOf[_operations[i++]] = parent;
                continue;
            }
            var next = i + 1;
            while (next < end && _calls[next].Count > depth && _calls[next][depth] == _calls[i][depth]) next++;
            Add(i, next, depth, parent);
            i = next;
        }
    }

    void Add(int start, int end, int depth, int parent)
    {
        // One function that is one operation needs no fold; a layer has parameters, which are folded with it.
        if (end - start == 1 && !_calls[start].Skip(depth).Any(call => IsLayer(start, call)))
        {
            _foldOf[_operations[start]] = parent;
            return;
        }
        var call = _calls[start][depth];
        var label = call.Name is null ? call.Text : $"{call.Name}: {call.Text}";
        // A fold that would hold nothing but another is not worth a click.
        if (parent >= 0 && _ranges[parent] == (start, end))
            _folds[parent] = _folds[parent] with { Label = $"{_folds[parent].Label} › {label}" };
        else
        {
            _folds.Add(new Fold(label, parent));
            _ranges.Add((start, end));
            parent = _folds.Count - 1;
        }
        Split(start, end, depth + 1, parent);
    }

    bool IsLayer(int i, Call call) =>
        call.IsModule && _tape[_operations[i]].Inputs.Any(input => input is { IsLeaf: true, Name: not null });

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
