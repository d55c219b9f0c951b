"""After a failed step: where the numbers broke, and what would have fitted in memory.

Runs only when training has already stopped. Knows nothing about files or epochs.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from striate.training.errors import NonFiniteLoss, OutOfMemory

__all__ = [
    "first_non_finite",
    "fitting_batch_size",
    "is_out_of_memory",
    "non_finite_loss",
    "out_of_memory",
]


def first_non_finite(model: nn.Module, images: torch.Tensor) -> str:
    """In words, the first thing that is not finite: the input, a weight or statistic, a layer's output, the network's."""
    if not bool(torch.isfinite(images).all()):
        return "the input images are not finite"
    for name, value in model.state_dict().items():
        if not bool(torch.isfinite(value).all()):
            return f"{name} is not finite: a step broke it"
    found: list[str] = []

    def watch(name: str) -> Callable[[nn.Module, object, object], None]:
        def hook(module: nn.Module, _: object, output: object) -> None:
            if isinstance(output, torch.Tensor) and not found and not bool(torch.isfinite(output).all()):
                found.append(
                    f"the output of {name} ({type(module).__name__}) is the first that is not finite"
                )

        return hook

    leaves = [(n, m) for n, m in model.named_modules() if not any(m.children())]
    handles = [module.register_forward_hook(watch(name)) for name, module in leaves]
    try:
        with torch.no_grad():
            out = model(images)
    finally:
        for handle in handles:
            handle.remove()
    if found:
        return found[0]
    if isinstance(out, torch.Tensor) and not bool(torch.isfinite(out).all()):
        return (
            "every layer's output is finite and the network's is not: what it computes outside of its layers"
        )
    return "every output on these images is finite: the loss itself overflowed"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch failed to allocate: CUDA and MPS have a class for it, the CPU allocator a sentence."""
    text = str(error)
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and ("not enough memory" in text or "can't allocate memory" in text)
    )


def fitting_batch_size(failed: int, attempt: Callable[[int], None]) -> int | None:
    """The largest of failed/2, failed/4, ... for which `attempt(n)` (a forward and backward pass) fits; None if none.

    The run has failed when this is asked, so `attempt` may leave gradients and statistics behind.
    """
    size = failed // 2
    while size >= 1:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        try:
            attempt(size)
        except (RuntimeError, torch.OutOfMemoryError) as error:
            if not is_out_of_memory(error):
                raise
        else:
            return size
        size //= 2
    return None


def non_finite_loss(
    model: nn.Module, images: torch.Tensor, position: tuple[int, int], lr: float, peak: float
) -> NonFiniteLoss:
    """The error for a step after `position` (epochs, steps of the next) that gave no finite loss."""
    epoch, step = position
    kept = f"weights/last.safetensors is epoch {epoch}" if epoch else "no epoch had ended"
    return NonFiniteLoss(
        "the loss is no longer a finite number",
        where=f"epoch {epoch + 1}, step {step + 1}, learning rate {lr:.3g}",
        got=first_non_finite(model, images),
        expected=f"a finite loss; {kept}",
        next_step=f"try a tenth of the learning rate (--lr {peak / 10:.2g}),\n"
        "or --clip-grad 1; `striate lr-find` measures what the network stands",
    )


def out_of_memory(images: torch.Tensor, attempt: Callable[[int], None]) -> OutOfMemory:
    """The error for a batch that did not fit, with the size that does; `attempt` as in `fitting_batch_size`."""
    fits = fitting_batch_size(len(images), attempt)
    return OutOfMemory(
        "the device has too little memory for this step",
        where=f"a batch of {len(images)} images, {images.shape[2]}x{images.shape[3]}",
        got="out of memory",
        expected=f"a batch of {fits} fits" if fits else "not even one image fits",
        next_step=f"--batch-size {fits}" if fits else "a smaller --img-size or a smaller --model",
    )
