using System.Globalization;

namespace MicroGrad.Net;

/// <summary>
/// All that training goes on from, in one file: the weights, the random generators, and what is added: optimizers,
/// schedules, batches, counters. Loaded into the same parts made anew, training has the same bits as without a stop.
/// </summary>
/// <remarks>
/// One file, so that its parts can never be of different moments; it is written beside the old one and takes its place
/// in one step. It is a safetensors file: the weights have PyTorch's names, so that
/// <c>load_state_dict(load_file(path), strict=False)</c> and <c>module.Load(path)</c> take them; the tensors of another
/// part are named <c>part/name</c>; texts, numbers and generators (64-bit words, which no tensor holds) are metadata,
/// and so is the SHA-256 of the whole file but its own digits, by which a damaged file is known. Generators are found in the fields of the
/// model's modules; <see cref="Rng.Default"/> is always among them.
/// </remarks>
public sealed class Checkpoint
{
    const string Mark = "micrograd.checkpoint";
    const string Version = "2";     // 1 had a check sum of the values alone
    const string Generators = "rng/";

    /// <summary>Metadata that says how good the model was when saved.</summary>
    internal const string ScoreKey = "micrograd.score";

    readonly ModuleBase _model;
    readonly List<Part> _parts = [];
    readonly List<(string Name, Rng Rng)> _generators = [];

    /// <summary>A part: tensors or a text, under a name of its own.</summary>
    sealed record Part(
        string Name, Func<IReadOnlyDictionary<string, Tensor>>? Save, Action<IReadOnlyDictionary<string, Tensor>>? Load,
        Func<string>? Write = null, Action<string>? Read = null);

    /// <summary>What a file holds, or what the parts are at a moment.</summary>
    internal readonly record struct Content(
        IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Texts);

    /// <summary>A checkpoint of a model and its generators.</summary>
    public Checkpoint(ModuleBase model) => _model = model;

