"""Data sets by name: a copy on this machine first, else the published files.

digits is inside scikit-learn and needs neither. Test splits are those published; a val split is made later, from
train. Knows nothing about how bytes travel or how files are laid out inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from striate.core.progress import SILENT, Progress
from striate.data.cifar import CIFAR10, CIFAR100, Cifar, read_cifar
from striate.data.download import RemoteFile, fetch, is_right
from striate.data.idx import read_idx
from striate.data.listing import Listing
from striate.data.places import local_data_dirs

__all__ = ["canonical_set", "load_named", "names"]

TRAIN, TEST = 0, 2
DIGITS = tuple("0123456789")
CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


@dataclass(frozen=True)
class _Mnist:
    """A set of four IDX files: 60,000 and 10,000 grey images of 28 x 28."""

    classes: tuple[str, ...]
    folders: tuple[str, ...]
    """Below a data folder, where copies of it are usual; the first is ours."""
    files: tuple[RemoteFile, ...]
    """Training images, training labels, test images, test labels."""
    n_train: int = 60_000
    n_test: int = 10_000


@dataclass(frozen=True)
class _CifarSet:
    kind: Cifar
    remote: RemoteFile


def _idx_files(mirrors: Iterable[str], checksums: Iterable[str]) -> tuple[RemoteFile, ...]:
    stems = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    mirrors = tuple(mirrors)
    return tuple(
        RemoteFile(f"{stem}-ubyte.gz", tuple(f"{mirror}{stem}-ubyte.gz" for mirror in mirrors), f"md5:{md5}")
        for stem, md5 in zip(stems, checksums, strict=True)
    )


def _cifar_set(kind: Cifar, md5: str) -> _CifarSet:
    url = f"https://www.cs.toronto.edu/~kriz/{kind.archive}"
    return _CifarSet(kind, RemoteFile(kind.archive, (url,), f"md5:{md5}"))


SETS: dict[str, _Mnist | _CifarSet] = {
    "mnist": _Mnist(
        DIGITS,
        ("MNIST/raw", "MNIST", "mnist/raw", "mnist"),
        _idx_files(
            (
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
            ),
            (
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c",
            ),
        ),
    ),
    "fashion-mnist": _Mnist(
        CLOTHES,
        ("FashionMNIST/raw", "FashionMNIST", "fashion-mnist/raw", "fashion-mnist", "fashion_mnist"),
        _idx_files(
            (
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            ),
            (
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
        ),
    ),
    "cifar10": _cifar_set(CIFAR10, "c32a1d4ab5d03f1284b67883e8d87530"),
    "cifar100": _cifar_set(CIFAR100, "03b5dce01913d631647c71ecec9e9cb8"),
}
"""Checksums of the compressed files, as the publishers and torchvision's data sets give them."""

UPRIGHT = ("digits", "mnist")
"""A mirrored 2 or 7 is no digit."""


def names() -> tuple[str, ...]:
    """The names that `load_named` takes."""
    return ("digits", *SETS)


def canonical_set(text: str) -> str | None:
    """The set that `text` names, whatever its case, dashes and underscores; None for none.

    >>> canonical_set("CIFAR-10")
    'cifar10'
    """
    plain = {name.replace("-", ""): name for name in names()}
    return plain.get(text.lower().replace("-", "").replace("_", ""))


def load_named(
    name: str, *, data_dir: str | Path | None = None, cache_dir: Path, progress: Progress = SILENT
) -> Listing:
    """The set called `name`, one of `names()`, in memory: train then test, in published order.

    Looks in the folders of `places.local_data_dirs`, then fetches into the cache. Raises KeyError for other names;
    SetDamaged, DownloadFailed.
    """
    if name == "digits":
        return _digits()
    spec = SETS[name]
    folders = local_data_dirs(data_dir, cache_dir)
    store = cache_dir / "datasets"
    if isinstance(spec, _Mnist):
        paths = _local_idx(spec, folders) or fetch(spec.files, store / spec.folders[0], progress)
        return _listing(name, *_read_mnist(spec, paths), spec.classes, spec.n_train)
    path = _local_cifar(spec.kind, folders) or fetch([spec.remote], store, progress)[0]
    images, labels, classes = read_cifar(path, spec.kind)
    return _listing(name, images, labels, classes, len(images) - spec.kind.test_records)


def _digits() -> Listing:
    """Optical recognition of handwritten digits, 1,797 of 8 x 8, brightness 0 to 16 stretched to 0 to 255."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)[..., None]  # (N, 8, 8, 1)
    return _listing("digits", images, bunch.target.astype(np.int64), DIGITS, None)


def _listing(
    name: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
    n_train: int | None,
) -> Listing:
    n = len(images)
    split = np.full(n, -1 if n_train is None else TRAIN, dtype=np.int8)
    if n_train is not None:
        split[n_train:] = TEST
    return Listing(
        name=name,
        source=name,
        kind="named",
        classes=classes,
        labels=labels,
        split=split,
        paths=tuple(f"{name}/{i:0{len(str(n - 1))}d}" for i in range(n)),
        arrays=images,
        mirror_safe=name not in UPRIGHT,
    )


def _read_mnist(spec: _Mnist, paths: list[Path]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    images = [
        read_idx(path, (n, 28, 28)) for path, n in zip(paths[::2], (spec.n_train, spec.n_test), strict=True)
    ]
    labels = [read_idx(path, (n,)) for path, n in zip(paths[1::2], (spec.n_train, spec.n_test), strict=True)]
    return np.concatenate(images)[..., None], np.concatenate(labels).astype(np.int64)


def _local_idx(spec: _Mnist, folders: Iterable[Path]) -> list[Path] | None:
    """The four files in the first folder that has all of them, gzipped or plain.

    Fashion-MNIST has the file names of MNIST: files that lie in a folder whose name does not tell which set they
    are must have the right checksum.
    """
    for folder in folders:
        whole = folder.resolve().as_posix()
        inside = (
            [folder, folder / "raw"] if whole.endswith(tuple(f"/{place}" for place in spec.folders)) else []
        )
        for place in (*inside, *(folder / place for place in spec.folders)):
            found = [_gzipped_or_plain(place / file.name) for file in spec.files]
            if all(found):
                return [path for path in found if path]
        if all(
            (folder / file.name).is_file() and is_right(folder / file.name, file.checksum)
            for file in spec.files
        ):
            return [folder / file.name for file in spec.files]
    return None


def _gzipped_or_plain(path: Path) -> Path | None:
    return next((candidate for candidate in (path, path.with_suffix("")) if candidate.is_file()), None)


def _local_cifar(kind: Cifar, folders: Iterable[Path]) -> Path | None:
    """The unpacked folder, or the archive."""
    for folder in folders:
        if (folder / kind.folder / kind.test).is_file():
            return folder / kind.folder
        if (folder / kind.folder / kind.archive).is_file():
            return folder / kind.folder / kind.archive
        if (folder / kind.archive).is_file():
            return folder / kind.archive
    return None
