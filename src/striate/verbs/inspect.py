"""`striate inspect`: every layer of a network, what it costs, and what its units see.

Knows nothing about terminals.
"""

from __future__ import annotations

from pathlib import Path

from torch import nn

from striate.analysis.cost import multiply_adds, parameter_count
from striate.analysis.layers import layers_of
from striate.analysis.receptive_field import fields_of
from striate.analysis.trace import walk
from striate.core.layer_records import Inspection
from striate.diagnosis.hints import layer_hints
from striate.verbs.run import Run
from striate.verbs.subject import Size, load_subject

__all__ = ["inspect"]


def inspect(
    what: str | Path | nn.Module | Run,
    *,
    input_size: Size | None = None,
    weights: str | Path | None = None,
    training: bool = False,
) -> Inspection:
    """The layers of a network in the order in which they run, with shapes, costs and receptive fields.

    what, input_size, weights: see `load_subject`; the weights of a network by name take no memory. In training mode batch
    norm makes every unit see the whole batch. The network is as before afterwards. Raises what `load_subject` raises,
    InputRefused with the layer that did not take its input, and NotYetShaped.

    >>> striate.inspect("resnet50").layers[0].field.size                            # doctest: +SKIP
    (7, 7)
    """
    subject = load_subject(what, weights=weights, input_size=input_size, materialise=False)
    walked = walk(subject.model, subject.input_size, training=training)
    layers = layers_of(walked, fields_of(walked))
    return Inspection(
        network=subject.name,
        weights=subject.source,
        input_size=subject.input_size,
        training=training,
        layers=layers,
        parameters=parameter_count(subject.model),
        multiply_adds=sum(map(multiply_adds, walked.operations)),
        activation_bytes=sum(layer.activation_bytes for layer in layers),
        hints=layer_hints(layers, subject.input_size),
    )
