"""What a network costs a year by its timetable, as far as a plan can change it.

Rates are those of `yizhan cost` (`prices`), times what the timetable asks for in an ordinary week: km and
paid hours of every trip and round, vehicles by need, outlets, stations, and hours of centres.  What is paid
by the item or the kilogram is left out: the mail is the same in every plan.  A plan pays for every vehicle
that it needs more, so that the spares stay spares.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from network.fleet.vehicles import vehicles_for_route
from network.inputs.assumptions import Assumptions
from network.lastmile.roster import days_out, round_vehicles
from network.linehaul.timetable import driving_s
from network.model.network import Network
from network.model.records import DAY_S, Centre, MailRoute, Round
from sim.cost.prices import Prices, make_prices

__all__ = [
    "DAYS_A_YEAR",
    "Spending",
    "centre_yuan",
    "outlet_yuan",
    "round_yuan",
    "route_yuan",
    "vehicle_yuan",
    "yearly",
]

DAYS_A_YEAR = 365
_WEEKS = DAYS_A_YEAR / 7


@dataclass(frozen=True)
class Spending:
    """Yuan a year by what it is spent on."""

    routes: float = 0.0  # vehicles, drivers, fuel, upkeep of road routes
    rounds: float = 0.0  # drivers, fuel, upkeep
    round_vehicles: float = 0.0
    outlets: float = 0.0  # and stations
    centres: float = 0.0  # lanes and sorters by the hours that they are open

    @property
    def total(self) -> float:
        """All of it."""
        return sum(getattr(self, f.name) for f in fields(self))

    def minus(self, other: Spending) -> Spending:
        """Return the difference."""
        return Spending(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


def vehicle_yuan(vehicle: str, prices: Prices) -> float:
    """Return what a vehicle of a class costs a year, driven or not."""
    return DAYS_A_YEAR * prices.vehicle(vehicle).day_yuan


def _km_yuan(vehicle: str, prices: Prices) -> float:
    price = prices.vehicle(vehicle)
    return price.fuel_yuan_km + price.upkeep_yuan_km


def route_yuan(route: MailRoute, assumptions: Assumptions, prices: Prices) -> float:
    """Return what a mail route costs a year: of road routes all, of rail and air nothing (paid by weight)."""
    if route.mode != "road":
        return 0.0
    a = assumptions
    driving_h = sum(driving_s(route, a)) / 3600
    crew = a["drivers_per_long_trip"] if driving_h > a["second_driver_h"] else 1.0
    hours = crew * (driving_h + a["stop_min"] / 60 * (len(route.stops) - 2))
    trip = hours * prices.driver_yuan_h + route.km * _km_yuan(route.vehicle, prices)
    trips = sum(len(service.starts_s) for service in route.services)
    fleet = vehicles_for_route(route, a) * vehicle_yuan(route.vehicle, prices)
    return _WEEKS * trips * route.vehicles_per_trip * trip + fleet


def round_yuan(round_: Round, assumptions: Assumptions, prices: Prices) -> float:
    """Return what a round costs a year, but for its vehicles, which it shares with others of its base."""
    day_h = assumptions["walk_day_h" if round_.vehicle == "foot" else "driver_day_h"]
    hours = days_out(round_.depart_s, round_.intake_s) * day_h
    run = hours * prices.driver_yuan_h + round_.km * _km_yuan(round_.vehicle, prices)
    return _WEEKS * len(round_.weekdays) * round_.vehicles * run


def outlet_yuan(network: str, prices: Prices) -> float:
    """Return what an outlet of the postal or the express network costs a year."""
    return DAYS_A_YEAR * (
        prices.postal_outlet_yuan_day if network == "postal" else prices.express_outlet_yuan_day
    )


def centre_yuan(centre: Centre, assumptions: Assumptions) -> float:
    """Return what people at the lanes and sorters of a centre cost a year; what pays for itself by the item
    is in it, so that only differences count."""
    if not centre.lanes:
        return 0.0
    open_s = sum(closes - opens for opens, closes in centre.shifts_s) if centre.shifts_s else DAY_S
    lines = centre.lanes + centre.sorters
    return DAYS_A_YEAR * open_s / 3600 * lines * assumptions["centre_line_yuan_h"]


def yearly(network: Network, prices: Prices | None = None) -> Spending:
    """Return what a network costs a year by its timetable; only differences between networks say anything."""
    a = network.assumptions
    prices = make_prices(a) if prices is None else prices
    stations = DAYS_A_YEAR * prices.station_yuan_day * len(network.stations)
    return Spending(
        routes=sum(route_yuan(route, a, prices) for route in network.routes),
        rounds=sum(round_yuan(round_, a, prices) for round_ in network.rounds),
        round_vehicles=sum(
            number * vehicle_yuan(vehicle, prices)
            for classes in round_vehicles(network.rounds).values()
            for vehicle, number in classes.items()
        ),
        outlets=stations + sum(outlet_yuan(outlet.network, prices) for outlet in network.outlets),
        centres=sum(centre_yuan(centre, a) for centre in network.centres),
    )
