"""Both ends of the way and the way between: the lags of every profile of receivers, by basis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from network.flows import ItemClass, Rates
from network.graph import MailNetwork
from network.lags import TOO_LATE, Rows, from_gates, from_sources, intakes, latest, longest, mix
from network.lastmile import LastMile
from network.receivers import Receivers, receivers
from network.search import Plan, groups
from network.senders import BACK_H, Kind, Sources, accepted, rates_of, sources, streams
from network.sizing import gates

__all__ = ["Ends", "inbound_lags", "regional_lags", "weights"]

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
    def of(cls, network: MailNetwork) -> Ends:
        """Return the ends of a network."""
        rates, classes = rates_of(network)
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


def inbound_lags(network: MailNetwork, plan: Plan, ends: Ends) -> dict[str, np.ndarray]:
    """Return the lags of profiles for mail of other provinces, since acceptance and since the gateway."""
    found, moments = ends.receivers, ends.receivers.moments
    way, shares = gates(network, plan), ends.rates.inbound_share.tolist()
    never = np.full(len(moments), TOO_LATE)
    parts: dict[str, list[tuple[Rows, np.ndarray]]] = {"inbound": [], "from_gateway": []}
    lasts = {}
    for group in found.by_moment:
        entry = way.entry[group][:, moments.stop].astype(np.int64)  # (outside, moments)
        since = way.entry_s[group][:, moments.stop].astype(np.int64)
        last = np.tile(never, (len(entry), 1))
        used = np.unique(entry[entry >= 0])
        for gate, seconds in zip(used.tolist(), latest(plan, group, moments, used.tolist()), strict=True):
            last = np.where(entry == gate, seconds, last)
        lasts[group] = last, since
    length = max(
        (longest([*last, *_less(last, since)], moments) for last, since in lasts.values()), default=1
    )
    length += _DAY_H * found.days
    for group, (last, since) in lasts.items():
        rows = found.by_moment[group]
        none = np.zeros_like(since)
        for name, until, age in (("inbound", _less(last, since), none), ("from_gateway", last, since)):
            parts[name].append((rows, from_gates(moments, until, shares, age, ends.accept, length)))
    return {name: mix(entries, found.profiles, length) for name, entries in parts.items()}


def _less(last: np.ndarray, since: np.ndarray) -> np.ndarray:
    return np.where(last > TOO_LATE, last - since, TOO_LATE)


def regional_lags(network: MailNetwork, plan: Plan, ends: Ends) -> dict[str, np.ndarray]:
    """Return the lags of profiles for mail of the region, from within the prefecture and from others."""
    found, moments, rates = ends.receivers, ends.receivers.moments, ends.rates
    stops = range(len(network.stops))
    taken = {
        group: intakes(network, ends.sources, moments, latest(plan, group, moments, stops))
        for group in sorted({group for _, group in found.by_receiver})
    }
    length = (
        BACK_H
        + 1
        + _DAY_H * (max((int(t.days.max(initial=0)) for t in taken.values()), default=0) + found.days)
    )
    lags = {}
    for name, matrix in _matrices(rates).items():
        weight = matrix[ends.sources.county]
        entries = []
        for (kind, group), rows in found.by_receiver.items():
            some = np.unique(rows.row)
            table = np.zeros((len(found.moment), length))
            table[some] = from_sources(
                moments,
                taken[group],
                ends.sources.back[kind],
                weight,
                found.moment[some],
                found.county[some],
                ends.accept,
                length,
            )
            entries.append((rows, table))
        lags[name] = mix(entries, found.profiles, length)
    return lags


def _matrices(rates: Rates) -> dict[str, np.ndarray]:
    """Return which share of what a county sends each county gets; (counties, counties)."""
    return {"same_prefecture": rates.stay_share * rates.near, "within_region": rates.region_share * rates.far}


def weights(ends: Ends) -> dict[str, np.ndarray]:
    """Return, by basis, what profiles receive in all, lost or not: the sums of their lags if nothing is."""
    found, rates = ends.receivers, ends.rates
    n, home = found.profiles, rates.county >= 0
    inbound = sum(found.share_of_moment.values(), np.zeros(n))
    weights = {"inbound": inbound, "from_gateway": inbound}
    for name, matrix in _matrices(rates).items():
        weights[name] = np.zeros(n)
        for (kind, _), share in found.share_of_receiver.items():
            spread = {"report": rates.weight, "office": rates.office}.get(kind[0], rates.people)
            sent = np.bincount(rates.county[home], spread[home], len(rates.counties))
            weights[name] += share * (sent @ matrix)[found.county_of]
    weights["regional"] = weights["same_prefecture"] + weights["within_region"]
    weights["mail"] = weights["inbound"] + weights["regional"]
    return weights
