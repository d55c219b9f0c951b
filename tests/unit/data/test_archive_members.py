"""Members of archives: paths that stay inside, kinds that are files or folders, caps that hold."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from striate.data import archive_members
from striate.data.archive_members import members, safe_parts
from striate.data.errors import ArchiveDamaged, UnsafeArchive
from striate.data.file_types import ArchiveType, archive_type

OUTSIDE = [
    "/etc/passwd", "//host/share", "\\\\host\\share", "\\windows", "C:\\x", "c:x", "C:/x", "../x", "a/../../x",
    "a/..", "..", "a\\..\\..\\x", "./../x", "a/b/../../../x",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_paths_that_leave_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"absolute|leaves"):
        safe_parts(name)


@pytest.mark.parametrize(
    "name", ["a\0b", "a\0/../x", "x/" * 33 + "y", "n" * 256, "\u00e9" * 128, "/".join(["n" * 250] * 5)]
)
def test_names_no_disk_can_hold_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"zero byte|too long or too deep"):
        safe_parts(name)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a/b.jpg", ("a", "b.jpg")),
        ("./a//./b.jpg", ("a", "b.jpg")),
        ("a\\b.jpg", ("a", "b.jpg")),
        ("./", ()),
        ("", ()),
        ("...", ("...",)),
        ("a/..b", ("a", "..b")),
        ("n" * 255, ("n" * 255,)),
        ("line\nbreak", ("line\nbreak",)),
        ("<script>", ("<script>",)),
        ("\udcff.jpg", ("\udcff.jpg",)),
    ],
)
def test_other_names_pass(name: str, parts: tuple[str, ...]) -> None:
    assert safe_parts(name) == parts


@given(st.text(st.sampled_from("ab./\\:C\0 \n\udcff"), max_size=30))
def test_what_passes_stays_inside(name: str) -> None:
    try:
        parts = safe_parts(name)
    except ValueError:
        return
    for part in parts:
        assert part not in ("", ".", "..")
        assert not set(part) & set("/\\\0")


class Content(bytes):
    kind = tarfile.REGTYPE


def link(kind: bytes) -> Content:
    made = Content()
    made.kind = kind
    return made


def tar(path: Path, *files: tuple[str, bytes]) -> Path:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as made:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.type = getattr(content, "kind", tarfile.REGTYPE)
            info.linkname = "/etc/passwd"
            made.addfile(info, io.BytesIO(content))
    pack: Callable[[bytes], bytes] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}.get(
        path.suffix, bytes
    )
    path.write_bytes(pack(plain.getvalue()))
    return path


def zipped(path: Path, *files: tuple[str | zipfile.ZipInfo, bytes], pack: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", pack) as made:
        for name, content in files:
            made.writestr(name, content)
    return path


def with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def contents(path: Path) -> dict[str, bytes | None]:
    with path.open("rb") as file:
        kind = archive_type(path.name, file.read(512))
    assert kind is not None
    return {"/".join(m.parts): None if m.folder else m.read(1 << 20) for m in members(path, kind)}


def read_all(path: Path, read: list[int], kind: ArchiveType | None = None) -> None:
    """Read every member in pieces, noting the size of each piece."""
    with path.open("rb") as file:
        kind = kind or archive_type(path.name, file.read(512))
    assert kind is not None
    for member in members(path, kind):
        while data := member.read(1 << 16):
            read.append(len(data))


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.tgz.gz"])
def test_tar_in_each_compression(tmp_path: Path, name: str) -> None:
    path = tar(tmp_path / name, ("a", link(tarfile.DIRTYPE)), ("a/1.jpg", b"one"), ("./b.jpg", b""))
    assert contents(path) == {"a": None, "a/1.jpg": b"one", "b.jpg": b""}


@pytest.mark.parametrize(
    "pack", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_zip_in_each_compression(tmp_path: Path, pack: int) -> None:
    path = zipped(tmp_path / "x.zip", ("a/", b""), ("a/1.jpg", b"one"), ("b\\2.jpg", b"two"), pack=pack)
    assert contents(path) == {"a": None, "a/1.jpg": b"one", "b/2.jpg": b"two"}


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("make", [tar, zipped])
def test_a_member_that_leaves_refuses_the_archive(
    tmp_path: Path, name: str, make: Callable[..., Path]
) -> None:
    path = make(tmp_path / ("x.tar.gz" if make is tar else "x.zip"), ("good.jpg", b"1"), (name, b"2"))
    with pytest.raises(UnsafeArchive):
        contents(path)


def test_the_refusal_in_words(tmp_path: Path) -> None:
    path = tar(tmp_path / "x.tar", ("../\u202eevil\n.jpg", b"2"))
    with pytest.raises(UnsafeArchive) as error:
        contents(path)
    assert str(error.value) == (
        "the archive holds a path that leaves the archive's folder [unsafe-archive]\n"
        f"  where     {path}\n"
        "  got       ../\\u202eevil\\n.jpg\n"
        "  expected  folders and regular files, nothing else\n"
        "  next      if you trust it, unpack it yourself and give the folder"
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "a symbolic link"), (tarfile.LNKTYPE, "a hard link"), (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"), (tarfile.FIFOTYPE, "a pipe"), (b"Z", "a member of an unknown kind"),
    ],
)  # fmt: skip
def test_tar_links_and_devices(tmp_path: Path, kind: bytes, words: str) -> None:
    with pytest.raises(UnsafeArchive, match=f"the archive holds {words}"):
        contents(tar(tmp_path / "x.tar", ("a", link(kind))))


@pytest.mark.parametrize(
    ("mode", "words"),
    [(stat.S_IFLNK, "a symbolic link"), (stat.S_IFCHR, "a device"), (stat.S_IFIFO, "a device or pipe")],
)
def test_zip_links_and_devices(tmp_path: Path, mode: int, words: str) -> None:
    with pytest.raises(UnsafeArchive, match=f"the archive holds {words}"):
        contents(zipped(tmp_path / "x.zip", (with_mode("a", mode | 0o777), b"/etc/passwd")))


def test_zero_byte_in_a_zip_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("a.jpgX..", b"1"))
    path.write_bytes(path.read_bytes().replace(b"a.jpgX..", b"a.jpg\0.."))
    with pytest.raises(UnsafeArchive, match="a zero byte in a path"):
        contents(path)


def test_a_file_without_a_name(tmp_path: Path) -> None:
    with pytest.raises(UnsafeArchive, match="a file without a name"):
        contents(tar(tmp_path / "x.tar", ("././.", b"1")))


class TestCaps:
    @pytest.mark.parametrize("make", [tar, zipped])
    def test_members(
        self, tmp_path: Path, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = make(tmp_path / ("x.tar.gz" if make is tar else "x.zip"), *((str(i), b"") for i in range(11)))
        monkeypatch.setattr(archive_members, "MAX_MEMBERS", 11)
        assert len(contents(path)) == 11
        monkeypatch.setattr(archive_members, "MAX_MEMBERS", 10)
        with pytest.raises(UnsafeArchive, match="more than 10 files"):
            contents(path)

    @pytest.mark.parametrize("make", [tar, zipped])
    def test_bytes(self, tmp_path: Path, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
        path = make(
            tmp_path / ("x.tar" if make is tar else "x.zip"), ("a", b"1" * 50_000), ("b", b"2" * 50_000)
        )
        contents(path)
        monkeypatch.setattr(archive_members, "MAX_BYTES", 90_000)
        with pytest.raises(UnsafeArchive, match="the archive holds more than"):
            contents(path)

    @pytest.mark.parametrize("name", ["x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.zip"])
    def test_a_bomb(self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Zeros: stopped at what any archive may hold, whatever its header says."""
        monkeypatch.setattr(archive_members, "RATIO_FREE_BYTES", 4 << 20)
        path = tmp_path / name
        if name == "x.zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, made.open("a.bmp", "w") as file:
                for _ in range(12):
                    file.write(bytes(1 << 20))
        else:
            tar(path, ("a.bmp", bytes(12 << 20)))
        assert path.stat().st_size < 20_000
        read: list[int] = []
        with pytest.raises(UnsafeArchive, match="more than 200 times its own size, as bombs do"):
            read_all(path, read)
        assert sum(read) <= archive_members.RATIO_FREE_BYTES + (1 << 20)

    def test_a_bomb_of_headers(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """No member is ever reached: extended headers for ever, which compress 300-fold."""
        monkeypatch.setattr(archive_members, "RATIO_FREE_BYTES", 4 << 20)
        info = tarfile.TarInfo("x")
        info.type, info.size = b"K", 1 << 19
        path = tmp_path / "x.tar.gz"
        block = info.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 19)
        with gzip.open(path, "wb", compresslevel=9) as file:
            for _ in range(24):
                file.write(block)
        with pytest.raises(UnsafeArchive, match="more than 200 times its own size"):
            contents(path)

    def test_what_is_small_may_be_blank(self, tmp_path: Path) -> None:
        assert contents(tar(tmp_path / "x.tar.gz", ("a.bmp", bytes(1 << 20)))) == {"a.bmp": bytes(1 << 20)}

    def test_jpegs_are_far_from_the_caps(self, tmp_path: Path) -> None:
        noise = bytes((i * i * 7919 >> 3) & 255 for i in range(1000))
        assert len(contents(tar(tmp_path / "x.tar.gz", *((f"{i}.jpg", noise) for i in range(200))))) == 200


