"""A scenario's changes, carried out on a network one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from network.edit import demand as edit_demand
from network.edit import growth as edit_growth
from network.edit import operations as edit_operations
from network.edit import outlets as edit_outlets
from network.edit import roads as edit_roads
from network.edit import rounds as edit_last_mile
from network.edit import routes as edit
from network.errors import InputErrors, Problem, YizhanError
from network.model.network import Network
from scenarios import changes as ops
from scenarios.changes import PlaceSelector, Table
from scenarios.changes.references import split_hint

__all__ = ["apply_changes"]


def apply_changes(network: Network, changes: Iterable[ops.Change], file: str = "scenario") -> Network:
    """Return the network with changes made, one after the other.

    Parameters
    ----------
    network
        The fitted base.
    changes
        Models of `scenarios.changes`.
    file
        What to call the scenario in messages.

    Raises
    ------
    InputErrors
        If changes cannot be made: all that fail, each by itself.
    """
    problems: list[Problem] = []
    for number, change in enumerate(changes, start=1):
        try:
            network = _OPERATIONS[type(change)](network, change)
        except YizhanError as error:
            key, given = _culprit(change, error)
            text, near = split_hint(error)
            value, allowed = (given, text) if key else (text, "")
            problems.append(Problem(file, f"change {number} {change.op}", key, value, allowed, near))
    if problems:
        raise InputErrors(problems)
    return network


def _culprit(change: Table, error: YizhanError) -> tuple[str, str]:
    """Return the key of a change that holds the name which an error is about, and the name."""
    name = getattr(error, "name", None)
    for key, value in change.model_dump(exclude_none=True, exclude={"op", "label"}).items():
        if name is not None and (value == name or (isinstance(value, list | tuple) and name in value)):
            return key, name
    route = getattr(change, "route", None)
    return ("route", route) if route and name is None else ("", "")


def _seconds(clock: str) -> int:
    """Return seconds after midnight of an "HH:MM"."""
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60


def _departure(clock: str | None) -> int | None:
    return None if clock is None else _seconds(clock)


def _add_route(network: Network, change: ops.AddRoute) -> Network:
    return edit.add_route(
        network,
        mode=change.mode,
        stops=change.stops,
        per_week=change.per_week,
        route_id=change.id,
        name=change.name,
        vehicle=change.vehicle,
        vehicles_per_trip=change.vehicles_per_trip,
        first_departure_s=_departure(change.first_departure),
        leg_km=change.leg_km,
        carrier=change.carrier,
    )


def _remove_route(network: Network, change: ops.RemoveRoute) -> Network:
    return edit.remove_route(network, change.route)


def _reroute_route(network: Network, change: ops.RerouteRoute) -> Network:
    return edit.reroute_route(
        network, change.route, change.stops, change.leg_km, _departure(change.first_departure)
    )


def _retime_route(network: Network, change: ops.RetimeRoute) -> Network:
    return edit.retime_route(network, change.route, change.per_week, _departure(change.first_departure))


def _equip_route(network: Network, change: ops.EquipRoute) -> Network:
    return edit.equip_route(network, change.route, change.vehicle, change.vehicles_per_trip)


def _open_outlets(network: Network, change: ops.OpenOutlets) -> Network:
    brands: tuple[str, ...] = ()
    if change.brand == "all":
        brands = edit_last_mile.brands_in(network)
    elif change.brand is not None:
        brands = (change.brand,)
    townships = _townships(network, change.where)
    return edit_last_mile.open_outlets(network, change.network, townships, brands, change.per_place)


def _close_outlets(network: Network, change: ops.CloseOutlets) -> Network:
    brand = None if change.brand == "all" else change.brand
    townships = _townships(network, change.where)
    return edit_outlets.close_outlets(network, change.network, townships, brand, change.keep)


def _townships(network: Network, where: PlaceSelector | str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(where, PlaceSelector):
        return edit_last_mile.select_townships(network, **where.model_dump())
    return edit_last_mile.select_townships(network) if isinstance(where, str) else where


def _move_outlet(network: Network, change: ops.MoveOutlet) -> Network:
    if change.outlet is not None:
        return edit_outlets.move_outlet(network, change.outlet, change.to)
    assert change.station is not None
    return edit_outlets.move_station(network, change.station, change.to)


def _set_outlet_hours(network: Network, change: ops.SetOutletHours) -> Network:
    return edit_outlets.set_outlet_hours(
        network, _seconds(change.cutoff), _departure(change.intake), **change.where.model_dump()
    )


def _open_stations(network: Network, change: ops.OpenStations) -> Network:
    return edit_outlets.open_stations(network, _villages(network, change.where, False))


def _close_stations(network: Network, change: ops.CloseStations) -> Network:
    return edit_outlets.close_stations(network, _villages(network, change.where, True))


def _villages(
    network: Network, where: PlaceSelector | str | tuple[str, ...], with_station: bool
) -> tuple[str, ...]:
    if isinstance(where, tuple):
        return where
    chosen = where.model_dump() if isinstance(where, PlaceSelector) else {}
    return edit_outlets.select_villages(network, **chosen, with_station=with_station)


def _set_rounds(network: Network, change: ops.SetRounds) -> Network:
    rounds = edit_last_mile.select_rounds(network, **change.where.model_dump())
    return edit_last_mile.set_rounds(
        network, rounds, change.per_week, change.only_more, change.within_fleet, change.on_holidays
    )


def _hand_over(network: Network, change: ops.HandOver) -> Network:
    return edit.hand_over_all(network)


def _equip_centres(network: Network, change: ops.EquipCentres) -> Network:
    given = change.model_dump(exclude_none=True, exclude={"op", "label"})
    return edit_operations.equip_centres(network, **given)


def _set_hours(network: Network, change: ops.SetHours) -> Network:
    return edit_operations.set_hours(
        network,
        _seconds(change.opens),
        _seconds(change.closes),
        tier=change.tier,
        centres=change.centres or (),
    )


def _scale_fleet(network: Network, change: ops.ScaleFleet) -> Network:
    return edit_operations.scale_fleet(
        network, change.factor, **change.where.model_dump(), vehicles=change.vehicles, duty=change.duty
    )


def _add_vehicles(network: Network, change: ops.AddVehicles) -> Network:
    return edit_operations.add_vehicles(network, change.number, change.vehicle, change.base, change.duty)


def _add_road(network: Network, change: ops.AddRoad) -> Network:
    return edit_roads.add_road(
        network, change.between, change.km, change.terrain, change.speed_kmh, change.lead_routes
    )


def _improve_road(network: Network, change: ops.ImproveRoad) -> Network:
    return edit_roads.improve_road(network, change.speed_kmh, **_links(change))


def _close_road(network: Network, change: ops.CloseRoad) -> Network:
    return edit_roads.close_road(network, change.first, change.last, **_links(change))


def _close_road_yearly(network: Network, change: ops.CloseRoadYearly) -> Network:
    for first, last in change.seasons:
        network = edit_roads.close_road_yearly(network, first, last, **_links(change))
    return network


def _links(change: ops.ImproveRoad | ops.CloseRoad | ops.CloseRoadYearly) -> dict[str, Any]:
    return {
        "links": change.links or (),
        "between": change.between or (),
        "route": change.route or "",
    }


def _scale_demand(network: Network, change: ops.ScaleDemand) -> Network:
    return edit_demand.scale_demand(network, change.factor, change.classes, change.direction)


def _follow_trend(network: Network, change: ops.FollowTrend) -> Network:
    return edit_growth.follow_trend(network, change.to_year, change.quantile or change.at or "mid")


def _grow_demand(network: Network, change: ops.GrowDemand) -> Network:
    return edit_demand.grow_demand(network, change.per_year, change.years, change.classes, change.direction)


def _set_inbound_ratio(network: Network, change: ops.SetInboundRatio) -> Network:
    return edit_demand.set_inbound_ratio(network, change.ratio, change.classes)


def _peak_demand(network: Network, change: ops.PeakDemand) -> Network:
    return edit_demand.peak_demand(
        network, change.factor, change.first, change.last, change.classes, change.direction
    )


def _add_class(network: Network, change: ops.AddClass) -> Network:
    row = change.model_dump(exclude={"op", "label", "after"})
    return edit_demand.add_class(network, row, change.after)


_OPERATIONS: Mapping[type[Table], Callable[[Network, Any], Network]] = {
    ops.AddRoute: _add_route,
    ops.RemoveRoute: _remove_route,
    ops.RerouteRoute: _reroute_route,
    ops.RetimeRoute: _retime_route,
    ops.EquipRoute: _equip_route,
    ops.OpenOutlets: _open_outlets,
    ops.CloseOutlets: _close_outlets,
    ops.MoveOutlet: _move_outlet,
    ops.SetOutletHours: _set_outlet_hours,
    ops.OpenStations: _open_stations,
    ops.CloseStations: _close_stations,
    ops.SetRounds: _set_rounds,
    ops.HandOver: _hand_over,
    ops.EquipCentres: _equip_centres,
    ops.SetHours: _set_hours,
    ops.ScaleFleet: _scale_fleet,
    ops.AddVehicles: _add_vehicles,
    ops.AddRoad: _add_road,
    ops.ImproveRoad: _improve_road,
    ops.CloseRoad: _close_road,
    ops.CloseRoadYearly: _close_road_yearly,
    ops.ScaleDemand: _scale_demand,
    ops.GrowDemand: _grow_demand,
    ops.FollowTrend: _follow_trend,
    ops.SetInboundRatio: _set_inbound_ratio,
    ops.PeakDemand: _peak_demand,
    ops.AddClass: _add_class,
}
