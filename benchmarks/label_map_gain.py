"""What a declared label map is worth: half a turn of digits without it, with it, and with none of the rest turned.

    python -m benchmarks.label_map_gain [--data digits] [--epochs 15] [--seeds 3]

Four runs for each seed, equal but for the policy. Printed is the recall of 6 and 9 on held-out images as they are; the share of
turned 6 and 9 that is taken for the other (what a half turn makes of them); and what mirrored ones are taken for, which is
no 9 and no 6: it is the turn that swaps them.
"""

from __future__ import annotations

import argparse
import tempfile

import numpy as np

import striate
from benchmarks.hardware import describe
from striate.core.progress import SILENT
from striate.verbs.network import load_network
from striate.verbs.own_data import prepare_for

ARMS = {
    "no turn": ("translate", ""),
    "rot180, labels kept": ("translate+rot180", ""),
    "rot180: 6<->9": ("translate+rot180", "rot180: 6<->9"),
    "rot180: 6<->9, others spared": ("translate+rot180", "rot180: 6<->9, !2, !3, !4, !5, !7"),
}
VIEWS = {
    "as is": lambda a: a,
    "turned": lambda a: a[:, ::-1, ::-1],
    "vflip": lambda a: a[:, ::-1],
    "flip": lambda a: a[:, :, ::-1],
}


def measure(
    data: str, data_dir: str | None, epochs: int, seed: int, arm: str, project: str
) -> dict[str, float]:
    """Shares of held-out 6 and 9 under each view that are called 6 or 9."""
    policy, label_map = ARMS[arm]
    run = striate.train(
        data,
        model="classic",
        epochs=epochs,
        seed=seed,
        augment=policy,
        label_map=label_map,
        project=project,
        data_dir=data_dir,
    )
    network, dataset = load_network(run), prepare_for(run.recipe, data, SILENT)
    rows = dataset.indices("test") if len(dataset.indices("test")) else dataset.indices("val")
    pixels, labels = dataset.pixels[rows], dataset.labels[rows]
    found = {"accuracy": 100 * run.record.val.accuracy}
    for view, do in VIEWS.items():
        said = network.logits(np.ascontiguousarray(do(pixels))).argmax(axis=1)
        for a, b in ((6, 6), (6, 9), (9, 9), (9, 6)):
            found[f"{view} {a}->{b}"] = 100 * float((said[labels == a] == b).mean())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default="digits")
    parser.add_argument("--data-dir")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    print(describe())
    with tempfile.TemporaryDirectory() as project:
        for arm in ARMS:
            runs = [
                measure(args.data, args.data_dir, args.epochs, seed, arm, project)
                for seed in range(args.seeds)
            ]
            print(arm)
            for name in runs[0]:
                values = [run[name] for run in runs]
                print(f"  {name:14} {np.mean(values):5.1f} % ({min(values):.1f} to {max(values):.1f})")


if __name__ == "__main__":
    main()
