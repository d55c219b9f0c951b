"""striate: a folder of images in, a convolutional classifier you can trust out.

    import striate
    run = striate.train("photos/", model="resnet18", epochs=10)
    run.predict(["one.jpg"]); run.history; run.report()

Every name below is imported when it is first used, so that ``import striate`` and ``striate --help`` wait for
neither torch nor NumPy. A run's report is written by ``Run.report``: ``striate.report`` is the package that draws it. So it is
with ``striate.augment``, the package of transforms: what ``striate augment`` does on the command line is ``striate.audit``.
"""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

if _typing.TYPE_CHECKING:
    from striate.analysis.receptive_field import receptive_field
    from striate.core.errors import StriateError
    from striate.training.recipe import Recipe
    from striate.verbs.attach import attach
    from striate.verbs.audit import audit
    from striate.verbs.compare import compare
    from striate.verbs.diagnose import diagnose
    from striate.verbs.equivariance import equivariance
    from striate.verbs.field import field
    from striate.verbs.filters import filters
    from striate.verbs.inspect import inspect
    from striate.verbs.lr_find import lr_find
    from striate.verbs.predict import predict
    from striate.verbs.resume import resume
    from striate.verbs.run import Run
    from striate.verbs.scan import scan
    from striate.verbs.train import train
    from striate.verbs.val import val

__all__ = [
    "Recipe",
    "Run",
    "StriateError",
    "__version__",
    "attach",
    "audit",
    "compare",
    "diagnose",
    "equivariance",
    "field",
    "filters",
    "inspect",
    "lr_find",
    "predict",
    "receptive_field",
    "resume",
    "scan",
    "train",
    "val",
]

# Written here, and held equal to pyproject.toml by a test: asking importlib.metadata costs 40 ms at every start.
__version__ = "0.1.0"

_DOORS = {
    "Recipe": "striate.training.recipe",
    "Run": "striate.verbs.run",
    "StriateError": "striate.core.errors",
    "attach": "striate.verbs.attach",
    "audit": "striate.verbs.audit",
    "compare": "striate.verbs.compare",
    "diagnose": "striate.verbs.diagnose",
    "equivariance": "striate.verbs.equivariance",
    "field": "striate.verbs.field",
    "filters": "striate.verbs.filters",
    "inspect": "striate.verbs.inspect",
    "lr_find": "striate.verbs.lr_find",
    "predict": "striate.verbs.predict",
    "receptive_field": "striate.analysis.receptive_field",
    "resume": "striate.verbs.resume",
    "scan": "striate.verbs.scan",
    "train": "striate.verbs.train",
    "val": "striate.verbs.val",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, once (PEP 562)."""
    if name not in _DOORS:
        raise AttributeError(f"module 'striate' has no attribute {name!r}")
    value: object = getattr(_importlib.import_module(_DOORS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
