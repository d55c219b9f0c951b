"""One concept a file, named by the concept: no drawer for the rest."""

from __future__ import annotations

import re

from tests.house.tree import BENCHMARKS, PACKAGE, SCRIPTS, TESTS, files_of_the_project, python_files, shown
from tests.house.verdict import none_breaks

DRAWERS = {"util", "utils", "common", "misc", "helper", "helpers", "tools", "stuff"}


def test_no_file_is_a_drawer() -> None:
    words = {shown(path): set(re.split(r"[/_.-]", shown(path))) for path in files_of_the_project()}
    none_breaks("named as a drawer", (name for name, parts in words.items() if parts & DRAWERS))


def test_a_unit_test_is_named_after_the_module_it_tests() -> None:
    unit = TESTS / "unit"
    orphans = []
    for path in python_files(unit):
        if path.name.startswith("test_"):
            package = PACKAGE / path.parent.relative_to(unit)
            concept = path.stem.removeprefix("test_")
            if not ((package / f"{concept}.py").exists() or (package / concept / "__init__.py").exists()):
                orphans.append(shown(path))
    none_breaks("no module of that name in the package", orphans)


def test_files_are_where_names_are_looked_for() -> None:
    """The folders these rules walk are the folders that hold Python."""
    walked = set(python_files(PACKAGE, TESTS, SCRIPTS, BENCHMARKS))
    python = (path for path in files_of_the_project() if path.suffix == ".py")
    none_breaks(
        "Python outside the folders of the house", (shown(path) for path in python if path not in walked)
    )
