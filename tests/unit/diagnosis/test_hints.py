"""Hints about layers: each with a network that deserves it, one that does not, and one just at the edge."""

from __future__ import annotations

from striate.core.layer_records import AxisField, LayerFact, ReceptiveField
from striate.diagnosis.hints import layer_hints


def seeing(size: int, side: int = 32, *, stride: int = 1, misaligned: str = "") -> ReceptiveField:
    axis = AxisField(reach="local", size=size, stride=(stride, 1), first=(0,) * 4, last=(3,) * 4)
    return ReceptiveField(
        input_size=(side, side),
        output_shape=(8, 4, 4),
        reach="local",
        axes=(axis, axis),
        misaligned=misaligned,
    )


def conv(name: str, size: int, before: int = 1, **options) -> LayerFact:
    return LayerFact(
        name=name, kind="Conv2d", output_shape=(8, 4, 4), parameters=9, kernel=(3, 3), multiply_adds=9,
        field=seeing(size, **options), input_field=(before, before),
    )  # fmt: skip


def pool() -> LayerFact:
    whole = AxisField(reach="global", because="mean", first=(0,), last=(31,))
    field = ReceptiveField(input_size=(32, 32), output_shape=(8, 1, 1), reach="global", axes=(whole, whole))
    return LayerFact(name="pool", kind="AdaptiveAvgPool2d", output_shape=(8, 1, 1), parameters=0, field=field)


IMAGE = (3, 32, 32)


def test_a_field_below_half_of_the_image_before_the_pool() -> None:
    assert layer_hints([conv("a", 15), pool()], IMAGE) == (
        "Before everything is pooled, a unit sees 15x15 of 32x32 pixels, 46.9 % of a side: larger objects are judged by "
        "their parts.",
    )
    assert layer_hints([conv("a", 16), pool()], IMAGE) == ()
    assert layer_hints([conv("a", 15)], IMAGE) == ()  # nothing is pooled: a map is what is wanted


def test_a_stem_for_photographs_on_small_images() -> None:
    stem = [conv("a", 7, stride=2, side=64), conv("b", 17, stride=4, side=64)]
    assert layer_hints(stem, (3, 64, 64))[0].startswith(
        "The first 2 layers with a window shrink the 64x64 image 4-fold"
    )
    assert layer_hints(stem, (3, 65, 65)) == ()
    assert layer_hints([stem[0], conv("b", 17, stride=3, side=64)], (3, 64, 64)) == ()


def test_layers_whose_input_already_sees_the_whole_image() -> None:
    layers = [conv("a", 31), conv("b", 33, before=31), conv("c", 35, before=32)]
    assert layer_hints(layers, IMAGE) == (
        "1 of 3 convolutions with a window, from c on, get maps whose units could already see the whole image: they add "
        "depth, not view.",
    )


def test_misalignment_and_the_unknown_are_passed_on() -> None:
    unknown = ReceptiveField(
        input_size=(32, 32), output_shape=(8,), reach="unknown", axes=(), because="x has no rule"
    )
    layers = [
        conv("a", 31, misaligned="b (add)"),
        LayerFact(name="c", kind="Odd", output_shape=(8,), parameters=0, field=unknown),
    ]
    assert layer_hints(layers, IMAGE) == (
        "Branches meet in b (add) whose fields have different centres; the field given is their hull.",
        "From one point on the field is unknown: x has no rule.",
    )
