"""From verdicts on transforms to a policy, and to what is wrong with a run's own.

Knows nothing about torch, nor about how verdicts were reached.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from striate.core.augment_records import TransformSafety
from striate.core.diagnosis_records import Evidence, Finding, Remedy, Where

__all__ = ["about_the_run", "suggested_policy"]

# In the order in which a policy has them: what moves, then what colours, then what hides. Of those that do much the same, one.
_MOVES = ("flip", "vflip", "rot90", "rot180")
_SHIFTS = ("crop", "translate")
_COLOURS = ("brightness", "contrast", "saturation", "hue")
_HIDES = ("cutout", "erasing")
CONFIDENCE = 0.95
"""The level at which all statements of an audit hold together (striate.verbs.audit)."""


def suggested_policy(judged: Sequence[TransformSafety]) -> str:
    """Of the transforms that keep every label, those that are commonly of use; 'none' where there are none.

    Mirror images and turns, one kind of shift, colour jitter, one kind of hiding, each at the strength at which it was kept. Blur, noise, grey
    and stronger warps are left out although they may keep labels: they cost epochs, and help where new images have them.
    """
    kept = {safety.name: safety.transform for safety in judged if safety.verdict == "keep"}
    names = [name for name in _MOVES if name in kept]
    if "rot90" in names and "rot180" in names:
        names.remove("rot180")  # two quarter turns are one
    names += [name for name in _SHIFTS if name in kept][:1]
    names += [name for name in _COLOURS if name in kept]
    names += [name for name in _HIDES if name in kept][:1]
    return "+".join(kept[name] for name in names) or "none"


def about_the_run(judged: Sequence[TransformSafety], policy: str, label_map: str) -> tuple[Finding, ...]:
    """A finding for each transform of a run's own policy that changes labels, unless its label map says so.

    policy, label_map: as in the run's args.yaml.
    """
    declared = {part.split(":")[0].strip() for part in label_map.split(";") if part.strip()}
    found = []
    for safety in judged:
        own = {name for name in map(_name, policy.split("+")) if _picture(name) == _picture(safety.name)}
        if safety.verdict in ("drop", "swap"):
            found += [_finding(safety, policy, name) for name in sorted(own - declared)]
    return tuple(found)


def _name(term: str) -> str:
    """The transform of a term: what stands before its number and share. ``rot180@0.5`` -> ``rot180``."""
    plain = term.split("@")[0]
    return plain if plain in ("rot90", "rot180") else plain.rstrip("0123456789.")


def _picture(name: str) -> str:
    """The transform that makes the same pictures: alternating flips are flips."""
    return "flip" if name == "altflip" else name


def _finding(safety: TransformSafety, policy: str, own: str) -> Finding:
    """`own`: how the policy calls it."""
    pairs = [f"{c.name} -> {c.becomes}" for c in safety.classes if c.verdict == "swapped"]
    hurt = [c.name for c in safety.classes if c.verdict == "hurt"]
    sentence = f"The run's policy has {own}, which changes labels of this data: "
    parts = [
        *([f"it makes {', '.join(pairs)}"] if pairs else []),
        *([f"hurts {', '.join(hurt)}"] if hurt else []),
    ]
    return Finding(
        id="U1",
        condition="label-changing-transform",
        title="Label-changing transform",
        status="established",
        severity="warning",
        confidence=CONFIDENCE,
        sentence=sentence + "; ".join(parts) + ".",
        evidence=(Evidence(sentence=safety.sentence.removesuffix(".")),),
        where=Where(
            transforms=(own,),
            classes=tuple(c.name for c in safety.classes if c.verdict in ("swapped", "hurt")),
        ),
        remedies=_remedies(safety, policy, own),
    )


def _remedies(safety: TransformSafety, policy: str, own: str) -> tuple[Remedy, ...]:
    rest = "+".join(term for term in policy.split("+") if _name(term) != own) or "none"
    remedies = [
        Remedy(
            change=f"Train without {own}: --augment {rest}.",
            effect="each image keeps its label",
            cost="a new training",
            risk="less augmentation may overfit sooner",
            settings={"augment": rest},
        )
    ]
    if safety.label_map:
        label_map = own + safety.label_map.removeprefix(safety.name)
        remedies.append(
            Remedy(
                change=f"Or keep it and say what it does: --label-map {shlex.quote(label_map)}.",
                effect="turned images get the label that they then have, and classes that do not survive are spared",
                cost="a new training",
                settings={"augment": policy, "label_map": label_map},
            )
        )
    return tuple(remedies)
