"""SVG by hand: elements whose every attribute and text is escaped, with short coordinates.

Colours are CSS classes, never values, so that one drawing serves light, dark and paper. Knows nothing about what
is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

__all__ = ["drawing", "element", "number", "path", "text"]


def number(value: float) -> str:
    """A coordinate to a tenth of a pixel, without a trailing zero."""
    short = f"{value:.1f}"
    return "0" if short == "-0.0" else short.removesuffix(".0")


def element(tag: str, *children: Markup | str, **attributes: str | float | None) -> Markup:
    """``<tag a="..">children</tag>``; ``class_`` is class, ``_`` in names becomes ``-``, None is left out.

    A child that is not Markup is escaped; so is every attribute.
    """
    parts = []
    for name, value in attributes.items():
        if value is not None:
            shown = value if isinstance(value, str) else number(value)
            parts.append(Markup(' {}="{}"').format(Markup(name.rstrip("_").replace("_", "-")), shown))
    inside = Markup("").join(children)
    head = Markup("<{}{}").format(Markup(tag), Markup("").join(parts))
    return head + (Markup(">{}</{}>").format(inside, Markup(tag)) if children else Markup("/>"))


def text(x: float, y: float, words: str, *, title: str = "", **attributes: str | float | None) -> Markup:
    """Text at (x, y); `title`, when given and different, shows on hover and is read by screen readers."""
    hover = (element("title", title),) if title and title != words else ()
    return element("text", *hover, escape(words), x=x, y=y, **attributes)


def path(points: Iterable[tuple[float, float]], *, closed: bool = False) -> str:
    """The `d` of a line through points."""
    steps = " ".join(f"{'M' if i == 0 else 'L'}{number(x)} {number(y)}" for i, (x, y) in enumerate(points))
    return steps + ("Z" if closed else "")


def drawing(width: float, height: float, label: str, *children: Markup | str, class_: str = "") -> Markup:
    """A whole picture with a label for those who do not see it; scales down with its container."""
    return element(
        "svg",
        element("title", label),
        *children,
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        class_=class_ or None,
    )
