"""Warps against torchvision inside the image and SciPy at its border, what they draw, and refusals in exact words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import affine_transform
from scipy.stats import kstest, pearsonr

from striate.augment.errors import TransformOutOfRange
from striate.augment.policy import Policy, parse
from striate.augment.transform import Draw, Key
from striate.augment.warps import RandomResizedCrop, Rotate, Scale, Shear, WarpingTransform
from striate.models import torchvision_ops

torchvision_ops.prepare()
from torchvision.transforms.v2 import InterpolationMode  # noqa: E402 - the door to torchvision comes first
from torchvision.transforms.v2 import functional as tv  # noqa: E402

SHAPES = [(3, 32, 32), (1, 17, 24), (3, 40, 11)]
KINDS = [Rotate(180.0), Scale(3.0), Shear(60.0), RandomResizedCrop(0.1)]
MANY = np.arange(20_000)
EQUAL = {"interpolation": InterpolationMode.BILINEAR, "fill": 0.0}


def images(n: int, shape: tuple[int, ...], dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    values = torch.randint(0, 256, (n, *shape), generator=torch.Generator().manual_seed(n + sum(shape)))
    return values.to(dtype) / 255 if dtype.is_floating_point else values.to(dtype)


def torchvisions(transform: WarpingTransform, image: torch.Tensor, row: dict[str, Any]) -> torch.Tensor:
    """The same draw done by torchvision, black outside."""
    still: dict[str, Any] = {"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0], **EQUAL}
    if isinstance(transform, Rotate):
        return tv.rotate(image, float(row["degrees"]), **EQUAL)
    if isinstance(transform, Scale):
        return tv.affine(image, **{**still, "scale": float(row["factor"])})
    return tv.affine(image, **{**still, "shear": [float(angle) for angle in row["degrees"]]})


@pytest.mark.parametrize("transform", KINDS[:3], ids=lambda t: t.text)
@pytest.mark.parametrize("shape", SHAPES)
def test_inside_the_image_it_is_torchvisions(transform: WarpingTransform, shape: tuple[int, ...]) -> None:
    batch = images(40, shape)
    draw = transform.draw(Key(0, 0), np.arange(40), shape)
    out = transform.apply(batch, draw)
    compared = 0
    for n in range(40):
        row = {name: values[n] for name, values in draw.items()}
        wanted = torchvisions(transform, batch[n], row).int()
        # Where a white image stays white nothing black has entered from outside.
        inside = torchvisions(transform, torch.full_like(batch[n], 255), row) == 255
        assert (out[n].int() - wanted)[inside].abs().max() <= 1
        # Rounding the other way is rare.
        assert ((out[n].int() - wanted)[inside] != 0).double().mean() < 0.01
        compared += int(inside.sum())
    assert compared > 0.3 * batch.numel()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_resized_crop_is_torchvisions_inside_the_box(shape: tuple[int, ...]) -> None:
    """Boxes of whole pixels. At a box's rim torchvision repeats its last pixel, and a warp sees the image go on."""
    rng, (_, H, W) = np.random.default_rng(0), shape
    size = np.stack([rng.integers(2, H + 1, 40), rng.integers(2, W + 1, 40)], axis=1)
    corner = np.stack([rng.integers(0, H - size[:, 0] + 1), rng.integers(0, W - size[:, 1] + 1)], axis=1)
    draw = {"on": np.ones(40, dtype=bool), "box": np.concatenate([corner, size], axis=1).astype(np.float64)}
    batch = images(40, shape)
    out = RandomResizedCrop(0.1).apply(batch, draw)
    for n, (top, left, height, width) in enumerate(draw["box"].astype(int).tolist()):
        wanted = tv.resized_crop(
            batch[n],
            top,
            left,
            height,
            width,
            [H, W],
            interpolation=InterpolationMode.BILINEAR,
            antialias=False,
        )
        rows, columns = (
            (place >= 0) & (place <= k - 1)
            for place, k in (
                ((np.arange(H) + 0.5) * height / H - 0.5, height),
                ((np.arange(W) + 0.5) * width / W - 0.5, width),
            )
        )
        difference = (out[n].int() - wanted.int())[:, rows][:, :, columns].abs()
        assert difference.numel() > 0
        assert difference.max() <= 1


