"""Watches a training loop and writes down what it saw; it knows nothing about verdicts."""

__all__: list[str] = []
