using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace MicroGrad.Net;

/// <summary>
/// The errors of the library that are thrown in more than one place, and those of hot paths: which operation, what it
/// got, what it wants and, where it is plain, the mend. Hot paths only call in here, so they stay small.
/// </summary>
[StackTraceHidden]
static class Throw
{
    // ---- shapes ----

    [DoesNotReturn]
    public static void NegativeSize(ReadOnlySpan<int> sizes) =>
        throw new ShapeException($"A shape cannot have a negative size: {Shape.Text(sizes)}.");

    [DoesNotReturn]
    public static void TooManyElements(ReadOnlySpan<int> sizes) =>
        throw new ShapeException($"{Shape.Text(sizes)} has more elements than fit a tensor (2^31 - 1).");

    [DoesNotReturn]
    public static void TooManyAxes(int rank) => throw new ShapeException(
        $"A shape of {rank} axes has more than fit a tensor ({Sizes.MostAxes}).");

    /// <summary>A shape that is no tensor's.</summary>
    [DoesNotReturn]
    public static void TensorTooLarge(Shape shape) => throw new ShapeException(shape.Length > 0
        ? $"{shape} has more elements than fit a tensor (2^31 - 2^16)."
        : $"{shape} fits no tensor: the sizes other than 0 multiply to more than 2^31 - 2^16.");

    [DoesNotReturn]
    public static void TooLarge(string op, string what, BigInteger size) => throw new ShapeException(
        $"{op}: {what} would have a size of {size}, which is more than fits a tensor (2^31 - 2^16).");

