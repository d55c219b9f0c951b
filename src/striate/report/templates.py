"""Templates of pages: autoescaped, strict about names, with the one style sheet inside.

Knows nothing about what a page shows.
"""

from __future__ import annotations

import functools
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

__all__ = ["filled"]


def filled(template: str, **values: object) -> str:
    """The template of this name with `values`, as HTML: everything in them that is no Markup is escaped."""
    return _template(template).render(style=Markup(_resource("report.css")), **values)


def _resource(name: str) -> str:
    return resources.files("striate.report").joinpath(name).read_text(encoding="utf-8")


def _unbroken(value: object) -> object:
    """Keep a percent sign on the line of its number."""
    return value.replace(" %", "\N{NO-BREAK SPACE}%") if type(value) is str else value


@functools.cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_unbroken,
    )
    return environment.get_template(name)
