namespace MicroGrad.Net;

/// <summary>
/// What an operation does and how gradients pass through it. The inputs are called a, b, c, the result y, and g is
/// ∂L/∂y; a hat marks what is known of the whole row.
/// </summary>
/// <param name="Words">The local rule in words.</param>
/// <param name="Formula">The operation.</param>
/// <param name="Rules">∂L/∂a, ∂L/∂b, …; the last serves all inputs that follow.</param>
/// <param name="Element">One element of the result by those of the inputs, {0}, {1}, …; null where not
/// elementwise.</param>
sealed record OpRule(string Words, string Formula, string[] Rules, string? Element = null);

/// <summary>The rules of all operations of the library, for the reader of a tape.</summary>
static class OpRules
{
    const string Move = "Elements only move: each gradient goes back to where its element came from.";
    const string Curve = "Each gradient is multiplied by the slope of the curve at that element.";

    static readonly Dictionary<string, OpRule> s_rules = new()
    {
        // arithmetic
        ["add"] = new("A sum passes its gradient on to each input as it is. Where an input was repeated to fit, its "
            + "gradients are summed.", "y = a + b", ["g", "g"], "{0} + {1}"),
        ["subtract"] = new("The gradient goes on as it is, and with the other sign to what was subtracted.",
            "y = a − b", ["g", "−g"], "{0} − {1}"),
        ["multiply"] = new("Each factor gets the gradient times the other factor. b may be a plain number.",
            "y = a · b", ["g · b", "g · a"], "{0} · {1}"),
        ["divide"] = new("The numerator gets the gradient divided by the denominator; the denominator pulls the other "
            + "way.", "y = a / b", ["g / b", "−g · a / b²"], "{0} / {1}"),
        ["negate"] = new("The gradient changes its sign.", "y = −a", ["−g"], "−({0})"),
        ["pow"] = new("Base and exponent get the gradient times their slopes.", "y = aᵇ",
            ["g · b · aᵇ⁻¹", "g · aᵇ · log a"], "{0} ^ {1}"),
        ["maximum"] = new("The larger of the two gets the whole gradient, the other nothing; equals share it.",
            "y = max(a, b)", ["g where a > b, ½ g where equal, else 0", "g where b > a, ½ g where equal, else 0"],
            "max({0}, {1})"),
        ["minimum"] = new("The smaller of the two gets the whole gradient, the other nothing; equals share it.",
            "y = min(a, b)", ["g where a < b, ½ g where equal, else 0", "g where b < a, ½ g where equal, else 0"],
            "min({0}, {1})"),
        ["where"] = new("The gradient goes to what was chosen; the condition a gets none.", "y = b where a ≠ 0, else c",
            ["none", "g where a ≠ 0, else 0", "0 where a ≠ 0, else g"]),
        ["to"] = new("The gradient is converted back to the number type of the input.", "y = a in another number type",
            ["g in the type of a"]),
        ["identity"] = new("The gradient goes on as it is.", "y = a", ["g"], "{0}"),

        // elementary functions
        ["exp"] = new(Curve, "y = eᵃ", ["g · y"], "exp({0})"),
        ["expm1"] = new(Curve, "y = eᵃ − 1", ["g · eᵃ"], "exp({0}) − 1"),
        ["log"] = new(Curve, "y = log a", ["g / a"], "log({0})"),
        ["log1p"] = new(Curve, "y = log(1 + a)", ["g / (1 + a)"], "log(1 + {0})"),
        ["sqrt"] = new(Curve, "y = √a", ["g / (2y)"], "√({0})"),
        ["rsqrt"] = new(Curve, "y = 1/√a", ["−g · y³ / 2"], "1 / √({0})"),
        ["sin"] = new(Curve, "y = sin a", ["g · cos a"], "sin({0})"),
        ["cos"] = new(Curve, "y = cos a", ["−g · sin a"], "cos({0})"),
        ["atan"] = new(Curve, "y = arctan a", ["g / (1 + a²)"], "arctan({0})"),
        ["erf"] = new(Curve, "y = erf a", ["g · 2/√π · exp(−a²)"], "erf({0})"),
        ["abs"] = new("The gradient, with the sign of the element; 0 at 0.", "y = |a|", ["g · sign a"], "|{0}|"),
        ["sign"] = new("A step function is flat: no gradient passes.", "y = sign a", ["0"], "sign({0})"),
        ["clamp"] = new("Gradients pass where the element is within the bounds, and stop where it was cut off.",
            "y = a limited to [low, high]", ["g where low ≤ a ≤ high, else 0"]),

        // activations
        ["relu"] = new("Open or shut: where a is above 0 the gradient passes unchanged, else nothing does.",
            "y = max(0, a)", ["g where a > 0, else 0"], "max(0, {0})"),
        ["leaky relu"] = new("Above 0 the gradient passes unchanged, below it is scaled down.",
            "y = a above 0, slope · a below", ["g above 0, slope · g below"]),
        ["elu"] = new(Curve, "y = a above 0, α·(eᵃ − 1) below", ["g above 0, g · α·eᵃ below"]),
        ["selu"] = new(Curve, "y = λ·a above 0, λ·α·(eᵃ − 1) below", ["g · λ above 0, g · λ·α·eᵃ below"]),
        ["celu"] = new(Curve, "y = a above 0, α·(exp(a/α) − 1) below", ["g above 0, g · exp(a/α) below"]),
        ["gelu"] = new(Curve, "y = a · Φ(a), Φ the normal distribution", ["g · (Φ(a) + a · φ(a)), φ its density"]),
        ["silu"] = new(Curve, "y = a · σ(a)", ["g · (σ(a) + y · (1 − σ(a)))"], "{0} · σ({0})"),
        ["mish"] = new(Curve, "y = a · tanh(log(1 + eᵃ))", ["g · dy/da"]),
        ["tanh"] = new("Where the curve is flat (y near ±1) hardly any gradient passes.", "y = tanh a",
            ["g · (1 − y²)"], "tanh({0})"),
        ["sigmoid"] = new("At most a quarter of the gradient passes, and hardly any where y is near 0 or 1.",
            "y = σ(a) = 1/(1 + e⁻ᵃ)", ["g · y · (1 − y)"], "σ({0})"),
        ["log-sigmoid"] = new(Curve, "y = log σ(a)", ["g · σ(−a)"], "log σ({0})"),
        ["softsign"] = new(Curve, "y = a / (1 + |a|)", ["g / (1 + |a|)²"], "{0} / (1 + |{0}|)"),
        ["log-cosh"] = new(Curve, "y = log cosh a", ["g · tanh a"], "log cosh({0})"),
        ["exp beyond line"] = new(Curve, "y = eᵃ − 1 − a", ["g · (eᵃ − 1)"], "exp({0}) − 1 − {0}"),
        ["softplus"] = new(Curve, "y = log(1 + exp(β·a)) / β", ["g · σ(β·a)"]),
        ["hard tanh"] = new("Gradients pass between the bounds only.", "y = a limited to (low, high)",
            ["g where low < a < high, else 0"]),
        ["hard sigmoid"] = new("A sixth of the gradient passes between the bounds, else nothing.",
            "y = a/6 + ½ limited to (0, 1)", ["g / 6 where −3 < a < 3, else 0"]),
        ["hard swish"] = new(Curve, "y = a · hard sigmoid(a)", ["g · (a/3 + ½) where −3 < a < 3, g above, 0 below"]),

        // reductions
        ["sum"] = new("A sum hands the same gradient to each of its terms.", "y = Σ a", ["g, to each term"]),
        ["norm"] = new("Each element gets the gradient times its share of the length.", "y = √(Σ a² / n + ε)",
            ["g · a / (n · y)"]),
        ["mean of squares"] = new("Each element gets twice itself, times the n-th part of the gradient.",
            "y = (1/n) Σ a²", ["2 · g · a / n"]),
        ["mean"] = new("A mean of n hands each of its terms the n-th part of the gradient.", "y = (1/n) Σ a",
            ["g / n, to each term"]),
        ["max"] = new("Only the largest element mattered: it gets the gradient; equals share it.", "y = max a",
            ["g where a = y, else 0"]),
        ["min"] = new("Only the smallest element mattered: it gets the gradient; equals share it.", "y = min a",
            ["g where a = y, else 0"]),
        ["log-sum-exp"] = new("The gradient is shared out by the softmax.", "y = log Σ exp a", ["g · softmax(a)"]),
        ["softmax"] = new("The outputs of a row add up to 1, so what one gains the others lose.",
            "yᵢ = exp aᵢ / Σₖ exp aₖ", ["yᵢ · (gᵢ − Σₖ gₖ yₖ)"]),
        ["log-softmax"] = new("Each logit gets its gradient less its share of the row's sum.",
            "yᵢ = aᵢ − log Σₖ exp aₖ", ["gᵢ − exp yᵢ · Σₖ gₖ"]),
        ["cumulative sum"] = new("An element is in all sums from its place on, and gets all their gradients.",
            "yᵢ = a₀ + … + aᵢ", ["Σ gₖ over k ≥ i"]),

        // products
        ["matmul"] = new("Each matrix gets the gradient times the other, turned so that the shapes fit.",
            "y = a · b (matrix product)", ["g · bᵀ", "aᵀ · g"]),
        ["linear"] = new("The weights b get, of each input with each output, the product of the input with the "
            + "output's gradient, summed over the rows.", "y = a · bᵀ + c", ["g · b", "gᵀ · a", "Σ g over the rows"]),
        ["conv2d"] = new("Each input gets, of all windows it was in, the gradient times the weight that was on it; "
            + "each weight, of all places it was at, the gradient times the input under it.",
            "y = weights b slid over the images a, + c",
            ["g slid back over b", "the images a correlated with g", "Σ g over samples and places"]),
        ["conv transpose2d"] = new("The reverse of a convolution: its gradient is a convolution.",
            "y = each number of a spread through the window b", ["g convolved with b", "a correlated with g"]),
        ["conv2d weights"] = new("The gradient of a convolution's weights, itself to be differentiated.",
            "y = the images a correlated with b", ["b slid back over g", "a convolved with g"]),

        // movements
        ["reshape"] = new(Move, "y = a in another shape", ["g in the shape of a"]),
        ["expand"] = new("What was repeated gets the sum of all its copies' gradients.", "y = a repeated", ["Σ g"]),
        ["permute"] = new(Move, "y = a with its axes in another order", ["g with its axes back in order"]),
        ["slice"] = new("The part gets the gradient; what was left out gets 0.", "y = a part of a",
            ["g in its place, else 0"]),
        ["flip"] = new(Move, "y = a in reverse", ["g in reverse"]),
        ["diagonal"] = new("The diagonal gets the gradient; the rest gets 0.", "y = the diagonal of a",
            ["g on the diagonal, else 0"]),
        ["pad"] = new("The border is no input: its gradients are dropped.", "y = a with a border",
            ["g without border"]),
        ["concat"] = new("Each part gets the gradient of its own place.", "y = a, b, … joined", ["the part of g"]),
        ["gather"] = new("What was picked gets the gradient, summed where it was picked several times; the rest 0.",
            "y = a at given places", ["g added in those places, else 0"]),
        ["select"] = new("What was picked gets the gradient, summed where it was picked several times; the rest 0.",
            "y = given rows of a", ["g added in those rows, else 0"]),

        // windows
        ["max pool2d"] = new("Only the largest number of each window mattered: it gets the window's gradient.",
            "y = the largest in each window of a", ["g where the largest was, else 0"]),
        ["avg pool2d"] = new("All numbers of a window share its gradient equally.", "y = the mean of each window of a",
            ["g / window's size, summed over windows"]),
        ["adaptive avg pool2d"] = new("All numbers of a window share its gradient equally.",
            "y = the mean of each window of a", ["g / window's size, summed over windows"]),

        // fused
        ["cross-entropy"] = new("Probability minus truth: each logit is pushed down by its softmax, and the true class "
            + "up by 1.", "y = −log softmax(a)[label]", ["g · (softmax(a) − one-hot(label))"]),
        ["binary cross-entropy"] = new("Probability minus truth.", "y = −b · log σ(a) − (1 − b) · log σ(−a)",
            ["g · (σ(a) − b)", "−g · a"]),
        ["standardize"] = new("Gradients are scaled by 1/σ; what would only shift or stretch all values of the group "
            + "is taken out, since the group's mean and spread cannot change.",
            "y = b · â + c, â = (a − mean)/√(variance + ε)",
            ["b/σ · (g − mean(g) − â · mean(g · â))", "Σ g · â", "Σ g"]),
        ["layer norm"] = new("Gradients are scaled by 1/σ; what would only shift or stretch the whole row is taken "
            + "out, since its mean and spread cannot change.", "y = b · â + c, â = (a − mean)/√(variance + ε) of each row",
            ["1/σ · (bg − mean(bg) − â · mean(bg · â))", "Σ g · â", "Σ g"]),
        ["attention"] = new("Values get gradients by the weights with which they were taken; through the softmax, "
            + "queries and keys learn which to take.", "y = w · v, w = softmax(q · kᵀ / √width)",
            ["to v: wᵀ·g; s = w · (g·vᵀ − row sums of w·(g·vᵀ)); to q: s·k/√width; to k: sᵀ·q/√width"]),
        ["rnn"] = new("Backward through time: each step's gradient goes to its input and weights, and on to the step "
            + "before.", "hₜ = f(W·xₜ + U·hₜ₋₁ + b)", ["f′ · (gₜ + what comes from step t + 1), through W, U or to b"]),
        ["gru"] = new("Backward through time; where the update gate z is open, the gradient passes to the step before "
            + "as it is.", "hₜ = (1 − z) · n + z · hₜ₋₁", ["through z, n and the reset gate, summed over steps"]),
        ["lstm"] = new("Backward through time; along the cell the gradient is only multiplied by the forget gate f, so "
            + "that it lasts.", "cₜ = f · cₜ₋₁ + i · n, hₜ = o · tanh cₜ",
            ["through the gates i, f, o and the candidate n, summed over steps"]),
    };

    /// <summary>Of an operation that the library does not know.</summary>
    static readonly OpRule s_unknown = new("A function with a rule of its own.", "y = f(a, …)", ["g through its rule"]);

    static readonly OpRule s_leaf = new("The tape starts here: the gradient that arrives is what an optimizer uses.",
        "", []);

    public static bool Knows(string op) => s_rules.ContainsKey(op);

    public static OpRule Of(Node node) => node.IsLeaf ? s_leaf : s_rules.GetValueOrDefault(node.Op, s_unknown);
}
