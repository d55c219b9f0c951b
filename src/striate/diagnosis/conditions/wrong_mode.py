"""Dropout and batch norm are in eval mode in training, or in train mode in validation.

Means: dropout and batch norm work differently in train() and in eval(). Training with eval() leaves both off; validating with train() drops units
and normalises each batch by itself.

Hurts: in the first case nothing is regularised or normalised as was planned; in the second the figures depend on chance and on who shares a
batch, and validation images change the running statistics.

Rule: the share of forward passes in the wrong mode: a tenth of those that are trained on with every such layer in eval, or a twentieth of those of
validation with any such layer in train.

Origin: modes are read off exactly. A loop that forgets train() after its first validation has (E - 1) / E of its E epochs in eval mode; a tenth is
below what two epochs show. Own starting values.

False alarms: training images evaluated in eval mode with gradients on are passes without a backward pass, and are subtracted. Frozen batch norm is
quiet when declared, or when other parts are frozen as well and it was so from the first step. Dropout kept on while testing is quiet when declared
as test-time augmentation.

Changes its mind: a declaration, or a mode that follows the pass.

Knows nothing about what the wrong mode cost; the mismatch of batch norm is a condition of its own.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy, Where
from striate.core.inside_records import LoopSeen
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import POOR_LEARNING, worthless

__all__ = ["CONDITION"]

TRAIN_SHARE = 0.10
VAL_SHARE = 0.05
ALL = 0.995
"""Share from which it was so from the first step on."""
LEAST_PASSES = 5

CALL_TRAIN = Remedy(
    change="Call model.train() at the start of every training epoch, after the validation that switched it off.",
    effect="dropout and batch norm work as planned",
    cost="none",
    risk="if batch norm is meant to be frozen, say so: declare(batch_norm_frozen=True)",
)
CALL_EVAL = Remedy(
    change="Call model.eval() before validation, under torch.no_grad().",
    effect="val figures no longer depend on chance or on the batch",
    cost="none",
    risk="if dropout is meant to stay on while testing, say so: declare(test_time_augmentation=True)",
)


def examine(case: Case) -> Opinion:
    """Both ways round; what spoils training comes first."""
    loop = case.seen.loop
    if loop is None or loop.train_forwards + loop.val_forwards == 0:
        return unseen("the modes of layers were not watched")
    if not loop.mode_layers:
        return absent("no layer behaves differently in train and eval mode")
    declared = case.seen.declared
    wrong = 0.0 if declared.batch_norm_frozen else _trained_in_eval(loop)
    if wrong >= TRAIN_SHARE and loop.train_forwards >= LEAST_PASSES:
        return _meant(loop) if wrong >= ALL and _freezes(loop) else _training(case, loop, wrong)
    if loop.val_in_train >= VAL_SHARE and loop.val_forwards and not declared.test_time_augmentation:
        return _validating(case, loop)
    return absent("every pass was in the mode that belongs to it")


def _trained_in_eval(loop: LoopSeen) -> float:
    """Share of backward passes whose forward pass was in eval mode: forward passes that no backward pass followed are evaluations."""
    # Backward passes are counted in windows of steps: as many for each step were taken outside of them.
    counted = (
        loop.backwards * loop.optimizer_steps / loop.window_steps if loop.window_steps else loop.backwards
    )
    backwards = max(counted, 1)
    alone = max(0, loop.train_forwards - backwards)
    return max(0.0, min(1.0, (loop.train_in_eval * loop.train_forwards - alone) / backwards))


def _freezes(loop: LoopSeen) -> bool:
    return any(not p.requires_grad for p in loop.parameters)


def _where(loop: LoopSeen) -> Where:
    return Where(layers=loop.eval_layers)


def _meant(loop: LoopSeen) -> Opinion:
    return suspected(
        "Batch norm and dropout were in eval mode from the first step on, and part of the network is frozen: it looks meant.",
        evidence("every training pass in eval mode", "train_in_eval", loop.train_in_eval),
        headline="Training runs in eval mode.",
        where=_where(loop),
        remedies=(CALL_TRAIN,),
    )


def _training(case: Case, loop: LoopSeen, wrong: float) -> Opinion:
    return present(
        f"{percent(wrong)} of the training passes ran with every dropout and batch-norm layer in eval mode.",
        evidence(
            f"{percent(wrong)} of training passes in eval mode", "train_in_eval", wrong, reference=TRAIN_SHARE
        ),
        headline="The network trains in eval mode.",
        severity="critical" if worthless(case) else "warning",
        confidence=0.93 if wrong < ALL else 0.85,
        where=_where(loop),
        remedies=(CALL_TRAIN,),
    )


def _validating(case: Case, loop: LoopSeen) -> Opinion:
    share = loop.val_in_train
    return present(
        f"{percent(share)} of the validation passes ran with dropout or batch norm in train mode.",
        evidence(
            f"{percent(share)} of validation passes in train mode", "val_in_train", share, reference=VAL_SHARE
        ),
        headline="Validation runs in train mode.",
        severity="critical" if worthless(case) else "warning",
        confidence=0.95,
        remedies=(CALL_EVAL,),
    )


CONDITION = Condition(
    id="N2",
    name="wrong-mode",
    title="Layers are in the wrong mode",
    group="integrity",
    examine=examine,
    remedies=(CALL_TRAIN, CALL_EVAL),
    explains=(
        *POOR_LEARNING,
        "batch-norm-mismatch",
        "overfitting",
        "late-overfitting",
        "over-regularised",
        "non-finite",
    ),
    rivals=("batch-norm-mismatch", "over-regularised"),
    probe="evaluate the same images in both modes",
)
