namespace MicroGrad.Net;

/// <summary>Rows at length 1, so that products are cosines. Rows of zeros stay so.</summary>
static class UnitRows
{
    public static Tensor Of(Tensor rows)
    {
        var lengths = rows.Norm(axes: 1, keepDims: true);
        return rows / Tensor.Where(lengths.EqualTo(0), 1, lengths);
    }
}
