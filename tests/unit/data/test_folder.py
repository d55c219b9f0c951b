"""Folders as listings: layouts, class order, what is named and what is refused, nothing opened or changed."""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from striate.core.errors import StriateError
from striate.data.errors import (
    CannotRead,
    EmptyFolder,
    EmptySplit,
    LooseImages,
    MixedLayout,
    NoImages,
    OneClass,
)
from striate.data.folder import list_folder
from striate.data.listing import Listing

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


def plant(root: Path, *names: str, content: bytes = JPEG) -> Path:
    """Files (or, with a trailing '/', folders) below `root`."""
    for name in names:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return root


def told(listing: Listing) -> list[tuple[str, str, str, str]]:
    return [(n.kind, n.path, n.label, n.split) for n in listing.notices]


def kinds(listing: Listing) -> Counter[str]:
    return Counter(n.kind for n in listing.notices)


def text_of(error: pytest.ExceptionInfo[StriateError], root: Path) -> str:
    return str(error.value).replace(str(root), "ROOT")


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


class TestNamed:
    """Everything that is no sample has a notice of its own."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        return plant(tmp_path / "set", "a/1.jpg", "b/1.jpg")

    def test_hidden_names(self, root: Path) -> None:
        plant(
            root,
            ".ipynb_checkpoints/1.jpg",
            "__MACOSX/a/1.jpg",
            ".DS_Store",
            "a/._1.jpg",
            "a/Thumbs.db",
            "b/.git/1.jpg",
        )
        listing = list_folder(root)
        assert len(listing) == 2
        assert kinds(listing) == {"hidden": 6}
        assert {n.path for n in listing.notices} == {
            ".ipynb_checkpoints", "__MACOSX", ".DS_Store", "a/._1.jpg", "a/Thumbs.db", "b/.git",
        }  # fmt: skip
        assert {n.action for n in listing.notices} == {"ignored"}

    def test_stray_files_and_images(self, root: Path) -> None:
        plant(root, "x.png")
        plant(root, "a/notes.txt", "labels.csv", content=b"hello")
        assert told(list_folder(root)) == [
            ("stray-file", "labels.csv", "", ""),
            ("stray-image", "x.png", "", ""),
            ("stray-file", "a/notes.txt", "a", ""),
        ]

    def test_no_class_is_ever_nameless(self, root: Path) -> None:
        plant(root, "x.png")
        assert "" not in list_folder(root).classes

    @pytest.mark.parametrize(
        "head",
        [
            JPEG, b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM" + bytes(12) + b"\x28\0\0\0", b"RIFF\0\0\0\0WEBP",
            b"II*\0", b"MM\0*", b"P6 2 2 255\n",
        ],
    )  # fmt: skip
    def test_an_image_by_content_is_a_sample_whatever_its_name(self, root: Path, head: bytes) -> None:
        plant(root, "a/photo.dat", "a/photo", content=head)
        listing = list_folder(root)
        assert listing.paths[:3] == ("a/1.jpg", "a/photo", "a/photo.dat")
        assert listing.notices == ()

    @pytest.mark.parametrize(
        "head", [b"", b"BM is how this text begins", b"RIFF\0\0\0\0WAVE", b"P7", b"PK\3\4"]
    )
    def test_other_content_is_not(self, root: Path, head: bytes) -> None:
        listing = list_folder(plant(root, "a/file.dat", content=head))
        assert (len(listing), kinds(listing)) == (2, {"stray-file": 1})

    def test_formats_that_are_not_read_are_skipped_not_ignored(self, root: Path) -> None:
        plant(root, "a/1.heic", content=b"\0\0\0\x18ftypheic")
        plant(root, "b/raw.DNG", content=b"II*\0")
        listing = list_folder(root)
        assert [(n.kind, n.action, n.path) for n in listing.notices] == [
            ("unsupported-format", "skipped", "a/1.heic"),
            ("unsupported-format", "skipped", "b/raw.DNG"),
        ]
        assert "HEIC" in listing.notices[0].detail

    def test_an_empty_class_is_no_class(self, root: Path) -> None:
        plant(root, "c/", "d/readme", content=b"hello")
        listing = list_folder(root)
        assert listing.classes == ("a", "b")
        assert told(listing) == [
            ("stray-file", "d/readme", "d", ""),
            ("empty-class", "", "c", ""),
            ("empty-class", "", "d", ""),
        ]

    def test_links_are_followed(self, root: Path, tmp_path: Path) -> None:
        plant(tmp_path / "elsewhere", "x.jpg", "deep/y.jpg")
        (root / "a" / "link.jpg").symlink_to(tmp_path / "elsewhere" / "x.jpg")
        (root / "c").symlink_to(tmp_path / "elsewhere")
        listing = list_folder(root)
        assert listing.classes == ("a", "b", "c")
        assert {"a/link.jpg", "c/x.jpg", "c/deep/y.jpg"} <= set(listing.paths)
        assert listing.notices == ()

    def test_loops_of_links_end(self, root: Path) -> None:
        for name, target in (("self", "."), ("up", ".."), ("top", "../../set")):
            (root / "a" / name).symlink_to(target)
        (root / "a" / "eloop").symlink_to("eloop")
        listing = list_folder(root)
        assert listing.paths == ("a/1.jpg", "b/1.jpg")
        assert [n.path for n in listing.notices if n.kind == "symlink-loop"] == ["a/self", "a/top", "a/up"]
        assert kinds(listing) == {"symlink-loop": 3, "not-a-regular-file": 1}

    def test_diamonds_of_links_do_not_explode(self, root: Path) -> None:
        for depth in range(40):
            (root / "a" / f"d{depth}").mkdir()
            for side in "lr":
                (root / "a" / f"d{depth}" / side).symlink_to(f"../d{depth + 1}")
        plant(root, "a/d40/x.jpg")
        started = time.monotonic()
        listing = list_folder(root)
        assert time.monotonic() - started < 5.0
        assert sum(path.endswith("x.jpg") for path in listing.paths) == 1

    def test_a_wrapper_that_is_a_loop_ends(self, tmp_path: Path) -> None:
        (tmp_path / "round").symlink_to(".")
        with pytest.raises((NoImages, OneClass)):
            list_folder(tmp_path)

    def test_what_is_no_file(self, root: Path) -> None:
        (root / "a" / "broken.jpg").symlink_to("nowhere")
        os.mkfifo(root / "a" / "pipe.jpg")
        with socket.socket(socket.AF_UNIX) as listener:
            here = Path.cwd()
            os.chdir(root / "b")  # a socket's path may have only 108 bytes
            try:
                listener.bind("s.png")
            finally:
                os.chdir(here)
        (root / "b" / "null.jpg").symlink_to(os.devnull)
        started = time.monotonic()
        listing = list_folder(root)
        assert time.monotonic() - started < 5.0  # opening the pipe would wait for ever
        assert [(n.path, n.detail, n.action) for n in listing.notices] == [
            ("a/broken.jpg", "a link that leads nowhere", "skipped"),
            ("a/pipe.jpg", "a pipe", "skipped"),
            ("b/null.jpg", "a device", "skipped"),
            ("b/s.png", "a socket", "skipped"),
        ]
        assert len(listing) == 2

    def test_undecodable_names_are_skipped_and_can_be_stored(self, root: Path) -> None:
        try:
            (Path(os.fsdecode(os.fsencode(root / "a") + b"/\xff\xfe.jpg"))).write_bytes(JPEG)
            (Path(os.fsdecode(os.fsencode(root) + b"/\xe9t\xe9"))).mkdir()
        except OSError:
            pytest.skip("this disk refuses names that are not UTF-8")
        listing = list_folder(root)
        assert [(n.kind, n.path, n.action) for n in listing.notices] == [
            ("undecodable-name", "\\xe9t\\xe9", "skipped"),
            ("undecodable-name", "a/\\xff\\xfe.jpg", "skipped"),
        ]
        assert listing.notices[0].to_json()

    def test_longest_and_odd_names_are_samples(self, root: Path) -> None:
        names = [
            "n" * 251 + ".jpg",
            "line\nbreak.jpg",
            " .jpg",
            "\u202egpj.exe.jpg",
            "\U0001f600.png",
            "'\".gif",
        ]
        listing = list_folder(plant(root, *(f"a/{name}" for name in names)))
        assert {f"a/{name}" for name in names} <= set(listing.paths)

    def test_an_unreadable_folder_is_told(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        plant(root, "a/locked/1.jpg")
        scandir = os.scandir

        def guarded(path: str) -> object:
            if str(path).endswith("locked"):
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", guarded)
        assert [(n.kind, n.path, n.detail, n.action) for n in list_folder(root).notices] == [
            ("unreadable", "a/locked", "Permission denied", "skipped")
        ]

    def test_user_files_stay_as_they_are(self, root: Path) -> None:
        plant(root, ".DS_Store", "x.txt", "c/")
        before = sorted((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in root.rglob("*"))
        list_folder(root)
        assert sorted((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in root.rglob("*")) == before


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


def test_files_named_like_images_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "0.jpg").write_bytes(JPEG)
    for k in range(4):
        (tmp_path / "set" / str(k)).mkdir(parents=True)
        for i in range(500):
            os.link(tmp_path / "0.jpg", tmp_path / "set" / str(k) / f"{i:05d}.jpg")
    monkeypatch.setattr(
        "striate.data.walk.head_of", lambda path: pytest.fail("opened a file named like an image")
    )
    listing = list_folder(tmp_path / "set")
    assert len(listing) == 2000


def test_real_photographs(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    from striate.data.archive import extract

    listing = list_folder(extract(shared_data("hymenoptera.tar"), tmp_path))
    assert listing.classes == ("ants", "bees")
    assert [int((listing.split == code).sum()) for code in (0, 1, 2)] == [245, 153, 0]
    assert kinds(listing) == {"wrapper-folder": 1}
    assert sum(path.endswith("imageNotFound.gif") for path in listing.paths) == 1
