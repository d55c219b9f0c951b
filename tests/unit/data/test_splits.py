"""Splits: what is kept, what is made, what is said and what is refused; splits.csv there and back."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from striate.data.errors import ClassPerImage, EmptySplit, NoTrainingSplit, SplitImpossible
from striate.data.splits import make_splits, read_splits, write_splits

TRAIN, VAL, TEST = 0, 1, 2


def codes_of(*values: int, times: int = 1) -> NDArray[np.int8]:
    return np.repeat(np.array(values, dtype=np.int8), times)


def halves(n: int) -> NDArray[np.int64]:
    return np.arange(n) % 2


class TestMade:
    def test_shares_are_of_all_that_would_train(self) -> None:
        codes, origin, notices = make_splits(
            halves(1000), np.full(1000, -1, np.int8), val=0.2, test=0.1, seed=7
        )
        assert np.bincount(codes).tolist() == [700, 200, 100]
        assert origin == "20 % held out for val and 10 % held out for test, by class, seed 7"
        assert notices == ()

    def test_val_comes_out_of_train_where_only_test_is_given(self) -> None:
        codes, origin, _ = make_splits(halves(300), codes_of(0, 0, 2, times=100), val=0.5, test=0.25, seed=0)
        assert np.bincount(codes).tolist() == [100, 100, 100]
        assert origin == "train and test as in the data; 50 % held out for val, by class, seed 0"

    def test_a_test_split_can_be_made_beside_a_given_val(self) -> None:
        codes, origin, _ = make_splits(halves(300), codes_of(0, 0, 1, times=100), val=0.5, test=0.25, seed=0)
        assert np.bincount(codes).tolist() == [150, 100, 50]
        assert origin == "train and val as in the data; 25 % held out for test, by class, seed 0"

    def test_seeds_differ(self) -> None:
        splits = [
            make_splits(halves(100), np.full(100, -1, np.int8), val=0.2, test=0.0, seed=s)[0] for s in (0, 1)
        ]
        assert (splits[0] != splits[1]).any()

    def test_another_file_moves_few_others(self) -> None:
        """With paths, a sample's draw is its own: adding one shifts the border by one, not the whole split."""
        paths = [f"{i}.jpg" for i in range(400)]
        before = make_splits(
            np.zeros(400, int), np.full(400, -1, np.int8), val=0.2, test=0.0, seed=0, paths=paths
        )[0]
        after = make_splits(
            np.zeros(401, int),
            np.full(401, -1, np.int8),
            val=0.2,
            test=0.0,
            seed=0,
            paths=["new.jpg", *paths],
        )[0]
        assert (before != after[1:]).sum() <= 1

    def test_images_without_a_split_train_where_others_have_one(self) -> None:
        codes, origin, _ = make_splits(halves(300), codes_of(0, 1, -1, times=100), val=0.2, test=0.0, seed=0)
        assert np.bincount(codes).tolist() == [200, 100]
        assert origin == "train and val as in the data; images without a split train"

    def test_but_they_follow_their_group(self) -> None:
        groups = ["g", "g", "", "h", "h", ""]
        codes, _, _ = make_splits(
            np.array([0, 0, 0, 1, 1, 1]),
            codes_of(2, -1, 0, 1, -1, 0),
            val=0.2,
            test=0.0,
            seed=0,
            groups=groups,
        )
        assert codes.tolist() == [2, 2, 0, 1, 1, 0]

    def test_groups_and_copies_in_the_words(self) -> None:
        _, origin, _ = make_splits(
            halves(10), np.full(10, -1, np.int8), val=0.2, test=0.0, seed=0, duplicates=np.arange(10)
        )
        assert origin == "20 % held out for val, by class, seed 0; groups and exact duplicates kept together"

    def test_what_is_tied_to_a_given_split_is_not_held_out(self) -> None:
        """A copy of a test image must not choose the model."""
        labels, codes = np.zeros(20, int), codes_of(*[0] * 10, *[2] * 10)
        copies = np.array([*range(10), *range(9), 10])  # nine of the ten training images are in test, too
        made = make_splits(labels, codes, val=0.5, test=0.0, seed=0, duplicates=copies)[0]
        assert np.flatnonzero(made == VAL).tolist() == [9]

    def test_the_best_of_groups_that_all_overshoot(self) -> None:
        groups = [*"a" * 50, *"b" * 30, *"c" * 40]
        codes = make_splits(
            np.zeros(120, int), np.full(120, -1, np.int8), val=0.05, test=0.0, seed=0, groups=groups
        )[0]
        assert {groups[i] for i in np.flatnonzero(codes == VAL)} == {"b"}


class TestTold:
    def test_a_small_val(self) -> None:
        notices = make_splits(halves(100), np.full(100, -1, np.int8), val=0.25, test=0.0, seed=0)[2]
        assert [(n.kind, n.split, n.detail) for n in notices] == [
            ("small-split", "val", "25 images: an accuracy on them is known to about +-20 points")
        ]

    def test_a_class_too_small_to_hold_out(self) -> None:
        labels = np.array([0] * 1000 + [1])
        notices = make_splits(
            labels, np.full(1001, -1, np.int8), val=0.2, test=0.0, seed=0, classes=["many", "one"]
        )[2]
        assert [(n.kind, n.label, n.split, n.detail) for n in notices] == [
            ("class-missing-from-split", "one", "val", "1 image: too few to hold one out for val")
        ]

    def test_a_group_that_the_data_spreads(self) -> None:
        codes, _, notices = make_splits(
            halves(400), codes_of(0, 1, times=200), val=0.2, test=0.0, seed=0,
            groups=["x" if i in (3, 250) else "" for i in range(400)], paths=[f"{i}.png" for i in range(400)],
        )  # fmt: skip
        assert (codes == codes_of(0, 1, times=200)).all()
        assert [(n.kind, n.path, n.detail) for n in notices] == [
            ("group-across-splits", "3.png", "its group is in train and val: left as given")
        ]


