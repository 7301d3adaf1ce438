using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace MicroGrad.Net;

/// <summary>
/// A part of a network: a function with parameters. Derive, keep parameters and other modules in fields, properties,
/// arrays, lists, dictionaries or tuples, and compute in <see cref="Forward"/>; nothing needs to be registered, since
/// parameters are looked up in the fields when asked for.
/// </summary>
[DynamicallyAccessedMembers(Fields)]
public abstract partial class Module
{
    const DynamicallyAccessedMemberTypes Fields =
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFieldsWithInherited;

    /// <summary>Computes the output of one input.</summary>
    public abstract Tensor Forward(Tensor input);

    /// <summary>
    /// Forward of a part of this module. The same as <c>part.Forward(input)</c>, except that what is recorded inside
    /// <see cref="Tape.Detailed"/> knows exactly which part it came from, so that the page of the tape can fold it.
    /// </summary>
    /// <param name="name">The part's name in this module, as in <see cref="NamedModules"/>.</param>
    /// <param name="part">The part.</param>
    /// <param name="input">Its input.</param>
    protected static Tensor Run(string name, Module part, Tensor input) =>
        DetailRecorder.Current is { } recorder ? RunAnnounced(recorder, name, part, input) : part.Forward(input);

    /// <summary>The same for a part known by its number.</summary>
    private protected static Tensor Run(int index, Module part, Tensor input) =>
        DetailRecorder.Current is { } recorder ? RunAnnounced(recorder, Text(index), part, input) : part.Forward(input);

    // By its name in stack traces the announcements are paired with the calls around them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static Tensor RunAnnounced(DetailRecorder recorder, string name, Module part, Tensor input)
    {
        recorder.Enter(name, part.Describe());
        try
        {
            return part.Forward(input);
        }
        finally
        {
            recorder.Leave();
        }
    }

    /// <summary>Whether the module behaves as in training: <see cref="Train"/> and <see cref="Eval"/> switch it.</summary>
    public bool IsTraining { get; internal set; } = true;

    /// <summary>All parameters of this module and those inside it, each once.</summary>
    public IReadOnlyList<Parameter> Parameters() => [.. NamedParameters().Select(named => named.Parameter)];

    /// <summary>
    /// The parameters with their paths, as PyTorch names them: <c>0.weight</c> is the weight of the first module of a
    /// sequence. In order of the fields' declaration, base classes first; a shared parameter comes once, by its first
    /// path. Names the parameters on the way, for error messages.
    /// </summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> NamedParameters() =>
        [.. from named in State() where named.Variable is Parameter select (named.Name, (Parameter)named.Variable)];

    /// <summary>
    /// Everything to be saved of the module: its parameters and its buffers, such as running statistics, with their
    /// paths, named and ordered as in <see cref="NamedParameters"/>.
    /// </summary>
    public IReadOnlyList<(string Name, Variable Variable)> State()
    {
        var found = new List<(string, Variable)>();
        Visit("", this, new HashSet<object>(ReferenceEqualityComparer.Instance), (path, item) =>
        {
            if (item is not Variable variable) return;
            variable.Name ??= path;
            found.Add((path, variable));
        });
        return found;
    }

    /// <summary>Switches this module and those inside it to training, or, with false, to evaluation.</summary>
    public Module Train(bool training = true)
    {
        foreach (var module in Modules()) module.IsTraining = training;
        return this;
    }

    /// <summary>Switches this module and those inside it to evaluation: no dropout, for one.</summary>
    public Module Eval() => Train(false);

    /// <summary>
    /// Remembers the mode of this module and of each inside it, some of which may be frozen in evaluation:
    /// <c>using (model.KeepModes()) { model.Eval(); … }</c> puts each back into its own.
    /// </summary>
    public KeptModes KeepModes() => new(this);

    /// <summary>Converts all parameters and buffers in place to another number type; gradients are dropped.</summary>
    public Module To(DType dtype)
    {
        foreach (var (_, variable) in State()) variable.ConvertTo(dtype);
        return this;
    }

    /// <summary>This module and all inside it.</summary>
    public IReadOnlyList<Module> Modules() => [.. NamedModules().Select(named => named.Module)];

