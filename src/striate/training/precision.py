"""Whether the reduced precision that was chosen can be trusted for this network.

One case is known where it cannot, and it is silent: on CPUs with bf16 in hardware, the weight gradient of a convolution with a
stride whose input is one pixel high or wide is computed from memory that nobody wrote (torch 2.13 with oneDNN: 25 of 30
gradients of a 3x3, stride 2, padding 1 on a 1x1 map are wrong by any amount or NaN, in fp32 none of 30). Knows nothing
about data.
"""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from striate.analysis.errors import InputRefused, NotYetShaped
from striate.analysis.trace import walk
from striate.training.errors import PrecisionUnsuited
from striate.training.job import Job

__all__ = ["trusted"]


def trusted(job: Job, model: nn.Module, *, asked: str = "auto") -> Job:
    """`job`, in fp32 where its bf16 would give wrong gradients.

    `asked` is the precision that a person asked for; raises PrecisionUnsuited where that is bf16.
    """
    choice, recipe = job.choice, job.recipe
    if choice.precision != "bf16" or choice.device.type != "cpu":
        return job
    layer = _strided_on_a_line(model, (job.dataset.preprocess.channels, *job.dataset.preprocess.img_size))
    if not layer:
        return job
    if asked == "bf16":
        raise PrecisionUnsuited(
            "bf16 gives wrong gradients for this network on this processor",
            where=layer,
            got="a convolution with a stride on a map one pixel high or wide",
            expected="fp32 for such a network",
            next_step="leave out --precision, use a larger --img-size, or a network that shrinks its maps less often",
        )
    where = choice.reason.split("; ")[0]
    reason = (
        f"{where}; fp32: bf16 gives wrong gradients on this CPU where {layer} strides over a map of one pixel"
    )
    plain = replace(choice, precision="fp32", autocast=None, reason=reason)
    return replace(job, choice=plain, recipe=recipe.but(precision="fp32"))


def _strided_on_a_line(model: nn.Module, input_size: tuple[int, ...]) -> str:
    """Name of the first convolution that moves in steps over an axis of length 1 with a kernel larger than that; or ""."""
    try:
        walked = walk(model, input_size)
    except (InputRefused, NotYetShaped):  # said better, and with the data at hand, by whoever runs it
        return ""
    for op in walked.operations:
        if op.op == "aten.convolution" and not op["transposed"]:
            maps, kernel = op["input"].shape[2:], op["weight"].shape[2:]
            if 1 in maps and max(kernel) > 1 and max(op["stride"]) > 1:
                return op.module or "a convolution"
    return ""
