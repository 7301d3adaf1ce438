namespace MicroGrad.Net;

/// <summary>Einstein's summation, composed of diagonals, permutations and matrix products.</summary>
public static class EinsteinSummation
{
    extension(Tensor)
    {
        /// <summary>
        /// Products of tensors summed over the axes that the result does not name. <c>ij,jk-&gt;ik</c> is the matrix
        /// product, <c>ii-&gt;i</c> the diagonal, <c>i,j-&gt;ij</c> the outer product, <c>...ij,jk-&gt;...ik</c> a
        /// product with broadcast batch axes. Without <c>-&gt;</c> the result has the letters that occur once, in
        /// alphabetical order.
        /// </summary>
        /// <param name="equation">One letter per axis, operands separated by commas.</param>
        /// <param name="operands">The tensors, in the equation's order.</param>
        /// <exception cref="ArgumentException">The equation cannot be read, or names another number of tensors.</exception>
        /// <exception cref="ShapeException">A letter stands for axes of different sizes.</exception>
        public static Tensor Einsum(string equation, params ReadOnlySpan<Tensor> operands)
        {
            var (inputs, output) = Parse(equation, operands);
            var sizes = Sizes(equation, inputs, operands);
            var (result, letters) = Prepare(operands[0], inputs[0], sizes);
            for (var i = 1; i < operands.Length; i++)
            {
                var later = output + string.Concat(inputs[(i + 1)..]);
                var (next, nextLetters) = Prepare(operands[i], inputs[i], sizes);
                (result, letters) = Contract(result, letters, next, nextLetters, later);
            }
            (result, letters) = SumOut(result, letters, output);
            return result.Permute([.. output.Select(letter => letters.IndexOf(letter))]);
        }
    }

