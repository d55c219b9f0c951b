"""What can go wrong between a run and the data it is asked about.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import DataError, RunFolderError

__all__ = ["DataNeeded", "UnknownClass"]


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
