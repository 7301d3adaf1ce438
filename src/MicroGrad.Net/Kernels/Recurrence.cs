using System.Buffers;
using System.Numerics;

namespace MicroGrad.Net;

/// <summary>The sizes of one pass of a recurrent network over a sequence, and whether it begins at the end.</summary>
readonly record struct RecurrenceSizes(int Steps, int Sequences, int Inputs, int Width, bool Backward);

/// <summary>
/// What a pass takes: input [steps, batch, inputs], by PyTorch's names weight_ih [gates·width, inputs], weight_hh
/// [gates·width, width], bias_ih and bias_hh (empty without), the state to start from [batch, width], and the cell to
/// start from for those that have one.
/// </summary>
ref struct RecurrenceOperands<T>
{
    public ReadOnlySpan<T> Input, InputWeight, StateWeight, InputBias, StateBias, State, Cell;
}

/// <summary>The gradients of the operands; empty where not wanted, but for those of state and cell.</summary>
ref struct RecurrenceGradients<T>
{
    public Span<T> Input, InputWeight, StateWeight, InputBias, StateBias, State, Cell;

    public readonly void Clear()
    {
        Input.Clear();
        InputWeight.Clear();
        StateWeight.Clear();
        InputBias.Clear();
        StateBias.Clear();
        State.Clear();
        Cell.Clear();
    }
}

/// <summary>
/// A recurrent network over a whole sequence, and back through time. The products with the input, and those that are
/// the weights' gradients, are done for all steps at once; what is left at each step is the product with the state,
/// and one pass over the gates. Sequences do not touch each other: threads take some each, and go through all steps.
/// The entries check that all arrays have as many elements as the sizes ask for.
/// </summary>
static unsafe partial class Recurrence
{
    // So many sequences fill the tiles of the matrix product. With less work than this, all go together.
    const int Together = 16;
    const double SmallestWork = 500_000;

    // A product with no more rows reads a transposed matrix as fast as any other.
    const int FewRows = 4;

