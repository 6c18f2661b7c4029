"""Hours from other provinces to every place, by the timetable alone, for many networks that differ little.

The same time as the scheduled measures of `scheduled_times` on the basis "inbound": mail accepted outside
over an ordinary week as demand is, to its first attempt.  Hours upstream of the gateway are in it: without
them a route to a gateway that is nearer to the region and farther from the senders would seem a gain.  Here
the part behind the last trip is worked out for all rounds, at all frequencies that a plan may give them, at
once, so that a planner need not search the timetable for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.demand.rates import demand_of
from network.inputs.calendar import Calendar
from network.lastmile.handover import brand_shares, handover_s
from network.lastmile.week import NO_ROUND
from network.linehaul.timetable import Timetable, expand
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S, Round
from network.routing.search import Group, groups, ready_times

__all__ = ["NEVER_H", "Legs", "Mix", "Rounds", "accepted", "inward_mix", "legs"]

NEVER_H = 35 * 24.0  # what counts for mail that never comes: as long as the longest search
HOURS = 168
WEEKS = 6  # in which trips may begin: the one before mail is ready and five more
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


def inward_mix(network: Network, delays_s: NDArray[np.int64] | None = None) -> Mix:
    """Return the mix of a network; `delays_s` if more waits shall have room than occur in it."""
    rates = demand_of(network)
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
    def of(cls, network: Network, all_rounds: Sequence[Round]) -> tuple[Rounds, NDArray[np.int64]]:
        """Return the different ones of some rounds, and the row of each."""
        keys: dict[tuple[int, int, tuple[int, ...]], int] = {}
        row = [
            keys.setdefault((network.stop_row[t.base], t.depart_s, t.weekdays), len(keys)) for t in all_rounds
        ]
        ahead = [[min((day - today) % 7 for day in days) for today in range(7)] for _, _, days in keys]
        base, departs = ([key[at] for key in keys] for at in (0, 1))
        shape = np.int64
        return cls(np.array(base, shape), np.array(departs, shape), np.array(ahead, shape)), np.array(
            row, shape
        )


@dataclass(frozen=True, eq=False)
class Legs:
    """When mail from the gateways is ready at the stops: all that a round needs to know of a timetable.

    For each mode group a row for each departure from a gateway: mail that is there since the departure
    before goes with it, or with a later one.

    Parameters
    ----------
    ready_s
        By group: (rows, stops) when it is ready there, on the clock of the departure's week.
    share, since_h
        By group: (rows, stops) the share of a stop's mail, and the sum of share times hour of the week at
        which it was accepted.  What no row takes never comes.
    pieces
        By group: rows, whole hours of acceptance and shares, cut at every hour.
    """

    ready_s: tuple[NDArray[np.int64], ...]
    share: tuple[Float, ...]
    since_h: tuple[Float, ...]
    pieces: tuple[tuple[NDArray[np.int64], NDArray[np.int64], Float], ...]

    def mean_ready_h(self) -> Float:
        """Return the mean hours until mail is ready at each stop, of all groups together; (stops,)."""
        found = np.zeros(self.share[0].shape[1])
        for ready, share, since in zip(self.ready_s, self.share, self.since_h, strict=True):
            never = ready >= NO_ROUND
            found += np.where(never, NEVER_H * share, np.where(never, 0, ready) / 3600 * share - since).sum(
                axis=0
            )
        return found

    def mean_h(self, rounds: Rounds, delays_s: NDArray[np.int64]) -> Float:
        """Return the mean hours to the midnight before the visit; (rounds, groups, delays)."""
        found = np.empty((len(rounds.base), len(self.ready_s), len(delays_s)))
        for g, (ready, share, since) in enumerate(zip(self.ready_s, self.share, self.since_h, strict=True)):
            part, hour = share[:, rounds.base], since[:, rounds.base]
            lost = np.maximum(1.0 - part.sum(axis=0), 0.0) * NEVER_H
            for d, delay in enumerate(delays_s.tolist()):
                day, never = _day(rounds, ready[:, rounds.base] + delay)
                hours = np.where(never, NEVER_H * part, 24.0 * day * part - hour)
                found[:, g, d] = hours.sum(axis=0) + lost
        return found

    def within(self, rounds: Rounds, delays_s: NDArray[np.int64], first_h: int, last_h: int) -> Float:
        """Return the share that has come by some lags: whole hours before the midnight of the visit.

        Returns
        -------
        numpy.ndarray
            (rounds, groups, delays, lags): up to the lag `first_h`, the next one, and so on to `last_h`;
            the mail of a lag comes evenly in the hour that ends with it.
        """
        n, lags = len(rounds.base), last_h - first_h + 1
        found = np.zeros((n, len(self.ready_s), len(delays_s), lags))
        for g, (ready, (row, hour, share)) in enumerate(zip(self.ready_s, self.pieces, strict=True)):
            weight = share[:, rounds.base]
            for d, delay in enumerate(delays_s.tolist()):
                day, never = _day(rounds, ready[:, rounds.base] + delay)
                lag = (24 * day)[row] - hour[:, None]
                kept = ~never[row] & (lag <= last_h) & (weight > 0)
                at = np.broadcast_to(np.arange(n), lag.shape)[kept] * lags
                at = at + np.maximum(lag[kept] - first_h, 0)
                counted = np.bincount(at, weight[kept], n * lags)
                found[:, g, d] = np.cumsum(counted.reshape(n, lags), axis=1)
        return found


def _day(rounds: Rounds, ready_s: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the day of the first run that takes along what is ready; and where there is none."""
    never = ready_s >= NO_ROUND
    day = -((rounds.departs_s - np.where(never, 0, ready_s)) // DAY_S)
    return day + rounds.ahead[np.arange(len(rounds.base)), day % 7], never


def accepted(network: Network) -> Float:
    """Return the share of a week's mail that is accepted in each hour, holidays apart; (168,)."""
    calendar = Calendar.load(network.region, network.assumptions)
    week = np.outer(calendar.weekday_factor, calendar.hour_weight).reshape(-1)
    return np.asarray(week / week.sum())


def legs(network: Network, week: Float | None = None) -> Legs:
    """Return when mail from the gateways is ready at the stops of a network; `week` as of `accepted`."""
    table = expand(network)
    ready = ready_times(network, table)
    week = accepted(network) if week is None else week
    outside = network.assumptions.table("outside")
    part = np.array([row["inbound_share"] for row in outside], dtype=float)
    part = part / part.sum()
    found = []
    for kind in groups(network):
        events = _departures(network, table, ready, kind)
        entries = [
            [
                (network.stop_row[option["gateway"]], round(option["hours"] * 3600))
                for option in row["entries"]
                if option["gateway"] in network.stop_row and (option["group"] != "any" or "air" in kind.modes)
            ]
            for row in outside
        ]
        found.append(_shared_out(len(network.stops), events, entries, part, week))
    return Legs(*(tuple(column) for column in zip(*found, strict=True)))


def _departures(
    network: Network, table: Timetable, ready: NDArray[np.int64], kind: Group
) -> dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return, by gateway, the seconds of its departures in a week and when mail is ready everywhere.

    A connection scan forwards, for all departures from gateways at once.
    """
    allowed = np.array([kind.allows(r.mode, r.carrier) for r in network.routes], dtype=bool)
    last = np.zeros(len(table.stop), dtype=bool)
    last[table.first[1:] - 1] = True
    trip_of = np.repeat(np.arange(len(table.route)), np.diff(table.first))
    calls = np.flatnonzero(~last & allowed[table.route[trip_of]])
    gate = [at for at, centre in enumerate(network.centres) if centre.tier == "gateway"]
    start, second = [], []
    for stop in gate:
        leaves = np.unique(table.depart_s[calls[table.stop[calls] == stop]] % WEEK_S)
        start += [stop] * len(leaves)
        second += leaves.tolist()
    n = len(start)
    at = np.full((len(network.stops), n), NO_ROUND)
    at[start, np.arange(n)] = second
    weeks = np.arange(WEEKS)
    leaves = (table.depart_s[calls][:, None] + (weeks - 1) * WEEK_S).reshape(-1)
    comes = (ready[calls + 1][:, None] + (weeks - 1) * WEEK_S).reshape(-1)
    call = np.repeat(calls, WEEKS)
    run = np.repeat(trip_of[calls], WEEKS) * WEEKS + np.tile(weeks, len(calls))
    used = leaves >= 0
    order = np.flatnonzero(used)[np.lexsort((call[used], leaves[used]))]
    riding: dict[int, NDArray[np.bool_]] = {}
    origin, target = table.stop[call].tolist(), table.stop[call + 1].tolist()
    leaves_l, comes_l, run_l = leaves.tolist(), comes.tolist(), run.tolist()
    end = WEEK_S
    for k in order.tolist():
        if leaves_l[k] >= end:  # a week more, unless all that can be reached is
            if end >= 2 * WEEK_S and (np.delete(at, gate, axis=0) < leaves_l[k]).all():
                break
            end += WEEK_S
        on = at[origin[k]] <= leaves_l[k]
        before = riding.get(run_l[k])
        if before is not None:
            on |= before
        if on.any():
            riding[run_l[k]] = on
            there = at[target[k]]
            np.minimum(there, np.where(on, comes_l[k], NO_ROUND), out=there)
    by_gate = {}
    for stop in dict.fromkeys(start):
        mine = np.flatnonzero(np.array(start) == stop)
        by_gate[stop] = np.array(second, dtype=np.int64)[mine], at[:, mine].T.copy()
    return by_gate


def _shared_out(
    stops: int,
    events: Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]],
    entries: Sequence[Sequence[tuple[int, int]]],
    part: Float,
    week: Float,
) -> tuple[NDArray[np.int64], Float, Float, tuple[NDArray[np.int64], NDArray[np.int64], Float]]:
    """Send the mail of every origin outside through the gateway of least mean time, stop by stop."""
    mean = {}
    for gate, (second, at) in events.items():
        gap = np.diff(second, prepend=second[-1] - WEEK_S).astype(np.float64)[:, None]
        never = (at >= NO_ROUND).any(axis=0)
        lasts = np.where(at >= NO_ROUND, 0, at) - second[:, None]
        mean[gate] = np.where(never, np.inf, (gap * (lasts + gap / 2)).sum(axis=0) / WEEK_S)
    first, rows = {}, 0
    for gate, (second, _) in events.items():
        first[gate], rows = rows, rows + len(second)
    ready = np.concatenate([at for _, at in events.values()]) if events else np.zeros((0, stops), np.int64)
    share, since = np.zeros((rows, stops)), np.zeros((rows, stops))
    cuts: dict[tuple[int, int], tuple[Float, Float, NDArray[np.int64], NDArray[np.int64], Float]] = {}
    row_of, hour_of, weight_of = [], [], []
    for options, amount in zip(entries, part.tolist(), strict=True):
        known = [(gate, hours) for gate, hours in options if gate in mean]
        if not known:
            continue
        total = np.array([mean[gate] + hours for gate, hours in known])
        chosen = np.where(np.isfinite(total.min(axis=0)), total.argmin(axis=0), -1)
        for which in np.unique(chosen[chosen >= 0]).tolist():
            gate, hours = known[which]
            if (gate, hours) not in cuts:
                cuts[gate, hours] = _cut(events[gate][0], hours, week)
            weight, moment, event, hour, piece = cuts[gate, hours]
            mine = amount * (chosen == which)
            here = slice(first[gate], first[gate] + len(weight))
            share[here] += weight[:, None] * mine
            since[here] += moment[:, None] * mine
            row_of.append(first[gate] + event)
            hour_of.append(hour)
            weight_of.append(piece[:, None] * mine)
    if not row_of:
        nothing = np.zeros(0, dtype=np.int64)
        return ready, share, since, (nothing, nothing, np.zeros((0, stops)))
    code = np.concatenate(row_of) * 4 * HOURS + np.concatenate(hour_of) + 2 * HOURS
    codes, which = np.unique(code, return_inverse=True)
    together = np.zeros((len(codes), stops))
    np.add.at(together, which.reshape(-1), np.concatenate(weight_of))
    row, hour = np.divmod(codes, 4 * HOURS)
    return ready, share, since, (row, hour - 2 * HOURS, together)


def _cut(
    second: NDArray[np.int64], late_s: int, week: Float
) -> tuple[Float, Float, NDArray[np.int64], NDArray[np.int64], Float]:
    """Cut a week's mail at departures and hours.

    Parameters
    ----------
    second
        Departures, seconds of the week, ascending.
    late_s
        From acceptance elsewhere to being at the gateway.
    week
        (168,) share accepted in each hour.

    Returns
    -------
    tuple
        By departure its share, and share times hour of acceptance; by piece its departure, hour and share.
    """
    ends = second / 3600
    marks = np.unique(
        np.concatenate(
            [ends, ends - HOURS, np.arange(-HOURS, HOURS + 1), np.arange(-HOURS, HOURS) + late_s / 3600 % 1]
        )
    )
    marks = marks[(marks >= ends[-1] - HOURS) & (marks <= ends[-1])]
    low, high = marks[:-1], marks[1:]
    middle = (low + high) / 2
    rate = week[np.floor(middle - late_s / 3600).astype(np.int64) % HOURS]
    piece = rate * (high - low)
    event = np.searchsorted(ends, high - 1e-9)
    n = len(second)
    weight = np.bincount(event, piece, n).astype(np.float64)
    accepted_h = middle - late_s / 3600
    moment = np.bincount(event, piece * accepted_h, n).astype(np.float64)
    hour = np.floor(accepted_h).astype(np.int64)
    return weight, moment, event.astype(np.int64), hour, piece.astype(np.float64)
