"""Weekdays of the rounds of a base, so that few vehicles serve many of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from network.model.records import DAY_S, Round

__all__ = ["Duty", "days_out", "evenly", "round_vehicles", "stagger", "weekday_use"]


@dataclass(frozen=True)
class Duty:
    """What a round asks of its base: runs a week, days that each takes, vehicles out."""

    per_week: int
    days: int
    vehicles: int


def evenly(per_week: int, first: int) -> tuple[int, ...]:
    """Return weekdays as evenly spaced as the week allows, the pattern shifted by `first` days.

    Examples
    --------
    >>> evenly(3, 0), evenly(3, 1), evenly(5, 0)
    ((0, 2, 4), (1, 3, 5), (0, 1, 2, 4, 5))
    """
    return tuple(sorted((first + i * 7 // per_week) % 7 for i in range(per_week)))


def _use(weekdays: Sequence[int], days: int, vehicles: int) -> np.ndarray:
    """Return vehicles out by weekday; a run that lasts over a week overlaps with itself."""
    out = np.zeros(7, dtype=int)
    for weekday in weekdays:
        for day in range(days):
            out[(weekday + day) % 7] += vehicles
    return out


def stagger(duties: Sequence[Duty]) -> list[tuple[int, ...]]:
    """Choose the weekdays of the rounds of one base.

    Those that need most vehicle-days choose first; each takes the shift that
    keeps the busiest weekday lowest, then the week most even, then the
    earliest.  Where that ends worse than no shift at all, none is shifted.
    """
    unshifted = [evenly(duty.per_week, 0) for duty in duties]
    load = np.zeros(7, dtype=int)
    chosen: list[tuple[int, ...]] = [()] * len(duties)
    for i in sorted(
        range(len(duties)), key=lambda i: (-duties[i].per_week * duties[i].days * duties[i].vehicles, i)
    ):
        duty = duties[i]
        shape = _use(evenly(duty.per_week, 0), duty.days, duty.vehicles)
        options = np.stack([load + np.roll(shape, shift) for shift in range(7)])
        shift = int(np.lexsort(((options**2).sum(axis=1), options.max(axis=1)))[0])
        load = options[shift]
        chosen[i] = evenly(duty.per_week, shift)
    together = sum(_use(days, duty.days, duty.vehicles) for days, duty in zip(unshifted, duties, strict=True))
    return unshifted if np.max(together) < load.max(initial=0) else chosen


def days_out(depart_s: int, intake_s: int) -> int:
    """Return how many days a run keeps its vehicle: until the departure hour after its intake."""
    return max(1, -(-(intake_s - depart_s) // DAY_S))


def weekday_use(rounds: Iterable[Round]) -> dict[tuple[str, str], np.ndarray]:
    """Return vehicles out on each weekday by (base, vehicle class)."""
    out: dict[tuple[str, str], np.ndarray] = {}
    for round_ in rounds:
        use = _use(round_.weekdays, days_out(round_.depart_s, round_.intake_s), round_.vehicles)
        key = (round_.base, round_.vehicle)
        out[key] = out[key] + use if key in out else use
    return out


def round_vehicles(rounds: Iterable[Round]) -> dict[str, dict[str, int]]:
    """Return the vehicles that the rounds of each base need, by class: the most out on one weekday."""
    out: dict[str, dict[str, int]] = {}
    for (base, vehicle), use in weekday_use(rounds).items():
        out.setdefault(base, {})[vehicle] = int(use.max())
    return out
