"""Stateless keyed random draws (rules of the model, chance).

A draw is a function of (seed, replication, purpose, entity, index) and of
nothing else: no generator, no order of calls.  Adding a route, an outlet or a
worker therefore leaves every other draw as it was.

The mixer is the finaliser of SplitMix64 (Steele, Lea & Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014), applied once for each key, which
makes a counter-based hash of good quality that numpy evaluates in a few passes.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

__all__ = ["bits", "entity", "split", "stream", "uniform"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@lru_cache(maxsize=65_536)
def entity(name: str) -> int:
    """Return a 64-bit number that always stands for this name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _mix(x: np.ndarray) -> np.ndarray:
    x ^= x >> np.uint64(30)
    x *= _MIX_1
    x ^= x >> np.uint64(27)
    x *= _MIX_2
    x ^= x >> np.uint64(31)
    return x


@lru_cache(maxsize=4096)
def stream(seed: int, replication: int, purpose: str) -> int:
    """Return the 64-bit name of one stream: a seed, a replication and a purpose."""
    return entity(f"{seed}/{replication}/{purpose}")


def bits(seed: int, replication: int, purpose: str, *keys: int | np.ndarray) -> np.ndarray:
    """Return 64 random bits for each combination of keys.

    Parameters
    ----------
    seed, replication, purpose
        Name the stream.
    *keys
        Integers or integer arrays that broadcast together: the entity and the
        index of the draw.

    Returns
    -------
    numpy.ndarray
        ``uint64``, of the keys' broadcast shape.

    Examples
    --------
    >>> bool(bits(1, 0, "demand", 7)[()] == bits(1, 0, "demand", 7)[()])
    True
    """
    with np.errstate(over="ignore"):
        state = np.asarray(stream(seed, replication, purpose), dtype=np.uint64)
        for key in keys:
            if isinstance(key, int):
                word = np.asarray(key & 0xFFFF_FFFF_FFFF_FFFF, dtype=np.uint64)
            else:
                word = np.asarray(key).astype(np.uint64)
            state = (state ^ word) * _GOLDEN + _GOLDEN
            state = _mix(np.atleast_1d(state)).reshape(state.shape)
        return _mix(np.atleast_1d(state + _GOLDEN)).reshape(state.shape)


def uniform(seed: int, replication: int, purpose: str, *keys: int | np.ndarray) -> np.ndarray:
    """Return uniform draws in [0, 1) with 53 bits, one for each combination of keys."""
    return (bits(seed, replication, purpose, *keys) >> np.uint64(11)) * 2.0**-53


def split(words: np.ndarray, shift: int, width: int) -> np.ndarray:
    """Return `width` bits of each word, from bit `shift`, as a uniform in [0, 1).

    One hash then serves several small draws of the same entity.
    """
    mask = np.uint64((1 << width) - 1)
    return ((words >> np.uint64(shift)) & mask) * 2.0**-width
