"""Flags of other trainers that belong to the augmentation policy here.

Knows nothing about torch, nor about how a policy is read.
"""

from __future__ import annotations

__all__ = ["policy_hint"]

WRITTEN = {
    "mixup": "mixup0.2",
    "cutmix": "cutmix",
    "cutout": "cutout8",
    "hflip": "flip",
    "fliplr": "flip",
    "vflip": "vflip",
    "flipud": "vflip",
    "degrees": "rotate15",
    "translate": "translate",
    "scale": "scale0.2",
    "shear": "shear10",
    "hsv_h": "hue0.1",
    "hsv_s": "saturation0.3",
    "hsv_v": "brightness0.3",
    "color_jitter": "brightness0.3+contrast0.3+saturation0.3",
    "aa": "randaugment9",
    "auto_augment": "randaugment9",
    "randaugment": "randaugment9",
    "trivialaugment": "trivialaugment",
    "reprob": "erasing@0.25",
    "erasing": "erasing@0.25",
    "random_erase": "erasing@0.25",
}
"""A flag of timm, torchvision or Ultralytics -> the same in a policy."""


def policy_hint(word: str) -> str | None:
    """What to type instead of a flag `word` of another trainer; None for a word that is none.

    >>> policy_hint("mixup")
    'it is part of the policy: --augment flip+crop+mixup0.2'
    """
    written = WRITTEN.get(word.lower().replace("-", "_"))
    if written is None:
        return None
    return f"it is part of the policy: --augment {written if written == 'flip' else f'flip+crop+{written}'}"
