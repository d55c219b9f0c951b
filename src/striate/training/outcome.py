"""What a trained network says about the held-out images: scores, predictions, pictures.

Writes predictions.csv, images/ and train_batch0.jpg. Knows nothing about epochs or how the network was trained.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from striate.augment.strips import strips_of
from striate.core import metrics
from striate.core.data_observation import Suspect
from striate.core.devices import DeviceChoice
from striate.core.records import Score
from striate.core.run_folder import RunFolder
from striate.data.batches import Normalise, Order, gather
from striate.data.prepare import Dataset
from striate.training.evaluate import logits
from striate.training.feed import Feed
from striate.training.job import Job

__all__ = [
    "score_splits",
    "target_words",
    "write_augmented",
    "write_mistakes",
    "write_predictions",
    "write_strips",
    "write_suspects",
]

# A page of mistakes: enough to see a pattern, few enough to look at each.
SHOWN = 24
# Side of a tile in train_batch0.jpg, pixels.
TILE = 96
# Images of a strip.
IN_STRIP = 8


def score_splits(
    model: nn.Module,
    dataset: Dataset,
    choice: DeviceChoice,
    splits: Sequence[str],
    between: Callable[[], None] | None = None,
) -> tuple[dict[str, Score], dict[str, NDArray[np.float64]]]:
    """Score and class probabilities (n, K) of each split of `splits` that has samples."""
    normalise = Normalise(dataset.preprocess.mean, dataset.preprocess.std, choice.device)
    scores: dict[str, Score] = {}
    probabilities: dict[str, NDArray[np.float64]] = {}
    for split in splits:
        rows = dataset.indices(split)
        if len(rows) == 0:
            continue
        values = logits(model, dataset.pixels, rows, normalise, choice, between)
        scores[split] = metrics.score(split, values, dataset.labels[rows], dataset.classes)
        probabilities[split] = metrics.softmax(values)
    return scores, probabilities


def write_predictions(
    folder: RunFolder, dataset: Dataset, probabilities: dict[str, NDArray[np.float64]]
) -> None:
    """predictions.csv: one row per held-out sample, in the order of the data set."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["path", "split", "label", "predicted", "confidence", "correct", "p_label"])
    for split, p in probabilities.items():
        rows = dataset.indices(split)
        predicted, label = p.argmax(axis=1), dataset.labels[rows]
        for i, row in enumerate(rows):
            table.writerow(
                [
                    dataset.paths[row],
                    split,
                    dataset.classes[label[i]],
                    dataset.classes[predicted[i]],
                    f"{p[i, predicted[i]]:.6f}",
                    int(predicted[i] == label[i]),
                    f"{p[i, label[i]]:.6f}",
                ]
            )
    folder.write_text("predictions.csv", text.getvalue())


