namespace MicroGrad.Net.Tests.Proof;

/// <summary>The proof is worth what it catches: rows with a wrong derivative have to fail.</summary>
public class GradientProofTests
{
    [Fact]
    public void A_wrong_gradient_is_caught_and_the_message_says_where()
    {
        var row = GradientTable.Row("Square: half of it forgotten", "AB", x => x * x.Detach());
        var message = Failure(row, GradientProof.FirstOrder);
        Assert.Contains("Square: half of it forgotten at [", message, StringComparison.Ordinal);
        Assert.Contains("the gradient in input 0, element [", message, StringComparison.Ordinal);
        Assert.Contains("by the tape, but should be", message, StringComparison.Ordinal);
        Assert.Matches(@"To see it again: MICROGRAD_TEST_SEED=\d+,\d+", message);
    }

    [Fact]
    public void A_wrong_second_derivative_is_caught()
    {
        // x² with the right slope 2x, but as a constant: the second derivative would be 0.
        var row = GradientTable.Row("Square: slope not recorded", "A", x => 2 * x * x.Detach() - (x * x).Detach());
        GradientProof.ForCases(row, 5, GradientProof.FirstOrder);
        Assert.Contains("the second derivative in input 0", Failure(row, GradientProof.SecondOrder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_does_not_record_the_incoming_gradient_is_caught()
    {
        static Tensor Doubled(Tensor x) => Node.Record("doubled", (x + x).Detach(), (x, g => g.Detach() * 2));
        var row = GradientTable.Row("Square: of the gradient, nothing recorded", "A", Doubled);
        GradientProof.ForCases(row, 5, GradientProof.FirstOrder);
        Assert.Contains("in the weights, element", Failure(row, GradientProof.SecondOrder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fast_rule_unlike_the_recorded_one_is_caught()
    {
        static Tensor Doubled(Tensor x) => Node.Record("doubled", (x + x).Detach(),
            (x, g => Net.Gradients.Enabled ? g * 2 : g * (2 + 1e-9)));
        var row = GradientTable.Row("Square: two rules", "A", Doubled);
        GradientProof.ForCases(row, 5, GradientProof.FirstOrder);
        Assert.Contains("without and with createGraph", Failure(row, GradientProof.RulesAgree), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_that_is_not_a_number_is_caught()
    {
        var row = GradientTable.Row("Relu: by a root", "A", x => (x * 0 + x.Square()).Sqrt() * 0, draw: (_, n) => new double[n]);
        Assert.Contains("NaN by the tape", Failure(row, GradientProof.FirstOrder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failing_row_shrinks_to_its_smallest_failing_shapes()
    {
        // Right but where an axis has three elements, or is stretched to them, or is summed over.
        Smallest(GradientTable.Row("Square: wrong at 3", Shapes.Any,
            x => x.Shape.Contains(3) ? x * x.Detach() : x.Square()), "[3]");
        Smallest(GradientTable.Row("Square: wrong pairs", Shapes.Pair,
            (x, y) => x.Shape.Contains(3) && !y.Shape.Contains(3) ? x * y.Detach() : x * y), "[3] and []");
        Smallest(GradientTable.Row("Square: wrong products", "ij,jk",
            (x, y) => x.Shape[1] == 3 ? x.Detach().MatMul(y) : x.MatMul(y)), "[1, 3] and [3, 1]");

        static void Smallest(GradientRow row, string shapes)
        {
            var message = Failure(row, GradientProof.FirstOrder, cases: 100);
            Assert.Contains($"{row.Name} at {shapes}, values of seed 0",
                message[message.IndexOf("Shrunk:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        }
    }

    static string Failure(GradientRow row, Action<GradientCase> check, int cases = 10) =>
        Assert.ThrowsAny<Exception>(() => GradientProof.ForCases(row, cases, check)).ToString();
}
