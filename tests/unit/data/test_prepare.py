"""Everything in one call: what a folder becomes, what is refused and with which words."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.decode import decode
from striate.data.errors import EmptySplit
from striate.data.pixel_errors import AllUnreadable, BadImages, ClassLost, PixelSetting
from striate.data.pixel_statistics import channel_statistics
from striate.data.prepare import Dataset, load, prepare, scan
from tests.unit.data.bad_images import encode, photo, tree_hashes, write_corpus
from tests.unit.data.watching import Watching


def fill(root: Path, broken: dict[str, int] | None = None, n: int = 20, below: str = "") -> Path:
    """Two classes of `n` PNGs; `broken={"cat": 2}` spoils the first two cats."""
    for k, name in enumerate(("cat", "dog")):
        folder = root / below / name
        folder.mkdir(parents=True)
        for i in range(n):
            data = encode(Image.fromarray(photo(100 * k + i + len(below), 12, 12)), "PNG")
            (folder / f"{i:03}.png").write_bytes(data[:60] if i < (broken or {}).get(name, 0) else data)
    return root


@pytest.fixture
def ready(tmp_path: Path) -> Callable[..., Dataset]:
    def call(data: object, **options: object) -> Dataset:
        return prepare(data, **{"cache_dir": tmp_path / "cache", "workers": 0, **options})

    return call


def test_a_folder_becomes_a_data_set(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    root = fill(tmp_path / "photos")
    before = tree_hashes(root)
    dataset = ready(root)
    assert (dataset.name, dataset.kind, dataset.classes) == ("photos", "folder", ("cat", "dog"))
    assert dataset.pixels.shape == (40, 12, 12, 3)
    assert dataset.labels.tolist() == [0] * 20 + [1] * 20
    assert [np.bincount(dataset.labels[dataset.indices(s)]).tolist() for s in ("train", "val")] == [
        [16, 16],
        [4, 4],
    ]
    expected = channel_statistics(dataset.pixels, dataset.indices("train"))
    assert (dataset.preprocess.mean, dataset.preprocess.std) == expected
    for i, path in enumerate(dataset.paths):
        assert np.array_equal(dataset.pixels[i], decode(root / path, dataset.preprocess).pixels)
    assert tree_hashes(root) == before
    assert dataset.record().skipped == (0, 0)


def test_bad_files_are_left_out_counted_and_told(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    dataset = ready(fill(tmp_path / "photos", {"cat": 3, "dog": 1}))
    assert dataset.skipped == (3, 1)
    assert len(dataset) == 36
    assert dataset.paths[0] == "cat/003.png"
    assert [n.path for n in dataset.notices if n.action == "skipped"] == [
        "cat/000.png",
        "cat/001.png",
        "cat/002.png",
        "dog/000.png",
    ]
    assert dataset.record().notices["truncated"] == 4


def test_the_same_set_gives_the_same_print_whatever_its_files_are_called(
    ready: Callable[..., Dataset], tmp_path: Path
) -> None:
    first = ready(fill(tmp_path / "one"))
    second = ready(fill(tmp_path / "two"), workers=2)
    assert first.fingerprint == second.fingerprint
    os.utime(tmp_path / "one/cat/000.png")
    assert ready(tmp_path / "one").fingerprint == first.fingerprint
    (tmp_path / "one/cat/000.png").write_bytes(encode(Image.fromarray(photo(77, 12, 12)), "PNG"))
    assert ready(tmp_path / "one").fingerprint != first.fingerprint
    assert ready(tmp_path / "two", seed=1).fingerprint != second.fingerprint


def test_a_tiny_budget_changes_where_the_pixels_are_and_nothing_else(
    ready: Callable[..., Dataset], tmp_path: Path
) -> None:
    root = fill(tmp_path / "photos", {"dog": 1})
    loaded, mapped = ready(root), ready(root, memory_budget=0.0)
    assert isinstance(mapped.pixels, np.memmap)
    assert not isinstance(loaded.pixels, np.memmap)
    assert np.array_equal(loaded.pixels, mapped.pixels)
    assert loaded.record() == mapped.record()
    assert loaded.notices == mapped.notices


def test_on_bad_fail_names_the_first(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    root = fill(tmp_path / "photos", {"cat": 4})
    with pytest.raises(BadImages) as caught:
        ready(root, on_bad="fail")
    lines = str(caught.value).splitlines()
    assert lines[0] == "4 files cannot be read as images [bad-images]"
    assert lines[1] == f"  where     {root}"
    assert lines[2].startswith("  got       cat/000.png: truncated (")
    assert lines[5] == "            and 1 more"
    assert lines[6] == "  next      repair or remove them, or leave them out with --on-bad skip"
    assert len(ready(fill(tmp_path / "good"), on_bad="fail")) == 40


def test_a_set_with_nothing_readable_is_refused(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    root = fill(tmp_path / "photos", {"cat": 1, "dog": 1}, n=1)
    with pytest.raises(AllUnreadable) as caught:
        ready(root)
    assert (
        str(caught.value).splitlines()[0]
        == "none of the files can be read as an image [all-images-unreadable]"
    )


def test_a_class_with_nothing_readable_is_refused(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    root = fill(tmp_path / "photos", {"dog": 20})
    with pytest.raises(ClassLost) as caught:
        ready(root)
    lines = str(caught.value).splitlines()
    assert lines[0] == "no file of this class can be read: dog [class-lost]"
    assert lines[-1] == "  next      repair the files, or take the class out of the data set"


def test_a_split_with_nothing_readable_is_refused(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    root = fill(tmp_path / "photos", below="train")
    fill(root, {"cat": 5, "dog": 5}, n=5, below="val")
    with pytest.raises(EmptySplit):
        ready(root)


@pytest.mark.parametrize(
    ("options", "got"),
    [
        ({"img_size": 0}, "img_size must be two whole numbers (H, W) in 1..16384, got (0, 0)"),
        ({"channels": 2}, "channels must be 1 or 3, got 2"),
        ({"resize": "zoom"}, "resize must be one of crop, squash, pad, got 'zoom'"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    ready: Callable[..., Dataset], tmp_path: Path, options: dict[str, object], got: str
) -> None:
    with pytest.raises(PixelSetting) as caught:
        ready(fill(tmp_path / "photos"), **options)
    assert str(caught.value) == f"images cannot be made so [pixel-setting]\n  got       {got}"


@pytest.mark.parametrize(("img_size", "shape"), [(16, (16, 16, 1)), ((10, 14), (10, 14, 1))])
def test_size_and_channels_that_are_asked_for_are_given(
    ready: Callable[..., Dataset], tmp_path: Path, img_size: object, shape: tuple[int, ...]
) -> None:
    dataset = ready(fill(tmp_path / "photos"), img_size=img_size, channels=1)
    assert dataset.pixels.shape[1:] == shape
    assert len(dataset.preprocess.mean) == 1


def test_copies_end_up_on_one_side(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    root = fill(tmp_path / "photos", n=30)
    for i in range(10):
        (root / f"cat/copy-{i}.png").write_bytes((root / "cat/005.png").read_bytes())
    dataset = ready(root)
    copies = [i for i, path in enumerate(dataset.paths) if "copy" in path or path == "cat/005.png"]
    assert len(set(dataset.codes[copies].tolist())) == 1
    assert dataset.report.counts_by_kind["duplicate"] == 10


def test_a_scan_reports_and_leaves_the_pixels_for_training(tmp_path: Path) -> None:
    root = fill(tmp_path / "photos", {"dog": 20})
    report = scan(root, cache_dir=tmp_path / "cache", workers=0)
    assert report.counts == (20, 0)
    assert report.skipped == (0, 20)
    assert report.counts_by_kind == {"truncated": 20}
    watching = Watching()
    with pytest.raises(ClassLost):
        prepare(root, cache_dir=tmp_path / "cache", workers=0, progress=watching)
    assert watching.tasks == []


def test_to_be_scored_data_is_prepared_as_the_training_data_was(
    ready: Callable[..., Dataset], tmp_path: Path
) -> None:
    trained = ready(fill(tmp_path / "photos")).preprocess
    other = fill(tmp_path / "other", {"dog": 20})
    scored = load(other, trained, cache_dir=tmp_path / "cache", workers=0)
    assert scored.preprocess == trained
    assert scored.codes.tolist() == [2] * 20
    assert scored.split_origin == "images without a split are test"
    assert scored.skipped == (0, 20)


def test_arrays_come_through_without_a_cache(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    images = np.stack([photo(i, 9, 9, channels=1) for i in range(40)])
    dataset = ready((images, np.arange(40) % 2))
    assert dataset.pixels.shape == (40, 9, 9, 1)
    assert dataset.root is None
    assert not (tmp_path / "cache/pixels").exists()


def test_the_corpus_of_bad_images_trains_what_it_can(ready: Callable[..., Dataset], tmp_path: Path) -> None:
    cases = write_corpus(tmp_path / "corpus")
    before = tree_hashes(tmp_path / "corpus")
    dataset = ready(tmp_path / "corpus", img_size=16, workers=2)
    told = {notice.path for notice in dataset.notices if notice.action in ("skipped", "ignored")}
    # A name that is not UTF-8 cannot stand in a table, so the listing leaves the file out, and says so.
    assert set(dataset.paths) == {c.path for c in cases if not c.reason and "\udce9" not in c.path}
    assert {c.path for c in cases if c.reason} - told == {"b/folder.jpg"}, "an empty folder is no file"
    assert tree_hashes(tmp_path / "corpus") == before


def test_the_lone_gif_among_the_ants_is_named(
    ready: Callable[..., Dataset], shared_data: Callable[[str], Path]
) -> None:
    dataset = ready(shared_data("hymenoptera.tar"), img_size=32, workers=None)
    (odd,) = [notice for notice in dataset.notices if notice.kind == "odd-format"]
    assert odd.path.endswith("train/ants/imageNotFound.gif")
    assert odd.detail == "the only GIF among 397 JPEG: used; is it a picture of its class?"
    assert dataset.record().counts == {"train": (124, 121), "val": (70, 83)}


@pytest.mark.parametrize("module", ["prepare", "decode", "scan", "pixel_cache", "sources"])
def test_pixels_are_prepared_without_torch(module: str) -> None:
    code = f"import sys, striate.data.{module}; sys.exit('torch' in sys.modules)"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
