"""A difference is shown when its interval lies beside 0 and an exact test agrees.

The interval says how much, the test guards it where images are few: over all ways in which two equally good runs can
disagree, Newcombe's interval of 99.5 % leaves 0 outside in up to 6 % of comparisons of 5 images, and in 0.7 % of 20; with
the exact test it is at most 0.5 %. Knows nothing about classes or words.
"""

from __future__ import annotations

from striate.core.comparison_records import Difference, Verdict

__all__ = ["verdict_of"]


def verdict_of(difference: Difference, p: float) -> Verdict:
    """B hurt or helped, or neither shown; `p` is that of the exact test, held against the level of the interval."""
    # A p that equals the bound counts, whatever the rounding of 1 - level.
    if not p <= (1 - difference.level) * (1 + 1e-9):
        return "not shown"
    return "hurt" if difference.high < 0 else "helped" if difference.low > 0 else "not shown"
