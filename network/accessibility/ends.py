"""Both ends of the way and the way between: the lags of every profile of receivers, by basis."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from network.accessibility.lags import (
    TOO_LATE,
    Calls,
    Entries,
    Rise,
    delivered,
    intakes,
    latest,
    rate,
    steps,
    taken_along,
)
from network.accessibility.receivers import Receivers, receivers
from network.accessibility.senders import WEEK_H, Kind, Sources, accepted, sources, streams
from network.demand.rates import ItemClass, Rates, demand_of
from network.lastmile.week import LastMile
from network.model.network import Network
from network.routing.gateways import Gates, gates
from network.routing.search import Plan, groups

__all__ = ["Ends", "gateway_lags", "inbound_lags", "place_lags", "regional_lags", "weights"]

_DAY_H = 24


@dataclass(frozen=True, eq=False)
class Ends:
    """Both ends of the way: all but the routes.  Networks that differ in their routes alone can share it."""

    rates: Rates
    classes: tuple[ItemClass, ...]
    mile: LastMile
    accept: np.ndarray
    sources: Sources
    receivers: Receivers

    @classmethod
    def of(cls, network: Network, rates: Rates | None = None) -> Ends:
        """Return the ends of a network, under its own demand or under given rates."""
        rates = demand_of(network) if rates is None else rates
        classes = rates.classes
        mile = LastMile.of(network)
        mail = streams(network, classes, mile, len(groups(network)))
        spread = {kind.flow: rates.spread(kind) for kind in classes}
        origins: dict[Kind, np.ndarray] = {stream.kind: spread[stream.kind[0]] for stream in mail}
        home = rates.county.astype(np.int64)
        return cls(
            rates,
            classes,
            mile,
            accepted(network),
            sources(network, mile, origins, home),
            receivers(rates, classes, mail, mile, network.places.population),
        )

    def with_rounds(self, network: Network) -> Ends:
        """Return the ends where places receive by the rounds of another network, and send as before."""
        mile = LastMile.of(network)
        mail = streams(network, self.classes, mile, len(groups(network)))
        people = network.places.population
        return replace(self, mile=mile, receivers=receivers(self.rates, self.classes, mail, mile, people))


def inbound_lags(
    network: Network,
    plan: Plan,
    ends: Ends,
    bases: Collection[str] = ("inbound", "from_gateway"),
    way: Gates | None = None,
) -> dict[str, np.ndarray]:
    """Return the lags of profiles for mail of other provinces, since acceptance and since the gateway.

    Parameters
    ----------
    network, plan, ends, bases
        As for `scheduled_times.scheduled`.
    way
        Which gateways mail comes by, if at hand.
    """
    receivers = ends.receivers
    way = gates(network, plan) if way is None else way
    parts = []
    for group, entries in receivers.inward.items():
        stop = receivers.moments.stop
        entry, since = (table[group][:, stop].astype(np.int64) for table in (way.entry, way.entry_s))
        last = np.full(entry.shape, TOO_LATE)
        used = np.unique(entry[entry >= 0])
        for gate, seconds in zip(used.tolist(), latest(plan, group, receivers.moments, used), strict=True):
            last = np.where(entry == gate, seconds, last)
        parts.append((entries, entry, since, last))
    lags = {}
    if "inbound" in bases:
        lags["inbound"] = _since_acceptance(ends, parts, ends.rates.inbound_share)
    if "from_gateway" in bases:
        lags["from_gateway"] = _since_gateway(ends, parts)
    return lags


def gateway_lags(network: Network, plan: Plan, ends: Ends, gateway: str) -> np.ndarray:
    """Return the lags of profiles for mail of other provinces that is all accepted at one gateway."""
    receivers, row = ends.receivers, network.stop_row[gateway]
    parts = []
    for group, entries in receivers.inward.items():
        last = latest(plan, group, receivers.moments, (row,))
        parts.append((entries, np.full(last.shape, row), np.zeros(last.shape, dtype=np.int64), last))
    return _since_acceptance(ends, parts, np.ones(1))


Gated = list[tuple[Entries, np.ndarray, np.ndarray, np.ndarray]]  # entries; entry, seconds since, last second


def _since_acceptance(ends: Ends, parts: Gated, shares: np.ndarray) -> np.ndarray:
    receivers, columns = ends.receivers, []
    for entries, _, since, last in parts:
        outside, row = np.nonzero(last[:, entries.moment] > TOO_LATE)
        moment = entries.moment[row]
        until = last[outside, moment] - since[outside, moment]
        amount = entries.weight[row] * shares[outside]
        columns.append((entries.call[row], until, receivers.moments.day[moment], entries.later[row], amount))
    call, until, day, later, amount = (np.concatenate(column) for column in zip(*columns, strict=True))
    lag, part = steps(until, day)
    rise = Rise.of(call, lag + _DAY_H * later, part, amount)
    rates = np.stack([rate(ends.accept, 0, day, rise.length) for day in range(7)])
    return delivered(rise, receivers.calls, rates, receivers.calls.day, receivers.profiles)


def _since_gateway(ends: Ends, parts: Gated) -> np.ndarray:
    """Return the same for the time from the gateway on.

    Items that enter by one gateway come there as they are accepted elsewhere, so much later: together they
    have a rate of their own, and a row for each call.
    """
    receivers, shares, columns = ends.receivers, ends.rates.inbound_share, []
    kinds: dict[tuple[int, ...], int] = {}
    for entries, entry, since, last in parts:
        stop, one, which = np.unique(receivers.moments.stop, return_index=True, return_inverse=True)
        kind = np.full((len(entry), len(stop)), -1)
        for column, moment in enumerate(one.tolist()):
            for gate in np.unique(entry[:, moment]).tolist():
                at_gate = entry[:, moment] == gate
                ages = tuple(np.where(at_gate, since[:, moment], -1).tolist())
                kind[int(np.argmax(at_gate)), column] = kinds.setdefault(ages, len(kinds))
        of = kind[:, which.reshape(-1)]
        outside, row = np.nonzero((of >= 0)[:, entries.moment] & (last > TOO_LATE)[:, entries.moment])
        moment = entries.moment[row]
        until, day = last[outside, moment], receivers.moments.day[moment]
        columns.append(
            (entries.call[row], of[outside, moment], until, day, entries.later[row], entries.weight[row])
        )
    call, of, until, day, later, amount = (np.concatenate(column) for column in zip(*columns, strict=True))
    pairs, row = np.unique(call * len(kinds) + of, return_inverse=True)
    lag, part = steps(until, day)
    call, of = np.divmod(pairs, max(1, len(kinds)))
    calls = receivers.calls
    order = np.lexsort((call, of, calls.profile[call]))
    place = np.argsort(order)
    rise = Rise.of(place[row.reshape(-1)], lag + _DAY_H * later, part, amount)
    before = place[np.searchsorted(pairs, calls.before[call] * len(kinds) + of)]
    of_moment = Calls(
        calls.profile[call][order], calls.day[call][order], before[order], calls.gap[call][order]
    )
    rates = np.zeros((len(kinds), 7, rise.length))
    for ages, number in kinds.items():
        for share, age in zip(shares.tolist(), ages, strict=True):
            for weekday in range(7 if age >= 0 else 0):
                rates[number, weekday] += share * rate(ends.accept, age, weekday, rise.length)
    return delivered(
        rise, of_moment, rates.reshape(-1, rise.length), of[order] * 7 + of_moment.day, receivers.profiles
    )


def regional_lags(network: Network, plan: Plan, ends: Ends) -> dict[str, np.ndarray]:
    """Return the lags of profiles for mail of the region, from within the prefecture and from others."""
    return _lags_of(network, plan, ends, ends.sources, _matrices(ends.rates))


def place_lags(network: Network, plan: Plan, ends: Ends, place: int) -> np.ndarray:
    """Return the lags of profiles for mail of the region that all comes from one place, as much to each."""
    only = np.zeros(len(network.places))
    only[place] = 1.0
    origins: dict[Kind, np.ndarray] = {kind: only for kind, _ in ends.receivers.within}
    home = ends.rates.county.astype(np.int64)
    alike = np.ones_like(ends.rates.near)
    return _lags_of(network, plan, ends, sources(network, ends.mile, origins, home), {"": alike})[""]


def _lags_of(
    network: Network, plan: Plan, ends: Ends, senders: Sources, matrices: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return lags by name; a matrix tells how much each county gets of what a county sends."""
    receivers = ends.receivers
    weight = np.concatenate([matrix[senders.county] for matrix in matrices.values()], axis=1)
    calls, counties = len(receivers.calls), len(ends.rates.counties)
    home = receivers.county_of[receivers.calls.profile]
    taken = {
        group: intakes(
            network,
            senders,
            receivers.moments,
            latest(plan, group, receivers.moments, range(len(plan.stops))),
        )
        for group in sorted({group for _, group in receivers.within})
    }
    days = max((int(t.days.max(initial=0)) for t in taken.values()), default=0)
    later = max((int(e.later.max(initial=0)) for e in receivers.within.values()), default=0)
    length = senders.back_h + 1 + _DAY_H * (days + later) + WEEK_H
    rise = np.zeros((len(matrices) * calls, length))
    for (kind, group), entries in receivers.within.items():
        twice = Entries(
            np.concatenate([entries.call + calls * way for way in range(len(matrices))]),
            *(np.tile(column, len(matrices)) for column in (entries.moment, entries.later, entries.weight)),
        )
        taken_along(
            rise,
            twice,
            taken[group],
            senders,
            receivers.moments.stop,
            np.concatenate([home + counties * way for way in range(len(matrices))]),
            weight,
            senders.back[kind],
        )
    rates = np.stack([rate(ends.accept, 0, day, length) for day in range(7)])
    return {
        name: delivered(
            Rise(length, rise[way * calls : (way + 1) * calls]),
            receivers.calls,
            rates,
            receivers.calls.day,
            receivers.profiles,
        )
        for way, name in enumerate(matrices)
    }


def _matrices(rates: Rates) -> dict[str, np.ndarray]:
    """Return which share of what a county sends each county gets; (counties, counties)."""
    return {"same_prefecture": rates.stay_share * rates.near, "within_region": rates.region_share * rates.far}


def weights(ends: Ends) -> dict[str, np.ndarray]:
    """Return, by basis, what profiles receive in all, lost or not: the sums of their lags if nothing is."""
    receivers, rates = ends.receivers, ends.rates
    n, home = receivers.profiles, rates.county >= 0
    inbound = sum(receivers.share_inward.values(), np.zeros(n))
    weights = {"inbound": inbound, "from_gateway": inbound}
    for name, matrix in _matrices(rates).items():
        weights[name] = np.zeros(n)
        for (kind, _), share in receivers.share_within.items():
            spread = {"report": rates.weight, "office": rates.office}.get(kind[0], rates.people)
            sent = np.bincount(rates.county[home], spread[home], len(rates.counties))
            weights[name] += share * (sent @ matrix)[receivers.county_of]
    weights["regional"] = weights["same_prefecture"] + weights["within_region"]
    weights["mail"] = weights["inbound"] + weights["regional"]
    return weights
