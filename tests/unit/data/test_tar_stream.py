"""Tar archives: equal to the standard library's reading of them, and never more memory than a path needs."""

from __future__ import annotations

import contextlib
import io
import tarfile
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.data.tar_stream import BadTar, TarStream

Format = Literal[0, 1, 2]  # tarfile's ustar, GNU and pax


def archive(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return made.getvalue()


def read(data: bytes) -> list[tuple[str, str, bytes]]:
    tar = TarStream(io.BytesIO(data))
    return [(member.name, member.kind, tar.read(member.size)) for member in tar]


names = st.text(
    st.characters(blacklist_characters="\0\\", blacklist_categories=("Cs",)), min_size=1, max_size=150
).filter(lambda name: not name.endswith("/"))


@settings(max_examples=60)
@given(
    files=st.dictionaries(names, st.binary(max_size=1500), max_size=5),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_equal_to_the_standard_library(files: dict[str, bytes], form: int) -> None:
    data = archive(files, form)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        expected = [(m.name, "file", tar.extractfile(m).read()) for m in tar if m.isfile()]  # type: ignore[union-attr]
    assert [(name.rstrip("/"), kind, content) for name, kind, content in read(data)] == expected


def test_ustar_prefixes() -> None:
    name = "d" * 120 + "/" + "f" * 90
    assert read(archive({name: b"x"}, tarfile.USTAR_FORMAT)) == [(name, "file", b"x")]


def test_gnu_keeps_times_where_ustar_has_its_prefix() -> None:
    made = bytearray(header(b"0", 0))
    made[345:357] = b"14567123456\0"
    made[148:156] = b" " * 8
    made[148:156] = b"%06o\0 " % sum(made)
    assert read(bytes(made) + bytes(1024)) == [("x", "file", b"")]


def test_content_that_nobody_reads_is_skipped() -> None:
    tar = TarStream(io.BytesIO(archive({"a": b"1" * 5000, "b": b"2" * 512, "c": b""})))
    assert [member.name for member in tar] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a pipe"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (tarfile.DIRTYPE, "folder"),
        (b"Z", "of an unknown kind"),
    ],
)
def test_kinds(kind: bytes, words: str) -> None:
    info = tarfile.TarInfo("x")
    info.type = kind
    info.linkname = "target"
    (member,) = TarStream(io.BytesIO(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)))
    assert (member.name.rstrip("/"), member.kind) == ("x", words)


@pytest.mark.parametrize("cut", [1, 511, 512, 700, 1023, 1024, 1500, 1536])
def test_a_cut_archive_is_said_to_be(cut: int) -> None:
    data = archive({"a": b"1" * 600}, tarfile.USTAR_FORMAT)
    with pytest.raises(BadTar, match="it ends in the middle"):
        read(data[:cut])


def test_nothing_at_all_is_no_archive() -> None:
    with pytest.raises(BadTar):
        read(b"")


@pytest.mark.parametrize("at", [0, 50, 124, 148, 156, 257])
def test_a_flipped_bit_in_a_header_is_found(at: int) -> None:
    data = bytearray(archive({"a": b"1"}, tarfile.USTAR_FORMAT))
    data[at] ^= 4
    with pytest.raises(BadTar):
        read(bytes(data))


def header(kind: bytes, size: int, name: str = "x") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_a_header_that_claims_gigabytes_is_not_read(kind: bytes) -> None:
    class Endless(io.RawIOBase):
        largest = 0

        def __init__(self) -> None:
            self.start = header(kind, 8 << 30)

        def read(self, n: int = -1) -> bytes:
            self.largest = max(self.largest, n)
            data, self.start = self.start[:n], self.start[n:]
            return data or b"a" * n

    stream = Endless()
    with pytest.raises(BadTar, match="larger than any path needs"):
        list(TarStream(stream))  # type: ignore[arg-type]
    assert stream.largest <= 1 << 20


@pytest.mark.parametrize(
    "records",
    [
        b"5 a=b\n", b"99 path=x\n", b"0 path=x\n", b"path=x\n", b"10 path=xyz", b"-5 path=x\n", b"12 size=1e3\n",
        b"12 size=-50\n", b"29 GNU.sparse.major=1.00000\n\n",
    ],
)  # fmt: skip
def test_extended_headers_that_are_none(records: bytes) -> None:
    data = header(b"x", len(records)) + records.ljust(512, b"\0") + header(b"0", 0) + bytes(1024)
    with pytest.raises(BadTar):
        read(data)


def test_one_path_for_all_members_is_refused() -> None:
    records = b"12 path=../x\n"[:13].replace(b"12", b"13")
    with pytest.raises(BadTar, match="one path or size for all"):
        read(header(b"g", len(records)) + records.ljust(512, b"\0") + bytes(1024))


def test_sizes_beyond_eight_gigabytes_and_below_zero() -> None:
    info = header(b"0", 9 << 30)
    assert next(iter(TarStream(io.BytesIO(info)))).size == 9 << 30
    negative = bytearray(header(b"0", 0))
    negative[124:136] = b"\xff" * 12
    negative[148:156] = b" " * 8
    negative[148:156] = b"%06o\0 " % sum(negative)
    with pytest.raises(BadTar, match="negative"):
        read(bytes(negative))


@settings(max_examples=300)
@given(data=st.binary(max_size=2048), at=st.integers(0, 3000))
def test_noise_ends_in_members_or_in_bad_tar(data: bytes, at: int) -> None:
    whole = archive({"a/b.jpg": b"1" * 600, "é" * 80: b"2"})
    with contextlib.suppress(BadTar):
        read(whole[:at] + data + whole[at + len(data) :])
