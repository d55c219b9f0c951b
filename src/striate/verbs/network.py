"""A run's trained network ready to use: weights, classes and preprocessing from one file.

Knows nothing about training or scores.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp
from torch import nn

from striate.augment.views import View
from striate.core import devices, metrics
from striate.core.devices import DeviceChoice, DeviceUnavailable
from striate.data.batches import Normalise, gather
from striate.data.preprocess import Preprocess
from striate.models import catalogue
from striate.models.loading import load_weights
from striate.training.errors import InvalidSetting, ModelNeeded
from striate.training.evaluate import logits
from striate.training.recipe import Recipe
from striate.training.weights import read_header
from striate.verbs.run import Run

__all__ = ["TrainedNetwork", "as_run", "chosen_weights", "load_network"]


@dataclass(frozen=True)
class TrainedNetwork:
    """Pixels in, probabilities out."""

    model: nn.Module
    classes: tuple[str, ...]
    preprocess: Preprocess
    choice: DeviceChoice
    views: tuple[View, ...] = ()
    """How each image is looked at; none: as it is."""

    def logits(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(N, H, W, C) uint8 as `preprocess` makes them -> (N, K).

        With views: log sum over v of w_v softmax(logits of view v), whose softmax is that average again.
        """
        if not self.views:
            return self._logits(pixels)
        images = gather(pixels, np.arange(len(pixels)), torch.device("cpu"))
        # In logarithms throughout: a class that is all but impossible keeps a finite loss.
        said = [
            np.log(view.weight) + log_softmax(self._seen(view, images).astype(np.float64), axis=1)
            for view in self.views
        ]
        averaged: NDArray[np.float32] = logsumexp(said, axis=0).astype(np.float32)
        return averaged

    def _seen(self, view: View, images: torch.Tensor) -> NDArray[np.floating]:
        """What one view says about the classes of the images (N, C, H, W)."""
        return view.undo(self._logits(view.apply(images).permute(0, 2, 3, 1).numpy()))

    def _logits(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        normalise = Normalise(self.preprocess.mean, self.preprocess.std, self.choice.device)
        return logits(self.model, pixels, np.arange(len(pixels)), normalise, self.choice)

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Softmax of `logits`."""
        return metrics.softmax(self.logits(pixels))


def as_run(run: str | Path | Run) -> Run:
    """A run from its folder, a file in it, or itself."""
    return run if isinstance(run, Run) else Run(run)


def chosen_weights(run: str | Path | Run, weights: str | None) -> Path:
    """The file of weights that is meant: the one that `run` names, else `best` or `last`, as asked, of the run.

    Raises InvalidSetting where one file was named and the other asked for.
    """
    folder = as_run(run).path
    asked = None if weights is None else folder / f"weights/{weights}.safetensors"
    named = None if isinstance(run, Run) or Path(run).suffix != ".safetensors" else Path(run)
    if named is not None and asked is not None and not (asked.exists() and named.samefile(asked)):
        raise InvalidSetting(
            "a file of weights was named, and others were asked for",
            where=named,
            got=f"--weights {weights}",
            next_step="leave out --weights, or give the run folder",
        )
    return named or asked or folder / "weights/best.safetensors"


def load_network(run: Run, weights: Path | None = None) -> TrainedNetwork:
    """The network of `run` with its best weights, or those in a file, on the run's device and precision if they are here.

    Raises WeightsDamaged, NewerVersion, ModelNeeded, WeightsDoNotFit.
    """
    path = run.best_weights if weights is None else weights
    header = read_header(path)
    if header.model:
        model = catalogue.build(header.model, **header.options)
    elif run.model is not None:
        # A copy: predicting must not move the caller's network or change its mode.
        model = copy.deepcopy(run.model)
    else:
        raise ModelNeeded(
            "this run's network was a Python object",
            where=run.path,
            next_step="from Python: striate.Run(path, model=the_same_module)",
        )
    load_weights(model, path)
    choice = _choice(run.recipe)
    model = model.to(device=choice.device, memory_format=choice.memory_format)  # type: ignore[call-overload]
    model.eval()
    return TrainedNetwork(model, header.classes, Preprocess.from_dict(header.preprocess), choice)


def _choice(recipe: Recipe) -> DeviceChoice:
    """As in training where this machine can; else what it has."""
    try:
        return devices.choose(recipe.device, recipe.precision, recipe.memory_format)
    except DeviceUnavailable:
        return devices.choose()
