namespace MicroGrad.Net.Tests.Training;

public class ModuleFilesTests : TemporaryFiles
{
    static Sequential Network(ulong seed, int hidden = 3)
    {
        var rng = new Rng(seed);
        return new Sequential(new Linear(2, hidden, rng: rng), new Tanh(), new Linear(hidden, 1, rng: rng));
    }

    sealed class Counting : Module
    {
        public ModuleBuffer RunningMean { get; } = new(Tensor.From([2], [0.25f, 1e-30f]));

        public Parameter Scale { get; } = new(Tensor.Ones([2]));

        protected override Tensor Compute(Tensor input) => input * Scale + RunningMean;
    }

    static byte[] Bytes(string path) => File.ReadAllBytes(path);

    [Fact]
    public void Predictions_after_loading_have_the_same_bits()
    {
        var path = Write("weights");
        var (saved, fresh) = (Network(1), Network(2));
        saved.Save(path);
        var x = Tensor.Normal([5, 2], rng: new Rng(3));
        Assert.NotEqual(Numbers.Bits(saved.Forward(x)), Numbers.Bits(fresh.Forward(x)));
        Assert.True(fresh.Load(path).IsExact);
        Numbers.SameBits(saved.Forward(x), fresh.Forward(x));

        var tensors = SafeTensors.Load(path, out var metadata);
        Assert.Equal(["0.bias", "0.weight", "2.bias", "2.weight"], tensors.Keys.Order());
        Assert.Equal(Shape.Of(3, 2), tensors["0.weight"].Shape);
        Assert.Equal("pt", metadata["format"]);
    }

    [Fact]
    public void Buffers_are_saved_and_a_change_is_counted()
    {
        var path = Write("weights");
        var (saved, fresh) = (new Counting(), new Counting());
        saved.RunningMean.Assign(Tensor.From([2], [3f, float.NaN]));
        saved.Save(path);
        var version = fresh.RunningMean.Version;
        fresh.Load(path);
        Assert.Equal([3f, float.NaN], fresh.RunningMean.ToArray<float>());
        Assert.True(fresh.RunningMean.Version > version);
    }

    [Fact]
    public void Strict_loading_lists_everything_and_changes_nothing()
    {
        var path = Write("weights");
        var state = Network(1).State().ToDictionary(named => named.Name, named => (Tensor)named.Variable);
        state.Remove("0.bias");
        state["2.weight"] = Tensor.Ones([1, 4]);
        state["3.extra"] = Tensor.Ones([1]);
        SafeTensors.Save(path, state);
        var model = Network(2);
        var before = model.State().Select(named => Numbers.Bits(named.Variable)).ToArray();
        var message = ErrorOf(path, () => model.Load(path));
        Assert.Contains("the state does not fit this Sequential; nothing was changed:", message);
        Assert.Contains("missing: 0.bias\n", message);
        Assert.Contains("unexpected: 3.extra\n", message);
        Assert.Contains("does not fit: 2.weight is [1, 4], but must be [1, 3]\n", message);
        Assert.Equal(before, model.State().Select(named => Numbers.Bits(named.Variable)));

        var fit = model.Load(path, strict: false);
        Assert.False(fit.IsExact);
        Assert.Equal(["0.bias"], fit.Missing);
        Assert.Equal(["3.extra"], fit.Unexpected);
        Assert.StartsWith("2.weight", Assert.Single(fit.Misfits));
        Assert.Equal(state["0.weight"].ToArray<float>(), ((Linear)model[0]).Weight.ToArray<float>());
        Assert.Equal(before[1], Numbers.Bits(((Linear)model[0]).Bias!));

        Assert.Throws<ArgumentException>(() => model.LoadState(state));
    }

    [Fact]
    public void Number_types_convert_where_no_value_changes()
    {
        var path = Write("weights");
        var single = Network(1);
        single.Save(path);
        var wide = Network(2);
        wide.To(DType.Float64);
        wide.Load(path);
        Assert.Equal(((Linear)single[0]).Weight.ToDoubles(), ((Linear)wide[0]).Weight.ToDoubles());
        wide.Save(path);
        Assert.Equal(DType.Float64, SafeTensors.Load(path)["0.weight"].DType);
        Network(3).Load(path);

        ((Linear)wide[0]).Weight.Assign(Tensor.Full([3, 2], 0.1, DType.Float64));
        wide.Save(path);
        var message = ErrorOf(path, () => single.Load(path));
        Assert.Contains("0.weight is Float64, and rounding it to the module's Float32 would change it", message);
        Assert.Contains(".To(DType.Float64)", message);
    }

