"""Every 'auto' of a recipe decided from data, network and device, with the reason.

The decided recipe is what args.yaml holds, so that a resume or a repeat never decides again. Knows nothing about
files.
"""

from __future__ import annotations

from typing import TypeVar

from striate.augment.policy import Policy, parse
from striate.core.devices import DeviceChoice
from striate.data.prepare import Dataset
from striate.models import catalogue
from striate.training.recipe import Recipe

__all__ = ["decided", "resolve", "resolve_model"]

T = TypeVar("T")

# Up to here a network with a small-image stem sees every pixel; above it the ImageNet stem is the usual one.
SMALL = 64
# Below this a ResNet's three stages have nothing left to look at (8x8 digits end as 2x2).
TINY = 16
# A run needs some hundreds of steps to get anywhere: small sets get small batches, so that an epoch has this many.
WANTED_STEPS = 20
LEAST_BATCH = 8
# Warm-up: 5 % of the run, at most 5 epochs (Goyal et al. 2017 use 5 epochs of 90).
WARMUP_SHARE, WARMUP_MOST = 0.05, 5.0


def resolve_model(recipe: Recipe, dataset: Dataset, device: str) -> str:
    """The network's name: as asked, or one that suits the image size and what can train it in minutes."""
    if recipe.model != "auto":
        return recipe.model
    side = max(dataset.preprocess.img_size)
    if side <= TINY:
        return "classic"
    if side <= SMALL and device == "cpu":
        return "resnet20"
    return "resnet18"


def resolve(
    recipe: Recipe, dataset: Dataset, choice: DeviceChoice, model: str | None
) -> tuple[Recipe, Policy]:
    """`recipe` with nothing left to decide, and its augmentation policy bound to the image size.

    `model` is None for a network given as a Python object, whose optimisation defaults are those of `classic`.
    Raises RecipeError or whatever the policy's text deserves.
    """
    defaults = catalogue.defaults(model or "classic")
    n = len(dataset.indices("train"))
    batch = recipe.batch_size or _batch_size(n, defaults.batch_size)
    opt = defaults.opt if recipe.opt == "auto" else recipe.opt
    height, width = dataset.preprocess.img_size
    shape = (dataset.preprocess.channels, height, width)
    policy = parse(_augmentation(recipe.augment, dataset), shape=shape).bind(
        dataset.classes, recipe.label_map
    )
    return (
        recipe.but(
            model=model or recipe.model,
            img_size=(height, width),
            channels=dataset.preprocess.channels,
            batch_size=batch,
            opt=opt,
            lr=recipe.lr or _rate(opt, defaults, batch),
            weight_decay=defaults.weight_decay if recipe.weight_decay is None else recipe.weight_decay,
            warmup_epochs=_warmup(recipe),
            augment=policy.text,
            label_map=policy.labels.text,
            device=str(choice.device),
            precision=choice.precision,
            memory_format=choice.memory_format_name,
        ),
        policy,
    )


def _batch_size(n: int, default: int) -> int:
    """The model's batch size, halved until an epoch has WANTED_STEPS steps or the batch is LEAST_BATCH."""
    batch = default
    while batch > LEAST_BATCH and n < WANTED_STEPS * batch:
        batch //= 2
    return batch


def _rate(opt: str, defaults: catalogue.ModelDefaults, batch: int) -> float:
    """The model's learning rate at this batch size.

    SGD: proportional to the batch (Goyal et al. 2017); Adam and AdamW: to its square root (Malladi et al. 2022).
    Where the optimiser is not the model's own, a common starting value for it.
    """
    ratio = batch / defaults.batch_size
    if opt != defaults.opt:
        return 0.05 * ratio if opt == "sgd" else 1e-3 * ratio**0.5
    return defaults.lr * (ratio if opt == "sgd" else ratio**0.5)


def _warmup(recipe: Recipe) -> float:
    if recipe.warmup_epochs is not None:
        return recipe.warmup_epochs
    return min(WARMUP_MOST, WARMUP_SHARE * recipe.epochs)


def _augmentation(text: str, dataset: Dataset) -> str:
    """'auto' is the default preset; where a mirror image is known to change the label, shifts alone."""
    if text != "auto":
        return text
    if min(dataset.preprocess.img_size) < 2:
        return "none"  # nothing to shift, nothing to mirror
    return "default" if dataset.mirror_safe else "translate"


def decided(value: T | None) -> T:
    """A setting of a resolved recipe, where nothing is left to decide. Raises ValueError on one that is not."""
    if value is None:
        raise ValueError("this recipe is not resolved")
    return value
