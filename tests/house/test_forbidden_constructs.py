"""Nothing that executes what it reads: no pickle, eval, exec, shell, unsafe YAML or unsafe unpacking."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.tree import BENCHMARKS, PACKAGE, SCRIPTS, python_files, shown, syntax
from tests.house.verdict import none_breaks

# Each of them runs code that a file names.
MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
CALLS = {
    "eval": "evaluates text",
    "exec": "executes text",
    "os.system": "starts a shell",
    "os.popen": "starts a shell",
    "torch.save": "writes a pickle",
    "yaml.load": "may build any object",
    "yaml.unsafe_load": "builds any object",
    "yaml.full_load": "builds more than plain data",
}


def dotted(node: ast.expr) -> str:
    """``a.b.c`` for a chain of names, else the last attribute behind a dot."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def keyword_is(call: ast.Call, name: str, value: object) -> bool:
    return any(
        word.arg == name and isinstance(word.value, ast.Constant) and word.value.value is value
        for word in call.keywords
    )


def wrong_with_call(call: ast.Call) -> str:
    name = dotted(call.func)
    if name in CALLS:
        return f"{name} {CALLS[name]}"
    if name == "torch.load" and not keyword_is(call, "weights_only", True):
        return "torch.load without weights_only=True reads pickles"
    if any(word.arg == "shell" for word in call.keywords) and not keyword_is(call, "shell", False):
        return f"{name} starts a shell"
    if any(word.arg == "allow_pickle" for word in call.keywords) and not keyword_is(
        call, "allow_pickle", False
    ):
        return f"{name} reads pickles"
    if name.endswith((".extractall", ".unpack_archive")):
        return f"{name} unpacks what the archive says, where it says"
    return ""


def wrong_with(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        imported: list[str] = []
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        # To catch what a refused file raises, its exception has to be named; that executes nothing.
        elif isinstance(node, ast.ImportFrom) and not all(
            alias.name.endswith("Error") for alias in node.names
        ):
            imported = [node.module or ""]
        yield from (f"{node.lineno}: imports {name}" for name in imported if name.split(".")[0] in MODULES)
        if isinstance(node, ast.Call) and (wrong := wrong_with_call(node)):
            yield f"{node.lineno}: {wrong}"


def test_the_project_executes_nothing_it_reads() -> None:
    files = python_files(PACKAGE, BENCHMARKS, SCRIPTS)
    none_breaks(
        "a construct that executes what it reads",
        (f"{shown(path)}:{wrong}" for path in files for wrong in wrong_with(syntax(path))),
    )


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import dump",
        "eval(text)",
        "exec(text)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.save(state, path)",
        "yaml.load(text, Loader=yaml.Loader)",
        "subprocess.run(text, shell=True)",
        "np.load(path, allow_pickle=True)",
        "archive.extractall(folder)",
    ],
)
def test_the_scan_sees(line: str) -> None:
    assert len(list(wrong_with(ast.parse(line)))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "model.eval()",
        "from pickle import UnpicklingError",
        "torch.load(path, weights_only=True)",
        "yaml.safe_load(text)",
        "subprocess.run(command)",
        "np.load(path, allow_pickle=False)",
    ],
)
def test_the_scan_lets_pass(line: str) -> None:
    assert list(wrong_with(ast.parse(line))) == []
