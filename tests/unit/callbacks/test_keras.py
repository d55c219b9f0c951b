"""A fit of Keras with the callback is the fit without it, and what is seen of it is true."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest
import torch

from tests.loops import K, blobs

os.environ.setdefault("KERAS_BACKEND", "torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the library's own imports warn of is no news of ours
    keras = pytest.importorskip("keras", reason="Keras is not installed: `make callbacks`")

from striate.callbacks.errors import BackendUnsuited
from striate.callbacks.keras import Striate

pytestmark = pytest.mark.filterwarnings("default")
INF = float("inf")


def network(head: str = "softmax"):
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(K, activation=None if head == "scores" else "softmax"),
        ]
    )


def data(n: int, seed: int):
    x, y = blobs(n, seed=seed).tensors
    return x.permute(0, 2, 3, 1).numpy(), y.numpy()


def fit(model, callbacks=(), *, loss=None, optimizer=None, one_hot: bool = False, epochs: int = 3, **more):
    x, y = data(256, 0)
    val = data(128, 1)
    loss = loss or "sparse_categorical_crossentropy"
    if one_hot:
        y, val = np.eye(K, dtype="float32")[y], (val[0], np.eye(K, dtype="float32")[val[1]])
    model.compile(optimizer=optimizer or keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"], **more)
    keras.utils.set_random_seed(1)
    return model.fit(
        x, y, batch_size=32, epochs=epochs, validation_data=val, verbose=0, callbacks=list(callbacks)
    ).history


def same(a, b) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a.get_weights(), b.get_weights(), strict=True))


def scored():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


WAYS = {
    "softmax": ("softmax", dict),
    "scores": ("scores", lambda: {"loss": scored()}),
    "one hot": ("softmax", lambda: {"loss": "categorical_crossentropy", "one_hot": True}),
    "sgd": ("softmax", lambda: {"optimizer": keras.optimizers.SGD(0.05, momentum=0.9)}),
    "accumulation": (
        "softmax",
        lambda: {"optimizer": keras.optimizers.Adam(0.01, gradient_accumulation_steps=2)},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_watched_fit_is_the_same_to_the_bit_and_seen(way, capsys):
    head, more = WAYS[way]
    plain, watched = network(head), network(head)
    fit(plain, **more())
    callback = Striate(budget=INF)
    history = fit(watched, [callback], **more())
    assert same(plain, watched)
    assert callback.diagnosis.headline in capsys.readouterr().out
    assert "compute_loss" not in vars(watched)
    assert "apply" not in vars(watched.optimizer)
    seen = callback.doctor.observation()
    assert seen.setting.assumed == ()
    accumulate = 2 if way == "accumulation" else 1
    assert seen.loop.optimizer_steps == 24 // accumulate
    assert (seen.loop.train_forwards, seen.loop.backwards) == (24, 24)
    assert [p.val_accuracy for p in seen.epochs] == pytest.approx(history["val_accuracy"])
    assert [p.val_loss for p in seen.epochs] == pytest.approx(history["val_loss"], rel=1e-4, abs=1e-6)
    assert (seen.setting.train_n, seen.setting.val_n, seen.setting.batch_size) == (256, 128, 32)
    assert seen.data.train.shape == (1, 8, 8)
    assert (seen.setting.optimizer, seen.setting.lr) == (
        ("SGD", pytest.approx(0.05)) if way == "sgd" else ("Adam", pytest.approx(0.01))
    )
    assert seen.declared.accumulation == accumulate
    assert seen.loop.outputs.agreement > 0.99
    trained = {id(v.value) for v in watched.trainable_variables}
    assert sum(p.in_optimizer for p in seen.loop.parameters) == len(trained)
    assert all(p.gradient == "seen" for p in seen.loop.parameters if p.in_optimizer)
    found = {f.condition for f in callback.diagnosis.findings if f.severity != "info"}
    assert found <= {"validation-too-small"}  # 128 images


def test_softmax_before_a_loss_that_takes_scores_is_found():
    callback = Striate(show=False, budget=INF)
    fit(network("softmax"), [callback], loss=scored(), epochs=6)
    assert "softmax-before-loss" in [f.condition for f in callback.diagnosis.findings]


def test_an_error_inside_never_reaches_the_fit(monkeypatch):
    plain, watched = network(), network()
    fit(plain)

    def fails(*_, **__):
        raise RuntimeError("planted")

    for where in ("begin_pass", "end_pass", "is_open", "close"):
        monkeypatch.setattr(f"striate.callbacks.watch.Watch.{where}", fails)
    fit(watched, [Striate()])
    assert same(plain, watched)


def test_a_second_fit_begins_anew_and_evaluation_alone_is_not_watched():
    callback, model = Striate(show=False, budget=INF), network()
    fit(model, [callback])
    first = callback.doctor
    model.evaluate(*data(64, 2), verbose=0)
    assert len(first.observation().epochs) == 3
    fit(model, [callback], epochs=1)
    assert callback.doctor is not first
    assert callback.doctor.observation().loop.optimizer_steps == 8
    with pytest.raises(ValueError, match="frozn"):
        Striate(frozn=["a"])


def test_another_backend_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(BackendUnsuited) as caught:
        Striate()
    assert str(caught.value) == (
        "Keras does not run on torch here [backend-unsuited]\n"
        "  got       the backend jax\n"
        "  expected  torch\n"
        '  next      os.environ["KERAS_BACKEND"] = "torch" before Keras is imported'
    )
    assert torch.is_grad_enabled()
