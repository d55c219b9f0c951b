"""Modules and functions stay small: hard limits for all, and a list of the large ones that only shrinks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import sizes
from tests.house.tree import BENCHMARKS, PACKAGE, SCRIPTS, TESTS, python_files, shown
from tests.house.verdict import none_breaks


def test_no_module_is_above_the_hard_limit() -> None:
    most = sizes.HARD["modules"]
    lines = {
        shown(path): sizes.module_lines(path) for path in python_files(PACKAGE, TESTS, SCRIPTS, BENCHMARKS)
    }
    none_breaks(f"a module over {most} lines", (f"{name}: {n}" for name, n in lines.items() if n > most))


def test_no_function_is_above_the_hard_limit() -> None:
    most = sizes.HARD["functions"]
    lines = {
        f"{shown(path)}::{name}": n
        for path in python_files(PACKAGE, SCRIPTS, BENCHMARKS)
        for name, n in sizes.function_lines(path)
    }
    none_breaks(f"a function over {most} lines", (f"{name}: {n}" for name, n in lines.items() if n > most))


@pytest.mark.parametrize("kind", ["modules", "functions"])
def test_what_is_above_the_wanted_size_is_listed_and_has_not_grown(kind: str) -> None:
    listed = sizes.allowed()[kind]
    none_breaks(
        f"above {sizes.WANTED[kind]} lines and above its entry in tests/house/sizes.json",
        (f"{name}: {n}" for name, n in sizes.measured()[kind].items() if n > listed.get(name, 0)),
    )


@pytest.mark.parametrize("kind", ["modules", "functions"])
def test_the_list_takes_every_gain(kind: str) -> None:
    now = sizes.measured()[kind]
    none_breaks(
        "smaller than its entry; `python -m tests.house.sizes` takes the gain",
        (name for name, most in sizes.allowed()[kind].items() if now.get(name, 0) < most),
    )


def test_a_function_is_measured_without_its_docstring(tmp_path: Path) -> None:
    source = tmp_path / "m.py"
    source.write_text(
        'class A:\n    def f(self):\n        """One.\n\n        Two.\n        """\n        return 1\n'
    )
    assert list(sizes.function_lines(source)) == [("A.f", 2)]
