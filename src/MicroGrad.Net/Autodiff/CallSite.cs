using System.Diagnostics;

namespace MicroGrad.Net;

/// <summary>The line of the user's code that an operation was recorded by, as the stack tells it.</summary>
/// <param name="Place">The line in one text.</param>
/// <param name="File">Its file; null where unknown.</param>
/// <param name="Line">Its number; 0 where unknown.</param>
readonly record struct CallSite(string Place, string? File, int Line)
{
    static readonly string? s_own = typeof(CallSite).Assembly.FullName;

    /// <summary>The innermost line on the stack that is not this library's, nor the runtime's.</summary>
    public static CallSite Find()
    {
        var stack = new StackTrace(fNeedFileInfo: false).GetFrames();
        for (var i = 0; i < stack.Length; i++)
        {
            if (DiagnosticMethodInfo.Create(stack[i]) is not { } method || method.DeclaringAssemblyName == s_own
                || method.DeclaringAssemblyName.StartsWith("System.", StringComparison.Ordinal)) continue;
            // Line numbers cost more than all the rest: looked up for this one frame only.
            var line = new StackFrame(i, needFileInfo: true);
            return line.GetFileName() is { } file
                ? new CallSite($"{Path.GetFileName(file)}:{line.GetFileLineNumber()} ({method.Name})",
                    file, line.GetFileLineNumber())
                : new CallSite($"{method.DeclaringTypeName}.{method.Name}", null, 0);
        }
        return new CallSite("(no user code on the stack)", null, 0);
    }
}
