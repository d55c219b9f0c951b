"""The lock holds what pyproject.toml asks for, every line of it hashed, and torch is pinned beside it."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.make_lock import clean
from tests.house.tree import ROOT
from tests.house.verdict import none_breaks

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements" / "lock.txt").read_text()
LOCKED = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, flags=re.MULTILINE))
PINNED = dict(
    re.findall(
        r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / "constraints.txt").read_text(), flags=re.MULTILINE
    )
)


def asked_for() -> list[Requirement]:
    project = PROJECT["project"]
    texts = (
        project["dependencies"]
        + project["optional-dependencies"]["dev"]
        + PROJECT["build-system"]["requires"]
    )
    return [Requirement(text) for text in texts]


def test_what_the_project_asks_for_is_locked_at_a_version_that_suits() -> None:
    versions = {canonicalize_name(name): version for name, version in (LOCKED | PINNED).items()}
    wanting = []
    for asked in asked_for():
        version = versions.get(canonicalize_name(asked.name))
        if version is None or not asked.specifier.contains(version):
            wanting.append(f"{asked}: {version}")
    none_breaks("not in the lock at a suitable version: `make lock`", wanting)


def test_every_locked_version_has_its_hashes() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.split("\n", 2)[2].strip())
    none_breaks("no hash", (entry for entry in entries if "--hash=sha256:" not in entry))
    assert len(entries) == len(LOCKED)


def test_torch_is_pinned_but_not_locked_and_torchvision_is_both() -> None:
    assert set(PINNED) == {"torch", "torchvision"}
    assert "torch" not in LOCKED
    assert LOCKED["torchvision"] == PINNED["torchvision"]


def test_a_new_lock_leaves_out_torch_and_its_cuda_libraries() -> None:
    compiled = "# made\nnumpy==1 \\\n    --hash=a\ntorch==2+cpu \\\n    --hash=b\nnvidia-cudnn-cu13==9 \\\n    --hash=c\n"
    compiled += "torchvision==3 \\\n    --hash=d\n"
    kept = [line for line in clean(compiled).splitlines() if not line.startswith("#")]
    assert kept == ["numpy==1 \\", "    --hash=a", "torchvision==3 \\", "    --hash=d"]
