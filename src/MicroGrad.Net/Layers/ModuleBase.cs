using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// What all modules have in common, whatever they take and give: parameters and other modules in fields or properties,
/// or in arrays, lists, dictionaries or tuples there. Nothing needs to be registered, since parameters are looked up in
/// the fields when asked for. Derive from <see cref="Module"/>, or from <see cref="Module{TInput, TOutput}"/>.
/// </summary>
/// <remarks>
/// Parts that a field holds in another way, such as in a struct or a plain class, a static field, a
/// <see cref="Lazy{T}"/> or a sequence that is not stored, are not looked for; where there are any, asking for
/// parameters, modules or the state is an error that names the field. <see cref="NotAPartAttribute"/> says that they
/// are meant to stay outside. A function is not looked into: what it captures is not trained, which the first step of
/// <c>Trainer</c> reports.
/// </remarks>
[DynamicallyAccessedMembers(Fields)]
[TypeFormatterSource]
public abstract partial class ModuleBase
{
    internal const DynamicallyAccessedMemberTypes Fields =
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFieldsWithInherited;

    [ThreadStatic] static bool t_evaluates;

    bool _isNamed;

    /// <summary>
    /// Every public way to call a module goes through here, so that who watches sees it: <see cref="Call.Observe"/>,
    /// <see cref="Tape.Detailed"/>, a summary.
    /// </summary>
    /// <param name="input">What it is called with; several inputs as a tuple.</param>
    /// <param name="compute">What the call does.</param>
    protected TOutput Called<TInput, TOutput>(TInput input, Func<TInput, TOutput> compute)
    {
        if (!_isNamed) NameParts();
        if (!Call.IsWatched) return compute(input);
        using var call = Call.Begin(this, (Call.Current?.Callee as ModuleBase)?.NameOf(this), Describe(), input);
        return call.End(compute(input));
    }

    /// <summary>Names variables for tapes and errors, once; those inside later do not, since their paths are
    /// shorter.</summary>
    void NameParts()
    {
        _isNamed = true;
        foreach (var part in ModuleWalk.Of(this)) (part.Item as Variable)?.ShowAs(part.Path);
    }

    /// <summary>The path of a module inside this one; null if it is none.</summary>
    string? NameOf(ModuleBase inner) =>
        ModuleWalk.Of(this).FirstOrDefault(part => part.Item == inner && inner != this)?.Path;

    /// <summary>Whether the module behaves as in training: <c>Train()</c> and <c>Eval()</c> switch it.</summary>
    public bool IsTraining { get => Mode && !t_evaluates; internal set => Mode = value; }

    /// <summary>The module's own mode, also inside <see cref="Evaluating"/>.</summary>
    internal bool Mode { get; private set; } = true;

    /// <summary>
    /// Lets every module behave as in evaluation, on this thread until the scope ends; their own modes, which other
    /// threads see, stay.
    /// </summary>
    internal static EvaluationScope Evaluating()
    {
        var scope = new EvaluationScope(t_evaluates);
        t_evaluates = true;
        return scope;
    }

    internal readonly ref struct EvaluationScope(bool outer)
    {
        public void Dispose() => t_evaluates = outer;
    }

    /// <summary>All parameters of this module and those inside it, each once.</summary>
    public IReadOnlyList<Parameter> Parameters() => [.. NamedParameters().Select(named => named.Parameter)];

    /// <summary>
    /// The parameters with their paths, as PyTorch names them: <c>0.weight</c> is the weight of the first module of a
    /// sequence. In order of the fields' declaration, base classes first; a shared parameter comes once, by its first
    /// path. Names the parameters on the way, for the state of optimizers.
    /// </summary>
    /// <exception cref="InvalidOperationException">As in <see cref="State"/>.</exception>
    public IReadOnlyList<(string Name, Parameter Parameter)> NamedParameters() =>
        [.. from named in State() where named.Variable is Parameter select (named.Name, (Parameter)named.Variable)];

    /// <summary>
    /// Everything to be saved of the module: its parameters and its buffers, such as running statistics, with their
    /// paths, named and ordered as in <see cref="NamedParameters"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A field holds parts where they are not looked for, or two have one
    /// name; the message names the fields.</exception>
    public IReadOnlyList<(string Name, Variable Variable)> State()
    {
        var found = ModuleWalk.Named<Variable>(this);
        foreach (var (path, variable) in found)
        {
            variable.FirstPath ??= path;
            variable.ShowAs(path);
        }
        return found;
    }

    /// <summary>
    /// Remembers the mode of this module and of each inside it, some of which may be frozen in evaluation:
    /// <c>using (model.KeepModes()) { model.Eval(); … }</c> puts each back into its own.
    /// </summary>
    public ModelState KeepModes() => ModelState.OfModes(this);

    /// <summary>This module and all inside it.</summary>
    /// <exception cref="InvalidOperationException">A field holds parts where they are not looked for.</exception>
    public IReadOnlyList<ModuleBase> Modules() => [.. ModuleWalk.Complete(this).Select(part => part.Item).OfType<ModuleBase>()];

    /// <summary>
    /// This module, whose path is empty, and all inside it, each once, with their paths: that of a parameter begins
    /// with that of the module it belongs to.
    /// </summary>
    /// <exception cref="InvalidOperationException">As in <see cref="State"/>.</exception>
    public IReadOnlyList<(string Name, ModuleBase Module)> NamedModules() => ModuleWalk.Named<ModuleBase>(this);

    /// <summary>The module in one line, such as <c>Linear(784 -&gt; 128)</c>: for printing and error messages.</summary>
    public virtual string Describe() => GetType().Name;

    /// <summary>
    /// The generators that the modules draw from, each once, with their paths: who saves their states can run a forward
    /// again with the same random numbers.
    /// </summary>
    /// <exception cref="InvalidOperationException">As in <see cref="State"/>.</exception>
    public IReadOnlyList<(string Name, Rng Rng)> Generators() => ModuleWalk.Named<Rng>(this);

    static string Text(int index) => index.ToString(CultureInfo.InvariantCulture);
}
