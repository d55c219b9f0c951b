"""Numbers that are not finite or not the same: NaN in a record, weights broken by the last step, another thread count."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import striate
from striate.core.observation_records import Observation
from striate.core.progress import SILENT, SilentProgress
from striate.models import build
from striate.training.assemble import assemble_job
from striate.training.errors import ModelMisfit, NonFiniteLoss, PrecisionUnsuited, RecipeChanged
from striate.training.precision import trusted
from striate.training.recipe import Recipe
from striate.training.watchers import SilentWatcher
from striate.verbs.own_data import prepare_for
from tests.unit.verbs.conftest import write_images


class StopAt(SilentWatcher):
    """Presses Ctrl-C after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def on_step(self, info):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)


def finite(path) -> bool:
    return all(bool(torch.isfinite(t).all()) for t in load_file(path).values())


def test_a_class_that_is_missing_from_val_has_no_recall_and_the_run_still_ends(quick, tmp_path):
    write_images(tmp_path / "d/train", ["a", "b", "c"], 8)
    write_images(tmp_path / "d/val", ["a", "b"], 4)
    run = quick(tmp_path / "d", epochs=3, batch_size=8, name="r", watcher=StopAt(5))
    assert run.record.status == "interrupted"
    resumed = striate.resume(run)
    assert resumed.record.status == "finished"
    assert [np.isnan(recall) for recall in resumed.history[-1].val_recall] == [False, False, True]
    assert "NaN" in (run.path / "run.json").read_text()


def test_an_interrupted_run_is_judged_as_one_that_goes_on(quick, images):
    run = quick(images("i", ["a", "b"], 20), epochs=3, batch_size=8, watcher=StopAt(5))
    assert run.diagnosis is not None
    assert Observation.from_json((run.path / "observation.json").read_text()).setting.finished is False
    assert striate.resume(run).diagnosis is not None
    assert Observation.from_json((run.path / "observation.json").read_text()).setting.finished is True


def test_a_rule_that_breaks_costs_no_run(quick, images, monkeypatch):
    def broken(_):
        raise ZeroDivisionError("a rule divided by nothing")

    class Listens(SilentProgress):
        said: ClassVar[list[str]] = []

        def say(self, text):
            self.said.append(text)

    monkeypatch.setattr("striate.verbs.judging.diagnose", broken)
    run = quick(images("z", ["a", "b"], 10), epochs=1, progress=Listens())
    assert run.record.status == "finished"
    assert (run.path / "report.html").exists()
    assert run.diagnosis is None
    assert Listens.said[-1].startswith(
        "Judging the run failed (ZeroDivisionError: a rule divided by nothing)."
    )


class Breaks(SilentWatcher):
    """Puts infinity into a weight after the last step of an epoch."""

    def __init__(self, weight: torch.Tensor, epoch: int) -> None:
        self.weight, self.epoch = weight, epoch

    def on_step(self, info):
        if (info.epoch, info.step) == (self.epoch, info.steps):
            with torch.no_grad():
                self.weight.view(-1)[0] = np.inf


def pooling_network() -> nn.Sequential:
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 2))


def test_weights_that_the_last_step_of_an_epoch_broke_are_not_published(quick, images, tmp_path):
    net = pooling_network()
    with pytest.raises(
        NonFiniteLoss, match=r"where     epoch 1, step 1, .*\n  got       2.weight is not finite"
    ):
        quick(
            images("d", ["a", "b"], 10), model=net, batch_size=64, name="r", watcher=Breaks(net[2].weight, 1)
        )
    run = striate.Run(tmp_path / "runs/r")
    assert (run.record.status, run.history) == ("failed", ())
    assert not (run.path / "weights/last.safetensors").exists()


def test_what_an_earlier_epoch_left_stays_good(quick, images, tmp_path):
    net = pooling_network()
    with pytest.raises(NonFiniteLoss, match=r"2.weight is not finite.*\n.*last.safetensors is epoch 1"):
        quick(images("d", ["a", "b"], 10), model=net, epochs=3, name="r", watcher=Breaks(net[2].weight, 2))
    assert finite(tmp_path / "runs/r/weights/last.safetensors")
    assert finite(tmp_path / "runs/r/weights/best.safetensors")


