"""What can go wrong while training, each with its page in docs/errors.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import CheckpointError, ModelError, RecipeError, RunFolderError, TrainingError

__all__ = [
    "CheckpointDamaged",
    "DataChanged",
    "InvalidSetting",
    "ModelMisfit",
    "ModelNeeded",
    "NewerVersion",
    "NonFiniteLoss",
    "NothingToResume",
    "NothingToTrain",
    "OutOfMemory",
    "PrecisionUnsuited",
    "RecipeChanged",
    "RunDamaged",
    "TooFewToTrain",
    "UnknownSetting",
    "WeightsDamaged",
]


class UnknownSetting(RecipeError):
    """A setting has a name that striate does not know.

    Cause: a typo in a flag, in `args.yaml`, or in a keyword of `striate.train`.

    Cure: `striate train --help` lists all settings; the error names the nearest ones. Dashes and underscores are
    equal, and the common names of other tools (`imgsz`, `lr0`, `wd`, ...) are understood.
    """

    slug = "unknown-setting"


class InvalidSetting(RecipeError):
    """A setting has a value outside what it can be.

    Cause: out of range, of the wrong type, or not among the choices.

    Cure: the error says what is allowed.
    """

    slug = "invalid-setting"


class PrecisionUnsuited(RecipeError):
    """The precision asked for would train this network wrongly here, without a sign of it.

    Cause: an error in the processor's library for bf16: the weight gradient of a convolution that strides over a map of one
    pixel is not computed. Left to itself striate chooses fp32 for such a network and says so.

    Cure: leave out `--precision`, or use a larger `--img-size`.
    """

    slug = "precision-unsuited"


class RecipeChanged(RecipeError):
    """The settings of a run were changed after it had begun, and a checkpoint holds the state of the old ones.

    Cause: `args.yaml` was edited. A network, an optimiser or a schedule that changes half-way gives a run that no recipe
    describes and that nobody can repeat.

    Cure: put the old values back (the error names them) and resume; or start a new run with the new ones, from the weights so
    far: `--weights RUN/weights/last.safetensors`.
    """

    slug = "recipe-changed"


class TooFewToTrain(RecipeError):
    """There are too few training images for this recipe.

    Cause: batch norm needs at least two images in a step to have a variance; a training split of one
    image, or `--batch-size 1`, has none. (Where the last batch of an epoch would hold one image, that image joins the batch
    before it, so that no step is alone and every image is seen.)

    Cure: more images, a larger `--batch-size`, or a network without batch norm (`--norm group` with striate's own ones).
    """

    slug = "too-few-to-train"


class NonFiniteLoss(TrainingError):
    """The loss became NaN or infinite, so training stopped before the weights were touched by it.

    Cause: most often a learning rate that is too high for the model; also mixed precision that overflows,
    no normalisation in a deep network, or pixels that are not finite.

    Cure: the error names the step and the first layer whose output is not finite. Lower `--lr` (a
    tenth is a good first try; `striate lr-find` measures it), add `--clip-grad 1`, or use `--precision fp32`.
    The weights of the last good epoch are kept in `weights/`.
    """

    slug = "non-finite-loss"


class OutOfMemory(TrainingError):
    """The device ran out of memory in a training step.

    Cause: the batch is too large for the network and the image size.

    Cure: the error suggests a batch size that fits; `--img-size` smaller helps with the square.
    """

    slug = "out-of-memory"


class NothingToResume(RunFolderError):
    """The run has ended; there is nothing left to do in it.

    Cause: all epochs are done, or early stopping ended it.

    Cure: start a new run. `--weights RUN/weights/best.safetensors` begins it from these weights.
    """

    slug = "nothing-to-resume"


class ModelMisfit(ModelError):
    """The network does not map the images of this data set to one number per class.

    Cause: a network given from Python whose last layer has another number of outputs than there are classes, which takes
    another image size or number of channels, or which returns something other than one tensor.

    Cure: the error says what came out for two black images. `--img-size` and `--channels` choose what goes in.
    """

    slug = "model-misfit"


class NothingToTrain(ModelError):
    """No parameter of the network can learn.

    Cause: all of them are frozen (`requires_grad=False`), or there are none.

    Cure: leave at least the last layer free: `model.fc.requires_grad_(True)`, whatever its name is.
    """

    slug = "nothing-to-train"


class ModelNeeded(RunFolderError):
    """This run trained a network given as a Python object, which a folder cannot rebuild.

    Cause: `striate.train(data, model=my_module)`.

    Cure: give the same module again: `striate.resume(run, model=my_module)`.
    """

    slug = "model-needed"


class DataChanged(RunFolderError):
    """The data set is not the one the run began with, so the run cannot continue exactly.

    Cause: files were added, removed, changed or moved to another class since.

    Cure: put the data back, or start a new run on what is there now.
    """

    slug = "data-changed"


class CheckpointDamaged(CheckpointError):
    """No checkpoint of the run is whole.

    Cause: files in `checkpoints/` were truncated, altered or removed; their hashes do not match the manifest.

    Cure: `weights/best.safetensors` still predicts. To train on, start a new run with `--weights` of it.
    """

    slug = "checkpoint-damaged"


class NewerVersion(RunFolderError):
    """The run was written by a newer striate, whose format this one does not know.

    Cause: the run folder comes from another machine or an environment with a newer version.

    Cure: upgrade striate.
    """

    slug = "newer-version"


class WeightsDamaged(RunFolderError):
    """A weights file cannot be read, or is not one that striate wrote.

    Cause: the file is truncated or altered, or comes from another tool.

    Cure: use the other of `weights/best.safetensors` and `weights/last.safetensors`, or resume the run.
    """

    slug = "weights-damaged"


class RunDamaged(RunFolderError):
    """One of the run's own files is missing or cannot be read.

    Cause: the run was ended before its first step, or `args.yaml`, `run.json` or `data.json` was altered or truncated.

    Cure: `striate resume RUN` begins or continues it; a damaged `run.json` is written again from the newest checkpoint.
    `args.yaml` and `data.json` are in no other file: put them back from a copy. `weights/best.safetensors` is whole all the same.
    """

    slug = "run-damaged"
