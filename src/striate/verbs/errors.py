"""What can go wrong between a run and the data, or the other run, it is asked about.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import DataError, RunFolderError, UsageError

__all__ = ["DataNeeded", "NotComparable", "NotFinished", "UnknownClass"]


class UnknownClass(DataError):
    """The data to be scored has a class that the network was not trained on.

    Cause: a folder or label spelled in another way than in training, or a class that did not exist then.

    Cure: rename the folder or the label to the class it is (the error names the nearest), or take it out. `data.json`
    of the run lists its classes.
    """

    slug = "unknown-class"


class DataNeeded(RunFolderError):
    """This run was trained on a Python object, arrays or a data set, which a folder cannot bring back.

    Cause: `striate.train((images, labels))`, and now `resume` or `val` without them.

    Cure: give the same data again: `striate.resume(run, data=(images, labels))`, `striate.val(run, own_data=(images, labels))`.
    """

    slug = "data-needed"


class NotFinished(RunFolderError):
    """The run has not ended, so it has no answers yet that could be compared.

    Cause: it is still training, was interrupted, or failed. What a network answers on the held-out images is written to
    `predictions.csv` when training has ended.

    Cure: wait for it, or go on with it: `striate resume RUN`.
    """

    slug = "not-finished"


class NotComparable(UsageError):
    """The two runs have nothing in common that could be compared class by class.

    Cause: they were trained to tell other classes apart, or there is no split that both were scored on.

    Cure: compare runs on the same data. Where a class bears two spellings, rename it and train again; `data.json` of each
    run lists its classes.
    """

    slug = "not-comparable"
