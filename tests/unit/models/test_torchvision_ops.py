"""torchvision and timm load beside any torch, and nothing changes where they would load anyway."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "src"


def run(code: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_both_import_after_preparing() -> None:
    code = """
from striate.models.torchvision_ops import prepare
first, second = prepare(), prepare()
assert first is second
import timm, torchvision
from torchvision.extension import _has_ops
assert _has_ops() == (first is None)
"""
    assert run(code) == (0, "")


def test_preparing_after_the_import_changes_nothing() -> None:
    code = """
from striate.models import torchvision_ops
torchvision_ops.prepare()
import torchvision
torchvision_ops.prepare.cache_clear()
assert torchvision_ops.prepare() is None
"""
    # The declarations die with the cache: that is why they are kept in it, and why this test leaves at once.
    assert run(code) == (0, "")
