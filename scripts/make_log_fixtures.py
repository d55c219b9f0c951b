"""Writes tests/golden/logs: small logs of other libraries, each by that library's own writer.

Run it by hand in an environment of its own; neither the tests nor striate need these libraries:

    python -m scripts.make_log_fixtures [keras lightning transformers timm fastai ...]

Every log is of a small network on the 1797 digits of scikit-learn: 1437 to train on, 360 to validate with. The files that are
committed were written under Python 3.11 with torch 2.13.0, keras 3.15.1 (on torch), lightning 2.6.6, transformers 5.24.0, timm 1.0.31,
fastai 2.8.12 and tensorboard 2.21.0 (through torch.utils.tensorboard). `ultralytics` is the exception: that library is under the
AGPL, so its file is written here by hand after the order of columns that it documents, with figures of the same digits.

Knows nothing about how the logs are read.
"""

from __future__ import annotations

import csv
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

TARGET = Path(__file__).resolve().parent.parent / "tests" / "golden" / "logs"
EPOCHS = 6


def digits() -> tuple[Any, Any, Any, Any]:
    """Images (N, 1, 8, 8) in [0, 1] and labels, to train on and to validate with."""
    import numpy as np
    from sklearn.datasets import load_digits

    bunch = load_digits()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    images = (bunch.images[order, None] / 16).astype("float32")
    labels = bunch.target[order].astype("int64")
    return images[:1437], labels[:1437], images[1437:], labels[1437:]


