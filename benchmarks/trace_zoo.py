"""How many published networks can be walked through, how fast, and what is said of their fields.

    python -m benchmarks.trace_zoo [--timm 250]

All classification networks of torchvision, and convolutional ones of timm (a fixed sample of the families below), each at its
own input size and without memory for weights. For every network that fails the reason is printed. Fields are not checked
here: tests/laws/test_zoo.py compares a sample of them, unit by unit, with what NaN reaches.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial

from torch import nn

from benchmarks.hardware import describe
from striate.analysis.layers import layers_of
from striate.analysis.receptive_field import fields_of
from striate.analysis.trace import walk
from striate.core.errors import StriateError
from striate.models import torchvision_ops
from striate.models.weightless import weightless

FAMILIES = """
    resnet* resnext* wide_resnet* seresnet* ecaresnet* skresnet* res2net* resnest* resnetv2* densenet* vgg* dla* dpn*
    efficientnet* tf_efficientnet* mobilenet* mnasnet* semnasnet* fbnet* spnasnet* ghostnet* lcnet* tinynet* mixnet*
    rexnet* regnet* convnext* hrnet* inception* xception* repvgg* csp* darknet* selecsls* hardcorenas* gernet* ese_vovnet*
    nfnet* dm_nfnet* nf_* legacy_*
""".split()  # noqa: SIM905 - a list to be read


def torchvision_networks() -> Iterator[tuple[str, nn.Module, int]]:
    """Name, network, side of its input."""
    import torchvision

    for name in torchvision.models.list_models(module=torchvision.models):
        options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        net = weightless(partial(torchvision.models.get_model, name, **options)).eval()
        yield f"torchvision/{name}", net, 299 if "inception" in name else 224


def timm_networks(n: int) -> Iterator[tuple[str, nn.Module, int]]:
    import timm

    names = sorted({name for family in FAMILIES for name in timm.list_models(family)})
    for name in sorted(random.Random(0).sample(names, min(n, len(names)))):
        net = weightless(partial(timm.create_model, name)).eval()
        yield f"timm/{name}", net, (net.pretrained_cfg.get("input_size") or (3, 224, 224))[-1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--timm", type=int, default=250)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torchvision_ops.prepare()
    print(describe())
    for zoo in (torchvision_networks(), timm_networks(args.timm)):
        report(zoo)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


def report(zoo: Iterator[tuple[str, nn.Module, int]]) -> None:
    seconds: list[tuple[float, str]] = []
    reaches: Counter[str] = Counter()
    failed = unknown = 0
    for name, net, side in zoo:
        begin = time.perf_counter()
        try:
            walked = walk(net, (3, side, side))
            layers = layers_of(walked, fields_of(walked))
        except StriateError as error:
            failed += 1
            print(f"{name}: {error.got}")
            continue
        seconds.append((time.perf_counter() - begin, name))
        known = [layer.field for layer in layers if layer.field is not None]
        reaches.update(field.reach for field in known)
        because = next((field.because for field in known if field.reach == "unknown"), "")
        if because:
            unknown += 1
            print(f"{name}: from one layer on unknown: {because}")
    total = len(seconds) + failed
    slowest = max(seconds)
    print(
        f"{len(seconds)} of {total} networks walked, {len(seconds) - unknown} of them with every field known; "
        f"walk and fields {statistics.median(s for s, _ in seconds):.2f} s in the median, "
        f"{slowest[0]:.2f} s for {slowest[1]}; layers by reach: {dict(reaches)}"
    )


if __name__ == "__main__":
    main()
