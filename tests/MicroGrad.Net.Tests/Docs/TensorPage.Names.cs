namespace MicroGrad.Net.Tests.Docs;

static partial class TensorPage
{
    /// <summary>A part of the page: its heading, what is said above the table, and for each operation, as it is written
    /// here, its names in PyTorch and NumPy.</summary>
    sealed record Group(string Heading, string Remark, string Names);

    static readonly Group[] s_groups =
    [
        new("Making tensors", "Shapes are written `[2, 3]`; random ones draw from `Rng.Default`, which `Rng.Seed(1)` seeds, or from an "
            + "`Rng` of their own. Initial weights: `Init`.", """
            Tensor.From | torch.tensor, torch.from_numpy | np.array
            Tensor.Scalar | torch.tensor | np.float32
            Tensor.Zeros | torch.zeros | np.zeros
            Tensor.Ones | torch.ones | np.ones
            Tensor.Full | torch.full | np.full
            Tensor.Eye | torch.eye | np.eye
            Tensor.Arange | torch.arange | np.arange
            Tensor.Linspace | torch.linspace | np.linspace
            Tensor.OneHot | F.one_hot | np.eye(classes)[labels]
            Tensor.Uniform | torch.Tensor.uniform_, torch.rand | np.random.Generator.uniform
            Tensor.Normal | torch.normal, torch.randn | np.random.Generator.normal
            """),
        new("Reading, converting", "", """
            x.Shape | x.shape | x.shape
            x.Rank | x.ndim | x.ndim
            x.Length | x.numel() | x.size
            x.DType | x.dtype | x.dtype
            x.Item | x.item() | x.item()
            x.AsSpan | x.numpy() | x.ravel()
            x.ToArray | x.flatten().tolist() | x.flatten()
            x.ToDoubles | x.double().flatten().tolist() | x.astype(np.float64).flatten()
            x.ToMatrix | — | —
            x.ToVector | — | —
            x.ToString | str(x) | str(x)
            x.To | x.to(dtype) | x.astype(dtype)
            x.Keep | x.detach().clone() | x.copy()
            """),
        new("Gradients", "More in [what happens at the corners](numerics.md) and [what lives how long](memory.md); "
            + "`Gradients` has gradients as values, `Derivatives` Jacobians and Hessians.", """
            x.RequiresGrad | x.requires_grad | —
            x.Backward | x.backward() | —
            x.Grad | x.grad | —
            x.RetainGrad | x.retain_grad() | —
            x.Detach | x.detach() | —
            x.Node | x.grad_fn | —
            x.Tape | — | —
            """),
        new("Arithmetic and comparison", "Either side of an operator may be a number, but for comparisons only the right one. "
            + "Comparisons give 0 and 1 in the number type of what is compared; `==` asks whether it is the same object.", """
            x + y | torch.add | np.add
            x - y | torch.sub | np.subtract
            x * y | torch.mul | np.multiply
            x / y | torch.div | np.divide
            -x | torch.neg | np.negative
            Tensor.Remainder | torch.remainder | np.remainder
            Tensor.Fmod | torch.fmod | np.fmod
            Tensor.Pow | torch.pow | np.power
            x.Pow | torch.pow | np.power
            Tensor.Max | torch.maximum | np.maximum
            Tensor.Min | torch.minimum | np.minimum
            x > y | torch.gt | np.greater
            x < y | torch.lt | np.less
            x >= y | torch.ge | np.greater_equal
            x <= y | torch.le | np.less_equal
            x.EqualTo | torch.eq | np.equal
            x.NotEqualTo | torch.ne | np.not_equal
            x.IsNaN | torch.isnan | np.isnan
            x.IsFinite | torch.isfinite | np.isfinite
            x.IsInfinity | torch.isinf | np.isinf
            """),
        new("Functions", "Of each element.", """
            x.Square | torch.square | np.square
            x.Sqrt | torch.sqrt | np.sqrt
            x.Rsqrt | torch.rsqrt | —
            x.Reciprocal | torch.reciprocal | np.reciprocal
            x.Exp | torch.exp | np.exp
            x.Expm1 | torch.expm1 | np.expm1
            x.Log | torch.log | np.log
            x.Log1p | torch.log1p | np.log1p
            Tensor.LogAddExp | torch.logaddexp | np.logaddexp
            x.Abs | torch.abs | np.abs
            x.Sign | torch.sign | np.sign
            x.Clamp | torch.clamp | np.clip
            x.Floor | torch.floor | np.floor
            x.Ceiling | torch.ceil | np.ceil
            x.Round | torch.round | np.round
            x.Truncate | torch.trunc | np.trunc
            x.Frac | torch.frac | —
            x.Sin | torch.sin | np.sin
            x.Cos | torch.cos | np.cos
            x.Tan | torch.tan | np.tan
            x.Asin | torch.asin | np.arcsin
            x.Acos | torch.acos | np.arccos
            x.Atan | torch.atan | np.arctan
            Tensor.Atan2 | torch.atan2 | np.arctan2
            x.Sinh | torch.sinh | np.sinh
            x.Cosh | torch.cosh | np.cosh
            x.Asinh | torch.asinh | np.arcsinh
            x.Acosh | torch.acosh | np.arccosh
            x.Atanh | torch.atanh | np.arctanh
            x.Erf | torch.erf | scipy.special.erf
            """),
        new("Activations", "Each is a layer too, for use in a `Sequential`: [layers.md](layers.md).", """
            x.Relu | F.relu | np.maximum(x, 0)
            x.LeakyRelu | F.leaky_relu | —
            x.Elu | F.elu | —
            x.Selu | F.selu | —
            x.Celu | F.celu | —
            x.Gelu | F.gelu | —
            x.Silu | F.silu | —
            x.Mish | F.mish | —
            x.Tanh | torch.tanh | np.tanh
            x.HardTanh | F.hardtanh | np.clip(x, -1, 1)
            x.Sigmoid | torch.sigmoid | scipy.special.expit
            x.LogSigmoid | F.logsigmoid | scipy.special.log_expit
            x.HardSigmoid | F.hardsigmoid | —
            x.HardSwish | F.hardswish | —
            x.Softplus | F.softplus | np.logaddexp(0, x)
            x.Softsign | F.softsign | —
            """),
        new("Reductions", "`axes` is one axis (`-1`), several (`[0, 2]`) or, left out, all; `keepDims` leaves them at size 1.", """
            x.Sum | torch.sum | np.sum
            x.Mean | torch.mean | np.mean
            x.Product | torch.prod | np.prod
            x.Max | torch.amax | np.max
            x.Min | torch.amin | np.min
            x.ArgMax | torch.argmax | np.argmax
            x.ArgMin | torch.argmin | np.argmin
            x.Variance | torch.var | np.var(x, ddof=1)
            x.StandardDeviation | torch.std | np.std(x, ddof=1)
            x.Norm | torch.linalg.vector_norm | np.linalg.norm
            x.LogSumExp | torch.logsumexp | scipy.special.logsumexp
            x.CumulativeSum | torch.cumsum | np.cumsum
            x.CumulativeProduct | torch.cumprod | np.cumprod
            """),
        new("Shape and movement", "", """
            x.Reshape | torch.reshape | np.reshape
            x.Flatten | torch.flatten | x.reshape(…)
            x.Squeeze | torch.squeeze | np.squeeze
            x.Unsqueeze | torch.unsqueeze | np.expand_dims
            x.Expand | x.expand | np.broadcast_to
            x.Permute | torch.permute | np.transpose
            x.Transpose | torch.transpose | np.swapaxes
            Tensor.Concat | torch.cat | np.concatenate
            Tensor.Stack | torch.stack | np.stack
            x.Split | torch.split | np.split
            x.Unstack | torch.unbind | np.unstack
            x.Tile | torch.tile, torch.Tensor.repeat | np.tile
            x.RepeatInterleave | torch.repeat_interleave | np.repeat
            x.Roll | torch.roll | np.roll
            x.Flip | torch.flip | np.flip
            x.Pad | F.pad | np.pad
            """),
        new("Choosing and indexing", "Indices are `int[]`, in row-major order of what they choose; negative ones count from the end.", """
            x[…] | x[…] | x[…]
            x.Narrow | torch.narrow | x[start:start+length]
            x.Select | torch.index_select | np.take
            x.Gather | x.gather(axis, labels.unsqueeze(axis)).squeeze(axis) | x[np.arange(n), labels]
            x.TakeAlong | torch.gather, torch.take_along_dim | np.take_along_axis
            x.Scatter | torch.scatter | np.put_along_axis
            x.ScatterAdd | torch.scatter_add | np.add.at
            Tensor.Where | torch.where | np.where
            x.Diagonal | torch.diagonal | np.diagonal
            x.Tril | torch.tril | np.tril
            x.Triu | torch.triu | np.triu
            """),
        new("Sorting", "", """
            x.Sort | torch.sort | np.sort, np.argsort
            x.ArgSort | torch.argsort | np.argsort
            x.TopK | torch.topk | np.argpartition
            """),
        new("Products", "", """
            x.MatMul | torch.matmul | np.matmul
            Tensor.Einsum | torch.einsum | np.einsum
            """),
        new("Windows", "Images are [n, channels, height, width], sequences [n, channels, length], as in PyTorch.", """
            x.Conv1D | F.conv1d | —
            x.Conv2D | F.conv2d | —
            x.ConvTranspose1D | F.conv_transpose1d | —
            x.ConvTranspose2D | F.conv_transpose2d | —
            x.MaxPool1D | F.max_pool1d | —
            x.MaxPool2D | F.max_pool2d | —
            x.AvgPool1D | F.avg_pool1d | —
            x.AvgPool2D | F.avg_pool2d | —
            x.AdaptiveAvgPool2D | F.adaptive_avg_pool2d | —
            x.AdaptiveMaxPool2D | F.adaptive_max_pool2d | —
            x.UpsampleNearest | F.interpolate(mode="nearest") | —
            x.UpsampleBilinear | F.interpolate(mode="bilinear") | —
            x.ResizeBilinear | F.interpolate(size, mode="bilinear") | —
            x.PixelShuffle | F.pixel_shuffle | —
            x.PixelUnshuffle | F.pixel_unshuffle | —
            """),
        new("Normalization and softmax", "Batch, layer, group and RMS normalization are layers, since they own parameters: "
            + "[layers.md](layers.md).", """
            x.Softmax | torch.softmax | scipy.special.softmax
            x.LogSoftmax | torch.log_softmax | scipy.special.log_softmax
            x.Normalize | F.normalize | x / np.linalg.norm(x)
            """),
        new("Attention", "", """
            Tensor.Attention | F.scaled_dot_product_attention | —
            Tensor.AttentionWeights | — | —
            x.SelfAttention | — | —
            x.RotaryPositions | — | —
            """),
    ];
}