class TestDamaged:
    @pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.zip"])
    @pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
    def test_cut(self, tmp_path: Path, name: str, share: float) -> None:
        noise = b"".join((i * 2654435761 % 2**32).to_bytes(4, "big") for i in range(20_000))
        path = (zipped if name == "x.zip" else tar)(tmp_path / name, ("a.jpg", noise), ("b.jpg", noise[::-1]))
        whole = path.read_bytes()
        end = len(whole) if name != "x.tar" else 160_000
        path.write_bytes(whole[: int(end * share)])
        with pytest.raises(ArchiveDamaged):
            read_all(path, [])

    @pytest.mark.parametrize("name", ["x.tar.gz", "x.tar.xz", "x.zip"])
    def test_a_flipped_bit_is_found_by_the_checksum(self, tmp_path: Path, name: str) -> None:
        noise = b"".join((i * 2654435761 % 2**32).to_bytes(4, "big") for i in range(20_000))
        path = (zipped if name == "x.zip" else tar)(tmp_path / name, ("a.jpg", noise))
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        with pytest.raises(ArchiveDamaged):
            contents(path)

    @pytest.mark.parametrize("size", [600, archive_members.CHUNK - 1536])
    def test_a_wrong_checksum_after_the_last_member(self, tmp_path: Path, size: int) -> None:
        """Also where the archive ends with a chunk, so that reading its members never meets the checksum."""
        info = tarfile.TarInfo("a.jpg")
        info.size = size
        data = bytearray(gzip.compress(info.tobuf() + b"1" * size + bytes(-size % 512 + 1024)))
        data[-8] ^= 1
        (tmp_path / "x.tar.gz").write_bytes(data)
        with pytest.raises(ArchiveDamaged, match="CRC check failed"):
            contents(tmp_path / "x.tar.gz")

    def test_a_password(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "x.zip", ("a.jpg", b"1"))
        data = bytearray(path.read_bytes())
        data[6] |= 1  # the flag in the local header, then in the directory
        data[data.index(b"PK\1\2") + 8] |= 1
        path.write_bytes(data)
        with pytest.raises(ArchiveDamaged, match="password"):
            contents(path)

    def test_a_gzip_that_is_no_tar_in_words(self, tmp_path: Path) -> None:
        path = tmp_path / "train-images.gz"
        path.write_bytes(gzip.compress(b"\0\0\x08\3" + bytes(range(1, 255)) * 5))
        with pytest.raises(ArchiveDamaged) as error:
            contents(path)
        assert str(error.value) == (
            "the archive cannot be read to its end [archive-damaged]\n"
            f"  where     {path}\n"
            "  got       a header with a wrong checksum\n"
            "  expected  a whole .tar, .tar.gz, .tar.bz2, .tar.xz or .zip\n"
            "  next      fetch it again, or unpack it yourself and give the folder"
        )


@pytest.mark.parametrize("name", ["x.tar.gz", "x.zip"])
@example(flips=[(0.890625, 0)])  # a zip whose second name begins with a zero byte
@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_noise_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str, flips: list) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    path = (zipped if name == "x.zip" else tar)(folder / name, ("a/1.jpg", b"one" * 50), ("b", b"two"))
    data = bytearray(path.read_bytes())
    for share, value in flips:
        data[int(share * len(data))] = value
    path.write_bytes(data)
    kind: ArchiveType = "zip" if name == "x.zip" else "tar.gz"
    with contextlib.suppress(UnsafeArchive, ArchiveDamaged):
        read_all(path, [], kind)
