"""A run under watch, sitting by sitting: judged after epochs and at its end.

Knows nothing about how it is trained, stored or shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from striate.core.joined_observation import joined
from striate.core.observation_records import Observation
from striate.core.observed_run import observation_of
from striate.core.records import EpochRecord, RunRecord
from striate.observe.observer import Observer
from striate.training.job import Job
from striate.training.observed import observer_of
from striate.training.state import RunState
from striate.verbs.live import Live, shown_by

__all__ = ["RunWatch"]


class RunWatch:
    """Watches one sitting. `earlier` is what the sittings before it saw."""

    def __init__(
        self, job: Job, state: RunState, earlier: Observation | None, say: Callable[[str], None]
    ) -> None:
        self.observer: Observer = observer_of(job, state)
        self._job, self._earlier = job, earlier
        self._live = Live(say)
        self._last: Observation | None = None

    def after_epoch(self, record: RunRecord) -> None:
        """Say what is new, if anything is."""
        self._live.after_epoch(len(record.history), lambda: self._of(record, self._seen(deep=False)))

    def enough(self, record: RunRecord, history: Sequence[EpochRecord]) -> bool:
        """Whether the curves, and nothing else, show what the recipe is to stop at: a resumed run stops where it would have."""
        stop_when = self._job.recipe.stop_when
        if stop_when is None or not history:
            return False
        so_far = record.model_copy(update={"history": tuple(history), "status": "running"})
        seen = observation_of(so_far, self._job.dataset.record(), self._job.recipe.to_dict())
        return shown_by(seen.model_copy(update={"data": None}), [stop_when])

    def close(self) -> None:
        """Training is over: take a last look, before the network is given other weights, and let go of it."""
        if self._last is None:
            self._last = self._seen(deep=True)
            self.observer.detach()

    def observation(self, record: RunRecord) -> Observation:
        """Everything that is known of the run. Closes the watch."""
        self.close()
        assert self._last is not None
        return self._of(record, self._last)

    def _seen(self, *, deep: bool) -> Observation:
        return joined(self._earlier, self.observer.observation(deep=deep))

    def _of(self, record: RunRecord, watched: Observation) -> Observation:
        dataset, settings = self._job.dataset, self._job.recipe.to_dict()
        return observation_of(record, dataset.record(), settings, notices=dataset.notices, watched=watched)
