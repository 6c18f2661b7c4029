"""From any built value down to a figure, a source or an assumption.

A key names a value: ``route.road-012.km``, ``place.540102.population``,
``outlet.P-0001.place``, ``round.R-0001.weekdays``, ``centre.540102.lanes``,
``vehicle.C-0001.base``, ``class.van.payload_kg``, ``built.road_routes``,
``figure.road_routes``, ``assumption.target_load``.  Its chain is what was done
in words, and the origins that this rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from network.errors import UnknownNameError
from network.explain import last_mile, places, routes
from network.explain.ends import Ends, Said, Told
from network.explain.provenance import Provenance
from network.model.network import Network
from network.model.records import Centre, MailRoute, Outlet, Round, Vehicle
from network.reconcile import Row, reconcile

__all__ = ["Chain", "Explainer", "explain", "keys"]


@dataclass(frozen=True, repr=False)
class Chain:
    """How a value came about.

    `steps` go from the value downwards; `origins` are where they end: figures,
    sources and assumptions, each once.
    """

    key: str
    value: object
    steps: tuple[str, ...]
    origins: tuple[Provenance, ...]

    def __repr__(self) -> str:
        return f"<Chain {self.key}: {len(self.steps)} steps to {len(self.origins)} origins>"

    def __str__(self) -> str:
        lines = [f"{self.key} = {_show(self.value)}"]
        lines += [f"  - {step}" for step in self.steps]
        lines += [f"    {origin}" for origin in self.origins]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the chain for JSON."""
        origins = [
            {"kind": o.kind, "key": o.key, "statement": o.statement, "source": o.source} for o in self.origins
        ]
        return {
            "key": self.key,
            "value": _plain(self.value),
            "steps": list(self.steps),
            "origins": origins,
        }


@dataclass(frozen=True)
class _Kind:
    """One kind of thing: which ids it has, which fields, and how a field is told."""

    ids: Callable[[], Iterable[str]]
    fields: tuple[str, ...]  # () when the id is the whole key
    tell: Callable[[str, str], Said]


