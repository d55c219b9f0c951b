"""What can go wrong with an augmentation policy, each with its page in docs/errors.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import RecipeError, UsageError

__all__ = [
    "BatchUnusable",
    "LabelMapUnusable",
    "LabelsNeeded",
    "NotAPermutation",
    "NothingToAudit",
    "TransformDoesNotFit",
    "TransformOutOfRange",
    "UnknownTransform",
    "UnknownView",
]


class UnknownTransform(RecipeError):
    """A word of the augmentation policy is no transform and no preset.

    Cause: a typo in `--augment`, or a policy of another tool.

    Cure: a policy is a preset (`none`, `light`, `default`, `strong`) or transforms joined by `+`, each with an optional
    number and an optional share of the images: `flip+crop4+gray@0.1`. The error names the nearest ones.
    """

    slug = "unknown-transform"


class TransformOutOfRange(RecipeError):
    """The number of a transform is outside what it can be.

    Cause: a probability above 1, a shift of no pixels, a fraction where pixels are counted, a number where there is none
    to give.

    Cure: the error says the range.
    """

    slug = "transform-out-of-range"


class TransformDoesNotFit(RecipeError):
    """A transform of the policy cannot be done to images of this size or colour.

    Cause: `crop4` was chosen for larger images (a border of k mirrored pixels needs more than k pixels to mirror); a quarter
    turn of images that are not square; `hue` of grey images.

    Cure: fewer pixels, or the name without a number, which takes a part of the image; leave out what changes nothing.
    """

    slug = "transform-does-not-fit"


class LabelMapUnusable(RecipeError):
    """A label map cannot be read, or names a class or a transform that is not there.

    Cause: a typo; a class of another data set; a transform that is not part of the policy, or one of which nobody can say
    what it makes of a class (a rotation by some degrees).

    Cure: write the transform, a colon, and what it does to classes: `rot180: 6<->9, !4` means that half a turn makes a 6 a 9
    and a 9 a 6, and that a 4 is never turned. Rules of several transforms are separated by `;`. A name with one of
    `, ; : < > ! "` in it stands in double quotes.
    """

    slug = "label-map-unusable"


class NotAPermutation(RecipeError):
    """A label map sends two classes to one, leaves one without a way back, or is not undone by its transform.

    Cause: `6->9` without `9->6`; a class named twice; for a flip or half a turn, which are undone by doing them again, a circle of
    three classes.

    Cure: `6<->9` for a pair; for a quarter turn a circle of two or four: `up->left->down->right->up`. Forbid what has no partner: `!4`.
    """

    slug = "not-a-permutation"


class LabelsNeeded(RecipeError):
    """A policy that mixes or renames labels was used without knowing the classes, or with a loss for hard labels.

    Cause: `mixup` and `cutmix` give every image two labels, a share each. A loss that takes one class number per image
    (`nll_loss`, a hinge) cannot be told so.

    Cure: bind the policy to the classes, `policy.bind(classes)`, and use a loss that takes targets of shape (N, K), such as
    `torch.nn.functional.cross_entropy`; or leave the mixing out.
    """

    slug = "labels-needed"


class BatchUnusable(UsageError):
    """A policy called in a loop of one's own was given images, labels or rows that do not belong together.

    Cause: an image without its batch axis, a NumPy array instead of a tensor, fewer labels or rows than images, soft targets or
    names where class numbers belong, a label that is no class.

    Cure: `policy(images, labels, seed=..., epoch=..., rows=...)` takes a tensor (N, C, H, W), uint8 or float from 0 to 1, the class number
    of each image, and the number of each image in the data set.
    """

    slug = "batch-unusable"


class NothingToAudit(UsageError):
    """There is nothing an audit of transforms could find out.

    Cause: a policy that is `none`, or one that only mixes images, whose labels are mixed on purpose.

    Cure: a policy with a transform of single images; without `--policy` all of them are judged.
    """

    slug = "nothing-to-audit"


class UnknownView(UsageError):
    """A word of `--tta` is no view that an image can be looked at in.

    Cause: a typo, or a transform that does something else to every image, such as a change of colour: only mirror images, turns
    and shifts leave a picture that could have been taken just so.

    Cure: `flip`, `vflip`, `rot180`, `rot90` (all directions) and `shift`, several joined by `+`: `--tta flip+shift`. They take no number.
    """

    slug = "unknown-view"
