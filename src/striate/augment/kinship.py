"""Which transforms a network has seen in training: it cannot be asked about those.

Knows nothing about networks.
"""

from __future__ import annotations

from striate.augment.policy import Policy

__all__ = ["seen_by"]

_TONES = frozenset({"brightness", "contrast", "saturation", "gray"})
_SHIFTS = frozenset({"crop", "translate"})
_AUTOMATIC = _TONES | _SHIFTS | {"rotate", "shear", "randaugment", "trivialaugment"}
_SHOWS: dict[str, frozenset[str]] = {
    "altflip": frozenset({"flip"}),
    "flip": frozenset({"altflip"}),
    "rot90": frozenset({"rot180"}),
    "crop": _SHIFTS,
    "translate": _SHIFTS,
    "resizedcrop": _SHIFTS | {"scale"},
    "saturation": frozenset({"gray"}),
    "gray": frozenset({"saturation"}),
    "cutout": frozenset({"erasing"}),
    "erasing": frozenset({"cutout"}),
    "randaugment": _AUTOMATIC,
    "trivialaugment": _AUTOMATIC,
}


def seen_by(policy: Policy) -> frozenset[str]:
    """Names of transforms that training with `policy` shows, its own and those that come to the same.

    >>> from striate.augment.policy import parse
    >>> sorted(seen_by(parse("altflip+crop4")))
    ['altflip', 'crop', 'flip', 'translate']
    """
    names = {transform.name for transform in policy.transforms}
    return frozenset(names).union(*(_SHOWS.get(name, frozenset()) for name in names))