class Explainer:
    """Answers many keys of one network.

    Examples
    --------
    >>> explainer = Explainer(network)                             # doctest: +SKIP
    >>> print(explainer.explain("route.road-001.km"))              # doctest: +SKIP
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.ends = Ends(network)
        self._kinds: dict[str, _Kind] = {
            "place": _Kind(lambda: map(str, network.places.id), tuple(_PLACE), self._place),
            "route": _Kind(lambda: (r.id for r in network.routes), tuple(_ROUTE), self._route),
            "outlet": _Kind(lambda: self._outlets, tuple(_OUTLET), self._outlet),
            "station": _Kind(lambda: network.stations, (), self._station),
            "centre": _Kind(lambda: self._centres, tuple(_CENTRE), self._centre),
            "round": _Kind(lambda: self._rounds, tuple(_ROUND), self._round),
            "vehicle": _Kind(lambda: self._vehicles, tuple(_VEHICLE), self._vehicle),
            "class": _Kind(lambda: network.vehicle_classes, ("payload_kg", "payload_m3"), self._class),
            "built": _Kind(lambda: self._built, (), self._row),
            "figure": _Kind(lambda: network.report.figures, (), self._figure),
            "assumption": _Kind(lambda: network.assumptions, (), self._assumption),
        }

    @cached_property
    def _outlets(self) -> dict[str, Outlet]:
        return {outlet.id: outlet for outlet in self.network.outlets}

    @cached_property
    def _centres(self) -> dict[str, Centre]:
        return {centre.place: centre for centre in self.network.centres}

    @cached_property
    def _rounds(self) -> dict[str, Round]:
        return {round_.id: round_ for round_ in self.network.rounds}

    @cached_property
    def _vehicles(self) -> dict[str, Vehicle]:
        return {vehicle.id: vehicle for vehicle in self.network.vehicles}

    @cached_property
    def _built(self) -> dict[str, Row]:
        return {row.name: row for row in reconcile(self.network)}

    def keys(self) -> Iterator[str]:
        """Yield every key that can be explained."""
        for name, kind in self._kinds.items():
            for thing in kind.ids():
                if kind.fields:
                    yield from (f"{name}.{thing}.{field}" for field in kind.fields)
                else:
                    yield f"{name}.{thing}"

    def explain(self, key: str) -> Chain:
        """Return the chain of a key.

        Raises
        ------
        UnknownNameError
            If nothing has this key; it names the nearest kind, id or field.
        """
        name, _, rest = key.partition(".")
        if name not in self._kinds:
            raise UnknownNameError("kind of value", name, self._kinds)
        kind = self._kinds[name]
        thing, field = rest, ""
        if kind.fields:
            thing, _, field = rest.rpartition(".")
            if not thing:
                thing, field = rest, ""
        known = set(kind.ids())
        if thing not in known:
            raise UnknownNameError(name, thing, known)
        if kind.fields and field not in kind.fields:
            known_fields = ", ".join(kind.fields)
            raise UnknownNameError(f"value of {name} {thing} (it has {known_fields})", field, kind.fields)
        value, steps, origins = kind.tell(thing, field)
        return Chain(key, value, tuple(steps), tuple(dict.fromkeys(origins)))

    def _place(self, thing: str, field: str) -> Said:
        row = self.network.places.row(thing)
        value = getattr(self.network.places, field)[row]
        return value.item() if hasattr(value, "item") else value, *_PLACE[field](self.ends, row)

    def _route(self, thing: str, field: str) -> Said:
        return _ROUTE[field](self.ends, self.network.route(thing))

    def _outlet(self, thing: str, field: str) -> Said:
        outlet = self._outlets[thing]
        return getattr(outlet, field), *_OUTLET[field](self.ends, outlet)

    def _station(self, thing: str, field: str) -> Said:
        return True, *last_mile.station(self.ends, thing)

    def _centre(self, thing: str, field: str) -> Said:
        return _CENTRE[field](self.ends, self._centres[thing])

    def _round(self, thing: str, field: str) -> Said:
        round_ = self._rounds[thing]
        return getattr(round_, field), *_ROUND[field](self.ends, round_)

    def _vehicle(self, thing: str, field: str) -> Said:
        vehicle = self._vehicles[thing]
        return getattr(vehicle, field), *last_mile.vehicle(self.ends, vehicle)

    def _class(self, thing: str, field: str) -> Said:
        value = getattr(self.network.vehicle_classes[thing], field)
        return value, *routes.vehicle_class(self.ends, thing, field)

    def _row(self, thing: str, field: str) -> Said:
        row = self._built[thing]
        return row.built, *last_mile.built(self.ends, row)

    def _figure(self, thing: str, field: str) -> Said:
        return self.network.report[thing].value, [], self.ends.figure(thing)

    def _assumption(self, thing: str, field: str) -> Said:
        return self.network.assumptions[thing], [], self.ends.assumed(thing)


# The fields of each kind, and who tells them.
_PLACE: dict[str, Callable[[Ends, int], Told]] = {
    "lat": places.point,
    "lon": places.point,
    "name_zh": places.place_row,
    "kind": places.place_kind,
    "population": places.population,
    "urban": places.in_town,
    "in_town": places.in_town,
    "border": places.border,
}
_ROUTE: dict[str, Callable[[Ends, MailRoute], Said]] = {
    "km": routes.route_km,
    "stops": routes.route_choice,
    "reason": routes.route_choice_reason,
    "per_week": routes.route_per_week,
    "departs": routes.route_departs,
    "hours": routes.route_hours,
    "vehicle": routes.route_vehicle,
    "vehicles_per_trip": routes.route_vehicles,
}
_OUTLET: dict[str, Callable[[Ends, Outlet], Told]] = {
    "place": last_mile.outlet_place,
    "brand": last_mile.outlet_owner,
    "firm": last_mile.outlet_owner,
}
_CENTRE: dict[str, Callable[[Ends, Centre], Said]] = {
    "tier": last_mile.centre_tier,
    "lanes": last_mile.centre_lanes,
    "sorters": last_mile.centre_sorters,
    "handling_s": last_mile.centre_handling,
    "shifts_s": last_mile.centre_hours,
}
_ROUND: dict[str, Callable[[Ends, Round], Told]] = {
    "base": last_mile.round_base,
    "places": last_mile.round_places,
    "km": last_mile.round_km,
    "weekdays": last_mile.round_weekdays,
    "depart_s": last_mile.round_departs,
    "vehicle": last_mile.round_vehicle,
    "vehicles": last_mile.round_vehicle,
}
_VEHICLE = ("base", "vehicle", "duty")


def keys(network: Network) -> Iterator[str]:
    """Yield every key of a network that `explain` can answer."""
    return Explainer(network).keys()


def explain(network: Network, key: str) -> Chain:
    """Return the chain from a built value to where it comes from; see `Explainer.explain`."""
    return Explainer(network).explain(key)


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_show, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_show(part)}" for key, part in value.items())
    return f"{value:,.10g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value
