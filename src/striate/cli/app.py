"""The verbs of `striate` and their parser; a verb is imported when it is typed.

Knows nothing about what the verbs do.
"""

from __future__ import annotations

from cyclopts import App, CycloptsError, Group

import striate
from striate.cli.help import HelpPage
from striate.cli.refusals import refusal
from striate.cli.tokens import Spelling, one_spelling

__all__ = ["ALIASES", "VERBS", "app", "run"]

# Verb -> (its line in the help, how it is used). The first word of each is the name; the order is that of the help.
VERBS: dict[str, tuple[str, str]] = {
    "train": ("train a classifier on a folder of images", "striate train [DATA] [SETTINGS]"),
    "resume": ("go on with a run that was interrupted, to the same bits", "striate resume RUN"),
    "val": ("score a run on its held-out images, or on other data", "striate val RUN [DATA]"),
    "predict": ("say what is on images", "striate predict RUN IMAGE..."),
    "compare": ("compare two runs class by class: what the second one hurts", "striate compare RUN_A RUN_B"),
    "report": ("write a run's report again from its records", "striate report RUN"),
    "diagnose": (
        "name what is wrong with a run, or with any tool's log",
        "striate diagnose TARGET... [--fail-on warning]",
    ),
    "scan": ("look through the images: what is broken, doubled, missing", "striate scan DATA"),
    "augment": (
        "tell which transforms keep the labels of this data",
        "striate augment DATA [--run RUN] [--show]",
    ),
    "inspect": (
        "list a network's layers: shape, cost, what a unit sees",
        "striate inspect NETWORK [--input 3x224x224]",
    ),
    "filters": (
        "show a network's first kernels, beside noise",
        "striate filters NETWORK",
    ),
    "field": ("show what a unit really sees of the image", "striate field NETWORK"),
    "equivariance": (
        "measure whether layers move with the image",
        "striate equivariance NETWORK",
    ),
    "lr-find": ("measure a good learning rate; leaves no trace", "striate lr-find [DATA] [SETTINGS]"),
}
ALIASES = {"eval": "val", "check-data": "scan"}

EXAMPLES = """\
Examples
  striate train photos/                    one folder for each class
  striate train cifar10 --model resnet20 --epochs 20
  striate train labels.csv batch=64        key=value works too
  striate resume runs/train/photos
  striate predict runs/train/photos new/*.jpg
  striate train --help                     all settings, with their defaults"""

TRAIN_EXAMPLES = """\
Examples
  striate train photos/ --epochs 50 --patience 10
  striate train photos.zip --model resnet18 --pretrained --img-size 224
  striate train cifar10 model=resnet20 epochs=20 lr0=0.1
  striate train photos/ --config runs/train/photos/args.yaml --seed 1

Dashes and underscores are equal. Names of other tools work: imgsz, lr0, wd,
batch, optimizer, label_smoothing, num_workers and more."""

RECIPE_VERBS = ("train", "lr-find")


def _build() -> App:
    """The parser, with every verb by import path."""
    options = Group("Options", sort_key=9)
    root = App(
        name="striate",
        help="A folder of images in; a trained classifier and an honest report out.",
        usage="Usage: striate VERB ...",
        version=lambda: striate.__version__,
        help_format="plaintext",
        help_formatter=HelpPage(),
        help_epilogue=EXAMPLES,
        group_commands=Group("Verbs", sort_key=0),
        group_parameters=options,
        group_arguments=Group("Arguments", sort_key=1),
        suppress_keyboard_interrupt=False,
    )
    for flag, text in (
        ("--help", "Show this page; after a verb, its own."),
        ("--version", "Show the version."),
    ):
        root[flag].group = (options,)
        root[flag].help = text
    root.command(
        "striate.cli.completion:completion",
        name="--completion",
        help="Print completions for bash, zsh, fish or powershell.",
        usage='Usage: eval "$(striate --completion bash)"',
        help_epilogue="",
        group=options,
    )
    for place, verb in enumerate(VERBS):
        _add(root, verb, place)
    return root


def _add(root: App, verb: str, place: int) -> None:
    """Register a verb, with its aliases, by the import path of its function."""
    line, usage = VERBS[verb]
    module = verb.replace("-", "_")
    root.command(
        f"striate.cli.{module}:{module}",
        name=(verb, *(alias for alias, name in ALIASES.items() if name == verb)),
        help=line[0].upper() + line[1:] + ".",
        usage=f"Usage: {usage}",
        help_epilogue=TRAIN_EXAMPLES if verb == "train" else "",
        version_flags=[],
        sort_key=place,
    )


app = _build()


def run(words: list[str]) -> int:
    """Run the verb that `words` name; its exit code. Raises StriateError."""
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    verb = ALIASES.get(words[0], words[0]) if words else None
    spelling = _spelling(verb)
    tokens = words[:1] + one_spelling(words[1:], spelling)
    try:
        code = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        usages = {name: usage for name, (_, usage) in VERBS.items()}
        raise refusal(error, usages, verb, _flag_names(error, spelling)) from None
    return code if isinstance(code, int) else 0


def _spelling(verb: str | None) -> Spelling:
    """The recipe's names for the verbs that take a recipe, read only for them: it costs 0.2 s."""
    if verb not in RECIPE_VERBS:
        return Spelling()
    from striate.cli.flags import RECIPE_SPELLING

    return RECIPE_SPELLING


def _flag_names(error: CycloptsError, spelling: Spelling) -> dict[str, str]:
    """What a mistyped flag may have meant: every accepted name -> the flag's own name."""
    arguments = getattr(error, "argument_collection", None) or ()
    names = [
        name.removeprefix("--") for argument in arguments for name in argument.names if name.startswith("--")
    ]
    return {**{name: name for name in names}, **spelling.known}
