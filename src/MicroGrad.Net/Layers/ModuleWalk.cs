using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>A module, variable or generator inside a module, once for each place where it is met.</summary>
/// <param name="Path">Its name: those of fields, indices and keys on the way to it, joined by dots.</param>
/// <param name="Item">The module, variable or generator.</param>
/// <param name="Owner">The module around it; null of the root.</param>
/// <param name="Place">The way to it in terms of the source.</param>
/// <param name="First">Where it was met before, and is looked into; null at the first time.</param>
sealed record ModulePart(string Path, object Item, ModulePart? Owner, ModulePlace Place, ModulePart? First)
{
    /// <summary>How many modules are around it.</summary>
    public int Depth { get; } = Owner is null ? 0 : Owner.Depth + 1;

    /// <summary>Its name within the module around it, such as <c>blocks.0</c>.</summary>
    public string Label => Owner is null || Owner.Path.Length == 0 ? Path
        : Path.Length == Owner.Path.Length ? "" : Path[(Owner.Path.Length + 1)..];
}

/// <summary>A way through fields, indices and keys, to be printed in an error: <c>Net._blocks[0].Weight</c>.</summary>
sealed record ModulePlace(ModulePlace? Around, string Text)
{
    public override string ToString() => Around + Text;
}

/// <summary>
/// Finds what is inside a module: fields in the order of their declaration, base classes first, and in them arrays,
/// lists, dictionaries and tuples, nested at will. What else could hold a part is noted, not looked into: trimming may
/// have taken its fields away.
/// </summary>
sealed class ModuleWalk
{
    const int MostLevels = 1000;

    readonly List<ModulePart> _parts = [];
    readonly List<(ModulePlace Place, object Holder)> _others = [];
    readonly Dictionary<object, ModulePart> _seen = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<object> _containers = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<object> _open = new(ReferenceEqualityComparer.Instance);
    int _depth;
    bool _again;        // in the fields of a module that is a list itself, whose elements were met already

    ModuleWalk(Module root) => Visit("", root, new ModulePlace(null, root.GetType().Name), null);

    /// <summary>All parts, the module itself first, each before those inside it.</summary>
    public static IReadOnlyList<ModulePart> Of(Module root) => new ModuleWalk(root)._parts;

    /// <summary>The same where each part must be found, and no module or variable may stay hidden.</summary>
    /// <exception cref="InvalidOperationException">A field holds parts where they are not looked for.</exception>
    public static IEnumerable<ModulePart> Complete(Module root)
    {
        var walk = new ModuleWalk(root);
        foreach (var (place, holder) in walk._others)
            if (HiddenParts.Find(holder, walk._seen.ContainsKey) is { } found)
                Throw.HiddenPart(place.ToString(), HiddenParts.NameOf(holder.GetType()), HiddenParts.TextOf(found));
        return walk._parts.Where(part => part.First is null);
    }

    /// <summary>The parts of one kind, which must have names of their own.</summary>
    /// <exception cref="InvalidOperationException">As in <see cref="Complete"/>, or two parts have one name.</exception>
    public static IReadOnlyList<(string Name, T Item)> Named<T>(Module root) where T : class
    {
        var found = new List<(string, T)>();
        var places = new Dictionary<string, ModulePlace>();
        foreach (var part in Complete(root))
        {
            if (part.Item is not T item) continue;
            if (!places.TryAdd(part.Path, part.Place))
                Throw.SameName(part.Path, places[part.Path].ToString(), part.Place.ToString());
            found.Add((part.Path, item));
        }
        return found;
    }

    void Visit(string path, object? item, ModulePlace place, ModulePart? owner)
    {
        if (item is null || !HiddenParts.MayHold(item.GetType())) return;
        if (item is not (Module or Variable or Rng))
        {
            if (!IsContainer(item)) _others.Add((place, item));
            else if (_containers.Add(item)) Inside(() => Elements(path, item, place, owner));
            return;
        }
        if (_seen.TryGetValue(item, out var first))
        {
            if (!_again && !_open.Contains(item)) _parts.Add(new ModulePart(path, item, owner, place, first));
            return;
        }
        var part = new ModulePart(path, item, owner, place, null);
        _parts.Add(part);
        _seen.Add(item, part);
        if (item is Module module) Inside(() => Fields(part, module));
    }

