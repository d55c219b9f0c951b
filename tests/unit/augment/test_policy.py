"""Policies: text and back, presets, streams, fusion, and refusals in exact words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.augment.errors import TransformDoesNotFit, UnknownTransform
from striate.augment.flips import HorizontalFlip, VerticalFlip
from striate.augment.policy import PRESETS, TRANSFORMS, Policy, parse
from striate.augment.shifts import PaddedCrop, Translate
from striate.augment.transform import Draw, Key, Shape, Transform


@pytest.mark.parametrize(
    ("text", "canonical", "transforms"),
    [
        ("none", "none", ()),
        ("", "none", ()),
        ("light", "flip", (HorizontalFlip(),)),
        ("default", "flip+crop", (HorizontalFlip(), PaddedCrop())),
        ("flip+crop4", "flip+crop4", (HorizontalFlip(), PaddedCrop(4))),
        (" HFlip + Crop4 ", "flip+crop4", (HorizontalFlip(), PaddedCrop(4))),
        ("flip0.50+vflip.25", "flip+vflip0.25", (HorizontalFlip(), VerticalFlip(0.25))),
        ("translate2+translate", "translate2+translate", (Translate(2), Translate())),
    ],
)
def test_parse(text: str, canonical: str, transforms: tuple[Transform, ...]) -> None:
    policy = parse(text)
    assert policy.transforms == transforms
    assert policy.text == canonical
    assert parse(policy.text) == policy


def test_a_size_makes_relative_strengths_absolute() -> None:
    assert parse("default", img_size=(32, 40)).text == "flip+crop4"
    assert parse("translate+crop2", img_size=(8, 8)).text == "translate1+crop2"


def test_presets_and_names_do_not_collide() -> None:
    assert not set(PRESETS) & set(TRANSFORMS)
    assert all(parse(preset).text == (text or "none") for preset, text in PRESETS.items())


@pytest.mark.parametrize("kind", TRANSFORMS.values())
def test_every_transform_says_what_it_teaches_and_destroys(kind: type[Transform]) -> None:
    text = kind.__doc__ or ""
    assert "Teaches" in text
    assert "estroys" in text
    assert f"`{kind.name}" in text


@pytest.mark.parametrize(
    ("text", "got", "advice"),
    [
        ("flop", "flop", "did you mean flip or vflip or hflip?"),
        ("flip+crp4", "crp4", "did you mean crop?"),
        ("defualt", "defualt", "did you mean default?"),
        ("cutout8", "cutout8", None),
        ("flip-1", "flip-1", "did you mean flip or vflip or hflip?"),
        ("flip1e-3", "flip1e-3", "did you mean flip or vflip or hflip?"),
        ("flip++crop", "nothing between two +", None),
        ("flip+none", "none", None),
        ("4", "4", None),
    ],
)
def test_unknown_transform(text: str, got: str, advice: str | None) -> None:
    with pytest.raises(UnknownTransform) as refusal:
        parse(text)
    assert refusal.value.got == got
    assert refusal.value.next_step == advice


def test_unknown_transform_in_full() -> None:
    with pytest.raises(UnknownTransform) as refusal:
        parse("flip+crp4")
    assert str(refusal.value) == (
        "no such transform [unknown-transform]\n"
        "  got       crp4\n"
        "  expected  flip, vflip, crop, translate with an optional number, joined by +; or none, light, default\n"
        "  next      did you mean crop?"
    )


def test_crop_larger_than_the_image() -> None:
    with pytest.raises(TransformDoesNotFit):
        parse("flip+crop40", img_size=(32, 32))


def test_leaving_a_transform_out_changes_no_other_draw() -> None:
    rows, shape = np.arange(100), (3, 16, 16)
    flip, crop = parse("flip+crop2").draw(0, 1, rows, shape)
    assert np.array_equal(parse("crop2").draw(0, 1, rows, shape)[0]["di"], crop["di"])
    assert np.array_equal(parse("vflip+flip").draw(0, 1, rows, shape)[1]["mirrored"], flip["mirrored"])


def test_twice_the_same_transform_draws_twice() -> None:
    first, second = parse("flip+flip").draw(0, 0, np.arange(100), (3, 8, 8))
    assert not np.array_equal(first["mirrored"], second["mirrored"])


class Brighter(Transform):
    """No move, to stand between moves."""

    name = "brighter"

    @classmethod
    def from_number(cls, number: float | None) -> Brighter:  # noqa: ARG003
        return cls()

    @property
    def text(self) -> str:
        return self.name

    def draw(self, key: Key, indices: np.ndarray, shape: Shape) -> Draw:
        return {"by": key.integers(indices, 1, 9)[:, 0]}

    def apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return batch + torch.from_numpy(draw["by"]).to(batch.dtype)[:, None, None, None]


def test_one_gather_for_neighbouring_moves_equals_one_after_the_other() -> None:
    policy = Policy((Translate(3), VerticalFlip(), Brighter(), PaddedCrop(2), HorizontalFlip(), Translate(1)))
    batch = torch.randint(
        0, 200, (32, 3, 12, 9), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    draws = policy.draw(0, 0, np.arange(32), (3, 12, 9))
    wanted = batch
    for transform, draw in zip(policy.transforms, draws, strict=True):
        wanted = transform.apply(wanted, draw)
    assert torch.equal(policy.apply(batch, draws), wanted)


def test_none_returns_the_batch_itself() -> None:
    batch = torch.zeros(2, 3, 4, 4)
    assert parse("none")(batch, seed=0, epoch=0, rows=np.arange(2)) is batch


def test_draws_and_batch_have_to_match() -> None:
    policy = parse("flip+crop2")
    with pytest.raises(ValueError, match="zip"):
        policy.apply(torch.zeros(2, 3, 8, 8), policy.draw(0, 0, np.arange(2), (3, 8, 8))[:1])
