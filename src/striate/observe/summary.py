"""From everything that watched a loop to one `Observation`.

Knows nothing about when or how it was watched.
"""

from __future__ import annotations

import math

from striate.core.inside_records import LoopSeen
from striate.core.observation_records import EpochPoint, Observation, Setting
from striate.observe.setting_of import optimizer_facts
from striate.observe.watched import Watched

__all__ = ["summary"]

LEAST_LOGGED = 8

ONE_LABEL = 0.9
"""Of the gradients at the outputs, how many ask for one label, and for the loader's, where images are not mixed: see label-noise."""


def summary(w: Watched, *, deep: bool) -> Observation:
    """What was seen, with the curves up to the last evaluation."""
    trained = w.count["train_forwards"] > 0
    return Observation(
        setting=_setting(w),
        declared=w.declared,
        epochs=_epochs(w),
        steps=w.reader.columns.seen(),
        loop=_loop(w) if trained else None,
        inside=w.looks.inside.seen() if trained else None,
        network=None if w.looks.network is None else w.looks.inside.completed(w.looks.network),
        data=w.data.seen() if deep and w.passes.number("train") else None,
    )


def _epochs(w: Watched) -> tuple[EpochPoint, ...]:
    """The curves. Clean figures are of images as the network got them first: where the loop mixes images, those have two labels."""
    points = tuple(w.reader.points.points)
    outputs = w.reader.outputs.seen(None)
    right, one_hot = outputs.implied_right, outputs.implied_one_hot
    if right is None or one_hot is None or right >= ONE_LABEL or one_hot >= ONE_LABEL:
        return points
    unknown = {"clean_accuracy": None, "clean_loss": None, "clean_n": 0}
    return tuple(point.model_copy(update=unknown) for point in points)


def _setting(w: Watched) -> Setting:
    known = dict(w.known)
    if not known.get("train_n"):
        known["train_n"] = w.passes.images.get("train", 0)
    if not known.get("val_n"):
        known["val_n"] = w.passes.images.get("val", 0)
    return Setting(
        source="attached",
        batch_size=w.reader.outputs.batch_size,
        finished=w.passes.split != "train",
        assumed=tuple(w.shield.problems),
        **optimizer_facts(w.optimizers),
        **known,
    )


def _loop(w: Watched) -> LoopSeen:
    count, modes = w.count, w.modes
    steps = count["steps"] - count["zero_rate"]
    return LoopSeen(
        optimizer_steps=count["steps"],
        backwards=count["backwards"],
        window_steps=count["window_steps"],
        train_forwards=count["train_forwards"],
        zero_rate_steps=count["zero_rate"],
        stale_checked=count["stale_checked"],
        stale=count["stale"],
        mode_layers=modes.layers,
        train_in_eval=modes.all_in_eval / max(modes.train_looks, 1),
        train_partly_in_eval=modes.some_in_eval / max(modes.train_looks, 1),
        eval_layers=tuple(modes.eval_layers),
        val_forwards=count["val_forwards"],
        val_in_train=modes.val_in_train / max(modes.val_looks, 1),
        val_with_grad=count["val_with_grad"] / max(count["val_forwards"], 1),
        val_updates=count["val_updates"],
        foreign_optimizer=w.parameters.foreign,
        parameters=w.parameters.seen(steps),
        outputs=w.reader.outputs.seen(_correlation(w)),
        non_finite=w.reader.non_finite.seen,
    )


def _correlation(w: Watched) -> float | None:
    """Of the losses that the loop logged with those recomputed at the same steps."""
    steps = w.reader.columns.seen()
    ours = dict(zip(steps.step, steps.loss, strict=True))
    both = [(said, ours[step]) for step, said in w.logged if step in ours]
    finite = [(a, b) for a, b in both if math.isfinite(a) and math.isfinite(b)]
    # Of fewer pairs, or of a constant, a rank says nothing.
    if len(finite) < LEAST_LOGGED or min(len(set(column)) for column in zip(*finite, strict=True)) < 2:
        return None
    from scipy.stats import spearmanr  # takes 0.3 s, and few loops log their loss

    return float(spearmanr(*zip(*finite, strict=True)).statistic)
