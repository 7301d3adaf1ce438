namespace MicroGrad.Net.Tests.Oracle;

/// <summary>Elements where we differ from PyTorch on purpose: our values by position, and why.</summary>
sealed record Difference(string Reason, IReadOnlyDictionary<int, double> Values);

static partial class OpLists
{
    const double NaN = double.NaN, Infinite = double.PositiveInfinity;

    const string NaNInNaNOut = "NaN in, NaN out: a NaN is never swallowed";
    const string TiesShare = "ties share the gradient evenly; PyTorch's max(dim), unlike its amax, picks the first";
    const string NoOverflow = "softplus does not overflow";
    const string Limit = "the limit, where PyTorch multiplies 0 by infinity";
    const string NothingIsZero = "a mean over nothing to learn from is 0, so that such a batch does not end a training";
    const string Exact = "log(1 + e^(beta x))/beta for all x: accurate without PyTorch's threshold";

    /// <summary>Deliberate differences, by case and part: there our value is checked instead of PyTorch's.</summary>
    public static IReadOnlyDictionary<(string Case, string Part), Difference> Differences { get; } =
        new Dictionary<(string, string), Difference>
        {
            [("x_sign_wild", "out out")] = At(NaNInNaNOut, (32, NaN)),
            [("x_softshrink_wild", "out out")] = At(NaNInNaNOut, (32, NaN)),
            [("x_abs_wild", "grad x")] = At(NaNInNaNOut, (32, NaN)),
            [("x_selu_wild", "grad x")] = At(NaNInNaNOut, (32, NaN)),
            [("x_hardswish_wild", "grad x")] = At(NaNInNaNOut, (32, NaN)),
            [("x_relu_wild", "grad x")] = At(NaNInNaNOut, (32, NaN)),
            [("x_hardsigmoid_wild", "grad x")] = At(NaNInNaNOut, (32, NaN)),
            [("x_softshrink_wild", "grad x")] = At(NaNInNaNOut, (32, NaN)),
            [("x_relu6_wild", "grad x")] = At(NaNInNaNOut, (32, NaN)),

            [("x_max_dim_ties", "grad x")] = At(TiesShare,
                (1, -0.9900229108146607), (2, -0.9900229108146607),
                (4, 0.09021443749155808), (5, 0.09021443749155808), (6, 0.09021443749155808), (7, 0.09021443749155808),
                (8, 0.5074000043272576), (9, 0.5074000043272576), (10, 0.5074000043272576),
                (12, -0.20875179986612502), (14, -0.20875179986612502)),
            [("x_min_dim_ties", "grad x")] = At(TiesShare,
                (4, 0.13007739952481737), (5, 0.13007739952481737), (6, 0.13007739952481737), (7, 0.13007739952481737),
                (13, -0.2534148486508805), (15, -0.2534148486508805)),

            [("softplus_b0.5_t1_2", "out out")] = At(Exact, (0, 3.9186012197969484)),

            [("softplus_b0.5_t1_2", "grad x")] = At(Exact, (0, -0.29252860345270026)),
            [("softplus_b0.5_t1_2", "hvp x")] = At(Exact, (0, 0.017287497484223223)),

            [("x_var_huge", "out out")] = At("squares beyond the largest number are infinite, and so is their mean",
                (0, Infinite), (1, Infinite), (2, Infinite)),
            [("x_var_huge", "grad x")] = At(
                "the deviations round at 1e308 and do not sum to 0; the mean of the others overflows",
                (2, -0.060814196091603843), (3, 0.06892275557048436),
                (4, NaN), (5, NaN), (6, NaN), (7, NaN), (8, NaN), (9, NaN), (10, NaN), (11, NaN)),
            [("x_bcel_big_none", "out out")] = At(
                "the loss of certainty is 0 in the right answer and infinite in the wrong one",
                (31, 0), (62, 0), (63, Infinite)),
            [("x_bcel_big_mean", "out out")] = At("the loss of certainty in the wrong answer is infinite", (0, Infinite)),
            [("x_silu_wild", "out out")] = At(Limit, (31, -0.0)),
            [("x_hardswish_wild", "out out")] = At(Limit, (31, -0.0)),
            [("x_mish_wild", "out out")] = At(Limit, (31, -0.0)),
            [("x_softsign_wild", "out out")] = At(Limit, (30, 1), (31, -1)),
            [("x_silu_wild", "grad x")] = At(Limit, (30, -1.3346923640737096), (31, -0.0)),
            [("x_mish_wild", "grad x")] = At(Limit, (30, 0.5666350109712259), (31, -0.0)),
            [("x_softsign_wild", "grad x")] = At(Limit, (30, -0.0), (31, 0)),
            [("x_bce_01_mean", "grad input")] = At("the slope of the limited formula: 0 where the logarithm is limited, "
                + "and that of -log at 1 where the prediction is right",
                (0, 0.0886824706566958), (1, 0), (2, 0), (3, -0.0886824706566958), (4, 0)),
            [("x_soft_margin_big_none", "out out")] = At(NoOverflow, (1, 1000)),
            [("x_soft_margin_big_none", "grad input")] = At(NoOverflow, (1, -0.4201794153201996)),
            [("x_soft_margin_big_sum", "out out")] = At(NoOverflow, (0, 1050)),
            [("x_soft_margin_big_sum", "grad input")] = At(NoOverflow, (1, 0.05138880222068578)),

            [("x_ce_all_ignored_w0_mean", "out out")] = At(NothingIsZero, (0, 0)),
            [("x_ce_all_ignored_ls_mean", "out out")] = At(NothingIsZero, (0, 0)),
            [("x_nll_all_ignored_w0_mean", "out out")] = At(NothingIsZero, (0, 0)),
            [("x_ce_empty_batch_mean", "out out")] = At(NothingIsZero, (0, 0)),
            [("x_l1_loss_empty_mean", "out out")] = At(NothingIsZero, (0, 0)),

            [("abs_0", "hvp x")] = All(
                "the oracle errs: the second derivative of |x| is 0, but it repeats its own vector, unweighted", 12, 0),
        };

    /// <summary>Cases that PyTorch rounds more coarsely than the tolerance, with the error allowed instead.</summary>
    public static IReadOnlyDictionary<(string Case, string Part), double> Coarse { get; } =
        new Dictionary<(string, string), double>
        {
            // PyTorch takes 1/6 and 1/alpha as single numbers in these slopes, whatever the type of the tensor.
            [("hardsigmoid_0", "grad x")] = 1e-7,
            [("x_hardsigmoid_wild", "grad x")] = 1e-7,
            [("celu_a0.3_0", "grad x")] = 1e-6,
            [("celu_a0.3_2", "grad x")] = 1e-6,
            [("celu_a0.3_0", "hvp x")] = 1e-6,
            [("celu_a0.3_2", "hvp x")] = 1e-6,
        };

    static Difference At(string reason, params (int Element, double Ours)[] values) =>
        new(reason, values.ToDictionary(pair => pair.Element, pair => pair.Ours));

    static Difference All(string reason, int count, double ours) =>
        new(reason, Enumerable.Range(0, count).ToDictionary(i => i, _ => ours));
}
