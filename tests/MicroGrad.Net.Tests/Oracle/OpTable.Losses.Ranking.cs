using Ours = MicroGrad.Net.Losses;

namespace MicroGrad.Net.Tests.Oracle;

static partial class OpTable
{
    static Dictionary<string, Func<OpCall, Tensor>> RankingLosses => new()
    {
        ["margin_ranking_loss"] = c =>
            Ours.MarginRanking(c["input1"], c["input2"], c["target"], c.Number("margin"), Reduction(c)),
        ["hinge_embedding_loss"] = c => Ours.HingeEmbedding(c["input"], c["target"], c.Number("margin"), Reduction(c)),
        ["cosine_embedding_loss"] = c =>
            Ours.CosineEmbedding(c["input1"], c["input2"], c["target"], c.Number("margin"), Reduction(c)),
        ["triplet_margin_loss"] = c => Ours.TripletMargin(c["anchor"], c["positive"], c["negative"],
            c.Number("margin"), c.Number("p"), c.Number("eps"), c.Case.Flag("swap"), Reduction(c)),
    };
}
