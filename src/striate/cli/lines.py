"""What the views say in words: what is trained on what, one epoch, where things are.

Text only: a view adds colour and place. Knows nothing about streams.
"""

from __future__ import annotations

import math

from striate.core.progress import Unit
from striate.core.records import DataRecord, EpochRecord, RunRecord
from striate.core.wording import count, duration, percent, printable, significant

__all__ = ["PHASES", "amount_text", "epoch_line", "loss_text", "opening", "rate_text", "task_line"]

# Class names are listed where they fit beside the label in 80 columns, else counted.
ONE_LINE = 71

BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
"""Powers of ten, as disks and connections are sold."""

PHASES = {
    "start": "the first step",
    "clean": "measuring on clean training images",
    "val": "measuring on validation images",
    "saving": "saving",
    "scoring": "scoring the best weights, writing the report",
}
"""The loop's phases, in words."""

Row = tuple[str, str]


def opening(run: RunRecord, data: DataRecord, folder: str) -> list[Row]:
    """What is about to be trained on what, as labelled lines."""
    rows = [("Data", _data(data))]
    done = len(run.history)
    epochs = (
        count(run.epochs_planned, "epoch")
        if not done
        else f"going on after epoch {done} of {run.epochs_planned}"
    )
    rows.append(("Model", f"{run.model}, {run.parameters:,} parameters, {epochs}"))
    rows.append(("Machine", f"{run.device}, {run.precision}, {run.memory_format}: {run.device_reason}"))
    rows.append(("Folder", folder))
    return [(label, printable(text)) for label, text in rows]


def _data(data: DataRecord) -> str:
    sizes = {split: sum(data.counts.get(split, ())) for split in ("train", "val", "test")}
    splits = ", ".join(f"{n:,} {split}" for split, n in sizes.items() if n)
    shape = f"{data.img_size[0]}x{data.img_size[1]} {'grey' if data.channels == 1 else 'colour'}"
    classes = count(len(data.classes), "class", "classes")
    named = f"{data.name}: {splits}; {classes} ({', '.join(data.classes)}); {shape}"
    return named if len(named) <= ONE_LINE else f"{data.name}: {splits}; {classes}; {shape}"


def loss_text(loss: float) -> str:
    """Four decimals while that is short: ``0.4213``; then three digits: ``1.23e+04``."""
    return f"{loss:.4f}" if math.isfinite(loss) and abs(loss) < 1000 else significant(loss)


def rate_text(per_second: float, of: Unit = "items") -> str:
    """``12,345``; one decimal below ten; ``2.1 MB`` of bytes."""
    if of == "bytes":
        return _bytes(per_second)
    return f"{per_second:,.1f}" if per_second < 10 else f"{per_second:,.0f}"


def amount_text(done: int, total: int | None, of: Unit = "items") -> str:
    """``1,200/50,000``; ``16.9/19.6 MB`` of bytes; what is done alone where the total is not known."""
    if of == "bytes":
        return _bytes(done) if total is None else _bytes(done, total)
    return f"{done:,}" if total is None else f"{done:,}/{total:,}"


def _bytes(*amounts: float) -> str:
    """Amounts in the unit that suits the largest."""
    scale, unit = next((s, u) for s, u in BYTES if max(*amounts, 1.0) >= s)
    return "/".join(f"{n / scale:.1f}" if scale > 1 else f"{n:.0f}" for n in amounts) + f" {unit}"


def epoch_line(record: EpochRecord, epochs: int, best: bool, left: float) -> str:
    """One epoch on one line that explains itself, aligned with its neighbours."""
    place = f"epoch {record.epoch:>{len(str(epochs))}}/{epochs}"
    parts = [
        place,
        f"train loss {loss_text(record.train_loss):>7} acc {percent(record.train_accuracy):>7}",
        f"clean acc {percent(record.clean_accuracy):>7}",
        f"val loss {loss_text(record.val_loss):>7} acc {percent(record.val_accuracy):>7} {'best' if best else '    '}",
        f"lr {significant(record.lr):<8}",
        f"{rate_text(record.images_per_second)} img/s",
    ]
    if record.epoch < epochs and math.isfinite(left):
        parts.append(f"{duration(left)} left")
    return "  ".join(parts)


def task_line(label: str, done: int, total: int | None, seconds: float, of: Unit = "items") -> str:
    """``Reading images: 1,200/5,000, 3 s left``, or without the end where the total is not known."""
    if total is None:
        return f"{label}: {amount_text(done, None, of)}" if done else label
    left = f", {duration(seconds / done * (total - done))} left" if 0 < done < total and seconds > 1 else ""
    return f"{label}: {amount_text(done, total, of)}{left}"
