"""CIFAR's binary records, from the archive and from the folder it unpacks to; pickles are never read."""

from __future__ import annotations

import dataclasses
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from striate.core.errors import StriateError
from striate.data.cifar import CIFAR10, CIFAR100, Cifar, read_cifar
from striate.data.errors import ArchiveDamaged, SetDamaged

SMALL10 = dataclasses.replace(CIFAR10, records=3, test_records=2)
SMALL100 = dataclasses.replace(CIFAR100, records=4, test_records=2)


def files_of(kind: Cifar) -> tuple[dict[str, bytes], np.ndarray, np.ndarray]:
    """Record files with known images and labels."""
    n = sum(count for _, count in kind.files)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(n) % kind.n_classes
    files, at = {}, 0
    for name, count in kind.files:
        records = b""
        for image, label in zip(images[at : at + count], labels[at : at + count], strict=True):
            records += bytes([7] * (kind.label_bytes - 1) + [int(label)]) + image.transpose(2, 0, 1).tobytes()
        files[name] = records
        at += count
    files[kind.class_file] = "\n".join(f"class{k}" for k in range(kind.n_classes)).encode() + b"\n\n"
    return files, images, labels


def packed(folder: Path, kind: Cifar, files: dict[str, bytes]) -> Path:
    with tarfile.open(folder / kind.archive, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{kind.folder}/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return folder / kind.archive


def unpacked(folder: Path, kind: Cifar, files: dict[str, bytes]) -> Path:
    (folder / kind.folder).mkdir()
    for name, content in files.items():
        (folder / kind.folder / name).write_bytes(content)
    return folder / kind.folder


@pytest.mark.parametrize("kind", [SMALL10, SMALL100])
@pytest.mark.parametrize("lay_out", [packed, unpacked])
def test_records(tmp_path: Path, kind: Cifar, lay_out) -> None:  # type: ignore[no-untyped-def]
    files, images, labels = files_of(kind)
    read_images, read_labels, names = read_cifar(lay_out(tmp_path, kind, files), kind)
    assert np.array_equal(read_images, images)
    assert np.array_equal(read_labels, labels)
    assert read_labels.dtype == np.int64
    assert names == tuple(f"class{k}" for k in range(kind.n_classes))


@pytest.mark.parametrize("damage", ["short", "long", "missing", "names", "label"])
@pytest.mark.parametrize("lay_out", [packed, unpacked])
def test_refused(tmp_path: Path, damage: str, lay_out) -> None:  # type: ignore[no-untyped-def]
    files, _, _ = files_of(SMALL10)
    if damage == "short":
        files["data_batch_3.bin"] = files["data_batch_3.bin"][:-1]
    elif damage == "long":
        files["test_batch.bin"] += bytes(100_000)
    elif damage == "missing":
        del files["data_batch_5.bin"]
    elif damage == "names":
        files["batches.meta.txt"] = b"airplane\n"
    else:
        files["data_batch_1.bin"] = b"\x0b" + files["data_batch_1.bin"][1:]
    with pytest.raises(SetDamaged):
        read_cifar(lay_out(tmp_path, SMALL10, files), SMALL10)


def test_in_words(tmp_path: Path) -> None:
    files, _, _ = files_of(SMALL10)
    files["data_batch_3.bin"] = b""
    path = packed(tmp_path, SMALL10, files)
    with pytest.raises(SetDamaged) as error:
        read_cifar(path, SMALL10)
    assert str(error.value) == (
        "a local copy of a data set is damaged [set-damaged]\n"
        f"  where     {path}\n"
        "  got       data_batch_3.bin with 0 bytes\n"
        "  expected  9,219 bytes\n"
        "  next      delete it; it is then looked for elsewhere or fetched again"
    )


def test_a_cut_archive(tmp_path: Path) -> None:
    path = packed(tmp_path, SMALL10, files_of(SMALL10)[0])
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises((ArchiveDamaged, SetDamaged)):
        read_cifar(path, SMALL10)


def test_the_python_version_is_not_opened(tmp_path: Path) -> None:
    """A folder of pickles has none of the names that are read."""
    (tmp_path / "data_batch_1").write_bytes(b"cos\nsystem\n")
    with pytest.raises(StriateError):
        read_cifar(tmp_path, CIFAR10)


def test_published_sizes() -> None:
    assert sum(count for _, count in CIFAR10.files) == sum(count for _, count in CIFAR100.files) == 60_000
