"""Words of the report that a newcomer may not know. Knows nothing about a run."""

from __future__ import annotations

__all__ = ["GLOSSARY"]

GLOSSARY: dict[str, tuple[str, str]] = {
    "interval": (
        "95 % interval",
        "The range of true accuracies that a result on so few images is compatible with (Wilson's score interval). "
        "A difference smaller than the interval may be luck.",
    ),
    "trained": (
        "train as trained",
        "Accuracy on training images while learning: augmented, with dropout, with weights that still change. It often "
        "lies below val, and that is normal.",
    ),
    "clean": (
        "train clean",
        "Accuracy on a fixed part of the training images without augmentation, measured like val. Its distance to val is "
        "the gap that tells overfitting.",
    ),
    "val": ("val", "Validation: images not trained on, used after each epoch to choose the best one."),
    "test": ("test", "Images used once, after training, for one honest figure; they chose nothing."),
    "loss": (
        "loss",
        "Cross-entropy, -ln of the probability given to the right class, averaged. Guessing one of K classes costs ln K.",
    ),
    "balanced": (
        "balanced accuracy",
        "The mean of the classes' recalls, so that rare classes count as much as common ones.",
    ),
    "ece": (
        "ECE",
        "Expected calibration error: how far confidence lies from accuracy on average, over 15 bins. At 0 % an answer "
        "given with 80 % confidence is right 80 % of the time.",
    ),
    "recall": ("recall", "Of the images of a class, the share recognised as that class."),
    "precision": ("precision", "Of the images that were called a class, the share that is that class."),
    "f1": ("F1", "The harmonic mean of precision and recall."),
    "augmented": (
        "augmented",
        "Shown to the network shifted, flipped or otherwise varied, differently in each epoch.",
    ),
    "parameters": ("parameters", "The numbers that training adjusts: weights and biases."),
}
"""Anchor -> (term, meaning)."""
