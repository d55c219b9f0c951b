"""A disk of one megabyte."""

import subprocess

import pytest


@pytest.fixture
def small_disk(tmp_path):
    """A tmpfs of 1 MB, mounted for one test; skips where mounting is not allowed."""
    target = tmp_path / "disk"
    target.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(target)], capture_output=True
    )
    if done.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield target
    finally:
        subprocess.run(["umount", str(target)], check=True)
