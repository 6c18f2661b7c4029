"""Resilience: what every leg, and every road link, costs in time and coverage when it closes.

The timetable is searched anew without it; trips are ridden up to the closed stretch and from behind it on,
and no trip is diverted.  Scheduled times: what queues and the wait for the road to open add is for a run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from network.accessibility.effects import Aim, Effect, effects
from network.accessibility.scheduled_times import Ends, ScheduledTimes, scheduled
from network.linehaul.timetable import Timetable, expand
from network.model.network import Network
from network.routing.search import make_plan

__all__ = ["Closing", "Criticality", "closings", "criticality"]


@dataclass(frozen=True, eq=False)
class Closing:
    """A stretch that can close, and the calls of the timetable after which it is travelled."""

    kind: str  # leg | road
    name: str
    routes: tuple[str, ...]
    calls: np.ndarray


@dataclass(frozen=True)
class Criticality:
    """What it does when a stretch closes."""

    kind: str
    name: str
    routes: tuple[str, ...]
    effect: Effect


def closings(network: Network, table: Timetable) -> list[Closing]:
    """Return every leg of every mail route, both ways at once, and every road link under any of them."""
    first = table.first[:-1]
    number = np.arange(len(table.stop)) - np.repeat(first, np.diff(table.first))  # of the leg after each call
    route = np.repeat(table.route, np.diff(table.first))
    back = np.repeat(table.direction, np.diff(table.first)) == 1
    count = np.array([len(r.leg_km) for r in network.routes], dtype=np.int64)
    leg = np.where(back, count[route] - 1 - number, number)
    leg[table.first[1:] - 1] = -1
    closings: list[Closing] = []
    links: dict[str, list[tuple[int, int]]] = {}
    for row, one in enumerate(network.routes):
        for at, ends in enumerate(zip(one.stops, one.stops[1:], strict=False)):
            name = f"{one.id} {_name(network, ends[0])} – {_name(network, ends[1])}"
            closings.append(Closing("leg", name, (one.id,), np.flatnonzero((route == row) & (leg == at))))
            for link in one.leg_links[at] if at < len(one.leg_links) else ():
                links.setdefault(link, []).append((row, at))
    for link, under in sorted(links.items()):
        calls = np.zeros(len(leg), dtype=bool)
        for row, at in under:
            calls |= (route == row) & (leg == at)
        ends = link.partition("-")[::2]
        name = " – ".join(_name(network, end) for end in ends)
        routes = tuple(dict.fromkeys(network.routes[row].id for row, _ in under))
        closings.append(Closing("road", f"{link} {name}", routes, np.flatnonzero(calls)))
    return closings


def criticality(
    network: Network,
    aim: Aim,
    ends: Ends | None = None,
    before: ScheduledTimes | None = None,
    kinds: tuple[str, ...] = ("leg", "road"),
    progress: Callable[[int, int], None] | None = None,
) -> list[Criticality]:
    """Return what every closing does, the worst first.

    That is by people cut off, then by mail that has no way any more, by coverage, and by hours.

    Parameters
    ----------
    network
        The network.
    aim
        Which coverage counts.
    ends, before
        Its ends and its scheduled times, if at hand.
    kinds
        Legs of routes, road links, or both.
    progress
        Called with the number done and the number in all.
    """
    ends = Ends.of(network) if ends is None else ends
    table = expand(network)
    before = scheduled(network, make_plan(network, table), ends, (aim.basis,)) if before is None else before
    wanted = [closing for closing in closings(network, table) if closing.kind in kinds]
    known: dict[bytes, Effect] = {}  # a link may lie under one leg alone
    rows = []
    for done, closing in enumerate(wanted):
        if progress is not None:
            progress(done, len(wanted))
        key = closing.calls.tobytes()
        if key not in known:
            closed = np.zeros(len(table.stop), dtype=bool)
            closed[closing.calls] = True
            after = scheduled(network, make_plan(network, table, closed), ends, (aim.basis,))
            known[key] = effects(network.places, before, after, aim).of()
        rows.append(Criticality(closing.kind, closing.name, closing.routes, known[key]))
    rows.sort(key=lambda r: (-r.effect.cut_off, -r.effect.lost, r.effect.coverage, -r.effect.mean_h, r.name))
    return rows


def _name(network: Network, place: str) -> str:
    places = network.places
    return str(places.name_en[places.row(place)]) if place in network.places._row else place