def network() -> Any:
    """A small convolutional network for them."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(72, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )


def epochs_by_hand(epochs: int = EPOCHS) -> Iterator[dict[str, float]]:
    """A plain loop: loss and accuracy of train and val after each epoch, and the learning rate."""
    import torch
    from torch.nn.functional import cross_entropy

    x, y, vx, vy = map(torch.from_numpy, digits())
    net = network()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        total, right = 0.0, 0
        for batch in torch.randperm(len(x)).split(64):
            out = net(x[batch])
            loss = cross_entropy(out, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
            right += int((out.argmax(1) == y[batch]).sum())
        with torch.no_grad():
            out = net(vx)
            yield {
                "train_loss": total / len(x),
                "train_accuracy": right / len(x),
                "val_loss": cross_entropy(out, vy).item(),
                "val_accuracy": (out.argmax(1) == vy).double().mean().item(),
                "val_top5": (out.topk(5).indices == vy[:, None]).any(1).double().mean().item(),
                "lr": optimizer.param_groups[0]["lr"],
            }
        schedule.step()


def keras(folder: Path) -> None:
    """CSVLogger behind a schedule, which makes it log the learning rate too."""
    import keras
    import numpy as np

    x, y, vx, vy = digits()
    x, vx = np.moveaxis(x, 1, -1), np.moveaxis(vx, 1, -1)
    keras.utils.set_random_seed(0)
    net = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    net.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    net.fit(
        x,
        y,
        batch_size=64,
        epochs=EPOCHS,
        validation_data=(vx, vy),
        verbose=0,
        callbacks=[
            keras.callbacks.LearningRateScheduler(lambda epoch: 0.003 * 0.8**epoch),
            keras.callbacks.CSVLogger(str(folder / "training.csv")),
        ],
    )


def lightning(folder: Path) -> None:
    """CSVLogger: rows by step and by epoch in one sparse table, with the learning rate's own rows."""
    import torch
    from lightning import LightningModule, Trainer
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import CSVLogger
    from torch.nn.functional import cross_entropy
    from torch.utils.data import DataLoader, TensorDataset

    class Digits(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = network()

        def training_step(self, batch: Any, index: int) -> Any:
            out = self.net(batch[0])
            loss = cross_entropy(out, batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            self.log("train_acc", (out.argmax(1) == batch[1]).float().mean(), on_step=False, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            out = self.net(batch[0])
            self.log("val_loss", cross_entropy(out, batch[1]))
            self.log("val_acc", (out.argmax(1) == batch[1]).float().mean())

        def test_step(self, batch: Any, index: int) -> None:
            self.log("test_acc", (self.net(batch[0]).argmax(1) == batch[1]).float().mean())

        def configure_optimizers(self) -> Any:
            optimizer = torch.optim.Adam(self.parameters(), lr=0.01)
            return [optimizer], [torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)]

    x, y, vx, vy = map(torch.from_numpy, digits())
    train = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
    val = DataLoader(TensorDataset(vx, vy), batch_size=90)
    for name, interval in (("by_epoch", 1.0), ("by_half_epoch", 0.5)):
        trainer = Trainer(
            max_epochs=4,
            accelerator="cpu",
            logger=CSVLogger(str(folder), name=name, version=0),
            log_every_n_steps=5,
            val_check_interval=interval,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[LearningRateMonitor()],
        )
        module = Digits()
        trainer.fit(module, train, val)
        if interval == 1.0:
            trainer.test(module, val, verbose=False)


def transformers(folder: Path) -> None:
    """The Trainer's state: train loss every 10 steps, evaluation once an epoch."""
    import numpy as np
    import torch
    from torch.nn.functional import cross_entropy
    from torch.utils.data import Dataset
    from transformers import Trainer, TrainingArguments

    class Pairs(Dataset):
        def __init__(self, x: Any, y: Any) -> None:
            self.x, self.y = torch.from_numpy(x), torch.from_numpy(y)

        def __len__(self) -> int:
            return len(self.x)

        def __getitem__(self, i: int) -> dict[str, Any]:
            return {"pixel_values": self.x[i], "labels": self.y[i]}

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = network()

        def forward(self, pixel_values: Any, labels: Any) -> dict[str, Any]:
            logits = self.net(pixel_values)
            return {"loss": cross_entropy(logits, labels), "logits": logits}

    x, y, vx, vy = digits()
    with tempfile.TemporaryDirectory() as place:
        trainer = Trainer(
            model=Net(),
            args=TrainingArguments(
                output_dir=place,
                num_train_epochs=4,
                per_device_train_batch_size=32,
                learning_rate=0.005,
                eval_strategy="epoch",
                save_strategy="epoch",
                logging_steps=10,
                report_to=["tensorboard"],
                disable_tqdm=True,
                use_cpu=True,
                seed=0,
            ),
            train_dataset=Pairs(x, y),
            eval_dataset=Pairs(vx, vy),
            compute_metrics=lambda seen: {
                "accuracy": float(np.mean(seen.predictions.argmax(1) == seen.label_ids))
            },
        )
        trainer.train()
        trainer.save_state()
        (folder / "checkpoint-90").mkdir()
        shutil.copy(Path(place) / "trainer_state.json", folder / "trainer_state.json")
        shutil.copy(Path(place) / "checkpoint-90" / "trainer_state.json", folder / "checkpoint-90")
        (folder / "runs").mkdir()
        for path in Path(place).rglob("events.out.tfevents.*"):
            shutil.copy(path, folder / "runs" / "events.out.tfevents.1.host.1.0")


def timm(folder: Path) -> None:
    """summary.csv through `timm.utils.update_summary`, accuracies in percent as its validation loop has them."""
    from collections import OrderedDict

    from timm.utils import update_summary

    for epoch, row in enumerate(epochs_by_hand()):
        update_summary(
            epoch,
            OrderedDict(loss=row["train_loss"]),
            OrderedDict(loss=row["val_loss"], top1=100 * row["val_accuracy"], top5=100 * row["val_top5"]),
            str(folder / "summary.csv"),
            lr=row["lr"],
            write_header=epoch == 0,
        )


def fastai(folder: Path) -> None:
    """CSVLogger with accuracy, and again with error_rate."""
    import torch
    from fastai.callback.progress import CSVLogger
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.metrics import accuracy, error_rate
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    x, y, vx, vy = map(torch.from_numpy, digits())
    loaders = DataLoaders(
        DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True),
        DataLoader(TensorDataset(vx, vy), batch_size=64),
    )
    for name, metric in (("history.csv", accuracy), ("error_rate.csv", error_rate)):
        learner = Learner(loaders, network(), loss_func=nn.CrossEntropyLoss(), metrics=metric, path=folder)
        with learner.no_bar():
            learner.fit(EPOCHS, 0.01, cbs=CSVLogger(name))


def tensorboard(folder: Path) -> None:
    """SummaryWriter: a hand-written loop by epoch; grouped scalars; a loop by steps."""
    from torch.utils.tensorboard import SummaryWriter

    rows = list(epochs_by_hand())
    with SummaryWriter(str(folder / "by_epoch")) as writer:
        for epoch, row in enumerate(rows):
            writer.add_scalar("Loss/train", row["train_loss"], epoch)
            writer.add_scalar("Loss/val", row["val_loss"], epoch)
            writer.add_scalar("Accuracy/train", 100 * row["train_accuracy"], epoch)
            writer.add_scalar("Accuracy/val", 100 * row["val_accuracy"], epoch)
            writer.add_text("note", "not a figure", epoch)
    with SummaryWriter(str(folder / "grouped")) as writer:
        for epoch, row in enumerate(rows):
            writer.add_scalars("Loss", {"train": row["train_loss"], "valid": row["val_loss"]}, epoch + 1)
            writer.add_scalars(
                "Acc", {"train": row["train_accuracy"], "valid": row["val_accuracy"]}, epoch + 1
            )
    with SummaryWriter(str(folder / "by_step")) as writer:
        for epoch, row in enumerate(rows):
            for step in range(23 * epoch, 23 * (epoch + 1)):
                writer.add_scalar("train/loss", row["train_loss"], step, new_style=True)
                writer.add_scalar("train/lr", row["lr"], step)
            writer.add_scalar("val/loss", row["val_loss"], 23 * (epoch + 1) - 1)
            writer.add_scalar("val/acc", row["val_accuracy"], 23 * (epoch + 1) - 1)
    for n, path in enumerate(sorted(folder.rglob("events.out.tfevents.*"))):
        path.rename(path.with_name(f"events.out.tfevents.{1700000000 + n}.host.1.0"))


def keras_tensorboard(folder: Path) -> None:
    """What Keras' TensorBoard callback writes: tags `epoch_...` in train/ and validation/, by torch's writer.

    The callback itself needs tensorflow; tags, folders and steps are as it documents them.
    """
    from torch.utils.tensorboard import SummaryWriter

    for split, side in (("train", "train"), ("validation", "val")):
        with SummaryWriter(str(folder / split)) as writer:
            for epoch, row in enumerate(epochs_by_hand()):
                writer.add_scalar("epoch_loss", row[f"{side}_loss"], epoch, new_style=True)
                writer.add_scalar("epoch_accuracy", row[f"{side}_accuracy"], epoch, new_style=True)
                if split == "train":
                    writer.add_scalar("epoch_learning_rate", row["lr"], epoch, new_style=True)
        for path in (folder / split).glob("events.out.tfevents.*"):
            path.rename(path.with_name("events.out.tfevents.1700000000.host.1.0.v2"))


def ultralytics(folder: Path) -> None:
    """results.csv by hand, in the order of columns that classification runs document: no code of theirs is used."""
    names = [
        "epoch",
        "time",
        "train/loss",
        "metrics/accuracy_top1",
        "metrics/accuracy_top5",
        "val/loss",
        "lr/pg0",
        "lr/pg1",
        "lr/pg2",
    ]
    with (folder / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for epoch, row in enumerate(epochs_by_hand(), 1):
            figures = (
                row["train_loss"],
                row["val_accuracy"],
                row["val_top5"],
                row["val_loss"],
                *[row["lr"]] * 3,
            )
            writer.writerow([epoch, f"{1.7 * epoch:.5g}", *(f"{figure:.5g}" for figure in figures)])


WRITERS: dict[str, Callable[[Path], None]] = {
    "keras": keras,
    "keras_tensorboard": keras_tensorboard,
    "lightning": lightning,
    "transformers": transformers,
    "timm": timm,
    "fastai": fastai,
    "tensorboard": tensorboard,
    "ultralytics": ultralytics,
}


def main(names: list[str]) -> None:
    for name in names or WRITERS:
        folder = TARGET / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        WRITERS[name](folder)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            print(f"{path.stat().st_size:>7} {path.relative_to(TARGET)}")


if __name__ == "__main__":
    main(sys.argv[1:])
