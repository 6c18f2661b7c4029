"""Where it is decided whether compiled loops do the work, or numpy alone.

numba is optional (the extra ``fast``).  It changes no answer, only the time; and since loading it takes half
a second, and compiling for the first time several, short work is left to numpy.
"""

from __future__ import annotations

import os
from functools import cache
from types import ModuleType

__all__ = ["VARIABLE", "loops"]

#: Environment variable, of `sim` too: with 1 numba is used wherever it is there, with 0 never; else the work
#: decides.
VARIABLE = "YIZHAN_COMPILED"
# Steps of inner loops in which numpy loses what numba takes to load, at some 30 ns each
# (`benchmarks/search.py`).
WORTH = 20_000_000


def loops(steps: int) -> ModuleType | None:
    """Return the module of compiled loops, or None where numpy is to do the work.

    Parameters
    ----------
    steps
        How many innermost steps the work takes, roughly.
    """
    choice = os.environ.get(VARIABLE, "")
    return None if choice == "0" or (choice != "1" and steps < WORTH) else _loaded()


@cache
def _loaded() -> ModuleType | None:
    try:
        from network.routing import loops
    except (
        ImportError,
        RuntimeError,
    ):  # none, one too old for this numpy, or nowhere to keep what it compiles
        return None
    return loops
