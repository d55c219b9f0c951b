"""What the name of a column or tag says: which split, which quantity, by step or by epoch.

A table of words, no table of libraries: `val_sparse_categorical_accuracy`, `metrics/accuracy_top1`, `Loss/train` and
`validAcc` are each read word by word. Knows nothing about the figures in the columns.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

__all__ = ["Quantity", "Role", "Split", "is_part_of_a_run", "role_of", "words"]

Split = Literal["train", "clean", "val", "test", ""]
Quantity = Literal["epoch", "step", "loss", "accuracy", "error", "top-k", "lr", "grad_norm", "data_wait"]

TRAIN = frozenset({"train", "training", "trn", "tr", "trained"})
VAL = frozenset({"val", "valid", "validation", "validating", "eval", "evaluation", "dev", "vld"})
TEST = frozenset({"test", "testing", "tst", "holdout"})
LOSS = frozenset(
    {"loss", "losses", "nll", "xent", "crossentropy", "ce", "cost", "objective", "criterion", "logloss"}
)
ACCURACY = frozenset(
    {"acc", "accuracy", "accuracies", "accu", "acc1", "top1", "prec1", "precision1", "accuracy1"}
)
ERROR = frozenset({"error", "err", "err1", "error1", "errors"})
STEP = frozenset(
    {
        "step",
        "steps",
        "iter",
        "iters",
        "iteration",
        "iterations",
        "update",
        "updates",
        "batch",
        "batches",
        "it",
    }
)
EPOCH = frozenset({"epoch", "epochs", "ep", "epoche"})
# Words that leave the meaning as it is.
_PLAIN_WORDS = """
    metrics metric avg average mean total rate 0 1 categorical sparse binary multiclass cross
    entropy percent pct per overall micro log logs scalar scalars value values set data dataset on
    of the class classification dataloader idx index num no number current trainer global running by
    result results history score split and final
"""
PLAIN = frozenset(_PLAIN_WORDS.split())
# Words that make it another quantity: loss_box is not the loss, best_acc is no curve.
_OTHER_WORDS = """
    balanced macro weighted f1 fscore auc auroc recall std stddev var stderr min max best box dfl
    aux auxiliary reg regularization regularisation regularizer regulariser penalty l1 l2 kl dice
    iou miou map mae mse rmse squared absolute perplexity ppl scale ema swa teacher generator
    discriminator adv adversarial contrastive patience time seconds sec runtime delta diff change
    improvement gap ratio count weight weights id name function type per_class ece calibration
    sensitivity specificity kappa mcc threshold target smoothing reconstruction distill distillation
