using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>The public interface as pages show it: what the XML docs say, and signatures by reflection.</summary>
static partial class ApiText
{
    /// <summary>The XML docs by the compiler's names, such as <c>M:MicroGrad.Net.Tensor.Exp</c>.</summary>
    public static IReadOnlyDictionary<string, XElement> Members { get; } =
        XDocument.Load(Path.ChangeExtension(typeof(Tensor).Assembly.Location, "xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>A part of what is said of a method or property, there or where it inherits it from; null for none.</summary>
    public static XElement? Find(MemberInfo member, string part)
    {
        for (var name = NameOf(member); Members.TryGetValue(name, out var doc);)
        {
            if (doc.Element(part) is { } found) return found;
            if (doc.Element("inheritdoc")?.Attribute("cref") is not { } source) return null;
            name = source.Value;
        }
        return null;
    }

    // As the compiler writes it: M:MicroGrad.Net.Tensor.Pow(MicroGrad.Net.Tensor,System.Double).
    static string NameOf(MemberInfo member)
    {
        var owner = member.DeclaringType!.FullName;
        if (member is not MethodInfo method) return $"P:{owner}.{member.Name}{Types(((PropertyInfo)member).GetIndexParameters())}";
        var generic = method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";
        return $"M:{owner}.{method.Name}{generic}{Types(method.GetParameters())}";

        static string Types(ParameterInfo[] parameters) =>
            parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => Type(parameter.ParameterType)))})";

        static string Type(Type type) =>
            type.IsArray ? Type(type.GetElementType()!) + "[]"
            : !type.IsGenericType ? type.FullName!
            : $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0]}{{{string.Join(',', type.GetGenericArguments().Select(Type))}}}";
    }

    /// <summary>The words of an element, for Markdown: references become names, and no sign begins a table or emphasis.</summary>
    public static string Of(XElement element)
    {
        var text = string.Concat(element.Nodes().Select(node => node switch
        {
            XText plain => plain.Value.Replace("<", "&lt;").Replace("|", "\\|").Replace("*", "\\*"),
            XElement { Name.LocalName: "para" } => "",
            XElement reference => $"`{(reference.Attribute("name") ?? reference.Attribute("langword"))?.Value
                ?? Short(reference.Attribute("cref")?.Value) ?? reference.Value}`",
            _ => "",
        }));
        return Spaces().Replace(text, " ").Trim();
    }

    // M:MicroGrad.Net.Tensor.Max(...) is Max to a reader.
    static string? Short(string? reference) => reference?.Split('(')[0].Split('.', ':')[^1];

    public static string Signature(MethodInfo method) =>
        $"{TypeName(method.ReturnType)} {method.Name}({Parameters(method.GetParameters())})";

    /// <summary>Types, names and defaults, as they are declared.</summary>
    public static string Parameters(IEnumerable<ParameterInfo> parameters) => string.Join(", ", parameters.Select(Parameter));

    static string Parameter(ParameterInfo parameter)
    {
        var nullable = new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable
            && !parameter.ParameterType.IsValueType;
        var several = parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        return $"{several}{TypeName(parameter.ParameterType)}{(nullable ? "?" : "")} {parameter.Name}{Default(parameter)}";
    }

    static string Default(ParameterInfo parameter) => !parameter.HasDefaultValue ? "" : parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
            ? " = default" : " = null",
        bool yes => yes ? " = true" : " = false",
        Enum value => $" = {value.GetType().Name}.{value}",
        double.PositiveInfinity => " = ∞",
        double.NegativeInfinity => " = −∞",
        double small and < 1e-4 and > 0 => $" = {small.ToString("0e0", CultureInfo.InvariantCulture)}",
        var value => $" = {Convert.ToString(value, CultureInfo.InvariantCulture)}",
    };

    static string TypeName(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => TypeName(inner) + "?",
        { IsArray: true } => TypeName(type.GetElementType()!) + "[]",
        { IsGenericType: true } when type.FullName!.StartsWith("System.ValueTuple", StringComparison.Ordinal) =>
            $"({string.Join(", ", type.GetGenericArguments().Select(TypeName))})",
        { IsGenericType: true } =>
            $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>",
        _ when type == typeof(double) => "double",
        _ when type == typeof(float) => "float",
        _ when type == typeof(int) => "int",
        _ when type == typeof(bool) => "bool",
        _ when type == typeof(string) => "string",
        _ => type.Name,
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
