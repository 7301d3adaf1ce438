namespace MicroGrad.Net;

// The checks of what flows through the network: activations, gradients, updates, and one sample into another.
sealed partial class Examination<TTarget>
{
    const int FewSteps = 5;

    IEnumerable<Finding> ParametersReached()
    {
        const string Check = "parameters";
        if (NotHeld() is { Length: > 0 } notHeld)
        {
            yield return Fault(Check, $"the loss depends on parameters that are no part of the model, so that an optimizer of "
                + $"model.Parameters() never changes them: {string.Join(", ", notHeld)}",
                "make layers and parameters once, and keep them in fields of the model; or give these to the optimizer too");
            yield break;
        }
        var value = Forward(OneBatch);
        var onTape = value.Tape.ToHashSet();
        (string Name, Parameter Parameter)[] trained = [.. model.NamedParameters().Where(named => named.Parameter.RequiresGrad)];
        string[] apart = [.. trained.Where(named => !onTape.Contains(named.Parameter.Node!)).Select(named => named.Name)];
        if (apart.Length > 0)
        {
            yield return Fault(Check, $"not connected to the loss: {string.Join(", ", apart)}",
                "use their layer in Forward, look for a Detach(), or set RequiresGrad to false");
            yield break;
        }
        // Weights behind zeros (a residual branch that starts at 0) get their first gradient a step or two later.
        var still = trained.ToHashSet();
        Train(OneBatch, Make(s_rates[0]), FewSteps, _ =>
            still.RemoveWhere(named => named.Parameter.Grad is { } gradient && Size(gradient) != 0));
        yield return still.Count == 0 ? Sound(Check, Text($"all {trained.Length} get gradients"))
            : Fault(Check, $"the gradient stays exactly 0: {string.Join(", ", still.Select(named => named.Name))}",
                "what follows them is dead (relu of nothing but negative numbers), saturated, rounded, or multiplied by 0");
    }

    /// <summary>Parameters on the tape, and not in the model: captured by a function, or made in Forward.</summary>
    string[] NotHeld()
    {
        using var detailed = Tape.Detailed();
        var tape = Forward(data.Rows(_rows[..Math.Min(_rows.Length, OverfitRows)])).Tape;
        var held = model.Parameters().Select(parameter => parameter.Node).ToHashSet();
        return [.. tape.Where(node => node is { IsLeaf: true, Op: "parameter" } && !held.Contains(node)).Select(leaf =>
            $"{leaf.Name ?? "one without a name"} {leaf.Shape} (in {At(tape.First(node => node.Inputs.Contains(leaf)))})")];
    }

    IEnumerable<Finding> Activations()
    {
        const string Check = "activations";
        List<(string Text, bool Bad)> seen = [];
        using (Gradients.Observe(result =>
        {
            if (Units.ShareOfDead(result) is { } dead)
                seen.Add((Text($"{Units.NameOf(result)}: {100 * dead:0} % of units dead"), dead >= 0.4));
            else if (Units.ShareSaturated(result) is { } flat)
                seen.Add((Text($"{Units.NameOf(result)}: {100 * flat:0} % saturated"), flat >= 0.5));
        })) model.Forward(Sample.X);
        string[] bad = [.. seen.Where(one => one.Bad).Select(one => one.Text)];
        yield return seen.Count == 0 ? Skipped(Check, "there is no relu, tanh or sigmoid")
            : bad.Length == 0 ? Sound(Check, string.Join("; ", seen.Select(one => one.Text)))
            : Fault(Check, string.Join("; ", bad), "weights or inputs are too large, or a bias is far off: use Init's gains, "
                + "standardise inputs, put a normalisation before, or take a smaller learning rate");
    }

    IEnumerable<Finding> GradientsByLayer()
    {
        const string Check = "gradients by layer";
        const double Apart = 1000;
        var weights = Weights();
        var gradients = Gradients.Of(Forward(OneBatch), [.. weights.Select(named => named.Parameter)], allowUnused: true);
        (string Name, double Size)[] sizes = [.. weights.Zip(gradients, (named, gradient) => (named.Name, Size(gradient)))
            .Where(pair => pair.Item2 != 0)];
        if (sizes.Length < 2)
        {
            yield return Skipped(Check, "fewer than two layers get a gradient");
            yield break;
        }
        var (first, last) = (sizes[0], sizes[^1]);
        var (low, high) = (sizes.MinBy(pair => pair.Size), sizes.MaxBy(pair => pair.Size));
        var evidence = Text($"root mean square from {first.Size:g2} in {first.Name} to {last.Size:g2} in {last.Name}; least {
            low.Size:g2} in {low.Name}, largest {high.Size:g2} in {high.Name}");
        var way = first.Size < last.Size ? "vanish" : "explode";
        yield return high.Size <= Apart * low.Size ? Sound(Check, evidence)
            : Fault(Check, $"they {way} on the way to the input: {evidence}", way == "vanish"
                ? "use relu-like activations with He's initialisation, normalisation layers or residual connections"
                : "start with smaller weights, add normalisation layers, or clip gradients");
    }

