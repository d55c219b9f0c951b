"""A comparison of two runs in sentences: what is shown, at which level, and what is not.

Knows nothing about how the verdicts came about.
"""

from __future__ import annotations

from collections.abc import Sequence

from striate.core.comparison_records import ClassComparison, Comparison
from striate.core.differences import independent_difference, paired_difference
from striate.core.exact_tests import fisher_test, sign_test
from striate.core.wording import count, points, printable
from striate.diagnosis.shown import verdict_of

__all__ = ["headline_of", "level_percent", "pairing_words", "sentences_of"]

# So many classes are named in a sentence; the table has them all.
NAMED = 4
# Characters of a class's name in a sentence.
NAME = 40

ONE_RUN_EACH = (
    "One run each cannot tell a change of settings from the chance of a training (its seed): train both again with another "
    "seed, and trust what comes back."
)


def headline_of(found: Comparison) -> str:
    """The finding in one sentence without a full stop."""
    if found.same_run:
        return "A and B are the same run, so nothing can differ"
    hurt, of = found.hurt, count(sum(c.n_a > 0 and c.n_b > 0 for c in found.classes), "class", "classes")
    change = points(abs(found.difference.estimate))
    verdict = verdict_of(found.difference, found.p)
    if verdict == "helped":
        start, joint = f"B is better by {change} points on average", "but"
    elif verdict == "hurt":
        start, joint = f"B is worse by {change} points on average", "and"
    else:
        start, joint = "No difference is shown on average", "but"
    if not hurt:
        return f"{start}, {'and' if joint == 'but' else 'but'} no class is shown to be hurt"
    subject = "B hurts" if start.startswith("No") else "hurts"
    return f"{start}, {joint} {subject} {len(hurt)} of {of}: {_listed(hurt)}"


def sentences_of(found: Comparison) -> tuple[str, ...]:
    """What a reader must know to believe the figures, and what not to believe."""
    said = [found.pairing]
    if found.split == "val":
        said.append("These val images also chose the epoch of each run, so both figures are a little high.")
    said += [_rule(found), *_unseen(found)]
    if found.same_run:
        return tuple(said)
    names = {setting.name for setting in found.settings}
    if names <= {"seed"}:
        return (
            *said,
            f"{'Only the seed' if names else 'No setting'} differs: what is seen is the noise between runs.",
        )
    return (*said, ONE_RUN_EACH)


def pairing_words(split: str, n: tuple[int, int], common: int, *, paired: bool, same_data: bool) -> str:
    """Which images were compared, `n` in A and in B with `common` in both, and why as pairs or not."""
    if paired:
        aside = (
            "" if same_data else " (their pixels or the rest of the data are not: another data fingerprint)"
        )
        return (
            f"Both were scored on the same {count(n[0], f'{split} image')}{aside}: compared image by image."
        )
    why = "the same data, split in another way" if same_data else "other data"
    return (
        f"The {split} images are not the same ({n[0]:,} in A, {n[1]:,} in B, {common:,} of them in both: {why}), so they are "
        "compared as independent, which takes larger differences to show."
    )


def level_percent(level: float) -> str:
    """``99.5 %``, with as many decimals as it takes to be no 100 %."""
    return f"{100 * level:.4g} %" if level < 0.9999 else f"{100 * level:.6g} %"


def _listed(classes: Sequence[ClassComparison]) -> str:
    """``a``, ``a and b``, ``a, b, c, d and 3 more``."""
    names = [printable(c.name, NAME) for c in classes[:NAMED]]
    if len(classes) > NAMED:
        names.append(f"{len(classes) - NAMED} more")
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _rule(found: Comparison) -> str:
    k = sum(c.n_a > 0 and c.n_b > 0 for c in found.classes)
    return (
        f"Hurt or helped means that the {level_percent(found.level)} interval of a class lies on one side of 0 and an exact "
        f"test agrees; with {count(k, 'class', 'classes')}, all of them together then hold with 95 %."
    )


def _unseen(found: Comparison) -> list[str]:
    """What the table cannot show: small losses, and classes without images."""
    said = []
    sizes = sorted(min(c.n_a, c.n_b) for c in found.classes if c.n_a and c.n_b)
    if any(c.verdict == "not shown" for c in found.classes) and sizes:
        n = sizes[len(sizes) // 2]
        lost = _least_loss(n, found.level, paired=found.paired)
        what = (
            f"a class of {count(n, 'image')} that A has all right is called hurt once B loses {lost} of them"
            if lost
            else f"with {count(n, 'image')} of a class not even the loss of all would be shown"
        )
        said.append(f"Not shown does not mean equal: {what}.")
    empty = [c for c in found.classes if not (c.n_a and c.n_b)]
    if empty:
        said.append(f"Without an image in {found.split} of both runs, and so left out: {_listed(empty)}.")
    return said


def _least_loss(n: int, level: float, *, paired: bool) -> int:
    """The fewest of `n` images, all right in A, that B must have wrong for the class to be called hurt; 0 if none do."""

    def hurt(lost: int) -> bool:
        if paired:
            difference, p = paired_difference(n - lost, lost, 0, 0, level=level), sign_test(lost, 0)
        else:
            counts = (n, n, n - lost, n)
            difference, p = independent_difference(*counts, level=level), fisher_test(*counts)
        return verdict_of(difference, p) == "hurt"

    return next((lost for lost in range(1, n + 1) if hurt(lost)), 0)
