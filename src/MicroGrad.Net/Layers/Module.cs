using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net;

/// <summary>
/// A part of a network: a function with parameters. Derive, keep parameters and other modules in fields or properties,
/// or in arrays, lists, dictionaries or tuples there, and compute in <see cref="Forward"/>; nothing needs to be
/// registered, since parameters are looked up in the fields when asked for.
/// </summary>
/// <remarks>
/// Parts that a field holds in another way, such as in a struct or a plain class, a static field, a
/// <see cref="Lazy{T}"/> or a sequence that is not stored, are not looked for; where there are any, asking for
/// parameters, modules or the state is an error that names the field. <see cref="NotAPartAttribute"/> says that they
/// are meant to stay outside. A function is not looked into: what it captures is not trained, which the first step of
/// <c>Trainer</c> reports.
/// </remarks>
[DynamicallyAccessedMembers(Fields)]
public abstract partial class Module
{
    internal const DynamicallyAccessedMemberTypes Fields =
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFieldsWithInherited;

    [ThreadStatic] static bool t_evaluates;
    [ThreadStatic] static Action<Module, Tensor, Tensor>? t_seen;

    /// <summary>A module in training mode.</summary>
    protected Module() => Serial = ModuleNames.Add(this);

    /// <summary>Grows with every module that is made.</summary>
    internal long Serial { get; }

    /// <summary>Computes the output of one input.</summary>
    public abstract Tensor Forward(Tensor input);

    /// <summary>
    /// Forward of a part of this module. The same as <c>part.Forward(input)</c>, except that <see cref="Summary"/> and
    /// <see cref="Observe"/> see it, and that what is recorded inside <see cref="Tape.Detailed"/> knows exactly which
    /// part it came from, so that the page of the tape can fold it.
    /// </summary>
    /// <param name="name">The part's name in this module, as in <see cref="NamedModules"/>.</param>
    /// <param name="part">The part.</param>
    /// <param name="input">Its input.</param>
    protected static Tensor Run(string name, Module part, Tensor input) =>
        DetailRecorder.Current is null && t_seen is null ? part.Forward(input) : RunAnnounced(name, part, input);

    /// <summary>The same for a part known by its number.</summary>
    private protected static Tensor Run(int index, Module part, Tensor input) =>
        DetailRecorder.Current is null && t_seen is null ? part.Forward(input) : RunAnnounced(Text(index), part, input);

    // By its name in stack traces the announcements are paired with the calls around them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static Tensor RunAnnounced(string name, Module part, Tensor input)
    {
        var recorder = DetailRecorder.Current;
        recorder?.Enter(name, part.Describe());
        try
        {
            return t_seen is { } seen ? part.Observe(input, seen) : part.Forward(input);
        }
        finally
        {
            recorder?.Leave();
        }
    }

    /// <summary>Whether the module behaves as in training: <see cref="Train"/> and <see cref="Eval"/> switch it.</summary>
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
        foreach (var (path, variable) in found) variable.FirstPath ??= path;
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
    /// <exception cref="InvalidOperationException">A field holds parts where they are not looked for.</exception>
    public IReadOnlyList<Module> Modules() => [.. ModuleWalk.Complete(this).Select(part => part.Item).OfType<Module>()];

    /// <summary>
    /// This module, whose path is empty, and all inside it, each once, with their paths: that of a parameter begins
    /// with that of the module it belongs to.
    /// </summary>
    /// <exception cref="InvalidOperationException">As in <see cref="State"/>.</exception>
    public IReadOnlyList<(string Name, Module Module)> NamedModules() => ModuleWalk.Named<Module>(this);

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
