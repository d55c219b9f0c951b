"""The doors of each package are its ``__all__``: every name in it is there, and no name behind it leaks.

That the lists are sorted is ruff's business (RUF022).
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from striate.callbacks.errors import LibraryMissing
from tests.house.tree import PACKAGE, module_name, python_files, shown, syntax
from tests.house.verdict import none_breaks

MODULES = [path for path in python_files(PACKAGE) if path.name != "__main__.py"]
INITS = [path for path in MODULES if path.name == "__init__.py"]


def exports(path: Path) -> list[str] | None:
    """The literal list, read without importing; None when there is none or it is computed."""
    for node in syntax(path).body:
        target = node.target if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [None])[0]
        if isinstance(target, ast.Name) and target.id == "__all__":
            try:
                return list(ast.literal_eval(node.value))  # type: ignore[attr-defined]
            except ValueError:
                return None
    return None


def test_every_package_has_a_written_list_of_exports() -> None:
    none_breaks("no literal __all__", (shown(path) for path in INITS if exports(path) is None))


def test_lists_of_exports_hold_no_name_twice() -> None:
    lists = {shown(path): exports(path) or [] for path in MODULES}
    none_breaks(
        "a name twice in __all__", (name for name, names in lists.items() if len(names) != len(set(names)))
    )


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_every_export_is_there(path: Path) -> None:
    try:
        module = importlib.import_module(module_name(path))
    except LibraryMissing as error:
        pytest.skip(error.what)
    missing = [name for name in exports(path) or [] if not hasattr(module, name)]
    assert missing == []


@pytest.mark.parametrize("path", INITS, ids=module_name)
def test_a_package_shows_nothing_of_striate_but_its_exports(path: Path) -> None:
    module = importlib.import_module(module_name(path))
    own = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and str(getattr(value, "__module__", "")).startswith("striate")
    }
    assert own <= set(exports(path) or [])
