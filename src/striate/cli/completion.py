"""`striate --completion SHELL`: print what a shell needs to complete verbs and flags. Writes no file of the user's.

Knows nothing about the verbs: the parser that finds them tells.
"""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

__all__ = ["completion"]


def completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"], Parameter(help="the shell", show_default=False)
    ],
    /,
) -> int:
    """Print completions for a shell, such as for `eval "$(striate --completion bash)"`."""
    from striate.cli.app import app

    print(app.generate_completion(prog_name="striate", shell=shell))
    return 0
