"""Draws that an item takes with it."""

from __future__ import annotations

import numpy as np

__all__ = ["rechecked"]

_ODD = np.uint64(0xD6E8FEB86659FD93)


def rechecked(luck: np.ndarray, stop: int, share: float) -> np.ndarray:
    """Return whether items are drawn for a recheck at a stop; bool.

    Parameters
    ----------
    luck
        uint64, the item's own keyed bits (purpose ``recheck``).
    stop
        `network.streams.entity` of the stop's place.
    share
        Share of items drawn, 0-1.
    """
    return (luck ^ np.uint64(stop)) * _ODD < np.uint64(round(share * 2**32) << 32)
