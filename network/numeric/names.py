"""Names in columns of Python strings, which numpy compares pair by pair."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

__all__ = ["among"]


def among(names: np.ndarray, wanted: Iterable[str]) -> np.ndarray:
    """Return which names are among those wanted; bool, in time proportional to both together."""
    known = set(wanted)
    return np.fromiter((name in known for name in names), dtype=np.bool_, count=len(names))
