"""What a network costs a year by its plan: the one model that planning and studies of growth use.

Rates are those of a run's cost (`prices`), times what the timetable asks for in an ordinary week: km and
paid hours of every trip and round (`paid_hours`), vehicles by need, outlets, stations, and lanes and sorters.
What is paid by the item or the kilogram is left out, and with it pay at lanes and sorters in their usual
hours: it comes with the mail, not with the plan.  Every vehicle that is needed is paid for, so that spares
stay spares.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from network.fleet.vehicles import vehicles_for_route
from network.inputs.assumptions import Assumptions
from network.inputs.published_volumes import Growth
from network.lastmile.weekdays import round_vehicles
from network.model.network import Network
from network.model.records import DAY_S, Centre, MailRoute, Round
from network.model.working_hours import Hours, shifts
from sim.cost.paid_hours import round_paid_h, trip_paid_h
from sim.cost.prices import Prices, make_prices

__all__ = [
    "DAYS_A_YEAR",
    "PlannedCost",
    "centre_yuan",
    "outlet_yuan",
    "planned_cost",
    "round_yuan",
    "route_yuan",
    "vehicle_yuan",
]

DAYS_A_YEAR = 365
_WEEKS = DAYS_A_YEAR / 7


@dataclass(frozen=True)
class PlannedCost:
    """Yuan a year by what it is spent on; only differences between networks say anything."""

    routes: float = 0.0  # vehicles, drivers, fuel, upkeep of road routes
    rounds: float = 0.0  # drivers, fuel, upkeep
    round_vehicles: float = 0.0
    outlets: float = 0.0  # and stations
    centres: float = 0.0  # lanes and sorters, and people there in hours beyond the usual

    @property
    def total(self) -> float:
        """All of it."""
        return sum(getattr(self, f.name) for f in fields(self))

    def minus(self, other: PlannedCost) -> PlannedCost:
        """Return the difference."""
        return PlannedCost(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


def vehicle_yuan(vehicle: str, prices: Prices) -> float:
    """Return what a vehicle of a class costs a year, driven or not."""
    return DAYS_A_YEAR * prices.vehicle(vehicle).day_yuan


def route_yuan(route: MailRoute, assumptions: Assumptions, prices: Prices) -> float:
    """Return what a mail route costs a year: of road routes all, of rail and air nothing (paid by weight)."""
    if route.mode != "road":
        return 0.0
    trip = trip_paid_h(route, assumptions) * prices.driver_yuan_h
    trip += route.km * prices.vehicle(route.vehicle).km_yuan
    trips = sum(len(service.starts_s) for service in route.services)
    fleet = vehicles_for_route(route, assumptions) * vehicle_yuan(route.vehicle, prices)
    return _WEEKS * trips * route.vehicles_per_trip * trip + fleet


def round_yuan(round_: Round, assumptions: Assumptions, prices: Prices) -> float:
    """Return what a round costs a year, but for its vehicles, which it shares with others of its base."""
    run = round_paid_h(round_, assumptions) * prices.driver_yuan_h
    run += round_.km * prices.vehicle(round_.vehicle).km_yuan
    return _WEEKS * len(round_.weekdays) * round_.vehicles * run


def outlet_yuan(network: str, prices: Prices) -> float:
    """Return what an outlet of the postal or the express network costs a year."""
    return DAYS_A_YEAR * prices.outlet_day_yuan(network)


def centre_yuan(centre: Centre, assumptions: Assumptions, growth: Growth | None = None) -> float:
    """Return what lanes and sorters of a centre cost a year.

    Parameters
    ----------
    centre, assumptions
        The centre, and its region's assumptions.
    growth
        Prices of a lane and a sorter; without them only people in hours beyond the usual are paid.
    """
    if not centre.lanes:
        return 0.0
    beyond_h = max(0, Hours(centre.shifts_s).day_s - _usual_s(centre, assumptions)) / 3600
    lines = centre.lanes + centre.sorters
    yuan = DAYS_A_YEAR * beyond_h * lines * assumptions["centre_line_yuan_h"]
    if growth is not None:
        yuan += growth["lane_yuan_year"] * centre.lanes + growth["sorter_yuan_year"] * centre.sorters
    return yuan


def _usual_s(centre: Centre, a: Assumptions) -> int:
    """Return the working time of a usual day at a centre of its tier, in whole seconds."""
    if centre.tier not in ("region", "prefecture", "county"):
        return DAY_S
    hours = shifts(a[f"{centre.tier}_opens_h"], a[f"{centre.tier}_closes_h"], a["shift_pause_min"])
    return Hours(hours).day_s


def planned_cost(network: Network, prices: Prices | None = None, growth: Growth | None = None) -> PlannedCost:
    """Return what a network costs a year by its plan.

    Parameters
    ----------
    network
        The network.
    prices
        The rates; those of its assumptions by default.
    growth
        Prices of lanes and sorters, where their number may change.
    """
    a = network.assumptions
    prices = make_prices(a) if prices is None else prices
    stations = DAYS_A_YEAR * prices.station_yuan_day * len(network.stations)
    return PlannedCost(
        routes=sum(route_yuan(route, a, prices) for route in network.routes),
        rounds=sum(round_yuan(round_, a, prices) for round_ in network.rounds),
        round_vehicles=sum(
            number * vehicle_yuan(vehicle, prices)
            for classes in round_vehicles(network.rounds).values()
            for vehicle, number in classes.items()
        ),
        outlets=stations + sum(outlet_yuan(outlet.network, prices) for outlet in network.outlets),
        centres=sum(centre_yuan(centre, a, growth) for centre in network.centres),
    )
