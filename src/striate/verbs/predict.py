"""`striate predict`: what a run's network says about images, decoded as in training.

Knows nothing about terminals. Files are only read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.core.progress import SILENT, Progress
from striate.data.pixel_errors import UnreadableImage
from striate.verbs.asked_images import Asked, asked_images, pixels_for
from striate.verbs.bounds import at_least
from striate.verbs.network import TrainedNetwork, as_run, chosen_weights, load_network
from striate.verbs.run import Run
from striate.verbs.tta import with_views

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
    images: Any,
    *,
    weights: str | None = None,
    tta: str | None = None,
    top: int = 5,
    batch_size: int = 64,
    progress: Progress = SILENT,
) -> list[Prediction]:
    """Class and confidence of each image, in the order given.

    images: paths, folders (all images below them, sorted, found as in training), Pillow images, or arrays and tensors of uint8 or
    float in [0, 1], (H, W), (H, W, C) or (C, H, W); one of them, a list of them, or a stack (N, ...). A file that
    cannot be read becomes a prediction with its `problem`. weights: best or last; by default best, or the file that
    `run` names. tta: views of each image to average over, such as "flip+shift" (see `striate.augment.views`). Raises NoSuchData
    for a path that does not exist, NoImages, ArraysUnusable, InvalidSetting, and what `load_network` and `with_views` raise.
    """
    at_least(1, top=top, batch_size=batch_size)
    asked = asked_images(images, progress)
    opened = as_run(run)
    file = chosen_weights(run, weights)
    network = with_views(load_network(opened, file), opened, file, tta)
    found: list[Prediction] = []
    with progress.task("Predicting", len(asked)) as task:
        for start in range(0, len(asked), batch_size):
            chunk = asked[start : start + batch_size]
            found += _predict_chunk(network, chunk, top)
            task.advance(len(chunk))
    return found


def _predict_chunk(network: TrainedNetwork, chunk: list[Asked], top: int) -> list[Prediction]:
    """Decode what can be decoded, ask the network once, put the answers back in order."""
    pixels: list[NDArray[np.uint8]] = []
    problems: dict[int, str] = {i: asked.problem for i, asked in enumerate(chunk) if asked.problem}
    for i, asked in enumerate(chunk):
        if i in problems:
            continue
        try:
            pixels.append(pixels_for(network.preprocess, asked.source))
        except UnreadableImage as error:
            problems[i] = error.got or error.what
    p = iter(network.probabilities(np.stack(pixels)) if pixels else ())
    return [
        Prediction(asked.name, "", 0.0, (), problems[i])
        if i in problems
        else _answer(network, asked.name, next(p), top)
        for i, asked in enumerate(chunk)
    ]


def _answer(network: TrainedNetwork, name: str, p: NDArray[np.float64], top: int) -> Prediction:
    order = np.argsort(-p, kind="stable")[:top]
    ranked = tuple((network.classes[c], float(p[c])) for c in order)
    return Prediction(name, ranked[0][0], ranked[0][1], ranked)
