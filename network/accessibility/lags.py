"""How long before a delivery round mail must be accepted: distributions of time by the timetable alone.

All that is delivered on one day at one place left its senders in a stretch of time: late enough to miss the
round before, early enough for this one.  A *lag* is the number of whole hours from the hour of acceptance to
the last hour of a day: of the day of delivery, or before which mail must be ready.  Within an hour acceptance
is even.

What is in time by lag rises step by step, by a step for each last departure that serves; tables of lags hold
these steps as far as they can.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import sparse

from network.accessibility.senders import WEEK_H, Sources
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from network.model.working_hours import ready_at_stops
from network.routing.search import Plan, StopPlan

__all__ = [
    "TOO_LATE",
    "Calls",
    "Entries",
    "Intakes",
    "Moments",
    "Rise",
    "delivered",
    "intakes",
    "latest",
    "rate",
    "steps",
    "taken_along",
]

TOO_LATE = -(np.int64(1) << 40)  # no departure gets there
_HOUR_S = 3600
_DAY_H = 24
_LONG = 1 << 30
_BLOCK = 256  # calls


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
class Calls:
    """The days of the week on which a round comes to places alike (a profile), by profile, then day."""

    profile: np.ndarray
    day: np.ndarray
    before: np.ndarray  # row of the call before, which may be the same
    gap: np.ndarray  # days since then, 1 to 7

    def __len__(self) -> int:
        return len(self.profile)


@dataclass(frozen=True, eq=False)
class Entries:
    """What a call delivers: mail that must be ready at a moment, on a day so many days before the call."""

    call: np.ndarray
    moment: np.ndarray
    later: np.ndarray
    weight: np.ndarray  # share of all mail of the profile


def latest(plan: Plan, group: int, moments: Moments, stops: Iterable[int]) -> np.ndarray:
    """Return the last second at which mail must be ready to leave stops, for moments.

    Returns
    -------
    numpy.ndarray
        (stops, moments) int64 seconds on the clock of the moments, `TOO_LATE` where there is no way.
    """
    code = moments.stop * len(plan.groups) + group
    rows = [
        np.where(moments.stop == stop, moments.second, _latest(plan.stops[stop], code, moments.second))
        for stop in stops
    ]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(moments))


def _latest(stop: StopPlan, code: np.ndarray, second: np.ndarray) -> np.ndarray:
    if not len(stop.key):
        return np.full(len(code), TOO_LATE)
    leaves = stop.key % WEEK_S
    arrives = leaves + stop.duration_s  # ascending within a code, and within a week of the first
    earliest = arrives[np.minimum(stop.first[:-1], len(stop.key) - 1)]
    of_row = stop.key // WEEK_S
    key = of_row * (2 * WEEK_S) + arrives - earliest[of_row]
    week, over = np.divmod(second - earliest[code], WEEK_S)
    at = np.searchsorted(key, code * (2 * WEEK_S) + over, side="right") - 1
    served = stop.first[code + 1] > stop.first[code]
    return np.where(served, leaves[at] + week * WEEK_S, TOO_LATE)


def steps(last_s: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lag of the hour that holds a last second, and the share of that hour which is in time.

    That share is the step at the lag; the rest is the step at the next one.
    """
    hour, second = np.divmod(last_s + 1, _HOUR_S)
    return _DAY_H * day + 23 - hour, second / _HOUR_S


def rate(accept: np.ndarray, since_s: int, day: int, length: int) -> np.ndarray:
    """Return which share of a week's items is somewhere, by lag before the end of a day; (length,).

    Parameters
    ----------
    accept
        (168,) shares of the week by hour of acceptance.
    since_s
        Seconds from acceptance until items are there.
    """
    hours, second = divmod(int(since_s), _HOUR_S)
    then = _DAY_H * day + 23 - np.arange(length) - hours
    part = second / _HOUR_S
    share = accept[then % WEEK_H]
    return (1 - part) * share + part * accept[(then - 1) % WEEK_H] if part else share


