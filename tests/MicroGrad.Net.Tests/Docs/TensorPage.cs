using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace MicroGrad.Net.Tests.Docs;

/// <summary>
/// docs/tensors.md, made from the code: names and signatures by reflection, meanings from the XML docs, the names that
/// PyTorch and NumPy have for it from the table in the other file.
/// </summary>
static partial class TensorPage
{
    public static string File { get; } = Path.Combine(Repository.Root, "docs", "tensors.md");

    const string Introduction = """
        # Tensors

        This page is made from the code: `MICROGRAD_WRITE_DOCS=1 dotnet test --filter TensorPage` writes it, and a test
        fails when it is out of step. A tensor is an array of numbers of one type with a shape, row after row in memory.
        Programs are complete: save one in the repository's folder as `try.cs` and `dotnet run try.cs`.

        ```csharp
        #:project src/MicroGrad.Net/MicroGrad.Net.csproj
        #:property PublishAot=false
        using MicroGrad.Net;

        var x = Tensor.From([[1, 2, 3], [4, 5, 6]]);
        Console.WriteLine(x);
        Console.WriteLine($"shape {x.Shape}, {x.Rank} axes, {x.Length} numbers; mean {x.Mean().Item()}");
        Console.WriteLine($"sums of columns: {string.Join(' ', x.Sum(0).ToArray<float>())}");
        Console.WriteLine($"last row {x[^1]}, last two columns of each {x[.., 1..]}");
        Console.WriteLine(x.Reshape(3, -1));        // the same order; -1 is whatever is left
        Console.WriteLine(x.Transpose());           // another order
        ```

        ```text
        ```

        **Broadcasting.** Shapes are compared from the last axis; sizes must be equal, or one of them 1, or missing, and
        such an axis is repeated. So [2, 3] goes with [3], [2, 1], [1, 3] and a number. Where a row of numbers is meant
        to go down, `keepDims: true` or `Unsqueeze(-1)` makes a column of it. Losses never broadcast.

        **Number types.** Float32 unless Float64 is asked for; the two do not mix, and `To` converts. Labels and indices
        are `int[]`.

        ```csharp
        #:project src/MicroGrad.Net/MicroGrad.Net.csproj
        #:property PublishAot=false
        using MicroGrad.Net;

        var x = Tensor.Arange(6).Reshape(2, 3);
        Console.WriteLine(x + Tensor.From([10, 20, 30]));           // to each row
        Console.WriteLine(x - x.Mean(1, keepDims: true));           // each row about its own mean
        Console.WriteLine(Tensor.Where(x > 2, x, 0) * (x < 5));     // masks are 0 and 1

        try { _ = x + Tensor.From([10, 20]); }
        catch (ShapeException e) { Console.WriteLine(e.Message); }
        try { _ = x + x.To(DType.Float64); }
        catch (DTypeException e) { Console.WriteLine(e.Message); }
        ```

        ```text
        ```

        **No in-place operations.** A tensor never changes, so one can be handed around, and the tape of a result stays
        right: `x += 1` makes a new tensor and lets `x` stand for it. Only a `Parameter`, which is what an optimizer
        moves, can be assigned. It is also where gradients gather:

        ```csharp
        #:project src/MicroGrad.Net/MicroGrad.Net.csproj
        #:property PublishAot=false
        using MicroGrad.Net;

        var x = Tensor.From([1, 2, 3]);
        var before = x;
        x += 1;
        Console.WriteLine($"{before} is still what it was; now x is {x}");

        var w = new Parameter(Tensor.From([0.5, -1, 2]));
        var loss = (w * x).Sum().Square();
        loss.Backward();
        Console.WriteLine($"loss {loss.Item()}, its gradient {w.Grad}");
        w.Assign(w.Detach() - 0.01 * w.Grad!);
        Console.WriteLine($"a step down: {w}, loss {(w * x).Sum().Square().Item():0.00}");
        ```

        ```text
        ```

        What follows is every operation. All are differentiable but those that say otherwise, and each gradient is proven
        by a test. `F` is `torch.nn.functional`; names are of what does the same, not always with the same defaults, and
        — where there is none. Errors name the operation, the shapes and what to do.

        """;

    const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly Dictionary<string, string> s_operators = new()
    {
        ["op_Addition"] = "x + y", ["op_Subtraction"] = "x - y", ["op_Multiply"] = "x * y", ["op_Division"] = "x / y",
        ["op_Modulus"] = "x % y", ["op_UnaryNegation"] = "-x", ["op_GreaterThan"] = "x > y", ["op_LessThan"] = "x < y",
        ["op_GreaterThanOrEqual"] = "x >= y", ["op_LessThanOrEqual"] = "x <= y",
    };

