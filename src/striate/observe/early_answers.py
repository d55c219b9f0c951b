"""Which early answers of a network are taken: those before labels were learnt by heart.

Knows nothing about images, or what contradictions mean.
"""

from __future__ import annotations

from typing import Any

from striate.observe.agreement import by_answers, early_pass
from striate.observe.pass_log import PassLog

__all__ = ["early_answers"]


def early_answers(train: list[PassLog], val: list[PassLog]) -> dict[str, Any]:
    """Fields of `AgreementSeen` about confident answers: of the early pass over train, before each step, and of the evaluation after it.

    Of the first pass only the second half counts: before, the network knew nothing.
    """
    logs = [log for log in train if len(log.column("sureness")) and (log.column("answers") >= 0).any()]
    if not logs:
        return {}
    after: dict[int, PassLog] = {}
    for log in val:
        if len(log.column("sureness")):
            after.setdefault(log.after, log)
    matching = [after.get(log.after + 1) for log in logs]
    measured = matching[: next((i for i, log in enumerate(matching) if log is None), len(matching))]
    shares = [_accuracy(log) for log in measured if log is not None]
    pick = early_pass(
        [_accuracy(log) for log in logs], shares, min((log.n for log in measured if log), default=0)
    )
    start = len(logs[0].column("labels")) // 2 if pick == 0 else 0
    columns = [logs[pick].column(name)[start:] for name in ("labels", "answers", "sureness")]
    confident, wrong = by_answers(*columns)
    facts = {
        "confident": confident,
        "confident_wrong": wrong,
        "epoch": logs[pick].after + (0.75 if start else 0.5),
    }
    other = matching[pick]
    if other is not None:
        count, off = by_answers(*(other.column(name) for name in ("labels", "answers", "sureness")))
        facts |= {"val_confident": count, "val_confident_wrong": off}
    return facts


def _accuracy(log: PassLog) -> float:
    labels, answers = log.column("labels"), log.column("answers")
    told = (labels >= 0) & (answers >= 0)
    return float((labels == answers)[told].mean()) if told.any() else 0.0
