"""The boarding order (rule 11): who goes first when not all that wait have room, on trips and on rounds."""

from __future__ import annotations

import numpy as np

from sim.state.pool import RANK_BITS, Pool

__all__ = ["boarding_order"]


def boarding_order(pool: Pool, slots: np.ndarray, vehicle: np.ndarray | None = None) -> np.ndarray:
    """Return the positions of items in the order in which they board: class priority, ready time, item key.

    Parameters
    ----------
    pool
        The items in transit.
    slots
        Theirs in the pool.
    vehicle
        What each waits for, where there are several: they come one after the other.
    """
    rank = pool.rank[slots]
    keys = (rank, pool.ready[slots], rank >> RANK_BITS)
    return np.lexsort(keys if vehicle is None else (*keys, vehicle))
