"""How much of an observation is shown to a judge: the curves alone, the configuration too, the inside too, the data too.

Knows nothing about judges.
"""

from __future__ import annotations

from striate.core.observation_records import EpochPoint, Observation, Setting

LEVELS = ("curves", "config", "passive", "data")


def shown(seen: Observation, level: str) -> Observation:
    """What a run looks like when only so much is known of it; "data" is everything."""
    if level == "data":
        return seen
    if level == "passive":
        return seen.model_copy(update={"data": None})
    if level == "config":
        return Observation(
            setting=seen.setting,
            declared=seen.declared,
            epochs=tuple(_curve(p, lr=True) for p in seen.epochs),
        )
    if level == "curves":
        return Observation(
            setting=Setting(source="log"), epochs=tuple(_curve(p, lr=False) for p in seen.epochs)
        )
    raise ValueError(f"level is one of {', '.join(LEVELS)}, not {level!r}")


def _curve(point: EpochPoint, *, lr: bool) -> EpochPoint:
    """The four columns that any log has; accuracy on val as the loop said it, where it did."""
    said = point.logged_val_accuracy
    return EpochPoint(
        epoch=point.epoch,
        train_loss=point.train_loss,
        train_accuracy=point.train_accuracy,
        val_loss=point.val_loss,
        val_accuracy=point.val_accuracy if said is None else said,
        lr=point.lr if lr else None,
    )