    [Fact]
    public void Old_files_of_PyTorch_lack_the_count_of_batches()
    {
        var path = Write("weights");
        Sequential Normalized() => new(new Linear(2, 3), new BatchNorm1D(3));
        var saved = Normalized();
        saved.Forward(Tensor.Normal([4, 2]));
        var state = saved.State().ToDictionary(named => named.Name, named => (Tensor)named.Variable);
        Assert.True(state.Remove("1.num_batches_tracked"));
        SafeTensors.Save(path, state);
        var model = Normalized();
        model.Forward(Tensor.Normal([4, 2]));
        Assert.True(model.Load(path).IsExact);
        Assert.Equal(state["1.running_mean"].ToDoubles(), model.State().Single(named => named.Name == "1.running_mean").Variable.ToDoubles());
        Assert.Equal(1, model.State().Single(named => named.Name == "1.num_batches_tracked").Variable.Item());

        Assert.True(state.Remove("1.running_var"));
        SafeTensors.Save(path, state);
        Assert.Contains("missing: 1.running_var\n", ErrorOf(path, () => model.Load(path)));
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("model.encoder.")]
    public void A_prefix_before_every_name_is_told(string prefix)
    {
        var path = Write("weights");
        var state = Network(1).State().ToDictionary(named => prefix + named.Name, named => (Tensor)named.Variable);
        SafeTensors.Save(path, state);
        Assert.EndsWith($"(every name of the state begins with '{prefix}': take that off, and hand the rest to LoadState)",
            ErrorOf(path, () => Network(2).Load(path)));
        var model = Network(2);
        model.LoadState(SafeTensors.Load(path).ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value));
        state[prefix + "2.bias.x"] = Tensor.Ones([1]);
        SafeTensors.Save(path, state);
        Assert.DoesNotContain("every name", ErrorOf(path, () => Network(2).Load(path)));
    }

    [Fact]
    public void A_tensor_that_cannot_be_read_does_not_fit()
    {
        var header = """{"bias":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]},"weight":{"dtype":"U8","shape":[1,1],"data_offsets":[1,2]},"x":{"dtype":"C64","shape":[0],"data_offsets":[2,2]}}""";
        var path = Write("weights", [(byte)header.Length, 0, 0, 0, 0, 0, 0, 0, .. System.Text.Encoding.ASCII.GetBytes(header), 1, 2]);
        var model = new Linear(1, 1);
        var message = ErrorOf(path, () => model.Load(path));
        Assert.Contains("unexpected: x\n", message);
        Assert.Contains("does not fit: bias cannot be read: it has the dtype 'F8_E4M3'", message);
        model.Load(path, strict: false);
        Assert.Equal(2, model.Weight.Item());
    }

    [Fact]
    public void Any_changed_bit_of_saved_weights_is_found_or_changes_none()
    {
        var path = Write("weights");
        var model = new Linear(1, 2);
        model.Save(path);
        var whole = Bytes(path);
        var refused = 0;
        for (var bit = 0; bit < 8 * whole.Length; bit++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, damaged);
            var fresh = new Linear(1, 2, rng: new Rng(9));
            try
            {
                fresh.Load(path);
                Assert.Equal(Numbers.Bits(model.Weight), Numbers.Bits(fresh.Weight));
                Assert.Equal(Numbers.Bits(model.Bias!), Numbers.Bits(fresh.Bias!));
            }
            catch (DataFileException)
            {
                refused++;
            }
        }
        // Those that pass are in the name of the check sum, which the file then has not.
        Assert.InRange(8 * whole.Length - refused, 1, 8 * SafeTensors.CheckSumKey.Length);
    }

    [Fact]
    public void Saving_replaces_the_file_in_one_step()
    {
        var path = Write("weights");
        Network(1).Save(path);
        var first = Bytes(path);
        Network(1).Save(path);
        Assert.Equal(first, Bytes(path));
        Network(2).Save(path);
        Assert.NotEqual(first, Bytes(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        Assert.Throws<DirectoryNotFoundException>(() => Network(1).Save(Path.Combine(path + "-no-folder", "x")));
        Assert.Throws<FileNotFoundException>(() => Network(1).Load(path + "-no-file"));
    }
}
