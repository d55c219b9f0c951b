"""What can go wrong between a run and the data, or the other run, it is asked about.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import DataError, RunFolderError, UsageError

__all__ = ["DataNeeded", "NotComparable", "NotFinished", "ObservationUnusable", "UnknownClass", "UnsafeViews"]


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


class ObservationUnusable(DataError):
    """The file that should hold what was seen of a training cannot be read as that.

    Cause: `observation.json` was altered or truncated, or another tool writes a file of this name.

    Cure: write it again (`doc.save("observation.json")` of `striate.attach`), or diagnose the run or the log itself.
    """

    slug = "observation-unusable"


class NotComparable(UsageError):
    """The two runs have nothing in common that could be compared class by class.

    Cause: they were trained to tell other classes apart, or there is no split that both were scored on.

    Cure: compare runs on the same data. Where a class bears two spellings, rename it and train again; `data.json` of each
    run lists its classes.
    """

    slug = "not-comparable"


class UnsafeViews(UsageError):
    """Test-time augmentation was asked for with views of which nobody knows whether they keep the label.

    Cause: a mirror image of a 2 is no 2. The network was not trained with what was asked for, and no audit of it found that its answers
    survive; or a label map says that some class must not be seen so, and which class an image has is what the network is asked.

    Cure: ask for views that the network was trained with (`augment` in the run's `args.yaml`). Or find out whether the others
    keep the label: `striate augment --run RUN --policy flip` asks the run's network about held-out images before and after, and leaves what
    it found in the run folder, where `striate val` and `striate predict` look for it. It holds for the weights that were asked, the best ones.
    """

    slug = "unsafe-views"
