"""What can go wrong between a network and whoever looks at it; each has its page.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import ModelError

__all__ = ["InputRefused", "LayerUnsuited", "NotYetShaped", "UnknownLayer"]


class UnknownLayer(ModelError):
    """The network has no layer of this name.

    Cause: a typo, or the name of a layer in another implementation of the same network.

    Cure: the error names the nearest ones; `[name for name, _ in model.named_modules()]` lists all.
    """

    slug = "unknown-layer"


class LayerUnsuited(ModelError):
    """This layer cannot be looked at in the way that was asked for.

    Cause: it never runs for this input, it puts out no tensor, or it puts out no map of the image (features without
    places, or tokens) where a map is needed.

    Cure: choose a layer that puts out (N, C, H, W), such as a convolution, or the block around it.
    """

    slug = "layer-unsuited"


class InputRefused(ModelError):
    """The network cannot take an input of this size.

    Cause: another number of channels than the first layer has, or an image that is too small, or not the one size that the
    network is made for. The error names the layer and says what it said.

    Cure: `--input 3x224x224` sets channels, height and width.
    """

    slug = "input-refused"


class NotYetShaped(ModelError):
    """A lazy layer has not run yet, so that it has no weights whose shape could be told.

    Cause: `nn.LazyLinear` and its kin take their shape from the first batch. To look at a network must not change it, so
    striate does not run that batch.

    Cure: run the network once, `model(images)`, then look at it.
    """

    slug = "not-yet-shaped"
