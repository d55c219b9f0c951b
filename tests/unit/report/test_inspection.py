"""The page of a network: hostile names escaped, one choice at first, fields as boxes, an image cut to the input."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from striate.core.layer_records import AxisField, Inspection, LayerFact, ReceptiveField
from striate.report.inspection import CHOICES, build_inspection, render_inspection


def layer(name: str, size: int, n: int = 32) -> LayerFact:
    first = tuple(max(0, i - size // 2) for i in range(n))
    last = tuple(min(n - 1, i + size // 2) for i in range(n))
    axis = AxisField(reach="local", size=size, stride=(1, 1), first=first, last=last)
    field = ReceptiveField(input_size=(n, n), output_shape=(4, n, n), reach="local", axes=(axis, axis))
    return LayerFact(
        name=name,
        kind="Conv2d",
        output_shape=(4, n, n),
        parameters=9,
        kernel=(3, 3),
        field=field,
        dense_parameters=7,
    )


def found(*layers: LayerFact, name: str = "net") -> Inspection:
    return Inspection(
        network=name, input_size=(3, 32, 32), layers=layers, parameters=1, multiply_adds=2, activation_bytes=3
    )


def test_names_from_outside_are_text() -> None:
    page = render_inspection(found(layer("<script>x</script>", 3), layer("b", 5), name="<b>net</b>"))
    assert "<script" not in page
    assert "<b>net" not in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page


def test_the_first_choice_leaves_something_of_the_image_outside() -> None:
    page = build_inspection(found(layer("a", 3), layer("b", 9), layer("shortcut", 5), layer("c", 65)))
    assert [(n.layer, n.words) for n in page.nested] == [
        ("a", "3×3, 0.9 %"),
        ("b", "9×9, 7.9 %"),
        ("c", "65×65, 100 %"),
    ]
    assert page.chosen == "l1"
    html = render_inspection(found(layer("a", 3), layer("b", 9), layer("c", 65)))
    assert html.count('" checked>') == 1
    assert re.search(r'id="l1" checked', html)


def test_many_layers_are_thinned_to_a_choice() -> None:
    page = build_inspection(found(*[layer(f"l{i}", 2 * i + 1, 128) for i in range(60)]))
    assert len(page.nested) == CHOICES
    assert (page.nested[0].layer, page.nested[-1].layer) == ("l0", "l59")
    assert len(page.rows) == 60


def test_an_image_is_cut_to_the_input_and_embedded(tmp_path) -> None:
    Image.fromarray(np.zeros((50, 90, 3), np.uint8)).save(tmp_path / "a.png")
    page = render_inspection(found(layer("a", 3), layer("b", 5)), tmp_path / "a.png")
    assert page.count("data:image/png;base64,") == 1
    assert "On <bdi>a.png</bdi>" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_network_without_any_map_has_a_page_too() -> None:
    bare = LayerFact(name="fc", kind="Linear", output_shape=(2,), parameters=8)
    page = build_inspection(found(bare))
    assert (page.nested, page.growth, page.canvas, page.chosen) == ((), "", "", "")
    assert "Every layer" in render_inspection(found(bare))


def test_an_image_that_cannot_be_read(tmp_path) -> None:
    (tmp_path / "a.png").write_bytes(b"no")
    with pytest.raises(OSError, match="cannot identify"):
        render_inspection(found(layer("a", 3), layer("b", 5)), tmp_path / "a.png")
