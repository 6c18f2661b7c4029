"""Hours from the gateway to every place, by the timetable alone, for many networks that differ little.

The same time as the potential measures of `network.potential` on the basis "from_gateway": mail from other
provinces, accepted there over an ordinary week as demand is, from the moment at which it is ready at its
entry gateway to its first attempt.  Here the part behind the last trip is worked out for all rounds, at all
frequencies that a plan may give them, at once, so that a planner need not search the timetable for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.calendar import Calendar
from network.flows import Rates, make_rates
from network.graph import MailNetwork
from network.handover import brand_shares, handover_s
from network.journeys import line_haul
from network.lastmile import NO_ROUND, LastMile
from network.model import DAY_S, Round
from network.roads import road_graph
from network.search import groups, make_plan
from network.sizing import gates
from network.tables import load_region

__all__ = ["NEVER_H", "Legs", "Mix", "Rounds", "inward_mix", "legs"]

NEVER_H = 35 * 24.0  # what counts for mail that never comes: as long as the longest search
HOURS = 168
Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mix:
    """What a place receives from other provinces, by mode group and by wait before a round.

    Parameters
    ----------
    delays_s
        The waits, ascending.
    share
        (places, groups, delays), each place's sum 1; a place without people receives as a village would.
    """

    delays_s: NDArray[np.int64]
    share: Float


def inward_mix(network: MailNetwork, delays_s: NDArray[np.int64] | None = None) -> Mix:
    """Return the mix of a network; `delays_s` if more waits shall have room than occur in it."""
    graph = road_graph(load_region(network.region), network.year)
    rates: Rates = make_rates(network.places, network.report, network.assumptions, graph)
    delay = handover_s(network).astype(np.int64)
    known = np.unique(delay) if delays_s is None else delays_s
    kinds = len(groups(network))
    found = np.zeros((len(network.places), kinds, len(known)))
    brands = brand_shares(network)
    rural = ~network.places.urban.astype(bool) & (network.places.population > 0)
    for kind in rates.classes:
        if kind.flow == "place" or not kind.inbound:
            continue
        spread = rates.spread(kind)
        if kind.flow != "office":  # a place where nobody lives gets what a villager gets
            each = spread[rural] / network.places.population[rural]
            spread = np.where(network.places.population > 0, spread, np.median(each) if rural.any() else 0.0)
        own = 2 * (kind.private_ok and kinds == 4)
        rows = enumerate(brands.tolist(), 1) if kind.flow == "report" else [(0, 1.0)]
        for row, brand in rows:
            at = np.searchsorted(known, delay[row])
            for flies, part in enumerate((1 - kind.any_share, kind.any_share)):
                if part and brand:
                    found[np.arange(len(found)), own + flies, at] += kind.inbound * brand * part * spread
    total = found.sum(axis=(1, 2), keepdims=True)
    return Mix(known, np.divide(found, total, out=np.zeros_like(found), where=total > 0))


@dataclass(frozen=True, eq=False)
class Rounds:
    """Rounds that differ in base, days or hour of departure; many places share one.

    Parameters
    ----------
    base
        Stop row.
    departs_s
        After midnight.
    ahead
        (rounds, 7) days from each weekday to the next run.
    """

    base: NDArray[np.int64]
    departs_s: NDArray[np.int64]
    ahead: NDArray[np.int64]

    @classmethod
    def of(cls, network: MailNetwork, tours: Sequence[Round]) -> tuple[Rounds, NDArray[np.int64]]:
        """Return the different ones of some rounds, and the row of each."""
        keys: dict[tuple[int, int, tuple[int, ...]], int] = {}
        row = [
            keys.setdefault((network.stop_row[t.base], t.depart_s, t.weekdays), len(keys)) for t in tours
        ]
        ahead = [[min((day - today) % 7 for day in days) for today in range(7)] for _, _, days in keys]
        base, departs = ([key[at] for key in keys] for at in (0, 1))
        shape = np.int64
        return cls(np.array(base, shape), np.array(departs, shape), np.array(ahead, shape)), np.array(row, shape)


@dataclass(frozen=True, eq=False)
class Legs:
    """When mail from the gateways is ready at the stops: all that a round needs to know of a timetable.

    For each mode group a list of moments: ready at every stop, and the weight of the mail of each stop that
    takes that entry at that hour.
    """

    ready_s: tuple[NDArray[np.int64], ...]  # by group: (moments, stops)
    hour: tuple[NDArray[np.int64], ...]  # by group: (moments,) hour of the week at the gateway
    weight: tuple[Float, ...]  # by group: (moments, stops); of each stop they sum to 1

    def mean_h(self, rounds: Rounds, delays_s: NDArray[np.int64]) -> Float:
        """Return the mean hours to the midnight before the visit; (rounds, groups, delays)."""
        found = np.empty((len(rounds.base), len(self.ready_s), len(delays_s)))
        for g, (ready, hour, weight) in enumerate(zip(self.ready_s, self.hour, self.weight, strict=True)):
            # Hours with the same trips ahead of them are one.
            rows, which = np.unique(ready, axis=0, return_inverse=True)
            which = which.reshape(-1)
            share, since = np.zeros(rows.shape), np.zeros(rows.shape)
            np.add.at(share, which, weight)
            np.add.at(since, which, weight * (hour + 0.5)[:, None])
            share, since = share[:, rounds.base], since[:, rounds.base]
            for d, delay in enumerate(delays_s.tolist()):
                day, never = _day(rounds, rows[:, rounds.base] + delay)
                hours = np.where(never, NEVER_H * share, 24.0 * day * share - since)
                found[:, g, d] = hours.sum(axis=0)
        return found

    def within(self, rounds: Rounds, delays_s: NDArray[np.int64], most_h: int) -> Float:
        """Return the share that has come by so many hours before the midnight of the visit.

        Returns
        -------
        numpy.ndarray
            (rounds, groups, delays, most_h + 1): up to lags of 0, 1, 2 hours and so on; even between.
        """
        n = len(rounds.base)
        found = np.zeros((n, len(self.ready_s), len(delays_s), most_h + 1))
        row = np.broadcast_to(np.arange(n), (len(self.hour[0]) if self.hour else 0, n))
        for g, (ready, hour, weight) in enumerate(zip(self.ready_s, self.hour, self.weight, strict=True)):
            row = np.broadcast_to(np.arange(n), (len(hour), n))
            for d, delay in enumerate(delays_s.tolist()):
                day, never = _day(rounds, ready[:, rounds.base] + delay)
                lag = 24 * day - hour[:, None]
                kept = ~never & (lag <= most_h)
                at = row[kept] * (most_h + 1) + np.maximum(lag[kept], 0)
                counted = np.bincount(at, weight[:, rounds.base][kept], n * (most_h + 1))
                found[:, g, d] = np.cumsum(counted.reshape(n, -1), axis=1)
        return found


def _day(rounds: Rounds, ready_s: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the day of the first run that takes along what is ready; and where there is none."""
    never = ready_s >= NO_ROUND
    day = -((rounds.departs_s - np.where(never, 0, ready_s)) // DAY_S)
    return day + rounds.ahead[np.arange(len(rounds.base)), day % 7], never


def legs(network: MailNetwork) -> Legs:
    """Return when mail from the gateways is ready at the stops of a network.

    Mail is looked at in the middle of each hour of a week.
    """
    plan = make_plan(network)
    ways = gates(network, plan)
    calendar = Calendar.load(network.region, network.assumptions)
    week = np.outer(calendar.weekday_factor, calendar.hour_weight).reshape(-1)
    week = week / week.sum()
    share = np.array([row["inbound_share"] for row in network.assumptions.table("outside")], dtype=float)
    share = share / share.sum()
    entry, upstream_s = ways.entry, ways.entry_s
    moments = np.arange(HOURS) * 3600 + 1800
    ready_s, hours, weights = [], [], []
    for g in range(len(entry)):
        ready, hour, weight = [], [], []
        for gate in np.unique(entry[g][entry[g] >= 0]).tolist():
            at = np.zeros((HOURS, entry.shape[2]))
            for k, part in enumerate(share.tolist()):
                mine = np.flatnonzero(entry[g, k] == gate)
                late = np.round(upstream_s[g, k, mine] / 3600).astype(np.int64)
                at[:, mine] += part * week[(np.arange(HOURS)[:, None] - late) % HOURS]
            ready.append(line_haul(plan, np.full(HOURS, gate), moments, g))
            hour.append(np.arange(HOURS))
            weight.append(at)
        never = np.full((1, entry.shape[2]), NO_ROUND)  # of a stop to which no way leads
        lost = 1.0 - np.sum(weight, axis=(0, 1)) if weight else np.ones(entry.shape[2])
        ready_s.append(np.concatenate([*ready, never]))
        hours.append(np.concatenate([*hour, [0]]))
        weights.append(np.concatenate([*weight, np.maximum(lost, 0.0)[None]]))
    return Legs(tuple(ready_s), tuple(hours), tuple(weights))
