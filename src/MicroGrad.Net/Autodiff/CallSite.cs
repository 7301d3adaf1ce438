using System.Diagnostics;

namespace MicroGrad.Net;

/// <summary>What the stack tells of an operation: the user's line, and the calls between.</summary>
/// <param name="Place">The line in one text.</param>
/// <param name="File">Its file; null where unknown.</param>
/// <param name="Line">Its number; 0 where unknown.</param>
/// <param name="Calls">Modules and library functions, outer before inner.</param>
readonly record struct CallSite(string Place, string? File, int Line, IReadOnlyList<NodeCall> Calls)
{
    /// <summary>The method that runs an announced part, so that frames and announcements can be paired.</summary>
    public const string RunsAnnounced = "RunAnnounced";

    static readonly string? s_own = typeof(CallSite).Assembly.FullName;

    readonly record struct Frame(string Method, string Type, bool IsOwn, int Offset)
    {
        /// <summary>Compiled from a method of its own name, not a lambda or local function.</summary>
        public bool IsNamed => Method.Length > 0 && Method[0] is not ('<' or '.');
    }

    /// <summary>The innermost line on the stack that is not this library's, nor the runtime's.</summary>
    public static CallSite Find(IReadOnlyList<NodeCall> announced)
    {
        var stack = new StackTrace(fNeedFileInfo: false).GetFrames();
        var frames = new Frame[stack.Length];
        var user = -1;
        for (var i = stack.Length - 1; i >= 0; i--)
        {
            var method = DiagnosticMethodInfo.Create(stack[i]);
            if (method is null)
            {
                frames[i] = new Frame("", "", false, 0);
                continue;
            }
            var isOwn = method.DeclaringAssemblyName == s_own;
            frames[i] = new Frame(method.Name, Short(method.DeclaringTypeName), isOwn, stack[i].GetNativeOffset());
            if (!isOwn && !method.DeclaringAssemblyName.StartsWith("System.", StringComparison.Ordinal)) user = i;
        }
        var calls = CallsOf(frames, user, announced);
        if (user < 0) return new CallSite("(no user code on the stack)", null, 0, calls);
        // Line numbers cost more than all the rest: looked up for this one frame only.
        var line = new StackFrame(user, needFileInfo: true);
        var name = DiagnosticMethodInfo.Create(stack[user])!;
        return line.GetFileName() is { } file
            ? new CallSite($"{Path.GetFileName(file)}:{line.GetFileLineNumber()} ({name.Name})",
                file, line.GetFileLineNumber(), calls)
            : new CallSite($"{name.DeclaringTypeName}.{name.Name}", null, 0, calls);
    }

    static NodeCall[] CallsOf(Frame[] frames, int user, IReadOnlyList<NodeCall> announced)
    {
        var calls = new List<NodeCall>();
        var next = 0;
        for (var i = frames.Length - 1; i >= 0; i--)
        {
            var (frame, caller) = (frames[i], i + 1 < frames.Length ? frames[i + 1] : default);
            if (frame.IsOwn && frame.Method == RunsAnnounced)
            {
                if (next == announced.Count) continue;
                calls.Add(announced[next++]);
            }
            else if (frame.Method == "Forward")
            {
                // That of an announced part is known already, and one overload may call another.
                var known = caller.Method is RunsAnnounced or "Observe" || (caller.Method == "Forward" && caller.Type == frame.Type);
                if (!known) calls.Add(new NodeCall(null, frame.Type, true, 0, caller.Offset));
            }
            else if (i == user - 1 && frame is { IsOwn: true, IsNamed: true })
            {
                calls.Add(new NodeCall(null, Called(frame), false, 0, caller.Offset));
            }
        }
        return [.. calls];
    }

    /// <summary>A library function as the user called it: an operator, a loss, a function of tensors.</summary>
    static string Called(Frame frame) => frame.Type == "Losses" ? $"Losses.{frame.Method}"
        : frame.Method.StartsWith("op_", StringComparison.Ordinal) ? frame.Method[3..]
        : frame.Method.StartsWith("get_", StringComparison.Ordinal) ? frame.Method[4..] : frame.Method;

    /// <summary>A type's name without namespace, outer types and number of type parameters.</summary>
    static string Short(string? type)
    {
        if (type is null) return "";
        var name = type[(type.AsSpan().LastIndexOfAny('.', '+') + 1)..];
        var generic = name.IndexOf('`', StringComparison.Ordinal);
        return generic < 0 ? name : name[..generic];
    }
}