    /// <summary>
    /// The new states [steps, batch, width], and if there is room in the result, the last cell [batch, width]. Fills
    /// the memory, [steps, batch, blocks·width], with what <see cref="Backward"/> needs.
    /// </summary>
    public static void Forward<T, TStep>(
        RecurrenceSizes sizes, RecurrenceOperands<T> operands, Span<T> memory, Span<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> where TStep : struct, IRecurrentStep
    {
        Sizes.Require("recurrence", Fits<T, TStep>(sizes, operands, memory.Length, result.Length));
        if (sizes.Sequences == 0) return;
        var (width, rows, gates) = (sizes.Width, sizes.Steps * sizes.Sequences, TStep.Gates * sizes.Width);
        MatMul.Multiply<T>(false, true, rows, gates, sizes.Inputs, operands.Input, sizes.Inputs,
            operands.InputWeight, sizes.Inputs, memory, TStep.Blocks * width);

        // Every step takes the same matrix: it is turned once, if at all.
        var turned = sizes.Steps > 1 && sizes.Sequences > FewRows;
        var weight = turned ? Sizes.Rent<T>("recurrence", (long)width * gates) : [];
        if (turned)
            Move.Gather(operands.StateWeight, new View(0, [width, gates], [1, width]), weight.AsSpan(0, width * gates));
        var bias = JoinedBias<T, TStep>(operands, width);
        fixed (T* plain = operands.StateWeight, transposed = weight, state = operands.State, cell = operands.Cell)
        fixed (T* pb = bias, pm = memory, pr = result)
        {
            var pass = new RecurrencePass<T, TStep>(sizes)
            {
                Weight = turned ? transposed : plain, Turned = turned, Bias = pb, State = state, Cell = cell,
                Memory = pm, Result = pr, LastCell = result.Length > rows * width ? pr + rows * width : null,
            };
            Split(sizes, gates, pass.Forward);
        }
        if (turned) ArrayPool<T>.Shared.Return(weight);
    }

    /// <summary>The gradients of the operands from that of the result, g.</summary>
    public static void Backward<T, TStep>(RecurrenceSizes sizes, RecurrenceOperands<T> operands,
        ReadOnlySpan<T> memory, ReadOnlySpan<T> result, ReadOnlySpan<T> g, RecurrenceGradients<T> gradients)
        where T : unmanaged, IFloatingPointIeee754<T> where TStep : struct, IRecurrentStep
    {
        Sizes.Require("recurrence", Fits<T, TStep>(sizes, operands, memory.Length, result.Length)
            && g.Length == result.Length && gradients.State.Length == operands.State.Length
            && gradients.Cell.Length == operands.Cell.Length);
        gradients.Clear();
        if (sizes.Sequences == 0) return;
        var (batch, width) = (sizes.Sequences, sizes.Width);
        var (rows, across) = (sizes.Steps * batch, RecurrencePass<T, TStep>.Products * width);
        var scratch = Sizes.Rent<T>("recurrence", (long)rows * across);
        var products = scratch.AsSpan(0, rows * across);
        g[(rows * width)..].CopyTo(gradients.Cell);
        fixed (T* weight = operands.StateWeight, state = operands.State, cell = operands.Cell, pm = memory, pr = result)
        fixed (T* pg = g, pp = products, ps = gradients.State, pc = gradients.Cell)
        {
            var pass = new RecurrencePass<T, TStep>(sizes)
            {
                Weight = weight, State = state, Cell = cell, Memory = pm, Result = pr,
                Gradient = pg, ProductGradient = pp, StateGradient = ps, CellGradient = pc,
            };
            Split(sizes, TStep.Gates * width, pass.Backward);
        }
        FromProducts<T, TStep>(sizes, operands, result, products, gradients);
        ArrayPool<T>.Shared.Return(scratch);
    }

    static bool Fits<T, TStep>(RecurrenceSizes sizes, RecurrenceOperands<T> operands, int memory, int result)
        where T : unmanaged, IFloatingPointIeee754<T> where TStep : struct, IRecurrentStep
    {
        var (steps, batch, inputs, width) = (sizes.Steps, sizes.Sequences, sizes.Inputs, sizes.Width);
        var (states, biases) = (Sizes.Product(batch, width), operands.InputBias.Length);
        return steps > 0 && width > 0 && operands.Input.Length == Sizes.Product(steps, batch, inputs)
            && operands.InputWeight.Length == Sizes.Product(TStep.Gates, width, inputs)
            && operands.StateWeight.Length == Sizes.Product(TStep.Gates, width, width)
            && biases == operands.StateBias.Length && (biases == 0 || biases == Sizes.Product(TStep.Gates, width))
            && operands.State.Length == states && operands.Cell.Length == (TStep.Cell < 0 ? 0 : states)
            && memory == Sizes.Product(steps, batch, TStep.Blocks, width)
            && (result == steps * states || (TStep.Cell >= 0 && result == (steps + 1) * states));
    }

    /// <summary>The gradients of input, weights and biases from those of the products, all steps at once.</summary>
    static void FromProducts<T, TStep>(RecurrenceSizes sizes, RecurrenceOperands<T> operands,
        ReadOnlySpan<T> result, ReadOnlySpan<T> products, RecurrenceGradients<T> gradients)
        where T : unmanaged, IFloatingPointIeee754<T> where TStep : struct, IRecurrentStep
    {
        var (batch, inputs, width) = (sizes.Sequences, sizes.Inputs, sizes.Width);
        var (rows, gates, across) = (sizes.Steps * batch, TStep.Gates * width, products.Length / (sizes.Steps * batch));

        if (!gradients.Input.IsEmpty)
            MatMul.Multiply(false, false, rows, inputs, gates, products, across, operands.InputWeight, inputs,
                gradients.Input, inputs);
        if (!gradients.InputWeight.IsEmpty)
            MatMul.Multiply(true, false, gates, inputs, rows, products, across, operands.Input, inputs,
                gradients.InputWeight, inputs);
        if (!gradients.StateWeight.IsEmpty)
        {
            // The first step took the state to start from, each other what the step before it gave.
            var (first, others) = sizes.Backward ? (rows - batch, 0) : (0, batch);
            var before = result[(sizes.Backward ? batch * width : 0)..];
            foreach (var (block, from, count) in RecurrencePass<T, TStep>.StateProducts)
            {
                var target = gradients.StateWeight[(from * width * width)..];
                MatMul.Multiply(true, false, count * width, width, batch,
                    products[(first * across + block * width)..], across, operands.State, width, target, width);
                if (sizes.Steps == 1) continue;
                MatMul.Multiply(true, false, count * width, width, rows - batch,
                    products[(others * across + block * width)..], across, before, width, target, width,
                    accumulate: true);
            }
        }
        if (!gradients.InputBias.IsEmpty || !gradients.StateBias.IsEmpty)
        {
            var sums = new T[across];
            Reduce.Fold(default(SumReduction), products, 1, rows, across, sums);
            if (!gradients.InputBias.IsEmpty) sums.AsSpan(0, gates).CopyTo(gradients.InputBias);
            if (!gradients.StateBias.IsEmpty)
                foreach (var (block, from, count) in RecurrencePass<T, TStep>.StateProducts)
                    sums.AsSpan(block * width, count * width).CopyTo(gradients.StateBias[(from * width)..]);
        }
    }

    /// <summary>What is added to the products of a row: one bias or both, or zeros without.</summary>
    static T[] JoinedBias<T, TStep>(RecurrenceOperands<T> operands, int width)
        where T : unmanaged, IFloatingPointIeee754<T> where TStep : struct, IRecurrentStep
    {
        var bias = new T[RecurrencePass<T, TStep>.Products * width];
        operands.InputBias.CopyTo(bias);
        if (operands.StateBias.IsEmpty) return bias;
        foreach (var (block, from, count) in RecurrencePass<T, TStep>.StateProducts)
            for (var i = 0; i < count * width; i++) bias[block * width + i] += operands.StateBias[from * width + i];
        return bias;
    }

    // The parts depend on the sizes alone, never on the number of threads: so does the order of each sum.
    static void Split(RecurrenceSizes sizes, int gates, Action<int, int> pass)
    {
        var work = (double)sizes.Steps * sizes.Sequences * gates * sizes.Width;
        Work.Split(sizes.Sequences, work < SmallestWork ? sizes.Sequences : Together, pass);
    }
}

/// <summary>A pass over the steps, for some of the sequences at a time.</summary>
sealed unsafe class RecurrencePass<T, TStep>(RecurrenceSizes sizes)
    where T : unmanaged, IFloatingPointIeee754<T> where TStep : struct, IRecurrentStep
{
    public required T* Weight, State, Cell, Memory, Result;
    public bool Turned;
    public T* Bias, LastCell;                                               // forward
    public T* Gradient, ProductGradient, StateGradient, CellGradient;       // backward

    /// <summary>How many blocks the products of a row take.</summary>
    public static int Products => 2 * TStep.Gates - TStep.Summed;

    /// <summary>Where the products with the state lie in a row, and from which blocks of the weights they come.</summary>
    public static readonly (int Block, int From, int Count)[] StateProducts = TStep.Summed == TStep.Gates
        ? [(0, 0, TStep.Gates)]
        : [(0, 0, TStep.Summed), (TStep.Gates, TStep.Summed, TStep.Gates - TStep.Summed)];

    public void Forward(int low, int high)
    {
        var (rows, width) = (high - low, sizes.Width);
        var (gates, blocks) = (TStep.Gates * width, TStep.Blocks * width);
        for (var step = 0; step < sizes.Steps; step++)
        {
            var at = At(step, low);
            T* row = Memory + at * blocks, result = Result + at * width;
            var before = Before(step, low, out var cell, out var cellStep);
            foreach (var (block, from, count) in StateProducts)
            {
                var weight = Weight + (Turned ? from * width : from * width * width);
                MatMul.Multiply(false, !Turned, rows, count * width, width, Matrix(before, rows, width, width), width,
                    Turned ? Matrix(weight, width, count * width, gates) : Matrix(weight, count * width, width, width),
                    Turned ? gates : width, Matrix(row + block * width, rows, count * width, blocks), blocks,
                    accumulate: block == 0);        // onto the product with the input
            }
            for (var i = 0; i < rows; i++)
                TStep.Forward(
                    row + i * blocks, Bias, before + i * width, cell + i * cellStep, result + i * width, width);
        }
        if (LastCell is null) return;
        var last = Before(sizes.Steps, low, out var lastCell, out var lastStep);
        for (var i = 0; i < rows; i++)
            new Span<T>(lastCell + i * lastStep, width).CopyTo(new(LastCell + (low + i) * width, width));
    }

    public void Backward(int low, int high)
    {
        var (rows, width) = (high - low, sizes.Width);
        var (across, blocks) = (Products * width, TStep.Blocks * width);
        T* toState = StateGradient + low * width, toCell = CellGradient + low * width;
        for (var step = sizes.Steps - 1; step >= 0; step--)
        {
            var at = At(step, low);
            var products = ProductGradient + at * across;
            var before = Before(step, low, out var cell, out var cellStep);
            for (var i = 0; i < rows; i++)
                TStep.Backward(Memory + (at + i) * blocks, before + i * width, cell + i * cellStep,
                    Result + (at + i) * width, Gradient + (at + i) * width,
                    toState + i * width, toCell + i * width, products + i * across, width);
            foreach (var (block, from, count) in StateProducts)
                MatMul.Multiply<T>(false, false, rows, width, count * width,
                    Matrix(products + block * width, rows, count * width, across), across,
                    Matrix(Weight + from * width * width, count * width, width, width), width,
                    Matrix(toState, rows, width, width), width, accumulate: true);
        }
    }

    /// <summary>The row of a sequence at a step.</summary>
    nint At(int step, int sequence) =>
        (nint)(sizes.Backward ? sizes.Steps - 1 - step : step) * sizes.Sequences + sequence;

    /// <summary>The state before a step and the cell, if there is one, whose rows lie so far apart.</summary>
    T* Before(int step, int sequence, out T* cell, out nint cellStep)
    {
        var width = sizes.Width;
        if (step == 0)
        {
            cellStep = width;
            cell = Cell + (nint)sequence * width;
            return State + (nint)sequence * width;
        }
        var at = At(step - 1, sequence);
        cellStep = TStep.Blocks * width;
        cell = TStep.Cell < 0 ? null : Memory + at * cellStep + TStep.Cell * width;
        return Result + at * width;
    }

    static Span<T> Matrix(T* origin, int rows, int columns, int stride) => new(origin, (rows - 1) * stride + columns);
}
