using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net.Tests.Proof;

/// <summary>
/// The public members that give a tensor, or one and places, by the names rows of the gradient table use: <c>Relu</c>,
/// <c>Tensor * double</c>, <c>this[]</c>; with the parameter types where the name alone is overloaded:
/// <c>Max(Tensor, double)</c>; with the class for functions that do not belong to tensors: <c>Losses.Huber</c>; and
/// layers: <c>new Linear</c>.
/// </summary>
static class PublicOps
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly Dictionary<string, string> Signs = new()
    {
        ["op_Addition"] = "+", ["op_Subtraction"] = "-", ["op_Multiply"] = "*", ["op_Division"] = "/",
        ["op_Modulus"] = "%", ["op_UnaryNegation"] = "-", ["op_UnaryPlus"] = "+",
        ["op_GreaterThan"] = ">", ["op_LessThan"] = "<", ["op_GreaterThanOrEqual"] = ">=", ["op_LessThanOrEqual"] = "<=",
    };

    static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(double)] = "double", [typeof(float)] = "float", [typeof(int)] = "int",
        [typeof(bool)] = "bool", [typeof(string)] = "string",
    };

    public static IReadOnlyList<string> Names { get; } = Find();

    static string[] Find()
    {
        // Extension members are public static methods of the class around their block.
        var classes = typeof(Tensor).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && type.IsSealed && !type.IsNested);
        var members = classes.Prepend(typeof(Tensor)).SelectMany(type => type.GetMethods(Declared))
            .Where(method => method.ReturnType == typeof(Tensor) || method.ReturnType == typeof(Tensor[])
                || (method.DeclaringType == typeof(Tensor) && method.ReturnType == typeof((Tensor, int[]))))
            .Select(method => (Name: Name(method), Full: $"{Name(method)}({Types(method)})")).ToArray();
        var layers = typeof(ModuleBase).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(ModuleBase)) && !type.IsAbstract);
        return
        [
            .. members.Select(member => members.Count(other => other.Name == member.Name) > 1 ? member.Full : member.Name),
            .. layers.Select(type => $"new {type.Name}"),
        ];
    }

    static string Name(MethodInfo method)
    {
        var types = method.GetParameters().Select(parameter => Text(parameter.ParameterType)).ToArray();
        if (Signs.TryGetValue(method.Name, out var sign))
            return types is [var only] ? $"{sign}{only}" : $"{types[0]} {sign} {types[1]}";
        if (method.IsSpecialName && method.Name.StartsWith("get_", StringComparison.Ordinal))
            return types.Length > 0 ? "this[]" : method.Name["get_".Length..];
        var owner = method.DeclaringType!;
        var extends = owner.GetNestedTypes().Any(type => type.Name.StartsWith('<'))     // an extension block
            || owner.GetMethods(Declared).Any(other => other.IsDefined(typeof(ExtensionAttribute)));
        return owner == typeof(Tensor) || extends ? method.Name : $"{owner.Name}.{method.Name}";
    }

    static string Types(MethodInfo method)
    {
        var receiver = method.IsDefined(typeof(ExtensionAttribute)) ? 1 : 0;
        return string.Join(", ", method.GetParameters().Skip(receiver).Select(parameter => Text(parameter.ParameterType)));
    }

    static string Text(Type type) =>
        Keywords.TryGetValue(type, out var keyword) ? keyword
        : type.IsArray ? $"{Text(type.GetElementType()!)}[]"
        : type.IsGenericType
            ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Text))}>"
        : type.Name;
}
