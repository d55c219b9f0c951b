"""Whether the faster precision costs accuracy: the same runs in fp32 and bf16, a pair for each seed.

    python -m benchmarks.precision_accuracy FOLDER [--model resnet20] [--epochs 3] [--seeds 3]

Both runs of a pair have the same initialisation, order and draws; only the arithmetic differs. Printed are both val
accuracies of every pair, and the mean difference with its 95 % interval (Student's t over the pairs): precision is "equal
within noise" where that interval covers zero, and no more was shown than its width.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile

from scipy import stats

import striate
from benchmarks.hardware import describe

PRECISIONS = ("fp32", "bf16")


def accuracy(data: str, model: str, epochs: int, seed: int, precision: str, project: str) -> float:
    """Val accuracy of the last epoch, in %: the best one would be chosen, and so noisier."""
    run = striate.train(
        data, model=model, epochs=epochs, seed=seed, precision=precision, project=project, test_split=0.0
    )
    last = run.history[-1]
    print(
        f"  seed {seed} {precision}: {last.val_accuracy:.2%}, {last.images_per_second:.0f} img/s", flush=True
    )
    return 100.0 * last.val_accuracy


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", default="digits")
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    print(describe())
    differences = []
    with tempfile.TemporaryDirectory() as project:
        for seed in range(args.seeds):
            fp32, bf16 = (
                accuracy(args.data, args.model, args.epochs, seed, precision, project)
                for precision in PRECISIONS
            )
            differences.append(bf16 - fp32)
    mean, sd = statistics.mean(differences), statistics.stdev(differences)
    half = stats.t.ppf(0.975, args.seeds - 1) * sd / math.sqrt(args.seeds)
    print(
        f"{args.model}, {args.epochs} epochs, {args.seeds} pairs: bf16 - fp32 = {mean:+.2f} points "
        f"({mean - half:+.2f} to {mean + half:+.2f})"
    )


if __name__ == "__main__":
    main()
