using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace MicroGrad.Net.Tests.Extremes;

/// <summary>A public member that takes sizes, with arguments with which it works.</summary>
sealed class ExtremeCall
{
    const int MostTries = 800;

    readonly Func<object?[], object?> _invoke;
    readonly object?[] _usual;

    ExtremeCall(string name, Parameter[] parameters, Func<object?[], object?> invoke)
    {
        (Name, Parameters, _invoke) = (name, parameters, invoke);
        var choices = Array.ConvertAll(parameters, parameter => parameter.Usual);
        _usual = Array.ConvertAll(choices, values => values[0]);
        foreach (var arguments in Combinations(choices).Take(MostTries))
            if (Works(arguments))
            {
                (_usual, HasWorked) = (arguments, true);
                break;
            }
    }

    /// <param name="Name">Its name.</param>
    /// <param name="Type">Its type.</param>
    /// <param name="Usual">Values with which the call may work, the likeliest first.</param>
    public sealed record Parameter(string Name, Type Type, object?[] Usual);

    public string Name { get; }

    public Parameter[] Parameters { get; }

    /// <summary>Whether usual arguments were found with which it gives a result.</summary>
    public bool HasWorked { get; }

    /// <summary>All members that take numbers, and those that could not be tried, for want of a usual value.</summary>
    public static (List<ExtremeCall> Calls, List<string> Skipped) OfLibrary()
    {
        var (calls, skipped) = (new List<ExtremeCall>(), new List<string>());
        foreach (var type in typeof(Tensor).Assembly.GetExportedTypes().Where(type => !type.IsNested && !type.IsInterface
            && !type.IsEnum && !type.IsGenericType && !IsRecord(type)))
        {
            const BindingFlags Declared =
                BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            foreach (var method in type.GetMethods(Declared).Cast<MethodBase>()
                .Concat(type.IsAbstract ? [] : type.GetConstructors()))
            {
                if (method.IsGenericMethod || IsInit(method)
                    || !method.GetParameters().Any(parameter => ExtremeValues.TakesNumbers(parameter.ParameterType)))
                    continue;
                if (Of(method) is { } call) calls.Add(call);
                else skipped.Add(Describe(method));
            }
        }
        return (calls, skipped);

        // What only holds what it is given.
        static bool IsRecord(Type type) =>
            type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is not null;
        static bool IsInit(MethodBase method) => method is MethodInfo info
            && info.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
    }

    static ExtremeCall? Of(MethodBase method)
    {
        if (method is MethodInfo { ReturnType.IsByRefLike: true }) return null;
        var parameters = method.GetParameters()
            .Select(p => new Parameter(p.Name!, p.ParameterType,
                p.HasDefaultValue ? [Default(p)] : ExtremeValues.Usual(p.ParameterType, p.Name!))).ToList();
        if (!method.IsStatic && !method.IsConstructor)
            parameters.Insert(0, new("this", method.DeclaringType!, Receivers(method.DeclaringType!)));
        if (parameters.Any(parameter => parameter.Usual.Length == 0)) return null;
        return new(Describe(method), [.. parameters], Invoker(method));
    }

    static object? Default(ParameterInfo parameter) => parameter.ParameterType switch
    {
        { IsEnum: true } type => Enum.ToObject(type, parameter.DefaultValue!),
        { IsValueType: true } type when parameter.DefaultValue is null => Activator.CreateInstance(type),
        _ => parameter.DefaultValue,
    };

    static object?[] Receivers(Type type) => type switch
    {
        _ when type == typeof(Sequential) => [new Sequential(new Relu())],
        _ when type == typeof(DetectionPrecision) => [new DetectionPrecision()],
        _ when type.IsAssignableTo(typeof(Schedule)) => [.. ExtremeValues.Schedules.Where(type.IsInstanceOfType)],
        _ when type == typeof(History) => [new History("loss")],
        _ when type == typeof(LogLoss) => [new LogLoss()],
        _ when type == typeof(Perplexity) => [new Perplexity()],
        _ when type == typeof(BrierScore) => [new BrierScore()],
        _ when type == typeof(TopKAccuracy) => [new TopKAccuracy()],
        _ when type == typeof(RankingMetric) => [new RocAuc()],
        _ when type == typeof(Landscape) => [Landscape.Around([ExtremeValues.Weight], ExtremeValues.Loss, points: 3)],
        _ when type == typeof(Tape) => [ExtremeValues.Loss().Tape],
        _ when type == typeof(Augmentation) => [new Augmentation()],
        _ when type == typeof(ConfusionMatrix) => [new ConfusionMatrix(2)],
        _ when type == typeof(SinusoidalPositions) => [new SinusoidalPositions(3)],
        _ when type == typeof(LearnedPositions) => [new LearnedPositions(8, 3)],
        _ when type == typeof(Embedding) => [new Embedding(4, 3)],
        _ when type == typeof(Calibration) => [new Calibration()],
        _ when type == typeof(Node) => [(Tensor.Ones([2]) * new MicroGrad.Net.Parameter(Tensor.Ones([2]))).Node],
        _ => ExtremeValues.Usual(type, "this"),
    };

