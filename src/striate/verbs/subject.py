"""Whatever a person points at, as a network to look at: module, run, name or file.

Knows nothing about what is then looked at.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from striate.core import devices
from striate.core.run_folder import NoSuchRun
from striate.data.batches import Normalise
from striate.data.preprocess import Resize
from striate.models import catalogue
from striate.models.expected_input import (
    ExpectedInput,
    expected_by_module,
    expected_by_name,
    statistics_for,
)
from striate.models.head import head_name
from striate.models.loading import load_weights, read_state
from striate.models.user_file import factory_of, names_a_file
from striate.models.weightless import weightless
from striate.training.weights import read_header
from striate.verbs.network import as_run, chosen_weights, load_network
from striate.verbs.run import Run

__all__ = ["Size", "Subject", "load_subject"]

Size = tuple[int, int, int]

SEED = 0
"""Of random weights, so that the same words show the same network."""


@dataclass(frozen=True)
class Subject:
    """A network, the input it is looked at with, and where both come from."""

    model: nn.Module
    input_size: Size
    """(C, H, W)."""
    mean: tuple[float, ...]
    std: tuple[float, ...]
    """Per channel, of pixels scaled to [0, 1]."""
    classes: tuple[str, ...]
    """Empty where they have no names."""
    name: str
    source: str
    """Where the weights come from, in words."""
    statistics: str
    """Where mean and std come from, in words."""
    resize: Resize = "crop"
    fresh: Callable[[], nn.Module] | None = None
    """The same network at initialisation; None where nobody can build it again."""
    run: Run | None = None

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next((p.device for p in self.model.parameters()), torch.device("cpu"))

    @property
    def normalise(self) -> Normalise:
        """From pixels to the network's input, on the CPU."""
        return Normalise(self.mean, self.std, torch.device("cpu"))


def load_subject(
    what: str | Path | nn.Module | Run,
    *,
    weights: str | Path | None = None,
    input_size: Size | None = None,
    classes: int | None = None,
    pretrained: bool = False,
    materialise: bool = True,
) -> Subject:
    """The network that `what` means.

    what: an nn.Module (taken as it is), a run (its folder, a file in it, or itself), a name of the catalogue, or ``file.py:factory``.
    weights: a local .safetensors, .pt, .pth or .th file, every tensor of which has to fit; without it, and without `pretrained`, a name or a
    factory has random weights, the same every time. classes: outputs of a network by name; by default those of the
    weights, else 10 for striate's own and 1000 for others. input_size: (C, H, W); by default the run's, or what the architecture was
    made for. With `materialise=False` the weights have a shape and no memory where the network can be built so, which is all that a walk through
    it needs, and takes no time.

    Raises UnknownModel, WeightsDoNotFit, WeightsUnreadable, ImageTooSmallForModel, PretrainedOffline, ModelFileFailed, NoSuchFactory, and
    what `load_network` raises.
    """
    if isinstance(what, nn.Module):
        subject = _of_module(what, type(what).__name__, "as handed over")
    elif isinstance(what, Run) or _is_run(str(what)):
        subject = _of_run(what)
    elif names_a_file(str(what)):
        subject = _of_file(str(what), materialise and not weights)
    else:
        return _of_name(str(what), weights, input_size, classes, pretrained, materialise)
    if weights is not None:
        load_weights(subject.model, weights)
        subject = dataclasses.replace(subject, source=f"weights from {weights}")
    return subject if input_size is None else _with_size(subject, input_size)


def _is_run(text: str) -> bool:
    """Whether the path is a run, or in one; a name of the catalogue that is a folder here, too, stays a name."""
    if not Path(text).exists() or names_a_file(text):
        return False
    try:
        Run(text)
    except NoSuchRun:
        if text in catalogue.names():
            return False
        raise
    return True


def _of_module(model: nn.Module, name: str, source: str) -> Subject:
    expected = expected_by_module(model)
    return _subject(model, expected, name, source)


def _subject(model: nn.Module, expected: ExpectedInput, name: str, source: str) -> Subject:
    return Subject(
        model=model,
        input_size=expected.size,
        mean=expected.mean,
        std=expected.std,
        classes=(),
        name=name,
        source=source,
        statistics=expected.statistics_from,
    )


def _of_run(what: str | Path | Run) -> Subject:
    run, file = as_run(what), chosen_weights(what, None)
    network, header = load_network(run, file), read_header(file)
    preprocess = network.preprocess

    def fresh() -> nn.Module:
        return _seeded(lambda: catalogue.build(header.model, **header.options))

    return Subject(
        model=network.model,
        input_size=(preprocess.channels, *preprocess.img_size),
        mean=preprocess.mean,
        std=preprocess.std,
        classes=network.classes,
        name=header.model or type(network.model).__name__,
        source=f"{file.stem} weights of the run {run.path}",
        statistics="the run's",
        resize=preprocess.resize,
        fresh=fresh if header.model else None,
        run=run,
    )


def _of_file(text: str, may_move: bool) -> Subject:
    factory = factory_of(text)
    model = _seeded(factory)
    name = text.rpartition(":")[2]
    subject = _of_module(model, name, f"{text}, initialised with seed {SEED}")
    return dataclasses.replace(
        subject,
        model=_placed(model) if may_move else model,
        fresh=None if factory.finished else lambda: _seeded(factory),
    )


def _of_name(
    name: str,
    weights: str | Path | None,
    input_size: Size | None,
    classes: int | None,
    pretrained: bool,
    materialise: bool,
) -> Subject:
    expected = expected_by_name(name)
    size = input_size or expected.size
    own = name.lower().replace("-", "").replace("_", "") in catalogue.names()

    def build(n: int, *, published: bool = False) -> nn.Module:
        return catalogue.build(name, classes=n, channels=size[0], img_size=size[1:], pretrained=published)

    n = classes or (10 if own else 1000)
    source = f"random weights, seed {SEED}"
    if pretrained:
        model, source = _seeded(lambda: build(n, published=True)), "published weights"
    elif weights is not None:
        n = classes or _classes_of(weights, weightless(lambda: _seeded(lambda: build(n))), n)
        model, source = _seeded(lambda: build(n)), f"weights from {weights}"
        load_weights(model, weights)
    else:
        model = _seeded(lambda: build(n)) if materialise else weightless(lambda: _seeded(lambda: build(n)))
    subject = _subject(model, expected, name, source)
    subject = dataclasses.replace(
        subject,
        model=_placed(model),
        fresh=lambda: _seeded(lambda: build(n)),
    )
    return _with_size(subject, size)


def _with_size(subject: Subject, size: Size) -> Subject:
    """Looked at with another input; statistics stay where they fit its channels."""
    if size[0] == len(subject.mean):
        return dataclasses.replace(subject, input_size=size)
    mean, std, statistics = statistics_for(size[0])
    return dataclasses.replace(subject, input_size=size, mean=mean, std=std, statistics=statistics)


def _seeded(build: Callable[[], nn.Module]) -> nn.Module:
    """Built from the fixed seed on the CPU, whose generator alone is touched and put back."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(SEED)
        return build()


def _placed(model: nn.Module) -> nn.Module:
    """On the GPU where there is one; a network without memory stays where it is."""
    device = devices.choose(precision="fp32").device
    if device.type != "cuda" or any(p.is_meta for p in model.parameters()):
        return model
    return model.to(device)


def _classes_of(weights: str | Path, like: nn.Module, otherwise: int) -> int:
    """Outputs of the head in the file, by the name that the head has in a network of the same kind."""
    head = read_state(Path(weights)).get(f"{head_name(like)}.weight")
    return otherwise if head is None else int(head.shape[0])
