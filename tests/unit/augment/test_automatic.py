"""Automatic policies against torchvision's, operation by operation; what is drawn; one call a kernel; refusals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chisquare

from striate.augment import automatic, colour, tones
from striate.augment.automatic import OPERATIONS, RandAugment, TrivialAugment
from striate.augment.catalogue import PRESETS, TRANSFORMS
from striate.augment.errors import TransformDoesNotFit, TransformOutOfRange
from striate.augment.policy import parse
from striate.augment.transform import Draw, ImageTransform, Key
from striate.models import torchvision_ops

Gallery = Callable[..., torch.Tensor]
KINDS: list[type[ImageTransform]] = [RandAugment, TrivialAugment]
WARPS = ("shear-x", "shear-y", "translate-x", "translate-y", "rotate")
every_kind = pytest.mark.parametrize("kind", KINDS)


def space(kind: type[ImageTransform]) -> dict[str, tuple[Callable[..., Any], bool]]:
    """torchvision's: name -> magnitudes of (bins, height, width), and whether there is a sign."""
    torchvision_ops.prepare()
    from torchvision.transforms import v2

    theirs = {RandAugment: v2.RandAugment, TrivialAugment: v2.TrivialAugmentWide}[kind]
    return dict(theirs._AUGMENTATION_SPACE)


def draw_of(kind: type[ImageTransform], operation: np.ndarray, magnitude: int, sign: int) -> Draw:
    """This operation first, then none."""
    n, turns = len(operation), kind.turns_taken  # type: ignore[attr-defined]
    operations = np.zeros((n, turns), dtype=np.int64)
    operations[:, 0] = operation
    return {
        "on": np.ones(n, dtype=bool),
        "operation": operations,
        "magnitude": np.full((n, turns), magnitude),
        "sign": np.full((n, turns), sign),
    }


def by_torchvision(F: ModuleType, operation: str, image: torch.Tensor, magnitude: float) -> torch.Tensor:
    """As its automatic policies call its kernels, but bilinear."""
    bilinear: dict[str, Any] = {"interpolation": F.InterpolationMode.BILINEAR, "fill": 0.0}
    still: dict[str, Any] = {"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0]} | bilinear
    degrees = math.degrees(math.atan(magnitude))
    white = 1.0 if image.is_floating_point() else 255.0
    done: dict[str, Callable[[], torch.Tensor]] = {
        "identity": lambda: image,
        "shear-x": lambda: F.affine(image, **still | {"shear": [degrees, 0.0]}, center=[0, 0]),
        "shear-y": lambda: F.affine(image, **still | {"shear": [0.0, degrees]}, center=[0, 0]),
        "translate-x": lambda: F.affine(image, **still | {"translate": [int(magnitude), 0]}),
        "translate-y": lambda: F.affine(image, **still | {"translate": [0, int(magnitude)]}),
        "rotate": lambda: F.rotate(image, magnitude, **bilinear),
        "brightness": lambda: F.adjust_brightness(image, 1 + magnitude),
        "saturation": lambda: F.adjust_saturation(image, 1 + magnitude),
        "contrast": lambda: F.adjust_contrast(image, 1 + magnitude),
        "sharpness": lambda: F.adjust_sharpness(image, 1 + magnitude),
        "posterize": lambda: F.posterize(image, int(magnitude)),
        "solarize": lambda: F.solarize(image, white * magnitude),
        "autocontrast": lambda: F.autocontrast(image),
        "equalize": lambda: F.equalize(image),
    }
    return done[operation]()


@every_kind
def test_the_operations_are_torchvisions_in_its_order(kind: type[ImageTransform]) -> None:
    names = [name.lower().replace("color", "saturation") for name in space(kind)]
    assert names == [name.replace("-", "") for name in OPERATIONS]


@every_kind
@pytest.mark.parametrize("magnitude", [0, 1, 9, 17, 30])
@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=list(OPERATIONS))
def test_every_operation_is_torchvisions(
    kind: type[ImageTransform],
    magnitude: int,
    sign: int,
    number: int,
    oracle: ModuleType,
    gallery: Gallery,
) -> None:
    """Of floats to 1e-4 of white where pixels move (coordinates of float32, another way round), else to 5e-6. Whole
    numbers to 1 level; 2 in the blends, where torchvision cuts off the luma too. Where sources lie outside of the image, and of
    the pixels that are the threshold of solarize but for rounding, nothing can be said.
    """
    (magnitudes, signed), size = list(space(kind).values())[number], (40, 56)
    bins = magnitudes(31, *size)
    theirs = 0.0 if bins is None else float(bins[magnitude]) * (sign if signed else 1)
    name = OPERATIONS[number]
    for dtype in (torch.float32, torch.uint8):
        batch = gallery(3, *size, dtype)
        if name == "solarize":
            edge = 1 - magnitude / 30
            white = 255 if dtype is torch.uint8 else 1
            batch = torch.where((batch.double() / white - edge).abs() < 1e-5, 0, batch).to(dtype)
        draw = draw_of(kind, np.full(len(batch), number), magnitude, sign)
        out = kind().apply(batch, draw).double()
        wanted = torch.stack([by_torchvision(oracle, name, image, theirs) for image in batch]).double()
        apart = (out - wanted).abs()
        if name in WARPS:
            inside = by_torchvision(oracle, name, torch.ones(1, *size), theirs) > 1 - 1e-4
            assert inside.float().mean() > 0.1
            apart = apart * inside
        blends = name in ("saturation", "contrast")
        most = (2 if blends else 1) if dtype is torch.uint8 else 1e-4 if name in WARPS else 5e-6
        assert apart.max() <= most


