namespace MicroGrad.Net;

/// <summary>More about an operation that was recorded inside <see cref="Tape.Detailed"/>.</summary>
/// <param name="Place">The line of the user's code that recorded it: <c>Program.cs:12 (Main)</c>.</param>
/// <param name="File">The source file of that line; null where the program has no debugging symbols.</param>
/// <param name="Line">The line's number, from 1; 0 where unknown.</param>
/// <param name="Inputs">All inputs, constants included.</param>
/// <param name="Calls">The modules and library functions it was recorded in, outer before inner.</param>
public sealed record NodeDetail(
    string Place, string? File, int Line, IReadOnlyList<Tensor> Inputs, IReadOnlyList<NodeCall> Calls);

/// <summary>A module or library function that an operation was recorded in.</summary>
/// <param name="Name">The name of a part in the module around it, such as <c>0</c>; null where not known.</param>
/// <param name="Text">What it is: <c>Linear(2 -&gt; 16)</c>, or the name of the type or function.</param>
/// <param name="IsModule">Whether it is a module's Forward, and not a library function.</param>
/// <param name="Number">Of each call of a named part its own; 0 where the call is known from the stack only.</param>
/// <param name="Offset">Where in the caller's code the call is: tells two calls of one function apart.</param>
public sealed record NodeCall(string? Name, string Text, bool IsModule, long Number, int Offset);
