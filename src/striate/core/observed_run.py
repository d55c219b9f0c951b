"""A run's own records as an observation: what curves, recipe and scan say.

What only watching can see (layers, updates, the loop) comes from an observation that was kept beside the records, where there
is one. Knows nothing about files, torch or what is good or bad.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from striate.core.data_observation import DataSeen, OverlapSeen, SplitSeen
from striate.core.observation_records import EpochPoint, Observation, Setting
from striate.core.records import DataRecord, EpochRecord, Notice, RunRecord

__all__ = ["observation_of"]

PAIRS = 50
"""Named pairs of equal images, as `OverlapSeen` holds them."""
_OPTIMISERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
_SAME = re.compile(r"the same bytes as (?P<first>.+) in (?P<split>train|val)", re.DOTALL)


def observation_of(
    run: RunRecord,
    data: DataRecord,
    settings: Mapping[str, Any],
    *,
    notices: Sequence[Notice] | None = None,
    watched: Observation | None = None,
) -> Observation:
    """What is known of a run of striate's own.

    settings: as in args.yaml, decided. notices: what the scan told of single files; None where that is not known. watched: what was seen while it
    trained; its setting, epochs and data give way to the records where those know better.
    """
    seen = Observation(
        setting=_setting(run, data, settings),
        epochs=_points(run.history, sum(data.counts.get("train", ()))),
        data=_data(data, notices),
    )
    return seen if watched is None else _with_watched(seen, watched)


def _setting(run: RunRecord, data: DataRecord, settings: Mapping[str, Any]) -> Setting:
    opt = str(settings.get("opt", ""))
    sizes = {split: sum(n) for split, n in data.counts.items()}
    steps = run.history[0].steps if run.history else 0
    return Setting(
        source="run",
        classes=len(data.classes),
        class_names=data.classes,
        train_n=sizes.get("train", 0),
        val_n=sizes.get("val", 0),
        batch_size=settings.get("batch_size") or 0,
        planned_steps=steps * run.epochs_planned,
        planned_epochs=run.epochs_planned,
        optimizer=_OPTIMISERS.get(opt, ""),
        lr=settings.get("lr"),
        momentum=settings.get("momentum"),
        weight_decay=settings.get("weight_decay"),
        clip_grad=settings.get("clip_grad"),
        label_smoothing=settings.get("smoothing") or 0.0,
        augmentation=_transforms(str(settings.get("augment") or "none")),
        amp=run.precision == "fp16",
        finished=run.status == "finished",
        failure=run.failure,
    )


def _transforms(policy: str) -> tuple[str, ...]:
    """The terms of a policy: ``flip+crop4@0.5`` -> flip, crop4@0.5."""
    return tuple(term.strip() for term in policy.split("+") if term.strip() not in ("", "none", "auto"))


def _points(history: Sequence[EpochRecord], train_n: int) -> tuple[EpochPoint, ...]:
    points, steps = [], 0
    for e in history:
        steps += e.steps
        # A split without images has NaN for figures: not measured. Any other NaN is a number that broke, and stays.
        clean = {"clean_loss": e.clean_loss, "clean_accuracy": e.clean_accuracy} if e.clean_n else {}
        val = {"val_loss": e.val_loss, "val_accuracy": e.val_accuracy} if e.val_n else {}
        points.append(
            EpochPoint(
                epoch=e.epoch,
                step=steps,
                train_loss=e.train_loss,
                train_accuracy=e.train_accuracy,
                train_n=train_n,
                clean_n=e.clean_n,
                val_n=e.val_n,
                val_recall=e.val_recall,
                lr=e.lr,
                data_wait=e.data_wait,
                **clean,
                **val,
            )
        )
    return tuple(points)


def _data(data: DataRecord, notices: Sequence[Notice] | None) -> DataSeen:
    return DataSeen(
        train=_train(data), overlap=None if notices is None else _overlap(data, notices), sizes="equal"
    )


def _train(data: DataRecord) -> SplitSeen:
    """The training images as the network gets them: (x - mean) / std of pixels in [0, 1], with what the run normalises by.

    `low` and `high` bound what a pixel can become.
    """
    mean = tuple(data.preprocess.get("mean") or data.mean)
    std = tuple(data.preprocess.get("std") or data.std)
    return SplitSeen(
        split="train",
        n=sum(data.counts.get("train", ())),
        shape=(data.channels, *data.img_size),
        dtype="float32",
        mean=tuple((x - m) / s for x, m, s in zip(data.mean, mean, std, strict=True)),
        std=tuple(x / s for x, s in zip(data.std, std, strict=True)),
        low=min((0 - m) / s for m, s in zip(mean, std, strict=True)),
        high=max((1 - m) / s for m, s in zip(mean, std, strict=True)),
        counts=data.counts.get("train", ()),
    )


def _overlap(data: DataRecord, notices: Sequence[Notice]) -> OverlapSeen:
    """Val images with the bytes of a training image, as the scan found them; of a group of equal files, those that it named."""
    pairs: dict[str, str] = {}
    for notice in notices:
        same = _SAME.fullmatch(notice.detail) if notice.kind == "duplicate-across-splits" else None
        if same is None:
            continue
        if (notice.split, same["split"]) == ("val", "train"):
            pairs.setdefault(notice.path, same["first"])
        elif (notice.split, same["split"]) == ("train", "val"):
            pairs.setdefault(same["first"], notice.path)
    return OverlapSeen(
        checked=sum(data.counts.get("val", ())),
        exact=len(pairs),
        near=0,
        pairs=tuple((train, val) for val, train in pairs.items())[:PAIRS],
    )


def _with_watched(seen: Observation, watched: Observation) -> Observation:
    """The records, and of what was watched all that they do not hold."""
    known = {name: value for name, value in seen.setting if value != Setting.model_fields[name].get_default()}
    # That a run has ended, or why, is the records' to say even where they say the default.
    known |= {"finished": seen.setting.finished, "failure": seen.setting.failure}
    return watched.model_copy(
        update={
            "setting": watched.setting.model_copy(update=known),
            "epochs": seen.epochs or watched.epochs,
            "data": seen.data if watched.data is None else watched.data,
        }
    )
