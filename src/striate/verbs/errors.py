"""What can go wrong between a run and the data it is asked about.

Knows nothing about torch.
"""

from __future__ import annotations

from striate.core.errors import DataError

__all__ = ["UnknownClass"]


class UnknownClass(DataError):
    """The data to be scored has a class that the network was not trained on.

    Cause: a folder or label spelled in another way than in training, or a class that did not exist then.

    Cure: rename the folder or the label to the class it is (the error names the nearest), or take it out. `data.json`
    of the run lists its classes.
    """

    slug = "unknown-class"
