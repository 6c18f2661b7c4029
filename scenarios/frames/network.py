"""A network as tables: what it is made of, by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from network.model.network import Network
from scenarios.frames.naming import DAYS, Names, spans
from scenarios.frames.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from network.explain import Chain
    from scenarios.frames.scheduled import Scheduled

__all__ = ["NetworkTables", "explain_frame", "journey_frame", "reconciliation"]


class NetworkTables(Shown):
    """A built network: its places, mail routes, trips, rounds, outlets, centres and vehicles as tables.

    Parameters
    ----------
    model
        The network itself; nothing in it is ever written to.
    name
        Of the scenario.
    """

    def __init__(self, model: Network, name: str = "") -> None:
        self.model = model
        self.name = name or f"{model.region.name}-{model.year}"

    @property
    def _about(self) -> str:
        m = self.model
        return (
            f"{self.name}: {len(m.places):,} places, {len(m.routes)} mail routes, {len(m.rounds):,} rounds, "
            f"{len(m.outlets):,} outlets, {len(m.vehicles):,} vehicles"
        )

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"routes": self.routes[["name", "mode", "stops", "km", "trips_per_week"]]}

    @cached_property
    def _names(self) -> Names:
        return Names(self.model)

    @cached_property
    def places(self) -> pd.DataFrame:
        """All settlements and gateways, by id: name, kind, county, prefecture, coordinates, people."""
        places = self.model.places
        return pd.DataFrame(
            {
                "name": places.name_en.astype(object),
                "name_zh": places.name_zh.astype(object),
                "kind": pd.Categorical(places.kind),
                "township": self._names.places(places.township),
                "county": self._names.places(places.county),
                "prefecture": places.prefecture.astype(object),
                "lat": places.lat,
                "lon": places.lon,
                "elevation_m": places.elevation_m,
                "people": places.population,
                "border": places.border,
                "synthetic": places.synthetic,
            },
            index=pd.Index(places.id.astype(object), name="id"),
        )

    @cached_property
    def routes(self) -> pd.DataFrame:
        """The mail routes, by id: mode, stops, one-way km, round trips a week, travel time, vehicle."""
        rows = [
            {
                "id": route.id,
                "name": route.name,
                "mode": route.mode,
                "kind": route.kind,
                "carrier": route.carrier,
                "stops": " – ".join(self._names.places(route.stops)),
                "km": route.km,
                "trips_per_week": len(route.services[0].starts_s) if route.services else 0,
                "travel": spans([route.services[0].arrive_s[-1] if route.services else 0])[0],
                "vehicle": route.vehicle,
                "vehicles_per_trip": route.vehicles_per_trip,
                "reason": route.reason,
            }
            for route in self.model.routes
        ]
        return _by_id(rows)

    @cached_property
    def trips(self) -> pd.DataFrame:
        """The trips of a week by the timetable, in order of departure: from, to, weekday, time, travel."""
        rows = [
            {
                "route": route.id,
                "direction": way,
                "from": self._names.place(service.stops[0]),
                "to": self._names.place(service.stops[-1]),
                "weekday": DAYS[start // 86_400 % 7],
                "departs_s": start,
                "travel_s": service.arrive_s[-1],
                "mode": route.mode,
                "vehicle": route.vehicle,
            }
            for route in self.model.routes
            for way, service in zip(("outward", "back"), route.services, strict=False)
            for start in service.starts_s
        ]
        table = pd.DataFrame(rows).sort_values(["departs_s", "route", "direction"], ignore_index=True)
        table["time_of_day"] = spans(table.pop("departs_s") % 86_400)
        table["travel"] = spans(table.pop("travel_s"))
        return table

    @cached_property
    def rounds(self) -> pd.DataFrame:
        """The delivery rounds, by id: base, kind, places called at, weekdays, departure, km, vehicles."""
        rows = [
            {
                "id": round_.id,
                "base": self._names.place(round_.base),
                "prefecture": str(self.model.places.prefecture[self.model.places.row(round_.base)]),
                "kind": round_.kind,
                "terrain": round_.terrain,
                "places": len(round_.places),
                "days_per_week": len(round_.weekdays),
                "weekdays": " ".join(DAYS[day] for day in round_.weekdays),
                "departs": spans([round_.depart_s])[0],
                "km": round_.km,
                "vehicle": round_.vehicle,
                "vehicles": round_.vehicles,
                "reason": round_.reason,
            }
            for round_ in self.model.rounds
        ]
        return _by_id(rows)

    @cached_property
    def outlets(self) -> pd.DataFrame:
        """The outlets, by id: place, county, prefecture, network, brand, firm."""
        outlets = self.model.outlets
        return pd.DataFrame(
            {
                **self._names.about([outlet.place for outlet in outlets]),
                "network": [outlet.network for outlet in outlets],
                "brand": [outlet.brand for outlet in outlets],
                "firm": [outlet.firm for outlet in outlets],
                "reason": [outlet.reason for outlet in outlets],
            },
            index=pd.Index([outlet.id for outlet in outlets], name="id"),
        )

    @cached_property
    def centres(self) -> pd.DataFrame:
        """The centres: tier, screening lanes, sorters, and what they take an hour."""
        centres = self.model.centres
        return pd.DataFrame(
            {
                **self._names.about([centre.place for centre in centres]),
                "tier": [centre.tier for centre in centres],
                "lanes": [centre.lanes for centre in centres],
                "items_per_lane_h": [centre.lane_rate_per_h for centre in centres],
                "sorters": [centre.sorters for centre in centres],
                "items_per_sorter_h": [centre.sorter_rate_per_h for centre in centres],
            },
            index=pd.Index([centre.place for centre in centres], name="id"),
        )

    @cached_property
    def vehicles(self) -> pd.DataFrame:
        """The vehicles, by id: class, payload, where they stand and what for."""
        vehicles, classes = self.model.vehicles, self.model.vehicle_classes
        return pd.DataFrame(
            {
                "vehicle": [vehicle.vehicle for vehicle in vehicles],
                "payload_kg": [classes[vehicle.vehicle].payload_kg for vehicle in vehicles],
                "base": self._names.places(vehicle.base for vehicle in vehicles),
                "duty": [vehicle.duty for vehicle in vehicles],
            },
            index=pd.Index([vehicle.id for vehicle in vehicles], name="id"),
        )

    @cached_property
    def figures(self) -> pd.DataFrame:
        """Every published figure beside the built one, as `yizhan.check`."""
        return reconciliation(self.model)

    def graph(self) -> nx.MultiDiGraph:
        """Return the network as a networkx graph: nodes are places, edges legs of routes and rounds."""
        return self.model.graph()

    def scheduled(self) -> Scheduled:
        """Return how long mail takes by the timetable alone."""
        from scenarios.frames.scheduled import Scheduled

        return Scheduled(self.model, self.name)

    def explain(self, key: str) -> Chain:
        """Return what a built value rests on; see `yizhan.explain`."""
        from network.explain import explain

        return explain(self.model, key)

    def journey(self, origin: str, destination: str, **how: str | bool | None) -> pd.DataFrame:
        """Return the earliest way of one item, step by step; see `yizhan.journey`."""
        return journey_frame(self.model, origin, destination, **how)  # type: ignore[arg-type]

    def export(self, path: str | Path, form: str) -> list[str]:
        """Write it for other programs, and return in lines what that holds; see `yizhan.export`."""
        from network.exchange.formats import write_network

        return write_network(self.model, form, Path(path))

    def map(self, ax: Axes | None = None) -> Axes:
        """Draw the mail routes by mode."""
        from scenarios.charts.maps import route_map

        return route_map(self.model, ax)


def _by_id(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows).set_index("id")


def reconciliation(network: Network) -> pd.DataFrame:
    """Return every published figure and what was built; ``ok`` is missing where a scenario changed it."""
    from network.reconcile import reconcile

    rows = [{**row.as_dict(), "difference": row.difference} for row in reconcile(network)]
    columns = ["label", "date", "published", "precision", "built", "difference", "unit", "ok", "note"]
    table = pd.DataFrame(rows).set_index("name")[columns]
    return table.astype({"ok": "boolean"}).rename_axis("figure")


def explain_frame(chain: Chain) -> pd.DataFrame:
    """Return where a value's chain ends: kind, key, statement and source of each origin."""
    return pd.DataFrame(chain.as_dict()["origins"], columns=["kind", "key", "statement", "source"])