class TestRefused:
    def test_one_image_per_class(self) -> None:
        with pytest.raises(ClassPerImage) as error:
            make_splits(np.arange(5), np.full(5, -1, np.int8), val=0.2, test=0.0, seed=0)
        assert str(error.value) == (
            "every class has one image, so none can be held out [class-per-image]\n"
            "  got       5 images of 5 classes\n"
            "  expected  at least two images in some class\n"
            "  next      add images, or a val folder of your own"
        )

    @pytest.mark.parametrize("val", [0.2, 0.9])
    def test_one_group_per_class(self, val: float) -> None:
        groups = [str(k) for k in halves(10)]
        with pytest.raises(SplitImpossible) as error:
            make_splits(halves(10), np.full(10, -1, np.int8), val=val, test=0.0, seed=0, groups=groups)
        assert str(error.value) == (
            "no group can be spared for val [split-impossible]\n"
            "  got       groups so large that a class would have nothing left to train on\n"
            "  expected  at least two groups in a class\n"
            "  next      use smaller groups, or give a val split of your own"
        )

    @pytest.mark.parametrize(("val", "test"), [(0.0, 0.0), (0.0, 0.5), (0.6, 0.4), (-0.1, 0.2)])
    def test_shares_that_leave_nothing(self, val: float, test: float) -> None:
        with pytest.raises(SplitImpossible) as error:
            make_splits(halves(100), np.full(100, -1, np.int8), val=val, test=test, seed=0)
        assert str(error.value) == (
            "these shares leave nothing to validate or to train on [split-impossible]\n"
            f"  got       val {val:g}, test {test:g}\n"
            "  expected  val above 0, and below 1 together with test\n"
            "  next      use --val-split 0.2"
        )

    def test_no_val_share_is_needed_where_val_is_given(self) -> None:
        assert make_splits(halves(4), codes_of(0, 1, times=2), val=0.0, test=0.0, seed=0)[0].tolist() == [
            0,
            0,
            1,
            1,
        ]

    def test_nothing_to_train_on(self) -> None:
        with pytest.raises(NoTrainingSplit) as error:
            make_splits(halves(4), codes_of(1, 2, times=2), val=0.2, test=0.0, seed=0)
        assert str(error.value) == (
            "no image is left to train on [no-training-split]\n"
            "  got       every image is val or test\n"
            "  expected  a train split, or no splits at all"
        )

    @pytest.mark.parametrize(("code", "name"), [(0, "train"), (1, "val")])
    def test_a_split_whose_files_were_all_unusable(self, code: int, name: str) -> None:
        with pytest.raises(EmptySplit) as error:
            make_splits(halves(4), codes_of(1 - code, times=4), val=0.2, test=0.0, seed=0, declared={0, 1})
        assert str(error.value) == (
            f"the {name} split has no usable image [empty-split]\n"
            "  got       0 images after unreadable ones were left out\n"
            "  next      look at scan.csv for the reason of each file"
        )


class TestFile:
    HOSTILE = (
        "a/1.jpg",
        'quote".jpg',
        "comma,.jpg",
        "line\nbreak.jpg",
        "\u6f22.jpg",
        "=cmd.jpg",
        " lead.jpg",
    )

    def test_there_and_back(self, tmp_path: Path) -> None:
        labels, codes = np.array([0, 1, 0, 1, 0, 1, 0]), codes_of(0, 1, 2, 0, 1, 2, 0)
        write_splits(tmp_path / "splits.csv", self.HOSTILE, labels, ("<b>", "x,y"), codes)
        paths, names, back = read_splits(tmp_path / "splits.csv")
        assert paths == self.HOSTILE
        assert names == ("<b>", "x,y", "<b>", "x,y", "<b>", "x,y", "<b>")
        assert (back == codes).all()
        assert back.dtype == np.int8

    def test_the_bytes(self, tmp_path: Path) -> None:
        write_splits(tmp_path / "s.csv", ("a/1.jpg",), np.array([0]), ("a",), codes_of(2))
        assert (tmp_path / "s.csv").read_bytes() == b"path,label,split\na/1.jpg,a,test\n"

    @pytest.mark.parametrize(
        "text", ["", "path,label\n", "path,label,split\na,b\n", "path,label,split\na,b,tset\n"]
    )
    def test_other_files_are_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "s.csv").write_text(text)
        with pytest.raises(ValueError, match=r"s\.csv"):
            read_splits(tmp_path / "s.csv")

    def test_any_reader_of_csv_takes_it(self, tmp_path: Path) -> None:
        write_splits(tmp_path / "s.csv", self.HOSTILE, np.zeros(7, int), ("a",), codes_of(0, times=7))
        with (tmp_path / "s.csv").open(newline="", encoding="utf-8") as file:
            assert tuple(row["path"] for row in csv.DictReader(file)) == self.HOSTILE
