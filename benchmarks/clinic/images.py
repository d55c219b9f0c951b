"""Sets of small images as arrays, decoded once: digits, parts of MNIST and CIFAR-10.

Pixels are float32 in [0, 1], (N, C, H, W); labels int64. Every set has a fixed order, so that a host's split never changes. Knows
nothing about networks.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as kept
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from benchmarks.clinic.places import cache, given
from striate.data.idx import read_idx

CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CIFAR_EACH = 700
"""Training images of each class that are decoded: more than any host asks for."""


@dataclass
class Images:
    """Pixels and labels of one split."""

    x: NDArray[np.float32]
    y: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: NDArray[np.integer]) -> Images:
        """A copy of some rows."""
        return Images(self.x[rows].copy(), self.y[rows].copy())


class NoData(Exception):
    """A host's data are not on this machine."""


@kept
def digits() -> Images:
    """1,797 real 8x8 digits, shipped with scikit-learn."""
    from sklearn.datasets import load_digits

    found = load_digits()
    x = (found.images / 16).astype(np.float32)[:, None]
    return _shuffled(Images(x, found.target.astype(np.int64)))


def mnist() -> Images:
    """The first 6,000 training images of MNIST."""
    return _once("mnist", _read_mnist)


def vehicles() -> Images:
    """Airplane, automobile, ship, truck of CIFAR-10 (JPEG copy), halved to 16x16."""
    return _cifar((0, 1, 8, 9))


def animals() -> Images:
    """Cat, deer, frog, horse of CIFAR-10 (JPEG copy), halved to 16x16."""
    return _cifar((3, 4, 6, 7))


def split(images: Images, train: int, val: int) -> tuple[Images, Images]:
    """The first `train` and the last `val` images; refuses to let them overlap."""
    if train + val > len(images):
        raise ValueError(f"{train} + {val} of {len(images)} images")
    n = len(images)
    return images.take(np.arange(train)), images.take(np.arange(n - val, n))


def _cifar(classes: tuple[int, ...]) -> Images:
    everything = _once("cifar", _read_cifar)
    rows = np.flatnonzero(np.isin(everything.y, classes))
    names = {c: i for i, c in enumerate(classes)}
    return Images(everything.x[rows], np.array([names[int(c)] for c in everything.y[rows]], dtype=np.int64))


def _read_mnist() -> Images:
    raw = given("MNIST/raw")
    if raw is None:
        raise NoData("MNIST is not in the folder that STRIATE_DATA names")
    x = read_idx(raw / "train-images-idx3-ubyte.gz", (60000, 28, 28))[:6000]
    y = read_idx(raw / "train-labels-idx1-ubyte.gz", (60000,))[:6000]
    return Images((x / 255).astype(np.float32)[:, None], y.astype(np.int64))


def _read_cifar() -> Images:
    from PIL import Image

    archive = given("cifar10-jpeg.tar.gz")
    if archive is None:
        raise NoData("cifar10-jpeg.tar.gz is not in the folder that STRIATE_DATA names")
    x, y = [], []
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            place, _, name = member.name.removeprefix("./").partition("/")[2].partition("/")
            if not member.name.removeprefix("./").startswith("train/") or place not in CIFAR:
                continue
            if not name.endswith(".jpg") or int(name.removesuffix(".jpg")) >= CIFAR_EACH:
                continue
            stream = members.extractfile(member)
            assert stream is not None
            pixels = np.asarray(Image.open(BytesIO(stream.read())).convert("RGB"), dtype=np.float32) / 255
            x.append(pixels.reshape(16, 2, 16, 2, 3).mean(axis=(1, 3)).transpose(2, 0, 1))
            y.append(CIFAR.index(place))
    return _shuffled(Images(np.stack(x), np.array(y, dtype=np.int64)))


def _shuffled(images: Images) -> Images:
    return images.take(np.random.default_rng(0).permutation(len(images)))


@kept
def _once(name: str, read: Callable[[], Images]) -> Images:
    """What `read` gives, from the cache if it was read before."""
    path = cache() / f"{name}.npz"
    if not path.exists():
        images = read()
        draft = path.with_name(f"{name}.draft.npz")
        np.savez(draft, x=(images.x * 255).round().astype(np.uint8), y=images.y)
        draft.replace(path)
    with np.load(path, allow_pickle=False) as stored:
        return Images((stored["x"] / 255).astype(np.float32), stored["y"])