def backwards(transform: WarpingTransform, row: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray:
    """(3, 3) on (row, column, 1) about the corner: where a pixel of the result comes from, by the formulas."""
    _, H, W = shape
    if isinstance(transform, RandomResizedCrop):
        top, left, height, width = row["box"]
        return np.array(
            [
                [height / H, 0, top + 0.5 * height / H - 0.5],
                [0, width / W, left + 0.5 * width / W - 0.5],
                [0, 0, 1],
            ]
        )
    if isinstance(transform, Rotate):
        t = np.deg2rad(row["degrees"])
        linear = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    elif isinstance(transform, Scale):
        linear = np.eye(2) / row["factor"]
    else:
        a, b = np.tan(np.deg2rad(row["degrees"]))
        linear = np.array([[1.0, 0.0], [a, 1.0]]) @ np.array([[1.0, b], [0.0, 1.0]])
    to_centre, back = np.eye(3), np.eye(3)
    to_centre[:2, 2], back[:2, 2] = [-(H - 1) / 2, -(W - 1) / 2], [(H - 1) / 2, (W - 1) / 2]
    whole = np.eye(3)
    whole[:2, :2] = linear
    return back @ whole @ to_centre


def scipys(image: torch.Tensor, matrix: np.ndarray) -> np.ndarray:
    return np.stack(
        [
            affine_transform(plane.double().numpy(), matrix[:2, :2], matrix[:2, 2], order=1, mode="mirror")
            for plane in image
        ]
    )


@pytest.mark.parametrize("transform", KINDS, ids=lambda t: t.text)
@pytest.mark.parametrize("shape", [*SHAPES, (3, 2, 3), (1, 1, 1), (1, 1, 7)])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_everywhere_it_is_scipys(
    transform: WarpingTransform, shape: tuple[int, ...], memory_format: torch.memory_format
) -> None:
    batch = images(30, shape).contiguous(memory_format=memory_format)
    half = transform.of(transform.number, 0.5)
    draw = half.draw(Key(3, 1), np.arange(30), shape)
    out = half.apply(batch, draw)
    for n in range(30):
        row = {name: values[n] for name, values in draw.items()}
        if row["on"]:
            wanted = scipys(batch[n], backwards(transform, row, shape))
            assert np.abs(out[n].numpy() - wanted).max() < 0.5 + 0.02
        else:
            assert torch.equal(out[n], batch[n])
    assert 0 < draw["on"].sum() < 30
    assert out.stride() == batch.stride()


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("transform", "drawn"),
    [
        (Rotate(), {"degrees": np.zeros(4)}),
        (Scale(), {"factor": np.ones(4)}),
        (Shear(), {"degrees": np.zeros((4, 2))}),
        (RandomResizedCrop(), {"box": np.tile([0.0, 0.0, 9.0, 7.0], (4, 1))}),
    ],
    ids=lambda value: value.name if isinstance(value, WarpingTransform) else "",
)
def test_nothing_drawn_is_nothing_done(transform: WarpingTransform, drawn: Draw, dtype: torch.dtype) -> None:
    batch = images(4, (3, 9, 7), dtype)
    draw = {"on": np.ones(4, dtype=bool), **drawn}
    assert torch.equal(transform.apply(batch, draw), batch)
    assert torch.equal(Policy((transform, transform)).apply(batch, (draw, draw)), batch)


