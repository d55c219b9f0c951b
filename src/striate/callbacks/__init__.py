"""Trainers of other libraries, watched like any loop: Lightning, Hugging Face, Keras.

    from striate.callbacks.lightning import Striate
    trainer = L.Trainer(callbacks=[Striate()])

Each module needs its library, and importing this package needs none. Knows nothing about how a loop is watched or judged.
"""

__all__: list[str] = []
