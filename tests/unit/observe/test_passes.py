"""Where the loop is."""

from __future__ import annotations

from striate.observe.passes import Passes


def go(passes: Passes, split: str, batches: int, of: int | None = None, whole: bool = True) -> None:
    passes.begin(split, range(of or batches))
    for _ in range(batches):
        passes.batch(split, 10)
    passes.end(split, whole)


def test_epochs_are_training_passes():
    passes = Passes()
    assert (passes.epoch, passes.split) == (0.0, "")
    go(passes, "train", 4)
    go(passes, "val", 2)
    assert (passes.epoch, passes.number("val"), passes.images) == (1.0, 1, {"train": 40, "val": 20})


def test_validation_in_the_middle_of_a_pass():
    passes = Passes()
    passes.begin("train", range(4))
    passes.batch("train", 10)
    assert passes.split == "train"
    passes.begin("val", range(1))
    assert passes.split == "val"
    passes.batch("val", 10)
    passes.end("val", True)
    assert (passes.split, passes.epoch) == ("train", 0.25)


def test_broken_off_and_left_without_a_word():
    passes = Passes()
    go(passes, "val", 1, of=5, whole=False)
    assert passes.broken_off["val"] == 1
    passes.begin("train", iter([]))
    passes.begin("train", iter([]))
    assert passes.split == "train"
    passes.end("train", True)
    assert passes.split == ""
