"""The one door: what was given is told apart, and what cannot be taken is refused with the nearest name."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from striate.core.errors import StriateError
from striate.data.errors import ArraysUnusable, NoSuchData, OneClass, UnknownSource
from striate.data.sources import open_source

EXPECTED = "a folder, a .tar, .tar.gz or .zip of one, a .csv, or one of: digits, mnist, fashion-mnist, cifar10, cifar100"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("cat/1.jpg", "dog/1.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"\xff\xd8\xff")
    return tmp_path / "photos"


def refused(data: Any, kind: type[StriateError], **settings: Any) -> str:
    with pytest.raises(kind) as error:
        open_source(data, **settings)
    return str(error.value)


class TestPaths:
    @pytest.mark.parametrize("form", [str, Path, lambda path: str(path) + "/", lambda path: "photos"])
    def test_folder(self, photos: Path, form: Any) -> None:
        listing = open_source(form(photos))
        assert (listing.kind, listing.name, listing.classes) == ("folder", "photos", ("cat", "dog"))
        assert listing.source == str(form(photos))

    @pytest.mark.parametrize(
        "name", ["x.tar", "x.tar.gz", "x.tgz", "x.tar.bz2", "x.tar.xz", "x.zip", "no_ending"]
    )
    def test_archive(self, photos: Path, tmp_path: Path, name: str) -> None:
        if name == "x.zip":
            with zipfile.ZipFile(name, "w") as made:
                for path in photos.rglob("*.jpg"):
                    made.write(path, path.relative_to(tmp_path))
        else:
            ending = {"tgz": "gz", "tar": "", "no_ending": "gz"}.get(
                name.rpartition(".")[2], name.rpartition(".")[2]
            )
            with tarfile.open(name, f"w:{ending}") as made_tar:  # type: ignore[call-overload]
                made_tar.add(photos, "photos")
        listing = open_source(name, cache_dir=tmp_path / "cache")
        assert (listing.kind, listing.source, listing.classes) == ("archive", name, ("cat", "dog"))
        assert listing.name == ("x" if name.startswith("x") else "no_ending")
        assert listing.root is not None
        assert all((listing.root / path).is_file() for path in listing.paths)

    def test_errors_in_an_archive_name_the_archive(self, photos: Path, tmp_path: Path) -> None:
        with tarfile.open("x.tar", "w") as made:
            made.add(photos / "cat", "only/cat")
        assert "  where     x.tar\n" in refused("x.tar", OneClass, cache_dir=tmp_path / "cache")

    @pytest.mark.parametrize("name", ["labels.csv", "labels.CSV", "labels.tsv"])
    def test_csv(self, photos: Path, name: str) -> None:
        Path(name).write_text("path,label\nphotos/cat/1.jpg,c\nphotos/dog/1.jpg,d\n")
        assert (open_source(name).kind, open_source(name).source) == ("csv", name)

    def test_home(self, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(photos.parent))
        assert open_source("~/photos").classes == ("cat", "dog")

    def test_a_typo_gets_the_nearest_neighbour(self, photos: Path) -> None:
        assert refused("photo", NoSuchData) == (
            "no such path, and no data set of that name [no-such-data]\n"
            "  where     photo\n"
            f"  expected  {EXPECTED}\n"
            "  next      did you mean photos?"
        )

    def test_a_folder_above_that_is_missing_is_named(self, photos: Path) -> None:
        assert refused("fotos/train", NoSuchData) == (
            "no such path, and no data set of that name [no-such-data]\n"
            "  where     fotos/train\n"
            "  got       the folder fotos does not exist either\n"
            f"  expected  {EXPECTED}"
        )

    @pytest.mark.parametrize(
        ("typo", "name"), [("cifra10", "cifar10 or cifar100"), ("minst", "mnist"), ("digit", "digits")]
    )
    def test_a_typo_of_a_named_set(self, photos: Path, typo: str, name: str) -> None:
        assert f"did you mean {name}" in refused(typo, NoSuchData)

    def test_other_files(self, photos: Path) -> None:
        Path("notes.docx").write_bytes(b"hello")
        assert refused("notes.docx", UnknownSource) == (
            "a file of an unknown kind [unknown-source]\n"
            "  where     notes.docx\n"
            "  got       .docx\n"
            f"  expected  {EXPECTED}"
        )

    def test_a_single_image(self, photos: Path) -> None:
        assert "a file of an unknown kind" in refused(photos / "cat/1.jpg", UnknownSource)

    def test_a_link_that_leads_nowhere(self, photos: Path) -> None:
        Path("broken").symlink_to("nowhere")
        assert "  got       a link that leads nowhere\n" in refused("broken", UnknownSource)

    def test_a_device(self) -> None:
        assert "  got       no regular file\n" in refused("/dev/null", UnknownSource)


class TestNames:
    def test_digits_in_any_spelling(self, photos: Path) -> None:
        assert len(open_source("Digits")) == 1797

    def test_a_folder_of_that_name_wins_and_says_so(self, photos: Path) -> None:
        photos.rename("digits")
        listing = open_source("digits")
        assert listing.kind == "folder"
        assert [(n.kind, n.action, n.detail) for n in listing.notices] == [
            ("name-shadows-set", "told", "digits is a path here and was taken; the set of that name was not")
        ]

    def test_the_folder_asked_for_reaches_the_search(self, photos: Path) -> None:
        broken = Path("mine/MNIST/raw")
        broken.mkdir(parents=True)
        for stem in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
            (broken / f"{stem}-ubyte").write_bytes(b"")
        assert "mine/MNIST/raw/train-images-idx3-ubyte" in refused("mnist", StriateError, data_dir="mine")


X = np.arange(4 * 8 * 8, dtype=np.uint8).reshape(4, 8, 8)


class TestObjects:
    @pytest.mark.parametrize(
        "data", [(X, [0, 1, 0, 1]), [X, np.array([0, 1, 0, 1])], (X.tolist(), [0, 1, 0, 1])]
    )
    def test_images_and_labels(self, data: Any) -> None:
        if isinstance(data[0], list):
            data = (np.array(data[0], dtype=np.uint8), data[1])
        listing = open_source(data)
        assert (listing.kind, len(listing), listing.classes) == ("arrays", 4, ("0", "1"))

    def test_a_data_set(self) -> None:
        assert open_source([(image, i % 2) for i, image in enumerate(X)]).labels.tolist() == [0, 1, 0, 1]

    def test_two_pairs_are_a_data_set_not_images_and_labels(self) -> None:
        assert len(open_source([(X[0], 0), (X[1], 1)])) == 2

    def test_a_listing_is_handed_back(self) -> None:
        listing = open_source((X, [0, 1, 0, 1]))
        assert open_source(listing) is listing

    @pytest.mark.parametrize(
        ("data", "got"),
        [
            (X, "an array without labels, ndarray"), (3, "an object of type int"), (None, "an object of type NoneType"),
            (iter([]), "an object of type list_iterator"), ({1, 2}, "an object of type set"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_taken(self, data: Any, got: str) -> None:
        assert refused(data, UnknownSource) == (
            "this cannot be taken as labelled images [unknown-source]\n"
            f"  got       {got}\n"
            "  expected  a path, a name, (images, labels), a map-style data set, or a mapping of splits"
        )


class TestMappings:
    def test_splits(self) -> None:
        listing = open_source(
            {"train": (X, [0, 1, 0, 1]), "valid": (X[:2], [1, 0]), "test": [(X[0], 1), (X[1], 0)]}
        )
        assert listing.split.tolist() == [0, 0, 0, 0, 1, 1, 2, 2]
        assert listing.labels.tolist() == [0, 1, 0, 1, 1, 0, 1, 0]
        assert listing.arrays is not None
        assert np.array_equal(listing.arrays[4:6, ..., 0], X[:2])

    def test_class_numbers_are_by_name_over_all_splits(self) -> None:
        listing = open_source({"train": (X, ["a", "c", "a", "c"]), "val": (X[:2], ["c", "b"])})
        assert listing.classes == ("a", "b", "c")
        assert listing.labels.tolist() == [0, 2, 0, 2, 2, 1]

    def test_notices_are_kept_once(self) -> None:
        listing = open_source({"train": (X[:, None], [0, 1, 0, 1]), "val": (X, [0, 1, 0, 1])})
        assert [n.kind for n in listing.notices] == ["channels-first"]

    @pytest.mark.parametrize(
        ("data", "what"),
        [
            ({}, "a mapping without splits"),
            ({"training": (X, [0, 1, 0, 1])}, "a mapping with another key"),
            ({"val": (X, [0, 1, 0, 1]), "valid": (X, [0, 1, 0, 1])}, "a mapping with another key"),
            ({"train": "photos/train"}, "a mapping of splits holds something else than arrays or data sets"),
        ],
    )
    def test_what_is_refused(self, data: Any, what: str) -> None:
        assert refused(data, UnknownSource).startswith(f"{what} [unknown-source]")

    def test_sizes_that_differ(self) -> None:
        data = {"train": (X, [0, 1, 0, 1]), "val": (X[:, :4], [0, 1, 0, 1])}
        assert refused(data, ArraysUnusable) == (
            "the splits differ in image size or channels [arrays-unusable]\n"
            "  got       (4, 8, 1) and (8, 8, 1)\n"
            "  expected  one (H, W, C)"
        )
