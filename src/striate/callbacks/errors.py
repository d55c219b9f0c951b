"""What can go wrong before a library's trainer is watched.

Knows nothing about trainers.
"""

from __future__ import annotations

from striate.core.errors import EnvironmentFailure

__all__ = ["LibraryMissing"]


class LibraryMissing(EnvironmentFailure, ImportError):
    """A callback was imported, and the library whose trainer it is for is not installed here.

    Cause: striate does not bring Lightning, the Hugging Face Trainer or Keras along; most people use none of them.

    Cure: install the extra that the error names, in the environment in which you train.
    """

    slug = "library-missing"

    @classmethod
    def of(cls, library: str, extra: str) -> LibraryMissing:
        """`library` as people call it; `extra` of pyproject.toml brings it."""
        return cls(
            f"{library} is not installed here",
            where=f"striate.callbacks.{extra if extra != 'hf' else 'hugging_face'}",
            next_step=f"pip install 'striate[{extra}]'",
        )
