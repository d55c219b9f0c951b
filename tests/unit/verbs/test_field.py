"""`striate.field`: measured beside the theory, written as pictures and JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

import striate
from striate.analysis.errors import LayerUnsuited, UnknownLayer
from striate.core.network_findings import FieldFinding
from tests.no_trace import leaves_no_trace


def stack() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(*(nn.Conv2d(c, 6, 3, padding=1) for c in (3, 6, 6)))


def test_three_convolutions_see_seven_pixels(tmp_path: Path) -> None:
    net = stack()
    with leaves_no_trace(net):
        found = striate.field(net, input_size=(3, 15, 15), n=4, out=tmp_path / "deep" / "er")
    field = found.finding.field
    assert (field.layer, field.theoretical, field.theoretical_start) == ("2", (7, 7), (4, 4))
    assert 1 < field.pixels < 49
    assert field.share == field.pixels / 49
    assert [p.name for p in found.files] == ["2.png", "2.svg", "2.json"]
    assert FieldFinding.from_json(found.files[2].read_text()) == found.finding
    with Image.open(found.files[0]) as image:
        assert image.size[0] > 1000
    assert found.files[1].read_text().startswith("<?xml")


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (striate.field(stack(), input_size=(3, 9, 9), n=2, out=tmp_path / d).files for d in "ab")
    for a, b in zip(one, two, strict=True):
        assert a.read_bytes() == b.read_bytes()


def test_a_global_view_is_the_whole_image_and_a_corner_unit_is_cut_off(tmp_path: Path) -> None:
    net = nn.Sequential(stack(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))
    whole = striate.field(net, input_size=(3, 9, 9), layer="3", n=2, out=tmp_path).finding
    assert (whole.field.theoretical, whole.field.theoretical_start) == ((9, 9), (0, 0))
    assert whole.theoretical_from
    far = striate.field(stack(), input_size=(3, 5, 5), n=2, out=tmp_path).finding.field
    assert (far.theoretical, far.theoretical_start) == ((7, 7), (-1, -1))
    assert far.share == far.pixels / 25


def test_results_go_where_runs_are_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = striate.field("resnet20", layer="layer1.0", n=1)
    assert found.files[0] == Path("runs/field/resnet20/layer1.0.png")
    assert (tmp_path / found.files[0]).is_file()


def test_a_grey_network_and_one_without_pictures(tmp_path: Path) -> None:
    for channels in (1, 5):
        net = nn.Sequential(nn.Conv2d(channels, 2, 3, padding=1))
        found = striate.field(net, input_size=(channels, 9, 9), n=2, out=tmp_path)
        assert found.finding.field.theoretical == (3, 3)


def test_a_unit_that_sees_nothing_is_drawn_all_the_same(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Conv2d(3, 2, 3, padding=1))
    nn.init.zeros_(net[0].weight)
    assert striate.field(net, input_size=(3, 9, 9), n=2, out=tmp_path).finding.field.pixels == 0


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayer):
        striate.field(stack(), input_size=(3, 9, 9), layer="conv9", out=tmp_path)
    with pytest.raises(LayerUnsuited):
        striate.field(nn.Flatten(), input_size=(3, 9, 9), out=tmp_path)