    /// <summary>One level deeper, which must not end in an overflow of the stack.</summary>
    void Inside(Action look)
    {
        if (_depth == MostLevels) Throw.TooDeep(MostLevels);
        _depth++;
        look();
        _depth--;
    }

    void Fields(ModulePart part, Module module)
    {
        var (path, place) = (part.Path, part.Place);
        _open.Add(module);
        var again = _again;
        _again = false;
        if (IsContainer(module))
        {
            Elements(path, module, place, part);
            _again = true;
        }
        foreach (var field in ModuleFields.Of(module))
        {
            var inside = new ModulePlace(place, field.Text);
            if (!field.IsStatic) Visit(Join(path, field.Name), field.Value(module), inside, part);
            // A static field is shared by all modules of the type, so it is a part of none; one may hold a whole model.
            else if (field.Value(null) is { } value && !field.IsOfOwnType(value)) _others.Add((inside, value));
        }
        _again = again;
        _open.Remove(module);
    }

    void Elements(string path, object container, ModulePlace place, ModulePart? owner)
    {
        void Element(string name, object? element) =>
            Visit(Join(path, name), element, new ModulePlace(place, $"[{name}]"), owner);

        switch (container)
        {
            case IDictionary table:
                foreach (var (key, value) in Entries(table)) Element(key, value);
                foreach (var key in table.Keys)
                    if (key is Module or Variable) _others.Add((new ModulePlace(place, ".Keys"), key));
                break;
            case ITuple tuple:
                for (var i = 0; i < tuple.Length; i++) Element(Text(i), tuple[i]);
                break;
            case Array { Rank: > 1 } table:
                foreach (var (place1D, element) in table.Cast<object?>().Index()) Element(Indices(table, place1D), element);
                break;
            default:
                foreach (var (index, element) in ((IEnumerable)container).Cast<object?>().Index())
                    Element(Text(index), element);
                break;
        }
    }

    static bool IsContainer(object item) => item switch
    {
        string => false,
        ITuple or IDictionary => true,
        ICollection or IReadOnlyCollection<object> => !HiddenParts.IsA(item.GetType(), typeof(FrozenSet<>))
            && !HiddenParts.IsA(item.GetType(), typeof(ImmutableHashSet<>)) && !IsUnset(item),
        _ => false,
    };

    /// <summary>Whether this is an ImmutableArray that was never given a value, which cannot be enumerated.</summary>
    static bool IsUnset(object item) =>
        HiddenParts.IsA(item.GetType(), typeof(ImmutableArray<>)) && item.GetHashCode() == 0;

    /// <summary>The entries in their order, or by key where the order is that of hash codes, which differ from run to
    /// run.</summary>
    static IEnumerable<(string Key, object? Value)> Entries(IDictionary table)
    {
        var entries = new List<(string Key, object? Value)>();
        foreach (DictionaryEntry entry in table)
            entries.Add((Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!, entry.Value));
        var type = table.GetType();
        var isHashed = table is Hashtable || !(HiddenParts.IsA(type, typeof(Dictionary<,>))
            || HiddenParts.IsA(type, typeof(SortedDictionary<,>)) || HiddenParts.IsA(type, typeof(SortedList<,>))
            || HiddenParts.IsA(type, typeof(OrderedDictionary<,>)));
        return isHashed ? entries.OrderBy(entry => entry.Key, StringComparer.Ordinal) : entries;
    }

    static string Indices(Array table, int index)
    {
        var places = new string[table.Rank];
        for (var axis = table.Rank - 1; axis >= 0; axis--)
        {
            (index, var at) = Math.DivRem(index, table.GetLength(axis));
            places[axis] = Text(at);
        }
        return string.Join('.', places);
    }

    static string Text(int index) => index.ToString(CultureInfo.InvariantCulture);

    static string Join(string path, string name) => path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";
}
