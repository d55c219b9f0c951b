"""The repository as the house tests see it: tracked files, Python sources, their syntax trees.

Knows nothing about any rule.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = [
    "BENCHMARKS",
    "PACKAGE",
    "ROOT",
    "SCRIPTS",
    "SOURCE",
    "TESTS",
    "files_of_the_project",
    "module_name",
    "python_files",
    "shown",
    "syntax",
]

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "striate"
TESTS = ROOT / "tests"
SCRIPTS = ROOT / "scripts"
BENCHMARKS = ROOT / "benchmarks"


@cache
def files_of_the_project() -> tuple[Path, ...]:
    """What git tracks or would track: ignored files are nobody's."""
    # A checkout that another user made is read all the same: git only lists names here.
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(ROOT / name for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file())


def python_files(*folders: Path) -> Iterator[Path]:
    """Python files of the project below any of the folders."""
    for path in files_of_the_project():
        if path.suffix == ".py" and any(path.is_relative_to(folder) for folder in folders):
            yield path


@cache
def syntax(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_name(path: Path) -> str:
    """The dotted name of a file below src."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def shown(path: Path) -> str:
    """The path as a person would type it at the top of the repository."""
    return path.relative_to(ROOT).as_posix()
