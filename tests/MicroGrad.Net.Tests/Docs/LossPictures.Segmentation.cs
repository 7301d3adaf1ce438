namespace MicroGrad.Net.Tests.Docs;

static partial class LossPictures
{
    const string Inside = "probability of the pixels inside; outside 0.2";

    /// <summary>Four pixels inside the region and twelve outside, [1, 1, 16].</summary>
    static readonly Tensor s_inside = (Tensor.Arange(0, 16, dtype: DType.Float64) < 4).Reshape(1, 1, 16);

    static Dictionary<string, LossPicture> Segmentation => new()
    {
        ["Dice"] = new(Inside, 0, 1, ("plain", x => Losses.Dice(Image(x), s_inside)),
            ("squared", x => Losses.Dice(Image(x), s_inside, squared: true))),
        ["Tversky"] = new(Inside, 0, 1, ("alpha 0.3, beta 0.7", x => Losses.Tversky(Image(x), s_inside)),
            ("0.7, 0.3", x => Losses.Tversky(Image(x), s_inside, 0.7, 0.3))),
        ["FocalTversky"] = new(Inside, 0, 1, ("gamma 1", x => Losses.FocalTversky(Image(x), s_inside, gamma: 1)),
            ("4/3", x => Losses.FocalTversky(Image(x), s_inside)), ("2", x => Losses.FocalTversky(Image(x), s_inside, gamma: 2))),
        ["LovaszHinge"] = new("logit of the pixels inside; outside −0.5", -3, 3,
            x => Losses.LovaszHinge(Tensor.Where(s_inside, x.Expand(s_inside.Shape), -0.5), s_inside)),
        ["LovaszSoftmax"] = new(Inside, 0, 1, x => Losses.LovaszSoftmax(
            Tensor.Concat([1 - Image(x), Image(x)], axis: 1), [.. s_inside.ToDoubles().Select(inside => (int)inside)])),
    };

    static Tensor Image(Tensor x) => Tensor.Where(s_inside, x.Expand(s_inside.Shape), 0.2);
}
