"""Writes requirements/lock.txt: every package striate runs and is tested with, one version and all its hashes.

Resolves pyproject.toml with pip-tools in a throwaway environment. torch itself, and what only its CUDA builds
need, is left out: which build is right differs by machine (see scripts/setup.sh). The file names no host: where
packages come from is the business of each machine's pip. Knows nothing about how the lock is installed.

Run it as ``make lock``. It asks the network, and takes some minutes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "lock.txt"
CONSTRAINTS = ROOT / "requirements" / "constraints.txt"

HEADER = """\
# Everything striate runs and is tested with, but torch: written by `make lock`, not by hand.
# Install with: pip install --no-deps --require-hashes -r requirements/lock.txt
"""

# torch, and the libraries that only its CUDA builds pull in.
LEFT_OUT = re.compile(r"^(torch|triton|pytorch-triton|nvidia-.+|cuda-.+)$")


def compile_lock(workspace: Path) -> str:
    """Resolve in a fresh environment under `workspace`, so that what is installed here has no say."""
    venv.create(workspace / "env", with_pip=True)
    python = workspace / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "pip-tools"], check=True)
    out = workspace / "lock.txt"
    command = [python, "-m", "piptools", "compile", "--quiet", "--extra", "dev", "--generate-hashes"]
    command += ["--allow-unsafe", "--strip-extras", "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links", "--no-emit-options"]
    command += ["--constraint", CONSTRAINTS, "--output-file", out, ROOT / "pyproject.toml"]
    subprocess.run(command, check=True, cwd=ROOT)
    return out.read_text()


def clean(compiled: str) -> str:
    """Drop comments and what `LEFT_OUT` names; a requirement is a line and the indented hashes below it."""
    kept: list[str] = []
    keep = False
    for line in compiled.splitlines():
        if not line or line.startswith("#"):
            continue
        if not line.startswith(" "):
            keep = LEFT_OUT.match(re.split(r"[=\s\[]", line, maxsplit=1)[0]) is None
        if keep:
            kept.append(line)
    return HEADER + "\n".join(kept) + "\n"


def main() -> int:
    with tempfile.TemporaryDirectory() as workspace:
        compiled = compile_lock(Path(workspace))
    LOCK.write_text(clean(compiled))
    print(f"wrote {LOCK.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
