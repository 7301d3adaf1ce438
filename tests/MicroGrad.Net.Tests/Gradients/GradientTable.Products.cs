namespace MicroGrad.Net.Tests.Proof;

// Matrix products and Einstein sums.
static partial class GradientTable
{
    static IEnumerable<GradientRow> Products =>
    [
        .. MatMuls("ij", "jk"),
        .. MatMuls("bij", "bjk"),
        .. MatMuls("cbij", "cbjk"),
        .. MatMuls("bij", "jk"),
        .. MatMuls("cbij", "jk"),
        .. MatMuls("ij", "bjk"),
        .. MatMuls("1ij", "bjk"),
        .. MatMuls("bij", "1jk"),
        .. MatMuls("b1ij", "1cjk"),
        .. MatMuls("bij", "cbjk"),
        .. MatMuls("c1ij", "bjk"),
        Row("MatMul: a square and itself", "ii", x => x.MatMul(x)),
        Row("MatMul: itself and itself transposed", "bij", x => x.MatMul(x, transposeRight: true)),
        Row("MatMul: vectors", "j,j", (x, y) => x.MatMul(y)),
        Row("MatMul: matrix by vector", "ij,j", (x, y) => x.MatMul(y)),
        Row("MatMul: matrix transposed by vector", "ji,j", (x, y) => x.MatMul(y, transposeLeft: true)),
        Row("MatMul: vector by matrix", "j,jk", (x, y) => x.MatMul(y)),
        Row("MatMul: vector by matrix transposed", "j,kj", (x, y) => x.MatMul(y, transposeRight: true)),
        Row("MatMul: batch by vector", "bij,j", (x, y) => x.MatMul(y)),
        Row("MatMul: batch transposed by vector", "bji,j", (x, y) => x.MatMul(y, transposeLeft: true)),
        Row("MatMul: vector by batch", "j,bjk", (x, y) => x.MatMul(y)),
        Row("MatMul: vector by batch transposed", "j,bkj", (x, y) => x.MatMul(y, transposeRight: true)),
        Sums("ij,jk->ik", "ij,jk"),
        Sums("ij,kj", "ij,kj"),
        Sums("bij,bjk->bik", "bij,bjk"),
        Sums("i,j->ij", "i,j"),
        Sums("i,i->", "i,i"),
        Sums("ij,ij->j", "ij,ij"),
        Sums("ij,ij->ji", "ij,ij"),
        Sums("ij,kl->lj", "ij,kl"),
        Sums("...ij,jk->...ik", "1bij,jk"),
        Sums("...i,...i->...", "b1i,1ci"),
        Sums("bqhd,bkhd->bhqk", "bqhd,bkhd"),
        Sum("ij->ji", "ij"),
        Sum("ij->i", "ij"),
        Sum("ii->i", "ii"),
        Sum("ii", "ii"),
        Sum("bii->b", "bii"),
        Sum("iij->j", "iij"),
        Row("Einsum: i,ij,j->", "i,ij,j", (x, y, z) => Tensor.Einsum("i,ij,j->", x, y, z)),
        Row("Einsum: ij,jk,kl->il", "ij,jk,kl", (x, y, z) => Tensor.Einsum("ij,jk,kl->il", x, y, z)),
        Row("Einsum: a,a,a->a", "a,a,a", (x, y, z) => Tensor.Einsum("a,a,a->a", x, y, z)),
        Row("Einsum: the same one", "ij", x => Tensor.Einsum("ij,kj->ik", x, x)),
    ];

    static readonly bool[] NoYes = [false, true];

    /// <summary>A product with each combination of transpose flags.</summary>
    static IEnumerable<GradientRow> MatMuls(string left, string right) =>
        from turnLeft in NoYes
        from turnRight in NoYes
        let letters = $"{(turnLeft ? Turned(left) : left)},{(turnRight ? Turned(right) : right)}"
        let how = $"{(turnLeft ? ", left transposed" : "")}{(turnRight ? ", right transposed" : "")}"
        select Row($"MatMul: {letters}{how}", letters, (x, y) => x.MatMul(y, turnLeft, turnRight));

    static string Turned(string letters) => $"{letters[..^2]}{letters[^1]}{letters[^2]}";

    static GradientRow Sum(string equation, string letters) =>
        Row($"Einsum: {equation}", letters, x => Tensor.Einsum(equation, x));

    static GradientRow Sums(string equation, string letters) =>
        Row($"Einsum: {equation} of {letters}", letters, (x, y) => Tensor.Einsum(equation, x, y));
}
