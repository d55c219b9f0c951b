"""Policies: text and back, presets, streams, fusion, and refusals in exact words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from striate.augment.catalogue import PRESETS, TRANSFORMS
from striate.augment.errors import LabelMapUnusable, LabelsNeeded, TransformDoesNotFit, UnknownTransform
from striate.augment.flips import HorizontalFlip, VerticalFlip
from striate.augment.policy import Policy, parse
from striate.augment.shifts import PaddedCrop, Translate
from striate.augment.targets import Pool
from striate.augment.transform import Draw, ImageTransform, Key, Shape, Transform


@pytest.mark.parametrize(
    ("text", "canonical", "transforms"),
    [
        ("none", "none", ()),
        ("", "none", ()),
        ("light", "flip", (HorizontalFlip(),)),
        ("default", "flip+crop", (HorizontalFlip(), PaddedCrop())),
        ("flip+crop4", "flip+crop4", (HorizontalFlip(), PaddedCrop(4))),
        (" HFlip + Crop4 ", "flip+crop4", (HorizontalFlip(), PaddedCrop(4))),
        ("flip@0.50+vflip@.25", "flip+vflip@0.25", (HorizontalFlip(), VerticalFlip(p=0.25))),
        ("crop4@0.5", "crop4@0.5", (PaddedCrop(4, 0.5),)),
        ("translate2+translate", "translate2+translate", (Translate(2), Translate())),
    ],
)
def test_parse(text: str, canonical: str, transforms: tuple[Transform, ...]) -> None:
    policy = parse(text)
    assert policy.transforms == transforms
    assert policy.text == canonical
    assert parse(policy.text) == policy


def test_a_size_makes_relative_strengths_absolute() -> None:
    assert parse("default", shape=(3, 32, 40)).text == "flip+crop4"
    assert parse("translate+crop2", shape=(1, 8, 8)).text == "translate1+crop2"


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
        ("flop", "flop", "flip"),
        ("flip+crp4", "crp4", "crop"),
        ("defualt", "defualt", "default"),
        ("flip-1", "flip-1", "flip"),
        ("flip1e-3", "flip1e-3", "flip"),
        ("mixupp0.2@0.5", "mixupp0.2@0.5", "mixup"),
        ("flip@", "flip@", "flip"),
        ("flip++crop", "nothing between two +", None),
        ("flip+none", "none", "leave it out"),
        ("default+mixup", "default", "a preset stands alone; written out it is flip+crop"),
        ("flip, crop4", "flip, crop4", "terms are joined by +: flip+crop4"),
        ("[flip crop]", "[flip crop]", "terms are joined by +: flip+crop"),
        ("rotate 15", "rotate 15", "rotate"),
        ("4", "4", None),
    ],
)
def test_unknown_transform(text: str, got: str, advice: str | None) -> None:
    with pytest.raises(UnknownTransform) as refusal:
        parse(text)
    assert refusal.value.got == got
    if advice is None:
        assert refusal.value.next_step is None
    else:
        assert (refusal.value.next_step or "").removeprefix("did you mean ").startswith(advice)


@pytest.mark.parametrize("given", [None, ["flip"], 4])
def test_a_policy_is_a_text(given) -> None:
    with pytest.raises(UnknownTransform, match="a policy is written as one text"):
        parse(given)


def test_unknown_transform_in_full() -> None:
    with pytest.raises(UnknownTransform) as refusal:
        parse("flip+crp4")
    names = ", ".join(TRANSFORMS)
    assert str(refusal.value) == (
        "no such transform [unknown-transform]\n"
        "  got       crp4\n"
        f"  expected  {names} with an optional number, joined by +; or none, light, default, strong\n"
        "  next      did you mean crop?"
    )


def test_crop_larger_than_the_image() -> None:
    with pytest.raises(TransformDoesNotFit):
        parse("flip+crop40", shape=(3, 32, 32))


def test_leaving_a_transform_out_changes_no_other_draw() -> None:
    rows, shape = np.arange(100), (3, 16, 16)
    flip, crop = parse("flip+crop2").draw(0, 1, rows, shape)
    assert np.array_equal(parse("crop2").draw(0, 1, rows, shape)[0]["di"], crop["di"])
    assert np.array_equal(parse("vflip+flip").draw(0, 1, rows, shape)[1]["on"], flip["on"])


def test_twice_the_same_transform_draws_twice() -> None:
    first, second = parse("flip+flip").draw(0, 0, np.arange(100), (3, 8, 8))
    assert not np.array_equal(first["on"], second["on"])


class Brighter(ImageTransform):
    """No move, to stand between moves."""

    name = "brighter"

    def _draw(self, key: Key, indices: np.ndarray, shape: Shape) -> Draw:
        return {"by": key.integers(indices, 1, 9)[:, 0]}

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
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
    batch, labels = torch.zeros(2, 3, 4, 4), np.array([1, 0])
    images, targets = parse("none")(batch, labels, seed=0, epoch=0, rows=np.arange(2))
    assert images is batch
    assert targets.tolist() == [1, 0]


def test_draws_and_batch_have_to_match() -> None:
    policy = parse("flip+crop2")
    with pytest.raises(ValueError, match="zip"):
        policy.apply(torch.zeros(2, 3, 8, 8), policy.draw(0, 0, np.arange(2), (3, 8, 8))[:1])


# -- labels ------------------------------------------------------------------------------------------------------

CLASSES = ("6", "9", "0")


def images(n: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(
        0, 256, (n, 3, 6, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed)
    )


def test_a_swap_follows_the_draw() -> None:
    policy = parse("vflip").bind(CLASSES, "vflip: 6<->9")
    labels, rows = np.arange(300) % 3, np.arange(300)
    batch = images(300)
    out, targets = policy(batch, labels, seed=0, epoch=0, rows=rows)
    turned = np.array([not torch.equal(a, b) for a, b in zip(batch, out, strict=True)])
    assert 100 < turned.sum() < 200
    swapped = np.array([1, 0, 2])[labels]
    assert np.array_equal(targets.numpy(), np.where(turned, swapped, labels))


def test_what_is_spared_stays_to_the_bit() -> None:
    policy = parse("vflip@1+flip@1").bind(CLASSES, "vflip: 6<->9, !0")
    labels, batch = np.arange(30) % 3, images(30)
    out, targets = policy(batch, labels, seed=0, epoch=0, rows=np.arange(30))
    assert torch.equal(out[2::3], batch[2::3].flip(3))
    assert torch.equal(out[0::3], batch[0::3].flip(2, 3))
    assert targets.tolist() == [1, 0, 2] * 10


def test_a_later_rule_sees_the_label_that_an_earlier_one_made() -> None:
    policy = parse("vflip@1+flip@1").bind(CLASSES, "vflip: 6<->9; flip: !9")
    batch = images(2)
    out, targets = policy(batch, np.array([0, 1]), seed=0, epoch=0, rows=np.arange(2))
    assert targets.tolist() == [1, 0]
    assert torch.equal(out[0], batch[0].flip(1))  # a 6 that has become a 9 is not mirrored
    assert torch.equal(out[1], batch[1].flip(1, 2))


def test_the_label_map_is_written_and_read_back() -> None:
    policy = parse("flip+vflip").bind(CLASSES, "vflip:  9 <-> 6 , !0")
    assert policy.labels.text == "vflip: 6<->9, !0"
    assert parse("flip+vflip").bind(CLASSES, policy.labels.text) == policy


def test_a_rule_for_what_the_policy_does_not_do() -> None:
    with pytest.raises(LabelMapUnusable) as refusal:
        parse("flip+crop4").bind(CLASSES, "vflip: 6<->9")
    assert refusal.value.got == "vflip"


# -- mixing ------------------------------------------------------------------------------------------------------


def pool_of(batch: torch.Tensor, labels: np.ndarray) -> Pool:
    return Pool(np.arange(len(batch)), lambda rows: (batch[torch.from_numpy(rows)], labels[rows]))


@pytest.mark.parametrize("text", ["mixup0.4", "cutmix", "flip+mixup+cutmix", "crop2+cutmix0.5@0.7"])
def test_mixed_pixels_and_targets_do_not_depend_on_the_batch(text: str) -> None:
    policy = parse(text).bind(CLASSES)
    batch, labels = images(40), np.arange(40) % 3
    pool = pool_of(batch, labels)
    whole = policy(batch, labels, seed=1, epoch=2, rows=np.arange(40), pool=pool)
    for some in (np.array([5]), np.array([39, 3, 17]), np.arange(20, 40)):
        part = policy(batch[torch.from_numpy(some)], labels[some], seed=1, epoch=2, rows=some, pool=pool)
        assert torch.equal(part[0], whole[0][torch.from_numpy(some)])
        assert torch.equal(part[1], whole[1][torch.from_numpy(some)])


def test_targets_are_shares_of_the_two_labels() -> None:
    policy = parse("mixup").bind(CLASSES)
    batch, labels = images(200), np.arange(200) % 3
    _, targets = policy(batch, labels, seed=0, epoch=0, rows=np.arange(200), pool=pool_of(batch, labels))
    (draw,) = policy.draw(0, 0, np.arange(200), (3, 6, 6))
    partner = labels[np.floor(draw["partner"] * 200).astype(int)]
    wanted = np.zeros((200, 3))
    for n in range(200):
        wanted[n, labels[n]] += draw["share"][n]
        wanted[n, partner[n]] += 1 - draw["share"][n]
    assert np.allclose(targets.numpy(), wanted, atol=1e-6)
    assert targets.dtype == torch.float32


def test_each_sample_gets_one_of_two_mixings() -> None:
    mixup, cutmix = parse("mixup+cutmix").draw(0, 0, np.arange(10_000), (3, 8, 8))
    assert not (mixup["on"] & cutmix["on"]).any()
    assert (mixup["on"] | cutmix["on"]).all()
    assert binomtest(int(mixup["on"].sum()), 10_000, 0.5).pvalue > 1e-4


def test_the_partner_looks_as_this_epoch_shows_it() -> None:
    """With a share of nothing, a sample is its partner, flipped if the partner is."""
    policy = parse("flip+vflip+mixup").bind(CLASSES)
    batch, labels = images(50), np.arange(50) % 3
    rows = np.arange(50)
    draws = policy.draw(7, 3, rows, (3, 6, 6))
    alone = policy.apply(batch, draws)
    out, _ = policy(batch, labels, seed=7, epoch=3, rows=rows, pool=pool_of(batch, labels))
    partner = np.floor(draws[2]["partner"] * 50).astype(int)
    share = draws[2]["share"][:, None, None, None]
    wanted = share * alone.numpy() + (1 - share) * alone.numpy()[partner]
    assert np.abs(out.numpy() - wanted).max() <= 0.501


def test_a_spared_class_is_neither_mixed_nor_anybodys_partner() -> None:
    policy = parse("cutmix").bind(CLASSES, "cutmix: !0")
    batch, labels = images(300), np.arange(300) % 3
    out, targets = policy(batch, labels, seed=0, epoch=0, rows=np.arange(300), pool=pool_of(batch, labels))
    assert torch.equal(out[2::3], batch[2::3])
    assert (targets[2::3, 2] == 1).all()
    assert (targets[0::3, 2] == 0).all()
    assert (targets[1::3, 2] == 0).all()
    assert (targets[0::3, 1] > 0).any()


def test_without_a_pool_the_batch_is_the_pool() -> None:
    policy = parse("mixup").bind(CLASSES)
    batch, labels, rows = images(12), np.arange(12) % 3, np.arange(100, 112)
    own = Pool(rows, lambda wanted: (batch[torch.from_numpy(wanted - 100)], labels[wanted - 100]))
    a = policy(batch, labels, seed=0, epoch=0, rows=rows)
    b = policy(batch, labels, seed=0, epoch=0, rows=rows, pool=own)
    assert torch.equal(a[0], b[0])
    assert torch.equal(a[1], b[1])


def test_mixing_without_classes_is_refused() -> None:
    with pytest.raises(LabelsNeeded) as refusal:
        parse("flip+mixup0.2")(images(4), np.zeros(4, dtype=int), seed=0, epoch=0, rows=np.arange(4))
    assert str(refusal.value) == (
        "this policy mixes labels, and does not know the classes [labels-needed]\n"
        "  got       flip+mixup0.2\n"
        "  next      bind it: policy.bind(classes); its targets are (N, K), which the loss has to take"
    )


def test_mixing_comes_last_wherever_it_is_written() -> None:
    assert parse("mixup0.2+flip+cutmix+crop").text == "flip+crop+mixup0.2+cutmix"
    assert parse("mixup").mixes
    assert not parse("flip").mixes
