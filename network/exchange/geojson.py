"""A network as GeoJSON (RFC 7946): WGS-84 longitude and latitude, one FeatureCollection.

Places are points, mail routes are lines from stop to stop.  Lines are straight
between stops: no road geometry is known.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from network.graph import MailNetwork
from network.model import MailRoute, Places

__all__ = ["to_geojson"]

DECIMALS = 5  # about 1 m, as RFC 7946 section 11.2 advises against more


def to_geojson(network: MailNetwork) -> dict[str, Any]:
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


def _place_features(network: MailNetwork) -> list[dict[str, Any]]:
    places = network.places
    outlets: dict[str, dict[str, int]] = {}
    for outlet in network.outlets:
        count = outlets.setdefault(outlet.place, {})
        count[outlet.network] = count.get(outlet.network, 0) + 1
    stations = set(network.stations)
    centres = {centre.place: centre for centre in network.centres}
    days = {place: len(tour.weekdays) for tour in network.rounds for place in tour.places}
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


def _route_feature(network: MailNetwork, route: MailRoute) -> dict[str, Any]:
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
            "leg_km": [round(km, 3) for km in route.leg_km],
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
