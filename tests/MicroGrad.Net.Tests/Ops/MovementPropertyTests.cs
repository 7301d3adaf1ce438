using static MicroGrad.Net.Tests.RandomShapes;

namespace MicroGrad.Net.Tests;

/// <summary>Movements against index arithmetic, over random shapes: each says where an element comes from.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class MovementPropertyTests
{
    [Property(MaxTest = 150)]
    public void Permute_puts_each_element_where_its_axes_went(Tensor x, Seed seed)
    {
        var (sizes, order) = (x.Shape, seed.Rng().Permutation(x.Rank));
        var result = x.Permute(order);
        Assert.Equal(Shape.Of([.. order.Select(axis => sizes[axis])]), result.Shape);
        SameNumbers(Indices(result.Shape).Select(i =>
        {
            var from = new int[i.Length];
            for (var k = 0; k < i.Length; k++) from[order[k]] = i[k];
            return At(x, from);
        }), result);
    }

    [Property(MaxTest = 25)]
    public void Large_transpositions_cross_their_tiles(Seed seed)
    {
        var rng = seed.Rng();
        var (rows, columns) = (1 + rng.Next(100), 1 + rng.Next(100));
        var x = Draw(rng, [2, rows, columns]);
        SameNumbers(Indices([2, columns, rows]).Select(i => At(x, [i[0], i[2], i[1]])), x.Transpose());
    }

    [Property(MaxTest = 250)]
    public void Slices_with_steps_take_what_their_ranges_say(Tensor x, Seed seed)
    {
        if (x.Rank == 0) return;
        var (sizes, rng) = (x.Shape.Sizes.ToArray(), seed.Rng());
        var (slices, taken, removed) = (new List<AxisSlice>(), new List<int[]>(), new List<bool>());
        foreach (var size in sizes.Take(1 + rng.Next(sizes.Length)))
        {
            if (size > 0 && rng.Chance(0.3))
            {
                var at = rng.Next(size);
                slices.Add(rng.Chance(0.5) ? at : ^(size - at));
                taken.Add([at]);
                removed.Add(true);
                continue;
            }
            var (start, step) = (rng.Next(size + 1), 1 + rng.Next(3));
            var end = start + rng.Next(size - start + 1);
            slices.Add(AxisSlice.Every(step, start..(rng.Chance(0.5) ? end : ^(size - end))));
            taken.Add([.. Enumerable.Range(start, end - start).Where(i => (i - start) % step == 0)]);
            removed.Add(false);
        }
        foreach (var size in sizes.Skip(taken.Count).ToArray())
        {
            taken.Add([.. Enumerable.Range(0, size)]);
            removed.Add(false);
        }
        var result = x[slices.ToArray()];
        Assert.Equal(Shape.Of([.. taken.Where((_, axis) => !removed[axis]).Select(t => t.Length)]), result.Shape);
        SameNumbers(Indices([.. taken.Select(t => t.Length)]).Select(i => At(x, [.. i.Select((at, axis) => taken[axis][at])])), result);

        // The gradient marks exactly the elements taken.
        var leaf = Numbers.Leaf(x.Detach());
        leaf[slices.ToArray()].Sum().Backward();
        SameNumbers(Indices(sizes).Select(i => i.Index().All(p => taken[p.Index].Contains(p.Item)) ? 1.0 : 0), leaf.Grad!);
    }

    [Property(MaxTest = 150)]
    public void Flip_reverses_its_axes_only(Tensor x, Seed seed)
    {
        if (x.Rank == 0) return;
        var (sizes, rng) = (x.Shape.Sizes.ToArray(), seed.Rng());
        var axes = Enumerable.Range(0, sizes.Length).Where(_ => rng.Chance(0.5)).DefaultIfEmpty(0).ToArray();
        SameNumbers(Indices(sizes).Select(i => At(x, [.. i.Select((at, a) => axes.Contains(a) ? sizes[a] - 1 - at : at)])), x.Flip(axes));
        SameNumbers(x.ToDoubles(), x.Flip(axes).Flip(axes));
    }

    [Property(MaxTest = 150)]
    public void Expand_repeats_as_broadcasting_does(Shape full, DType dtype, Seed seed)
    {
        var rng = seed.Rng();
        var thin = full.Skip(rng.Next(full.Rank + 1)).Select(size => rng.Chance(0.5) ? 1 : size).ToArray();
        var x = Draw(rng, thin, dtype);
        SameNumbers(Indices(full).Select(i => At(x, i)), x.Expand(full));
    }

    [Property(MaxTest = 150)]
    public void Concat_and_Split_undo_each_other(ShapeAndAxis at, Seed seed)
    {
        var (sizes, axis, rng) = (at.Shape, at.Axis, seed.Rng());
        var parts = Enumerable.Range(0, 1 + rng.Next(4))
            .Select(_ => Draw(rng, [.. sizes.Select((size, a) => a == axis ? rng.Next(5) : size)])).ToArray();
        var lengths = parts.Select(part => part.Shape[axis]).ToArray();
        var joined = Tensor.Concat(parts, axis);
        var owner = lengths.SelectMany((length, part) => Enumerable.Range(0, length).Select(place => (part, place))).ToArray();
        SameNumbers(Indices(joined.Shape).Select(i =>
        {
            var (part, place) = owner[i[axis]];
            return At(parts[part], [.. i.Select((v, a) => a == axis ? place : v)]);
        }), joined);
        foreach (var (part, back) in parts.Zip(joined.Split(lengths, axis))) Numbers.SameBits(part, back);
    }

    [Property(MaxTest = 150)]
    public void Gather_and_Select_take_what_the_indices_say(ShapeAndAxis one, DType dtype, Seed seed)
    {
        var (sizes, axis, rng) = (one.Shape, one.Axis, seed.Rng());
        if (sizes[axis] == 0) return;
        var x = Draw(rng, sizes, dtype);
        var others = sizes.Where((_, a) => a != axis).ToArray();
        var labels = Indices(others).Select(_ => rng.Next(sizes[axis])).ToArray();
        int[] With(int[] i, int at) => [.. i.Take(axis), at, .. i.Skip(axis)];
        SameNumbers(Indices(others).Zip(labels, (i, label) => At(x, With(i, label))), x.Gather(labels, axis));

        var chosen = Enumerable.Range(0, rng.Next(6)).Select(_ => rng.Next(sizes[axis])).ToArray();
        var selected = x.Select(chosen, axis);
        SameNumbers(Indices(selected.Shape).Select(i => At(x, [.. i.Select((at, a) => a == axis ? chosen[at] : at)])), selected);
    }

    [Property(MaxTest = 150)]
    public void Diagonal_takes_equal_indices(Shape shape, Seed seed)
    {
        if (shape.Rank < 2) return;
        var (sizes, rng) = (shape.Sizes.ToArray(), seed.Rng());
        var order = rng.Permutation(sizes.Length);
        var (first, second) = (order[0], order[1]);
        var offset = (int)rng.Next(7) - 3;
        var x = Draw(rng, sizes);
        var rest = Enumerable.Range(0, sizes.Length).Where(a => a != first && a != second).ToArray();
        var (row, column) = (Math.Max(0, -offset), Math.Max(0, offset));
        var count = Math.Max(0, Math.Min(sizes[first] - row, sizes[second] - column));
        SameNumbers(Indices([.. rest.Select(a => sizes[a]), count]).Select(i =>
        {
            var from = new int[sizes.Length];
            for (var k = 0; k < rest.Length; k++) from[rest[k]] = i[k];
            (from[first], from[second]) = (i[^1] + row, i[^1] + column);
            return At(x, from);
        }), x.Diagonal(first, second, offset));
    }

    [Property(MaxTest = 150)]
    public void Reshape_keeps_the_row_major_order(Tensor x)
    {
        var other = x.Shape.Reverse().ToArray();
        SameNumbers(x.ToDoubles(), x.Reshape(Shape.Of(other)));
        Numbers.SameBits(x, x.Reshape(Shape.Of(other)).Reshape(x.Shape));
    }
}
