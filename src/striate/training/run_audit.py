"""What an audit found about a run, kept in its folder with the hash of the weights asked.

Knows nothing about how an audit is made, nor about what follows from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from striate.core.atomic import advising
from striate.core.augment_records import AugmentationFinding
from striate.core.records import Record
from striate.core.run_folder import RunFolder

__all__ = ["BEST", "RunAudit", "audit_of", "keep_audit"]

NAME = "augmentation.json"
BEST = "weights/best.safetensors"


class RunAudit(Record):
    """augmentation.json in a run folder."""

    weights: str
    """SHA-256 of the file of weights that was asked: what is found about one network is not true of another."""
    finding: AugmentationFinding


@advising(refused="all that was found is in the audit's own folder; only --tta has to do without it")
def keep_audit(folder: RunFolder, finding: AugmentationFinding) -> Path:
    """Write what was found about the best weights of a run into its folder; the path. Raises CannotWrite, DiskFull."""
    audit = RunAudit(weights=_hash(folder / BEST), finding=finding)
    return folder.write_text(NAME, audit.to_json() + "\n")


def audit_of(folder: RunFolder, weights: Path, classes: Sequence[str]) -> AugmentationFinding | None:
    """What the last audit of a run found about just these weights and classes; None where there is none, or it cannot be read."""
    try:
        audit = RunAudit.from_json((folder / NAME).read_bytes())
    # Pydantic's ValidationError is a ValueError. A file that is damaged or newer is as good as none: auditing again writes it.
    except (OSError, ValueError):
        return None
    same = audit.weights == _hash(weights) and audit.finding.classes == tuple(classes)
    return audit.finding if same else None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
