"""One public function for each verb of the tool: what ``striate VERB`` does, from Python.

Each module assembles what the layers below offer; none of them parses a command line or draws on a terminal.
Import the modules by name, or the functions from ``striate`` itself.
"""

__all__: list[str] = []
