"""Whether a network can be trained on this data as the recipe says, asked beforehand.

The network is looked at and left as it was. Knows nothing about how it was built.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from striate.models import catalogue
from striate.training.errors import ModelMisfit, NothingToTrain, TooFewToTrain
from striate.training.evaluate import evaluating
from striate.training.job import Job
from striate.training.resolve import decided

__all__ = ["check_fit"]


def check_fit(model: nn.Module, job: Job) -> None:
    """Refuse a network that this job cannot train.

    It maps images (N, C, H, W) to logits (N, K); something in it learns; a batch norm sees two images in every
    step. Raises ModelMisfit, NothingToTrain, TooFewToTrain.
    """
    _check_output(model, job)
    if not any(p.requires_grad for p in model.parameters()):
        raise NothingToTrain(
            "nothing in the network can learn",
            where=job.recipe.model,
            got=f"{sum(1 for _ in model.parameters())} parameters, none of which requires a gradient",
            expected="at least one with requires_grad=True",
            next_step="leave the last layer free: model.fc.requires_grad_(True), whatever it is called",
        )
    _check_batch_norm(model, job)


def _check_output(model: nn.Module, job: Job) -> None:
    preprocess, k = job.dataset.preprocess, len(job.dataset.classes)
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    images = torch.zeros(2, preprocess.channels, *preprocess.img_size, device=device)
    try:
        with evaluating(model):
            out = model(images)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        # What a shape that does not fit raises differs from layer to layer.
        raise _misfit(job, f"{type(error).__name__}: {str(error).splitlines()[0]}") from error
    if not isinstance(out, torch.Tensor):
        raise _misfit(job, f"a {type(out).__name__} instead of a tensor")
    if out.shape != (2, k):
        raise _misfit(job, f"an output of shape {tuple(out.shape)} for two images")


def _misfit(job: Job, got: str) -> ModelMisfit:
    (height, width), k = job.dataset.preprocess.img_size, len(job.dataset.classes)
    return ModelMisfit(
        "the network does not fit the data",
        where=job.recipe.model,
        got=got,
        expected=f"images (2, {job.dataset.preprocess.channels}, {height}, {width}) to logits (2, {k}), one for each class",
        next_step="give its last layer one output per class; --img-size and --channels say what goes in",
    )


def _check_batch_norm(model: nn.Module, job: Job) -> None:
    """A last batch of one image joins the one before it (`striate.data.batches`), so only a batch or a set of one is alone."""
    n, batch = len(job.dataset.indices("train")), decided(job.recipe.batch_size)
    layer = _first_batch_norm(model) if min(n, batch) < 2 else ""
    if not layer:
        return
    own = job.recipe.model.lower().replace("-", "").replace("_", "") in catalogue.names()
    other = "--norm group" if own else "a network without batch norm"
    raise TooFewToTrain(
        "batch norm cannot train on one image at a time",
        where=f"{layer} of {job.recipe.model}",
        got="a training split of one image" if n < 2 else "--batch-size 1",
        expected="at least two images in a step",
        next_step=f"{'more images' if n < 2 else 'a larger --batch-size'}, or {other}",
    )


def _first_batch_norm(model: nn.Module) -> str:
    """The first one that takes its statistics from the batch while training; '' where there is none.

    Asked in train mode, since a network may keep those that it has frozen out of it.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.train()
    names = [name for name, m in model.named_modules() if isinstance(m, _BatchNorm) and m.training]
    for module, mode in modes:
        module.training = mode
    return names[0] if names else ""
