"""Which column of a log is taken for what, and the sentences that say so.

The surest name wins, the first of equals. A name without a split is judged by its neighbours. Knows nothing about rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from striate.core.wording import printable
from striate.diagnosis.logs.column_names import Quantity, Role, Split, role_of

__all__ = ["Choice", "choose"]

Key = tuple[Split, Quantity, Literal["step", "epoch", ""]]
_MEASURED: tuple[Quantity, ...] = ("loss", "accuracy", "error")
# One of several names shown in a sentence; a log of a hundred tags would make it unreadable.
_NAMED = 8


@dataclass
class Choice:
    """The columns that will be read."""

    epoch: str = ""
    step: str = ""
    grad_norm: str = ""
    data_wait: str = ""
    lr: tuple[str, ...] = ()
    measured: dict[Key, str] = field(default_factory=dict)
    """Loss, accuracy and error, by split and window."""
    assumed: list[str] = field(default_factory=list)

    def has(self, split: Split, *quantities: Quantity) -> bool:
        """Whether any of the quantities is there for a split."""
        return any(key[0] == split and key[1] in quantities for key in self.measured)


def choose(names: Iterable[str]) -> Choice:
    """Take each column for what its name says, settle what the names leave open, and say both."""
    choice = Choice()
    roles = {name: role for name in names if (role := role_of(name)) is not None}
    best: dict[Key, list[str]] = {}
    for name, role in sorted(roles.items(), key=lambda item: item[1].unknown):
        if role.quantity == "epoch":
            choice.epoch = choice.epoch or name
        elif role.quantity == "step":
            choice.step = choice.step or name
        elif role.quantity == "grad_norm":
            choice.grad_norm = choice.grad_norm or name
        elif role.quantity == "data_wait":
            choice.data_wait = name
        elif role.quantity in _MEASURED:
            best.setdefault((role.split, role.quantity, role.window), []).append(name)
    choice.lr = tuple(name for name, role in roles.items() if role.quantity == "lr")
    choice.measured = {key: found[0] for key, found in best.items()}
    _settle_unsaid(choice)
    _settle_test(choice)
    _drop_errors_beside_accuracies(choice)
    _say(choice, roles, best)
    return choice


def _settle_unsaid(choice: Choice) -> None:
    """Give the columns that name no split one, by what stands beside them."""
    loss_named = choice.has("train", "loss")
    bare_loss = choice.has("", "loss")
    for key in [key for key in choice.measured if key[0] == ""]:
        name = choice.measured.pop(key)
        split: Split
        if key[1] == "loss":
            split, why = ("val", "the train loss has a name of its own") if loss_named else ("train", "")
        elif bare_loss and not loss_named:
            split, why = "train", "it stands beside a loss without a split"
        elif loss_named or choice.has("val", "loss"):
            split, why = "val", "the losses name their splits, and it does not"
        else:
            split, why = "val", "a figure that is logged alone is mostly of val"
        if any(k[0] == split and k[1] == key[1] for k in choice.measured):
            other: Split = "train" if split == "val" else "val"
            if any(k[0] == other and k[1] == key[1] for k in choice.measured):
                choice.assumed.append(f"{_quoted(name)} names no split and was left out.")
                continue
            split, why = other, f"{split} has a column of its own"
        choice.measured[(split, key[1], key[2])] = name
        if why:
            choice.assumed.append(f"{_quoted(name)} names no split; taken for {split}, since {why}.")


def _settle_test(choice: Choice) -> None:
    """What is called test validates, where nothing is called val."""
    tested = [key for key in choice.measured if key[0] == "test"]
    if not tested:
        return
    names = ", ".join(_quoted(choice.measured[key]) for key in tested)
    if any(key[0] == "val" for key in choice.measured):
        choice.assumed.append(f"Left out as figures of a test split: {names}.")
        for key in tested:
            del choice.measured[key]
        return
    choice.assumed.append(f"Nothing in the log is called val, so test was taken for it: {names}.")
    for key in tested:
        choice.measured[("val", key[1], key[2])] = choice.measured.pop(key)


def _drop_errors_beside_accuracies(choice: Choice) -> None:
    """An error is only of use where the accuracy is not there."""
    for split in ("train", "val", "clean"):
        if choice.has(split, "accuracy"):
            for key in [key for key in choice.measured if key[0] == split and key[1] == "error"]:
                del choice.measured[key]


def _say(choice: Choice, roles: dict[str, Role], best: dict[Key, list[str]]) -> None:
    """The sentences: what was taken, what was passed over, what is missing."""
    taken = [f"{key[0]} {key[1]} from {_quoted(name)}" for key, name in sorted(choice.measured.items())]
    axes = (("epoch", choice.epoch), ("step", choice.step), ("gradient norm", choice.grad_norm))
    taken += [f"{what} from {_quoted(name)}" for what, name in axes if name]
    if choice.lr:
        lead = "the largest of " if len(choice.lr) > 1 else ""
        taken.append(f"learning rate from {lead}{_listed(choice.lr)}")
    choice.assumed.insert(0, f"Taken: {'; '.join(taken)}." if taken else "Nothing was taken.")
    if ranked := [name for name, role in roles.items() if role.quantity == "top-k"]:
        choice.assumed.append(f"Left out, since they count more than the first answer: {_listed(ranked)}.")
    if rest := [name for found in best.values() for name in found[1:]]:
        choice.assumed.append(f"Passed over for a column that means the same: {_listed(rest)}.")
    wanted = (("train", "loss"), ("train", "accuracy"), ("val", "loss"), ("val", "accuracy"))
    missing = [f"{split} {what}" for split, what in wanted if not _there(choice, split, what)]
    if missing:
        choice.assumed.append(f"Not in the log: {', '.join(missing)}.")


def _there(choice: Choice, split: str, what: str) -> bool:
    """Whether the log has a figure, an accuracy also as an error."""
    kinds = {what, "error"} if what == "accuracy" else {what}
    return any(key[0] == split and key[1] in kinds for key in choice.measured)


def _quoted(name: str) -> str:
    return f"'{printable(name)}'"


def _listed(names: Iterable[str]) -> str:
    shown = [_quoted(name) for name in names]
    more = len(shown) - _NAMED
    return ", ".join(shown[:_NAMED]) + (f" and {more} more" if more > 0 else "")
