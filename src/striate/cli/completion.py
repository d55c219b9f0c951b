"""`striate --completion SHELL`: print what a shell needs to complete verbs and flags.

Writes no file of the user's. Knows nothing about the verbs: the parser that finds them tells.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

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

    # A mapping, since the house has no call with `shell=`: nobody should have to look twice at one.
    asked: dict[str, Any] = {"prog_name": "striate", "shell": shell}
    print(app.generate_completion(**asked))
    return 0
