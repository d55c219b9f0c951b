"""Every transform by name, and the text of a policy read term by term.

Knows nothing about what a policy does with them.
"""

from __future__ import annotations

import re

from striate.augment.automatic import RandAugment, TrivialAugment
from striate.augment.colour import Brightness, Contrast, Grayscale, Hue, Saturation
from striate.augment.erasing import Cutout, RandomErasing
from striate.augment.errors import UnknownTransform
from striate.augment.flips import AlternatingFlip, HorizontalFlip, VerticalFlip
from striate.augment.mixing import CutMix, Mixup
from striate.augment.shifts import PaddedCrop, Translate
from striate.augment.smudges import Blur, Noise
from striate.augment.transform import Transform
from striate.augment.turns import Rot90, Rot180
from striate.augment.warps import RandomResizedCrop, Rotate, Scale, Shear
from striate.core.errors import nearest

__all__ = ["PRESETS", "SYNONYMS", "TRANSFORMS", "transforms_from"]

KINDS: tuple[type[Transform], ...] = (
    *(HorizontalFlip, AlternatingFlip, VerticalFlip),
    *(Rot180, Rot90),
    *(PaddedCrop, Translate),
    *(Rotate, Scale, Shear, RandomResizedCrop),
    *(Brightness, Contrast, Saturation, Hue, Grayscale),
    *(Blur, Noise),
    *(RandAugment, TrivialAugment),
    *(Cutout, RandomErasing),
    *(Mixup, CutMix),
)
TRANSFORMS: dict[str, type[Transform]] = {kind.name: kind for kind in KINDS}
SYNONYMS = {
    "hflip": "flip",
    "fliplr": "flip",
    "flipud": "vflip",
    "horizontal_flip": "flip",
    "vertical_flip": "vflip",
    "random_crop": "crop",
    "rrc": "resizedcrop",
    "gaussian_blur": "blur",
    "grey": "gray",
    "grayscale": "gray",
    "ta": "trivialaugment",
    "trivialaugmentwide": "trivialaugment",
}
PRESETS = {
    "none": "",
    "light": "flip",
    "default": "flip+crop",
    "strong": "flip+crop+trivialaugment+cutout",
}

_MARKS = re.compile(r"[\s,;|/\[\]()]+")
_REST = re.compile(r"(?P<number>\d+(?:\.\d+)?|\.\d+)?(?:@(?P<p>\d+(?:\.\d+)?|\.\d+))?")


def transforms_from(text: str) -> tuple[Transform, ...]:
    """The transforms that `text` writes: a preset, or terms joined by '+', each ``name[number][@share]``.

    Raises UnknownTransform and TransformOutOfRange.
    """
    if not isinstance(text, str):
        raise UnknownTransform(
            "a policy is written as one text",
            got=f"{text!r}",
            expected="terms joined by +, as in 'flip+crop4'",
        )
    plain = text.strip().lower()
    plain = PRESETS.get(plain, plain)
    terms = [term.strip() for term in plain.split("+")] if plain else []
    return tuple(_term(term, alone=len(terms) == 1) for term in terms)


def _term(term: str, *, alone: bool) -> Transform:
    """A preset cannot be part of a policy, so it is only suggested where the term is all there is."""
    plain = term.replace("-", "_")
    # Longest name first: rot180 is no rot with a number.
    for name in sorted([*TRANSFORMS, *SYNONYMS], key=len, reverse=True):
        rest = _REST.fullmatch(plain.removeprefix(name)) if plain.startswith(name) else None
        if rest is not None:
            number, p = (float(rest[k]) if rest[k] else None for k in ("number", "p"))
            return TRANSFORMS[SYNONYMS.get(name, name)].of(number, p)
    raise UnknownTransform(
        "no such transform",
        got=term or "nothing between two +",
        expected=", ".join(TRANSFORMS) + " with an optional number, joined by +; or " + ", ".join(PRESETS),
        next_step=_advice(plain, alone=alone),
    )


def _advice(plain: str, *, alone: bool) -> str | None:
    """What may have been meant: a preset inside a policy, another mark between terms, a typo."""
    if plain in PRESETS:
        return (
            f"a preset stands alone; written out it is {PRESETS[plain]}" if PRESETS[plain] else "leave it out"
        )
    terms = [term for term in _MARKS.split(plain) if term]
    if len(terms) > 1 and all(
        any(term.startswith(name) for name in (*TRANSFORMS, *SYNONYMS)) for term in terms
    ):
        return f"terms are joined by +: {'+'.join(terms)}"
    close = nearest(
        re.sub(r"[\d.@]+$", "", plain) or plain, [*TRANSFORMS, *SYNONYMS, *(PRESETS if alone else ())]
    )
    return f"did you mean {' or '.join(close)}?" if close else None
