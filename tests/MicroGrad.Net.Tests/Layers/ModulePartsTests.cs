using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace MicroGrad.Net.Tests;

/// <summary>Whatever holds a part is looked into, or is an error that names the field; nothing stays hidden.</summary>
public sealed class ModulePartsTests
{
    /// <summary>A module with one field, of any type.</summary>
    sealed class With<T>(T held) : Module
    {
        readonly T _held = held;

        public T Held => _held;

        protected override Tensor Compute(Tensor input) => input;
    }

    static Linear L() => new(1, 1, bias: false);

    static string[] Names<T>(T held) => [.. new With<T>(held).NamedParameters().Select(named => named.Name)];

    static string Refusal(Module model) => Numbers.Message<InvalidOperationException>(model.Parameters);

    [Fact]
    public void Containers_are_looked_into_whatever_their_elements_are()
    {
        Assert.Equal(["held.0.0.weight", "held.1.0.weight"], Names(new List<(Linear, Dropout)> { (L(), new()), (L(), new()) }));
        Assert.Equal(["held.0.weight", "held.2.0.weight"], Names((L(), 3, Tuple.Create(L(), "text"))));
        Assert.Equal(["held.0.0.weight", "held.1.0.weight", "held.1.1.weight"], Names<Linear[][]>([[L()], [L(), L()]]));
        Assert.Equal(["held.0.0.weight", "held.0.1.weight", "held.1.1.weight"], Names(new Linear?[,] { { L(), L() }, { null, L() } }));
        Assert.Equal(["held.b.weight", "held.a.0.weight"], Names(new Dictionary<string, object> { ["b"] = L(), ["a"] = (L(), 1) }));
        Assert.Equal(["held.1.0.weight"], Names(new SortedDictionary<int, (Linear, int)> { [1] = (L(), 2) }));
        Assert.Equal(["held.0.0.weight"], Names(ImmutableArray.Create((L(), 1))));
        Assert.Equal(["held.0.weight"], Names(ImmutableList.Create(L())));
        Assert.Equal(["held.0.weight"], Names<object>(new Collection<Module> { L() }));
        Assert.Equal(["held.0.weight"], Names<IEnumerable<Module>>(new ReadOnlyCollection<Module>([L()])));
        Assert.Equal(["held.0.weight", "held.1.weight"], Names(new HashSet<Linear> { L(), L() }));
        Assert.Equal(["held.0.weight"], Names(new Queue<Linear>([L()])));
        Assert.Equal(["held.0.weight"], Names(new LinkedList<Linear>([L()])));
        Assert.Equal(["held.0.weight"], Names(new ArrayList { L(), 7 }));
        Assert.Equal(["held.weight"], Names<object>(L()));
        Assert.Equal(["held.0.weight"], Names<(Linear, Dropout)?>((L(), new())));
        Assert.Equal(["held.0", "held.1"], Names<Tensor[]>([new Parameter(Tensor.Ones([1])), new Parameter(Tensor.Ones([2])), Tensor.Ones([3])]));
        Assert.Empty(Names<(Linear, Dropout)?>(null));
        Assert.Empty(Names(default(ImmutableArray<Linear>)));
    }

    /// <summary>Where hash codes give the order, it would differ from run to run: keys do.</summary>
    [Fact]
    public void Entries_without_an_order_come_by_their_keys()
    {
        string[] keys = [.. Enumerable.Range(0, 20).Select(i => $"k{i * 7919 % 20:00}")];
        string[] expected = [.. keys.Order(StringComparer.Ordinal).Select(key => $"held.{key}.weight")];
        var layers = keys.ToDictionary(key => key, _ => L());
        Assert.Equal(expected, Names(layers.ToFrozenDictionary()));
        Assert.Equal(expected, Names(layers.ToImmutableDictionary()));
        Assert.Equal(expected, Names(new ConcurrentDictionary<string, Linear>(layers)));
        Assert.Equal(expected, Names(new Hashtable(layers)));
        Assert.Equal(keys.Select(key => $"held.{key}.weight"), Names(layers));
    }

