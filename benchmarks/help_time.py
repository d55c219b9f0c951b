"""How long `striate --help` takes, beside a Python that does nothing: medians of ten fresh processes each.

Knows nothing about what the help says.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 10
SOURCE = Path(__file__).resolve().parent.parent / "src"
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "striate --version": ["-m", "striate", "--version"],
    "striate --help": ["-m", "striate", "--help"],
    "striate train --help": ["-m", "striate", "train", "--help"],
    "a mistyped flag": ["-m", "striate", "train", "--epoch", "3"],
}


def seconds(arguments: list[str]) -> float:
    """Wall time of one fresh process."""
    surroundings = os.environ | {"PYTHONPATH": str(SOURCE)}
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=surroundings, capture_output=True, check=False)
    return time.perf_counter() - begin


def main() -> None:
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; medians of {ROUNDS}"
    )
    # One round of each in turn, so that a busy moment hits all of them alike.
    times = [{name: seconds(arguments) for name, arguments in COMMANDS.items()} for _ in range(ROUNDS + 1)][
        1:
    ]
    for name in COMMANDS:
        print(f"  {name:<22} {statistics.median(t[name] for t in times):.3f} s")


if __name__ == "__main__":
    main()
