using MicroGrad.Net.Tests.Oracle;

namespace MicroGrad.Net.Tests.Optimizers;

/// <summary>
/// NAdam beside PyTorch's numbers, which are of version 1.13: it counted μₜ twice in Πₜ·μₜ₊₁, against its own
/// documentation, and does not since 2.0. A plain transcription with that slip gives the recorded numbers, and
/// without it ours.
/// </summary>
public class NAdamTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases =>
        OracleFiles.Names(() => OracleFiles.Train, one => one is { Op: "NAdam", Kind: "optimizer_grads" });

    [Theory, MemberData(nameof(Cases))]
    public void Only_the_slip_of_1_13_is_different(string name)
    {
        var one = OracleFiles.Case(() => OracleFiles.Train, name);
        var gradients = one.Tensor("inputs", "grads").Doubles.Chunk(one.Tensor("inputs", "p0").Doubles.Length).ToArray();
        var (recorded, mended) = (Transcribe(one, gradients, slip: true), Transcribe(one, gradients, slip: false));
        Oracle.Proof.Same($"{name} with the slip", one.Tensor("outputs", "p_after_each_step").Doubles,
            [.. recorded.SelectMany(row => row)], Tolerance.Double);

        var parameter = new Parameter(one.Tensor("inputs", "p0").Values);
        var optimizer = new NAdam([parameter], one.Number("lr"), one.Attribute("betas")!.Value[0].GetDouble(),
            one.Attribute("betas")!.Value[1].GetDouble(), one.Number("eps"), one.Number("weight_decay"),
            one.Number("momentum_decay"));
        foreach (var (step, gradient) in gradients.Index())
        {
            parameter.Grad = Tensor.From(parameter.Shape, gradient);
            optimizer.Step();
            Oracle.Proof.Same($"{name} after step {step}", mended[step], parameter.ToDoubles(), Tolerance.Double);
        }
    }

    static List<double[]> Transcribe(OracleCase one, double[][] gradients, bool slip)
    {
        var (beta1, beta2) = (one.Attribute("betas")!.Value[0].GetDouble(), one.Attribute("betas")!.Value[1].GetDouble());
        var p = one.Tensor("inputs", "p0").Doubles;
        var (m, v, product, rows) = (new double[p.Length], new double[p.Length], 1.0, new List<double[]>());
        double Mu(int t) => beta1 * (1 - 0.5 * Math.Pow(0.96, t * one.Number("momentum_decay")));
        for (var t = 1; t <= gradients.Length; t++)
        {
            product *= Mu(t);
            var productNext = product * Mu(t + 1) * (slip ? Mu(t) : 1);
            for (var i = 0; i < p.Length; i++)
            {
                var g = gradients[t - 1][i] + one.Number("weight_decay") * p[i];
                m[i] = beta1 * m[i] + (1 - beta1) * g;
                v[i] = beta2 * v[i] + (1 - beta2) * g * g;
                var mHat = Mu(t + 1) * m[i] / (1 - productNext) + (1 - Mu(t)) * g / (1 - product);
                p[i] -= one.Number("lr") * mHat / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, t))) + one.Number("eps"));
            }
            rows.Add([.. p]);
        }
        return rows;
    }
}