    /// <summary>Adds a part that consists of tensors.</summary>
    /// <param name="name">The name in the file.</param>
    /// <param name="save">Gives the tensors by name.</param>
    /// <param name="load">Takes them back; throws and changes nothing where they do not fit.</param>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add(string name, Func<IReadOnlyDictionary<string, Tensor>> save,
        Action<IReadOnlyDictionary<string, Tensor>> load) => Add(new Part(name, save, load));

    /// <summary>Adds a part that is a text.</summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add(string name, Func<string> save, Action<string> load) =>
        Add(new Part(name, null, null, save, load));

    /// <summary>Adds a whole number, such as that of the epoch.</summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add(string name, Func<int> save, Action<int> load) => Add(
        name, () => save().ToString(CultureInfo.InvariantCulture),
        text => load(int.Parse(text, CultureInfo.InvariantCulture)));

    /// <summary>Adds a number, such as the best loss so far.</summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add(string name, Func<double> save, Action<double> load) => Add(
        name, () => save().ToString("r", CultureInfo.InvariantCulture),
        text => load(double.Parse(text, CultureInfo.InvariantCulture)));

    /// <summary>Adds what an optimizer remembers.</summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add(string name, Optimizer optimizer) => Add(name, optimizer.State, optimizer.LoadState);

    /// <summary>Adds how far an optimizer's schedule is; after the optimizer, whose learning rate it sets.</summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add(string name, Scheduler scheduler) => Add(name, scheduler.State, scheduler.LoadState);

    /// <summary>Adds an average of weights.</summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add(string name, WeightAverage average) => Add(name, average.State, average.LoadState);

    /// <summary>
    /// Adds what was fitted on the training data, such as a <see cref="FeatureEncoder"/>; <see cref="Read{T}"/> gives it
    /// back. It is not changed by <see cref="Load"/>, which refuses a file with another: one fitted on other data.
    /// </summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add<T>(string name, IFitted<T> fitted) where T : IFitted<T> => Add(name, fitted.SaveState, text =>
    {
        if (text != fitted.SaveState())
            Throw.Value(nameof(Checkpoint), $"'{name}' is not the {fitted.GetType().Name} that is here: the file's was "
                + $"fitted on other data, or otherwise. Take the file's, by Checkpoint.Read<{fitted.GetType().Name}>(path, "
                + $"\"{name}\"); nothing was changed.");
    });

    /// <summary>Adds a generator that is in no module and in no batches.</summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add(string name, Rng rng)
    {
        RequireName(name);
        _generators.Add((name, rng));
        return this;
    }

    /// <summary>Adds the position in an epoch, and the generator of its order.</summary>
    /// <exception cref="ArgumentException">The name is taken, or has a slash or dot.</exception>
    public Checkpoint Add<TInput, TTarget>(string name, Batches<TInput, TTarget> batches)
    {
        Add(name, batches.Generator);
        _parts.Add(new Part(name, null, null, () => PositionText(batches), text => Resume(batches, text)));
        return this;
    }

    /// <summary>
    /// Writes everything to a file, to the disk. A crash on the way leaves the file that was there before.
    /// </summary>
    public void Save(string path) => Save(path, score: null);

    /// <summary>Puts everything back as it was saved.</summary>
    /// <exception cref="DataFileException">The file is damaged or no checkpoint, or its parts are not the ones added
    /// here: all that does not fit is listed. Nothing was changed.</exception>
    public void Load(string path) => Apply(path, Read(path));

    /// <summary>
    /// What was fitted on the training data, out of the file of a model, before there is a model to load:
    /// <c>Checkpoint.Read&lt;FeatureEncoder&gt;(path, "inputs")</c>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The name under which it was added.</param>
    /// <exception cref="DataFileException">The file is damaged or no checkpoint, has no such part, or one of another
    /// kind; the message lists the parts there are.</exception>
    public static T Read<T>(string path, string name) where T : IFitted<T>
    {
        var content = Read(path);
        var texts = content.Texts.Where(pair => !pair.Key.StartsWith(Generators, StringComparison.Ordinal)).ToDictionary();
        if (!texts.TryGetValue(name, out var text))
            throw new DataFileException($"{path}: there is no part '{name}' of a text. "
                + NearNames.Hint(name, texts.Keys.Order(StringComparer.Ordinal), "The parts are"));
        try
        {
            return T.LoadState(text);
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException)
        {
            throw new DataFileException($"{path}: '{name}': {problem.Message}", problem);
        }
    }

    internal void Save(string path, double? score)
    {
        var (tensors, texts) = Capture();
        var metadata = new Dictionary<string, string>(texts) { [Mark] = Version, ["format"] = "pt" };
        if (score is { } value) metadata.Add(ScoreKey, value.ToString("r", CultureInfo.InvariantCulture));
        SafeTensors.Save(path, tensors, metadata, checkSum: true);
    }

    /// <summary>What a complete and undamaged checkpoint holds.</summary>
    internal static Content Read(string path)
    {
        var tensors = SafeTensors.Load(path, out var metadata);
        if (!Is(metadata))
            throw new DataFileException($"{path}: expects a checkpoint, but its metadata has no '{Mark}': to load "
                + "weights alone, use module.Load.");
        if (metadata[Mark] != Version)
            throw new DataFileException(
                $"{path}: expects a checkpoint of version {Version}, but got '{metadata[Mark]}': its weights alone can be "
                + "had with module.Load.");
        foreach (var name in tensors.Skipped.Keys) _ = tensors[name];       // the error that says why
        return new Content(tensors, metadata.Where(pair => !IsOwn(pair.Key)).ToDictionary());
    }

    /// <summary>Takes over a file's content: all of it, or nothing.</summary>
    internal void Apply(string path, Content content)
    {
        var before = Capture();
        try
        {
            RequireSameParts(content, before);
            Restore(content);
        }
        catch (Exception problem)
        {
            Restore(before);
            if (problem is not (ArgumentException or FormatException or OverflowException)) throw;
            throw new DataFileException($"{path}: {problem.Message}", problem);
        }
    }

    /// <summary>Whether metadata are those of a checkpoint.</summary>
    internal static bool Is(IReadOnlyDictionary<string, string> metadata) => metadata.ContainsKey(Mark);

    /// <summary>Whether metadata are those of a checkpoint that has a check sum, unless it is damaged.</summary>
    internal static bool IsChecked(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(Mark, out var version) && version != "1";

    /// <summary>The model's tensors among those of a checkpoint.</summary>
    internal static Dictionary<string, Tensor> WeightsOf(IReadOnlyDictionary<string, Tensor> tensors) =>
        tensors.Where(pair => !pair.Key.Contains('/')).ToDictionary();

    Content Capture()
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, variable) in _model.State())
        {
            if (name.Contains('/')) Throw.Value(nameof(Checkpoint), $"the name '{name}' of the model has a slash.");
            tensors.Add(name, variable.Keep());
        }
        var texts = new Dictionary<string, string>();
        foreach (var (name, rng) in AllGenerators()) texts.Add(Generators + name, rng.State.ToString());
        foreach (var part in _parts)
        {
            if (part.Write is not null) texts.Add(part.Name, part.Write());
            foreach (var (name, tensor) in part.Save?.Invoke() ?? new Dictionary<string, Tensor>())
                tensors.Add($"{part.Name}/{name}", tensor);
        }
        return new Content(tensors, texts);
    }

    void Restore(Content content)
    {
        _model.LoadState(WeightsOf(content.Tensors));
        // Each after those added before it: a schedule may set the rate of its optimizer.
        foreach (var part in _parts)
        {
            part.Read?.Invoke(content.Texts[part.Name]);
            part.Load?.Invoke(content.Tensors.Where(pair => Owner(pair.Key) == part.Name)
                .ToDictionary(pair => pair.Key[(part.Name.Length + 1)..], pair => pair.Value));
        }
        foreach (var (name, rng) in AllGenerators()) rng.State = RngState.Parse(content.Texts[Generators + name]);
    }

    void RequireSameParts(Content found, Content wanted)
    {
        var tensorParts = _parts.Where(part => part.Save is not null).Select(part => part.Name).ToHashSet();
        string[] owners = [.. found.Tensors.Keys.Select(Owner).OfType<string>().Distinct()];
        string[] missing = [.. wanted.Texts.Keys.Except(found.Texts.Keys)];
        string[] unexpected =
            [.. found.Texts.Keys.Except(wanted.Texts.Keys), .. owners.Where(owner => !tensorParts.Contains(owner))];
        if (missing.Length + unexpected.Length > 0)
            Throw.Value(nameof(Checkpoint), "the parts of the file are not those of this checkpoint; nothing was "
                + $"changed:\n{new StateFit(missing, unexpected, [])}");
    }

    IEnumerable<(string Name, Rng Rng)> AllGenerators() =>
        _model.Generators().Select(named => ("model." + named.Name, named.Rng)).Concat(_generators)
            .Prepend(("default", Rng.Default)).DistinctBy(named => named.Item2);

    static string? Owner(string tensor) => tensor.IndexOf('/') is >= 0 and var slash ? tensor[..slash] : null;

    static bool IsOwn(string key) => key is Mark or ScoreKey or "format";

    Checkpoint Add(Part part)
    {
        RequireName(part.Name);
        _parts.Add(part);
        return this;
    }

    void RequireName(string name)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny('/', '.') || IsOwn(name))
            Throw.Value(nameof(Checkpoint), $"'{name}' cannot name a part: it must be a word, without slash or dot.");
        if (name == "default" || _parts.Any(part => part.Name == name) || _generators.Any(named => named.Name == name))
            Throw.Value(nameof(Checkpoint), $"there are two parts '{name}'.");
    }

    static string PositionText<TInput, TTarget>(Batches<TInput, TTarget> batches)
    {
        var (order, next) = batches.Position;
        return string.Create(
            CultureInfo.InvariantCulture, $"{next} of {batches.Count} in {batches.RowCount} from {order}");
    }

    static void Resume<TInput, TTarget>(Batches<TInput, TTarget> batches, string text)
    {
        if (text.Split(' ', 7) is not [var next, "of", var count, "in", var rows, "from", var order])
            throw new FormatException($"Batches: expects a position, but got '{text}'.");
        if (Number(count) != batches.Count || Number(rows) != batches.RowCount)
            Throw.Value(nameof(Batches), $"the position is in a data set of {rows} rows in {count} batches, but this "
                + $"one has {batches.RowCount} in {batches.Count}.");
        batches.Position = new BatchPosition(RngState.Parse(order), Number(next));

        static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }
}
