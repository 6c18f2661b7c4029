"""Whose mail passes what is full: the share of mail and of people, as more and more resources fill."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from network.capacity.sizing import make_fluid, moves
from network.capacity.utilisation import Utilisation
from network.demand.rates import DAYS, Rates, received
from network.model.network import Network
from network.routing.search import Plan

__all__ = ["Affected", "affected"]

Float = NDArray[np.float64]
HALF = 0.5  # people are affected where more than this share of their mail is


@dataclass(frozen=True, eq=False)
class Affected:
    """What is affected by each of some times.

    Parameters
    ----------
    times
        As given.
    mail
        Share of the items delivered in the region that pass a resource that is full by then.
    people
        Share of the people who live where more than half of what is delivered does.
    places
        (places, times) share of the items delivered at each place that do; nan where nothing is.
    """

    times: Float
    mail: Float
    people: Float
    places: Float


def affected(
    network: Network,
    rates: Rates,
    plan: Plan,
    use: Utilisation,
    full_at: Float,
    times: Float,
    factors: Float | None = None,
) -> Affected:
    """Return the share of mail and people behind something full, by each of some times.

    Parameters
    ----------
    network, rates, plan, use
        The network, its demand, its routing, and its resources.
    full_at
        (resources,) when each of them is full.
    times
        Ascending.
    factors
        (classes,) on the items, all 1 by default: how much each class counts.
    """
    if factors is not None:
        grown = tuple(
            replace(kind, originating=kind.originating * by, inbound=kind.inbound * by)
            for kind, by in zip(rates.classes, factors.tolist(), strict=True)
        )
        rates = replace(rates, classes=grown)
    at_stops = _by_stop(network, rates, plan, use, full_at, times)
    items = sum(received(rates, kind) for kind in rates.classes) / DAYS
    items = np.asarray(items, dtype=np.float64)
    shares = np.full((len(network.places), len(times)), np.nan)
    for number, round_ in enumerate(network.rounds):
        rows = [network.places.row(place) for place in round_.places]
        own = times >= full_at[use.round[number]]
        shares[rows] = np.where(own, 1.0, at_stops[network.stop_row[round_.base]])
    known = np.isfinite(shares[:, 0]) & (items > 0)
    people = network.places.population[known]
    return Affected(
        times,
        (shares[known] * items[known, None]).sum(axis=0) / items[known].sum(),
        (people[:, None] * (shares[known] > HALF)).sum(axis=0) / people.sum(),
        shares,
    )


def _by_stop(
    network: Network, rates: Rates, plan: Plan, use: Utilisation, full_at: Float, times: Float
) -> Float:
    """Return the share of what ends at each stop that passed something full by each time; (stops, times)."""
    never = np.append(full_at, np.inf)  # what has no such resource reads the last one
    centre = np.minimum(never[use.lanes], never[use.sorters])
    leg = never[use.call]
    fluid = make_fluid(network, rates, plan)
    start = fluid.start.copy()
    first = centre[start]
    table = plan.timetable
    for rows, call, ride in moves(network, plan, fluid):
        when = centre[table.stop[call + ride]]
        for k in range(int(ride.max(initial=0))):
            when = np.where(ride > k, np.minimum(when, leg[np.minimum(call + k, len(leg) - 1)]), when)
        first[rows] = np.minimum(first[rows], when)
    stops = len(network.stops)
    by = np.searchsorted(times, first)  # the first time by which it is full, len(times) for none
    ended = np.bincount(
        fluid.dest * (len(times) + 1) + by, weights=fluid.items, minlength=stops * (len(times) + 1)
    ).reshape(stops, -1)
    total = ended.sum(axis=1, keepdims=True)
    shares: Float = np.divide(
        ended[:, :-1].cumsum(axis=1), total, out=np.zeros((stops, len(times))), where=total > 0
    )
    return shares
