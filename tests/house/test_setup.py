"""The set-up is done once, begun again after a kill, and says what to do where there is no Python for it.

A stand-in plays Python and pip: it writes down what it was asked, and fails where a test wants it to.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

STAND_IN = r"""#!/bin/sh
here="%(repository)s"
case "$*" in
    "-c import sys"*) exit %(suits)d ;;
    "--version") echo "Python 3.12.0"; exit 0 ;;
    "- "*) exit 0 ;;
    "-m venv --clear .venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
esac
echo "$*" | sed 's/.*-qq //' >>"$here/asked"
[ ! -e "$here/fail-at" ] || case "$*" in *"$(cat "$here/fail-at")"*) exit 1 ;; esac
"""

VENV = "-m venv --clear .venv"
PACKAGES = "install --no-deps --require-hashes -r requirements/lock.txt"
PROJECT = "install --no-deps --no-build-isolation --editable ."


class Checkout:
    """A repository with only what the set-up reads."""

    def __init__(self, folder: Path, suits: bool = True) -> None:
        self.folder = folder
        (folder / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "setup.sh", folder / "scripts")
        shutil.copytree(ROOT / "requirements", folder / "requirements")
        shutil.copy(ROOT / "pyproject.toml", folder)
        self.python = folder / "stand-in"
        self.python.write_text(STAND_IN % {"repository": folder, "suits": 0 if suits else 1})
        self.python.chmod(0o755)

    def set_up(self, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
        surroundings = {"PATH": path, "PYTHON": str(self.python)}
        return subprocess.run(
            ["/bin/sh", "scripts/setup.sh"],
            cwd=self.folder,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self) -> list[str]:
        """What was asked since the last call."""
        log = self.folder / "asked"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def add_to(self, name: str) -> None:
        path = self.folder / name
        path.write_text(path.read_text() + "# more\n")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a checkout")


def test_it_is_done_once(checkout: Checkout) -> None:
    assert checkout.set_up().returncode == 0
    assert checkout.asked() == [VENV, PACKAGES, PROJECT]
    assert checkout.set_up().stdout == ""
    assert checkout.asked() == []


@pytest.mark.parametrize("broken", [PACKAGES, PROJECT])
def test_a_set_up_that_failed_is_begun_again_where_it_has_to(checkout: Checkout, broken: str) -> None:
    (checkout.folder / "fail-at").write_text(broken)
    assert checkout.set_up().returncode == 1
    (checkout.folder / "fail-at").unlink()
    checkout.asked()
    assert checkout.set_up().returncode == 0
    assert checkout.asked() == ([VENV, PACKAGES, PROJECT] if broken == PACKAGES else [PROJECT])


def test_a_new_lock_makes_a_new_environment(checkout: Checkout) -> None:
    checkout.set_up()
    checkout.asked()
    checkout.add_to("requirements/lock.txt")
    checkout.set_up()
    assert checkout.asked() == [VENV, PACKAGES, PROJECT]


def test_a_new_setting_of_the_project_keeps_the_packages(checkout: Checkout) -> None:
    checkout.set_up()
    checkout.asked()
    checkout.add_to("pyproject.toml")
    checkout.set_up()
    assert checkout.asked() == [PROJECT]


def test_a_moved_checkout_gets_a_new_environment(checkout: Checkout, tmp_path: Path) -> None:
    checkout.set_up()
    checkout.asked()
    moved = shutil.move(checkout.folder, tmp_path / "elsewhere")
    checkout.folder = Path(moved)
    checkout.python = checkout.folder / "stand-in"
    checkout.python.write_text(
        checkout.python.read_text().replace(str(tmp_path / "a checkout"), moved.as_posix())
    )
    checkout.set_up()
    assert checkout.asked() == [VENV, PACKAGES, PROJECT]


def test_without_a_python_it_says_what_to_do(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cat", "cksum", "dirname", "grep", "sed"):
        (tools / name).symlink_to(shutil.which(name) or name)
    done = Checkout(tmp_path / "striate", suits=False).set_up(path=str(tools))
    assert done.returncode == 1
    assert done.stderr == (
        "striate needs Python 3.11 to 3.14, and found none of them.\n"
        "  found     no python3 at all\n"
        "  next      install one, or name it: make setup PYTHON=/path/to/python3.12\n"
    )
