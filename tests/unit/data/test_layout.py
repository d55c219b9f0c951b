"""Layouts of folders: classes, splits, wrappers; what could be read in two ways is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from striate.data.errors import EmptyFolder, LooseImages, MixedLayout, OneClass
from striate.data.folder import list_folder
from tests.unit.data.planted import plant, text_of, told


class TestLayouts:
    def test_class_folders(self, tmp_path: Path) -> None:
        listing = list_folder(plant(tmp_path / "my photos", "dog/b.jpg", "cat/2.png", "cat/1.JPG"))
        assert listing.classes == ("cat", "dog")
        assert listing.paths == ("cat/1.JPG", "cat/2.png", "dog/b.jpg")
        assert listing.labels.tolist() == [0, 0, 1]
        assert listing.labels.dtype == np.int64
        assert listing.split.tolist() == [-1, -1, -1]
        assert listing.split.dtype == np.int8
        assert listing.notices == ()
        assert (listing.name, listing.kind, listing.root) == ("my-photos", "folder", tmp_path / "my photos")
        assert listing.source == str(tmp_path / "my photos")

    @pytest.mark.parametrize("val", ["val", "valid", "validation", "Val", "VALID"])
    def test_split_folders(self, tmp_path: Path, val: str) -> None:
        plant(
            tmp_path,
            "train/a/1.jpg",
            "train/b/1.jpg",
            f"{val}/a/2.jpg",
            f"{val}/b/2.jpg",
            "test/a/3.jpg",
            "test/b/3.jpg",
        )
        listing = list_folder(tmp_path)
        by_path = dict(zip(listing.paths, listing.split.tolist(), strict=True))
        assert by_path == {
            "train/a/1.jpg": 0, "train/b/1.jpg": 0, f"{val}/a/2.jpg": 1, f"{val}/b/2.jpg": 1,
            "test/a/3.jpg": 2, "test/b/3.jpg": 2,
        }  # fmt: skip
        assert listing.notices == ()

    def test_class_numbers_are_those_of_all_splits_together(self, tmp_path: Path) -> None:
        plant(
            tmp_path,
            "train/a/1.jpg",
            "train/b/1.jpg",
            "train/c/1.jpg",
            "val/a/1.jpg",
            "val/c/1.jpg",
            "val/new/1.jpg",
        )
        listing = list_folder(tmp_path)
        assert listing.classes == ("a", "b", "c", "new")
        by_path = dict(zip(listing.paths, listing.labels.tolist(), strict=True))
        assert by_path["val/c/1.jpg"] == by_path["train/c/1.jpg"] == 2
        assert told(listing) == [
            ("class-missing-from-split", "", "new", "train"),
            ("class-missing-from-split", "", "b", "val"),
        ]
        assert listing.notices[1].detail == "no image in val: class numbers stay as they are"

    def test_digits_in_class_names_sort_by_value(self, tmp_path: Path) -> None:
        plant(tmp_path, "10/x.jpg", "2/x.jpg", "1/x.jpg")
        assert list_folder(tmp_path).classes == ("1", "2", "10")

    def test_folders_below_a_class_belong_to_it(self, tmp_path: Path) -> None:
        listing = list_folder(plant(tmp_path, "a/2019/may/x.jpg", "a/y.jpg", "b/x.jpg", "b/c.jpg/x.jpg"))
        assert listing.paths == ("a/2019/may/x.jpg", "a/y.jpg", "b/c.jpg/x.jpg", "b/x.jpg")
        assert listing.labels.tolist() == [0, 0, 1, 1]

    def test_wrapper_folders_are_entered_and_told(self, tmp_path: Path) -> None:
        plant(tmp_path, "README.md", content=b"hello")
        listing = list_folder(plant(tmp_path, "set/set v2/train/a/1.jpg", "set/set v2/train/b/1.jpg"))
        assert listing.paths == ("set/set v2/train/a/1.jpg", "set/set v2/train/b/1.jpg")
        assert told(listing) == [
            ("stray-file", "README.md", "", ""),
            ("wrapper-folder", "set", "", ""),
            ("wrapper-folder", "set/set v2", "", ""),
        ]

    def test_a_folder_beside_loose_images_is_no_wrapper(self, tmp_path: Path) -> None:
        with pytest.raises(OneClass):
            list_folder(plant(tmp_path, "cat/big/1.jpg", "cat/small/1.jpg", "dog.jpg"))

    def test_only_a_train_folder(self, tmp_path: Path) -> None:
        listing = list_folder(plant(tmp_path, "train/a/1.jpg", "train/b/1.jpg"))
        assert listing.classes == ("a", "b")
        assert listing.split.tolist() == [0, 0]

    def test_train_may_be_a_class_beside_others(self, tmp_path: Path) -> None:
        listing = list_folder(plant(tmp_path, "bus/1.jpg", "train/1.jpg"))
        assert listing.classes == ("bus", "train")
        assert listing.split.tolist() == [-1, -1]
        assert told(listing) == [("split-name-as-class", "train", "", "")]

    def test_folders_without_images_beside_splits_are_told(self, tmp_path: Path) -> None:
        plant(tmp_path, "labels/1.txt", content=b"cat")
        listing = list_folder(plant(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "empty/"))
        assert told(listing) == [("stray-folder", "empty", "", ""), ("stray-folder", "labels", "", "")]

    def test_a_test_folder_of_loose_images_has_no_labels(self, tmp_path: Path) -> None:
        listing = list_folder(plant(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "test/1.jpg", "test/2.jpg"))
        assert len(listing) == 2
        assert told(listing) == [("unlabelled-split", "test", "", "test")]
        assert listing.notices[0].detail.startswith("2 images without class folders")

    def test_an_empty_test_folder_is_told(self, tmp_path: Path) -> None:
        listing = list_folder(plant(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "test/a/"))
        assert told(listing) == [("empty-split", "", "", "test")]

    def test_unicode_forms_of_one_name_are_one_class(self, tmp_path: Path) -> None:
        listing = list_folder(
            plant(
                tmp_path, "train/caf\u00e9/1.jpg", "train/tea/1.jpg", "val/cafe\u0301/1.jpg", "val/tea/1.jpg"
            )
        )
        assert listing.classes == ("caf\u00e9", "tea")
        assert listing.notices == ()

    def test_hostile_class_names_are_data(self, tmp_path: Path) -> None:
        names = ["<script>alert(1)<", "a b", "x\ny", "\u6f22\u5b57", "n" * 255, "%s{}", "-rf"]
        listing = list_folder(plant(tmp_path, *(f"{name}/1.jpg" for name in names)))
        assert sorted(listing.classes) == sorted(names)


class TestRefused:
    def test_empty(self, tmp_path: Path) -> None:
        plant(tmp_path, ".DS_Store")
        with pytest.raises(EmptyFolder) as error:
            list_folder(tmp_path)
        assert text_of(error, tmp_path) == (
            "the folder is empty [empty-folder]\n"
            "  where     ROOT\n"
            "  expected  one folder per class, or train/ and val/ holding such folders"
        )

    def test_loose_images(self, tmp_path: Path) -> None:
        with pytest.raises(LooseImages) as error:
            list_folder(plant(tmp_path, "1.jpg", "2.jpg"))
        assert text_of(error, tmp_path) == (
            "the images lie loose, so nothing says their classes [loose-images]\n"
            "  where     ROOT\n"
            "  got       2 images and no folder\n"
            "  expected  one folder per class, or train/ and val/ holding such folders\n"
            "  next      sort them into folders, or list them in a CSV with the columns path,label"
        )

    @pytest.mark.parametrize("names", [("train/1.jpg", "val/1.jpg"), ("train/1.jpg", "test/a/1.jpg")])
    def test_loose_training_images_are_not_a_class_called_train(
        self, tmp_path: Path, names: tuple[str, ...]
    ) -> None:
        with pytest.raises(LooseImages) as error:
            list_folder(plant(tmp_path, *names))
        assert text_of(error, tmp_path) == (
            "the training images lie loose, so nothing says their classes [loose-images]\n"
            "  where     ROOT\n"
            "  got       1 images in train/ without class folders\n"
            "  expected  train/ and val/ with one folder per class"
        )

    @pytest.mark.parametrize(
        "names",
        [
            ("train/a/1.jpg", "val/a/1.jpg", "cat/1.jpg"),
            ("train/nested/1.jpg", "bus/1.jpg"),
            ("test/1.jpg", "cat/1.jpg", "dog/1.jpg"),
            ("train/1.jpg", "val/1.jpg", "cat/1.jpg"),
        ],
    )
    def test_splits_beside_classes(self, tmp_path: Path, names: tuple[str, ...]) -> None:
        with pytest.raises(MixedLayout):
            list_folder(plant(tmp_path, *names))

    def test_splits_beside_classes_in_words(self, tmp_path: Path) -> None:
        with pytest.raises(MixedLayout) as error:
            list_folder(plant(tmp_path, "train/a/1.jpg", "cat/1.jpg"))
        assert text_of(error, tmp_path) == (
            "folders named like splits lie beside folders named like classes [mixed-layout]\n"
            "  where     ROOT\n"
            "  got       train beside cat\n"
            "  expected  either split folders or class folders\n"
            "  next      move the class folders into train/, or rename the folder that is a class"
        )

    def test_two_folders_for_one_split(self, tmp_path: Path) -> None:
        with pytest.raises(MixedLayout) as error:
            list_folder(plant(tmp_path, "train/a/1.jpg", "val/a/1.jpg", "valid/a/1.jpg"))
        assert text_of(error, tmp_path) == (
            "two folders are called like the val split [mixed-layout]\n"
            "  where     ROOT\n"
            "  got       val, valid\n"
            "  expected  one folder for each split"
        )
