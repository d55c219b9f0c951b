"""Images per second from a folder of small JPEGs into memory, against a bare loop that reads and decodes them.

    python -m benchmarks.scan_rate [FOLDER] [--rounds 2] [--workers N]

A: `prepare` on an empty cache: list, look, scan in workers, check, load, split, measure. B: one thread that does
`open`, `read`, `simplejpeg.decode_jpeg` and nothing else, over the same files. A B A B, so that both meet the same
machine; beside each stand the processor seconds of all its processes, which a busy machine stretches least, and the
share of time that the host took away (`/proc/stat`). Needs a folder that
`striate train` takes, such as CIFAR-10 as 60,000 JPEGs.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import PIL
import simplejpeg

from striate.data.archive import extract
from striate.data.places import default_cache_dir
from striate.data.prepare import prepare


def stolen() -> tuple[float, float]:
    """Ticks that the host took away, and all ticks, since the machine began."""
    try:
        ticks = [float(v) for v in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except OSError:
        return 0.0, 1.0
    return ticks[7], sum(ticks)


def processor_seconds() -> float:
    """User and system time of this process and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def timed(work: Callable[[], int]) -> tuple[int, float, float, float]:
    """Images, seconds, processor seconds, share of time stolen."""
    before, spent, began = stolen(), processor_seconds(), time.perf_counter()
    n = work()
    seconds, spent, after = time.perf_counter() - began, processor_seconds() - spent, stolen()
    return n, seconds, spent, (after[0] - before[0]) / max(1.0, after[1] - before[1])


def prepared(folder: Path, workers: int | None) -> int:
    """A: from nothing to a data set in memory."""
    with tempfile.TemporaryDirectory() as cache:
        return len(prepare(folder, cache_dir=cache, workers=workers))


def bare(paths: list[str]) -> int:
    """B: read and decode, one after the other."""
    for path in paths:
        with open(path, "rb") as file:  # noqa: PTH123 - the plain call is what is measured
            simplejpeg.decode_jpeg(file.read())
    return len(paths)


def cifar_folder() -> Path | None:
    """The folder of 60,000 JPEGs, unpacked into striate's cache on first use; None where there is no archive."""
    archive = Path(os.environ.get("STRIATE_DATA", "../shared/data")) / "cifar10-jpeg.tar.gz"
    return extract(archive, default_cache_dir()) if archive.exists() else None


def main() -> None:
    parser = argparse.ArgumentParser(description="Images per second, from files to memory.")
    parser.add_argument(
        "folder", type=Path, nargs="?", help="default: CIFAR-10 as JPEGs, where STRIATE_DATA has it"
    )
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, default=None)
    options = parser.parse_args()
    options.folder = options.folder or cifar_folder()
    if options.folder is None:
        print("skipped: no folder given, and no cifar10-jpeg.tar.gz in STRIATE_DATA or ../shared/data")
        return
    paths = sorted(str(path) for path in options.folder.rglob("*.jpg"))
    rates: dict[str, list[float]] = {"A": [], "B": []}
    for _ in range(options.rounds):
        for name, work in (
            ("A", lambda: prepared(options.folder, options.workers)),
            ("B", lambda: bare(paths)),
        ):
            n, seconds, spent, share = timed(work)
            rates[name].append(n / seconds)
            print(
                f"{name}  {n:,} images  {seconds:6.2f} s  {n / seconds:8,.0f} images/s  "
                f"processor {spent:5.2f} s  stolen {share:4.0%}"
            )
    a, b = (statistics.median(rates[name]) for name in "AB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"prepare / bare loop: {a / b:.2f} (best {max(rates['A']) / max(rates['B']):.2f})")
    print(f"peak memory: {peak:,.0f} MiB, workers apart")
    # Last, because it imports torch, which is not what is measured here.
    from benchmarks.hardware import describe

    print(f"{describe()}, Pillow {PIL.__version__}, simplejpeg {simplejpeg.__version__}")


if __name__ == "__main__":
    main()
