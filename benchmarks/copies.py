"""Copies of a region side by side, which share the gateways outside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from network.linehaul.closures import road_legs
from network.model.network import Network
from network.model.records import MailRoute, Places, Round
from network.numeric.streams import bits
from sim.demand.items import Demand, Items

__all__ = ["Spread", "side_by_side"]


def side_by_side(network: Network, copies: int) -> Network:
    """Return a network of so many copies of a region.

    The first is the region itself, its tables are the first rows; the ids of
    another begin with its number.  Gateways are there once.
    """
    gateways = {centre.place for centre in network.centres if centre.tier == "gateway"}
    roads = {link.id: link for legs in road_legs(network).values() for leg in legs for link in leg}
    parts = [_Copy(network, number, gateways) for number in range(1, copies)]
    links = tuple(link._replace(id=part.name(link.id)) for part in parts for link in roads.values())
    return replace(
        network,
        places=_joined(network.places, parts),
        routes=(*network.routes, *(part.route(route) for part in parts for route in network.routes)),
        centres=(
            *network.centres,
            *(
                replace(centre, place=part.name(centre.place))
                for part in parts
                for centre in network.centres
                if centre.place not in gateways
            ),
        ),
        outlets=(
            *network.outlets,
            *(
                replace(outlet, id=part.name(outlet.id), place=part.name(outlet.place))
                for part in parts
                for outlet in network.outlets
            ),
        ),
        stations=(*network.stations, *(part.name(place) for part in parts for place in network.stations)),
        rounds=(*network.rounds, *(part.round(round_) for part in parts for round_ in network.rounds)),
        vehicles=(
            *network.vehicles,
            *(
                replace(v, id=part.name(v.id), base=part.name(v.base), duty=part.duty(v.duty))
                for part in parts
                for v in network.vehicles
            ),
        ),
        roads=replace(network.roads, links=links),
    )


class _Copy:
    """The names of one copy."""

    def __init__(self, network: Network, number: int, gateways: set[str]) -> None:
        self._number, self._gateways = number, gateways
        self._routes = {route.id for route in network.routes}

    def name(self, own: str) -> str:
        return own if own in self._gateways else f"{self._number}-{own}"

    def names(self, own: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(self.name, own))

    def duty(self, duty: str) -> str:
        return self.name(duty) if duty in self._routes else duty

    def route(self, route: MailRoute) -> MailRoute:
        return replace(
            route,
            id=self.name(route.id),
            stops=self.names(route.stops),
            leg_links=tuple(map(self.names, route.leg_links)),
            serves=self.names(route.serves),
            services=tuple(replace(service, stops=self.names(service.stops)) for service in route.services),
        )

    def round(self, round_: Round) -> Round:
        return replace(
            round_, id=self.name(round_.id), base=self.name(round_.base), places=self.names(round_.places)
        )


def _joined(places: Places, parts: Sequence[_Copy]) -> Places:
    inside = places.kind != "gateway"
    columns = {}
    for field in fields(Places):
        column = getattr(places, field.name)
        own = column[inside]
        more = [own] * len(parts)
        if field.name in ("id", "county", "township"):
            more = [np.array([part.name(x) if x else x for x in own], dtype=object) for part in parts]
        columns[field.name] = np.concatenate([column, *more])
    return Places(**columns)


class Spread:
    """The items of a region's demand, each in one of the copies: there are no more of them.

    Both ends of an item lie in the same copy; its key, by which alone it is drawn, stays.
    """

    def __init__(self, demand: Demand, places: Places, copies: int) -> None:
        self.rates, self.seed, self.replication = demand.rates, demand.seed, demand.replication
        self._demand, self._copies = demand, copies
        n = len(places)
        inside = np.flatnonzero(places.kind != "gateway")
        self._row = np.tile(np.arange(n), (copies, 1))  # of each place in each copy
        for number in range(1, copies):
            self._row[number, inside] = n + (number - 1) * len(inside) + np.arange(len(inside))

    def day(self, date: dt.date) -> Items:
        """Return the items accepted on a date."""
        items = self._demand.day(date)
        drawn = bits(self.seed, self.replication, "copy", items.key) % np.uint64(self._copies)
        copy = drawn.astype(np.int64)
        return replace(items, origin=self._moved(copy, items.origin), dest=self._moved(copy, items.dest))

    def _moved(self, copy: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Return the rows of places in their copies; those of outside classes stay."""
        moved = self._row[copy, np.maximum(place, 0)]
        return np.where(place < 0, place, moved).astype(place.dtype)
