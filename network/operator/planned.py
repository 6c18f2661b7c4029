"""The operator's choices as a region's folder keeps them, and on the network of a scenario."""

from __future__ import annotations

from network.inputs.rows import PlannedRounds, PlannedRoute
from network.model.network import Network
from network.model.records import DAY_S, MailRoute
from network.operator.choices import Choices, applied, passed, window_s

__all__ = ["choices_of", "planned", "planned_rounds", "planned_route", "rows_of"]

HOUR_S = 3600


def planned_route(network: Network, route: MailRoute) -> PlannedRoute | None:
    """Return what the region's folder has of a route of the network's year, with or without its calls."""
    if route.mode != "road":
        return None
    rows = (row for row in network.region.planned_routes if row.year == network.year)
    return next(
        (row for row in rows if row.stops == tuple(s for s in route.stops if s not in row.calls)), None
    )


def planned_rounds(network: Network) -> dict[tuple[str, str], int]:
    """Return by how many seconds rounds set out later than by kind, by base and kind of round."""
    bases = {(round_.base, round_.kind) for round_ in network.rounds}
    return {
        (row.base, row.kind): round(row.later_h * HOUR_S)
        for row in network.region.planned_rounds
        if row.year == network.year and (row.base, row.kind) in bases
    }


def choices_of(network: Network) -> Choices:
    """Return what its region's folder says of a network by kind, as far as it has the same routes and bases.

    A world or draw that differs in some routes keeps the hours of those that it shares; the others stay by
    kind.  Hours outside the assumed windows move to their nearest end.
    """
    departs: dict[str, int] = {}
    calls: dict[str, tuple[str, ...]] = {}
    for route in network.routes:
        row = planned_route(network, route)
        if row is None:
            continue
        first, last = window_s(network, route)
        departs[route.id] = min(max(round(row.departs_h * HOUR_S), first), last)
        on_way = {seat for seat, _ in passed(network, route)}
        if halts := tuple(seat for seat in row.calls if seat in on_way):
            calls[route.id] = halts
    return Choices(departs, calls, planned_rounds(network))


def planned(network: Network) -> Network:
    """Return a network by kind with the hours, calls and rounds that its region's folder has for its year."""
    choices = choices_of(network)
    return applied(network, choices) if choices != Choices() else network


def rows_of(network: Network, choices: Choices) -> tuple[list[PlannedRoute], list[PlannedRounds]]:
    """Return choices as the rows of a region's folder."""
    routes = [
        PlannedRoute(
            year=network.year,
            stops=route.stops,
            departs_h=choices.departs_s.get(route.id, route.services[0].starts_s[0] % DAY_S) / HOUR_S,
            calls=choices.calls.get(route.id, ()),
        )
        for route in network.routes
        if route.id in choices.departs_s or route.id in choices.calls
    ]
    rounds = [
        PlannedRounds(year=network.year, base=base, kind=kind, later_h=later_s / HOUR_S)
        for (base, kind), later_s in sorted(choices.rounds.items())
    ]
    return routes, rounds
