"""Run folders made up for tests of the report: realistic, small, the same every time.

Knows nothing about training; every number is drawn from a seed or from a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save_file

from striate.core import metrics
from striate.core.diagnosis_records import Diagnosis
from striate.core.layer_records import LayerFact
from striate.core.observation_records import Observation
from striate.core.records import DataRecord, RunRecord, Score
from striate.core.run_folder import RunFolder
from striate.training.recipe import Recipe
from tests.diagnoses import healthy
from tests.histories import history, towards

__all__ = ["CIFAR", "HOSTILE", "fabricate", "scores", "write"]

CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
HOSTILE = (
    "<script>alert(1)</script>",
    "two\nlines",
    "עברית מימין לשמאל",
    "\u202eevil override",
    "x" * 255,
    "quote \" and ' & amp;",
    "]]>--></style></svg>",
    "{{ 7 * 7 }}",
    "\x1b[31mred\x07",
    "smile 😀 e\u0301",
)


def scores(split: str, classes: Sequence[str], n: int, accuracy: float, seed: int = 1) -> Score:
    """A score whose mistakes go mostly to a neighbouring class, as real ones do."""
    rng = np.random.default_rng(seed)
    k = len(classes)
    labels = np.arange(n) % k
    right = rng.random(n) < accuracy - 0.08 * ((labels % 5) == 3) + 0.02 * ((labels % 5) != 3)
    neighbour = np.where(rng.random(n) < 0.7, labels ^ 1, rng.integers(0, k, n)) % k
    predicted = np.where(right, labels, neighbour)
    logits = rng.normal(0.0, 0.7, (n, k))
    logits[np.arange(n), predicted] = logits.max(axis=1) + 1.5
    return metrics.score(split, logits, labels, classes)


def fabricate(
    classes: Sequence[str] = CIFAR,
    *,
    epochs: int = 20,
    test: bool = True,
    finished: bool = True,
    name: str = "cifar10",
) -> tuple[RunRecord, DataRecord]:
    """Both records of a run that went well."""
    k = len(classes)
    # Of a thousand classes a few images each: their logits must fit the memory of a small machine.
    val_n, test_n = (50, 100) if k <= 100 else (2, 3)
    per_class = {"train": 400, "val": val_n, "test": test_n if test else 0}
    h = history(
        towards(0.42, 0.96, epochs),
        towards(0.41, 0.925, epochs),
        train=towards(0.33, 0.90, epochs),
        jitter=0.006,
        val_n=per_class["val"] * k,
    )
    best = max(h, key=lambda e: e.val_accuracy).epoch if h else 0
    data = DataRecord(
        name=name,
        source=f"../data/{name}",
        kind="folder",
        classes=tuple(classes),
        counts={split: (n,) * k for split, n in per_class.items()},
        skipped=(2,) + (0,) * (k - 1),
        fingerprint="4f" * 32,
        split_origin="train/ and test/ as found; val: one in nine of train, stratified, seed 0",
        img_size=(32, 32),
        channels=3,
        mean=(0.491, 0.482, 0.447),
        std=(0.247, 0.243, 0.262),
        preprocess={"resize": "crop"},
        notices={"truncated": 2, "exif-rotated": 31},
    )
    run = RunRecord(
        striate_version="0.1.0",
        status="finished" if finished else "interrupted",
        command=f"striate train ../data/{name} --model resnet20 --epochs {epochs} --seed 3",
        started="2026-11-23T20:15:00+00:00",
        seconds=754.3,
        sittings=1 if finished else 2,
        model="resnet20",
        parameters=269_722,
        device="cpu",
        precision="bf16",
        memory_format="channels_last",
        device_reason="no GPU; this processor has avx512_bf16",
        epochs_planned=epochs if finished else 2 * max(epochs, 1),
        history=h,
        best_epoch=best,
        best_rule="highest val accuracy, ties by lower val loss",
        val=scores("val", classes, per_class["val"] * k, 0.92, 1) if finished else None,
        test=scores("test", classes, per_class["test"] * k, 0.91, 2) if finished and test else None,
    )
    return run, data


def write(
    path: Path,
    run: RunRecord,
    data: DataRecord,
    *,
    extras: bool = True,
    found: Diagnosis | None = None,
    seen: Observation | None = None,
) -> RunFolder:
    """The folder with run.json and data.json, and with `extras` all that a finished run has; healthy unless `found` says more."""
    path.mkdir(parents=True)
    folder = RunFolder(path)
    folder.write_text("run.json", run.to_json())
    folder.write_text("data.json", data.to_json())
    if extras:
        folder.write_text("diagnosis.json", (found or healthy()).to_json())
        if seen is not None:
            folder.write_text("observation.json", seen.to_json())
        (path / "images").mkdir()
        (path / "weights").mkdir()
        folder.write_text("args.yaml", yaml.safe_dump(_settings(data), sort_keys=False, allow_unicode=True))
        folder.write_json(
            "env.json", {"python": "3.11.9", "processor": "A Fine CPU", "torch version": "2.13.0"}
        )
        folder.write_json("layers.json", [fact.to_dict() for fact in resnet20(len(data.classes))])
        folder.write_text("scan.csv", _scan(data))
        folder.write_json("images/index.json", _images(path, data))
        rng = np.random.default_rng(5)
        save_file({"conv1.weight": _filters(rng)}, path / "weights/best.safetensors")
    return folder


def resnet20(classes: int) -> list[LayerFact]:
    """The layers of a ResNet-20 for 32 x 32 images, as they run."""
    facts: list[LayerFact] = []

    def conv(name: str, i: int, o: int, side: int, stride: int) -> None:
        kernel, step = (3, 3), (stride, stride)
        shape = (o, side, side)
        facts.append(
            LayerFact(
                name=name, kind="Conv2d", output_shape=shape, parameters=9 * i * o, kernel=kernel, stride=step
            )
        )
        facts.append(
            LayerFact(
                name=name.replace("conv", "bn"), kind="BatchNorm2d", output_shape=shape, parameters=2 * o
            )
        )
        facts.append(
            LayerFact(name=name.replace("conv", "relu"), kind="ReLU", output_shape=shape, parameters=0)
        )

    conv("conv1", 3, 16, 32, 1)
    channels = 16
    for stage, (out, side) in enumerate(((16, 32), (32, 16), (64, 8)), start=1):
        for block in range(3):
            conv(f"stage{stage}.{block}.conv1", channels, out, side, 2 if out != channels else 1)
            conv(f"stage{stage}.{block}.conv2", out, out, side, 1)
            channels = out
    facts.append(LayerFact(name="pool", kind="AdaptiveAvgPool2d", output_shape=(64, 1, 1), parameters=0))
    facts.append(LayerFact(name="head", kind="Linear", output_shape=(classes,), parameters=65 * classes))
    return facts


def _settings(data: DataRecord) -> dict[str, object]:
    recipe = Recipe.make(
        {"data": data.source, "model": "resnet20", "batch_size": 128, "lr": 0.1, "opt": "sgd", "seed": 3}
    )
    return recipe.to_dict()


def _scan(data: DataRecord) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["path", "kind", "detail", "action", "label", "split"])
    first = data.classes[0]
    table.writerow(
        [
            f"train/{first}/0007.jpg",
            "truncated",
            "image file is truncated (12 bytes not processed)",
            "skipped",
            first,
            "train",
        ]
    )
    table.writerow(
        [
            f"train/{first}/0009.jpg",
            "truncated",
            "image file is truncated (3 bytes not processed)",
            "skipped",
            first,
            "train",
        ]
    )
    for i in range(31):
        table.writerow(
            [
                f"train/{data.classes[-1]}/{i:04d}.jpg",
                "exif-rotated",
                "turned by 90 degrees",
                "used",
                data.classes[-1],
                "train",
            ]
        )
    return text.getvalue()


def _images(path: Path, data: DataRecord) -> dict[str, list[dict[str, object]]]:
    rng = np.random.default_rng(7)
    k = len(data.classes)
    mistakes, augmented = [], []
    for i in range(12):
        name = f"images/mistake-{i + 1:02d}.png"
        Image.fromarray(_shape(rng)).save(path / name)
        true, predicted = data.classes[i % k], data.classes[(i + 1) % k]
        mistakes.append(
            {
                "file": name,
                "path": f"test/{true}/{i:04d}.jpg",
                "true": true,
                "predicted": predicted,
                "confidence": 0.99 - 0.02 * i,
            }
        )
    for i in range(12):
        name = f"images/augmented-{i + 1:02d}.png"
        Image.fromarray(_shape(rng)).save(path / name)
        augmented.append({"file": name, "label": data.classes[i % k]})
    strips = []
    for i, text in enumerate(("as they are", "flip", "crop4", "all together: flip+crop4"), start=1):
        name = f"images/strip-{i:02d}.png"
        row = np.zeros((32, 8 * 34 - 2, 4), np.uint8)
        for k in range(8):
            row[:, 34 * k : 34 * k + 32] = np.dstack([_shape(rng), np.full((32, 32), 255, np.uint8)])
        Image.fromarray(row).save(path / name)
        strips.append({"file": name, "text": text})
    return json.loads(json.dumps({"mistakes": mistakes, "augmented": augmented, "strips": strips}))


def _shape(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A disc on a shaded ground, 32 x 32."""
    i, j = np.mgrid[0:32, 0:32]
    ground, ink = rng.integers(20, 236, 3), rng.integers(20, 236, 3)
    centre, radius = rng.integers(10, 22, 2), rng.integers(5, 11)
    disc = ((i - centre[0]) ** 2 + (j - centre[1]) ** 2 < radius**2)[:, :, None]
    shade = (0.7 + 0.3 * i / 31)[:, :, None]
    noise = rng.normal(0, 6, (32, 32, 3))
    return np.clip(np.where(disc, ink, ground) * shade + noise, 0, 255).astype(np.uint8)


def _filters(rng: np.random.Generator) -> NDArray[np.float32]:
    """(16, 3, 3, 3): small edges and blobs."""
    i, j = np.mgrid[-1:2, -1:2]
    angle = rng.uniform(0, np.pi, (16, 1, 1, 1))
    edge = np.cos(angle) * i + np.sin(angle) * j
    return (edge + 0.3 * rng.normal(size=(16, 3, 3, 3))).astype(np.float32)
