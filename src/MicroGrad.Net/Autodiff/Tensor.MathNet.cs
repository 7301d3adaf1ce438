using MathNet.Numerics.LinearAlgebra;

namespace MicroGrad.Net;

public partial class Tensor
{
    /// <summary>A Float64 tensor [rows, columns] of a Math.NET matrix.</summary>
    public static Tensor From(Matrix<double> matrix) => From([matrix.RowCount, matrix.ColumnCount], matrix.ToRowMajorArray());

    /// <summary>A Float64 tensor [count] of a Math.NET vector.</summary>
    public static Tensor From(Vector<double> vector) => From([vector.Count], vector.ToArray());

    /// <summary>A Math.NET matrix of a tensor with two axes, for decompositions and closed-form solutions.</summary>
    /// <exception cref="ShapeException">The tensor has not two axes.</exception>
    public Matrix<double> ToMatrix()
    {
        if (Rank != 2) Throw.Shapes("ToMatrix", $"expects two axes, but got {Shape}.");
        return Matrix<double>.Build.DenseOfRowMajor(Shape[0], Shape[1], ToDoubles());
    }

    /// <summary>A Math.NET vector of a tensor with one axis.</summary>
    /// <exception cref="ShapeException">The tensor has not one axis.</exception>
    public Vector<double> ToVector()
    {
        if (Rank != 1) Throw.Shapes("ToVector", $"expects one axis, but got {Shape}.");
        return Vector<double>.Build.DenseOfArray(ToDoubles());
    }
}
