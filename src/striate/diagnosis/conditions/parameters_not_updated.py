"""Parameters that should learn and do not.

They are left out of the optimiser, cut off from the loss, or never stepped.

Means: some weights of the network want a gradient and are the same, bit by bit, after many optimiser steps.

Hurts: what those layers compute stays random, or stays what another data set taught them; the rest learns around it.

Rule: over at least 5 optimiser steps at a positive learning rate, a parameter with `requires_grad` is unchanged, or it is in no parameter group.
Parameters that are declared frozen do not count, nor do those with `requires_grad=False`. Of those that are never reached by a gradient because they
are unused in the forward pass, only what makes up 0.1 % of all weights or more is warned of.

Origin: bit equality is exact, and 5 steps are the catalogue's least (the invariants of TrainCheck, OSDI 2025, are of this kind). The 0.1 %
is a starting value: an unused bias or temperature is no fault worth an alarm.

False alarms: intended freezing through the optimiser's groups, which `declare(frozen=...)` states; steps that AMP leaves out and warm-up from a
rate of 0 are not counted as steps. A gradient that is exactly 0 everywhere is reported as such, unless a whole layer was dead
from the start; gradients that are there and arrive at a millionth of those of the last layers change no bit: both are conditions of their own.

Changes its mind: a change of any bit of the parameter at a later step, or a declaration.

Knows nothing about why a tensor got no gradient; it says which ones did not.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from striate.core.diagnosis_records import Remedy, Where
from striate.core.inside_records import ParameterSeen
from striate.core.wording import count, percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.dead_units import rectifiers
from striate.diagnosis.dynamics import Dynamics

__all__ = ["CONDITION"]

LEAST_STEPS = 5
VANISHED = 1e-6
"""Gradients of the first layers over those of the last: a step that moves the last by a thousandth is under float32's 1e-7 there. Own starting value."""
LEAST_SHARE = 0.001
NAMED = 8


def examine(case: Case) -> Opinion:
    """Exact: which tensors are the same as at the start, and what they lack."""
    loop = case.seen.loop
    if loop is None:
        return unseen("the parameters were not watched")
    if loop.backwards and loop.optimizer_steps == 0 and loop.backwards >= LEAST_STEPS:
        return _never_stepped(loop.backwards)
    if loop.optimizer_steps - loop.skipped_steps - loop.zero_rate_steps < LEAST_STEPS:
        return unseen(f"fewer than {LEAST_STEPS} optimiser steps were taken at a positive learning rate")
    if loop.foreign_optimizer:
        return _foreign()
    total = sum(p.numel for p in loop.parameters if not p.shared_with) or 1
    still = [p for p in loop.parameters if _still(p) and not _declared(p.name, case.seen.declared.frozen)]
    share = sum(p.numel for p in still) / total
    if not still or share < LEAST_SHARE:
        return absent("every parameter that wants a gradient changes")
    if all(p.in_optimizer and p.gradient == "zero" for p in still) and _blocked(case):
        return absent(
            "gradients are exactly 0 because a whole layer answers 0 to every image, a condition of its own"
        )
    if all(p.in_optimizer and p.gradient == "seen" for p in still) and _vanished(case):
        return absent(
            "gradients reach the first layers too small to change a bit of them: they vanish, a condition of its own"
        )
    return _unchanged(still, share, loop.optimizer_steps)


def _vanished(case: Case) -> bool:
    """Whether a step is lost in the rounding of the first layers although it changes the last ones."""
    return Dynamics(case).gradient_profile.first_over_last < VANISHED


def _blocked(case: Case) -> bool:
    """Whether no unit of some layer passed anything on from the start."""
    inside = case.seen.inside
    return inside is not None and any(
        a.stuck == 1.0 and a.dead and a.dead[0] == 1.0 for a in rectifiers(inside)
    )


def _still(parameter: ParameterSeen) -> bool:
    if not parameter.requires_grad or parameter.shared_with:
        return False
    return not parameter.in_optimizer or parameter.changed is False


def _declared(name: str, frozen: tuple[str, ...]) -> bool:
    return any(name == f or name.startswith(f"{f}.") or fnmatchcase(name, f) for f in frozen)


def _never_stepped(backwards: int) -> Opinion:
    return present(
        f"There were {count(backwards, 'backward pass', 'backward passes')} and not one optimiser step, so nothing can have been learnt.",
        evidence("optimiser steps: 0", "optimizer_steps", 0.0),
        headline="No optimiser step was ever taken.",
        severity="critical",
        confidence=0.99,
        remedies=(Remedy(change="Call optimizer.step() after loss.backward().", cost="none"),),
    )


def _foreign() -> Opinion:
    return present(
        "The optimiser holds no parameter of this network: its steps change something else.",
        headline="The optimiser is of another network.",
        severity="critical",
        confidence=0.99,
        remedies=(
            Remedy(change="Make the optimiser from model.parameters() of this very model.", cost="none"),
        ),
    )


def _unchanged(still: list[ParameterSeen], share: float, steps: int) -> Opinion:
    outside = [p for p in still if not p.in_optimizer]
    cut = [p for p in still if p.in_optimizer and p.gradient == "none"]
    zero = [p for p in still if p.in_optimizer and p.gradient == "zero"]
    seen = [
        evidence(f"{count(len(group), 'tensor')} {reason}: {_names(group)}", name, float(len(group)))
        for group, name, reason in (
            (outside, "not_in_optimizer", "in no parameter group of the optimiser"),
            (cut, "no_gradient", "never got a gradient"),
            (zero, "zero_gradient", "got a gradient of exactly 0 each time"),
            (
                [p for p in still if p not in outside + cut + zero],
                "unchanged",
                "got a gradient and did not change",
            ),
        )
        if group
    ]
    return present(
        f"{percent(share)} of the weights are the same after {count(steps, 'step')} as before, to the bit, and nothing says that this is meant.",
        *seen,
        evidence(f"{percent(share)} of all weights", "share", share, reference=LEAST_SHARE),
        headline="Part of the network is not being trained.",
        severity="critical" if share >= 0.5 else "warning",
        confidence=0.97 if outside or cut else 0.8,
        where=Where(layers=tuple(dict.fromkeys(p.name.rpartition(".")[0] or p.name for p in still))),
    )


def _names(group: list[ParameterSeen]) -> str:
    shown = ", ".join(p.name for p in group[:NAMED])
    return shown + (f" and {len(group) - NAMED} more" if len(group) > NAMED else "")


CONDITION = Condition(
    id="O3",
    name="parameters-not-updated",
    title="Parameters are not updated",
    group="integrity",
    examine=examine,
    remedies=(
        Remedy(
            change="Give the optimiser all parameters, and look for detach(), no_grad() or .data between the named layers and the loss.",
            effect="the named layers learn",
            cost="none",
            risk="if they were meant to stay, say so: declare(frozen=[...]) or requires_grad=False",
        ),
    ),
    explains=("underfitting", "vanishing-gradient", "learning-rate-too-low", "dead-relu"),
    rivals=("dead-relu", "vanishing-gradient", "learning-rate-too-low"),
)
