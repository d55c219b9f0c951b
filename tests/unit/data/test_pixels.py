"""Arrays as pixels; the budget of memory."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.listing import Listing
from striate.data.pixels import MOST_MEMORY, default_memory_budget, pixels_of_arrays
from striate.data.preprocess import Preprocess
from tests.unit.data.bad_images import photo, plain_listing
from tests.unit.data.watching import Watching


def of_arrays(arrays: np.ndarray) -> Listing:
    listing = plain_listing(Path(), [f"a/{i}" for i in range(len(arrays))])
    return dataclasses.replace(listing, root=None, arrays=arrays, kind="arrays")


def test_arrays_of_the_wanted_shape_are_used_as_they_are() -> None:
    arrays = np.stack([photo(i, 6, 6) for i in (0, 1, 0)])
    found = pixels_of_arrays(of_arrays(arrays), Preprocess((6, 6)))
    assert np.shares_memory(found.pixels, arrays)
    assert found.rows.tolist() == [0, 1, 2]
    assert found.scan.readable.tolist() == [0, 1, 2]
    digests = [row.tobytes() for row in found.scan.facts["digest"]]
    assert digests[0] == digests[2] != digests[1]


@pytest.mark.parametrize(
    "preprocess", [Preprocess((6, 6), 1), Preprocess((4, 5)), Preprocess((8, 8), resize="pad")]
)
def test_other_shapes_are_made_as_from_a_file(preprocess: Preprocess) -> None:
    arrays = np.stack([photo(i, 6, 6) for i in range(3)])
    watching = Watching()
    found = pixels_of_arrays(of_arrays(arrays), preprocess, watching)
    assert np.array_equal(found.pixels, [preprocess.pixels(Image.fromarray(row)) for row in arrays])
    assert watching.tasks == [("Resizing images", 3, 3)]


def test_grey_arrays_become_colour_where_that_is_asked() -> None:
    arrays = np.stack([photo(i, 6, 6, channels=1) for i in range(3)])
    found = pixels_of_arrays(of_arrays(arrays), Preprocess((6, 6)))
    assert np.array_equal(found.pixels, np.repeat(arrays, 3, axis=3))


def test_a_listing_of_files_is_no_array() -> None:
    with pytest.raises(ValueError, match=r"^this listing holds files, not arrays$"):
        pixels_of_arrays(plain_listing(Path(), ["a/0"]), Preprocess((6, 6)))


def test_the_default_budget_is_a_share_of_the_machine() -> None:
    assert 0 < default_memory_budget() <= MOST_MEMORY
