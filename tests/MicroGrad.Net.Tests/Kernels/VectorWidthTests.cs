using System.Globalization;
using System.Runtime.Intrinsics;

namespace MicroGrad.Net.Tests.Kernels;

public class VectorWidthTests
{
    /// <summary>Else the gate's runs for older processors would be the first run again.</summary>
    [Fact]
    public void Vectors_are_no_wider_than_MICROGRAD_TEST_VECTOR_bits()
    {
        if (Environment.GetEnvironmentVariable("MICROGRAD_TEST_VECTOR") is not { Length: > 0 } bits) return;
        var widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        Assert.InRange(widest, 128, int.Parse(bits, CultureInfo.InvariantCulture));
    }
}