def bf16_job(folder, side: int):
    """As on a processor with bf16, whatever this one has."""
    recipe = Recipe.make({"data": str(folder), "img_size": side, "model": "plain20"})
    job = assemble_job(recipe, prepare_for(recipe, folder, SILENT))
    return replace(job, choice=replace(job.choice, precision="bf16", autocast=torch.bfloat16))


def test_bf16_is_not_used_where_its_gradients_are_wrong(images):
    folder = images("d", ["a", "b"], 6)
    net = build("plain20", classes=2)
    kept, changed = bf16_job(folder, 8), bf16_job(folder, 2)
    assert trusted(kept, net) is kept
    choice = trusted(changed, net).choice
    assert trusted(changed, net).recipe.precision == "fp32"
    assert (choice.precision, choice.autocast) == ("fp32", None)
    assert "fp32: bf16 gives wrong gradients on this CPU where " in choice.reason
    with pytest.raises(
        PrecisionUnsuited, match=r"^bf16 gives wrong gradients for this network on this processor"
    ):
        trusted(changed, net, asked="bf16")


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("opt: adamw", "opt: sgd"),
        ("epochs: 3", "epochs: 4"),
        ("model: classic", "model: plain20"),
        ("ema: null", "ema: 0.9"),
    ],
)
def test_settings_that_were_edited_are_refused_by_name(quick, images, line, changed):
    run = quick(images("d", ["a", "b"], 10), epochs=3, batch_size=8, name="r", watcher=StopAt(2))
    path = run.path / "args.yaml"
    text = path.read_text()
    assert line in text
    path.write_text(text.replace(line, changed))
    name, old, new = line.split(": ")[0], line.split(": ")[1], changed.split(": ")[1]
    with pytest.raises(RecipeChanged) as error:
        striate.resume(run)
    shown = old if old != "null" else "None"
    assert f"\n  got       {name}: {shown} -> {new}\n" in str(error.value)
    path.write_text(text.replace("patience: null", "patience: 50"))
    assert striate.resume(run).record.status == "finished"


def test_another_network_than_the_run_began_with(quick, images):
    net = lambda n: nn.Sequential(nn.Flatten(), nn.Linear(768, n), nn.Linear(n, 2))
    run = quick(
        images("d", ["a", "b"], 10), model=net(4), epochs=3, batch_size=8, name="r", watcher=StopAt(2)
    )
    with pytest.raises(ModelMisfit, match=r"^the checkpoint is of another network"):
        striate.resume(run, model=net(5))


def test_the_number_of_threads_goes_with_the_run(quick, images):
    seen = []

    class Threads(SilentWatcher):
        def on_step(self, info):
            seen.append(torch.get_num_threads())

    before = torch.get_num_threads()
    folder = images("d", ["a", "b"], 10)
    run = quick(folder, epochs=2, batch_size=8, name="r", watcher=StopAt(1))
    try:
        torch.set_num_threads(3 - min(before, 2))
        striate.resume(run, watcher=Threads())
        assert set(seen) == {before}
        assert torch.get_num_threads() == 3 - min(before, 2)
    finally:
        torch.set_num_threads(before)


def test_a_machine_with_fewer_threads_says_that_bits_may_differ(quick, images, monkeypatch):
    said = []

    class Listening(type(SILENT)):
        def say(self, text):
            said.append(text)

    run = quick(images("d", ["a", "b"], 10), epochs=2, batch_size=8, name="r", watcher=StopAt(1))
    monkeypatch.setattr(os, "cpu_count", lambda: 0.5)
    striate.resume(run, progress=Listening())
    now = torch.get_num_threads()
    assert said == [
        f"The run began with {now} threads, now {now}: the result is as good, but not equal to the bit."
    ]
