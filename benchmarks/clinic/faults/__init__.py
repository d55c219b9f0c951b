"""All plants by name. Knows nothing about hosts they are planted in."""

from __future__ import annotations

from benchmarks.clinic.faults.augmentation import AUGMENTATION
from benchmarks.clinic.faults.capacity import CAPACITY
from benchmarks.clinic.faults.data import DATA
from benchmarks.clinic.faults.dynamics import DYNAMICS
from benchmarks.clinic.faults.integrity import INTEGRITY
from benchmarks.clinic.faults.plant import GROUP, GROUPS, SEVERITIES, SLUGS, Fault

__all__ = ["CORE", "FAULTS", "GROUP", "GROUPS", "SEVERITIES", "SLUGS", "Fault"]

FAULTS: dict[str, Fault] = {f.name: f for f in (*INTEGRITY, *DATA, *AUGMENTATION, *DYNAMICS, *CAPACITY)}
CORE = frozenset({
    "O1", "O2", "O3", "O4", "O6", "G1", "G2", "G4", "A1", "A2", "A3", "A5", "A6", "A7", "A9", "A10", "N1",
    "N2", "N3", "N4", "D1", "D2", "D3", "D4", "D6", "D9", "U1", "U2", "U3", "E1", "E2", "M1", "F1",
})  # fmt: skip
"""Numbers of the conditions of a first release; other plants are scored beside them."""
