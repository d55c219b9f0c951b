"""Completions for a shell, that the shell itself accepts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_verbs_and_flags_are_in_it(cli: Callable[..., Any], shell: str) -> None:
    ended = cli("--completion", shell)
    assert (ended.code, ended.err) == (0, "")
    assert "lr-find" in ended.out
    assert "batch-size" in ended.out


def test_bash_can_read_it(cli: Callable[..., Any]) -> None:
    bash = shutil.which("bash") or pytest.skip("no bash here")
    script = (
        cli("--completion", "bash").out
        + '\nCOMP_WORDS=(striate tra); COMP_CWORD=1; _striate; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run([bash, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["train"]


def test_another_shell_is_refused(cli: Callable[..., Any]) -> None:
    ended = cli("--completion", "csh")
    assert ended.code == 2
    assert "expected  bash, zsh, fish, powershell" in ended.err
