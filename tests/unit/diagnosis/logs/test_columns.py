"""Which of several columns is taken, and what is said of those that leave something open."""

from __future__ import annotations

import pytest

from striate.diagnosis.logs.columns import choose


def taken(*names: str) -> dict[str, str]:
    return {f"{split} {what}": name for (split, what, _), name in choose(names).measured.items()}


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (("loss", "accuracy"), {"train loss": "loss", "train accuracy": "accuracy"}),
        (
            ("loss", "accuracy", "val_loss", "val_accuracy"),
            {
                "train loss": "loss",
                "train accuracy": "accuracy",
                "val loss": "val_loss",
                "val accuracy": "val_accuracy",
            },
        ),
        (
            ("train_loss", "valid_loss", "accuracy"),
            {"train loss": "train_loss", "val loss": "valid_loss", "val accuracy": "accuracy"},
        ),
        (("train_loss", "loss"), {"train loss": "train_loss", "val loss": "loss"}),
        (("train_loss", "val_loss", "loss"), {"train loss": "train_loss", "val loss": "val_loss"}),
        (("accuracy", "val_accuracy"), {"train accuracy": "accuracy", "val accuracy": "val_accuracy"}),
        (("train_loss", "test_loss"), {"train loss": "train_loss", "val loss": "test_loss"}),
        (("val_loss", "test_loss"), {"val loss": "val_loss"}),
        (("val_acc", "val_error"), {"val accuracy": "val_acc"}),
        (("box_loss", "total_loss"), {"train loss": "total_loss"}),
        (("my_model/train_loss", "train_loss"), {"train loss": "train_loss"}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_taken(names: tuple[str, ...], roles: dict[str, str]) -> None:
    assert taken(*names) == roles


def test_it_is_said() -> None:
    said = choose(
        ["epoch", "train_loss", "Loss/train", "lr/pg0", "lr/pg1", "acc@5", "accuracy", "a\nb_val_loss"]
    ).assumed
    assert said == [
        "Taken: train loss from 'train_loss'; val accuracy from 'accuracy'; val loss from 'a␊b_val_loss'; epoch from 'epoch';"
        " learning rate from the largest of 'lr/pg0', 'lr/pg1'.",
        "'accuracy' names no split; taken for val, since the losses name their splits, and it does not.",
        "Left out, since they count more than the first answer: 'acc@5'.",
        "Passed over for a column that means the same: 'Loss/train'.",
        "Not in the log: train accuracy.",
    ]


def test_a_hundred_names_make_no_endless_sentence() -> None:
    said = choose(["train_loss", *(f"{n}/train_loss" for n in "abcdefghijkl")]).assumed
    assert said[1].endswith("'h/train_loss' and 4 more.")
