"""The recipe: one frozen object holds every choice of a run, flags and args.yaml alike.

Each field says its unit and why it has its default; `group` sorts the fields in ``striate train --help``, `also`
lists the names that users of other tools type. None and "auto" mean: striate decides and writes what it
decided to args.yaml, so that a resume or a repeat is exact. Knows nothing about torch or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from striate.core.errors import nearest
from striate.core.records import Record
from striate.training.errors import InvalidSetting, UnknownSetting
from striate.training.invalid_setting import invalid
from striate.training.policy_words import policy_hint
from striate.training.setting import setting

__all__ = ["GROUPS", "PYTHON_MODEL", "Recipe", "aliases"]

PYTHON_MODEL = "python:"
"""Begins the name of a network that was given as a Python object."""

GROUPS = ("Data", "Model", "Optimisation", "Regularisation", "Machine", "Output")


class Recipe(Record):
    """Everything that decides what a run computes (and a few things that only decide where it is kept)."""

    # Data
    data: Annotated[
        str, setting("Data", "folder, archive, CSV, or a named set", also=("data_path", "train_dir", "root"))
    ] = "digits"
    data_dir: Annotated[
        str | None, setting("Data", "where local copies of named sets are looked for first")
    ] = None
    img_size: Annotated[
        tuple[int, int] | None,
        setting(
            "Data",
            "height and width in pixels; default: read off the images",
            also=("imgsz", "input_size", "image_size"),
        ),
    ] = None
    channels: Annotated[
        Literal[1, 3] | None, setting("Data", "1 grey, 3 colour; default: read off the images")
    ] = None
    resize: Annotated[
        Literal["crop", "squash", "pad"],
        setting(
            "Data",
            "crop keeps the shape and loses the edges, squash keeps all and distorts, pad adds borders",
        ),
    ] = "crop"
    val_split: Annotated[
        float,
        setting("Data", "share of the samples held out where the data has no val split", ge=0.0, lt=1.0),
    ] = 0.2
    test_split: Annotated[
        float, setting("Data", "share set aside for the one figure at the end", ge=0.0, lt=1.0)
    ] = 0.0
    on_bad: Annotated[
        Literal["skip", "fail"], setting("Data", "what to do about files that cannot be read")
    ] = "skip"
    augment: Annotated[
        str,
        setting(
            "Data", "auto, none, light, default, strong, or as flip+crop4+mixup0.2", also=("augmentation",)
        ),
    ] = "auto"
    label_map: Annotated[
        str,
        setting("Data", "what a transform makes of a class, such as 'rot180: 6<->9, !4'; default: nothing"),
    ] = ""

    # Model
    model: Annotated[str, setting("Model", "a network by name; default: by image size", also=("arch",))] = (
        "auto"
    )
    activation: Annotated[Literal["relu", "gelu", "silu"], setting("Model", "the non-linearity")] = "relu"
    norm: Annotated[Literal["batch", "group", "none"], setting("Model", "the normalisation layers")] = "batch"
    dropout: Annotated[
        float, setting("Model", "share of features zeroed before the head", ge=0.0, lt=1.0)
    ] = 0.0
    skip: Annotated[bool, setting("Model", "residual connections, where the network has them")] = True
    pretrained: Annotated[bool, setting("Model", "start from downloaded weights (timm, torchvision)")] = False
    weights: Annotated[str | None, setting("Model", "start from this file (.safetensors, .pth)")] = None

    # Optimisation
    epochs: Annotated[
        int,
        setting(
            "Optimisation", "passes over the training images", also=("num_train_epochs", "max_epochs"), ge=1
        ),
    ] = 20
    batch_size: Annotated[
        int | None,
        setting(
            "Optimisation",
            "images per step; default: by model and set size",
            also=("batch", "b", "per_device_train_batch_size"),
            ge=1,
        ),
    ] = None
    opt: Annotated[
        Literal["auto", "sgd", "adam", "adamw"],
        setting("Optimisation", "sgd has Nesterov momentum; default: by model", also=("optimizer",)),
    ] = "auto"
    lr: Annotated[
        float | None,
        setting(
            "Optimisation",
            "peak learning rate at this batch size; default: by model",
            also=("lr0", "learning_rate"),
            gt=0.0,
        ),
    ] = None
    momentum: Annotated[float, setting("Optimisation", "of sgd; the first beta of adam", ge=0.0, lt=1.0)] = (
        0.9
    )
    weight_decay: Annotated[
        float | None,
        setting(
            "Optimisation",
            "on weights only, never on norms and biases; default: by model",
            also=("wd",),
            ge=0.0,
        ),
    ] = None
    sched: Annotated[
        Literal["cosine", "onecycle", "step", "constant"],
        setting(
            "Optimisation", "shape of the learning rate after warm-up", also=("lr_scheduler", "scheduler")
        ),
    ] = "cosine"
    warmup_epochs: Annotated[
        float | None,
        setting("Optimisation", "epochs of linear warm-up; default: 5 % of the run, at most 5", ge=0.0),
    ] = None
    clip_grad: Annotated[
        float | None,
        setting("Optimisation", "largest global L2 norm of the gradient; default: no clipping", gt=0.0),
    ] = None

    # Regularisation
    smoothing: Annotated[
        float, setting("Regularisation", "label smoothing", also=("label_smoothing",), ge=0.0, lt=1.0)
    ] = 0.0
    class_weights: Annotated[
        Literal["none", "balanced"],
        setting(
            "Regularisation", "balanced weighs each class by n / (K * n_class) in the loss", also=("cls_pw",)
        ),
    ] = "none"
    ema: Annotated[
        float | None,
        setting(
            "Regularisation",
            "decay of an averaged copy of the weights, such as 0.999",
            also=("model_ema",),
            gt=0.0,
            lt=1.0,
        ),
    ] = None
    patience: Annotated[
        int | None,
        setting("Regularisation", "stop after this many epochs without a better val figure", ge=1),
    ] = None
    stop_when: Annotated[
        Literal["late-overfitting", "overfitting"] | None,
        setting("Regularisation", "stop once the curves establish this"),
    ] = None

    # Machine
    device: Annotated[str, setting("Machine", "auto, cpu, cuda, a GPU's number, mps")] = "auto"
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "fp16"],
        setting("Machine", "of the arithmetic; auto says what it chose"),
    ] = "auto"
    memory_format: Annotated[
        Literal["auto", "channels_last", "contiguous"], setting("Machine", "layout of images in memory")
    ] = "auto"
    deterministic: Annotated[
        bool, setting("Machine", "refuse operators whose result varies between runs")
    ] = True
    workers: Annotated[
        int | None,
        setting(
            "Machine",
            "processes that decode; 0 decodes in this one; default: one a core",
            also=("j", "num_workers", "dataloader_num_workers"),
            ge=0,
        ),
    ] = None
    memory_budget: Annotated[
        float | None,
        setting("Machine", "GiB of decoded pixels to hold in memory; beyond it they stay on disk", ge=0.0),
    ] = None
    cache_dir: Annotated[
        str | None, setting("Machine", "where decoded pixels and unpacked archives are kept")
    ] = None

    # Output
    seed: Annotated[
        int, setting("Output", "of splits, initialisation, order, augmentation, dropout", ge=0)
    ] = 0
    project: Annotated[
        str, setting("Output", "folder that holds the runs", also=("output", "output_dir"))
    ] = "runs/train"
    name: Annotated[
        str | None, setting("Output", "of this run; default: of the data", also=("experiment",))
    ] = None
    exist_ok: Annotated[bool, setting("Output", "write into an existing run folder of that name")] = False
    save_every: Annotated[
        float,
        setting(
            "Output", "minutes between checkpoints inside an epoch (each epoch's end is one too)", gt=0.0
        ),
    ] = 5.0

    @classmethod
    def make(cls, settings: Mapping[str, Any]) -> Recipe:
        """A recipe from settings by name or synonym; '-' and '_' are equal.

        Raises UnknownSetting (with the nearest name) or InvalidSetting (with the bound that is broken).
        """
        known = aliases()
        resolved: dict[str, Any] = {}
        for key, value in settings.items():
            field = known.get(key.replace("-", "_"))
            if field is None:
                close = nearest(key, known)
                raise UnknownSetting(
                    "no such setting",
                    got=key,
                    expected="one of the settings that `striate train --help` lists",
                    next_step=policy_hint(key) or (f"did you mean {' or '.join(close)}?" if close else None),
                )
            resolved[field] = (value, value) if field == "img_size" and isinstance(value, int) else value
        try:
            return cls.model_validate(resolved)
        except ValidationError as error:
            raise invalid(error, cls.model_fields) from error

    @classmethod
    def from_yaml(cls, text: str) -> Recipe:
        """The recipe that `to_yaml` wrote."""
        values = yaml.safe_load(text)
        if not isinstance(values, dict):
            raise InvalidSetting(
                "a recipe is a mapping of settings", got=type(values).__name__, expected="name: value lines"
            )
        return cls.make(values)

    def to_yaml(self) -> str:
        """All settings, one a line, in the order of the help."""
        values = self.to_dict()
        # Unescaped, YAML folds U+0085 and its kin into a space; where one occurs, everything is escaped.
        plain = all(str(value).isprintable() for value in values.values())
        return yaml.safe_dump(values, sort_keys=False, allow_unicode=plain)

    def but(self, **changes: Any) -> Recipe:
        """This recipe with some settings changed (and checked again)."""
        return Recipe.make({**self.model_dump(), **changes})

    def differences(self) -> dict[str, Any]:
        """The settings that are not at their default."""
        fields = type(self).model_fields
        return {name: value for name, value in self.model_dump().items() if value != fields[name].default}


def aliases() -> dict[str, str]:
    """Every accepted name of every setting -> the setting."""
    fields = Recipe.model_fields.items()
    return {name: field for field, info in fields for name in (field, *_extra(info)["also"])}


def _extra(info: FieldInfo) -> dict[str, Any]:
    extra = info.json_schema_extra
    assert isinstance(extra, dict)
    return extra