    /// <summary>What it does with one or two of its arguments at extremes; each result is looked at.</summary>
    public IEnumerable<(string Text, Action Run)> Tries()
    {
        for (var i = 0; i < Parameters.Length; i++)
        {
            foreach (var number in ExtremeValues.Numbers)
                foreach (var value in Extreme(i, number)) yield return Try((i, value));
            foreach (var value in ExtremeValues.ExtremeDoubles(Parameters[i].Type)) yield return Try((i, value));
            for (var j = 0; j < i; j++)
                foreach (var (first, second) in ExtremeValues.Few.SelectMany(_ => ExtremeValues.Few, (a, b) => (a, b)))
                    if (Extreme(i, first).FirstOrDefault() is { } value && Extreme(j, second).FirstOrDefault() is { } other)
                        yield return Try((i, value), (j, other));
        }

        IEnumerable<object?> Extreme(int i, int number) =>
            Parameters[i].Name == "this" ? [] : ExtremeValues.Extreme(Parameters[i].Type, number);
    }

    (string, Action) Try(params (int Place, object? Value)[] changes)
    {
        var text = $"{Name} with {string.Join(", ", changes.Select(c => $"{Parameters[c.Place].Name}: {Text(c.Value)}"))}";
        return (text, () =>
        {
            object?[] arguments = [.. _usual];
            foreach (var (place, value) in changes)
                arguments[place] = Parameters[place].Type == typeof(Shape) ? Shape.Of((int[])value!) : value;
            Look(_invoke(arguments));
        });
    }

    bool Works(object?[] arguments)
    {
        try
        {
            Look(_invoke(arguments));
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>Reads what a call gave, and goes back through it: that too must stay within its memory.</summary>
    static void Look(object? result)
    {
        const int MostRead = 1 << 20;
        switch (result)
        {
            case Tensor tensor when tensor.Length <= MostRead:
                _ = tensor.ToDoubles();
                if (tensor.Node is { IsLeaf: false }) tensor.Sum().Backward();
                break;
            case Tensor[] tensors:
                foreach (var tensor in tensors.Take(3)) Look(tensor);
                break;
            case ITuple tuple:
                for (var i = 0; i < tuple.Length; i++) Look(tuple[i]);
                break;
            case Augmentation augmentation:
                Look(augmentation.Apply(Tensor.Ones([1, 1, 4, 4]), new Rng(1)));
                break;
            case Schedule schedule:
                for (var i = 0; i < 3; i++) _ = (schedule.Rate(0.1, i), schedule.Momentum?.Invoke(i));
                break;
            case Sampler sampler when sampler.Count <= MostRead:
                _ = sampler.Draw(new Rng(1));
                break;
            case Module module:
                // One of these fits; the others must be refused in words.
                foreach (var shape in (Shape[])[[2, 4], [2, 4, 6], [3, 2, 1], [1, 1, 6, 6], [1, 2, 6, 6], [1, 4, 6, 6], [1]])
                {
                    try
                    {
                        Look(module.Forward(Tensor.Ones(shape)));
                    }
                    catch (ArgumentException error) when (error is ShapeException or ArgumentOutOfRangeException)
                    {
                    }
                }
                break;
        }
    }

    /// <summary>By emitted code, since reflection cannot pass spans.</summary>
    static Func<object?[], object?> Invoker(MethodBase method)
    {
        var dynamic = new DynamicMethod("call", typeof(object), [typeof(object[])], typeof(ExtremeCall).Module);
        var (il, place) = (dynamic.GetILGenerator(), 0);
        if (!method.IsStatic && !method.IsConstructor)
        {
            Load(method.DeclaringType!);
            if (method.DeclaringType!.IsValueType)
            {
                var receiver = il.DeclareLocal(method.DeclaringType);
                il.Emit(OpCodes.Stloc, receiver);
                il.Emit(OpCodes.Ldloca, receiver);
            }
        }
        foreach (var parameter in method.GetParameters()) Load(parameter.ParameterType);
        if (method is ConstructorInfo constructor) il.Emit(OpCodes.Newobj, constructor);
        else il.Emit(method.IsVirtual ? OpCodes.Callvirt : OpCodes.Call, (MethodInfo)method);
        var result = method is MethodInfo { ReturnType: var type } ? type : method.DeclaringType!;
        if (result == typeof(void)) il.Emit(OpCodes.Ldnull);
        else if (result.IsValueType) il.Emit(OpCodes.Box, result);
        il.Emit(OpCodes.Ret);
        return dynamic.CreateDelegate<Func<object?[], object?>>();

        void Load(Type type)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, place++);
            il.Emit(OpCodes.Ldelem_Ref);
            if (!type.IsByRefLike)
            {
                il.Emit(OpCodes.Unbox_Any, type);
                return;
            }
            var array = type.GetGenericArguments()[0].MakeArrayType();
            il.Emit(OpCodes.Castclass, array);
            il.Emit(OpCodes.Call, type.GetMethod("op_Implicit", [array])!);
        }
    }

    static IEnumerable<object?[]> Combinations(object?[][] choices) => choices.Aggregate(
        (IEnumerable<object?[]>)[[]], (heads, values) => heads.SelectMany(_ => values, (head, value) => (object?[])[.. head, value]));

    static string Describe(MethodBase method) =>
        $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", method.GetParameters().Select(p => p.ParameterType.Name))})";

    static string Text(object? value) => value switch
    {
        int[] sizes => $"[{string.Join(", ", sizes)}]",
        int[][] rows => $"[{string.Join(", ", rows.Select(Text))}]",
        (int, int)[] pairs => $"[{string.Join(", ", pairs)}]",
        Axes axes => $"axes [{string.Join(", ", Numbers(axes))}]",
        AxisSlice[] slices => string.Join(", ", slices),
        _ => $"{value ?? "null"}",
    };

    static List<int> Numbers(Axes axes)
    {
        var numbers = new List<int>();
        foreach (var axis in axes) numbers.Add(axis);
        return numbers;
    }
}
