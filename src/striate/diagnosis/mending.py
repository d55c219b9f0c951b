"""What contradicts its own record is taken as not seen: rules rely on records.

Columns of one record have one length, a part is no more than its whole, shares lie in [0, 1], counts are not negative. A log, or a loop that was
watched while it broke, may hold otherwise. Knows nothing about conditions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from striate.core.data_observation import AgreementSeen, DataSeen, FlipSeen, OrderSeen, OverlapSeen, SplitSeen
from striate.core.inside_records import Inside, LoopSeen, NetworkSeen
from striate.core.observation_records import EpochPoint, Observation, Setting, StepSeries

__all__ = ["mended"]

COLUMNS = ("loss", "accuracy", "lr", "grad_norm", "seconds", "wait", "memory")
MOST = 1e12
"""Own starting value: no count and no figure of a run is larger, other than a loss that blew up."""


def mended(seen: Observation) -> tuple[Observation, tuple[str, ...]]:
    """The observation without what contradicts itself, and the names of what was left out; the same object where nothing was."""
    left_out: list[str] = []
    changes: dict[str, object] = {}
    for name, new in (
        ("setting", _setting(seen.setting)),
        ("epochs", tuple(map(_point, seen.epochs))),
        ("steps", _filled(seen.steps) if _steps_agree(seen.steps) else StepSeries()),
        ("loop", seen.loop if seen.loop is None or _loop_agrees(seen.loop) else None),
        ("inside", seen.inside if seen.inside is None or _inside_agrees(seen.inside) else None),
        ("network", seen.network if seen.network is None or _network_agrees(seen.network) else None),
        ("data", seen.data and _data(seen.data)),
    ):
        if _differ(new, getattr(seen, name)):
            changes[name] = new
            if name != "steps" or not new.step:  # type: ignore[union-attr]
                left_out.append(name)
    return (seen.model_copy(update=changes), tuple(left_out)) if changes else (seen, ())


def _differ(new: object, old: object) -> bool:
    """Whether two values differ by more than that NaN is not equal to itself."""
    return new is not old and new != old and repr(new) != repr(old)


def _filled(s: StepSeries) -> StepSeries:
    """With NaN in columns that were not read at all."""
    nothing = (math.nan,) * len(s.step)
    empty = {name: nothing for name in COLUMNS if s.step and not getattr(s, name)}
    return s.model_copy(update=empty) if empty else s


def _share(value: float | None) -> bool:
    return value is None or 0 <= value <= 1


def _counts(*values: float) -> bool:
    return all(0 <= v <= MOST for v in values)


def _finite(values: Iterable[float | None]) -> bool:
    return all(v is None or (math.isfinite(v) and abs(v) <= MOST) for v in values)


def _same_length(n: int, columns: Iterable[Sequence[object]], *, or_none: bool = False) -> bool:
    return all(len(c) == n or (or_none and not c) for c in columns)


def _setting(s: Setting) -> Setting:
    """Without settings that no optimiser has."""
    named = {name: getattr(s, name) for name in ("lr", "momentum", "weight_decay", "epsilon", "clip_grad")}
    changes: dict[str, object] = {
        name: None for name, v in named.items() if v is not None and not (math.isfinite(v) and 0 <= v <= MOST)
    }
    changes |= {
        name: 0
        for name in ("classes", "train_n", "val_n", "batch_size", "planned_steps", "planned_epochs")
        if not _counts(getattr(s, name))
    }
    return s.model_copy(update=changes) if changes else s


def _point(p: EpochPoint) -> EpochPoint:
    """Without accuracies that are no shares; a loss may be anything, which is a finding."""
    names = ("train_accuracy", "clean_accuracy", "val_accuracy", "logged_val_accuracy", "data_wait")
    changes: dict[str, object] = {n: None for n in names if not _share(getattr(p, n))}
    changes |= {n: 0 for n in ("step", "train_n", "clean_n", "val_n") if not _counts(getattr(p, n))}
    if p.lr is not None and not (math.isfinite(p.lr) and 0 <= p.lr <= MOST):
        changes["lr"] = None
    if not (math.isfinite(p.epoch) and abs(p.epoch) <= MOST):
        changes["epoch"] = 0.0
    if not all(r != r or 0 <= r <= 1 for r in p.val_recall):
        changes["val_recall"] = ()
    return p.model_copy(update=changes) if changes else p


def _steps_agree(s: StepSeries) -> bool:
    columns = [getattr(s, name) for name in COLUMNS]
    if not _same_length(len(s.step), columns, or_none=True) or not _counts(*s.step):
        return False
    plain = (*s.lr, *s.seconds, *s.wait, *s.memory)
    return all(v != v or 0 <= v <= MOST for v in plain)


def _loop_agrees(seen: LoopSeen) -> bool:
    counts = (
        seen.optimizer_steps,
        seen.backwards,
        seen.train_forwards,
        seen.window_steps,
        seen.skipped_steps,
    )
    more = (seen.zero_rate_steps, seen.stale_checked, seen.stale, seen.mode_layers, seen.val_forwards)
    shares = (seen.train_in_eval, seen.train_partly_in_eval, seen.val_in_train, seen.val_with_grad)
    right = _counts(*counts, *more, seen.val_updates) and all(map(_share, shares))
    sized = all(0 <= p.numel <= MOST for p in seen.parameters)
    return right and sized and seen.stale <= seen.stale_checked and (seen.outputs is None or _outputs(seen))


def _outputs(seen: LoopSeen) -> bool:
    out = seen.outputs
    assert out is not None
    shares = (out.probabilities, out.log_probabilities, out.implied_right, out.implied_one_hot)
    return (
        all(map(_share, shares))
        and _counts(out.checked, out.gradients, out.batch_size)
        and (out.implied_right is None or out.gradients > 0)
    )


def _inside_agrees(seen: Inside) -> bool:
    n, probes = len(seen.step), len(seen.probe_step)
    layers = all(
        _same_length(n, (x.grad, x.weight, x.update)) and 0 < x.parameters <= MOST and 0 < x.width <= MOST
        for x in seen.layers
    )
    activations = all(
        _same_length(probes, (a.mean, a.std, a.zero, a.saturated, a.dead))
        and _share(a.stuck)
        and 0 < a.channels <= MOST
        for a in seen.activations
    )
    norms = all(_same_length(probes, (x.shift, x.variance_ratio)) and _share(x.momentum) for x in seen.norms)
    modes = (seen.train_mode_loss, seen.train_mode_accuracy, seen.eval_mode_loss, seen.eval_mode_accuracy)
    shares = all(map(_share, (*seen.train_mode_accuracy, *seen.eval_mode_accuracy)))
    rates = all(v != v or 0 <= v <= MOST for v in seen.lr)
    return (
        layers
        and activations
        and norms
        and shares
        and rates
        and _same_length(n, (seen.before, seen.after, seen.predicted))
        and _same_length(n, (seen.lr,), or_none=True)
        and _same_length(probes, modes, or_none=True)
        and len({len(m) for m in modes}) == 1
        and _counts(seen.probe_n, *seen.step, *seen.probe_step)
    )


def _network_agrees(seen: NetworkSeen) -> bool:
    sizes = (*seen.input_size, *(seen.field or ()), seen.convolutions, seen.shortest, seen.additions)
    return (
        _counts(*sizes, seen.normalisations, seen.parameters)
        and min(seen.input_size, default=1) > 0
        and _share(seen.dropout)
    )


def _data(seen: DataSeen) -> DataSeen:
    repeats = tuple(
        r for r in seen.repeats if 0 <= r.same <= r.images <= MOST and _counts(r.passes, r.within_batch)
    )
    aucs = all(map(_share, (seen.domain_auc, seen.domain_low))) and _counts(seen.domain_n)
    changes = {
        "train": seen.train and _split(seen.train),
        "val": seen.val and _split(seen.val),
        "order": seen.order if seen.order is None or _order_agrees(seen.order) else None,
        "overlap": seen.overlap if seen.overlap is None or _overlap_agrees(seen.overlap) else None,
        "agreement": seen.agreement if seen.agreement is None or _agreement_agrees(seen.agreement) else None,
        "flips": tuple(f for f in seen.flips if _flip_agrees(f)),
        "repeats": repeats,
        **{
            name: rows if _square(rows := getattr(seen, name)) else ()
            for name in ("train_confusion", "val_confusion", "best_val_confusion")
        },
    }
    if not aucs:
        changes |= {"domain_auc": None, "domain_low": None, "domain_n": 0}
    return seen.model_copy(update=changes)


def _split(s: SplitSeen) -> SplitSeen | None:
    if not _counts(s.n, s.expected, s.hashed, s.non_finite, *s.counts) or not s.shape:
        return None
    if not 0 <= s.constant <= s.hashed or not 0 <= s.repeated <= s.hashed:
        return None
    moments = (*s.mean, *s.std, s.low, s.high, s.contrast, s.sharpness)
    if len(s.mean) == len(s.std) and _finite(moments) and min(s.std, default=0) >= 0 and s.sharpness >= 0:
        return s if _finite(s.thumbnail) else s.model_copy(update={"thumbnail": ()})
    return s.model_copy(update={"mean": (), "std": (), "thumbnail": ()})


def _order_agrees(s: OrderSeen) -> bool:
    return _finite((s.entropy, s.null_entropy, s.null_low)) and _counts(s.passes, s.batches)


def _overlap_agrees(s: OverlapSeen) -> bool:
    shares = _share(s.accuracy_on) and _share(s.accuracy_off)
    return _counts(s.checked, s.exact, s.near) and s.exact + s.near <= s.checked and shares


def _agreement_agrees(s: AgreementSeen) -> bool:
    parts = (
        (s.neighbours_right, s.neighbours),
        (s.confident_wrong, s.confident),
        (s.val_confident_wrong, s.val_confident),
    )
    shares = (s.chance, s.folds_noise, s.folds_low, s.folds_accuracy)
    return (
        all(0 <= a <= n <= MOST for a, n in parts)
        and _counts(s.folds)
        and all(map(_share, shares))
        and _finite((s.epoch,))
    )


def _flip_agrees(s: FlipSeen) -> bool:
    return _share(s.used) and all(0 <= moved <= n <= MOST and min(a, b) >= 0 for a, b, n, moved in s.flows)


def _square(rows: Sequence[Sequence[int]]) -> bool:
    return all(len(row) == len(rows) and _counts(*row) for row in rows)
