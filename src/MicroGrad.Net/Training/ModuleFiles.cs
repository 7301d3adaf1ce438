namespace MicroGrad.Net;

/// <summary>The weights of a module in a file.</summary>
public static class ModuleFiles
{
    extension(Module module)
    {
        /// <summary>
        /// Writes all parameters and buffers to a safetensors file, by PyTorch's names:
        /// <c>model.load_state_dict(safetensors.torch.load_file(path))</c> takes them there. A crash on the way leaves
        /// the file that was there before. The file has a check sum of its own, by which <see cref="Load"/> knows damage.
        /// </summary>
        public void Save(string path) =>
            // PyTorch's loaders look for the format.
            SafeTensors.Save(path, module.SavedState(), new Dictionary<string, string> { ["format"] = "pt" },
                checkSum: true);

        /// <summary>
        /// Takes over the weights of a safetensors file: one written by <see cref="Save"/> or by PyTorch, or a
        /// <see cref="Checkpoint"/>. Values of another number type are converted where that changes none of them.
        /// <c>num_batches_tracked</c>, which old files lack, may be missing: the count stays as it is, as in PyTorch.
        /// </summary>
        /// <param name="path">The file.</param>
        /// <param name="strict">Whether every entry must fit; if not, those that fit are taken.</param>
        /// <returns>What did not fit; nothing when strict.</returns>
        /// <exception cref="DataFileException">The file is damaged, or, when strict, does not fit: all missing,
        /// unexpected and mis-shaped entries are listed. Nothing was changed.</exception>
        public StateFit Load(string path, bool strict = true)
        {
            IReadOnlyDictionary<string, Tensor> state = SafeTensors.Load(path, out var metadata);
            if (Checkpoint.Is(metadata)) state = Checkpoint.WeightsOf(state);
            return StateFit.Load(module, state, strict, problem => new DataFileException($"{path}: {problem}"));
        }

        /// <summary>Takes over tensors by name, as <see cref="Load"/> does from a file.</summary>
        /// <inheritdoc cref="Load"/>
        /// <exception cref="ArgumentException">The state does not fit. Nothing was changed.</exception>
        public StateFit LoadState(IReadOnlyDictionary<string, Tensor> state, bool strict = true) =>
            StateFit.Load(module, state, strict, problem => new ArgumentException($"LoadState: {problem}"));

        /// <summary>The variables by name, as they are: a later change shows.</summary>
        internal Dictionary<string, Tensor> SavedState() =>
            module.State().ToDictionary(named => named.Name, named => (Tensor)named.Variable);
    }
}
