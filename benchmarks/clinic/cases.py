"""The list of all runs of the clinic: which plant and which control goes into which hosts, at which severity and seed.

Every plant at every severity is put into a few of the hosts of each part that it fits, chosen by a fixed rule that spreads them. Knows
nothing about how a run went.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from benchmarks.clinic.controls import CONTROLS, Control
from benchmarks.clinic.faults import FAULTS, Fault
from benchmarks.clinic.hosts import HOSTS, Host, Part, host
from benchmarks.clinic.plan import Plan

HOSTS_PER_FAULT = 2
"""For each part and severity, unless fewer are asked for."""
CONTROLS_PER_FAULT = 3
"""Hosts of a control for each host of a fault: there are more faults than controls, and healthy runs are to be 40 % of all."""
HEALTHY_PER_FAULT = 5
"""Seeds of each host as it is, more than one so that chance is seen, likewise."""


@dataclass(frozen=True, order=True)
class Case:
    """One run, by name."""

    host: str
    kind: Literal["fault", "control", "healthy"]
    name: str
    severity: str
    seed: int

    @property
    def part(self) -> Part:
        """Of its host."""
        return host(self.host).part

    @property
    def label(self) -> str:
        """Readable and unique."""
        return "/".join((self.host, self.kind, self.name or "-", self.severity or "-", str(self.seed)))

    def plan(self) -> Plan:
        """The plan of this run, changed as the plant or the control says."""
        plan = host(self.host).plan(self.seed)
        if self.kind == "fault":
            fault = FAULTS[self.name]
            if fault.twin is not None:
                fault.twin(plan)
            fault.change(plan, fault.levels[self.severity])
        elif self.kind == "control":
            CONTROLS[self.name].change(plan)
        return plan

    def twin(self) -> Plan:
        """The plan of the healthy run that a faulty one is compared with."""
        plan = host(self.host).plan(self.seed)
        fault = FAULTS[self.name]
        if fault.twin is not None:
            fault.twin(plan)
        return plan


def cases(parts: Iterable[Part], seeds: int = 1, hosts: int = HOSTS_PER_FAULT) -> list[Case]:
    """All runs of these parts: seed 0 of everything first, then seed 1, ...; mixed, so that a part of the list is a sample of all.

    The list for fewer `hosts` holds only what the list for more holds, too.
    """
    found: list[Case] = []
    for seed in range(seeds):
        some = [
            case
            for part in parts
            for case in (
                *_healthy(part, seed, hosts),
                *_faulty(part, seed, hosts),
                *_controlled(part, seed, hosts),
            )
        ]
        found += sorted(some, key=lambda case: zlib.crc32(case.label.encode()))
    return found


def _healthy(part: Part, seed: int, hosts: int) -> Iterator[Case]:
    each = HEALTHY_PER_FAULT * hosts
    for h in HOSTS:
        if h.part == part:
            for k in range(each):
                yield Case(h.name, "healthy", "", "", each * seed + k)


def _faulty(part: Part, seed: int, hosts: int) -> Iterator[Case]:
    for name, fault in FAULTS.items():
        for severity in fault.levels:
            for h in chosen(fault, f"{name}/{severity}", part, hosts):
                yield Case(h.name, "fault", name, severity, seed)


def _controlled(part: Part, seed: int, hosts: int) -> Iterator[Case]:
    for name, control in CONTROLS.items():
        for h in chosen(control, name, part, CONTROLS_PER_FAULT * hosts):
            yield Case(h.name, "control", name, "", seed)


def chosen(what: Fault | Control, key: str, part: Part, most: int) -> list[Host]:
    """Hosts of a part that it fits, `most` at most, in turn from a place that depends on the key alone."""
    fitting = [h for h in HOSTS if h.part == part and what.fits(h)]
    first = zlib.crc32(key.encode()) % max(1, len(fitting))
    return (fitting[first:] + fitting[:first])[:most]