    /// <summary>A string of axis letters per operand and for the result; "..." becomes letters of their own.</summary>
    static (string[] Inputs, string Output) Parse(string equation, ReadOnlySpan<Tensor> operands)
    {
        var sides = equation.Replace(" ", "", StringComparison.Ordinal).Split("->");
        var inputs = sides[0].Split(',');
        if (sides.Length > 2) Bad(equation, "has more than one '->'");
        if (inputs.Length != operands.Length) Bad(equation, $"names {inputs.Length} tensors, but {operands.Length} were given");
        var widest = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Split("...").Length > 2) Bad(equation, $"has more than one '...' for operand {i}");
            var extra = operands[i].Rank - inputs[i].Replace("...", "", StringComparison.Ordinal).Length;
            var open = inputs[i].Contains("...", StringComparison.Ordinal);
            if (extra < 0 || (extra > 0 && !open))
                Bad(equation, $"names {operands[i].Rank - extra} axes for operand {i}, which is {operands[i].Shape}");
            inputs[i] = Expand(inputs[i], extra);
            if (open) widest = Math.Max(widest, extra);
        }
        var all = string.Concat(inputs);
        var output = sides.Length == 2 ? Expand(sides[1], widest)
            : Ellipsis(widest) + string.Concat(all.Where(char.IsAsciiLetter).CountBy(letter => letter)
                .Where(counted => counted.Value == 1).Select(counted => counted.Key).Order());
        foreach (var letter in all + output)
            if (!char.IsAsciiLetter(letter) && letter < FirstEllipsisLetter) Bad(equation, $"has '{letter}', which is no letter");
        foreach (var letter in output)
            if (!all.Contains(letter, StringComparison.Ordinal) || output.Count(c => c == letter) > 1)
                Bad(equation, $"names '{letter}' in the result, where it must occur once, and in an operand too");
        return (inputs, output);

        static string Expand(string letters, int count) => letters.Replace("...", Ellipsis(count), StringComparison.Ordinal);
        // Aligned at the last axis, as broadcasting is.
        static string Ellipsis(int count) =>
            string.Concat(Enumerable.Range(0, count).Select(i => (char)(FirstEllipsisLetter + count - 1 - i)));
    }

    const char FirstEllipsisLetter = '\uE000';

    static Dictionary<char, int> Sizes(string equation, string[] inputs, ReadOnlySpan<Tensor> operands)
    {
        var sizes = new Dictionary<char, int>();
        for (var i = 0; i < inputs.Length; i++)
            for (var axis = 0; axis < inputs[i].Length; axis++)
            {
                var (letter, size) = (inputs[i][axis], operands[i].Shape[axis]);
                if (!sizes.TryGetValue(letter, out var known) || (known == 1 && letter >= FirstEllipsisLetter))
                    sizes[letter] = size;
                else if (known != size && (size != 1 || letter < FirstEllipsisLetter))
                    Throw.Shapes($"einsum \"{equation}\"", letter >= FirstEllipsisLetter
                        ? $"the axes of '...' are {known} and {size}."
                        : $"'{letter}' is {known} and, in operand {i} {operands[i].Shape}, {size}.");
            }
        return sizes;
    }

    /// <summary>Takes the diagonal where a letter repeats, and repeats axes of size 1 under "...".</summary>
    static (Tensor, string) Prepare(Tensor x, string letters, Dictionary<char, int> sizes)
    {
        for (var i = 0; i < letters.Length; i++)
            if (letters.LastIndexOf(letters[i]) is var j && j > i)
            {
                x = x.Diagonal(i, j);
                letters = letters.Remove(j, 1).Remove(i, 1) + letters[i];
                i = -1;
            }
        return (x.Expand(Shape.Of([.. letters.Select(letter => sizes[letter])])), letters);
    }

    static (Tensor, string) SumOut(Tensor x, string letters, string kept)
    {
        var gone = letters.Where(letter => !kept.Contains(letter, StringComparison.Ordinal)).ToArray();
        if (gone.Length == 0) return (x, letters);
        return (x.Sum(gone.Select(letter => letters.IndexOf(letter)).ToArray()),
            string.Concat(letters.Where(letter => !gone.Contains(letter))));
    }

    /// <summary>
    /// Two operands as a batched matrix product: [shared kept, left only, summed] by [shared kept, summed, right only].
    /// </summary>
    static (Tensor, string) Contract(Tensor a, string lettersA, Tensor b, string lettersB, string later)
    {
        (a, lettersA) = SumOut(a, lettersA, lettersB + later);
        (b, lettersB) = SumOut(b, lettersB, lettersA + later);
        var shared = lettersA.Where(lettersB.Contains).ToArray();
        var batch = string.Concat(shared.Where(later.Contains));
        var summed = string.Concat(shared.Where(letter => !later.Contains(letter)));
        var left = string.Concat(lettersA.Where(letter => !shared.Contains(letter)));
        var right = string.Concat(lettersB.Where(letter => !shared.Contains(letter)));
        var (x, y) = (Ordered(a, lettersA, batch + left + summed), Ordered(b, lettersB, batch + summed + right));
        int Size(int start, int count, Tensor t) => Shape.Of(t.Shape.Sizes.Slice(start, count)).Length;
        var (batchSize, sum) = (Size(0, batch.Length, x), Size(batch.Length + left.Length, summed.Length, x));
        var product = x.Reshape(batchSize, Size(batch.Length, left.Length, x), sum)
            .MatMul(y.Reshape(batchSize, sum, Size(batch.Length + summed.Length, right.Length, y)));
        return (product.Reshape(Shape.Of([.. x.Shape.Sizes[..(batch.Length + left.Length)],
            .. y.Shape.Sizes[(batch.Length + summed.Length)..]])), batch + left + right);
    }

    static Tensor Ordered(Tensor x, string letters, string order) =>
        letters == order ? x : x.Permute([.. order.Select(letter => letters.IndexOf(letter))]);

    static void Bad(string equation, string problem) => Throw.Value("einsum", $"\"{equation}\" {problem}.");
}
