"""Names of columns as tools and people write them."""

from __future__ import annotations

import pytest

from striate.diagnosis.logs.column_names import is_part_of_a_run, role_of

NAMES = {
    "loss": ("", "loss", ""),
    "train_loss": ("train", "loss", ""),
    "Loss/train": ("train", "loss", ""),
    "train/epoch_loss": ("train", "loss", "epoch"),
    "train_loss_step": ("train", "loss", "step"),
    "trainLoss": ("train", "loss", ""),
    "tloss": ("train", "loss", ""),
    "Cross Entropy (validation)": ("val", "loss", ""),
    "eval_loss": ("val", "loss", ""),
    "val_loss/dataloader_idx_0": ("val", "loss", ""),
    "validation/epoch_sparse_categorical_accuracy": ("val", "accuracy", "epoch"),
    "metrics/accuracy_top1": ("val", "accuracy", ""),
    "test_acc1": ("test", "accuracy", ""),
    "Acc@1": ("", "accuracy", ""),
    "val Prec@1": ("val", "accuracy", ""),
    "vacc": ("val", "accuracy", ""),
    "train_clean/accuracy": ("clean", "accuracy", ""),
    "valid_error_rate": ("val", "error", ""),
    "Err@1": ("", "error", ""),
    "metrics/accuracy_top5": ("val", "top-k", ""),
    "acc@5": ("", "top-k", ""),
    "top_k_accuracy": ("", "top-k", ""),
    "epoch": ("", "epoch", ""),
    "trainer/global_step": ("", "step", ""),
    "_step": ("", "step", ""),
    "iteration": ("", "step", ""),
    "lr-AdamW/pg1": ("", "lr", ""),
    "Learning Rate": ("", "lr", ""),
    "train/grad_norm": ("", "grad_norm", ""),
}


@pytest.mark.parametrize(("name", "role"), NAMES.items(), ids=list(NAMES))
def test_what_a_name_says(name: str, role: tuple[str, str, str]) -> None:
    found = role_of(name)
    assert found is not None
    assert (found.split, found.quantity, found.window) == role


@pytest.mark.parametrize(
    "name",
    ["", "time", "box_loss", "reg_loss", "val_f1", "best_val_acc", "val_balanced_accuracy", "perplexity", "mse", "train_samples",
     "ReduceLROnPlateau", "recall", "precision", "loss_scale", "val_loss__MIN", "images_per_second", "ema_acc"],
)  # fmt: skip
def test_what_means_nothing_here(name: str) -> None:
    assert role_of(name) is None


def test_a_strange_word_makes_a_name_less_sure() -> None:
    plain, strange = role_of("val_loss"), role_of("brave-sun-1 - val_loss")
    assert plain is not None
    assert strange is not None
    assert plain.unknown == 0 < strange.unknown


@pytest.mark.parametrize(
    ("folder", "part"),
    [
        ("train", True),
        ("validation", True),
        ("Loss_train", True),
        ("Acc_valid", True),
        ("train_resnet", False),
        ("run1", False),
    ],
)
def test_folders_that_are_parts_of_a_run(folder: str, part: bool) -> None:
    assert is_part_of_a_run(folder) is part
