"""Sick, healthy and near-miss runs for A10."""

from __future__ import annotations

from striate.core.layer_records import AxisField, LayerFact, ReceptiveField
from striate.diagnosis.conditions.over_downsampling import CONDITION
from tests.patients.moving import inside, network, point, run


def conv(name: str, *, stride: int, side: int, before: int, work: int = 100) -> LayerFact:
    axis = AxisField(reach="local", size=before + 2, stride=(stride, 1), first=(0,) * side, last=(3,) * side)
    field = ReceptiveField(
        input_size=(32, 32), output_shape=(8, side, side), reach="local", axes=(axis, axis)
    )
    return LayerFact(
        name=name,
        kind="Conv2d",
        output_shape=(8, side, side),
        parameters=9,
        kernel=(3, 3),
        multiply_adds=work,
        field=field,
        input_field=(before, before),
    )


PHOTO = network(
    layers=(
        conv("stem", stride=2, side=16, before=1),
        conv("pool", stride=4, side=8, before=7),
        conv("a", stride=4, side=8, before=11),
    )
)
LATE = network(
    layers=(
        conv("a", stride=1, side=32, before=1),
        conv("b", stride=2, side=16, before=3),
        conv("c", stride=16, side=2, before=40),
    )
)


def test_sick_a_stem_for_photographs():
    found = CONDITION.examine(run(network=PHOTO))
    assert (found.state, found.severity) == ("suspected", "warning")
    assert "4-fold" in found.sentence


def test_only_worth_knowing_when_learnt_or_hardly_moved_or_pretrained():
    knew = inside(eval_mode_accuracy=(0.5,) * 5)
    for more in ({"epochs": (point(0.97, 0.1),)}, {"inside": inside(ratio=1e-4)}, {"inside": knew}):
        assert CONDITION.examine(run(network=PHOTO, **more)).severity == "info"


def test_late_work_on_tiny_maps_is_only_worth_knowing():
    found = CONDITION.examine(run(network=LATE))
    assert (found.state, found.severity) == ("suspected", "info")
    assert [e.name for e in found.evidence] == ["late_work"]


def test_near_miss_late_work_that_costs_no_accuracy():
    for val, state in ((0.97, "absent"), (0.7, "suspected")):
        learnt = point(0.98, 0.05, val_accuracy=val, val_n=500)
        assert CONDITION.examine(run(network=LATE, epochs=(learnt,))).state == state


def test_healthy():
    gradual = (conv("a", stride=1, side=32, before=1), conv("b", stride=2, side=16, before=3))
    assert CONDITION.examine(run(network=network(layers=gradual))).state == "absent"


def test_near_miss_a_large_image():
    large = PHOTO.model_copy(update={"input_size": (3, 224, 224)})
    assert CONDITION.examine(run(network=large)).state == "absent"


def test_near_miss_little_work_is_late():
    some = (
        conv("a", stride=1, side=32, before=1, work=900),
        conv("b", stride=2, side=16, before=3),
        conv("c", stride=16, side=2, before=40),
    )
    assert CONDITION.examine(run(network=network(layers=some))).state == "absent"


def test_unseen():
    assert CONDITION.examine(run(network=None)).state == "unseen"
