"""How much of what it can do each part of a network does on a mean day, and at which demand it is full.

Everything that is finite and that mail passes: the trips of a route on each of
their legs, the lanes and the sorters of each centre, each delivery round.  The
mean day's demand is sent over the timetable as a fluid (`network.capacity.sizing`), each
class by itself: without queues the ways of the items do not depend on how many
there are, so loads of any demand are sums of these.

Full means that a week brings more than a week can take, whatever the queue.
What fills single trips of a week before, cancelled trips, extra ones and items
that turn to another route when they are left behind are not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.capacity.sizing import Loads, mean_loads
from network.demand.rates import DAYS, Rates, received
from network.model.network import Network
from network.model.working_hours import Hours
from network.routing.search import Plan

__all__ = [
    "KINDS",
    "Owner",
    "Utilisation",
    "loads_by_class",
    "round_loads",
    "summed",
    "utilisation",
]

KINDS = ("route", "lanes", "sorters", "round")
_HOUR_S = 3600
Float = NDArray[np.float64]


class Owner(NamedTuple):
    """What may be made larger: the vehicles of a route or round, the lanes or sorters of a centre."""

    kind: str  # one of KINDS
    id: str  # of the route or round, or the place of the centre
    name: str
    units: int  # vehicles a trip or run, lanes, sorters


@dataclass(frozen=True, eq=False)
class Utilisation:
    """Share of its capacity that each resource uses on a mean day; n resources, c classes of mail.

    Parameters
    ----------
    owners
        What the resources belong to; a route owns one resource for each leg and direction.
    owner
        (n,) row of `owners`.
    name
        (n,) in words, a leg with its ends.
    place
        (n,) id of the stop where a queue would stand.
    kg, m3
        (c, n) share of the capacity in kg and in m³ that a class uses; of lanes and sorters both are the
        share in items.
    call
        (calls of the timetable,) resource of the leg after each call, -1 where there is none.
    lanes, sorters
        (stops,) resource of the centre at each stop, -1 where there is none.
    round
        (rounds,) resource of each round.
    """

    owners: tuple[Owner, ...]
    owner: NDArray[np.int64]
    name: tuple[str, ...]
    place: tuple[str, ...]
    kg: Float
    m3: Float
    call: NDArray[np.int64]
    lanes: NDArray[np.int64]
    sorters: NDArray[np.int64]
    round: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.name)

    def kind(self, row: int) -> str:
        """Return the kind of a resource, one of `KINDS`."""
        return self.owners[self.owner[row]].kind

    def load(self, factors: Float) -> Float:
        """Return the load of each resource, share of capacity, for factors on the classes' items.

        Parameters
        ----------
        factors
            (c,), or (times, c) for as many rows of loads.
        """
        return np.maximum(factors @ self.kg, factors @ self.m3)

    def full_at(self, times: Float, factors: Float) -> Float:
        """Return when each resource is full for the first time; (n,), inf if never in these times.

        Parameters
        ----------
        times
            Ascending, such as years with parts of them.
        factors
            (times, c) on the items of the classes; between two times loads are taken to be even.
        """
        load = self.load(factors)
        full = load >= 1.0
        first = full.argmax(axis=0)
        every = np.arange(len(self))
        before = np.maximum(first - 1, 0)
        a, b = load[before, every], load[first, every]
        part = np.divide(1.0 - a, b - a, out=np.ones(len(self)), where=b > a)
        when = times[before] + part * (times[first] - times[before])
        when = np.where(first == 0, times[0], when)
        return np.where(full.any(axis=0), when, np.inf)

    def breaks_at(self, grows: NDArray[np.bool_]) -> Float:
        """Return the factor on some classes' items at which each resource is full; (n,), inf for never.

        The other classes stay as they are; 0 where these alone fill it.
        """
        least = np.full(len(self), np.inf)
        for share in (self.kg, self.m3):
            growing, rest = share[grows].sum(axis=0), share[~grows].sum(axis=0)
            factors = np.divide(1.0 - rest, growing, out=np.full(len(self), np.inf), where=growing > 0)
            least = np.minimum(least, np.where(rest >= 1.0, 0.0, np.maximum(factors, 0.0)))
        return least

    def needed(self, factors: Float, target: float = 1.0) -> NDArray[np.int64]:
        """Return the units that each owner needs to keep its loads at or under a target; (owners,)."""
        most = np.zeros(len(self.owners))
        np.maximum.at(most, self.owner, self.load(factors))
        units = np.array([owner.units for owner in self.owners])
        return np.ceil(units * most / target - 1e-9).astype(np.int64)

    def with_units(self, units: Sequence[int] | NDArray[np.int64]) -> Utilisation:
        """Return the same demand over other numbers of units; (owners,), each at least 1."""
        owners = tuple(
            owner._replace(units=int(number)) for owner, number in zip(self.owners, units, strict=True)
        )
        ratio = np.array([old.units / new.units for old, new in zip(self.owners, owners, strict=True)])
        by = ratio[self.owner]
        return replace(self, owners=owners, kg=self.kg * by, m3=self.m3 * by)


def loads_by_class(network: Network, rates: Rates, plan: Plan) -> tuple[Loads, ...]:
    """Return the mean loads of each class of mail by itself."""
    return tuple(mean_loads(network, replace(rates, classes=(kind,)), plan) for kind in rates.classes)


def summed(loads: Sequence[Loads], factors: Float) -> Loads:
    """Return the loads of all classes together, with factors on their items."""

    def total(name: str) -> Float:
        parts = [factor * getattr(load, name) for factor, load in zip(factors, loads, strict=True)]
        return np.asarray(sum(parts))

    return Loads(total("kg"), total("m3"), total("items"), total("handled"), float(total("lost")))


def round_loads(network: Network, rates: Rates) -> tuple[Float, Float]:
    """Return kg and m³ that each class brings to each round on a mean day, repeated attempts included.

    Returns
    -------
    tuple
        Two arrays (classes, rounds).
    """
    a = network.assumptions
    failed = a["failed_attempt_share"] if network.operations.attempts else 0.0
    again = sum(failed**k for k in range(round(a["attempt_limit"])))
    stations = np.isin(network.places.id, network.stations)
    rows = [[network.places.row(place) for place in round_.places] for round_ in network.rounds]
    kg = np.zeros((len(rates.classes), len(rows)))
    m3 = kg.copy()
    for number, kind in enumerate(rates.classes):
        daily = received(rates, kind) / DAYS
        if kind.signed:
            daily = daily * np.where(stations, 1.0, again)
        kg[number] = [kind.kg * daily[villages].sum() for villages in rows]
        m3[number] = [kind.m3 * daily[villages].sum() for villages in rows]
    return kg, m3


def utilisation(network: Network, rates: Rates, plan: Plan, loads: Sequence[Loads]) -> Utilisation:
    """Return the load of every resource of a network by class of mail.

    Parameters
    ----------
    network
        The network; its vehicles, lanes, sorters and hours are the capacities.
    rates, plan
        Its demand and its routing.
    loads
        Of `loads_by_class`; those of a network with the same timetable and demand do.
    """
    made = _Made(network)
    call = _legs(network, plan, loads, made)
    lanes, sorters = _centres(network, loads, made)
    rounds = _rounds(network, rates, made)
    kg, m3 = (np.array(part, dtype=np.float64).reshape(-1, len(loads)).T for part in (made.kg, made.m3))
    return Utilisation(
        tuple(made.owners), np.array(made.owner, dtype=np.int64), tuple(made.name), tuple(made.place),
        kg, m3, call, lanes, sorters, rounds,
    )  # fmt: skip


class _Made:
    """Resources as they are found."""

    def __init__(self, network: Network) -> None:
        self._places = network.places
        self.owners: list[Owner] = []
        self.owner: list[int] = []
        self.name: list[str] = []
        self.place: list[str] = []
        self.kg: list[Float] = []
        self.m3: list[Float] = []

    def called(self, place: str) -> str:
        return str(self._places.name_en[self._places.row(place)]) or place

    def own(self, kind: str, name: str, ident: str, units: int) -> None:
        self.owners.append(Owner(kind, ident, name, units))

    def add(self, name: str, place: str, kg: Float, m3: Float) -> int:
        """Add a resource of the last owner, and return its row."""
        self.owner.append(len(self.owners) - 1)
        self.name.append(name)
        self.place.append(place)
        self.kg.append(kg)
        self.m3.append(m3)
        return len(self.name) - 1


def _legs(network: Network, plan: Plan, loads: Sequence[Loads], made: _Made) -> NDArray[np.int64]:
    """Add the legs of the routes: what the trips of a week carry over what they can."""
    table = plan.timetable
    trips = np.repeat(np.arange(len(table.route)), np.diff(table.first))
    position = np.arange(len(trips)) - table.first[trips]
    legs = np.full(len(trips), -1, dtype=np.int64)
    for number, route in enumerate(network.routes):
        made.own("route", route.name, route.id, route.vehicles_per_trip)
        vehicle = network.vehicle_classes[route.vehicle]
        for way in range(2):
            stops = route.stops[:: -1 if way else 1]
            on_route = (table.route[trips] == number) & (table.direction[trips] == way)
            for leg in range(len(stops) - 1):
                calls = np.flatnonzero(on_route & (position == leg))
                if not len(calls):
                    continue
                weekly = len(calls) * route.vehicles_per_trip
                kg = np.array([load.kg[calls].sum() for load in loads]) / (weekly * vehicle.payload_kg)
                m3 = np.array([load.m3[calls].sum() for load in loads]) / (weekly * vehicle.payload_m3)
                name = f"{route.id} {made.called(stops[leg])} – {made.called(stops[leg + 1])}"
                legs[calls] = made.add(name, stops[leg], kg, m3)
    return legs


def _centres(
    network: Network, loads: Sequence[Loads], made: _Made
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Add the lanes and sorters: items handled on a day over what its hours of work can take."""
    rows = np.full((2, len(network.centres)), -1, dtype=np.int64)
    for at, kind in enumerate(("lanes", "sorters")):
        for stop, centre in enumerate(network.centres):
            units = getattr(centre, kind)
            if not units:
                continue
            rate = centre.lane_rate_per_h if kind == "lanes" else centre.sorter_rate_per_h
            hours = Hours(centre.shifts_s)
            daily = units * rate * (hours.day_s) / _HOUR_S
            share = np.array([load.handled[stop] for load in loads]) / daily
            name = made.called(centre.place)
            made.own(kind, name, centre.place, units)
            rows[at, stop] = made.add(f"{kind} of {name}", centre.place, share, share)
    return rows[0], rows[1]


def _rounds(network: Network, rates: Rates, made: _Made) -> NDArray[np.int64]:
    """Add the rounds: what a week brings over what the runs of a week can carry."""
    kg, m3 = round_loads(network, rates)
    numbers = np.zeros(len(network.rounds), dtype=np.int64)
    for number, round_ in enumerate(network.rounds):
        vehicle = network.vehicle_classes[round_.vehicle]
        runs = round_.vehicles * len(round_.weekdays) / 7
        made.own("round", made.called(round_.base), round_.id, round_.vehicles)
        name = f"round {round_.id} of {made.called(round_.base)}"
        shares = kg[:, number] / (runs * vehicle.payload_kg), m3[:, number] / (runs * vehicle.payload_m3)
        numbers[number] = made.add(name, round_.base, *shares)
    return numbers