    /// <summary>The public members of tensors, by how they are written: <c>x.Exp</c>, <c>Tensor.Max</c>, <c>x + y</c>.</summary>
    public static ILookup<string, MemberInfo> Members { get; } = Find();

    /// <summary>What the table names, in the order of the page.</summary>
    public static IEnumerable<string> Named => s_groups.SelectMany(Rows).Select(row => row[0]);

    /// <summary>The lines of the table, three names each.</summary>
    public static IEnumerable<string[]> AllRows => s_groups.SelectMany(Rows);

    static IEnumerable<string[]> Rows(Group group) =>
        group.Names.ReplaceLineEndings("\n").Split('\n').Select(line => line.Split(" | "));

    /// <summary>The page; what its programs print is taken from the page as it was.</summary>
    public static string Markdown(string old)
    {
        var outputs = Output().Matches(old).Select(output => output.Value).ToArray();
        var number = 0;
        var page = new StringBuilder(Output().Replace(Introduction.ReplaceLineEndings("\n"),
            empty => number < outputs.Length ? outputs[number++] : empty.Value));
        foreach (var group in s_groups)
        {
            page.Append($"\n## {group.Heading}\n\n");
            if (group.Remark.Length > 0) page.Append(group.Remark).Append("\n\n");
            page.Append("| here | PyTorch | NumPy | what it gives |\n|---|---|---|---|\n");
            foreach (var row in Rows(group))
                page.Append($"| {Written(row[0])} | {Code(row[1])} | {Code(row[2])} | {Meaning(row[0])} |\n");
        }
        return page.ToString();
    }

    /// <summary>The first sentence that the XML docs say of it; null where they say nothing.</summary>
    public static string? Meaning(string name) => Members[name].Select(member => ApiText.Find(member, "summary"))
        .Where(summary => summary is not null).Select(summary => Sentence().Match(ApiText.Of(summary!)).Value).FirstOrDefault();

    // Every overload on a line of its own; operators have none that tell more.
    static string Written(string name) => string.Join("<br>", Members[name].Select(member => member switch
    {
        MethodInfo { IsSpecialName: false } method => $"`{name}{(method.IsGenericMethod ? "<T>" : "")}({
            ApiText.Parameters(method.GetParameters().Skip(Receiver(method)))})`",
        _ => $"`{name}`",
    }).Distinct());

    static string Code(string names) => names == "—" ? names : $"`{Comma().Replace(names, "`, `")}`";

    static int Receiver(MethodInfo method) => method.IsDefined(typeof(ExtensionAttribute)) ? 1 : 0;

    static ILookup<string, MemberInfo> Find()
    {
        // Extension members are public static methods of the class around their block.
        var extensions = typeof(Tensor).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && type.IsSealed && type.GetNestedTypes().Any(nested => nested.Name.StartsWith('<')))
            .SelectMany(type => type.GetMethods(Declared)).Where(method => Receiver(method) == 1
                ? method.GetParameters()[0].ParameterType == typeof(Tensor)
                : method.ReturnType == typeof(Tensor) || method.ReturnType == typeof(Tensor[]));
        var own = typeof(Tensor).GetMethods(Declared)
            .Where(method => !method.IsSpecialName || s_operators.ContainsKey(method.Name));
        return extensions.Concat(own).Concat<MemberInfo>(typeof(Tensor).GetProperties(Declared)).ToLookup(Name);
    }

    static string Name(MemberInfo member) => member switch
    {
        PropertyInfo property => property.GetIndexParameters().Length > 0 ? "x[…]" : $"x.{member.Name}",
        MethodInfo { IsSpecialName: true } => s_operators[member.Name],
        MethodInfo { IsStatic: true } method when Receiver(method) == 0 => $"Tensor.{member.Name}",
        _ => $"x.{member.Name}",
    };

    [GeneratedRegex(@"```text\n.*?```", RegexOptions.Singleline)]
    private static partial Regex Output();

    [GeneratedRegex(@"^.*?\.(?=\s|$)", RegexOptions.Singleline)]
    private static partial Regex Sentence();

    // Between two names, not between the arguments of one.
    [GeneratedRegex(@", (?=(torch|np|F|x)\.)")]
    private static partial Regex Comma();
}