def write_mistakes(
    folder: RunFolder, dataset: Dataset, split: str, p: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """The most confident mistakes of `split` as PNG files; returns their entries for images/index.json."""
    rows = dataset.indices(split)
    predicted, label = p.argmax(axis=1), dataset.labels[rows]
    wrong = np.flatnonzero(predicted != label)
    worst = wrong[np.argsort(-p[wrong, predicted[wrong]], kind="stable")[:SHOWN]]
    entries = []
    for number, i in enumerate(worst, start=1):
        name = f"images/mistake-{number:02d}.png"
        _write_image(folder, name, dataset.pixels[rows[i]])
        entries.append(
            {
                "file": name,
                "path": dataset.paths[rows[i]],
                "true": dataset.classes[label[i]],
                "predicted": dataset.classes[predicted[i]],
                "confidence": round(float(p[i, predicted[i]]), 6),
            }
        )
    return entries


def write_suspects(folder: RunFolder, dataset: Dataset, suspects: Sequence[Suspect]) -> list[dict[str, Any]]:
    """Training images whose labels others contradict as PNG files, the surest first; their entries for images/index.json.

    Those that the data set does not know by name, and those beyond what a page shows, are left out.
    """
    rows = {path: row for row, path in enumerate(dataset.paths)}
    entries: list[dict[str, Any]] = []
    for suspect in suspects:
        known = suspect.sample in rows and max(suspect.given, suspect.suggested) < len(dataset.classes)
        if not known or len(entries) == SHOWN:
            continue
        name = f"images/suspect-{len(entries) + 1:02d}.png"
        _write_image(folder, name, dataset.pixels[rows[suspect.sample]])
        entries.append(
            {
                "file": name,
                "path": suspect.sample,
                "true": dataset.classes[suspect.given],
                "predicted": dataset.classes[suspect.suggested],
                "confidence": round(suspect.score, 6),
            }
        )
    return entries


def write_augmented(folder: RunFolder, job: Job, order: Order) -> list[dict[str, Any]]:
    """The first training images of the first epoch as the network sees them, one by one and as one sheet."""
    rows = next(order.batches(0))[:SHOWN]
    images, targets = Feed(job).pixels(rows, 0)
    seen = images.permute(0, 2, 3, 1).cpu().numpy()
    entries = []
    for number, (target, pixels) in enumerate(zip(targets.cpu().numpy(), seen, strict=True), start=1):
        name = f"images/augmented-{number:02d}.png"
        _write_image(folder, name, pixels)
        entries.append({"file": name, "label": target_words(target, job.dataset.classes)})
    _write_sheet(folder, seen)
    return entries


def write_strips(folder: RunFolder, job: Job, order: Order) -> list[dict[str, Any]]:
    """A few of the same images as they are, under each transform of the policy and under all of it, a PNG each.

    Returns their entries for images/index.json: none where nothing is augmented.
    """
    if not job.policy.transforms:
        return []
    rows = next(order.batches(0))[:IN_STRIP]
    images = gather(job.dataset.pixels, rows, torch.device("cpu"))
    entries = []
    for number, strip in enumerate(
        strips_of(job.policy, images, job.dataset.labels[rows], seed=job.recipe.seed), start=1
    ):
        name = f"images/strip-{number:02d}.png"
        _write_image(folder, name, _side_by_side(strip.images))
        entries.append({"file": name, "text": strip.text})
    return entries


def _side_by_side(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, H, W, C) -> (H, N (W + gap) - gap, 4): in a row, with gaps that are transparent on any ground."""
    n, height, width, channels = images.shape
    gap = max(1, width // 12)
    row = np.zeros((height, n, width + gap, 4), dtype=np.uint8)
    row[:, :, :width, :3] = images.transpose(1, 0, 2, 3)[..., : 3 if channels >= 3 else 1]
    row[:, :, :width, 3] = 255
    return row.reshape(height, -1, 4)[:, :-gap]


def target_words(target: NDArray[Any], classes: Sequence[str]) -> str:
    """A class, or the shares of several, largest first: ``cat 70 %, dog 30 %``."""
    if target.ndim == 0:
        return classes[int(target)]
    order = [k for k in np.argsort(-target, kind="stable") if target[k] >= 0.005]
    if len(order) == 1:
        return classes[order[0]]
    return ", ".join(f"{classes[k]} {100 * target[k]:.0f} %" for k in order)


def _picture(pixels: NDArray[np.uint8]) -> Image.Image:
    """(H, W, C) uint8 as an image; one channel is grey."""
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def _write_image(folder: RunFolder, name: str, pixels: NDArray[np.uint8]) -> None:
    content = io.BytesIO()
    _picture(pixels).save(content, format="PNG")
    folder.write_bytes(name, content.getvalue())


def _write_sheet(folder: RunFolder, images: NDArray[np.uint8]) -> None:
    """train_batch0.jpg: the images in rows of six. Small ones are enlarged without smoothing, to show pixels."""
    columns = min(6, len(images))
    lines = -(-len(images) // columns)
    sheet = Image.new("RGB", (columns * TILE, lines * TILE), "white")
    for number, pixels in enumerate(images):
        tile = _picture(pixels)
        smooth = max(tile.size) > TILE
        tile = tile.resize(
            (TILE - 4, TILE - 4), Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
        )
        sheet.paste(tile, ((number % columns) * TILE + 2, (number // columns) * TILE + 2))
    content = io.BytesIO()
    sheet.save(content, format="JPEG", quality=90)
    folder.write_bytes("train_batch0.jpg", content.getvalue())