    public static TensorMemoryException NoMemory(string op, long length, int size, Exception error) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{op}: {length} elements take {length * size} bytes, and there "
            + $"is no memory for them: take smaller sizes or batches, or free what is no longer needed."), error);

    /// <summary>Never seen unless an operation's own checks have a gap: then instead of a write to other memory.</summary>
    [DoesNotReturn]
    public static void KernelMemory(string kernel) => throw new ArgumentException(
        $"{kernel}: the arrays given do not have the lengths that the sizes ask for.");

    [DoesNotReturn]
    public static void NoSuchAxis(string op, Shape shape, Index axis) =>
        throw new ShapeException($"{op}: {shape} has no axis {axis}; it has {shape.Rank}.");

    [DoesNotReturn]
    public static void NoSuchAxis(string op, Shape shape, int axis) =>
        throw new ShapeException(shape.Rank == 0
            ? $"{op}: a scalar has no axis {axis}."
            : $"{op}: {shape} has no axis {axis}; its axes are {-shape.Rank} to {shape.Rank - 1}.");

    [DoesNotReturn]
    public static void AxisTwice(string op, Shape shape, int axis) =>
        throw new ShapeException($"{op}: axis {axis} of {shape} is named twice.");

    [DoesNotReturn]
    public static void NoBroadcast(string op, Shape a, Shape b, int axis, int p, int q) =>
        throw new ShapeException($"{op}: {a} and {b} do not broadcast: axis {axis} is {p} against {q}.");

    [DoesNotReturn]
    public static void CannotExpand(Shape from, Shape to) =>
        throw new ShapeException($"expand: {from} cannot be repeated to {to}: aligned at the last axis, each size "
            + "must be equal or 1.");

    [DoesNotReturn]
    public static void ElementCount(string op, Shape shape, int count) =>
        throw new ShapeException($"{op}: {shape} takes {shape.Length} values, but {count} were given.");

    [DoesNotReturn]
    public static void CannotReshape(Shape from, ReadOnlySpan<int> to) =>
        throw new ShapeException($"reshape: {from} has {from.Length} elements, which do not fill {Shape.Text(to)}"
            + (to.Contains(-1) ? " for any size in place of -1." : "."));

    [DoesNotReturn]
    public static void TwoUnknownSizes(ReadOnlySpan<int> to) =>
        throw new ShapeException($"reshape: only one size of {Shape.Text(to)} can be left open with -1.");

    /// <summary>For everything else about shapes: <paramref name="problem"/> says it after the operation's name.</summary>
    [DoesNotReturn]
    public static void Shapes(string op, string problem) => throw new ShapeException($"{op}: {problem}");

    [DoesNotReturn]
    public static void NotOneElement(string op, Shape shape) =>
        throw new ShapeException($"{op}: expects a tensor with one element, but got {shape}.");

    [DoesNotReturn]
    public static void LayerInput(string layer, string wants, Shape got, string? mend) =>
        throw new ShapeException($"{layer} expects {wants} but got {got}{(mend is null ? "." : ": " + mend)}");

    /// <summary>What a layer over sequences expects.</summary>
    public static string Sequences(bool batchFirst, int width) =>
        $"[{(batchFirst ? "batch, steps" : "steps, batch")}, {width}]";

    // ---- number types ----

    [DoesNotReturn]
    public static void MixedDTypes(string op, DType a, DType b) =>
        throw new DTypeException($"{op}: {a} and {b} do not mix: convert one with .To(DType.{a}) or .To(DType.{b}).");

    [DoesNotReturn]
    public static void MixedDTypes(string op, string name, DType a, string otherName, DType b) =>
        throw new DTypeException($"{op}: {name} is {a} and {otherName} {b}, which do not mix: "
            + $"{otherName}.To({name}.DType)?");

    [DoesNotReturn]
    public static void WrongElementType(DType dtype, Type asked) =>
        throw new DTypeException($"A {dtype} tensor holds {(dtype == DType.Float32 ? "float" : "double")}, not "
            + $"{asked.Name}: read it as that, or convert it with .To(...) first.");

    // ---- values ----

    [DoesNotReturn]
    public static void LabelOutOfRange(string op, int row, int label, int classes, string end = ".", int least = 0) =>
        throw new ArgumentOutOfRangeException(
            null, $"{op}: label {label} at row {row} is not in {least}..{classes - 1}{end}");

    [DoesNotReturn]
    public static void IndexOutOfRange(string op, int position, double index, int count, int least = 0) =>
        throw new ArgumentOutOfRangeException(null, string.Create(CultureInfo.InvariantCulture,
            $"{op}: index {index} at position {position} is not in {least}..{count - 1}."));

    [DoesNotReturn]
    public static void NoId(string layer, int position, double value) =>
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"{layer}: {value} at position {position} is no id: ids are whole numbers."));

    [DoesNotReturn]
    public static void Value(string op, string problem) => throw new ArgumentException($"{op}: {problem}");

    [DoesNotReturn]
    public static void OutOfRange(string op, string name, double value, string wants) =>
        throw new ArgumentOutOfRangeException(null, string.Create(CultureInfo.InvariantCulture,
            $"{op}: {name} is {value}, but must be {wants}."));

    /// <summary>The place in a list of so many items, if there is such an item.</summary>
    public static int IfNoItem(string list, string name, int place, int count)
    {
        if ((uint)place >= (uint)count)
            OutOfRange(list, name, place, count == 0 ? "of an item, and there is none" : $"from 0 to {count - 1}");
        return place;
    }

    // ---- modules ----

    [DoesNotReturn]
    public static void HiddenPart(string field, string type, string part) =>
        throw new InvalidOperationException($"{field} is a {type} that holds {part}, which is not found there, so it would "
            + "not be trained, saved or switched: parts are looked for in fields of modules, and there in arrays, lists, "
            + "dictionaries and tuples. Keep it in one of these, or make a Module of what holds it; [NotAPart] before the "
            + "field says that it is meant to stay outside.");

    [DoesNotReturn]
    public static void TooDeep(int levels) => throw new InvalidOperationException(
        $"Modules and lists are nested more than {levels} deep: keep the parts of a long chain in one list.");

    [DoesNotReturn]
    public static void SameName(string name, string first, string second) =>
        throw new InvalidOperationException($"'{name}' is the name of two parts, {first} and {second}: rename a field or "
            + "key, or give a field another name by [StateName].");

    [DoesNotReturn]
    public static void Untrained(string parameters) =>
        throw new GradientException($"Trainer: the loss depends on {parameters}, which the optimizer does not have, so it "
            + "would never change. Make layers and parameters once, in fields of the model, and the optimizer afterwards, "
            + "from model.Parameters(). What is not to be trained: set its RequiresGrad to false, or set "
            + "AllowUntrainedParameters of the trainer.");

    // ---- saved state ----

    /// <summary>Everything that is wrong with a state, in one error.</summary>
    [DoesNotReturn]
    public static void State(
        string owner, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> wrong)
    {
        List<string> lines = [$"LoadState: the state does not fit this {owner}; nothing was changed."];
        if (missing.Count > 0) lines.Add("missing: " + string.Join(", ", missing));
        if (unexpected.Count > 0) lines.Add("unexpected: " + string.Join(", ", unexpected));
        if (wrong.Count > 0) lines.Add("wrong: " + string.Join("; ", wrong));
        throw new ArgumentException(string.Join("\n  ", lines));
    }

    [DoesNotReturn]
    public static void ScopeEnded() => throw new InvalidOperationException("This tensor was made inside a StepScope that "
        + "has ended, so its memory is in use again. Take Item() or ToArray() inside the scope, or Keep() a copy.");

    [DoesNotReturn]
    public static void WrongCall(string call, string problem) =>
        throw new InvalidOperationException($"{call}: {problem}");

    // ---- differentiation ----

    [DoesNotReturn]
    public static void NothingToDifferentiate(string call) =>
        throw new GradientException($"{call}: this tensor depends on no parameter and on no tensor that requires "
            + "gradients, so there is nothing to differentiate. Was it computed inside Gradients.Off(), or from "
            + "Detach()ed values?");

    [DoesNotReturn]
    public static void NeedsSeed(string call, Shape shape) =>
        throw new GradientException($"{call}: a gradient is of one number, but this tensor is {shape}. Reduce it "
            + $"first (.Mean() or .Sum()), or pass a seed of shape {shape}.");

    [DoesNotReturn]
    public static void SeedShape(string call, Shape shape, Shape seed) =>
        throw new ShapeException($"{call}: the seed is {seed}, but must be {shape}, the shape of the tensor.");

    [DoesNotReturn]
    public static void TapeFreed(string op) =>
        throw new GradientException($"backward: the tape was freed by an earlier backward (at '{op}'). Run the "
            + "forward again, or keep the tape with retainTape: true.");

    [DoesNotReturn]
    public static void ChangedSinceRecorded(string op, string parameter, int recorded, int now) =>
        throw new GradientException($"backward: {parameter} was changed after '{op}' recorded it (version "
            + $"{recorded}, now {now}), so the gradient would be wrong. Call Backward before the optimizer's Step, "
            + "or run the forward again.");

    [DoesNotReturn]
    public static void NotAnInput(int position, Shape shape) =>
        throw new GradientException($"Gradients.Of: input {position} ({shape}) does not require gradients: make it "
            + "a Parameter, or set its RequiresGrad before the forward.");

    [DoesNotReturn]
    public static void InputNotReached(int position, Shape shape) =>
        throw new GradientException($"Gradients.Of: the loss does not depend on input {position} ({shape}). Pass "
            + "allowUnused: true to get zeros for it.");

    [DoesNotReturn]
    public static void NoGradient(string parameter) =>
        throw new GradientException($"Step: {parameter} has no gradient. Is it connected to the loss, and was Backward "
            + "called? To leave such parameters as they are, set AllowMissingGradients; to freeze one, set its "
            + "RequiresGrad to false.");

    [DoesNotReturn]
    public static void NonFiniteNorm(IEnumerable<string> parameters, double norm) =>
        throw new NonFiniteException($"ByNorm: the norm of the gradients is {norm.ToString(CultureInfo.InvariantCulture)}; "
            + $"not finite are those of {string.Join(", ", parameters)}. Gradients.CheckFinite() finds where they come from.");

    [DoesNotReturn]
    public static void ResultOnTape(string op, object node) =>
        throw new InvalidOperationException($"Node.Record: the result of '{op}' is on a tape already, as '{node}': "
            + "compute it from Detach()ed inputs or inside Gradients.Off(), so that only its rules differentiate it.");

    [DoesNotReturn]
    public static void ResultIsVariable(string op, string variable) =>
        throw new ArgumentException($"Node.Record: the result of '{op}' is {variable} itself, which can be assigned: "
            + "give a tensor of its own, such as its Keep().");

    [DoesNotReturn]
    public static void RuleNothing(string op, int input) =>
        throw new GradientException($"backward of '{op}': the rule gave no gradient (null) for input {input}, where one is "
            + "wanted: give zeros of its shape if it has none.");

    [DoesNotReturn]
    public static void RuleCount(string op, int given, int inputs) =>
        throw new GradientException($"backward of '{op}': the joint rule gave {given} gradients for {inputs} inputs: give one "
            + "for each, in their order; null for one that is not wanted.");

    [DoesNotReturn]
    public static void RuleDType(string op, int input, DType got, DType wants) =>
        throw new DTypeException($"backward of '{op}': the rule of input {input} gave a gradient of {got}, but the "
            + $"input is {wants}: convert it with .To(DType.{wants}).");

    [DoesNotReturn]
    public static void RuleShape(string op, int input, Shape got, Shape wants) =>
        throw new GradientException($"backward of '{op}': the rule of input {input} gave a gradient of {got}, which "
            + $"does not reduce to the input's {wants}.");

}
