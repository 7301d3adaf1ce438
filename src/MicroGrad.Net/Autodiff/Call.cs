namespace MicroGrad.Net;

/// <summary>
/// A call of a module or a loss on this thread, known while somebody watches: told to <see cref="Observe"/> as it ends,
/// and kept by the operations recorded inside it where those are recorded in detail (<see cref="NodeDetail.Calls"/>).
/// </summary>
public sealed class Call
{
    [ThreadStatic] static Call? t_current;

    Call(object? callee, string? name, string text, object? input) =>
        (Callee, Name, Text, Input, Caller) = (callee, name, text, input, t_current);

    /// <summary>The module; null for a loss.</summary>
    public object? Callee { get; }

    /// <summary>The path of the part in the module that called it, such as <c>0</c>; null where it is no part of
    /// one.</summary>
    public string? Name { get; }

    /// <summary>What it is: <c>Linear(2 -&gt; 16)</c>, or the name of the loss.</summary>
    public string Text { get; }

    /// <summary>What it was called with; several inputs as a tuple.</summary>
    public object? Input { get; }

    /// <summary>What it gave; null until it has ended, and where it ended with an exception.</summary>
    public object? Output { get; private set; }

    /// <summary>The call around it; null for the outermost.</summary>
    public Call? Caller { get; }

    /// <summary>Whether a module was called, and not a loss.</summary>
    public bool IsModule => Callee is not null;

    /// <summary>
    /// Tells of each call of a module on this thread as it ends, inner before outer, until the scope ends:
    /// <c>using (Call.Observe(call =&gt; …)) model.Forward(x);</c>. Calls on other threads are not seen, also not those
    /// of the same model. Costs nothing outside such a scope.
    /// </summary>
    public static Gradients.Scope Observe(Action<Call> ended)
    {
        var outer = Gradients.Observer;
        return Gradients.Observe(new Observer(outer?.Recorded, call =>
        {
            ended(call);
            outer?.Ended?.Invoke(call);
        }));
    }

    /// <summary>The innermost call that has not ended; null outside, and where nobody watches.</summary>
    internal static Call? Current => t_current;

    /// <summary>Whether a call has to be made known.</summary>
    internal static bool IsWatched => Gradients.Observer is not null;

    /// <summary>This call and those around it, outer before inner.</summary>
    internal Call[] Chain()
    {
        var chain = new List<Call>();
        for (var call = this; call is not null; call = call.Caller) chain.Add(call);
        chain.Reverse();
        return [.. chain];
    }

    /// <summary>Begins a call, which lasts until the scope is disposed.</summary>
    internal static Scope Begin(object? callee, string? name, string text, object? input = null) =>
        new(t_current = new Call(callee, name, text, input));

    internal readonly ref struct Scope(Call? call) : IDisposable
    {
        readonly Call? _call = call;

        /// <summary>The call has given this.</summary>
        public T End<T>(T output)
        {
            if (_call is null) return output;
            _call.Output = output;
            t_current = _call.Caller;
            Gradients.Observer?.Ended?.Invoke(_call);
            return output;
        }

        public void Dispose()
        {
            if (_call is not null) t_current = _call.Caller;
        }
    }
}
