"""One sitting of a run: from a job and a run folder to weights, scores and a report.

`train` and `resume` differ only in where they begin. Knows nothing about command lines or terminals.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from torch import nn

import striate
from striate.analysis.cost import parameter_count
from striate.analysis.layers import layer_facts
from striate.core.atomic import advising
from striate.core.errors import StriateError
from striate.core.progress import SILENT, Progress
from striate.core.records import RunRecord
from striate.core.run_folder import RunFolder
from striate.data.batches import Order
from striate.data.splits import write_splits
from striate.models.loading import load_weights
from striate.report.figures import write_figures
from striate.report.page import write_report
from striate.report.tables import write_tables
from striate.training import checkpoint, outcome
from striate.training.assemble import build_state, model_options
from striate.training.continuing import binding, check_binding, threads
from striate.training.errors import ModelMisfit
from striate.training.interrupt import Interrupt, Stopped
from striate.training.job import Job
from striate.training.journal import BEST_RULE, Journal, now
from striate.training.loop import Loop
from striate.training.recipe import PYTHON_MODEL
from striate.training.resolve import decided
from striate.training.run_files import read_observation
from striate.training.state import RunState
from striate.training.surroundings import surroundings
from striate.training.watchers import SILENT_WATCHER, Watcher
from striate.training.weights import WeightsHeader, write_weights
from striate.verbs.judging import judge_or_say
from striate.verbs.run_pictures import pictures_of, show_suspects
from striate.verbs.run_watch import RunWatch

__all__ = ["Session"]


_GOING_ON = advising(
    no_room="free some space, then go on with `striate resume`",
    refused="make the run folder writable again, then go on with `striate resume`",
)


@dataclass
class Session:
    """Everything one sitting needs. `run` does it, and returns the signal that ended it, if one did."""

    folder: RunFolder
    job: Job
    model: nn.Module
    command: str
    watcher: Watcher = SILENT_WATCHER
    progress: Progress = SILENT
    before: RunRecord | None = None
    """The record so far, when this sitting continues a run."""

    def run(self) -> int | None:
        """Train from wherever the folder's newest checkpoint is, then score and report."""
        with Interrupt() as interrupt, threads():
            state = self._state()
            journal = self._journal(state)
            earlier = read_observation(self.folder) if state.position.global_step else None
            self._watch = RunWatch(self.job, state, earlier, self.progress.say)
            loop = self._loop(state, journal, interrupt)
            self.watcher.on_start(journal.record, self.job.dataset.record(), str(self.folder.path))
            try:
                if self._train(loop, state, journal):
                    self._conclude(state, journal, interrupt)
            except Stopped:  # while scoring: the state was saved before it
                journal.update(state, "interrupted")
            except StriateError as error:
                self._fail(state, journal, error)
                raise
            finally:
                self._watch.close()
            if journal.record.status == "interrupted":
                self._judge(journal)
                write_report(self.folder)
            self.watcher.on_end(journal.record)
            return interrupt.signal

    # -- building ----------------------------------------------------------------------------------------------

    @_GOING_ON
    def _state(self) -> RunState:
        """A state at position zero, or at the newest whole checkpoint."""
        found = checkpoint.newest(self.folder / "checkpoints", self.progress.say)
        state = build_state(self.job, self.model)
        if found is None:
            self._describe(state.model)
            self._save(state)
        else:
            check_binding(found.plain["binding"], self.job, self.progress.say)
            self._restore(state, found)
        return state

    def _restore(self, state: RunState, found: checkpoint.Checkpoint) -> None:
        try:
            state.restore(found.tensors, found.plain["state"])
        except (KeyError, ValueError, RuntimeError) as error:
            raise ModelMisfit(
                "the checkpoint is of another network",
                where=found.path,
                got=str(error).splitlines()[0],
                expected="the network that this run began with",
                next_step="from Python: striate.resume(run, model=the_same_module)",
            ) from error

    def _describe(self, model: nn.Module) -> None:
        """What is known before the first step: data, scan, splits, machine, layers, augmented samples."""
        folder, job, dataset = self.folder, self.job, self.job.dataset
        folder.write_text("data.json", dataset.record().to_json())
        folder.write_bytes("scan.csv", dataset.report.to_bytes())
        write_splits(folder / "splits.csv", dataset.paths, dataset.labels, dataset.classes, dataset.codes)
        folder.write_json("env.json", surroundings(job.choice))
        height, width = dataset.preprocess.img_size
        facts = layer_facts(model, (dataset.preprocess.channels, height, width))
        folder.write_json("layers.json", [fact.to_dict() for fact in facts])
        order = Order(dataset.indices("train"), decided(job.recipe.batch_size), job.recipe.seed)
        shown = outcome.write_augmented(folder, job, order)
        strips = outcome.write_strips(folder, job, order)
        folder.write_json("images/index.json", {"mistakes": [], "augmented": shown, "strips": strips})

    @_GOING_ON
    def _journal(self, state: RunState) -> Journal:
        before, job, choice = self.before, self.job, self.job.choice
        record = RunRecord(
            striate_version=striate.__version__,
            status="running",
            command=self.command,
            started=before.started if before else now(),
            seconds=state.seconds,
            sittings=before.sittings + 1 if before else 1,
            model=job.recipe.model,
            parameters=parameter_count(state.model),
            device=str(choice.device),
            precision=choice.precision,
            memory_format=choice.memory_format_name,
            device_reason=choice.reason,
            epochs_planned=job.recipe.epochs,
            history=tuple(state.history),
            best_epoch=state.best.epoch,
            best_rule=BEST_RULE,
        )
        journal = Journal(self.folder, record)
        journal.update(state, "running")
        return journal

    def _loop(self, state: RunState, journal: Journal, interrupt: Interrupt) -> Loop:
        def publish(state: RunState, best: bool) -> None:
            """Weights first: what run.json speaks of must be there."""
            if best:
                averaged = state.average is not None
                with state.average.applied() if state.average else contextlib.nullcontext():
                    self._write_weights("best", state, averaged=averaged)
            self._write_weights("last", state, averaged=False)
            journal.update(state, "running")
            write_tables(self.folder)
            self._watch.after_epoch(journal.record)

        return Loop(
            self.job,
            state,
            watcher=self.watcher,
            interrupt=interrupt,
            save=self._save,
            publish=publish,
            observer=self._watch.observer,
            enough=lambda history: self._watch.enough(journal.record, history),
        )

    # -- going -------------------------------------------------------------------------------------------------

    @_GOING_ON
    def _train(self, loop: Loop, state: RunState, journal: Journal) -> bool:
        ended = loop.run()
        early = ended and loop.stopped_early() and len(state.history) < self.job.recipe.epochs
        journal.update(state, "running" if ended else "interrupted", stopped_early=early)
        return ended

    def _save(self, state: RunState) -> None:
        plain = {
            "fingerprint": self.job.dataset.fingerprint,
            "binding": binding(self.job),
            "state": state.plain(),
        }
        position = (state.position.epoch, state.position.step)
        checkpoint.save(self.folder / "checkpoints", position, state.tensors(), plain)

    def _write_weights(self, name: str, state: RunState, *, averaged: bool) -> None:
        recipe, dataset = self.job.recipe, self.job.dataset
        by_name = not recipe.model.startswith(PYTHON_MODEL)
        header = WeightsHeader(
            striate_version=striate.__version__,
            model=recipe.model if by_name else "",
            options=model_options(recipe, dataset) if by_name else {},
            classes=dataset.classes,
            preprocess=dataset.preprocess.to_dict(),
            epoch=len(state.history),
            averaged=averaged,
        )
        write_weights(self.folder / f"weights/{name}.safetensors", state.model.state_dict(), header)

    # -- ending ------------------------------------------------------------------------------------------------

    @_GOING_ON
    def _conclude(self, state: RunState, journal: Journal, interrupt: Interrupt) -> None:
        """Score the best weights on val and, once, on test; write what the report shows; report."""
        self._watch.close()
        self.watcher.on_phase("scoring")
        dataset = self.job.dataset
        load_weights(state.model, self.folder / "weights/best.safetensors")
        splits = ("val", "test")
        scores, p = outcome.score_splits(state.model, dataset, self.job.choice, splits, interrupt.check)
        outcome.write_predictions(self.folder, dataset, p)
        shown = pictures_of(self.folder)
        looked_at = "test" if "test" in scores else "val"
        shown["mistakes"] = outcome.write_mistakes(self.folder, dataset, looked_at, p[looked_at])
        self.folder.write_json("images/index.json", shown)
        journal.conclude(scores["val"], scores.get("test"))
        self._judge(journal)
        show_suspects(self.folder, dataset, shown)
        write_tables(self.folder)
        write_figures(self.folder)
        write_report(self.folder)

    def _fail(self, state: RunState, journal: Journal, error: StriateError) -> None:
        """Say in the run's own record why it ended; what is missing must not hide the first error."""
        with contextlib.suppress(StriateError, OSError):
            journal.update(state, "failed", failure=str(error))
            self._judge(journal)
            write_tables(self.folder)
            write_report(self.folder)
            self.watcher.on_end(journal.record)

    def _judge(self, journal: Journal) -> None:
        """observation.json and diagnosis.json of the run as its record has it now."""
        judge_or_say(self.folder, lambda: self._watch.observation(journal.record), self.progress.say)
