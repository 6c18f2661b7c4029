"""What a network costs a year by its plan: vehicles, drivers, km, outlets, lanes, sorters.

What is paid by the item or the tonne (handling, rail and air freight, couriers) is not in it: it comes with
the demand, not with the expansion.
"""

from __future__ import annotations

from collections.abc import Mapping

from network.fleet.requirements import needs
from network.fleet.vehicles import vehicles_needed
from network.inputs.published_volumes import Growth
from network.model.network import Network
from sim.cost.prices import make_prices

__all__ = ["planned_yuan"]

DAYS = 365
WEEKS = DAYS / 7


def planned_yuan(network: Network, growth: Growth, idle: Mapping[str, int] | None = None) -> float:
    """Return yuan a year.

    Parameters
    ----------
    network
        Its routes and rounds say how many vehicles and drivers are needed and how far they go.
    growth
        Prices of lanes and sorters.
    idle
        Vehicles by class that are there beside those needed and count too.
    """
    a, prices, classes = network.assumptions, make_prices(network.assumptions), network.vehicle_classes
    yuan = 0.0
    for (_, vehicle, _), number in vehicles_needed(network.routes, network.rounds, classes, a).items():
        yuan += number * prices.vehicle(vehicle).day_yuan * DAYS
    for vehicle, number in (idle or {}).items():
        yuan += number * prices.vehicle(vehicle).day_yuan * DAYS
    counted = needs(network)
    paid_h = a["driver_day_h"] * a["driver_days_per_week"] * WEEKS
    yuan += (counted.drivers + counted.firms.drivers) * paid_h * prices.driver_yuan_h
    km: dict[str, float] = {}
    for route in network.routes:
        if classes[route.vehicle].counted:
            trips = sum(len(service.starts_s) for service in route.services)
            km[route.vehicle] = km.get(route.vehicle, 0.0) + trips * route.km * route.vehicles_per_trip
    for round_ in network.rounds:
        if classes[round_.vehicle].counted:
            km[round_.vehicle] = (
                km.get(round_.vehicle, 0.0) + round_.km * len(round_.weekdays) * round_.vehicles
            )
    for vehicle, weekly in km.items():
        price = prices.vehicle(vehicle)
        yuan += weekly * WEEKS * (price.fuel_yuan_km + price.upkeep_yuan_km)
    for outlet in network.outlets:
        postal = outlet.network == "postal"
        yuan += DAYS * (prices.postal_outlet_yuan_day if postal else prices.express_outlet_yuan_day)
    yuan += growth["lane_yuan_year"] * sum(centre.lanes for centre in network.centres)
    yuan += growth["sorter_yuan_year"] * sum(centre.sorters for centre in network.centres)
    return yuan
