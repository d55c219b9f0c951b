"""Batch norm whose stored statistics do not fit: the network is good in train mode only.

Means: in eval mode batch norm uses a running mean and variance, and these are far from what batches say.

Hurts: validation, and every later use of the network, is worse than what was learnt; the curves look like overfitting and are not.

Rule: on the same training images at each of the last three probes, accuracy in eval mode is below that in train mode by 10 points and by three
standard errors of a paired difference, or the loss in eval mode is above 1.5 times that in train mode and 0.2 nats more while accuracy is at least 3
points and two standard errors lower; and in some batch norm the stored mean is more than a quarter of a standard deviation off, or the stored variance
by more than a factor of 1.5. Dropout is off in both modes. Where the last three probes did not lie in the last three quarters of the run: by its momentum m,
(1 - m)^steps > 5 % of the first statistics is still left, and accuracy in eval mode is below that while training by 10 points and three standard errors, at the end or at half of the evaluations.

Origin: 10 points and 1.5 are the catalogue's. Its margins of a layer, one standard deviation and a factor of 4, are not reached by a momentum of 0.001 or 1e-4
that cost 55 points (own measurement: 0.40 and 0.45 standard deviations, factors of 0.57 and 0.50); sound runs of batches of 8 to 256 at 1/300 to 3
times a tuned rate had 0.16 and 0.82 to 1.1 at most, and lost up to 11 points at one probe but never 10 at three.

False alarms: early probes, while running statistics still warm up, do not count. Batches of 8 stay far below the margins. Batch norm that is
meant to be frozen (`declare(batch_norm_frozen=True)`) is left out.

Changes its mind: statistics estimated again on training images that give the same accuracy in eval mode as before.

Knows nothing about modes left wrong by the loop: that is a condition of its own.
"""

from __future__ import annotations

import math

from striate.core.diagnosis_records import Evidence, Remedy, Where
from striate.core.inside_records import Inside, NormSeries
from striate.core.wording import count, percent, points, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.dynamics import Dynamics
from striate.diagnosis.eval_lag import LOST, in_eval_mode, mostly_behind
from striate.diagnosis.share import Share
from striate.diagnosis.training_end import UNKNOWN_N

__all__ = ["CONDITION"]

LAST = 3
ERRORS = 3.0
LOSS_TIMES, LOSS_MORE, LOST_WITH_LOSS, ERRORS_WITH_LOSS = 1.5, 0.2, 0.03, 2.0
SHIFT, FACTOR = 0.25, 1.5
USUAL_MOMENTUM = 0.1
SMALL_BATCH = 8
NAMED = 8
LATE, SETTLED = 0.25, 0.05
HEADLINE = "Batch norm's stored statistics do not fit the data."


def examine(case: Case) -> Opinion:
    """Whether the same images fare much worse with stored statistics than with those of the batch."""
    inside = case.seen.inside
    if inside is None or not inside.probe_step:
        return unseen("the network was not probed in both modes")
    if not inside.norms:
        return absent("there is no batch norm with stored statistics")
    if case.seen.declared.batch_norm_frozen:
        return absent("batch norm is frozen on purpose")
    steps = Dynamics(case).steps
    if len(inside.probe_step) <= LAST or inside.probe_step[-LAST] < LATE * steps:
        return _unsettled(case, inside, steps)
    off = [norm for norm in inside.norms if norm.shift and _off(norm)]
    lost = min(_lost(inside, -i - 1) for i in range(LAST))
    if lost <= 0:
        return absent(
            f"training images fare alike in both modes ({percent(inside.train_mode_accuracy[-1])} and {percent(inside.eval_mode_accuracy[-1])})"
        )
    if not off:
        return absent(
            "stored statistics fit the images, layer by layer: it is the fast moving weights that they lag behind"
        )
    return _mismatch(case, inside, off)


def _lost(inside: Inside, at: int) -> float:
    """Accuracy lost in eval mode at one probe; 0 when that is noise or little."""
    lost = inside.train_mode_accuracy[at] - inside.eval_mode_accuracy[at]
    # Of n paired images, the variance of the difference is at most that of as many disagreements as the loss itself has.
    error = math.sqrt(max(abs(lost), 1 / max(1, inside.probe_n)) / max(1, inside.probe_n))
    if lost > LOST and lost > ERRORS * error:
        return lost
    before, after = inside.train_mode_loss[at], inside.eval_mode_loss[at]
    worse = not after <= LOSS_TIMES * before + LOSS_MORE
    return lost if worse and lost > LOST_WITH_LOSS and lost > ERRORS_WITH_LOSS * error else 0.0