    /// <summary>The weights of layers; not those of embeddings, of which each batch reaches few rows.</summary>
    (string Name, Parameter Parameter)[] Weights()
    {
        var embedded = model.Modules().OfType<Embedding>().SelectMany(module => module.Parameters()).ToHashSet();
        return [.. model.NamedParameters().Where(named => named.Parameter is { RequiresGrad: true, Rank: > 1 }
            && !embedded.Contains(named.Parameter))];
    }

    IEnumerable<Finding> Updates()
    {
        const string Check = "update-to-weight ratio";
        if (optimizer is null)
        {
            yield return Skipped(Check, "pass the optimizer of the long run to have it judged");
            yield break;
        }
        var weights = Weights();
        var ratios = new double[weights.Length];
        var before = Array.ConvertAll(weights, named => named.Parameter.Keep());
        Train(OneBatch, optimizer, FewSteps, _ =>
        {
            for (var i = 0; i < weights.Length; i++)
            {
                var (old, now) = (before[i], weights[i].Parameter.Keep());
                ratios[i] += Size(now - old) / Math.Max(Size(old), 1e-12) / FewSteps;
                before[i] = now;
            }
        });
        var evidence = string.Join(", ", weights.Zip(ratios, (named, ratio) => Text($"{named.Name} {ratio:g2}")));
        yield return ratios.Any(ratio => !(ratio <= 0.2)) ? Fault(Check, evidence, "steps are too large (about 0.001 is usual): "
                + "take a smaller learning rate, or a warm-up")
            : ratios.Any(ratio => ratio < 1e-6) ? Fault(Check, evidence, "steps are too small (about 0.001 is usual) to change "
                + "anything: take a larger learning rate, or look why the gradient is small")
            : Sound(Check, evidence);
    }

    IEnumerable<Finding> Leakage()
    {
        const string Check = "leakage between samples";
        var rows = _rows[..Math.Min(_rows.Length, 8)];
        if (rows.Length < 2 || !(model.Forward(data.Rows(rows).X) is { Rank: > 0 } output && output.Shape[0] == rows.Length))
        {
            yield return Skipped(Check, "the output has no row per sample");
            yield break;
        }
        FromStart();
        var (training, how) = Leaks(rows);
        FromStart();
        model.Eval();
        var (evaluation, _) = Leaks(rows);
        var normed = model.Modules().Any(module => module is BatchNorm);
        yield return evaluation ? Fault(Check, $"in evaluation, the output of a sample depends on others of its batch ({how})",
                "look for a reshape, a transposition, or a mean or softmax along axis 0, the samples")
            : !training ? Sound(Check, $"none ({how})")
            : normed ? Sound(Check, $"in training only, as batch normalization does by design ({how})")
            : Fault(Check, $"in training, the output of a sample depends on others of its batch, without batch normalization ({how})",
                "look for statistics along axis 0, the samples");
    }

    /// <summary>Whether the first sample's output depends on other samples; by gradient, or, for ids, by
    /// exchange.</summary>
    (bool Leaks, string How) Leaks(int[] rows)
    {
        var x = data.Rows(rows).X.Keep();
        x.RequiresGrad = true;
        var first = model.Forward(x).Select([0]).Sum();
        if (first.Node is not null && first.Tape.Contains(x.Node!))
        {
            var gradient = Gradients.Of(first, [x])[0];
            return (Size(gradient.Select([.. Enumerable.Range(1, rows.Length - 1)])) > 0, "by gradients");
        }
        using var off = Gradients.Off();
        var drawn = ModelState.Of([], model.Generators().Select(named => named.Rng));
        double[] Output(int[] batch)
        {
            drawn.Restore();
            return model.Forward(data.Rows(batch).X).Select([0]).ToDoubles();
        }
        int[] others = [rows[0], .. Enumerable.Repeat(rows[0], rows.Length - 1)];
        return (!Output(rows).AsSpan().SequenceEqual(Output(others)), "by exchanging the others");
    }

    /// <summary>The root mean square of the elements; 0 where there are none.</summary>
    static double Size(Tensor tensor) =>
        tensor.Length == 0 ? 0 : Math.Sqrt(tensor.ToDoubles().Sum(x => x * x) / tensor.Length);
}
