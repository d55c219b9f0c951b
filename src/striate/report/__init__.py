"""From a run's records to pages, figures and tables: draws, never measures, never judges.

Import the modules by name: the tables must not wait for matplotlib, nor the terminal for the page. Knows
nothing about torch or how the figures were obtained.
"""

__all__: list[str] = []
