"""Records of items that have ended, as columns."""

from __future__ import annotations

import numpy as np

from sim.items import HOP, HOP_BITS, STAGES, Pool

__all__ = ["CENSORED", "DELIVERED", "HANDED_OVER", "REFUSED", "ItemLog"]

DELIVERED, HANDED_OVER, REFUSED, CENSORED = 0, 1, 2, 3

_KINDS: dict[str, type] = {
    "key": np.int64,
    "cls": np.int8,
    "brand": np.int8,
    "direction": np.int8,
    "origin": np.int32,
    "dest": np.int32,
    "accepted_s": np.int32,
    "ended_s": np.int32,
    "outcome": np.int8,
    **dict.fromkeys(STAGES, np.int32),
    "grams": np.int32,
    "cm3": np.int32,
    "hops": np.int8,
    "left_behind": np.int16,
}


class ItemLog:
    """Collects the measured cohort: items accepted in a window of seconds.

    Attributes
    ----------
    expected, ended
        Items of the cohort accepted, and of these ended, so far.
    """

    def __init__(self, begin_s: int, end_s: int) -> None:
        self.begin_s, self.end_s = begin_s, end_s
        self.expected = 0
        self.ended = 0
        self._parts: dict[str, list[np.ndarray]] = {name: [] for name in _KINDS}

    def in_window(self, accepted_s: np.ndarray) -> np.ndarray:
        """Return which acceptance times belong to the cohort."""
        return (accepted_s >= self.begin_s) & (accepted_s < self.end_s)

    def write(self, pool: Pool, slots: np.ndarray, ended_s: np.ndarray, outcome: np.ndarray) -> None:
        """Record items of the cohort among `slots`; ``ended_s`` is -1 for censored ones."""
        mine = self.in_window(pool.accepted[slots])
        if not mine.any():
            return
        if not mine.all():
            slots, ended_s, outcome = slots[mine], ended_s[mine], outcome[mine]
        parts = {
            "upstream_s": pool.upstream[slots],
            "collect_s": pool.collect[slots],
            "wait_s": pool.wait[slots],
            "ride_s": pool.ride[slots] & (HOP - 1),
            "deliver_s": np.where(outcome == DELIVERED, ended_s - pool.home[slots], 0),
        }
        # What is left of an ended item's time was spent at centres; the stages then sum to it.
        handle = ended_s - pool.accepted[slots] - sum(parts.values())
        parts["handle_s"] = np.where(outcome == CENSORED, 0, handle)
        self.add(
            key=pool.key[slots],
            cls=pool.cls[slots],
            brand=pool.brand[slots],
            direction=pool.direction[slots],
            origin=pool.origin[slots],
            dest=pool.dest[slots],
            accepted_s=pool.accepted[slots],
            ended_s=ended_s,
            outcome=outcome,
            **parts,
            grams=pool.grams[slots],
            cm3=pool.cm3[slots],
            hops=pool.ride[slots] >> HOP_BITS,
            left_behind=pool.left_behind[slots],
        )
        self.ended += int((outcome != CENSORED).sum())

    def add(self, **columns: np.ndarray) -> None:
        """Append rows given as columns; a missing column is zero."""
        n = len(columns["key"])
        for name, kind in _KINDS.items():
            value = columns.get(name)
            self._parts[name].append(
                np.zeros(n, dtype=kind) if value is None else value.astype(kind, copy=False)
            )

    def columns(self) -> dict[str, np.ndarray]:
        """Return all rows in item-key order, and forget them."""
        key = self._take("key")
        order = np.argsort(key)  # keys are unique
        found = {"key": key[order]}
        for name in _KINDS:
            if name != "key":
                found[name] = self._take(name)[order]
        return found

    def _take(self, name: str) -> np.ndarray:
        parts = self._parts.pop(name)
        return np.concatenate(parts) if parts else np.zeros(0, dtype=_KINDS[name])