"""
OTHER = frozenset(_OTHER_WORDS.split())
_KNOWN = (
    TRAIN
    | VAL
    | TEST
    | LOSS
    | ACCURACY
    | ERROR
    | STEP
    | EPOCH
    | PLAIN
    | {"clean", "lr", "learning", "top", "prec"}
)
# A longer name is no name; taking it apart would take long.
_LONGEST = 200
_INITIALS = {"t": "train", "v": "val"}
_SPLITS: tuple[tuple[frozenset[str], Split], ...] = ((TRAIN, "train"), (VAL, "val"), (TEST, "test"))


@dataclass(frozen=True)
class Role:
    """What one column is."""

    quantity: Quantity
    split: Split = ""
    window: Literal["step", "epoch", ""] = ""
    """Over what the figure was taken, where the name says it."""
    unknown: int = 0
    """Words that say nothing known: the fewer, the surer."""
    strict: bool = False
    """Of an error: the name says that it is a share (a rate, or of the first answer)."""
    percent: bool = False


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """The name's words in lower case, joined words taken apart.

    >>> words("valAcc@1"), words("Loss/train_epoch"), words("trainloss")
    (('val', 'acc', '1'), ('loss', 'train', 'epoch'), ('train', 'loss'))
    """
    spaced = re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name[:_LONGEST].replace("%", " percent ")
    )
    found: list[str] = []
    for word in re.findall(r"[^\W_]+", spaced.lower()):
        found += _apart(word)
    return tuple(found)


def _apart(word: str) -> tuple[str, ...]:
    """``trainloss`` is two words, whichever way round; so is ``vacc``."""
    if word[:1] in _INITIALS and word[1:] in {"loss", "acc"}:
        return _INITIALS[word[:1]], word[1:]
    if word not in _KNOWN:
        for n in range(2, len(word) - 1):
            if word[:n] in _KNOWN and word[n:] in _KNOWN and not word[n:].isdigit():
                return word[:n], word[n:]
    return (word,)


def _split(said: tuple[str, ...]) -> Split:
    """The last word that names a split: folders come first in a tag."""
    for word in reversed(said):
        for group, split in _SPLITS:
            if word in group:
                return "clean" if split == "train" and "clean" in said else split
    # A trainer that keeps its losses under train/ and val/ has its metrics of val.
    return "val" if "metrics" in said and said[0] == "metrics" else ""


def _ranks(said: tuple[str, ...]) -> set[int]:
    """The k of top-k that the words name: ``acc@5``, ``top5``, ``top_5_accuracy``."""
    found = {
        int(m[1])
        for word in said
        if (m := re.fullmatch(r"(?:top|acc|prec|precision|accuracy|err|error)(\d{1,4})", word))
    }
    for before, word in itertools.pairwise(said):
        if before in {"top", "acc", "prec", "precision", "accuracy", "err", "error"} and re.fullmatch(
            r"\d{1,4}", word
        ):
            found.add(int(word))
    return found


@lru_cache(maxsize=4096)
def role_of(name: str) -> Role | None:
    """What a column of this name is, or None.

    >>> role = role_of("val_acc1")
    >>> role.split, role.quantity, role_of("metrics/accuracy_top5").quantity, role_of("box_loss")
    ('val', 'accuracy', 'top-k', None)
    """
    said = words(name)
    heard = set(said)
    if not said:
        return None
    if (axis := _axis(heard)) is not None:
        return axis
    if heard & {"lr", "learningrate"} or {"learning", "rate"} <= heard:
        return Role("lr", unknown=0) if "reduce" not in heard else None
    if heard & {"grad", "gradient", "gradients"} and "norm" in heard:
        return Role("grad_norm", unknown=len(heard & {"max", "clipped"}))
    if name == "data_wait":
        return Role("data_wait")
    return _metric(said, heard)


def _metric(said: tuple[str, ...], heard: set[str]) -> Role | None:
    """A loss, an accuracy or an error, of whichever split."""
    if heard & OTHER:
        return None
    ranks = _ranks(said)
    quantity: Quantity | None = None
    if heard & ERROR:
        quantity = "error"
    elif heard & ACCURACY or (1 in ranks and heard & {"top", "prec", "precision"}) or ranks:
        quantity = "accuracy"
    elif heard & LOSS or {"cross", "entropy"} <= heard:
        quantity = "loss"
    if quantity is None or (quantity == "accuracy" and heard & {"loss", "losses"}):
        return None
    if quantity != "loss" and (heard & {"topk", "k"} or max(ranks, default=1) > 1):
        quantity = "top-k"
    unknown = sum(word not in _KNOWN for word in said)
    window: Literal["step", "epoch", ""] = "step" if heard & STEP else "epoch" if heard & EPOCH else ""
    strict = bool(heard & {"rate", "top1", "err1", "error1", "percent", "pct"} or 1 in ranks)
    return Role(quantity, _split(said), window, unknown, strict, bool(heard & {"percent", "pct"}))


def _axis(heard: set[str]) -> Role | None:
    """The epoch or the step, if the name says nothing else."""
    beside = {
        "num",
        "no",
        "number",
        "index",
        "idx",
        "current",
        "trainer",
        "global",
        "total",
        "n",
        "train",
        "training",
    }
    if heard & EPOCH and heard <= EPOCH | beside:
        return Role("epoch", unknown=len(heard) - 1)
    if heard & STEP and heard <= STEP | beside:
        # Of several, the one that counts over the whole run.
        return Role(
            "step", unknown=len(heard) - (2 if "global" in heard else 1) + len(heard & {"batch", "batches"})
        )
    return None


def is_part_of_a_run(folder: str) -> bool:
    """Whether a folder of this name holds one split or quantity of a run, such as ``validation`` or ``Loss_train``."""
    said = words(folder)
    return bool(set(said) & (TRAIN | VAL | TEST)) and all(word in _KNOWN for word in said)
