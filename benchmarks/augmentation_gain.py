"""What augmentation is worth: the same runs with and without it, a pair for each seed, their curves in one figure.

    python -m benchmarks.augmentation_gain FOLDER [--model classic] [--epochs 20] [--seeds 3] [--out runs/gain]

Both runs of a pair have the same initialisation, order, model and number of steps; only the policy differs. Printed are the
test accuracy of every run (of its best epoch on val) and the mean difference with its 95 % interval (Student's t over
the pairs), overall and for each class. `gain.png` shows accuracy on clean training images and on val, epoch by epoch. A run
that is already in the folder is not made again.
"""

from __future__ import annotations

import argparse
import math
import statistics
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy import stats

import striate
from benchmarks.hardware import describe

Pair = tuple[striate.Run, striate.Run]

COLOURS = {"train": "#9a5b00", "val": "#2456c7"}


def trained(data: str, policy: str, seed: int, out: Path, **settings: object) -> striate.Run:
    """The run of this policy and seed, made if it is not there."""
    name = f"{policy.replace('+', '-')}-seed{seed}"
    if (out / name / "run.json").exists():
        run = striate.Run(out / name)
        if run.record.status != "finished":
            run = striate.resume(out / name)
    else:
        run = striate.train(data, augment=policy, seed=seed, project=str(out), name=name, **settings)
    record = run.record
    score = record.test or record.val
    assert score is not None
    print(f"  {name:24} {score.split} {score.accuracy:.2%}, {record.seconds / 60:.0f} min", flush=True)
    return run


def difference(values: list[float]) -> tuple[float, float, float]:
    """Mean of the pairs' differences and its 95 % interval."""
    mean = statistics.mean(values)
    if len(values) < 2:
        return mean, -math.inf, math.inf
    half = stats.t.ppf(0.975, len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    return mean, mean - half, mean + half


def recalls(run: striate.Run) -> dict[str, float]:
    """Recall of each class and, under the empty name, accuracy, in %."""
    score = run.record.test or run.record.val
    assert score is not None
    return {"": 100 * score.accuracy} | {c.name: 100 * c.recall for c in score.classes}


def draw(pairs: list[Pair], names: tuple[str, str], path: Path) -> None:
    """Mean curves over the seeds, each seed thin behind them."""
    figure = Figure(figsize=(9, 5), dpi=110, layout="constrained")
    axes = figure.subplots()
    for k, (name, style) in enumerate(zip(names, ("--", "-"), strict=True)):
        for what, field in (("train", "clean_accuracy"), ("val", "val_accuracy")):
            curves = np.array([[100 * getattr(e, field) for e in pair[k].history] for pair in pairs])
            epochs = np.arange(1, curves.shape[1] + 1)
            axes.plot(epochs, curves.T, style, color=COLOURS[what], linewidth=0.6, alpha=0.45)
            mean = curves.mean(axis=0)
            axes.plot(epochs, mean, style, color=COLOURS[what], linewidth=2)
            # Above the line's end where it is the higher of its pair, so that names do not run into each other.
            axes.annotate(
                f"{what}, {name}: {mean[-1]:.1f} %",
                (epochs[-1], mean[-1]),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=COLOURS[what],
            )
    axes.set_xlabel("epoch")
    axes.set_ylabel("accuracy, % (train: clean images)")
    axes.set_xlim(1, 1.28 * curves.shape[1])
    axes.set_xticks(range(0, curves.shape[1] + 1, 5))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25)
    FigureCanvasAgg(figure).print_png(str(path), metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", default="digits")
    parser.add_argument("--model", default="classic")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--policies", nargs=2, default=["none", "flip+crop4"])
    parser.add_argument("--out", default="runs/gain")
    args = parser.parse_args()
    print(describe())
    out = Path(args.out)
    pairs: list[Pair] = []
    for seed in range(args.seeds):
        without, with_it = (
            trained(args.data, policy, seed, out, model=args.model, epochs=args.epochs)
            for policy in args.policies
        )
        pairs.append((without, with_it))
        draw(pairs, tuple(args.policies), out / "gain.png")
    tables = [(recalls(a), recalls(b)) for a, b in pairs]
    for name in tables[0][0]:
        mean, low, high = difference([b[name] - a[name] for a, b in tables])
        print(f"{name or 'all':>12} {mean:+.2f} points ({low:+.2f} to {high:+.2f})")


if __name__ == "__main__":
    main()
