"""Numbers as people read them: percent, points, intervals, counts, times.

One place, so that the terminal, the report and the readings say the same number the same way. Knows
nothing about what the numbers mean.
"""

from __future__ import annotations

import math

from striate.core.records import Interval

__all__ = [
    "amount",
    "count",
    "duration",
    "interval_percent",
    "percent",
    "points",
    "printable",
    "signed_points",
    "significant",
]

NOTHING = "–"
_UNITS = ("", " k", " M", " G", " T")
# Embeddings, overrides and isolates (Unicode Annex 9): in a name they reorder the text around it.
DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def percent(share: float, unit: bool = True) -> str:
    """A share as percent: ``97.5 %``; NaN is a dash. Only 1.0 itself becomes ``100 %``, only 0.0 ``0 %``.

    >>> percent(0.9996), percent(1.0)
    ('99.96 %', '100 %')
    """
    if math.isnan(share):
        return NOTHING
    value = 100 * share
    text = f"{value:.1f}" if 0.05 <= value < 99.95 else f"{value:.2f}"
    if value in (0.0, 100.0):
        text = f"{value:.0f}"
    elif text in ("0.00", "100.00"):
        text = "<0.01" if value < 1 else ">99.99"
    return f"{text} %" if unit else text


def interval_percent(interval: Interval) -> str:
    """``96.1 to 98.6 %``."""
    return f"{percent(interval.low, unit=False)} to {percent(interval.high)}"


def points(difference: float) -> str:
    """A difference of two shares, in percentage points: ``7.4``, ``-0.3``."""
    text = f"{100 * difference:.1f}"
    return "0.0" if text == "-0.0" else text


def signed_points(difference: float) -> str:
    """As `points`, with a plus where there is a gain: ``+7.4``, ``-0.3``, ``0.0``; NaN is a dash."""
    if math.isnan(difference):
        return NOTHING
    text = points(difference)
    return text if text.startswith("-") or text == "0.0" else f"+{text}"


def significant(value: float, digits: int = 3) -> str:
    """A number to so many significant digits, without an exponent where it stays short."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    return f"{value:.{digits}g}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """``1 image``, ``12,000 images``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def amount(number: int) -> str:
    """A large number to three digits: ``0``, ``864``, ``9.41 k``, ``118 M``, ``4.09 G``."""
    power = 0
    while round(abs(number) / 1000**power) >= 1000 and power < len(_UNITS) - 1:
        power += 1
    return f"{number / 1000**power:.3g}{_UNITS[power]}"


def duration(seconds: float) -> str:
    """``41 s``, ``12 min 5 s``, ``3 h 20 min``; NaN or infinity is a dash."""
    if not math.isfinite(seconds):
        return NOTHING
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def printable(name: str, limit: int = 0) -> str:
    r"""A name from the outside, safe to print: control, direction-changing and broken characters become visible.

    A newline or an escape is shown as its control picture, a direction override or a lone surrogate as the
    replacement character. With `limit`, at most so many characters, the last of them an ellipsis.

    >>> printable("two\nlines"), printable("a very long name", limit=7)
    ('two␊lines', 'a very…')
    """
    text = "".join(_visible(c) for c in name)
    return text if not limit or len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # the Unicode block of control pictures
    if character in DIRECTION or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF):
        return "\N{REPLACEMENT CHARACTER}"
    return character
