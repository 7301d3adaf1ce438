namespace MicroGrad.Net;

/// <summary>More about an operation that was recorded inside <see cref="Tape.Detailed"/>.</summary>
/// <param name="Place">The line of the user's code that recorded it: <c>Program.cs:12 (Main)</c>.</param>
/// <param name="File">The source file of that line; null where the program has no debugging symbols.</param>
/// <param name="Line">The line's number, from 1; 0 where unknown.</param>
/// <param name="Inputs">All inputs, constants included.</param>
/// <param name="Calls">The modules and losses it was recorded in, outer before inner.</param>
public sealed record NodeDetail(
    string Place, string? File, int Line, IReadOnlyList<Tensor> Inputs, IReadOnlyList<Call> Calls);