    [Fact]
    public void Parts_in_a_list_of_tuples_are_trained_saved_and_switched()
    {
        var model = new With<List<(Linear, Dropout)>>([(L(), new Dropout()), (L(), new Dropout())]);
        model.Eval();
        Assert.All(model.Held, pair => Assert.False(pair.Item2.IsTraining));
        Assert.Equal(5, model.Modules().Count);
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.safetensors");
        try
        {
            model.Save(file);
            var other = new With<List<(Linear, Dropout)>>([(L(), new Dropout()), (L(), new Dropout())]);
            other.Load(file);
            Assert.Equal(model.Held[1].Item1.Weight.ToDoubles(), other.Held[1].Item1.Weight.ToDoubles());
        }
        finally
        {
            File.Delete(file);
        }
    }

    readonly record struct Pair(Linear Layer, Dropout Dropout);

    sealed record Boxed(Linear Layer);

    struct Plain
    {
        public int Number;
        public Parameter Weight;
    }

    class Holder
    {
        public object? Anything;
    }

    sealed class DerivedHolder : Holder
    {
        public int Number = 1;
    }

    sealed class Named : Module
    {
        public List<Pair> Blocks { get; } = [new(L(), new())];

        protected override Tensor Compute(Tensor input) => input;
    }

    static IEnumerable<Linear> Anew()
    {
        yield return L();
    }

    [Fact]
    public void What_cannot_be_looked_into_is_an_error_that_names_the_field()
    {
        var message = Refusal(new Named());
        Assert.StartsWith("Named.Blocks[0] is a Pair that holds Dropout(0.5), which is not found there", message, StringComparison.Ordinal);
        Assert.Contains("[NotAPart]", message, StringComparison.Ordinal);
        Module[] all =
        [
            new With<Pair>(new(L(), new())), new With<Pair?>(new Pair(L(), new())), new With<Boxed[]>([new(L())]), new With<Boxed>(new(L())),
            new With<Plain>(new() { Number = 1, Weight = new(Tensor.Ones([1])) }), new With<object>(new Boxed(L())),
            new With<Dictionary<string, Boxed>>(new() { ["a"] = new(L()) }), new With<(int, Boxed)>((1, new(L()))),
            new With<List<KeyValuePair<string, Linear>>>([new("a", L())]), new With<Memory<Linear>>(new[] { L() }),
            new With<Lazy<Linear>>(new Lazy<Linear>(L)), new With<Lazy<Linear>>(new Lazy<Linear>(L())),
            new With<IEnumerable<Linear>>(Anew()), new With<IEnumerable<Linear>>(Enumerable.Range(0, 3).Select(_ => L())),
            new With<FrozenSet<Linear>>(new[] { L() }.ToFrozenSet()), new With<ImmutableHashSet<Linear>>([L()]),
            new With<HashSet<(Linear, int)>>([(L(), 1)]), new With<ArraySegment<(Linear, int)>>(new([(L(), 1)])),
            new With<Holder>(new DerivedHolder { Anything = new List<Boxed> { new(L()) } }), new With<Holder>(new() { Anything = L() }),
            new With<Dictionary<Linear, string>>(new() { [L()] = "a" }), new With<ModuleBuffer[][]>([]) { }, new With<Holder>(new() { Anything = new ModuleBuffer(Tensor.Ones([1])) }),
        ];
        foreach (var model in all.Where(model => model is not With<ModuleBuffer[][]>))
        {
            var text = Refusal(model);
            Assert.True(text.Contains("._held", StringComparison.Ordinal), $"{model.GetType()}: {text}");
            Assert.Equal(text, Numbers.Message<InvalidOperationException>(model.Eval));
            Assert.Equal(text, Numbers.Message<InvalidOperationException>(model.State));
            Assert.Equal(text, Numbers.Message<InvalidOperationException>(model.NamedModules));
            Assert.NotEmpty(model.ToString());
        }
    }

    sealed class Knowing : Module
    {
        readonly Linear _layer = L();
        readonly Boxed _same;
        readonly Dictionary<Module, string> _labels;
        readonly Func<Tensor, Tensor> _function;
        [NotAPart] readonly Linear _teacher = L();
        [NotAPart] readonly Boxed _other = new(L());
        readonly int[] _numbers = new int[1_000_000];
        readonly List<Boxed?> _none = [null];

        public Knowing() => (_same, _labels, _function) = (new(_layer), new() { [_layer] = "first" }, x => x * _teacher.Weight);

        [field: NotAPart]
        public Module? Best { get; set; } = L();

