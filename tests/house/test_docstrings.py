"""Every module opens with its promise, in one line; those of the package go on with their ignorance."""

from __future__ import annotations

import ast

from tests.house.tree import BENCHMARKS, PACKAGE, SCRIPTS, TESTS, python_files, shown, syntax
from tests.house.verdict import none_breaks

LONGEST_PROMISE = 88


def opening(tree: ast.Module) -> str:
    return (ast.get_docstring(tree) or "").split("\n")[0]


def test_every_module_opens_with_a_promise() -> None:
    modules = python_files(PACKAGE, TESTS, SCRIPTS, BENCHMARKS)
    none_breaks("no module docstring", (shown(path) for path in modules if not opening(syntax(path))))


def test_the_promise_is_a_sentence_on_one_line() -> None:
    promises = {shown(path): opening(syntax(path)) for path in python_files(PACKAGE)}
    none_breaks(
        f"a module's first line is over {LONGEST_PROMISE} characters",
        (f"{name}: {len(line)}" for name, line in promises.items() if len(line) > LONGEST_PROMISE),
    )
    none_breaks(
        "a module's first line does not end a sentence",
        (f"{name}: {line}" for name, line in promises.items() if not line.endswith((".", ":", "!", "?"))),
    )


def test_the_module_says_what_it_knows_nothing_about() -> None:
    modules = {
        path: " ".join((ast.get_docstring(syntax(path)) or "").split()) for path in python_files(PACKAGE)
    }
    none_breaks(
        "the docstring does not say what the module knows nothing about",
        (
            shown(path)
            for path, text in modules.items()
            if path.name not in {"__init__.py", "__main__.py"} and "nothing about" not in text
        ),
    )