def delivered(rise: Rise, calls: Calls, rates: np.ndarray, which: np.ndarray, profiles: int) -> np.ndarray:
    """Return what profiles get by lag before the end of the day of delivery; (profiles, lags).

    Parameters
    ----------
    rise
        Steps of what is in time for each call.
    rates
        (kinds, lags) share of a week's items by lag, as `rate` returns it.
    which
        (calls,) row of `rates` of each call; that of the call before must be the same, its day apart.
    """
    shares = np.zeros((profiles, rise.length))
    first = np.flatnonzero(np.diff(calls.profile, prepend=-1))
    block = np.flatnonzero(np.diff(first // _BLOCK, prepend=-1))  # of profiles, small enough for a cache
    for low, high in pairwise([*block.tolist(), len(first)]):
        begin, end = int(first[low]), int(first[high]) if high < len(first) else len(calls)
        able = np.cumsum(rise.rows(begin, end), axis=1)
        each = rates[which[begin:end]]
        before, gap = calls.before[begin:end] - begin, calls.gap[begin:end]
        new = able.copy()
        for days in np.unique(gap).tolist():
            same_day = np.flatnonzero(gap == days)
            new[same_day, _DAY_H * days :] -= able[before[same_day], : rise.length - _DAY_H * days]
        new *= each
        shares[calls.profile[first[low:high]]] = np.add.reduceat(new, first[low:high] - begin, axis=0)
    return shares


@dataclass(frozen=True, eq=False)
class Rise:
    """Steps of what is in time, for rows: amounts at lags, or a table of them."""

    length: int
    table: np.ndarray | None = None  # (rows, length)
    row: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # ascending
    lag: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    amount: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, row: np.ndarray, lag: np.ndarray, part: np.ndarray, amount: np.ndarray) -> Rise:
        """Return steps of amounts: a part at the lag, the rest at the next; `lag` and `part` as of `steps`.

        There is room for a week more, to tell what the call before has left.
        """
        order = np.argsort(row, kind="stable")
        row, lag, part, amount = row[order], lag[order], part[order], amount[order]
        return cls(
            int(lag.max(initial=0)) + 2 + WEEK_H,
            None,
            np.repeat(row, 2),
            np.column_stack([lag, lag + 1]).reshape(-1),
            np.column_stack([amount * part, amount * (1 - part)]).reshape(-1),
        )

    def rows(self, begin: int, end: int) -> np.ndarray:
        """Return the steps of some rows; (rows, length)."""
        if self.table is not None:
            return self.table[begin:end]
        low, high = np.searchsorted(self.row, [begin, end])
        at = (self.row[low:high] - begin) * self.length + self.lag[low:high]
        table = np.bincount(at, self.amount[low:high], (end - begin) * self.length)
        return table.reshape(end - begin, self.length).astype(np.float64, copy=False)  # none: integers


@dataclass(frozen=True, eq=False)
class Intakes:
    """Which intake of each source is the last one in time for each moment."""

    row: np.ndarray  # (sources, moments) row of `Sources.back`; -1 for none
    days: np.ndarray  # (sources, moments) days from the intake to the moment


def intakes(network: Network, of_sources: Sources, moments: Moments, last_s: np.ndarray) -> Intakes:
    """Return the last intakes in time; `last_s` is (stops, moments)."""
    row = np.full((len(of_sources.base), len(moments)), -1)
    days = np.zeros(row.shape, dtype=np.int64)
    cached: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for number, base in enumerate(of_sources.base.tolist()):
        if base not in cached:
            cached[base] = _last_intake(network, base, of_sources.intake_s[base], last_s[base])
        event, day = cached[base]
        row[number] = np.where(event >= 0, of_sources.first[number] + event, -1)
        days[number] = np.where(event >= 0, moments.day - day, 0)
    return Intakes(row, days)


def _last_intake(
    network: Network, base: int, intake_s: np.ndarray, last_s: np.ndarray
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


def taken_along(
    rise: np.ndarray,
    entries: Entries,
    taken: Intakes,
    of_sources: Sources,
    stop: np.ndarray,
    home: np.ndarray,
    weight: np.ndarray,
    back: np.ndarray,
) -> None:
    """Add the steps of what is in time for each call, of one kind of mail from sources.

    Parameters
    ----------
    rise
        (calls, lags), added to.
    stop
        (moments,) where mail must be ready.
    home
        (calls,) kind of receiver.
    weight
        (sources, kinds of receivers) what a receiver gets of what a source sends.
    back
        `Sources.back` of the kind of mail.
    """
    at_home = home[entries.call]
    # What comes by trips is the same for many moments, but for whole days; what is collected here is not.
    own = of_sources.base[:, None] == stop
    there = np.where(own, -1, taken.row)
    least = np.where(there >= 0, taken.days, _LONG).min(axis=0, initial=_LONG)
    least[least == _LONG] = 0
    days = np.where(there >= 0, taken.days - least, 0)
    alike = _alike(np.concatenate([there, days]).T)
    pairs, one, row = np.unique(
        alike[entries.moment] * weight.shape[1] + at_home, return_index=True, return_inverse=True
    )
    moment = entries.moment[one]
    sends = np.flatnonzero(back.any(axis=1))
    amount = np.where(np.isin(there[:, moment], sends), weight[:, at_home[one]], 0.0)
    source, receiver = np.nonzero(amount)
    when = days[source, moment[receiver]]
    table = np.zeros((len(pairs), _DAY_H * int(when.max(initial=0)) + back.shape[1]))
    _add(table, when, amount[source, receiver], receiver, there[source, moment[receiver]], back)
    shift = entries.later + least[entries.moment]
    _add(rise, shift, entries.weight, entries.call, row.reshape(-1), table)
    source, entry = np.nonzero(own[:, entries.moment] & (taken.row[:, entries.moment] >= 0))
    at = entries.moment[entry]
    amount = entries.weight[entry] * weight[source, at_home[entry]]
    used = np.flatnonzero(amount)
    source, entry, at, amount = source[used], entry[used], at[used], amount[used]
    shift = entries.later[entry] + taken.days[source, at]
    _add(rise, shift, amount, entries.call[entry], taken.row[source, at], back)


def _alike(table: np.ndarray) -> np.ndarray:
    """Return a number for each row, the same for equal rows."""
    wide = np.ascontiguousarray(table)
    whole = wide.view(np.dtype((np.void, wide.itemsize * wide.shape[1]))).reshape(-1)
    group: np.ndarray = np.unique(whole, return_inverse=True)[1].reshape(-1)
    return group


def _add(
    table: np.ndarray,
    day: np.ndarray,
    amount: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    steps: np.ndarray,
) -> None:
    """Add amounts of rows of steps, moved by days, to rows of a table."""
    for one in np.unique(day).tolist():
        of_day = np.flatnonzero(day == one)
        rows, at = np.unique(row[of_day], return_inverse=True)
        added = sparse.csr_array(
            (amount[of_day], (at.reshape(-1), column[of_day])), shape=(len(rows), len(steps))
        )
        wide = min(steps.shape[1], table.shape[1] - _DAY_H * one)
        table[rows, _DAY_H * one : _DAY_H * one + wide] += added @ steps[:, :wide]
