"""A scenario's changes, carried out on a network one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from network import edit, edit_growth, edit_last_mile, edit_operations
from network.errors import InputErrors, Problem, YizhanError
from network.graph import MailNetwork
from scenarios.changes import (
    AddRoute,
    CloseRoad,
    EquipRoute,
    GrowDemand,
    HandOver,
    OpenOutlets,
    PeakDemand,
    PlaceSelector,
    RemoveRoute,
    RetimeRoute,
    ScaleDemand,
    ScaleFleet,
    SetHours,
    SetRounds,
    Table,
)
from scenarios.references import split_hint
from scenarios.schema import Scenario

__all__ = ["apply_changes"]


def apply_changes(network: MailNetwork, scenario: Scenario, file: str = "scenario") -> MailNetwork:
    """Return the network with the scenario's operations, demand factors and changes.

    Parameters
    ----------
    network
        The fitted base.
    scenario
        Its `operations`, `demand` and `change` are read.
    file
        What to call the scenario in messages.

    Raises
    ------
    InputErrors
        If changes cannot be made: all that fail, each by itself.
    """
    problems: list[Problem] = []
    network = edit_operations.set_operations(network, **scenario.operations.model_dump())
    for direction, factor in scenario.demand.model_dump().items():
        if factor != 1.0:
            network = edit.scale_demand(network, factor, direction=direction)
    for number, change in enumerate(scenario.change, start=1):
        try:
            network = _OPERATIONS[type(change)](network, change)
        except YizhanError as error:
            key = "route" if getattr(change, "route", None) else ""
            text, near = split_hint(error)
            value, allowed = (getattr(change, key), text) if key else (text, "")
            problems.append(Problem(file, f"change {number} {change.op}", key, value, allowed, near))
    if problems:
        raise InputErrors(problems)
    return network


def _seconds(clock: str) -> int:
    """Return seconds after midnight of an "HH:MM"."""
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60


def _departure(clock: str | None) -> int | None:
    return None if clock is None else _seconds(clock)


def _add_route(network: MailNetwork, change: AddRoute) -> MailNetwork:
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


def _remove_route(network: MailNetwork, change: RemoveRoute) -> MailNetwork:
    return edit.remove_route(network, change.route)


def _retime_route(network: MailNetwork, change: RetimeRoute) -> MailNetwork:
    return edit.retime_route(network, change.route, change.per_week, _departure(change.first_departure))


def _equip_route(network: MailNetwork, change: EquipRoute) -> MailNetwork:
    return edit.equip_route(network, change.route, change.vehicle, change.vehicles_per_trip)


def _open_outlets(network: MailNetwork, change: OpenOutlets) -> MailNetwork:
    if isinstance(change.where, PlaceSelector):
        townships = edit_last_mile.select_townships(network, **change.where.model_dump())
    elif isinstance(change.where, str):
        townships = edit_last_mile.select_townships(network)
    else:
        townships = change.where
    brands: tuple[str, ...] = ()
    if change.brand == "all":
        brands = edit_last_mile.brands_in(network)
    elif change.brand is not None:
        brands = (change.brand,)
    return edit_last_mile.open_outlets(network, change.network, townships, brands, change.per_place)


def _set_rounds(network: MailNetwork, change: SetRounds) -> MailNetwork:
    rounds = edit_last_mile.select_rounds(network, **change.where.model_dump())
    return edit_last_mile.set_rounds(network, rounds, change.per_week, change.only_more, change.within_fleet)


def _scale_demand(network: MailNetwork, change: ScaleDemand) -> MailNetwork:
    return edit.scale_demand(network, change.factor, change.classes, change.direction)


def _grow_demand(network: MailNetwork, change: GrowDemand) -> MailNetwork:
    return edit_growth.grow_demand(network, change.to_year, change.quantile or change.at or "mid")


def _peak_demand(network: MailNetwork, change: PeakDemand) -> MailNetwork:
    return edit_operations.peak_demand(
        network, change.factor, change.first, change.last, change.classes, change.direction
    )


def _close_road(network: MailNetwork, change: CloseRoad) -> MailNetwork:
    return edit_operations.close_road(
        network,
        change.first,
        change.last,
        links=change.links or (),
        between=change.between or (),
        route=change.route or "",
    )


def _scale_fleet(network: MailNetwork, change: ScaleFleet) -> MailNetwork:
    return edit_operations.scale_fleet(
        network, change.factor, **change.where.model_dump(), vehicles=change.vehicles, duty=change.duty
    )


def _set_hours(network: MailNetwork, change: SetHours) -> MailNetwork:
    return edit_operations.set_hours(
        network,
        _seconds(change.opens),
        _seconds(change.closes),
        tier=change.tier,
        centres=change.centres or (),
    )


def _hand_over(network: MailNetwork, change: HandOver) -> MailNetwork:
    return edit.hand_over_all(network)


_OPERATIONS: Mapping[type[Table], Callable[[MailNetwork, Any], MailNetwork]] = {
    AddRoute: _add_route,
    RemoveRoute: _remove_route,
    RetimeRoute: _retime_route,
    EquipRoute: _equip_route,
    OpenOutlets: _open_outlets,
    SetRounds: _set_rounds,
    ScaleDemand: _scale_demand,
    GrowDemand: _grow_demand,
    PeakDemand: _peak_demand,
    HandOver: _hand_over,
    CloseRoad: _close_road,
    ScaleFleet: _scale_fleet,
    SetHours: _set_hours,
}
