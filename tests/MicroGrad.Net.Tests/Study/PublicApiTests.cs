using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net.Tests.Study;

/// <summary>
/// Study uses of the library what a user can use too, so that a study of one's own can be written in the same way.
/// Read from the compiled code of its types, closures included.
/// </summary>
public sealed class PublicApiTests
{
    /// <summary>Internal members that Study uses all the same, with the reason.</summary>
    static readonly Dictionary<string, string> s_allowed = new()
    {
        ["Throw"] = "error texts stand in one place, and are of no use to users",
    };

    static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer)
        : type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    static string NameOf(Type type) => type.Name.Split('`')[0];

    /// <summary>The types of the Study floor, with those inside them.</summary>
    static Type[] StudyTypes()
    {
        var floors = ArchitectureTests.FloorOfTypes();
        return [.. typeof(Tensor).Assembly.GetTypes()
            .Where(type => floors.GetValueOrDefault(NameOf(Outermost(type))) == "Study")];
    }

    /// <summary>The members and types that the code of a method, its variables and its parameters name.</summary>
    static IEnumerable<MemberInfo> NamedBy(MethodBase method)
    {
        foreach (var parameter in method.GetParameters()) yield return parameter.ParameterType;
        if (method is MethodInfo { ReturnType: var returned }) yield return returned;
        if (method.GetMethodBody() is not { } body) yield break;
        foreach (var variable in body.LocalVariables) yield return variable.LocalType;
        var code = body.GetILAsByteArray()!;
        var ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var opcode = s_codes[code[at] == 0xfe ? (short)(0xfe00 | code[at + 1]) : code[at]];
            at += opcode.Size;
            if (opcode.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok
                or OperandType.InlineType)
                yield return method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
            at += opcode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    /// <summary>A type with what it is made of: elements of arrays, arguments of generic types.</summary>
    static IEnumerable<Type> Parts(Type? type) =>
        type is null || type.IsGenericParameter ? []
        : type.HasElementType ? Parts(type.GetElementType())
        : type.IsGenericType ? [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)]
        : [type];

    static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        Type type => Parts(type),
        MethodInfo { IsGenericMethod: true } method =>
            [.. Parts(method.DeclaringType), .. method.GetGenericArguments().SelectMany(Parts)],
        _ => Parts(member.DeclaringType),
    };

    static bool OpenToUsers(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        _ => true,
    };

    /// <summary>What some types use of the library, although it is neither theirs nor public: "user: what".</summary>
    static IEnumerable<string> InternalsUsedBy(IReadOnlyCollection<Type> users)
    {
        var own = users.Concat(StudyTypes()).Select(Outermost).ToHashSet();
        bool Elsewhere(Type type) => type.Assembly == typeof(Tensor).Assembly && !own.Contains(Outermost(type))
            && !Outermost(type).IsDefined(typeof(CompilerGeneratedAttribute)) && !s_allowed.ContainsKey(NameOf(type));
        IEnumerable<string> Breaches(MemberInfo member) =>
            TypesOf(member).Where(type => Elsewhere(type) && !type.IsVisible).Select(NameOf).Concat(
                member is not Type && Elsewhere(member.DeclaringType!) && !OpenToUsers(member)
                    ? [$"{NameOf(member.DeclaringType!)}.{member.Name}"] : []);
        return users.SelectMany(user => user.GetMethods(Declared).Concat<MethodBase>(user.GetConstructors(Declared))
                .SelectMany(NamedBy).Concat(user.GetFields(Declared).Select(field => field.FieldType)).SelectMany(Breaches)
                .Select(breach => $"{NameOf(Outermost(user))}: {breach}"))
            .Distinct().Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Study_is_built_on_what_users_can_use()
    {
        var breaches = string.Join('\n', InternalsUsedBy(StudyTypes()));
        Assert.True(breaches.Length == 0, breaches);
    }

    [Fact]
    public void All_types_of_the_floor_are_looked_at()
    {
        string[] names = [.. StudyTypes().Select(NameOf)];
        Assert.Contains("Landscape", names);
        Assert.Contains("SlopeCheck", names);
        Assert.Contains("Examination", names);
        Assert.Contains(StudyTypes(), type => type.IsNested && type.IsDefined(typeof(CompilerGeneratedAttribute)));
    }

    /// <summary>Uses internals in all the ways there are.</summary>
    sealed class Breaking
    {
        readonly List<Storage?> _field = [];

        static Func<Tensor, object?> Closure(int row) => tensor => tensor.Storage.Version + row;

        static Tensor Call() => Tensor.Empty([2], DType.Float32);

        static IEnumerable<string?> Iterator(Node node)
        {
            yield return node.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        static string Fine(Tensor tensor) => $"{tensor.Square().Sum().Item()} {nameof(Storage)} {HtmlPage.Escaped("<")}";

        public override string ToString() => $"{_field.Count} {Closure(1)} {Call()} {Iterator(null!)} {Fine(null!)}";
    }

    [Fact]
    public void The_search_finds_internals() => Assert.Equal(
    [
        "PublicApiTests: Node.get_Id", "PublicApiTests: Storage", "PublicApiTests: Tensor.Empty",
        "PublicApiTests: Tensor.get_Storage",
    ], InternalsUsedBy([typeof(Breaking), .. typeof(Breaking).GetNestedTypes(BindingFlags.NonPublic)]));
}
