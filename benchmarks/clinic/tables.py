"""Figures as text: one block a judge, then what went wrong. Knows nothing about how they were computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.clinic.harm import Harm


def percent(share: dict[str, float]) -> str:
    """``91 % [85, 95] of 120``."""
    if not share["n"]:
        return "-"
    return f"{100 * share['share']:.0f} % [{100 * share['low']:.0f}, {100 * share['high']:.0f}] of {share['n']:.0f}"


def overview(scores: dict[str, Any]) -> list[str]:
    """A line for each judge and level."""
    head = f"{'judge':20} {'level':8} {'recall':22} {'named first':22} {'among three':22} {'in a set':22} {'alarms/healthy':>14}  {'healthy with alarm':22} hard negatives"
    lines = [head]
    for judge, levels in scores.items():
        for level, f in levels.items():
            cells = [percent(f[k]) for k in ("recall", "first", "among three", "in a set")]
            lines.append(
                f"{judge:20} {level:8} "
                + " ".join(f"{c:22}" for c in cells)
                + f" {f['false alarms per healthy run']:14.3f}  {percent(f['healthy runs with an alarm']):22} "
                + percent(f["hard negatives with an alarm"])
            )
    return lines


def by_condition(figures: dict[str, Any]) -> list[str]:
    """A line for each condition and each group of one judge at one level."""
    lines = [f"{'condition':28} {'recall':22} {'named first':22} among three"]
    for name, f in [*figures["by condition"].items(), *figures["by group"].items()]:
        lines.append(
            f"{name:28} {percent(f['recall']):22} {percent(f['first']):22} {percent(f['among three'])}"
        )
    beyond = figures["beyond the core"]
    lines.append(f"{'(beyond the core)':28} {percent(beyond['recall']):22} {percent(beyond['first']):22}")
    lines.append(f"named first, mean over conditions: {100 * figures['first, macro']:.0f} %")
    lines.append(f"other causes named per harmful run: {figures['other causes named per harmful run']:.2f}")
    return lines


def wrongs(figures: dict[str, Any]) -> list[str]:
    """What went wrong, run by run."""
    lines = ["planted -> said first"]
    lines += [f"  {n:3} {planted} -> {said}" for planted, said, n in figures["confusions"]]
    for title in ("false alarms", "alarms on hard negatives"):
        lines.append(title)
        lines += [f"  {label}: {', '.join(alarms)}" for label, alarms in figures[title]]
    lines.append("odd runs that do worse than their host by 3 points or more, and count for nothing")
    lines += [f"  {label}" for label in figures["odd runs that do worse"]]
    lines.append("not named first: alarms (remarks)")
    lines += [
        f"  {label}: {', '.join(alarms) or '-'} ({', '.join(remarks) or '-'})"
        for label, alarms, remarks in figures["misses"]
    ]
    return lines


def harms(found: Sequence[Harm]) -> list[str]:
    """A line for each plant, host and severity."""
    lines = [f"{'plant':20} {'severity':8} {'host':18} {'healthy':>8} {'sick':>8} {'loss':>7} {'p':>8} pairs"]
    for h in sorted(found, key=lambda h: (h.fault, h.severity, h.host)):
        verdict = "by definition" if h.by_definition else "harmful" if h.harmful else "harmless"
        lines.append(
            f"{h.fault:20} {h.severity:8} {h.host:18} {100 * h.healthy:8.1f} {100 * h.sick:8.1f} {100 * h.loss:7.1f} "
            f"{h.p:8.4f} {h.pairs} {verdict}{'' if h.proven else ' (too few pairs)'}"
        )
    return lines
