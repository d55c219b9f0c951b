"""``python -m benchmarks.clinic``: trace, prove harm, score, or all of it small enough for CI."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.clinic import tables
from benchmarks.clinic.cases import HOSTS_PER_FAULT, Case, cases
from benchmarks.clinic.harm import harm, harm_all, harm_table
from benchmarks.clinic.hosts import Part
from benchmarks.clinic.judging import JUDGES
from benchmarks.clinic.levels import LEVELS
from benchmarks.clinic.places import cache
from benchmarks.clinic.score import score
from benchmarks.clinic.traces import load, trace_all, write
from benchmarks.hardware import describe

SMOKE_FAULTS = (
    "no-step", "no-zero", "train-at-val", "softmax", "metric", "nan-pixel", "scaled-twice", "val-scale", "label-noise",
    "val-classes", "leak", "sorted", "rate-high", "rate-low", "few-images", "thin", "tiny-val", "slow-loader",
)  # fmt: skip
SMOKE_CONTROLS = (
    "one-cycle",
    "accumulated",
    "dropout",
    "smoothing",
    "clipping",
    "averaged",
    "longer",
    "imbalance",
)
SMOKE_HOSTS = ("digits-tanh", "discs-gn")
"""The two that are fastest; both need no data but what is installed."""


def smoke() -> list[Case]:
    """About thirty runs: the severest of some plants, some controls, both hosts as they are."""
    from benchmarks.clinic.controls import CONTROLS
    from benchmarks.clinic.faults import FAULTS
    from benchmarks.clinic.hosts import host

    found = [Case(name, "healthy", "", "", seed) for name in SMOKE_HOSTS for seed in (0, 1)]
    for i, name in enumerate(SMOKE_FAULTS):
        fitting = [h for h in SMOKE_HOSTS if FAULTS[name].fits(host(h))]
        worst = [*FAULTS[name].levels][-1]
        found += [Case(h, "fault", name, worst, 0) for h in fitting[i % max(1, len(fitting)) :][:1]]
    for i, name in enumerate(SMOKE_CONTROLS):
        if CONTROLS[name].fits(host(SMOKE_HOSTS[i % 2])):
            found.append(Case(SMOKE_HOSTS[i % 2], "control", name, "", 0))
    return found


def prove(chosen: Sequence[Case], name: str) -> None:
    """Prints the harm of every plant and keeps it."""
    plants = {(c.host, c.name, c.severity): c for c in chosen if c.kind == "fault"}
    found = [harm(case) for case in plants.values()]
    print("\n".join(tables.harms(found)))
    path = cache() / f"harm-{name}.json"
    write(path, {"plants": harm_table(found)})
    print(f"written to {path}")


LEAST_RECALL, MOST_ALARMS = 0.75, 0.2
"""For ``--check``: thirty runs tell no more than that something broke outright; the figures are of the whole clinic."""


def broken(found: Mapping[str, Any]) -> list[str]:
    """What a score of ours says that no change may bring about, a line each."""
    own = found.get("striate", {}).get("data")
    if own is None or not own["recall"]["n"] or not own["healthy runs with an alarm"]["n"]:
        return ["nothing was scored"]
    recall, alarms = own["recall"]["share"], own["false alarms per healthy run"]
    wrong = [f"recall {recall:.2f} is under {LEAST_RECALL}"] * (recall < LEAST_RECALL)
    return wrong + [f"{alarms:.2f} alarms a healthy run are over {MOST_ALARMS}"] * (alarms > MOST_ALARMS)


def tell(chosen: Sequence[Case], name: str, levels: Sequence[str], judges: Sequence[str]) -> dict[str, Any]:
    """Prints all figures, keeps and returns them."""
    traces = [trace for trace in map(load, chosen) if trace is not None]
    old = sum(not trace.fresh for trace in traces)
    print(
        f"scored: {len(traces)} of {len(chosen)} runs" + (f", {old} seen by an older observer" if old else "")
    )
    if not traces:
        return {}
    print(f"mean {sum(t.seconds for t in traces) / len(traces):.1f} s a run")
    found = score(traces, levels, judges)
    print("\n".join(tables.overview(found)))
    own = found.get("striate", {})
    if "data" in own:
        print("\n".join(["", *tables.by_condition(own["data"]), "", *tables.wrongs(own["data"])]))
    path = cache() / f"score-{name}.json"
    write(path, found)
    print(f"written to {path}")
    return found


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clinic", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=("all", "trace", "harm", "score", "smoke", "list"), default="all"
    )
    parser.add_argument("--set", choices=("tune", "report", "all"), default="all", help="which hosts")
    parser.add_argument("--seeds", type=int, default=1, help="of every faulty and odd run")
    parser.add_argument(
        "--hosts", type=int, default=HOSTS_PER_FAULT, help="of each part for a plant at a severity"
    )
    parser.add_argument("--jobs", type=int, default=1, choices=(1, 2), help="processes")
    parser.add_argument("--only", default="", help="cases whose label contains this")
    parser.add_argument("--level", choices=LEVELS, help="one level instead of all")
    parser.add_argument("--judge", choices=tuple(JUDGES), help="one judge instead of all")
    parser.add_argument(
        "--keep-old", action="store_true", help="take traces of an older observer as they are"
    )
    parser.add_argument("--check", action="store_true", help="end with 1 where the rules broke outright")
    args = parser.parse_args(given)
    parts: tuple[Part, ...] = ("tune", "report") if args.set == "all" else (args.set,)
    small = args.what == "smoke"
    chosen = [c for c in (smoke() if small else cases(parts, args.seeds, args.hosts)) if args.only in c.label]
    name = "smoke" if small else args.set
    print(describe())
    if args.what == "list":
        print("\n".join(case.label for case in chosen))
    if args.what in ("all", "trace", "smoke"):
        trace_all(chosen, args.jobs, args.keep_old)
    if args.what in ("all", "harm"):
        harm_all(chosen, args.jobs)
        prove(chosen, name)
    if args.what in ("all", "score", "smoke"):
        found = tell(
            chosen,
            name,
            (args.level,) if args.level else LEVELS,
            (args.judge,) if args.judge else tuple(JUDGES),
        )
        wrong = broken(found) if args.check else []
        if wrong:
            sys.exit("\n".join(wrong))
    if args.what == "list":
        print(json.dumps({"runs": len(chosen)}))


if __name__ == "__main__":
    main()
