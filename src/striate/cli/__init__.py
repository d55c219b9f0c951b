"""The command line: arguments in, one public function called, its result shown.

Knows nothing about how anything is computed. Importing it imports neither the argument parser nor torch.
"""

from striate.cli.entry import main

__all__ = ["main"]
