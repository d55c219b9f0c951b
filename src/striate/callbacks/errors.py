"""What can go wrong before a library's trainer is watched.

Knows nothing about trainers.
"""

from __future__ import annotations

from striate.core.errors import EnvironmentFailure, UsageError

__all__ = ["BackendUnsuited", "LibraryMissing"]


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


class BackendUnsuited(UsageError):
    """The callback for Keras was made, and Keras does not run on torch.

    Cause: Keras takes the backend that `KERAS_BACKEND` or its configuration file names, TensorFlow where neither does.

    Cure: name torch before Keras is imported. Or keep the backend, let Keras write its log (`keras.callbacks.CSVLogger("log.csv")`), and
    have the curves judged: `striate diagnose log.csv`.
    """

    slug = "backend-unsuited"

    @classmethod
    def of(cls, backend: str) -> BackendUnsuited:
        """`backend` as Keras names it."""
        return cls(
            "Keras does not run on torch here",
            got=f"the backend {backend}",
            expected="torch",
            next_step='os.environ["KERAS_BACKEND"] = "torch" before Keras is imported',
        )
