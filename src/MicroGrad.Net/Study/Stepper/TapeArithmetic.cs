namespace MicroGrad.Net;

/// <summary>One product ∂L/∂y[j] · ∂y[j]/∂x[i].</summary>
/// <param name="At">j, in row-major order.</param>
/// <param name="Gradient">∂L/∂y[j].</param>
/// <param name="Slope">∂y[j]/∂x[i].</param>
readonly record struct ChainTerm(int At, double Gradient, double Slope)
{
    public double Product => Gradient * Slope;
}

/// <summary>What reaches an element through one operation that used it.</summary>
/// <param name="Consumer">The operation y, by its position on the tape.</param>
/// <param name="Place">The place of x among its inputs.</param>
/// <param name="Terms">The products of largest size, largest first.</param>
/// <param name="Count">How many slopes are not 0.</param>
/// <param name="Sum">The sum of all products.</param>
sealed record ChainPart(int Consumer, int Place, ChainTerm[] Terms, int Count, double Sum);

/// <summary>∂L/∂x[i] spelled out.</summary>
/// <param name="At">i, in row-major order.</param>
/// <param name="Parts">One for each use of x; none for the end of the tape.</param>
sealed record ChainSum(int At, List<ChainPart> Parts);

/// <summary>
/// The arithmetic behind gradients: the slopes of each operation at some elements of its inputs. A rule is linear in
/// the gradient g that it is given, so the derivative of element i of what it gives with respect to g is ∂y/∂x[i],
/// exactly, for every operation.
/// </summary>
static class TapeArithmetic
{
    const int Small = 64;           // elements: smaller tensors are spelled out whole, while the budget lasts
    const int Budget = 6000;        // backward passes through rules
    const int Largest = 5;          // of a larger tensor: the elements of largest gradient
    const int MostTerms = 8;

    /// <returns>For each node of the tape, some of its elements, those with the largest gradients first.</returns>
    public static ChainSum[][] Of(Tape tape, IReadOnlyList<double[]> gradients)
    {
        var uses = new int[tape.Count];
        foreach (var node in tape)
            foreach (var input in node.Inputs) uses[tape.IndexOf(input)]++;
        var allSmall = tape.Index().Where(at => at.Item.Shape.Length <= Small)
            .Sum(at => (long)at.Item.Shape.Length * uses[at.Index]);
        var most = allSmall <= Budget ? Small : Largest;
        ChainSum[][] sums = [.. gradients.Select(gradient =>
            Elements(gradient, most).Select(at => new ChainSum(at, [])).ToArray())];
        for (var i = 0; i < tape.Count; i++)
            if (!tape[i].IsLeaf) Through(tape, i, gradients[i], sums);
        return sums;
    }

    static IEnumerable<int> Elements(double[] gradient, int most)
    {
        // NaN first: it is what one looks for.
        var order = Enumerable.Range(0, gradient.Length);
        if (gradient.Length <= most) return order.OrderByDescending(i => Size(gradient[i]));
        var largest = new PriorityQueue<int, double>();
        foreach (var i in order)
            if (largest.Count < Largest) largest.Enqueue(i, Size(gradient[i]));
            else largest.EnqueueDequeue(i, Size(gradient[i]));
        return largest.UnorderedItems.OrderByDescending(item => item.Priority).ThenBy(item => item.Element)
            .Select(item => item.Element);

        static double Size(double value) => double.IsNaN(value) ? double.PositiveInfinity : Math.Abs(value);
    }

    /// <summary>Adds, to the elements of all inputs of one operation, what reaches them through it.</summary>
    static void Through(Tape tape, int consumer, double[] gradient, ChainSum[][] sums)
    {
        using var memory = new StepScope();
        var node = tape[consumer];
        var g = Filled(node.Shape, node.DType, gradient);
        g.RequiresGrad = true;
        foreach (var (index, (input, place)) in node.Inputs.Zip(node.InputPlaces).Index())
        {
            var part = node.Pass(index, g, createGraph: true);
            foreach (var sum in sums[tape.IndexOf(input)])
            {
                var seed = new double[part.Length];
                seed[sum.At] = 1;
                var slopes = part == g ? seed : Gradients.Of(part, [g], retainTape: true,
                    seed: Filled(part.Shape, part.DType, seed), allowUnused: true)[0].ToDoubles();
                sum.Parts.Add(Spelled(consumer, place, gradient, slopes));
            }
        }
    }

    static ChainPart Spelled(int consumer, int place, double[] gradient, double[] slopes)
    {
        var (total, terms) = (0.0, new List<ChainTerm>());
        for (var j = 0; j < slopes.Length; j++)
        {
            if (slopes[j] == 0) continue;
            var term = new ChainTerm(j, gradient[j], slopes[j]);
            total += term.Product;
            terms.Add(term);
        }
        ChainTerm[] shown = [.. terms.Where(term => term.Product != 0).OrderByDescending(term => Math.Abs(term.Product))
            .Take(MostTerms)];
        return new ChainPart(consumer, place, shown, terms.Count, total);
    }

    static Tensor Filled(Shape shape, DType dtype, double[] values) =>
        dtype == DType.Float64 ? Tensor.From(shape, values)
            : Tensor.From(shape, Array.ConvertAll(values, value => (float)value));
}
