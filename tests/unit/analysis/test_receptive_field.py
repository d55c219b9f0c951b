"""The record of a field: reasons where there is no size, boxes at borders, axes apart, branches; interpolation by gradients."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import striate
from striate.analysis.errors import LayerUnsuited, UnknownLayer
from striate.analysis.receptive_field import receptive_field
from striate.core.layer_records import ReceptiveField


class Forward(nn.Module):
    def __init__(self, function: Callable[..., object], *parts: nn.Module) -> None:
        super().__init__()
        self.function, self.parts = function, nn.ModuleList(parts)

    def forward(self, x: Tensor) -> object:
        return self.function(x, *self.parts)


def field(
    function: Callable[..., object], *parts: nn.Module, size: tuple[int, ...] = (4, 16, 16)
) -> ReceptiveField:
    return receptive_field(Forward(function, *parts), size)


def test_dilation_and_each_axis_for_itself() -> None:
    net = nn.Sequential(*[nn.Conv2d(1, 1, 3, dilation=d) for d in (1, 2, 4)])
    assert receptive_field(net, (1, 32, 32)).size == (15, 15)
    found = receptive_field(nn.Conv2d(1, 1, (1, 5), stride=(3, 1), padding=(0, 2)), (1, 9, 9))
    assert (found.size, found.stride, found.padding, found.centre) == ((1, 5), (3, 1), (0, 2), (0.0, 0.0))


def test_padding_moves_the_centre_and_not_the_size() -> None:
    fields = [receptive_field(nn.Conv2d(1, 1, 5, padding=p), (1, 16, 16)) for p in (0, 1, 2)]
    assert [f.size for f in fields] == [(5, 5)] * 3
    assert [f.centre for f in fields] == [(2.0, 2.0), (1.0, 1.0), (0.0, 0.0)]


def test_boxes_are_clipped_to_the_image() -> None:
    found = receptive_field(nn.Conv2d(1, 1, 3, padding=2), (1, 4, 4))
    assert found.output_shape == (1, 6, 6)
    assert [found.box(i, 1) for i in range(6)] == [
        ((0, 0), (0, 1)), ((0, 1), (0, 1)), ((0, 2), (0, 1)), ((1, 3), (0, 1)), ((2, 3), (0, 1)), ((3, 3), (0, 1)),
    ]  # fmt: skip
    assert found.seen == (3 / 4) ** 2
    outside = receptive_field(nn.Conv2d(1, 1, 1, padding=1), (1, 2, 2))
    assert outside.box(0, 1) == ((-1, -1), (0, 0))
    with pytest.raises(IndexError):
        outside.box(4, 0)


@pytest.mark.parametrize(
    ("function", "because"),
    [
        (lambda x: x.mean((2, 3)), "mean over the map"),
        (lambda x: x * x.mean((2, 3), keepdim=True).sigmoid(), "mean over the map"),
        (lambda x: F.adaptive_avg_pool2d(x, 1), "over the map"),
        (lambda x: F.instance_norm(x), "statistics of the batch"),
        (lambda x: F.group_norm(x, 2), "statistics over the map"),
        (lambda x: F.layer_norm(x, x.shape[1:]), "statistics over the map"),
        (lambda x: F.softmax(x.flatten(2), 2), "over the map"),
        (lambda x: (t := x.flatten(2).transpose(1, 2)) @ t.transpose(1, 2) @ t, ""),
        (lambda x: F.scaled_dot_product_attention(*(x.flatten(2).transpose(1, 2)[:, None],) * 3), ""),
    ],
)
def test_what_joins_the_whole_map_is_global_and_says_why(
    function: Callable[..., object], because: str
) -> None:
    found = field(function)
    assert (found.reach, found.size, found.seen) == ("global", None, 1.0)
    assert found.because
    assert because in found.because.replace("(", "").replace(")", "")


def test_batch_norm_is_local_at_test_time_and_global_in_training() -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))
    assert receptive_field(net, (4, 16, 16)).size == (3, 3)
    trained = receptive_field(net, (4, 16, 16), training=True)
    assert (trained.reach, trained.because) == ("global", "statistics of the batch in 1 (native_batch_norm)")


def test_an_unknown_operator_is_never_a_number_and_spoils_what_follows() -> None:
    def sample(x: Tensor) -> Tensor:
        grid = torch.zeros(1, 4, 4, 2)
        return F.relu(F.grid_sample(x, grid, align_corners=False))

    found = field(sample)
    assert (found.reach, found.size, found.axes) == ("unknown", None, ())
    assert found.because == "grid_sampler_2d has no rule"
    assert np.isnan(found.seen)


@pytest.mark.parametrize(
    ("function", "because"),
    [
        (
            lambda x: F.interpolate(x, scale_factor=2, mode="nearest-exact"),
            "upsample_nearest_exact2d has no rule",
        ),
        (lambda x: x.diagonal(dim1=2, dim2=3), "diagonal has no rule"),
        (lambda x: x[:, torch.tensor([0, 2])], "index has no rule"),
        (lambda x: x.clone().diagonal(dim1=2, dim2=3).add_(x[:, :, 0]), "diagonal has no rule"),
        (lambda x: x.roll(3), "roll over all axes at once"),
    ],
)
def test_what_no_rule_covers_is_refused_by_name(function: Callable[..., object], because: str) -> None:
    found = field(function)
    assert found.reach == "unknown"
    assert because in found.because


def test_what_a_mask_hides_counts_as_seen() -> None:
    tokens = lambda x: x.flatten(2).transpose(1, 2)[:, None]
    found = field(lambda x: F.scaled_dot_product_attention(tokens(x), tokens(x), tokens(x), is_causal=True))
    assert (found.reach, found.seen) == ("global", 1.0)


def test_a_value_made_from_the_image_is_not_a_constant() -> None:
    def filled(x: Tensor) -> Tensor:
        y = torch.zeros_like(x)
        y[:, 0].fill_(x[:, :, 3:5].mean())
        return y[:, :1]

    assert field(filled).box(0, 0) == ((3, 4), (0, 15))
    assert field(lambda x: torch.zeros_like(x).fill_(2.0)).reach == "none"
    drawn = field(lambda x, a: torch.normal(a(x), 1.0), nn.Conv2d(4, 4, 3))
    assert drawn.size == (3, 3)
    assert field(lambda x: x.clone().normal_()).reach == "none"


def test_a_rule_that_gives_another_shape_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "striate.analysis.receptive_field.rule_for", lambda op: lambda op, of: [of(op["self"])]
    )
    found = field(lambda x: x.sum())
    assert (found.reach, found.because) == ("unknown", "sum is used in a way that its rule does not cover")


@pytest.mark.filterwarnings("ignore")
def test_a_quantised_layer_is_named() -> None:
    quantised = torch.ao.quantization.quantize_dynamic(
        nn.Sequential(nn.Flatten(), nn.Linear(16, 2)), {nn.Linear}
    )
    found = receptive_field(quantised, (1, 4, 4))
    assert (found.reach, found.because) == ("unknown", "1 (linear_dynamic) has no rule")


def test_a_constant_sees_nothing() -> None:
    found = field(lambda x: torch.ones(1, 2, 3))
    assert (found.reach, found.seen, found.axes) == ("none", 0.0, ())


def test_branches_join_to_their_hull_and_misalignment_is_reported() -> None:
    aligned = field(lambda x, a, b: a(x) + b(x), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 5, padding=2))
    assert (aligned.size, aligned.misaligned) == ((5, 5), "")
    shifted = field(lambda x, a, b: a(x) + b(x)[:, :, :14, :14], nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 1))
    assert (shifted.size, shifted.misaligned) == ((3, 3), "add")


def test_branches_of_different_stride_have_no_one_size() -> None:
    down = nn.Conv2d(4, 4, 3, stride=2, padding=1)
    found = field(lambda x, a: x[:, :, :8, :8] + a(x), down)
    assert (found.reach, found.because) == ("irregular", "branches of stride 1 and 2 meet in add")
    assert found.box(7, 0) == ((7, 15), (0, 1))


def test_upsampling_and_transposed_convolution_have_strides_below_one() -> None:
    up = field(lambda x: F.interpolate(x, scale_factor=2))
    assert (up.size, up.stride) == ((1, 1), (Fraction(1, 2), Fraction(1, 2)))
    back = receptive_field(nn.ConvTranspose2d(4, 4, 4, stride=2, padding=1), (4, 8, 8))
    assert (back.size, back.stride) == ((2, 2), (Fraction(1, 2), Fraction(1, 2)))
    there_and_back = receptive_field(nn.Sequential(nn.PixelUnshuffle(2), nn.PixelShuffle(2)), (4, 8, 8))
    assert [there_and_back.box(i, i) for i in range(8)] == [((i, i), (i, i)) for i in range(8)]


@pytest.mark.parametrize(
    ("mode", "corners"),
    [("nearest", None), ("bilinear", False), ("bilinear", True), ("bicubic", False), ("bicubic", True)],
)
@pytest.mark.parametrize("to", [(32, 32), (8, 24), (4, 48), (16, 16)])
def test_interpolation_reads_what_has_weight(mode: str, to: tuple[int, int], corners: bool | None) -> None:
    resample = lambda x: F.interpolate(x, size=to, mode=mode, align_corners=corners)
    found = field(resample, size=(1, 16, 16))
    image = torch.rand(1, 1, 16, 16, dtype=torch.float64, requires_grad=True)
    out = resample(image)
    for i, j in [(0, 0), (1, 2), (to[0] // 2, to[1] // 3), (to[0] - 1, to[1] - 1)]:
        (weight,) = torch.autograd.grad(out[0, 0, i, j], image, retain_graph=True)
        touched = weight[0, 0].abs() > 1e-12
        rows, columns = touched.any(1).nonzero().flatten(), touched.any(0).nonzero().flatten()
        assert found.box(i, j) == ((int(rows[0]), int(rows[-1])), (int(columns[0]), int(columns[-1])))


def test_one_and_three_axes() -> None:
    assert receptive_field(nn.Conv1d(2, 2, 5, dilation=2), (2, 30)).size == (9,)
    net = nn.Sequential(nn.Conv3d(1, 1, (1, 3, 5)), nn.MaxPool3d(2), nn.Conv3d(1, 1, (1, 1, 3)))
    assert receptive_field(net, (1, 4, 12, 20)).size == (2, 4, 10)


def test_a_layer_by_name_and_the_mistakes() -> None:
    net = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3))
    assert striate.receptive_field(net, (1, 8, 8), "0").size == (3, 3)
    with pytest.raises(UnknownLayer, match="no layer of this name"):
        receptive_field(net, (1, 8, 8), "00")
    with pytest.raises(LayerUnsuited) as error:
        receptive_field(Forward(lambda x: None), (1, 8, 8))
    assert str(error.value) == (
        "there is no tensor whose field could be told [layer-unsuited]\n"
        "  where     the network itself\n"
        "  got       no tensor among its outputs\n"
        "  next      choose a layer that puts out a tensor; `striate inspect` lists them"
    )


def test_a_kernel_that_is_made_from_the_image_sees_what_it_was_made_from() -> None:
    def dynamic(x: Tensor) -> Tensor:
        kernel = x.mean((2, 3), keepdim=True).reshape(4, 1, 1, 1).expand(4, 1, 3, 3)
        return F.conv2d(x, kernel, groups=4)

    found = field(dynamic)
    assert (found.reach, found.because) == ("global", "a kernel made from the image in convolution")


def test_the_record_survives_json() -> None:
    found = receptive_field(nn.Conv2d(1, 1, 3, padding=1), (1, 8, 8))
    assert ReceptiveField.from_json(found.to_json()) == found
