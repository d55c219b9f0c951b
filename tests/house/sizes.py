"""How large modules and functions are, and the list of those above the wanted size: it may only shrink.

A module counts its lines. A function counts the lines from ``def`` to its end without its docstring: a long
contract is not a long function. Knows nothing about why something is long.

``python -m tests.house.sizes`` writes the list anew where things shrank; what grew or is new above the wanted
size has to be entered in `sizes.json` by hand, where a reviewer sees it.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import PACKAGE, python_files, shown, syntax

__all__ = ["HARD", "WANTED", "allowed", "function_lines", "measured", "module_lines"]

WANTED = {"modules": 250, "functions": 40}
HARD = {"modules": 400, "functions": 60}
LIST = Path(__file__).with_suffix(".json")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def module_lines(path: Path) -> int:
    """All lines of the file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def _code_lines(function: Function) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def function_lines(path: Path) -> Iterator[tuple[str, int]]:
    """Qualified name and lines of each function and method, nested ones included."""

    def walk(node: ast.AST, inside: str) -> Iterator[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function | ast.ClassDef):
                name = f"{inside}.{child.name}" if inside else child.name
                if isinstance(child, Function):
                    yield name, _code_lines(child)
                yield from walk(child, name)
            else:
                yield from walk(child, inside)

    yield from walk(syntax(path), "")


def measured() -> dict[str, dict[str, int]]:
    """Everything in the package above the wanted size."""
    modules, functions = {}, {}
    for path in python_files(PACKAGE):
        if (lines := module_lines(path)) > WANTED["modules"]:
            modules[shown(path)] = lines
        for name, lines in function_lines(path):
            if lines > WANTED["functions"]:
                functions[f"{shown(path)}::{name}"] = lines
    return {"modules": modules, "functions": functions}


def allowed() -> dict[str, dict[str, int]]:
    """The list as it stands."""
    listed: dict[str, dict[str, int]] = json.loads(LIST.read_text(encoding="utf-8"))
    return listed


def main() -> int:
    now, before = measured(), allowed()
    shrunk = {
        kind: {name: min(now[kind][name], most) for name, most in before[kind].items() if name in now[kind]}
        for kind in before
    }
    LIST.write_text(json.dumps(shrunk, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    grown = [f"{name}: {n}" for kind in now for name, n in now[kind].items() if n > shrunk[kind].get(name, 0)]
    print(
        "\n".join(["above the list (shorten it, or enter it by hand):", *grown] if grown else ["up to date"])
    )
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
