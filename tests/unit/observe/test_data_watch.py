"""Loops are watched batch by batch: each fact on a planted case and its null, odd input, and no trace."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from striate.core.data_observation import DataSeen
from striate.observe.data_watch import DataWatch

Arrays = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def digits() -> Arrays:
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return images[order].reshape(-1, 1, 8, 8).astype(np.float32) / 16, labels[order].astype(np.int64)


def as_is(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return images


def mirrored(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random((len(images), 1, 1, 1)) < 0.5, images[..., ::-1], images)


def noisy(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (images + rng.normal(0, 0.02, images.shape)).astype(np.float32)


def watched(
    train: Arrays,
    val: Arrays,
    change: Callable[[np.ndarray, np.random.Generator], np.ndarray] = as_is,
    change_val: Callable[[np.ndarray, np.random.Generator], np.ndarray] = as_is,
    shuffle: bool = True,
    passes: int = 2,
) -> DataWatch:
    """A loop whose network is right about val but for every tenth image."""
    rng, watch = np.random.default_rng(1), DataWatch(classes=10)
    for number in range(passes):
        order = rng.permutation(len(train[1])) if shuffle else np.arange(len(train[1]))
        for split, (images, labels) in (
            ("train", (change(train[0], rng)[order], train[1][order])),
            ("val", (change_val(val[0], rng), val[1])),
        ):
            answers = np.where(np.arange(len(labels)) % 10 == 0, (labels + 1) % 10, labels)
            logits = torch.from_numpy(np.eye(10, dtype=np.float32)[answers] * 3)
            for at in range(0, len(labels), 50):
                rows = slice(at, at + 50)
                x, y = torch.from_numpy(np.ascontiguousarray(images[rows])), torch.from_numpy(labels[rows])
                watch.saw(split, x, y, logits[rows], step=number)
            watch.pass_ended(split, len(labels))
    return watch


def halves(digits: Arrays) -> tuple[Arrays, Arrays]:
    return (digits[0][:900], digits[1][:900]), (digits[0][900:1300], digits[1][900:1300])


def test_a_plain_loop(digits: Arrays) -> None:
    train, val = halves(digits)
    seen = watched(train, val).seen()
    assert seen.train is not None
    assert seen.train.counts == tuple(np.bincount(train[1], minlength=10))
    assert (seen.train.n, seen.train.expected, seen.sizes) == (900, 900, "equal")
    assert seen.order is not None
    assert seen.order.entropy > seen.order.null_low
    assert seen.order.same_order is False
    assert [(r.split, r.images, r.same) for r in seen.repeats] == [("train", 900, 900), ("val", 400, 400)]
    assert seen.overlap is not None
    assert (seen.overlap.checked, seen.overlap.exact) == (400, 0)
    assert seen.overlap.near <= 2
    assert [flip.used for flip in seen.flips] == [0.0] * 5
    assert seen.agreement is not None
    assert seen.agreement.neighbours_right > 370
    assert seen.agreement.folds_noise == pytest.approx(0, abs=0.02)
    assert seen.domain_low is not None
    assert seen.domain_low < 0.55
    confusion = np.array(seen.val_confusion)
    assert confusion.sum() == 400
    assert np.trace(confusion) == 360
    assert seen.best_val_confusion == seen.val_confusion
    assert DataSeen.from_json(seen.to_json()) == seen


def test_copies_are_counted_named_and_scored(digits: Arrays) -> None:
    train, val = halves(digits)
    train = (np.concatenate([train[0], val[0][:40]]), np.concatenate([train[1], val[1][:40]]))
    overlap = watched(train, val, shuffle=False).seen().overlap
    assert overlap is not None
    assert overlap.exact == 40
    assert overlap.pairs[0] == ("train[900]", "val[0]")
    assert (overlap.accuracy_on, overlap.accuracy_off) == pytest.approx((0.9, 0.9), abs=0.03)


def test_random_validation_and_mirrored_training(digits: Arrays) -> None:
    seen = watched(*halves(digits), change=mirrored, change_val=noisy).seen()
    train, val = seen.repeats
    assert 0.4 < train.same / train.images < 0.6
    assert val.same == 0
    assert seen.flips[0].used == pytest.approx(0.5, abs=0.1)
    assert seen.domain_auc is None


def test_a_half_turn_shows_its_flow(digits: Arrays) -> None:
    def turned(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.where(rng.random((len(images), 1, 1, 1)) < 0.5, images[..., ::-1, ::-1], images)

    flip = next(f for f in watched(*halves(digits), change=turned).seen().flips if f.transform == "rot180")
    assert flip.used == pytest.approx(0.5, abs=0.1)
    assert flip.flows[0][:2] == (6, 9)


def test_sorted_and_frozen_order(digits: Arrays) -> None:
    train, val = halves(digits)
    order = np.argsort(train[1], kind="stable")
    seen = watched((train[0][order], train[1][order]), val, shuffle=False).seen().order
    assert seen is not None
    assert seen.same_order is True
    assert seen.entropy < 0.3 * seen.null_low


def test_asking_twice_and_in_the_middle_changes_nothing(digits: Arrays) -> None:
    train, val = halves(digits)
    watch = watched(train, val, passes=1)
    middle = watch.seen()
    assert middle is watch.seen()
    assert middle.repeats == ()
    asked, silent = watched(train, val), watched(train, val)
    asked.seen()
    images, labels = torch.from_numpy(train[0][:50]), torch.from_numpy(train[1][:50])
    for one in (asked, silent):
        one.saw("train", images, labels, None, step=9)
        one.pass_ended("train", 50)
    assert asked.seen() == silent.seen()


def test_a_short_trial_of_evaluation_is_not_what_val_is(digits: Arrays) -> None:
    watch = DataWatch(classes=10)
    for n in (20, 200):
        watch.saw("val", torch.from_numpy(digits[0][:n]), torch.from_numpy(digits[1][:n]), None, step=0)
        watch.pass_ended("val", 200)
    val = watch.seen().val
    assert val is not None
    assert val.n == 200


ODD = {
    "one image": (torch.rand(1, 3, 8, 8), torch.tensor([1]), torch.rand(1, 3)),
    "bytes": (
        torch.randint(0, 255, (4, 3, 8, 8), dtype=torch.uint8),
        torch.tensor([0, 1, 2, 0]),
        torch.rand(4, 3),
    ),
    "no channel": (torch.rand(4, 8, 8), torch.tensor([0, 1, 2, 0]), torch.rand(4, 3)),
    "features": (torch.rand(4, 10), torch.tensor([0, 1, 2, 0]), torch.rand(4, 3)),
    "empty": (torch.rand(0, 3, 8, 8), torch.zeros(0, dtype=torch.int64), torch.rand(0, 3)),
    "nan": (
        torch.full((4, 3, 8, 8), float("nan")),
        torch.tensor([0, 1, 2, 0]),
        torch.full((4, 3), float("nan")),
    ),
    "regression": (torch.rand(4, 3, 8, 8), torch.rand(4), torch.rand(4, 1)),
    "masks": (torch.rand(4, 3, 8, 8), torch.zeros(4, 8, 8, dtype=torch.int64), torch.rand(4, 2, 8, 8)),
    "mixed": (torch.rand(4, 3, 8, 8), torch.full((4, 3), 1 / 3), torch.rand(4, 3)),
    "label beyond": (torch.rand(4, 3, 8, 8), torch.tensor([0, 1, 2, 700]), torch.rand(4, 3)),
    "half": (torch.rand(4, 3, 40, 70).half(), torch.tensor([0, 1, 2, 0]), torch.rand(4, 3).half()),
    "channels last": (
        torch.rand(4, 3, 8, 8).to(memory_format=torch.channels_last),
        torch.tensor([0, 1, 2, 0]),
        None,
    ),
    "blank": (torch.zeros(40, 1, 8, 8), torch.arange(40) % 2, None),
    "learning": (
        torch.rand(4, 3, 8, 8, requires_grad=True),
        torch.tensor([0, 1, 2, 0]),
        torch.rand(4, 3, requires_grad=True),
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_input_is_taken_for_what_it_is(case: str) -> None:
    images, labels, logits = ODD[case]
    before = images.detach().clone()
    watch = DataWatch()
    for _ in range(3):
        for split in ("train", "val", "test"):
            watch.saw(split, images, labels, logits, step=0)
            watch.pass_ended(split)
    seen = watch.seen()
    assert torch.equal(images.detach().nan_to_num(), before.nan_to_num())
    shown = case not in ("features", "empty")
    assert (seen.train is not None) is shown
    if case == "features":
        assert np.array(seen.train_confusion).sum() == 4
    if case in ("regression", "masks", "mixed"):
        assert seen.train is not None
        assert sum(seen.train.counts) == 0


def test_sizes_that_change_are_no_error() -> None:
    watch = DataWatch(classes=2)
    for side in (8, 12, 8):
        watch.saw("train", torch.rand(6, 1, side, side), torch.arange(6) % 2, torch.rand(6, 2), step=0)
    watch.saw("val", torch.rand(6, 1, 12, 12), torch.arange(6) % 2, torch.rand(6, 2), step=0)
    seen = watch.seen()
    assert seen.sizes == "different"
    assert seen.overlap is None


def test_nothing_is_drawn_and_nothing_kept(digits: Arrays) -> None:
    import gc
    import weakref

    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    images, labels = torch.from_numpy(digits[0][:50].copy()), torch.from_numpy(digits[1][:50].copy())
    logits = torch.eye(10)[labels]
    state, numbers = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    held = [weakref.ref(tensor) for tensor in (images, labels, logits)]
    watch = DataWatch()
    watch.saw("train", images, labels, logits, step=0)
    del images, labels, logits
    gc.collect()
    assert [ref() for ref in held] == [None] * 3
    watch.seen()
    assert torch.equal(torch.get_rng_state(), state)
    assert np.random.get_state()[1].tolist() == numbers  # noqa: NPY002
