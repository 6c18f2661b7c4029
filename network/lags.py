"""How long before a delivery round mail must be accepted: distributions of time by the timetable alone.

All that is delivered on one day at one place left its senders in a stretch of time: late enough to miss the
round before, early enough for this one.  A *lag* is the number of whole hours from acceptance to the end of
the day before which the mail must be ready; within an hour acceptance is even.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from network.graph import MailNetwork
from network.hours import ready_at_stops
from network.model import DAY_S, WEEK_S
from network.search import Plan, StopPlan
from network.senders import BACK_H, WEEK_H, Sources

__all__ = [
    "TOO_LATE",
    "Intakes",
    "Moments",
    "Rows",
    "from_gates",
    "from_sources",
    "intakes",
    "latest",
    "longest",
    "mix",
]

TOO_LATE = -(np.int64(1) << 40)  # no departure gets there
_HOUR_S = 3600


@dataclass(frozen=True, eq=False)
class Moments:
    """Seconds of the week by which mail must be ready at stops."""

    stop: np.ndarray
    second: np.ndarray

    @property
    def day(self) -> np.ndarray:
        """Day of the week."""
        return self.second // DAY_S

    def __len__(self) -> int:
        return len(self.stop)


@dataclass(frozen=True, eq=False)
class Rows:
    """What a table of lags is added up from: for each entry a target, a row, days later, and a weight."""

    target: np.ndarray
    row: np.ndarray
    days: np.ndarray
    weight: np.ndarray


def latest(plan: Plan, group: int, moments: Moments, stops: Sequence[int]) -> np.ndarray:
    """Return the last second at which mail must be ready to leave stops, for moments.

    Returns
    -------
    numpy.ndarray
        (stops, moments) int64 seconds on the clock of the moments, `TOO_LATE` where there is no way.
    """
    found = np.full((len(stops), len(moments)), TOO_LATE)
    code = moments.stop * len(plan.groups) + group
    for row, stop in enumerate(stops):
        found[row] = np.where(
            moments.stop == stop, moments.second, _latest(plan.stops[stop], code, moments.second)
        )
    return found


def _latest(stop: StopPlan, code: np.ndarray, second: np.ndarray) -> np.ndarray:
    if not len(stop.key):
        return np.full(len(code), TOO_LATE)
    leaves = stop.key % WEEK_S
    arrives = leaves + stop.duration_s  # ascending within a code, and within a week of the first
    start = np.minimum(stop.first[:-1], len(stop.key) - 1)
    earliest = arrives[start]
    of_row = stop.key // WEEK_S
    key = of_row * (2 * WEEK_S) + arrives - earliest[of_row]
    week, over = np.divmod(second - earliest[code], WEEK_S)
    at = np.searchsorted(key, code * (2 * WEEK_S) + over, side="right") - 1
    served = stop.first[code + 1] > stop.first[code]
    return np.where(served, leaves[at] + week * WEEK_S, TOO_LATE)


def from_gates(
    moments: Moments,
    last_s: Sequence[np.ndarray],
    share: Sequence[float],
    since_s: Sequence[np.ndarray],
    accept: np.ndarray,
    length: int,
) -> np.ndarray:
    """Return, by moment, the items that come in time by lag, of what is accepted at gates.

    Parameters
    ----------
    last_s
        By gate: (moments,) last second at which items may be there, `TOO_LATE` for never.
    share
        By gate: its share of the items.
    since_s
        By gate: (moments,) seconds from acceptance elsewhere until items are there.
    accept
        (168,) shares of the week by hour of acceptance elsewhere.
    length
        Number of lags; nothing may come later.

    Returns
    -------
    numpy.ndarray
        (moments, length) items an hour of being there: a share of a week's items.
    """
    total = np.zeros((len(moments), length))
    for last, part, since in zip(last_s, share, since_s, strict=True):
        known = np.flatnonzero(last > TOO_LATE)
        if not len(known):
            continue
        able = np.zeros((len(known), length + 1))
        at, rest = _cut(last[known], moments.day[known])
        row = np.arange(len(known))
        able[row, at] = part * (1 - rest)
        able[row, at + 1] = part * rest
        able = np.cumsum(able[:, :length], axis=1)
        ages, which = np.unique(since[known], return_inverse=True)
        kinds, which = np.unique(which.reshape(-1) * 7 + moments.day[known], return_inverse=True)
        rates = np.stack(
            [_shifted(accept, ages[kind // 7], 24 * (kind % 7) + 23, length) for kind in kinds.tolist()]
        )
        total[known] += able * rates[which.reshape(-1)]
    return total


def longest(last_s: Sequence[np.ndarray], moments: Moments) -> int:
    """Return how many lags hold all that `from_gates` finds."""
    most = BACK_H
    for last in last_s:
        known = last > TOO_LATE
        if known.any():
            most = max(most, int(_cut(last[known], moments.day[known])[0].max()) + 2)
    return most


def _cut(last_s: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lag of the hour that holds a last second, and the share of that hour which is too late."""
    hour, second = np.divmod(last_s + 1, _HOUR_S)
    return 24 * day + 23 - hour, 1 - second / _HOUR_S