    /// <summary>
    /// This module, whose path is empty, and all inside it, each once, with their paths: that of a parameter begins
    /// with that of the module it belongs to.
    /// </summary>
    public IReadOnlyList<(string Name, Module Module)> NamedModules()
    {
        var found = new List<(string, Module)>();
        Visit("", this, new HashSet<object>(ReferenceEqualityComparer.Instance), (path, item) =>
        {
            if (item is Module module) found.Add((path, module));
        });
        return found;
    }

    /// <summary>The module in one line, such as <c>Linear(784 -&gt; 128)</c>: for printing and error messages.</summary>
    public virtual string Describe() => GetType().Name;

    /// <summary>The module as a tree, each line with its number of parameters.</summary>
    public override string ToString()
    {
        var lines = new List<(string Text, long Count)>();
        Visit("", this, new HashSet<object>(ReferenceEqualityComparer.Instance), (path, item) =>
        {
            if (item is not Module module) return;
            lines.Add((TreeText(path, module), module.Parameters().Sum(parameter => (long)parameter.Length)));
        });
        var width = lines.Max(line => line.Text.Length) + 2;
        var output = new StringBuilder();
        foreach (var (text, count) in lines)
            output.AppendLine(count == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.PadRight(width)}{count,12:n0}"));
        return output.ToString().TrimEnd();
    }

    /// <summary>
    /// The generators that the modules draw from, each once, with their paths: who saves their states can run a forward
    /// again with the same random numbers.
    /// </summary>
    public IReadOnlyList<(string Name, Rng Rng)> Generators()
    {
        var found = new List<(string, Rng)>();
        Visit("", this, new HashSet<object>(ReferenceEqualityComparer.Instance), (path, item) =>
        {
            if (item is Rng rng) found.Add((path, rng));
        });
        return found;
    }

    /// <summary>A module's line in a tree: indented by the depth of its path, after the last name of it.</summary>
    static string TreeText(string path, Module module)
    {
        var (depth, name) = (path.Count(c => c == '.') + (path.Length > 0 ? 1 : 0), path[(path.LastIndexOf('.') + 1)..]);
        return new string(' ', 2 * depth) + (name.Length > 0 ? name + ": " : "") + module.Describe();
    }

    /// <summary>
    /// Calls back for an object and all modules, variables and generators inside it, each once, with their paths.
    /// </summary>
    static void Visit(string path, object? item, HashSet<object> seen, Action<string, object> found)
    {
        if (item is not (Variable or Module or Rng or IEnumerable or ITuple) or string || !seen.Add(item)) return;
        if (item is Variable or Module or Rng) found(path, item);
        if (item is Variable or Rng) return;
        if (item is IDictionary table)
            foreach (DictionaryEntry entry in table) Visit(Join(path, entry.Key.ToString()!), entry.Value, seen, found);
        else if (item is ITuple tuple)
            for (var i = 0; i < tuple.Length; i++) Visit(Join(path, Text(i)), tuple[i], seen, found);
        else if (item is IReadOnlyCollection<object> list)
            foreach (var (index, element) in list.Index()) Visit(Join(path, Text(index)), element, seen, found);
        if (item is Module module)
            foreach (var field in FieldsOf(module))
                Visit(Join(path, StateName(field)), field.GetValue(module), seen, found);
    }

    static string Text(int index) => index.ToString(CultureInfo.InvariantCulture);

    static string Join(string path, string name) => path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";

    static string StateName(FieldInfo field) =>
        field.GetCustomAttribute<StateNameAttribute>()?.Name ?? SnakeCase(field.Name);

    static IEnumerable<FieldInfo> FieldsOf(Module module)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var levels = new Stack<FieldInfo[]>();
        for (Type? level = module.GetType(); level is not null && level != typeof(Module); level = level.BaseType)
            levels.Push(level.GetFields(Own));
        return levels.SelectMany(fields => fields);
    }

    /// <summary>RunningMean (or the field behind that property) as running_mean.</summary>
    static string SnakeCase(string field)
    {
        var name = field.StartsWith('<') ? field[1..field.IndexOf('>')] : field.TrimStart('_');
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && !char.IsUpper(name[i - 1])) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
