using System.Reflection;

namespace MicroGrad.Net.Tests.Layers;

/// <summary>Layers made in another number type.</summary>
public class DTypeTests
{
    public static TheoryData<string> WithParameters => [.. typeof(ModuleBase).Assembly.GetExportedTypes()
        .Where(type => type.IsSubclassOf(typeof(ModuleBase)) && !type.IsAbstract)
        .Where(type => Make(type, null) is { } layer && layer.State().Count > 0).Select(type => type.Name)];

    [Theory, MemberData(nameof(WithParameters))]
    public void A_layer_takes_its_number_type_last_and_draws_in_it(string name)
    {
        var type = typeof(ModuleBase).Assembly.GetType($"MicroGrad.Net.{name}")!;
        foreach (var constructor in type.GetConstructors())
            Assert.True(constructor.GetParameters()[^1] is { Name: "dtype", DefaultValue: DType.Float32 },
                $"{name} does not take a dtype last.");
        var (single, wide) = (Make(type, DType.Float32)!, Make(type, DType.Float64)!);
        Assert.Equal(DType.Float32, Make(type, null)!.State()[0].Variable.DType);
        Assert.Equal(single.State().Select(named => (named.Name, named.Variable.Shape)),
            wide.State().Select(named => (named.Name, named.Variable.Shape)));
        foreach (var (path, variable) in wide.State())
        {
            Assert.True(variable.DType == DType.Float64, $"{path} of {name} is {variable.DType}.");
            var values = variable.ToDoubles();
            Assert.True(values.All(value => value is 0 or 1 or 0.25) || values.Any(value => value != (float)value),
                $"{path} of {name} has numbers of Float32.");
        }
    }

    /// <summary>A layer with small sizes, all else as by default.</summary>
    static ModuleBase? Make(Type type, DType? dtype)
    {
        var constructor = type.GetConstructors()[0];
        var arguments = Array.ConvertAll<ParameterInfo, object?>(constructor.GetParameters(), parameter =>
            parameter.ParameterType == typeof(Rng) ? new Rng(1)
            : parameter.ParameterType == typeof(DType) && dtype is not null ? dtype
            : parameter.HasDefaultValue ? Type.Missing
            : parameter.ParameterType == typeof(int) ? 4
            : parameter.ParameterType == typeof(Size2D) ? (Size2D)2
            : parameter.ParameterType == typeof(Padding) ? default(Padding)
            : null);
        if (arguments.Contains(null)) return null;
        return (ModuleBase)constructor.Invoke(
            BindingFlags.OptionalParamBinding, binder: null, arguments, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void An_id_that_stands_for_nothing_starts_at_zero_in_either_type()
    {
        foreach (var dtype in (DType[])[DType.Float32, DType.Float64])
        {
            var layer = new Embedding(3, 2, paddingIndex: 1, dtype: dtype);
            Assert.Equal([0, 0], layer.Weight[1].ToDoubles());
            Assert.DoesNotContain(0.0, layer.Weight[2].ToDoubles());
        }
    }
}
