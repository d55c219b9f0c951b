"""Units that can die, and those that did."""

from __future__ import annotations

from striate.diagnosis.dead_units import killed, rectifiers
from tests.patients.moving import activation, inside


def test_killed_layers_were_alive_before():
    died = activation(0, dead=(0.0, 0.5, 0.9, 0.9, 0.9))
    born = activation(1, dead=0.9)
    gelu = activation(2, dead=(0.0, 0.9, 0.9, 0.9, 0.9), kind="GELU")
    seen = inside(activations=(born, died, gelu))
    assert [a.name for a in killed(seen)] == ["act0"]
    assert [a.name for a in rectifiers(seen)] == ["act0", "act1"]
