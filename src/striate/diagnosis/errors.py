"""What can be wrong with a log that is to be diagnosed, each with its page in docs/errors.

Knows nothing about how logs are read.
"""

from __future__ import annotations

from striate.core.errors import DataError, UsageError

__all__ = ["LogEmpty", "LogTooLarge", "NoLogFound", "NoSuchLog", "NotATrainingLog"]


class NoSuchLog(UsageError):
    """There is no file or folder at the path that was given as a log.

    Cause: a typo, or a path relative to another folder.

    Cure: the error names what is nearest in that folder, where something is near.
    """

    slug = "no-such-log"


class LogEmpty(DataError):
    """The log has no row with a figure in it.

    Cause: training stopped before the first row was written, or the logger has not yet flushed its buffer.

    Cure: wait for the first epoch to end, or close the logger; then read the log again.
    """

    slug = "log-empty"


class NotATrainingLog(DataError):
    """The file was read, but holds no loss and no accuracy by epoch or step.

    Cause: another kind of file; columns whose names say neither `loss` nor `acc`, `accuracy`, `top1` or `error`;
    a table without a line of column names; a damaged file.

    Cure: a CSV, TSV or JSON with columns such as `epoch,train_loss,train_acc,val_loss,val_acc`, a `trainer_state.json`,
    or a TensorBoard event file.
    """

    slug = "not-a-training-log"


class NoLogFound(DataError):
    """The folder, and what lies a few levels below it, holds no training log.

    Cause: the wrong folder, or a logger that writes elsewhere.

    Cure: give the folder that holds `results.csv`, `metrics.csv`, `history.csv`, `summary.csv`, `trainer_state.json` or
    `events.out.tfevents.*`; or the file itself, whatever its name.
    """

    slug = "no-log-found"


class LogTooLarge(DataError):
    """The text of the log is larger than any log of epochs or steps needs to be.

    Cause: another kind of file, or a logger that wrote one row for each image.

    Cure: keep one row for each step or epoch, and give that file.
    """

    slug = "log-too-large"
