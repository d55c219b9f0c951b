"""The front door: what stands in it, that it is light, and that its version is the project's."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import striate

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert striate.__version__ == project["version"]


def test_importing_striate_imports_nothing_else() -> None:
    probe = (
        "import striate, sys; dir(striate); striate.__version__; "
        "sys.exit(' '.join({'torch', 'numpy', 'pydantic', 'yaml', 'rich', 'cyclopts'} & set(sys.modules)) or 0)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(striate.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", probe], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'striate' has no attribute 'trian'"):
        striate.trian  # noqa: B018


def test_the_doors_are_listed() -> None:
    assert set(striate.__all__) <= set(dir(striate))


def test_the_recipe_is_behind_its_door() -> None:
    from striate.training.recipe import Recipe

    assert striate.Recipe is Recipe
