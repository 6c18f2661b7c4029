"""A network as GeoJSON (RFC 7946): WGS-84 longitude and latitude, one FeatureCollection.

Places are points, mail routes are lines from stop to stop.  Lines are straight
between stops: no road geometry is known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np

from network.errors import InputErrors, Problem
from network.model.network import Network
from network.model.records import MailRoute, Places

__all__ = ["from_geojson", "to_geojson"]

DECIMALS = 5  # about 1 m, as RFC 7946 section 11.2 advises against more


def to_geojson(network: Network) -> dict[str, Any]:
    """Return the network as a GeoJSON FeatureCollection.

    Returns
    -------
    dict
        Points for all places (``feature`` "place", with people, tier, outlets,
        station and running days of the round that serves them) and lines for
        all mail routes (``feature`` "route", with mode, km and trips a week).
        Ready for `json.dump`.
    """
    return {
        "type": "FeatureCollection",
        "bbox": _bbox(network.places),
        "features": [
            *_place_features(network),
            *(_route_feature(network, route) for route in network.routes),
        ],
    }


def from_geojson(data: Any, file: str = "network.geojson") -> nx.MultiDiGraph:
    """Return places and legs of the routes of what `to_geojson` wrote as a graph.

    Nodes are places with their properties, ``lon`` and ``lat``; edges are legs
    in both directions, keyed by route id, with ``mode``, ``kind``, ``carrier``
    and ``km``, as in `Network.graph`.

    Parameters
    ----------
    data
        The parsed JSON.
    file
        What to call it in messages.

    Raises
    ------
    InputErrors
        With everything that is wrong, up to a hundred problems.
    """
    features = data.get("features") if isinstance(data, Mapping) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        raise InputErrors([Problem(file, "", "type", _type(data), "'FeatureCollection' with features")])
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    problems: list[Problem] = []
    lines = []
    for number, feature in enumerate(features, start=1):
        where = f"feature {number}"
        try:
            name, properties = str(feature["id"]), dict(feature["properties"])
            kind, points = feature["geometry"]["type"], feature["geometry"]["coordinates"]
            what = properties.pop("feature")
        except (KeyError, TypeError, ValueError) as error:
            problems.append(Problem(file, where, "", f"lacks {error}", "id, properties.feature, geometry"))
            continue
        if (what, kind) == ("place", "Point"):
            if not _is_point(points):
                problems.append(Problem(file, where, "coordinates", points, "longitude and latitude"))
                continue
            graph.add_node(name, **properties, lon=float(points[0]), lat=float(points[1]))
        elif (what, kind) == ("route", "LineString"):
            lines.append((where, name, properties))
        else:
            allowed = "a place as Point or a route as LineString"
            problems.append(Problem(file, where, "feature", f"{what} as {kind}", allowed))
    for where, name, properties in lines:
        stops, km = properties.get("stops"), properties.get("leg_km")
        if not isinstance(stops, list) or not isinstance(km, list) or len(stops) != len(km) + 1 or not km:
            problems.append(Problem(file, where, "stops", stops, "a list, one longer than leg_km"))
            continue
        wrong = [length for length in km if not _is_length(length)]
        if wrong:
            problems.append(Problem(file, where, "leg_km", wrong[0], "a number of at least 0"))
            continue
        unknown = [stop for stop in stops if stop not in graph]
        if unknown:
            problems += [Problem(file, where, "stops", stop, "a place of the file") for stop in unknown]
            continue
        shared = {key: properties.get(key) for key in ("mode", "kind", "carrier")}
        for a, b, length in zip(stops, stops[1:], km, strict=False):
            graph.add_edge(a, b, key=name, direction=0, **shared, km=length)
            graph.add_edge(b, a, key=name, direction=1, **shared, km=length)
    if problems:
        raise InputErrors(problems[:100])
    return graph


def _type(data: Any) -> object:
    return data.get("type", "missing") if isinstance(data, Mapping) else type(data).__name__


def _is_point(points: Any) -> bool:
    return (
        isinstance(points, list)
        and len(points) in (2, 3)
        and all(isinstance(value, (int, float)) for value in points)
        and abs(points[0]) <= 180
        and abs(points[1]) <= 90
    )


def _is_length(km: Any) -> bool:
    return isinstance(km, (int, float)) and not isinstance(km, bool) and 0 <= km < math.inf


def _place_features(network: Network) -> list[dict[str, Any]]:
    places = network.places
    outlets: dict[str, dict[str, int]] = {}
    for outlet in network.outlets:
        count = outlets.setdefault(outlet.place, {})
        count[outlet.network] = count.get(outlet.network, 0) + 1
    stations = set(network.stations)
    centres = {centre.place: centre for centre in network.centres}
    days = {place: len(round_.weekdays) for round_ in network.rounds for place in round_.places}
    features = []
    for row, name in enumerate(places.id):
        place = str(name)
        centre = centres.get(place)
        features.append(
            {
                "type": "Feature",
                "id": place,
                "geometry": {"type": "Point", "coordinates": _point(places, row)},
                "properties": {
                    "feature": "place",
                    "name_en": str(places.name_en[row]),
                    "name_zh": str(places.name_zh[row]),
                    "kind": str(places.kind[row]),
                    "county": str(places.county[row]),
                    "prefecture": str(places.prefecture[row]),
                    "population": round(float(places.population[row]), 3),
                    "border": bool(places.border[row]),
                    "synthetic": bool(places.synthetic[row]),
                    "tier": centre.tier if centre else None,
                    "lanes": centre.lanes if centre else 0,
                    "postal_outlets": outlets.get(place, {}).get("postal", 0),
                    "express_outlets": outlets.get(place, {}).get("express", 0),
                    "station": place in stations,
                    "round_days_per_week": days.get(place),
                },
            }
        )
    return features


def _route_feature(network: Network, route: MailRoute) -> dict[str, Any]:
    places = network.places
    return {
        "type": "Feature",
        "id": route.id,
        "geometry": {
            "type": "LineString",
            "coordinates": [_point(places, places.row(stop)) for stop in route.stops],
        },
        "properties": {
            "feature": "route",
            "name": route.name,
            "mode": route.mode,
            "kind": route.kind,
            "carrier": route.carrier,
            "stops": list(route.stops),
            "km": round(route.km, 3),
            "leg_km": list(route.leg_km),
            "trips_per_week": len(route.services[0].starts_s) if route.services else 0,
            "vehicle": route.vehicle,
            "vehicles_per_trip": route.vehicles_per_trip,
            "base": route.base,
            "reason": route.reason,
        },
    }


def _point(places: Places, row: int) -> list[float]:
    return [round(float(places.lon[row]), DECIMALS), round(float(places.lat[row]), DECIMALS)]


def _bbox(places: Places) -> list[float]:
    corners = (np.min(places.lon), np.min(places.lat), np.max(places.lon), np.max(places.lat))
    return [round(float(corner), DECIMALS) for corner in corners]