@every_kind
@pytest.mark.parametrize("number", [3, 4])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_shift_brings_in_the_mirrored_image(kind: type[ImageTransform], number: int, sign: int) -> None:
    batch = torch.randint(
        0, 256, (2, 1, 9, 11), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    magnitude = 15
    side = (11, 9)[number - 3]
    k = int(150 / 331 * side / 2) if kind is RandAugment else 16
    out = kind().apply(batch, draw_of(kind, np.full(2, number), magnitude, sign))
    axis = 3 if number == 3 else 2
    wide = np.pad(batch.numpy(), [(0, 0)] * axis + [(k, k)] + [(0, 0)] * (3 - axis), mode="reflect")
    first = 0 if sign == 1 else 2 * k
    assert np.array_equal(out.numpy(), wide.take(range(first, first + side), axis=axis))


@every_kind
def test_nothing_is_left_alone_but_by_identity(kind: type[ImageTransform], gallery: Gallery) -> None:
    batch = gallery(3, 32, 32)[:8]
    for number in range(len(OPERATIONS)):
        out = kind().apply(batch, draw_of(kind, np.full(8, number), 20, -1))
        changed = [not torch.equal(a, b) for a, b in zip(out, batch, strict=True)]
        # Random pixels of 32x32 reach from black to white already: there autocontrast changes next to nothing.
        assert OPERATIONS[number] == "autocontrast" or changed == [number != 0] * 8


@every_kind
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_magnitude_none_changes_nothing(
    kind: type[ImageTransform], dtype: torch.dtype, gallery: Gallery
) -> None:
    """All but solarize, which inverts pure white, and posterize of floats, which has 256 levels."""
    batch = gallery(3, 12, 9, dtype)
    for number in range(OPERATIONS.index("posterize") + (dtype is torch.uint8)):
        assert torch.equal(kind().apply(batch, draw_of(kind, np.full(20, number), 0, 1)), batch)


def test_operations_happen_one_after_the_other(gallery: Gallery) -> None:
    batch = gallery(3, 20, 20)[:1].expand(196, -1, -1, -1).contiguous()
    pairs = np.stack(np.divmod(np.arange(196), 14), axis=1)
    draw = {
        "on": np.ones(196, dtype=bool),
        "operation": pairs,
        "magnitude": np.full((196, 2), 14),
        "sign": np.ones((196, 2), dtype=np.int64),
    }
    first, second = (
        {
            name: np.stack([column[:, turn], 0 * column[:, turn]], axis=1)
            for name, column in draw.items()
            if name != "on"
        }
        | {"on": draw["on"]}
        for turn in (0, 1)
    )
    assert torch.equal(
        RandAugment().apply(batch, draw), RandAugment().apply(RandAugment().apply(batch, first), second)
    )


@every_kind
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_neighbours_and_layout_change_no_bit(
    kind: type[ImageTransform], dtype: torch.dtype, channels: int, gallery: Gallery
) -> None:
    batch = torch.cat([gallery(channels, 24, 31, dtype)] * 6)
    draw = kind().draw(Key(0, 0), np.arange(120), (channels, 24, 31))
    whole = kind().apply(batch, draw)
    for rows in (slice(0, 0), slice(0, 1), slice(3, 50), slice(50, 120)):
        part = {name: values[rows] for name, values in draw.items()}
        assert torch.equal(kind().apply(batch[rows], part), whole[rows])
    pixels_first = batch.contiguous(memory_format=torch.channels_last)
    other = kind().apply(pixels_first, draw)
    assert torch.equal(other, whole)
    assert other.stride() == pixels_first.stride()


@every_kind
def test_every_operation_and_sign_is_equally_likely(kind: type[ImageTransform]) -> None:
    draw = kind().draw(Key(0, 0), np.arange(20_000), (3, 32, 32))
    turns = draw["operation"].shape[1]
    assert turns == (2 if kind is RandAugment else 1)
    # Of two turns all pairs are equally likely: the second knows nothing of the first.
    together = draw["operation"] @ 14 ** np.arange(turns)
    assert chisquare(np.bincount(together, minlength=14**turns)).pvalue > 1e-4
    assert set(np.unique(draw["sign"])) == {-1, 1}
    for turn in range(turns):
        assert binomtest(int((draw["sign"][:, turn] == 1).sum()), 20_000, 0.5).pvalue > 1e-4
    cells = draw["operation"][:, 0] * 2 + (draw["sign"][:, 0] + 1) // 2
    assert chisquare(np.bincount(cells, minlength=28)).pvalue > 1e-4


def test_magnitudes() -> None:
    rows = np.arange(20_000)
    assert set(np.unique(RandAugment().draw(Key(0, 0), rows, (3, 8, 8))["magnitude"])) == {9}
    assert set(np.unique(RandAugment(30).draw(Key(0, 0), rows, (3, 8, 8))["magnitude"])) == {30}
    draw = TrivialAugment().draw(Key(0, 0), rows, (3, 8, 8))
    counts = np.bincount(draw["magnitude"][:, 0])
    assert counts.size == 31
    assert chisquare(counts).pvalue > 1e-4
    table = np.histogram2d(draw["magnitude"][:, 0], draw["operation"][:, 0], bins=(31, 14))[0]
    assert chisquare(table.ravel()).pvalue > 1e-4


@every_kind
def test_at_most_one_kernel_call_a_turn(
    kind: type[ImageTransform], monkeypatch: pytest.MonkeyPatch, gallery: Gallery
) -> None:
    calls: Counter[str] = Counter()

    def counted(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        def call(*arguments: Any) -> torch.Tensor:
            calls[function.__name__] += 1
            return function(*arguments)

        return call

    monkeypatch.setattr(automatic, "warp", counted(automatic.warp))
    for module, names in (
        (colour, ("brightened", "contrasted", "saturated")),
        (tones, ("sharpened", "posterized", "solarized", "autocontrasted", "equalized")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, counted(getattr(module, name)))
    batch = torch.cat([gallery(3, 16, 16)] * 20)
    kind().apply(batch, kind().draw(Key(0, 0), np.arange(400), (3, 16, 16)))
    assert len(calls) == 9
    assert set(calls.values()) == {kind.turns_taken}  # type: ignore[attr-defined]


@given(
    kind=st.sampled_from(KINDS),
    channels=st.sampled_from([1, 3]),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    dtype=st.sampled_from([torch.uint8, torch.float32, torch.bfloat16, torch.float16]),
    seed=st.integers(0, 1000),
)
def test_always_pixels(
    kind: type[ImageTransform], channels: int, size: tuple[int, int], dtype: torch.dtype, seed: int
) -> None:
    batch = torch.rand(30, channels, *size, generator=torch.Generator().manual_seed(seed))
    batch = ((batch - 0.5) * 3 + 0.5).clamp(0, 1)
    batch = (batch * 255).to(dtype) if dtype is torch.uint8 else batch.to(dtype)
    transform = kind(30 if kind.takes else None)
    out = transform.apply(batch, transform.draw(Key(seed, 0), np.arange(30), (channels, *size)))
    assert torch.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= (255 if dtype is torch.uint8 else 1)
    assert (out.shape, out.dtype, out.stride()) == (batch.shape, dtype, batch.stride())


@every_kind
@pytest.mark.parametrize("channels", [2, 4])
def test_other_channels_are_refused(kind: type[ImageTransform], channels: int) -> None:
    with pytest.raises(TransformDoesNotFit) as refusal:
        kind().fit((channels, 8, 9))
    assert str(refusal.value) == (
        f"{kind.name} does not know which channels are red, green and blue [transform-does-not-fit]\n"
        f"  got       {kind.name} on {channels}-channel images of 8x9 pixels\n"
        "  expected  images of 1 or 3 channels\n"
        "  next      name transforms that take any channels, such as flip+crop"
    )


@pytest.mark.parametrize("number", [0.0, 31.0, 9.5])
def test_out_of_range(number: float) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        RandAugment.of(number)
    assert str(refusal.value) == (
        "the number of randaugment is the magnitude of its operations, of 30 [transform-out-of-range]\n"
        f"  got       randaugment{number:g}\n"
        "  expected  a whole number, 1 to 30\n"
        "  next      randaugment alone means randaugment9"
    )


def test_trivialaugment_takes_no_number() -> None:
    with pytest.raises(TransformOutOfRange):
        TrivialAugment.of(3)


def test_names_and_the_strong_preset() -> None:
    assert {kind.name: kind for kind in KINDS}.items() <= TRANSFORMS.items()
    assert parse("ta").transforms == parse("TrivialAugmentWide").transforms == (TrivialAugment(),)
    assert PRESETS["strong"] == "flip+crop+trivialaugment+cutout"
    for channels in (1, 3):
        fitted = parse("strong", shape=(channels, 32, 32))
        assert fitted.text == "flip+crop4+trivialaugment+cutout8"
