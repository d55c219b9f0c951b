"""`striate predict`: what a run's network says about images, decoded as in training.

Knows nothing about terminals. Files are only read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.core.progress import SILENT, Progress
from striate.data.decode import decode
from striate.data.errors import NoSuchData
from striate.data.file_types import has_image_name
from striate.data.pixel_errors import UnreadableImage
from striate.verbs.network import TrainedNetwork, as_run, load_network
from striate.verbs.run import Run

__all__ = ["Prediction", "predict"]


@dataclass(frozen=True)
class Prediction:
    """One image's answer. Where `problem` is not empty the file could not be read and the rest is empty."""

    path: str
    label: str
    confidence: float
    """Softmax probability of `label`: the network's own opinion of itself."""
    top: tuple[tuple[str, float], ...]
    problem: str = ""


def predict(
    run: str | Path | Run,
    images: str | Path | Sequence[Any],
    *,
    weights: str = "best",
    top: int = 5,
    batch_size: int = 64,
    progress: Progress = SILENT,
) -> list[Prediction]:
    """Class and confidence of each image, in the order given.

    images: paths, folders (all images below them, sorted), or uint8 arrays (H, W), (H, W, 1) or (H, W, 3). A file that
    cannot be read becomes a prediction with its `problem`. Raises NoSuchData for a path that does not exist, and what
    `load_network` raises.
    """
    given = [images] if isinstance(images, str | Path) else list(images)
    sources = [source for number, item in enumerate(given) for source in _expanded(number, item)]
    network = load_network(as_run(run), weights)
    found: list[Prediction] = []
    with progress.task("Predicting", len(sources)) as task:
        for chunk in _chunks(sources, batch_size):
            found += _predict_chunk(network, chunk, top)
            task.advance(len(chunk))
    return found


def _expanded(number: int, item: Any) -> Iterator[tuple[str, Any]]:
    """Name and source of each image of an item; a folder is all images below it."""
    if isinstance(item, np.ndarray):
        yield f"array {number}", item
        return
    path = Path(item)
    if path.is_dir():
        yield from ((str(p), p) for p in sorted(path.rglob("*")) if p.is_file() and has_image_name(p.name))
    elif path.exists() or path.is_symlink():
        yield str(path), path
    else:
        raise NoSuchData("no such file or folder", where=path, next_step="check the path")


def _chunks(sources: Iterable[tuple[str, Any]], size: int) -> Iterator[list[tuple[str, Any]]]:
    rest = iter(sources)
    while chunk := list(islice(rest, size)):
        yield chunk


def _predict_chunk(network: TrainedNetwork, chunk: list[tuple[str, Any]], top: int) -> list[Prediction]:
    """Decode what can be decoded, ask the network once, put the answers back in order."""
    pixels: list[NDArray[np.uint8]] = []
    problems: dict[int, str] = {}
    for i, (_, source) in enumerate(chunk):
        try:
            pixels.append(_pixels(network, source))
        except UnreadableImage as error:
            problems[i] = error.got or error.what
    p = iter(network.probabilities(np.stack(pixels)) if pixels else ())
    return [
        Prediction(name, "", 0.0, (), problems[i]) if i in problems else _answer(network, name, next(p), top)
        for i, (name, _) in enumerate(chunk)
    ]


def _pixels(network: TrainedNetwork, source: Any) -> NDArray[np.uint8]:
    if isinstance(source, np.ndarray):
        squeezed = source[:, :, 0] if source.ndim == 3 and source.shape[2] == 1 else source
        return network.preprocess.pixels(Image.fromarray(squeezed))
    return decode(source, network.preprocess).pixels


def _answer(network: TrainedNetwork, name: str, p: NDArray[np.float64], top: int) -> Prediction:
    order = np.argsort(-p, kind="stable")[: max(1, top)]
    ranked = tuple((network.classes[c], float(p[c])) for c in order)
    return Prediction(name, ranked[0][0], ranked[0][1], ranked)
