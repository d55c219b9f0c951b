"""Images to look at a network with, as the network takes them.

From a data set, from files, from the run's own data; where nothing is given, crops of the two photographs that come with
scikit-learn. Files are only read. Knows nothing about what is then measured.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from striate.core import seeds
from striate.core.progress import SILENT, Progress
from striate.core.wording import count
from striate.data.decode import decode
from striate.data.errors import NoSuchData
from striate.data.file_types import has_image_name
from striate.data.listing import SPLITS, Listing
from striate.data.pixel_errors import UnreadableImage
from striate.data.preprocess import Preprocess
from striate.data.sources import open_source
from striate.training.recipe import PYTHON_MODEL
from striate.verbs.subject import Subject

__all__ = ["Given", "Pictures", "pictures_for"]

Given = str | Path | Sequence[str | Path] | Tensor | None

# Splits that a network was not trained on come first.
PREFERRED = ("test", "val")

PHOTOGRAPHS = ("china.jpg", "flower.jpg")

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Pictures:
    """`tensor` is (N, C, H, W) as the network takes it; `origin` says in words what it shows."""

    tensor: Tensor
    origin: str
    pixels: Pixels | None = None
    """(N, H, W, C), where there are pixels behind the tensor."""


def pictures_for(
    subject: Subject, given: Given = None, *, n: int = 16, progress: Progress = SILENT
) -> Pictures:
    """Up to `n` images for `subject`, resized and normalised as it wants them.

    given: image files (all of them are taken), one data set (evenly spaced over its test images, or over all where it names no
    test), or a tensor (N, C, H, W) that is ready. A file that cannot be read is left out, with a word. The same words give the same images. Raises
    NoSuchData and what reading the data set raises; UnreadableImage where not one file can be read.
    """
    if isinstance(given, Tensor):
        return Pictures(given, count(len(given), "image") + " as handed over")
    channels, height, width = subject.input_size
    if channels not in (1, 3):
        noise = np.random.default_rng(seeds.scalar_seed(0, "noise images", 0))
        drawn = noise.normal(size=(n, channels, height, width)).astype(np.float32)
        return Pictures(torch.from_numpy(drawn), f"{count(n, 'image')} of Gaussian noise")
    preprocess = Preprocess(img_size=(height, width), channels=channels, resize=subject.resize)
    pixels, origin = _pixels(subject, given, n, preprocess, progress)
    tensor = torch.from_numpy(pixels).permute(0, 3, 1, 2)  # (N, C, H, W)
    return Pictures(subject.normalise(tensor).contiguous(), origin, pixels)


def _pixels(
    subject: Subject, given: Given, n: int, preprocess: Preprocess, progress: Progress
) -> tuple[Pixels, str]:
    items = [] if given is None else [given] if isinstance(given, str | Path) else list(given)
    if not items and subject.run is not None and _readable_again(subject.run.recipe.data):
        items, recipe = [subject.run.recipe.data], subject.run.recipe
        listing = open_source(items[0], data_dir=recipe.data_dir, cache_dir=_path(recipe.cache_dir))
        return _of_listing(listing, n, preprocess, progress)
    if not items:
        return _crops(n, preprocess), f"{count(n, 'crop')} of scikit-learn's two photographs"
    if len(items) == 1 and not has_image_name(str(items[0])):
        return _of_listing(open_source(str(items[0]), progress=progress), n, preprocess, progress)
    paths = [Path(item) for item in items]
    for path in paths:
        if not path.exists():
            raise NoSuchData("no such file", where=path, next_step="check the path")
    pixels = _decoded(paths, preprocess, progress)
    return pixels, count(len(pixels), "image file")


def _readable_again(data: str) -> bool:
    """Whether the run's data were a path or a name, not an object of a Python session."""
    return not data.startswith(("<", PYTHON_MODEL))


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _of_listing(listing: Listing, n: int, preprocess: Preprocess, progress: Progress) -> tuple[Pixels, str]:
    """Evenly spaced over the split that was kept from training, hence over the classes."""
    rows, of = np.arange(len(listing)), ""
    for split in PREFERRED:
        if (listing.split == SPLITS.index(split)).any():
            rows, of = np.flatnonzero(listing.split == SPLITS.index(split)), f" of {split}"
            break
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, min(n, len(rows))).round().astype(int))]
    if listing.arrays is not None:
        images = (listing.arrays[i] for i in chosen)
        shaped = [preprocess.pixels(Image.fromarray(a[:, :, 0] if a.shape[2] == 1 else a)) for a in images]
        pixels = np.stack(shaped)
    else:
        assert listing.root is not None
        pixels = _decoded([listing.root / listing.paths[i] for i in chosen], preprocess, progress)
    return pixels, f"{count(len(pixels), 'image')}{of} of {listing.name}"


def _decoded(paths: Sequence[Path], preprocess: Preprocess, progress: Progress) -> Pixels:
    found: list[Pixels] = []
    refusal: UnreadableImage | None = None
    for path in paths:
        try:
            found.append(decode(path, preprocess).pixels)
        except UnreadableImage as error:
            refusal = error
            progress.say(f"{path} is left out: {error.got or error.what}")
    if not found and refusal is not None:
        raise refusal
    return np.stack(found)


def _crops(n: int, preprocess: Preprocess) -> Pixels:
    """Squares of half to the whole height of the photographs, in turn, placed by a fixed seed."""
    return np.stack([preprocess.pixels(Image.fromarray(crop)) for crop in _squares(n)])


def _squares(n: int) -> Iterator[Pixels]:
    # Found without importing the package, which takes a second and draws from Python's generator.
    package = importlib.util.find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent / "datasets" / "images"
    photographs = [np.asarray(Image.open(folder / name).convert("RGB")) for name in PHOTOGRAPHS]
    for k, (size, down, right) in enumerate(seeds.uniform(0, "crops", 0, np.arange(n), 3)):
        whole = photographs[k % len(photographs)]
        height, width = whole.shape[:2]
        side = round(min(height, width) * (1 + size) / 2)
        top, left = int(down * (height - side + 1)), int(right * (width - side + 1))
        yield whole[top : top + side, left : left + side]