def test_positive_angles_are_counter_clockwise() -> None:
    batch = images(1, (2, 6, 6))
    for quarter in (1, 2, 3, -1):
        out = Rotate(180.0).apply(batch, {"on": np.array([True]), "degrees": np.array([90.0 * quarter])})
        assert np.array_equal(out[0].numpy(), np.rot90(batch[0].numpy(), quarter, (1, 2)))


# -- draws ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [15.0, 180.0, 0.5])
def test_angles_are_uniform(n: float) -> None:
    drawn = Rotate.of(n).draw(Key(0, 0), MANY, (3, 8, 8))["degrees"]
    assert kstest(drawn, "uniform", (-n, 2 * n)).pvalue > 1e-4


@pytest.mark.parametrize("s", [0.2, 3.0])
def test_factors_are_log_uniform(s: float) -> None:
    drawn = Scale.of(s).draw(Key(0, 0), MANY, (3, 8, 8))["factor"]
    assert kstest(np.log(drawn), "uniform", (-np.log(1 + s), 2 * np.log(1 + s))).pvalue > 1e-4


def test_both_axes_are_sheared_independently() -> None:
    drawn = Shear.of(20.0).draw(Key(0, 0), MANY, (3, 8, 8))["degrees"]
    assert all(kstest(column, "uniform", (-20.0, 40.0)).pvalue > 1e-4 for column in drawn.T)
    assert pearsonr(*drawn.T).pvalue > 1e-4
    assert pearsonr(*np.abs(drawn.T)).pvalue > 1e-4


def test_no_shear_flattens_an_image() -> None:
    """Areas stay, even where both angles are at their largest."""
    frames = Shear(60.0).matrix(Shear(60.0).draw(Key(0, 0), MANY, (3, 8, 8)), (3, 8, 8))
    assert np.allclose(np.linalg.det(frames[:, :, :2]), 1.0)


@pytest.mark.parametrize("s", [0.08, 0.35])
def test_boxes(s: float) -> None:
    """Below three quarters of the area no box is cut down, and every box that is cut down is above."""
    H = W = 100
    top, left, height, width = RandomResizedCrop.of(s).draw(Key(0, 0), MANY, (3, H, W))["box"].T
    whole = height * width / (H * W) < 0.75
    share, aspect = (height * width / (H * W))[whole], np.log(width / height)[whole]
    assert abs(whole.mean() - (0.75 - s) / (1 - s)) < 5 * 0.5 / np.sqrt(len(MANY))
    assert kstest(share, "uniform", (s, 0.75 - s)).pvalue > 1e-4
    assert kstest(aspect, "uniform", (np.log(3 / 4), 2 * np.log(4 / 3))).pvalue > 1e-4
    assert pearsonr(share, aspect).pvalue > 1e-4
    free = (height < H) & (width < W)
    down, across = (top / (H - height + 1e-300))[free], (left / (W - width + 1e-300))[free]
    assert kstest(down, "uniform").pvalue > 1e-4
    assert kstest(across, "uniform").pvalue > 1e-4
    assert pearsonr(down, across).pvalue > 1e-4


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 5, 40), (1, 1, 1), (3, 2, 3)])
@pytest.mark.parametrize("s", [0.001, 0.35, 1.0])
def test_boxes_are_inside_the_image(shape: tuple[int, ...], s: float) -> None:
    top, left, height, width = RandomResizedCrop.of(s).draw(Key(0, 0), MANY, shape)["box"].T
    assert min(top.min(), left.min()) >= 0
    assert min(height.min(), width.min()) >= 1
    assert (top + height).max() <= shape[1] * (1 + 1e-12)
    assert (left + width).max() <= shape[2] * (1 + 1e-12)


# -- many at once --------------------------------------------------------------------------------------------------


