using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// What parameters are called on tapes and in errors, whether or not a module was ever asked for them: all modules that
/// are alive are known, and the names are those in the outermost of them.
/// </summary>
static class ModuleNames
{
    static readonly Lock s_lock = new();
    static readonly ConditionalWeakTable<Module, object?> s_alive = [];
    static long s_last;

    /// <summary>Makes a module known; gives its number.</summary>
    public static long Add(Module module)
    {
        Variable.Locate ??= Locate;
        s_alive.Add(module, null);
        return Interlocked.Increment(ref s_last);
    }

    /// <summary>Looks up the outer path of a variable, and of all others, unless no module was made since.</summary>
    static void Locate(Variable variable)
    {
        var last = Interlocked.Read(ref s_last);
        if (variable.OuterPathOf == last) return;
        lock (s_lock)
        {
            var paths = new Dictionary<Variable, (string Path, Module Root)>(ReferenceEqualityComparer.Instance);
            var inner = new HashSet<Module>(ReferenceEqualityComparer.Instance);
            // Newer ones first: mostly they contain the older ones.
            foreach (var root in s_alive.Select(pair => pair.Key).OrderByDescending(module => module.Serial).ToArray())
            {
                if (inner.Contains(root)) continue;
                var parts = PartsOf(root);
                foreach (var part in parts)
                    if (part.Item is Module module && module != root) inner.Add(module);
                foreach (var part in parts)
                    if (part.Item is Variable found && (!paths.TryGetValue(found, out var known) || inner.Contains(known.Root)))
                        paths[found] = (part.Path, root);
            }
            foreach (var (found, place) in paths) (found.OuterPath, found.OuterPathOf) = (place.Path, last);
            variable.OuterPathOf = last;        // where its module is gone, the path stays
        }
    }

    static ModulePart[] PartsOf(Module root)
    {
        try
        {
            return [.. ModuleWalk.Of(root).Where(part => part.First is null)];
        }
        catch (Exception)
        {
            // Whatever is wrong with it, such as a list that another thread changes, is no matter of who asks for a name.
            return [];
        }
    }
}
