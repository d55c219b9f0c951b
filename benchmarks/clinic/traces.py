"""Runs every case once and keeps what was seen: the `Observation` and a few facts, in a file of the cache for each case.

A trace is fresh while its sources are the same: the plant's or control's module, the hosts' and loops', and (for what
was seen) all of `striate.observe`. Knows nothing about judging.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import striate
from benchmarks.clinic.cases import Case
from benchmarks.clinic.faults import FAULTS
from benchmarks.clinic.images import NoData
from benchmarks.clinic.places import cache
from benchmarks.clinic.running import run
from striate.core.observation_records import Observation

HERE = Path(__file__).resolve().parent
SHARED = [
    "hosts",
    "images",
    "scenes",
    "networks",
    "layers",
    "loops",
    "loaders",
    "plan",
    "running",
    "schedules",
    "transforms",
    "watching",
]
"""Modules that every run depends on."""


@dataclass(frozen=True)
class Trace:
    """What one run left."""

    case: Case
    truth: tuple[float, ...]
    """Accuracy on val by epoch."""
    fit: float
    seconds: float
    observation: Observation | None
    finite: bool
    """Whether the weights were finite at the end."""
    fresh: bool
    """False where `striate.observe` has changed since."""


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:20]


def _keys() -> dict[str, str]:
    package = Path(striate.__file__).parent
    return {
        "shared": digest(HERE / f"{name}.py" for name in SHARED),
        "observer": digest([*package.glob("observe/*.py"), package / "verbs" / "attach.py"]),
        "controls": digest([HERE / "controls.py"]),
        **{path.stem: digest([path]) for path in (HERE / "faults").glob("*.py")},
    }


KEYS = _keys()
"""As the sources were when they were imported: what is edited during hours of tracing belongs to the next time."""


def shared_key() -> str:
    """Of what all runs have in common."""
    return KEYS["shared"]


def observer_key() -> str:
    """Of what watches."""
    return KEYS["observer"]


def run_key(case: Case) -> str:
    """Of what makes this run what it is."""
    own = ""
    if case.kind == "fault":
        own = KEYS[FAULTS[case.name].change.__module__.rpartition(".")[2]]
    elif case.kind == "control":
        own = KEYS["controls"]
    return f"{shared_key()}-{own}"


def place(case: Case, folder: str = "traces") -> Path:
    """The file of a case."""
    return cache() / folder / (case.label.replace("/", "__") + ".json")


def stored(case: Case, folder: str = "traces") -> dict[str, Any] | None:
    """What the file holds, if it is there and of this very run."""
    path = place(case, folder)
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found if found["run"] == run_key(case) else None


def write(path: Path, content: dict[str, Any]) -> None:
    """The file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


def trace(case: Case) -> str:
    """Runs the case watched, keeps it, and says how it went in one line."""
    outcome = run(case.plan(), watched=True)
    assert outcome.observation is not None
    content = {
        "run": run_key(case),
        "observer": observer_key(),
        "truth": outcome.truth,
        "fit": outcome.fit,
        "seconds": outcome.seconds,
        "finite": outcome.finite,
        "observation": outcome.observation.to_dict(),
    }
    write(place(case), content)
    return f"val {100 * outcome.truth[-1]:5.1f} % fit {100 * outcome.fit:5.1f} % {outcome.seconds:5.1f} s"


def load(case: Case) -> Trace | None:
    """The trace of a case, None where there is none of this very run."""
    found = stored(case)
    if found is None:
        return None
    return Trace(
        case=case,
        truth=tuple(found["truth"]),
        fit=found["fit"],
        seconds=found["seconds"],
        finite=found["finite"],
        observation=Observation.from_json(json.dumps(found["observation"])),
        fresh=found["observer"] == observer_key(),
    )


def wanted(cases: Sequence[Case], keep_old: bool) -> list[Case]:
    """Cases without a trace, or with one that an older observer made (unless those are to be kept)."""

    def there(case: Case) -> bool:
        found = stored(case)
        return found is not None and (keep_old or found["observer"] == observer_key())

    return [case for case in cases if not there(case)]


def trace_all(cases: Sequence[Case], jobs: int = 1, keep_old: bool = False) -> None:
    """Traces what is missing, in as many processes, and says how far it is."""
    todo = wanted(cases, keep_old)
    print(f"traces: {len(cases) - len(todo)} of {len(cases)} are there")
    in_turn(todo, trace, jobs)


def in_turn(todo: Sequence[Case], do: Callable[[Case], str], jobs: int) -> None:
    """`do` for each case with a line of progress; a case whose data are missing is left out, any other error is said and left."""
    began = time.perf_counter()

    def tell(n: int, case: Case, said: str) -> None:
        left = (time.perf_counter() - began) / n * (len(todo) - n) / 60
        print(f"{n}/{len(todo)} {case.label}: {said}; {left:.0f} min left", flush=True)

    if jobs <= 1:
        for n, case in enumerate(todo, 1):
            tell(n, case, attempt(do, case))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(attempt, do, case): case for case in todo}
        for n, future in enumerate(as_completed(futures), 1):
            tell(n, futures[future], future.result())


def attempt(do: Callable[[Case], str], case: Case) -> str:
    """What `do` says, or why it could not."""
    try:
        return do(case)
    except NoData as error:
        return f"left out: {error}"
    except Exception as error:  # noqa: BLE001 -- one broken run must not end hours of others
        return f"FAILED: {type(error).__name__}: {error}"
