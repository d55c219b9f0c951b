"""What can go wrong with an augmentation policy, each with its page in docs/errors.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import RecipeError

__all__ = ["TransformDoesNotFit", "TransformOutOfRange", "UnknownTransform"]


class UnknownTransform(RecipeError):
    """A word of the augmentation policy is no transform and no preset.

    Cause: a typo in `--augment`, or a policy of another tool.

    Cure: a policy is a preset (`none`, `light`, `default`) or transforms joined by `+`, each with an optional number:
    `flip+crop4`. The error names the nearest ones.
    """

    slug = "unknown-transform"


class TransformOutOfRange(RecipeError):
    """The number of a transform is outside what it can be.

    Cause: a probability above 1, a shift of no pixels, a fraction where pixels are counted.

    Cure: the error says the range.
    """

    slug = "transform-out-of-range"


class TransformDoesNotFit(RecipeError):
    """A transform of the policy moves images further than they are large.

    Cause: `crop4` was chosen for larger images; a border of k mirrored pixels needs more than k pixels to mirror.

    Cure: fewer pixels, or the name without a number, which takes an eighth of the image.
    """

    slug = "transform-does-not-fit"
