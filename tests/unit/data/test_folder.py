"""Folders as listings: samples in order, classes that hold images, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from striate.data.archive import extract
from striate.data.errors import CannotRead, EmptySplit, NoImages, OneClass
from striate.data.folder import list_folder
from tests.unit.data.planted import kinds, plant, text_of


class TestRefused:
    def test_one_class(self, tmp_path: Path) -> None:
        with pytest.raises(OneClass) as error:
            list_folder(plant(tmp_path, "cat/1.jpg", "dog/", "cow/"))
        assert text_of(error, tmp_path) == (
            "only one class holds images [one-class]\n"
            "  where     ROOT\n"
            "  got       cat; no image in cow, dog\n"
            "  expected  at least two classes, each a folder with images"
        )

    def test_no_images(self, tmp_path: Path) -> None:
        with pytest.raises(NoImages) as error:
            list_folder(plant(tmp_path, "a/x.txt", "b/", content=b"text"))
        assert text_of(error, tmp_path) == (
            "no image in any folder [no-images]\n"
            "  where     ROOT\n"
            "  got       folders a, b\n"
            "  expected  one folder per class, or train/ and val/ holding such folders"
        )

    def test_an_empty_val_folder(self, tmp_path: Path) -> None:
        with pytest.raises(EmptySplit) as error:
            list_folder(plant(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "val/a/", "val/b/"))
        assert text_of(error, tmp_path) == (
            "the val split has no image [empty-split]\n"
            "  where     ROOT\n"
            "  got       no image in its folder\n"
            "  next      remove the folder, and a share of train is held out instead"
        )

    def test_the_folder_itself_unreadable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(path: str) -> object:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "scandir", refuse)
        with pytest.raises(CannotRead) as error:
            list_folder(tmp_path)
        assert text_of(error, tmp_path) == (
            "the folder cannot be read [cannot-read]\n  where     ROOT\n  got       Permission denied"
        )


def test_real_photographs(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    listing = list_folder(extract(shared_data("hymenoptera.tar"), tmp_path))
    assert listing.classes == ("ants", "bees")
    assert [int((listing.split == code).sum()) for code in (0, 1, 2)] == [245, 153, 0]
    assert kinds(listing) == {"wrapper-folder": 1}
    assert sum(path.endswith("imageNotFound.gif") for path in listing.paths) == 1