        protected override Tensor Compute(Tensor input) => _function(_same.Layer.Forward(input) + _other.Layer.Weight)
            * (_numbers.Length + _none.Count + _labels.Count);
    }

    [Fact]
    public void Parts_that_are_found_elsewhere_or_meant_to_stay_outside_are_no_error()
    {
        var model = new Knowing();
        Assert.Equal(["layer.weight"], model.NamedParameters().Select(named => named.Name));
        Assert.Equal(2, model.Modules().Count);
        model.Best!.Train();
        model.Eval();
        Assert.True(model.Best!.IsTraining);
    }

    sealed class Static : Module
    {
        public static readonly Static Instance = new();
        static readonly Linear s_shared = L();

        protected override Tensor Compute(Tensor input) => s_shared.Forward(input);
    }

    [Fact]
    public void A_static_layer_is_an_error_and_a_static_model_of_the_own_type_is_none()
    {
        Assert.StartsWith("Static.s_shared is a Linear that holds Linear(1 -> 1, no bias)", Refusal(new Static()), StringComparison.Ordinal);
        Assert.DoesNotContain("Instance", Refusal(Static.Instance), StringComparison.Ordinal);
    }

    class Generic<T>(T net) : Module
    {
        readonly T _net = net;

        protected override Tensor Compute(Tensor input) => _net is Module net ? net.Forward(input) : input;
    }

    sealed class Twice : Generic<Linear>
    {
        readonly Linear _net = L();

        public Twice() : base(L())
        {
        }

        public Linear Own => _net;
    }

    sealed class Alike : Module
    {
        readonly Linear _net = L();

        public Linear Net { get; } = L();

        protected override Tensor Compute(Tensor input) => _net.Forward(input);
    }

    sealed class Attributed : Module
    {
        [StateName("b")] readonly Linear _a = L();
        readonly Linear _b = L();

        protected override Tensor Compute(Tensor input) => _b.Forward(_a.Forward(input));
    }

    [Fact]
    public void One_name_of_two_parts_is_an_error_that_names_both()
    {
        const string Both = "'net.weight' is the name of two parts, Twice._net (of Generic<Linear>).Weight and Twice._net.Weight";
        Assert.StartsWith(Both, Refusal(new Twice()), StringComparison.Ordinal);
        Assert.StartsWith(Both, Numbers.Message<InvalidOperationException>(() => new Twice().LoadState(new Dictionary<string, Tensor>())), StringComparison.Ordinal);
        Assert.Contains("'net.weight' is the name of two parts, Alike._net.Weight and Alike.Net.Weight", Refusal(new Alike()), StringComparison.Ordinal);
        Assert.Contains("Attributed._a.Weight and Attributed._b.Weight", Refusal(new Attributed()), StringComparison.Ordinal);
        var dotted = new Dictionary<string, object> { ["a.b"] = L(), ["a"] = new Dictionary<string, Linear> { ["b"] = L() } };
        Assert.Contains("With<Dictionary<String, Object>>._held[a.b].Weight", Refusal(new With<Dictionary<string, object>>(dotted))
            .Replace("With`1", "With<Dictionary<String, Object>>", StringComparison.Ordinal), StringComparison.Ordinal);
        // Without parameters nothing is mixed up; only who asks for names hears of it.
        var plain = new With<Dictionary<string, Module>>(new() { ["a.b"] = new Tanh(), ["a"] = new Sequential(new Tanh()) });
        Assert.Empty(plain.Eval().Parameters());
    }

    [Fact]
    public void One_module_under_two_equal_names_is_one_part()
    {
        var shared = L();
        Assert.Equal(["net.weight"], new Generic<Generic<Linear>>(new Generic<Linear>(shared)).NamedParameters()
            .Select(named => named.Name.Replace("net.net", "net", StringComparison.Ordinal)));
        Assert.Equal(["held.0.weight"], Names<Linear[]>([shared, shared]));
    }

    [Fact]
    public void A_chain_too_deep_to_be_walked_is_an_error_and_no_crash()
    {
        object chain = L();
        for (var i = 0; i < 100_000; i++) chain = Tuple.Create(chain);
        var model = new With<object>(chain);
        Assert.Contains("nested more than 1000 deep", Refusal(model), StringComparison.Ordinal);
    }
}