def _shifted(accept: np.ndarray, since_s: int, hour: int, length: int) -> np.ndarray:
    """Return the share of items by lag that are somewhere `since_s` after acceptance; lag 0 is `hour`."""
    hours, part = divmod(int(since_s), _HOUR_S)
    part /= _HOUR_S
    then = hour - np.arange(length) - hours
    if not part:
        return accept[then % WEEK_H]
    return (1 - part) * accept[then % WEEK_H] + part * accept[(then - 1) % WEEK_H]


@dataclass(frozen=True, eq=False)
class Intakes:
    """Which intake of each source is the last one in time for each moment."""

    row: np.ndarray  # (sources, moments) row of `Sources.back`; -1 for none
    days: np.ndarray  # (sources, moments) days from the intake to the moment


def intakes(network: MailNetwork, found: Sources, moments: Moments, last_s: np.ndarray) -> Intakes:
    """Return the last intakes in time; `last_s` is (bases, moments) in the order of stops."""
    row = np.full((len(found.base), len(moments)), -1)
    days = np.zeros(row.shape, dtype=np.int64)
    cached: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for number, base in enumerate(found.base.tolist()):
        if base not in cached:
            cached[base] = _last_intake(network, base, found.intake_s[base], last_s[base])
        event, day = cached[base]
        row[number] = np.where(event >= 0, found.first[number] + event, -1)
        days[number] = np.where(event >= 0, moments.day - day, 0)
    return Intakes(row, days)


def _last_intake(
    network: MailNetwork, base: int, intake_s: np.ndarray, last_s: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the last intake that is sorted by given seconds, and its day on the same clock."""
    if not len(intake_s):
        return np.full(len(last_s), -1), np.zeros(len(last_s), dtype=np.int64)
    joins = intake_s + network.centres[base].handling_s.get("collect", 0)
    ready = ready_at_stops(network.centres, np.full(len(joins), base), joins)
    week, over = np.divmod(last_s - ready[0], WEEK_S)
    event = np.searchsorted(ready - ready[0], over, side="right") - 1
    day = intake_s[event] // DAY_S + 7 * week
    return np.where(last_s > TOO_LATE, event, -1), day


def from_sources(
    moments: Moments,
    taken: Intakes,
    back: np.ndarray,
    weight: np.ndarray,
    at: np.ndarray,
    where: np.ndarray,
    accept: np.ndarray,
    length: int,
) -> np.ndarray:
    """Return, by receiver, the items that come in time by lag, of what sources send.

    Parameters
    ----------
    taken
        The last intakes in time, (sources, moments).
    back
        `Sources.back` of a kind.
    weight
        (sources, kinds of receivers) what a receiver gets of what a source sends.
    at, where
        Row of the moment, and kind of receiver, of each receiver.

    Returns
    -------
    numpy.ndarray
        (receivers, length) items an hour of acceptance: a share of a week's items of the kind.
    """
    able = np.zeros((len(at), length))
    amount = weight[:, where]
    row, days = taken.row[:, at], taken.days[:, at]
    sends = back.any(axis=1)
    used = (row >= 0) & (amount > 0) & sends[row]
    for day in np.unique(days[used]).tolist():
        source, receiver = np.nonzero(used & (days == day))
        some = sparse.csr_array(
            (amount[source, receiver], (receiver, row[source, receiver])), shape=(len(at), len(back))
        )
        mine = np.unique(receiver)
        able[mine, 24 * day : 24 * day + BACK_H + 1] += some[mine] @ back
    hour = 24 * moments.day[at] + 23
    able = np.cumsum(able, axis=1, out=able)
    tiles = np.stack([_shifted(accept, 0, 24 * day + 23, length) for day in range(7)])
    able *= tiles[hour // 24]
    return able


def mix(entries: Sequence[tuple[Rows, np.ndarray]], targets: int, length: int) -> np.ndarray:
    """Return the weighted sums of rows of lags, moved by days; (targets, length)."""
    total = np.zeros((targets, length))
    for rows, lags in entries:
        for day in np.unique(rows.days).tolist():
            mine = rows.days == day
            some = sparse.csr_array(
                (rows.weight[mine], (rows.target[mine], rows.row[mine])), shape=(targets, len(lags))
            )
            wide = min(lags.shape[1], length - 24 * day)
            total[:, 24 * day : 24 * day + wide] += some @ lags[:, :wide]
    return total
