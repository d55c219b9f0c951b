"""What can go wrong with a network, each with its page in docs/errors.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import EnvironmentFailure, ModelError

__all__ = [
    "ImageTooSmallForModel",
    "ModelFileFailed",
    "ModelOptionNotSupported",
    "NoSuchFactory",
    "PretrainedOffline",
    "UnknownModel",
    "WeightsDoNotFit",
    "WeightsUnreadable",
]


class UnknownModel(ModelError):
    """No network goes by this name: not in striate, not in timm, not in torchvision.

    Cause: a typo, or a network of a newer timm or torchvision than the installed one.

    Cure: the error names the nearest ones. `timm/NAME` and `torchvision/NAME` say which library is meant; from Python
    any `nn.Module` can be handed over instead of a name.
    """

    slug = "unknown-model"


class ModelOptionNotSupported(ModelError):
    """The network has no such option, or not with this value.

    Cause: `--norm`, `--activation`, `--skip` rebuild striate's own networks; one from timm or torchvision comes as its
    authors made it. The other way round, `--pretrained` means weights that a library publishes, and striate's own networks
    have none.

    Cure: leave the option out, or choose a network that has it; the error lists the values there are.
    """

    slug = "model-option-not-supported"


class ModelFileFailed(ModelError):
    """The Python file that should build the network does not.

    Cause: no such file, a mistake in it, a library that it imports and that is not installed, or a factory that needs arguments or
    returns something else than an `nn.Module`. Striate runs the file because it was named: give only files that you trust.

    Cure: the error shows the line of the file and what Python said there. `python file.py` shows the same with a traceback.
    """

    slug = "model-file-failed"


class NoSuchFactory(ModelError):
    """The Python file has nothing of the name that should build the network.

    Cause: a typo behind the colon, or no colon at all: `file.py:factory` names a function or class of the file that is called
    without arguments, or a finished `nn.Module`.

    Cure: the error lists what the file has.
    """

    slug = "no-such-factory"


class ImageTooSmallForModel(ModelError):
    """The network shrinks its maps more often than these images allow.

    Cause: most networks for ImageNet halve the image five times and some then ask for a 3x3 map; images of 8 or 32 pixels do
    not last that long.

    Cure: a larger `--img-size` (images are scaled up), or one of striate's own networks, which take any size.
    """

    slug = "image-too-small-for-model"


class WeightsDoNotFit(ModelError):
    """The file holds the weights of another network.

    Cause: another depth, another number of classes or channels, options that were different in training, or another
    implementation with other names for its layers.

    Cure: the error counts what is missing, left over and of another shape. Build the network as it was trained (`args.yaml`
    of the run says how), or load the file for another number of classes, which leaves the head as initialised.
    """

    slug = "weights-do-not-fit"


class WeightsUnreadable(ModelError):
    """The file cannot be read as weights.

    Cause: no such file, a truncated download, another format, or a checkpoint that pickles more than tensors. Such a
    pickle can run any program when it is loaded, so striate never does.

    Cure: fetch the file again; for a checkpoint with more in it, save the bare weights once where the checkpoint is trusted:
    `safetensors.torch.save_file(model.state_dict(), "weights.safetensors")`.
    """

    slug = "weights-unreadable"


class PretrainedOffline(EnvironmentFailure):
    """The published weights are not on this machine and could not be fetched.

    Cause: `--pretrained` without a network, behind a proxy, or for a network whose authors publish none.

    Cure: fetch the file that the error names on another machine and start from it with `--weights FILE`.
    """

    slug = "pretrained-offline"
