"""What lies in a folder: everything that is no sample is named, nothing hangs, nothing is opened or changed."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from striate.data.errors import NoImages, OneClass
from striate.data.folder import list_folder
from tests.unit.data.planted import JPEG, kinds, plant, told


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
