"""What the operator chooses within the published totals, and the network that it makes (rule 7).

Departure hours of road routes, calls at county seats that they drive through, and the hours at which the
rounds of a base set out.  Kilometres, frequencies, vehicles a trip and running days stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from network.fleet.vehicles import place_fleet
from network.geography.roads import road_graph
from network.inputs.assumptions import Assumptions
from network.lastmile.rounds import intake_s
from network.linehaul.timetable import schedule
from network.model.network import Network
from network.model.records import DAY_S, MailRoute, Round

__all__ = ["Choices", "applied", "later", "passed", "window_s"]

#: Kinds of routes that may set out at any hour; others by daylight.
_ANY_HOUR = ("trunk", "cross-border", "inter-prefecture")
_HOUR_S = 3600


@dataclass(frozen=True)
class Choices:
    """What an operator chose; what it does not name stays as it is by kind.

    Parameters
    ----------
    departs_s
        First departure of a route, seconds after midnight, by route id.
    calls
        Seats that a route calls at besides its own stops, in order of travel, by route id.
    rounds
        Seconds by which the rounds of a base set out later than by kind, by base and kind of round.
    """

    departs_s: Mapping[str, int] = field(default_factory=dict)
    calls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rounds: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def departing(self, route: str, second: int) -> Choices:
        """Return the choices with another departure of a route."""
        return replace(self, departs_s={**self.departs_s, route: second})

    def calling(self, route: str, seats: tuple[str, ...]) -> Choices:
        """Return the choices with other calls of a route."""
        return replace(self, calls={**self.calls, route: seats})

    def setting_out(self, base: str, kind: str, later_s: int) -> Choices:
        """Return the choices with other hours of the rounds of a base."""
        return replace(self, rounds={**self.rounds, (base, kind): later_s})


def window_s(network: Network, route: MailRoute) -> tuple[int, int]:
    """Return the first and the last second of the day at which a route may set out: any, or by daylight."""
    if route.kind in _ANY_HOUR:
        return 0, DAY_S - _HOUR_S
    a = network.assumptions
    return round(a["earliest_return_h"] * _HOUR_S), round(a["latest_return_h"] * _HOUR_S)


def passed(network: Network, route: MailRoute) -> tuple[tuple[str, int], ...]:
    """Return the county seats that a road route drives through without a stop, each with its leg."""
    centres = network.stop_row
    return tuple(
        (node, leg)
        for leg, (start, links) in enumerate(zip(route.stops, route.leg_links, strict=False))
        for node in _nodes(start, links)[1:-1]
        if node in centres
    )


def applied(network: Network, choices: Choices) -> Network:
    """Return the network by kind as an operator with these choices runs it; vehicles are placed anew."""
    roads = road_graph(network.region, network.year).edges(data=True) if choices.calls else ()
    km = {data["id"]: float(data["length_km"]) for *_, data in roads}
    routes = []
    for route in network.routes:
        seats = choices.calls.get(route.id, ())
        if seats or route.id in choices.departs_s:
            first = choices.departs_s.get(route.id, route.services[0].starts_s[0] % DAY_S)
            halting = _calling(route, seats, km) if seats else route
            route = schedule(halting, len(route.services[0].starts_s), network.assumptions, first)
        routes.append(route)
    rounds = [
        later(round_, choices.rounds.get((round_.base, round_.kind), 0), network.assumptions)
        for round_ in network.rounds
    ]
    counted = [r for r in routes if not network.settings.post_only or r.carrier != "express"]
    fleet = place_fleet(counted, rounds, len(network.vehicles), network.vehicle_classes, network.assumptions)
    return replace(network, routes=tuple(routes), rounds=tuple(rounds), vehicles=fleet)


def _nodes(start: str, links: tuple[str, ...]) -> list[str]:
    """Return the places along links, from the first on."""
    nodes = [start]
    for link in links:
        a, _, b = link.partition("-")
        nodes.append(b if nodes[-1] == a else a)
    return nodes


def _calling(route: MailRoute, seats: tuple[str, ...], km: Mapping[str, float]) -> MailRoute:
    """Return a route that also stops at seats on its way; its length stays."""
    stops, leg_km, leg_links, leg_kmh = [route.stops[0]], [], [], []
    speeds = route.leg_kmh or (0.0,) * len(route.leg_km)
    for (a, b), length, links, speed in zip(
        pairwise(route.stops), route.leg_km, route.leg_links, speeds, strict=True
    ):
        nodes = _nodes(a, links)
        cuts = [0, *(n for n, node in enumerate(nodes[1:-1], 1) if node in seats), len(links)]
        parts = [sum(km[link] for link in links[i:j]) for i, j in pairwise(cuts)]
        whole = sum(parts)
        for (i, j), part in zip(pairwise(cuts), parts, strict=True):
            stops.append(b if j == len(links) else nodes[j])
            leg_km.append(length if len(parts) == 1 else length * part / whole)
            leg_links.append(links[i:j])
            leg_kmh.append(speed)
    return replace(
        route,
        stops=tuple(stops),
        leg_km=tuple(leg_km),
        leg_links=tuple(leg_links),
        leg_kmh=tuple(leg_kmh) if route.leg_kmh else (),
    )


def later(round_: Round, seconds: int, a: Assumptions) -> Round:
    """Return a round that sets out later and comes later; addresses in town collect until the same hour."""
    if not seconds:
        return round_
    back_s = (max(round_.visit_s) if round_.back_s is None else round_.back_s) + seconds
    moved = replace(
        round_,
        depart_s=round_.depart_s + seconds,
        visit_s=tuple(second + seconds for second in round_.visit_s),
        back_s=back_s,
    )
    if round_.kind == "town":
        return moved
    cut_s = tuple(second + seconds for second in round_.cut_s)
    return replace(moved, cut_s=cut_s, intake_s=intake_s(back_s, a))
