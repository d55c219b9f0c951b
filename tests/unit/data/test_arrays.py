"""Arrays and Python data sets as listings: every accepted form, and by name what could mean two things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from striate.data.arrays import from_arrays, from_dataset
from striate.data.errors import ArraysUnusable, OneClass

Y = [0, 1, 1]


def images(*shape: int, dtype: type = np.uint8) -> np.ndarray[Any, Any]:
    return (np.arange(np.prod(shape)) % 251).astype(dtype).reshape(shape)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ArraysUnusable) as error:
        call()
    return str(error.value)


class TestImages:
    def test_channels_last_are_used_as_they_are(self) -> None:
        x = images(3, 8, 9, 3)
        listing = from_arrays(x, Y)
        assert listing.arrays is not None
        assert np.shares_memory(listing.arrays, x)
        assert (listing.kind, listing.root, listing.notices, len(listing)) == ("arrays", None, (), 3)
        assert listing.paths == ("arrays/0", "arrays/1", "arrays/2")

    def test_grey(self) -> None:
        x = images(3, 8, 9)
        assert np.array_equal(from_arrays(x, Y).arrays, x[..., None])

    @pytest.mark.parametrize("channels", [1, 3])
    def test_channels_first_are_turned_and_told(self, channels: int) -> None:
        x = images(3, channels, 8, 9)
        listing = from_arrays(x, Y)
        assert listing.arrays is not None
        assert np.array_equal(listing.arrays, x.transpose(0, 2, 3, 1))
        assert listing.arrays.flags.c_contiguous
        assert [(n.kind, n.action, n.detail) for n in listing.notices] == [
            ("channels-first", "told", f"shape (3, {channels}, 8, 9) read as (N, C, H, W)")
        ]

    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
    def test_floats_round_to_the_nearest(self, dtype: type) -> None:
        x = np.array([0.0, 1 / 255, 0.5, 254.4 / 255, 1.0], dtype=dtype).reshape(1, 1, 5).repeat(3, 0)
        pixels = from_arrays(x, Y).arrays
        assert pixels is not None
        assert pixels.dtype == np.uint8
        assert pixels[0].ravel().tolist() == [0, 1, 128, 254, 255]

    def test_every_value_of_uint8_survives_being_a_float(self) -> None:
        x = np.arange(256, dtype=np.uint8).reshape(1, 16, 16).repeat(3, 0)
        assert np.array_equal(from_arrays((x / 255).astype(np.float32), Y).arrays, x[..., None])

    def test_tensors(self) -> None:
        torch = pytest.importorskip("torch")
        x = images(3, 1, 8, 9)
        listing = from_arrays(torch.from_numpy(x), torch.tensor(Y))
        assert np.array_equal(listing.arrays, x.transpose(0, 2, 3, 1))
        assert "without gradient" in refused(lambda: from_arrays(torch.zeros(3, 8, 8, requires_grad=True), Y))

    def test_two_readings_are_refused_until_one_is_named(self) -> None:
        x = images(3, 3, 8, 3)
        assert refused(lambda: from_arrays(x, Y)) == (
            "two axes can be the channels [arrays-unusable]\n"
            "  got       shape (3, 3, 8, 3)\n"
            '  expected  one; say which with layout="NHWC" or layout="NCHW"'
        )
        assert np.array_equal(from_arrays(x, Y, layout="NHWC").arrays, x)
        assert np.array_equal(from_arrays(x, Y, layout="NCHW").arrays, x.transpose(0, 2, 3, 1))

    @pytest.mark.parametrize(
        ("x", "what", "got"),
        [
            (images(3, 8), "the images have another shape", "shape (3, 8)"),
            (images(3, 8, 8, 4), "no axis can be the channels", "shape (3, 8, 8, 4)"),
            (images(3, 2, 8, 8), "no axis can be the channels", "shape (3, 2, 8, 8)"),
            (images(0, 8, 8), "the images have another shape", "shape (0, 8, 8)"),
            (images(3, 8, 8, dtype=np.int64), "the images have another type", "dtype int64"),
            (images(3, 8, 8) > 100, "the images have another type", "dtype bool"),
            (images(3, 8, 8, dtype=np.float32), "float images are outside [0, 1]", "values from 0 to 191"),
            (-np.ones((3, 8, 8)), "float images are outside [0, 1]", "values from -1 to -1"),
            (np.full((3, 8, 8), 1.01), "float images are outside [0, 1]", "values from 1.01 to 1.01"),
            (np.full((3, 8, 8), np.nan), "float images are outside [0, 1]", "values from nan to nan"),
            (np.full((3, 8, 8), np.inf), "float images are outside [0, 1]", "values from inf to inf"),
            (np.full((3, 8, 8), 1 + 0j), "the images have another type", "dtype complex128"),
            ([[1, 2], [3]], "the images cannot be taken as an array", ""),
        ],
    )
    def test_what_is_refused(self, x: Any, what: str, got: str) -> None:
        text = refused(lambda: from_arrays(x, Y))
        assert text.startswith(f"{what} [arrays-unusable]\n  got       {got}")

    def test_unscaled_floats_in_words(self) -> None:
        assert refused(lambda: from_arrays(np.full((3, 8, 8), 16.0), Y)) == (
            "float images are outside [0, 1] [arrays-unusable]\n"
            "  got       values from 16 to 16\n"
            "  expected  float in [0, 1], or uint8 in [0, 255]\n"
            "  next      leave the normalisation to striate; for values up to 255 give x.astype(np.uint8)"
        )


class TestLabels:
    @pytest.mark.parametrize(
        ("y", "classes", "labels"),
        [
            ([0, 1, 1], ("0", "1"), [0, 1, 1]),
            ([10, 2, 2], ("2", "10"), [1, 0, 0]),
            ([[3], [1], [3]], ("1", "3"), [1, 0, 1]),
            ([True, False, True], ("False", "True"), [1, 0, 1]),
            (["b", "a10", "a9"], ("a9", "a10", "b"), [2, 1, 0]),
            (np.array(["x", "y", "x"], dtype=object), ("x", "y"), [0, 1, 0]),
        ],
    )
    def test_without_names(self, y: Any, classes: tuple[str, ...], labels: list[int]) -> None:
        listing = from_arrays(images(3, 8, 8), y)
        assert (listing.classes, listing.labels.tolist(), listing.labels.dtype) == (classes, labels, np.int64)

    def test_with_names(self) -> None:
        assert from_arrays(images(3, 8, 8), [2, 0, 2], classes=["z", "y", "x"]).classes == ("z", "y", "x")
        listing = from_arrays(images(3, 8, 8), ["x", "z", "x"], classes=["z", "y", "x"])
        assert listing.labels.tolist() == [2, 0, 2]

    @pytest.mark.parametrize(
        ("y", "classes", "what"),
        [
            ([0, 1], None, "there are not as many labels as images"),
            ([0.0, 1.0, 2.0], None, "the labels have another type"),
            ([[1, 0], [0, 1], [0, 1]], None, "the labels have another shape"),
            ([0, 1, 2], ["a", "b"], "a label is not among the classes"),
            ([0, 1, -1], ["a", "b"], "a label is not among the classes"),
            (["a", "b", "c"], ["a", "b"], "a label is not among the classes"),
            (np.array(["a", 1, None], dtype=object), None, "the labels are of mixed types"),
        ],
    )
    def test_what_is_refused(self, y: Any, classes: Any, what: str) -> None:
        assert refused(lambda: from_arrays(images(3, 8, 8), y, classes=classes)).startswith(
            f"{what} [arrays-"
        )

    def test_one_class(self) -> None:
        with pytest.raises(OneClass, match="3 images of one label"):
            from_arrays(images(3, 8, 8), [1, 1, 1])


class TestSplits:
    def test_words_and_codes(self) -> None:
        x = images(4, 8, 8)
        words = from_arrays(x, [0, 1, 0, 1], splits=["train", "Validation", "test", ""])
        codes = from_arrays(x, [0, 1, 0, 1], splits=np.array([0, 1, 2, -1], dtype=np.int8))
        assert words.split.tolist() == codes.split.tolist() == [0, 1, 2, -1]
        assert words.split.dtype == np.int8

    def test_groups(self) -> None:
        assert from_arrays(images(3, 8, 8), Y, groups=[7, 7, 8]).groups == ("7", "7", "8")  # type: ignore[list-item]

    @pytest.mark.parametrize(
        ("splits", "what"),
        [(["train", "x", "val"], "an unknown split"), (["train"], "there are not as many splits as images")],
    )
    def test_what_is_refused(self, splits: list[str], what: str) -> None:
        assert refused(lambda: from_arrays(images(3, 8, 8), Y, splits=splits)).startswith(what)


class Pairs(list):  # type: ignore[type-arg]
    """A map-style data set."""


class TestDataset:
    @pytest.mark.parametrize(
        "image",
        [
            lambda i: images(8, 9, 3) + i,
            lambda i: (images(8, 9, 3) + i).transpose(2, 0, 1),
            lambda i: Image.fromarray(images(8, 9, 3) + i),
            lambda i: ((images(8, 9, 3) + i) / 255).astype(np.float32),
        ],
        ids=["HWC", "CHW", "Pillow", "float"],
    )
    def test_images_of_every_kind(self, image: Callable[[int], Any]) -> None:
        listing = from_dataset(Pairs((image(i), i % 2) for i in range(4)))
        assert np.array_equal(listing.arrays, np.stack([images(8, 9, 3) + i for i in range(4)]))
        assert listing.labels.tolist() == [0, 1, 0, 1]
        assert listing.notices == ()

    def test_grey_pillow_and_text_labels(self) -> None:
        listing = from_dataset(Pairs((Image.fromarray(images(8, 9)), "ab"[i]) for i in range(2)))
        assert listing.arrays is not None
        assert (listing.arrays.shape, listing.classes) == ((2, 8, 9, 1), ("a", "b"))

    def test_tensors_and_class_names_of_the_set(self) -> None:
        torch = pytest.importorskip("torch")
        pairs = Pairs((torch.rand(3, 8, 8), torch.tensor(i)) for i in range(2))
        pairs.classes = ["no", "yes", "never"]
        listing = from_dataset(pairs)
        assert (listing.classes, listing.labels.tolist()) == (("no", "yes", "never"), [0, 1])

    def test_random_transforms_are_told(self) -> None:
        class Noisy(Pairs):
            def __getitem__(self, i: Any) -> Any:
                self.calls = getattr(self, "calls", 0) + 1
                return np.full((8, 8), self.calls, np.uint8), i % 2

        listing = from_dataset(Noisy([0, 1, 2]))
        assert [n.kind for n in listing.notices] == ["random-transform"]

    @pytest.mark.parametrize(
        ("items", "what"),
        [
            ([], "the data set is empty"),
            ([(images(8, 8), 0), (images(8, 9), 1)], "the images differ in size or channels"),
            ([(images(8, 8), 0), (images(8, 8, 3), 1)], "the images differ in size or channels"),
            ([images(8, 8)], "an item is no pair"),
            ([(images(8, 8), 0, 1)], "an item is no pair"),
            ([(images(8), 0)], "an image has another shape"),
            ([(Image.new("RGBA", (8, 8)), 0)], "an image has another mode"),
            ([(Image.new("P", (8, 8)), 0)], "an image has another mode"),
            ([(images(8, 8) * 2.0, 0)], "float images are outside [0, 1]"),
        ],
    )
    def test_what_is_refused(self, items: list[Any], what: str) -> None:
        assert refused(lambda: from_dataset(Pairs(items))).startswith(f"{what} [arrays-unusable]")

    def test_sizes_in_words(self) -> None:
        pairs = Pairs([(images(8, 8), 0), (images(8, 9), 1)])
        assert refused(lambda: from_dataset(pairs)) == (
            "the images differ in size or channels [arrays-unusable]\n"
            "  got       item 0 is (8, 8, 1), item 1 is (8, 9, 1) (H, W, C)\n"
            "  expected  images of one size; or a folder or CSV of files, which striate resizes"
        )