def journey_frame(
    network: Network,
    origin: str,
    destination: str,
    *,
    at: str | None = None,
    by: str | None = None,
    week: bool = False,
    brand: str | None = None,
    surface: bool = False,
) -> pd.DataFrame:
    """Return the steps of a journey, or a row for each journey of a week; empty if there is no way."""
    from network.routing.enquiry import clock, enquire

    journeys = enquire(network, origin, destination, at=at, by=by, week=week, brand=brand, surface=surface)
    names = Names(network)
    if week:
        rows = [
            {
                "accepted_by": clock(steps[0].from_s),
                "first_attempt": clock(steps[-1].to_s),
                "takes": spans([steps[-1].to_s - steps[0].from_s])[0],
                "by": ", ".join(step.by for step in steps if step.what == "ride"),
            }
            for steps in journeys
        ]
        return pd.DataFrame(rows, columns=["accepted_by", "first_attempt", "takes", "by"])
    rows = [
        {
            "from": clock(step.from_s),
            "until": clock(step.to_s),
            "takes": spans([step.to_s - step.from_s])[0],
            "what": step.what,
            "where": names.place(step.where),
            "by": step.by,
        }
        for steps in journeys
        for step in steps
    ]
    return pd.DataFrame(rows, columns=["from", "until", "takes", "what", "where", "by"])