def _unsettled(case: Case, inside: Inside, steps: float) -> Opinion:
    """Where no probe was late enough: whether statistics had time to leave their first values, by their own momentum, and whether that was felt."""
    slow = _slowest(inside)
    left = (1 - slow) ** steps
    if left < SETTLED:
        return unseen("the network was probed in both modes only early in the run")
    point = case.last
    trained = point.train_accuracy if point else None
    evaluated, n = in_eval_mode(point) if point else (None, 0)
    if trained is None or evaluated is None or point is None:
        return unseen("accuracies as trained and as evaluated were not both measured")
    a, b = Share(trained, point.train_n or UNKNOWN_N), Share(evaluated, n or UNKNOWN_N)
    if trained - evaluated <= max(LOST, ERRORS * a.error_of_difference(b)):
        late = mostly_behind(case)
        if late is None:
            return absent(
                f"the network does as well in eval mode ({percent(evaluated)}) as while training ({percent(trained)})"
            )
        return _caught_up(case, inside, slow, steps, late)
    return present(
        f"After {count(int(steps), 'step')} batch norm's stored statistics are still to {percent(left)} what they were before training, and in eval mode "
        f"the network loses {points(trained - evaluated)} points.",
        evidence(
            f"momentum {significant(slow)}: (1 - {significant(slow)})^{int(steps)} = {significant(left, 2)} of the first values is left",
            "left_of_first_statistics",
            left,
            reference=SETTLED,
        ),
        evidence(
            f"accuracy {percent(trained)} while training, {percent(evaluated)} in eval mode",
            "lost_in_eval_mode",
            trained - evaluated,
            reference=LOST,
        ),
        headline=HEADLINE,
        severity="warning",
        confidence=0.92,
        where=Where(layers=tuple(norm.name for norm in inside.norms[:NAMED])),
        remedies=_remedies(slow, case.seen.setting.batch_size),
    )


def _caught_up(case: Case, inside: Inside, slow: float, steps: float, late: tuple[int, int]) -> Opinion:
    left = (1 - slow) ** steps
    return present(
        f"At {late[0]} of {late[1]} evaluations the network was far worse in eval mode than while training: batch norm's stored statistics follow too slowly.",
        evidence(
            f"momentum {significant(slow)}: (1 - {significant(slow)})^{int(steps)} = {significant(left, 2)} of the first values is left at the end",
            "left_of_first_statistics",
            left,
            reference=SETTLED,
        ),
        headline=HEADLINE,
        severity="warning",
        confidence=0.85,
        where=Where(layers=tuple(norm.name for norm in inside.norms[:NAMED])),
        remedies=_remedies(slow, case.seen.setting.batch_size),
    )


def _slowest(inside: Inside) -> float:
    return min((n.momentum for n in inside.norms if n.momentum is not None), default=USUAL_MOMENTUM)


def _off(norm: NormSeries) -> bool:
    shift, ratio = norm.shift[-1], norm.variance_ratio[-1]
    return shift > SHIFT or not 1 / FACTOR <= ratio <= FACTOR


def _mismatch(case: Case, inside: Inside, off: list[NormSeries]) -> Opinion:
    slow = _slowest(inside)
    seen = _evidence(inside, off, slow)
    lost = inside.train_mode_accuracy[-1] - inside.eval_mode_accuracy[-1]
    return present(
        f"With the statistics that batch norm has stored, the network loses {points(lost)} points on its own training images: they are not those of the data.",
        *seen,
        headline=HEADLINE,
        severity="warning",
        confidence=0.92,
        where=Where(layers=tuple(norm.name for norm in off[:NAMED])),
        remedies=_remedies(slow, case.seen.setting.batch_size),
    )


def _evidence(inside: Inside, off: list[NormSeries], slow: float) -> list[Evidence]:
    batch, stored = inside.train_mode_accuracy[-1], inside.eval_mode_accuracy[-1]
    seen = [
        evidence(
            f"the same {inside.probe_n} training images: {percent(batch)} with statistics of the batch, {percent(stored)} with the stored ones",
            "lost_in_eval_mode",
            batch - stored,
            reference=LOST,
        )
    ]
    worst = max(off, key=_badness)
    words = (
        f"{len(off)} of {len(inside.norms)} batch norms are off; in {worst.name} the stored mean by {significant(worst.shift[-1], 2)} standard "
        f"deviations, the stored variance by a factor of {significant(worst.variance_ratio[-1], 2)}"
    )
    seen.append(evidence(words, "layers_off", float(len(off))))
    if slow < USUAL_MOMENTUM:
        words = f"the momentum of its statistics is {significant(slow)}"
        seen.append(evidence(words, "momentum", slow, reference=USUAL_MOMENTUM))
    return seen


def _badness(norm: NormSeries) -> float:
    return max(norm.shift[-1], abs(math.log(max(norm.variance_ratio[-1], 1e-12))))


def _remedies(momentum: float, batch: int) -> tuple[Remedy, ...]:
    found = [
        Remedy(
            change="Estimate the statistics again: some hundred training images through the network in train mode, without steps.",
            effect="repairs this network without training",
            cost="seconds",
        )
    ]
    if momentum < USUAL_MOMENTUM:
        found.append(Remedy(change=f"Set the momentum of batch norm to {USUAL_MOMENTUM}.", cost="none"))
    if 0 < batch <= SMALL_BATCH:
        found.append(
            Remedy(
                change="Use batches of 16 or more, or group norm.",
                effect="statistics of a few images are noise",
                cost="memory",
                settings={"norm": "group"},
            )
        )
    found.append(
        Remedy(
            change="Lower the learning rate towards the end: stored statistics lag behind weights that move fast.",
            cost="none",
        )
    )
    return tuple(found)


CONDITION = Condition(
    id="N1",
    name="batch-norm-mismatch",
    title="Batch norm's stored statistics do not fit",
    group="dynamics",
    examine=examine,
    remedies=(
        Remedy(
            change="Estimate the statistics again on training images, and use a momentum of 0.1.", cost="none"
        ),
    ),
    explains=(
        "overfitting",
        "late-overfitting",
        "underfitting",
        "covariate-shift",
        "preprocessing-mismatch",
        "last-not-best",
        "overconfidence",
    ),
    rivals=("overfitting", "wrong-mode", "preprocessing-mismatch", "covariate-shift"),
)
