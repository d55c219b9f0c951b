"""CSVs as listings: the ways people write them, rows that point nowhere, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from striate.core.errors import StriateError
from striate.data.errors import CannotRead, ManifestUnreadable, OneClass
from striate.data.listing import Listing
from striate.data.manifest import read_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.jpg", "c.jpg", "sub/d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\xff\xd8\xff")
    return tmp_path


def read(folder: Path, text: str | bytes) -> Listing:
    path = folder / "labels.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_manifest(path)


def refused(folder: Path, text: str | bytes, kind: type[StriateError] = ManifestUnreadable) -> str:
    with pytest.raises(kind) as error:
        read(folder, text)
    return str(error.value).replace(str(folder), "ROOT")


def told(listing: Listing) -> list[tuple[str, str, str, str]]:
    return [(n.kind, n.path, n.action, n.detail) for n in listing.notices]


def test_paths_and_labels(folder: Path) -> None:
    listing = read(folder, "path,label\nc.jpg,10\na.jpg,2\nsub/d.jpg,1\n")
    assert listing.classes == ("1", "2", "10")
    assert listing.paths == ("a.jpg", "c.jpg", "sub/d.jpg")
    assert listing.labels.tolist() == [1, 2, 0]
    assert listing.split.tolist() == [-1, -1, -1]
    assert (listing.root, listing.kind, listing.name, listing.groups) == (folder, "csv", "labels", None)
    assert listing.notices == ()


def test_splits_and_groups(folder: Path) -> None:
    listing = read(
        folder, "path,label,split,group\na.jpg,x,train,g1\nb.jpg,y,Valid,\nc.jpg,x,TEST,g2\nsub/d.jpg,y,,g2\n"
    )
    assert listing.split.tolist() == [0, 1, 2, -1]
    assert listing.groups == ("g1", "", "g2", "g2")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffpath,label\na.jpg,x\nb.jpg,y\n",
        "path;label\r\na.jpg;x\r\nb.jpg;y\r\n",
        "path\tlabel\na.jpg\tx\nb.jpg\ty",
        "Filename,Class\na.jpg,x\nb.jpg,y\n",
        " image_path , category \n a.jpg , x \n b.jpg , y \n",
        'id,"path","label"\n1,"a.jpg","x"\n2,"b.jpg","y"\n',
        "label,path,score\nx,a.jpg,0.1\ny,b.jpg,0.2\n",
        "file,path,label\nignored,a.jpg,x\nignored,b.jpg,y\n",
        "path,label\n\na.jpg,x\n,\nb.jpg,y\n\n",
        "path,label\n./a.jpg,x\nsub/../b.jpg,y\n",
        "path,label,split\na.jpg,x\nb.jpg,y\n",
        "path,label\r\na.jpg,x\r\nb.jpg,y\r\n".encode("utf-16"),
    ],
)
def test_the_ways_people_write_them(folder: Path, text: str | bytes) -> None:
    listing = read(folder, text)
    assert listing.paths == ("a.jpg", "b.jpg")
    assert [listing.classes[label] for label in listing.labels] == ["x", "y"]


def test_windows_paths(folder: Path) -> None:
    assert read(folder, "path,label\nsub\\d.jpg,x\na.jpg,y\n").paths == ("a.jpg", "sub/d.jpg")


def test_absolute_paths(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    far = tmp_path_factory.mktemp("far") / "x.jpg"
    far.write_bytes(b"")
    listing = read(folder, f"path,label\n{far},x\na.jpg,y\n")
    assert listing.root is not None
    assert {listing.root / path for path in listing.paths} == {far, folder / "a.jpg"}


def test_hostile_names(folder: Path) -> None:
    name = 'q"uo,te\nline.jpg'
    (folder / name).write_bytes(b"")
    listing = read(folder, 'path,label\n"q""uo,te\nline.jpg",<script>\na.jpg,=cmd()\n')
    assert listing.paths == ("a.jpg", name)
    assert listing.classes == ("<script>", "=cmd()")


class TestTold:
    def test_rows_that_point_nowhere(self, folder: Path) -> None:
        listing = read(
            folder, "path,label,split\na.jpg,x,\ngone.jpg,x,test\nb.jpg,y,\nsub,y,\nnul\0.jpg,y,\n"
        )
        assert listing.paths == ("a.jpg", "b.jpg")
        assert told(listing) == [
            ("missing-file", "gone.jpg", "skipped", "line 3: no such file"),
            ("not-a-regular-file", "sub", "skipped", "line 5: no regular file"),
            ("missing-file", "nul\0.jpg", "skipped", "line 6: no such file"),
        ]
        assert (listing.notices[0].label, listing.notices[0].split) == ("x", "test")

    def test_empty_labels(self, folder: Path) -> None:
        listing = read(folder, "path,label\na.jpg,x\nc.jpg,\nb.jpg,y\n")
        assert told(listing) == [("empty-label", "c.jpg", "skipped", "line 3 has no label")]

    def test_rows_twice(self, folder: Path) -> None:
        listing = read(folder, "path,label\na.jpg,x\nb.jpg,y\n./a.jpg,x\n")
        assert listing.paths == ("a.jpg", "b.jpg")
        assert told(listing) == [("duplicate-row", "a.jpg", "ignored", "line 4 repeats line 2")]

    def test_two_labels_for_one_image_are_both_not_believed(self, folder: Path) -> None:
        listing = read(folder, "path,label\na.jpg,x\nb.jpg,y\nc.jpg,x\na.jpg,y\n")
        assert listing.paths == ("b.jpg", "c.jpg")
        assert told(listing) == [
            ("conflicting-label", "a.jpg", "skipped", "lines 2 and 5 say x and y: left out")
        ]


class TestRefused:
    def test_no_file_is_there(self, folder: Path) -> None:
        assert refused(folder, "path,label\nimg/a.jpg,x\nimg/b.jpg,y\n") == (
            "no row names a file that is there [manifest-unreadable]\n"
            "  where     ROOT/labels.csv\n"
            "  got       2 rows; the first, line 2, means ROOT/img/a.jpg\n"
            "  expected  paths relative to the folder of the CSV, or absolute"
        )

    def test_no_header(self, folder: Path) -> None:
        assert refused(folder, "a.jpg,x\nb.jpg,y\n") == (
            "the first line names no path column [manifest-unreadable]\n"
            "  where     ROOT/labels.csv\n"
            "  got       a.jpg, x\n"
            "  expected  path,label[,split[,group]]"
        )

    def test_unknown_split(self, folder: Path) -> None:
        assert refused(folder, "path,label,split\na.jpg,x,train\nb.jpg,y,tset\n") == (
            "an unknown word for a split [manifest-unreadable]\n"
            "  where     ROOT/labels.csv\n"
            "  got       line 3: tset\n"
            "  expected  train, val, test or nothing"
        )

    def test_one_image_on_two_sides(self, folder: Path) -> None:
        assert refused(folder, "path,label,split\na.jpg,x,train\nb.jpg,y,val\na.jpg,x,val\n") == (
            "an image is listed with two splits or groups [manifest-unreadable]\n"
            "  where     ROOT/labels.csv\n"
            "  got       lines 2 and 4: a.jpg\n"
            "  expected  one row for each image"
        )

    def test_one_class(self, folder: Path) -> None:
        assert refused(folder, "path,label\na.jpg,x\nb.jpg,x\n", OneClass) == (
            "only one class has images [one-class]\n"
            "  where     ROOT/labels.csv\n"
            "  got       x\n"
            "  expected  two labels or more"
        )

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("", "the first line names no path column"),
            ("path,label\n", "the CSV lists no image"),
            ("path,name\na.jpg,x\n", "the first line names no label column"),
            ("file,filename,label\na.jpg,a.jpg,x\n", "two columns could be the path"),
            ("path,label,label\na.jpg,x,y\n", "two columns could be the label"),
            ("path,label\na.jpg\n", "a row is too short"),
            ("path,label\n,x\n", "a row names no file"),
            (b"path,label\na.jpg,caf\xe9\n", "the CSV is not UTF-8"),
            ("path,label\na.jpg," + "x" * 200_000 + "\n", "the CSV cannot be read"),
            ("path,label\na.jpg,\nb.jpg,\n", "no row names a file that is there"),
            (b"\xff\xd8\xff\xe0 this is a JPEG", "the CSV is not UTF-8"),
        ],
    )
    def test_what_is_no_list(self, folder: Path, text: str | bytes, what: str) -> None:
        assert refused(folder, text).startswith(f"{what} [manifest-unreadable]\n")

    def test_a_file_that_is_gone(self, folder: Path) -> None:
        with pytest.raises(CannotRead):
            read_manifest(folder / "none.csv")


def test_many_rows_are_read_in_one_pass(tmp_path: Path) -> None:
    """Quadratic work would take minutes here."""
    (tmp_path / "x.jpg").write_bytes(b"")
    (tmp_path / "y.jpg").write_bytes(b"")
    rows = [f"gone{i}.jpg,{i % 500}" for i in range(20_000)]
    listing = read(tmp_path, "\n".join(["path,label", "x.jpg,x", "y.jpg,y", *rows]))
    assert (len(listing), len(listing.notices)) == (2, 20_000)