def test_neighbouring_warps_are_one_sampling_at_the_product_of_their_maps() -> None:
    policy, shape = parse("rotate90+scale0.5@0.5+shear30+resizedcrop0.2@0.5+rotate20"), (3, 19, 26)
    batch = images(40, shape)
    draws = policy.draw(0, 0, np.arange(40), shape)
    out = policy.apply(batch, draws)
    for n in range(40):
        matrix = np.eye(3)
        for transform, draw in zip(policy.transforms, draws, strict=True):
            if draw["on"][n]:
                assert isinstance(transform, WarpingTransform)
                matrix = matrix @ backwards(transform, {name: v[n] for name, v in draw.items()}, shape)
        assert np.abs(out[n].numpy() - scipys(batch[n], matrix)).max() < 0.5 + 0.02


def test_there_and_back_at_once_is_no_blur_at_all() -> None:
    batch, on, t = images(8, (3, 20, 20)), np.ones(8, dtype=bool), np.linspace(-40.0, 40.0, 8)
    there, back = {"on": on, "degrees": t}, {"on": on, "degrees": -t}
    rotate = Rotate(90.0)
    assert torch.equal(Policy((rotate, rotate)).apply(batch, (there, back)), batch)
    one_by_one = rotate.apply(rotate.apply(batch, there), back)
    assert (one_by_one.int() - batch.int()).abs().double().mean() > 5


def test_what_stands_between_keeps_runs_apart_and_their_order() -> None:
    policy, shape = parse("flip+vflip+rotate30+cutout3+scale+crop2+translate1+shear+rot90"), (3, 16, 16)
    batch = images(30, shape)
    draws = policy.draw(5, 1, np.arange(30), shape)
    wanted = batch
    for transform, draw in zip(policy.transforms, draws, strict=True):
        wanted = transform.apply(wanted, draw)  # type: ignore[attr-defined]
    assert torch.equal(policy.apply(batch, draws), wanted)


def test_a_warp_alone_does_what_it_does_in_a_policy() -> None:
    shape, rows = (3, 9, 14), np.arange(25)
    for transform in KINDS:
        half = transform.of(transform.number, 0.5)
        draw = half.draw(Key(0, 0), rows, shape)
        batch = images(25, shape, torch.float32)
        assert torch.equal(half.apply(batch, draw), Policy((half,)).apply(batch, (draw,)))


# -- numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "means", "expected", "usual"),
    [
        ("rotate0", "rotate is the largest angle in degrees", "above 0, up to 180", "rotate15"),
        ("rotate181", "rotate is the largest angle in degrees", "above 0, up to 180", "rotate15"),
        (
            "scale3.5",
            "scale is s, where images are made up to 1 + s times larger or smaller",
            "above 0, up to 3",
            "scale0.2",
        ),
        ("shear61", "shear is the largest angle in degrees", "above 0, up to 60", "shear10"),
        ("rrc1.2", "resizedcrop is the smallest share of the area", "above 0, up to 1", "resizedcrop0.35"),
        (
            "resizedcrop0",
            "resizedcrop is the smallest share of the area",
            "above 0, up to 1",
            "resizedcrop0.35",
        ),
    ],
)
def test_out_of_range(text: str, means: str, expected: str, usual: str) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        parse(text)
    got, alone = text.replace("rrc", "resizedcrop"), usual.rstrip("0123456789.")
    assert str(refusal.value) == (
        f"the number of {means} [transform-out-of-range]\n"
        f"  got       {got}\n"
        f"  expected  {expected}\n"
        f"  next      {alone} alone means {usual}"
    )


def test_usual_numbers_are_written_out() -> None:
    policy = parse("rotate+scale+shear@0.5+rrc", shape=(1, 1, 1))
    assert policy.text == "rotate15+scale0.2+shear10@0.5+resizedcrop0.35"
    unfitted = parse("rotate+scale+shear@0.5+rrc")
    for written, drawn in zip(
        policy.draw(0, 0, MANY, (1, 1, 1)), unfitted.draw(0, 0, MANY, (1, 1, 1)), strict=True
    ):
        assert all(np.array_equal(written[name], drawn[name]) for name in written)
