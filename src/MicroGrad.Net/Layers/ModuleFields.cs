using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace MicroGrad.Net;

/// <summary>A field of a module that may hold parts.</summary>
sealed class ModuleField
{
    readonly FieldInfo _field;

    public ModuleField(FieldInfo field, Type module)
    {
        var ofProperty = field.Name.StartsWith('<');
        var name = ofProperty ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
        _field = field;
        Name = field.GetCustomAttribute<StateNameAttribute>()?.Name ?? SnakeCase(ofProperty ? name : name.TrimStart('_'));
        Text = field.DeclaringType == module ? $".{name}" : $".{name} (of {HiddenParts.NameOf(field.DeclaringType!)})";
    }

    /// <summary>In the paths of parts.</summary>
    public string Name { get; }

    /// <summary>As the source has it; with the class, where that is not the module's own.</summary>
    public string Text { get; }

    public bool IsStatic => _field.IsStatic;

    public object? Value(Module? module) => _field.GetValue(module);

    public bool IsOfOwnType(object value) => _field.DeclaringType!.IsInstanceOfType(value);

    /// <summary>RunningMean as running_mean.</summary>
    static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && !char.IsUpper(name[i - 1])) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}

/// <summary>The fields in which a module's parts are looked for.</summary>
static class ModuleFields
{
    static readonly ConditionalWeakTable<Type, ModuleField[]> s_known = [];

    /// <summary>In the order of their declaration, base classes first.</summary>
    public static ModuleField[] Of(Module module)
    {
        var type = module.GetType();
        if (s_known.TryGetValue(type, out var known)) return known;
        var levels = new Stack<FieldInfo[]>();
        AddLevels(module.GetType(), levels);
        ModuleField[] fields = [.. levels.SelectMany(level => level).Where(MayHoldParts).Select(field => new ModuleField(field, type))];
        s_known.AddOrUpdate(type, fields);
        return fields;
    }

    static void AddLevels([DynamicallyAccessedMembers(Module.Fields)] Type type, Stack<FieldInfo[]> levels)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;
        for (Type? level = type; level is not null && level != typeof(Module); level = level.BaseType)
            levels.Push(level.GetFields(Own));
    }

    static bool MayHoldParts(FieldInfo field) => !field.IsLiteral && HiddenParts.MayHold(field.FieldType)
        && field.GetCustomAttribute<NotAPartAttribute>() is null;
}
