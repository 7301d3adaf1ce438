using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// Tells modules and variables that a module's field holds where the walk does not look: in a struct or class of the
/// user's, a sequence that makes them anew each time, a <see cref="Lazy{T}"/>. Reads the fields of any type, which
/// trimming may take away: a trimmed program leaves this check, made where it was developed, out
/// (ILLink.Substitutions.xml), unless its project switches it on. What a delegate
/// captures does not count: a function is no state, and whether parameters in it are trained is seen at the first step.
/// </summary>
static class HiddenParts
{
    const int MostObjects = 100_000;        // a field may hold a whole data set

    static readonly ConcurrentDictionary<Type, bool> s_mayHold = [];

    [FeatureSwitchDefinition("MicroGrad.Net.LooksForHiddenParts")]
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
    static bool CanLook { get; } = !AppContext.TryGetSwitch("MicroGrad.Net.LooksForHiddenParts", out var on) || on;

    /// <summary>Something to be found in an object and not known; null if there is nothing.</summary>
    public static object? Find(object holder, Func<object, bool> isKnown) =>
        CanLook ? FindByFields(holder, isKnown) : null;

    /// <summary>Whether a value of the type could be, or hold, a module, variable or generator.</summary>
    public static bool MayHold(Type type) =>
        s_mayHold.TryGetValue(type, out var known) ? known : s_mayHold[type] = MayHold(type, []);

    /// <summary>Whether a type is a form of a generic one, or derived from one.</summary>
    public static bool IsA(Type type, Type generic)
    {
        for (var level = type; level is not null; level = level.BaseType)
            if (level.IsGenericType && level.GetGenericTypeDefinition() == generic) return true;
        return false;
    }

    /// <summary>A type as C# writes it: <c>Lazy&lt;Linear&gt;</c>.</summary>
    public static string NameOf(Type type)
    {
        if (type.IsArray) return $"{NameOf(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        var name = type.Name.Split('`')[0];
        if (!type.IsGenericType) return name;
        var arguments = string.Join(", ", type.GetGenericArguments().Select(NameOf));
        return name == nameof(ValueTuple) ? $"({arguments})" : $"{name}<{arguments}>";
    }

    /// <summary>What was found, in one line.</summary>
    public static string TextOf(object found) => found switch
    {
        ModuleBase module => module.Describe(),
        Variable variable => variable.Describe(),
        Type type => NameOf(type),
        _ => NameOf(found.GetType()),
    };

    static bool MayHold(Type type, HashSet<Type> open)
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer || type.IsFunctionPointer || type == typeof(string)
            || !open.Add(type)) return false;
        if (IsPart(type)) return true;
        if (typeof(Delegate).IsAssignableFrom(type)) return false;
        if (type.IsArray) return MayHold(type.GetElementType()!, open);
        // Behind these can be anything: Tensor, of which variables are a kind, too.
        if (type == typeof(object) || type == typeof(Tensor) || type == typeof(ValueType)) return true;
        if (type.IsGenericType && type.GetGenericArguments().Any(argument => MayHold(argument, open))) return true;
        if (IsOfTheRuntime(type)) return type.IsInterface || typeof(IEnumerable).IsAssignableFrom(type) && !type.IsGenericType;
        if (type.IsInterface || type.IsAbstract) return true;
        return !CanLook || MayHoldByFields(type, open);
    }

    static bool IsPart(Type type) => typeof(ModuleBase).IsAssignableFrom(type) || typeof(Variable).IsAssignableFrom(type)
        || type == typeof(Rng);

    static bool IsOfTheRuntime(Type type) => type.Assembly == typeof(object).Assembly
        || (type.Assembly.GetName().Name is { } name && (name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.", StringComparison.Ordinal)));

    [RequiresUnreferencedCode("Reads the fields of any type.")]
    static bool MayHoldByFields(Type type, HashSet<Type> open) =>
        FieldsOf(type).Any(field => MayHold(field.FieldType, open));

    [RequiresUnreferencedCode("Reads the fields of any type.")]
    static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
            foreach (var field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
                | BindingFlags.DeclaredOnly))
                yield return field;
    }

    [RequiresUnreferencedCode("Reads the fields of any type.")]
    static object? FindByFields(object holder, Func<object, bool> isKnown)
    {
        if (MakesParts(holder.GetType()) is { } made) return made;
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>([holder]);
        void Look(object? value)
        {
            if (value is not null && MayHold(value.GetType()) && seen.Add(value)) open.Push(value);
        }
        while (open.TryPop(out var next) && seen.Count < MostObjects)
        {
            if (next is ModuleBase or Variable)
            {
                if (!isKnown(next)) return next;
            }
            else if (next is Array array)
                foreach (var element in array) Look(element);
            else if (next is not (Tensor or Rng) && (next.GetType().IsGenericType || !IsOfTheRuntime(next.GetType())
                || next is ICollection))
                foreach (var field in FieldsOf(next.GetType()))
                    if (MayHold(field.FieldType)) Look(field.GetValue(next));
        }
        return null;
    }

    /// <summary>The modules or variables of a sequence or a Lazy, which may make them only when asked.</summary>
    [RequiresUnreferencedCode("Reads the interfaces of any type.")]
    static Type? MakesParts(Type type)
    {
        var made = IsA(type, typeof(Lazy<>)) ? type.GetGenericArguments()
            : typeof(ICollection).IsAssignableFrom(type) || !typeof(IEnumerable).IsAssignableFrom(type) ? []
            : type.GetInterfaces().Where(one => IsA(one, typeof(IEnumerable<>))).SelectMany(one => one.GetGenericArguments());
        return made.FirstOrDefault(HoldsForSure);
    }

    static bool HoldsForSure(Type type) => (IsPart(type) && type != typeof(Rng))
        || (type.IsArray ? HoldsForSure(type.GetElementType()!) : type.GetGenericArguments().Any(HoldsForSure));
}
