"""From a recipe and a data set to a job and a state at zero, as the seed says.

Knows nothing about run folders.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from striate.core import devices, seeds
from striate.core.devices import DeviceChoice
from striate.data.prepare import Dataset
from striate.models import catalogue
from striate.models.loading import load_weights
from striate.training import optimisers
from striate.training.averaging import AveragedWeights
from striate.training.job import Job
from striate.training.recipe import PYTHON_MODEL, Recipe
from striate.training.resolve import decided, resolve, resolve_model
from striate.training.state import RunState

__all__ = ["assemble_job", "build_model", "build_state", "model_options", "own_randomness"]


def assemble_job(recipe: Recipe, dataset: Dataset) -> Job:
    """Device, model name and every other 'auto' decided."""
    choice = devices.choose(recipe.device, recipe.precision, recipe.memory_format)
    given = recipe.model.startswith(PYTHON_MODEL)
    name = None if given else resolve_model(recipe, dataset, choice.device.type)
    resolved, policy = resolve(recipe, dataset, choice, name)
    return Job(dataset, resolved, choice, policy)


def model_options(recipe: Recipe, dataset: Dataset) -> dict[str, Any]:
    """Arguments of `catalogue.build` beside the name."""
    return {
        "classes": len(dataset.classes),
        "channels": dataset.preprocess.channels,
        "img_size": list(dataset.preprocess.img_size),
        "activation": recipe.activation,
        "norm": recipe.norm,
        "dropout": recipe.dropout,
        "skip": recipe.skip,
    }


def build_model(job: Job, *, fresh: bool = True) -> nn.Module:
    """The network of `job.recipe`, initialised by its seed; when `fresh`, from `pretrained` or `weights` if asked."""
    recipe = job.recipe
    torch.manual_seed(seeds.scalar_seed(recipe.seed, "initialisation", 0))
    options = model_options(recipe, job.dataset)
    model = catalogue.build(recipe.model, **options, pretrained=recipe.pretrained and fresh)
    if recipe.weights is not None and fresh:
        load_weights(model, Path(recipe.weights))
    return model


def build_state(job: Job, model: nn.Module) -> RunState:
    """Optimiser, average and loss scaler around `model`, on the device, at position zero."""
    recipe, device = job.recipe, job.choice.device
    model = model.to(device=device, memory_format=job.choice.memory_format)  # type: ignore[call-overload]
    optimizer = optimisers.build(
        recipe.opt,
        model,
        lr=decided(recipe.lr),
        momentum=recipe.momentum,
        weight_decay=decided(recipe.weight_decay),
    )
    average = AveragedWeights(model, recipe.ema) if recipe.ema is not None else None
    scaler = torch.amp.GradScaler(device.type) if job.choice.precision == "fp16" else None
    return RunState(model, optimizer, device, average, scaler)


@contextlib.contextmanager
def own_randomness(deterministic: bool, choice: DeviceChoice) -> Iterator[None]:
    """Determinism as asked inside; afterwards the caller's random state and torch flags are as before."""
    gpus = [choice.device] if choice.device.type == "cuda" else []
    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    # cuBLAS is only deterministic with a fixed workspace, which it reads from here when it starts.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(deterministic)
    try:
        with torch.random.fork_rng(devices=gpus):
            yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
