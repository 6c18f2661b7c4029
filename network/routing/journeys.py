"""From door to door by the timetable alone: collection, line-haul, last mile; no queues and no chance.

The line-haul is the profile search of `network.routing.search`; what is added here is
the way to the first stop and from the last one.  Times are seconds of a clock
that begins on a Monday at 00:00; every week is like the next, without holidays.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from network.lastmile.week import NO_ROUND, LastMile
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from network.model.working_hours import ready_at, ready_at_stops
from network.routing.gateways import Gates, gates
from network.routing.search import Plan, StopPlan, make_plan

__all__ = ["NEVER", "Arrivals", "Journeys", "Step"]

NEVER = np.iinfo(np.int32).max  # of an attempt that is never made
_CELLS = 1 << 20  # of a table that are worked out at a time
WEEKS = 5  # no journey takes longer (`network.routing.search`)


class Step(NamedTuple):
    """A stretch of a journey, from one second to another; the next one begins where it ends.

    ``what`` is "upstream", "collect", "handle" (handling, screening, sorting), "wait", "ride", "hand-over"
    or "deliver"; ``where`` a place id, of a ride or round that to which it leads; ``by`` the route or round.
    """

    what: str
    where: str
    from_s: int
    to_s: int
    by: str = ""


@dataclass(frozen=True, eq=False)
class Arrivals:
    """First attempts at all places, for sources that many origins share.

    Parameters
    ----------
    attempt_s
        (sources, places) int32 seconds, `NEVER` where there is no way.
    source
        (origins,) row of each origin's source, -1 where nothing is collected.
    """

    attempt_s: np.ndarray
    source: np.ndarray

    def matrix(self) -> np.ndarray:
        """Return (origins, places) int32."""
        attempt_s = self.attempt_s[self.source]
        attempt_s[self.source < 0] = NEVER
        return attempt_s


class Journeys:
    """Earliest arrivals from door to door over a network.

    Parameters
    ----------
    network
        The network.
    plan
        Its routing, if at hand.

    Notes
    -----
    An item's way depends on its mode group (`search.groups`) and, on the last mile, on its brand: row
    0 of `handover.handover_s` is the post's own mail, row b + 1 brand b.  An item that meets no queue
    is delivered at exactly the second found here (a test holds the simulation against it).
    """

    def __init__(self, network: Network, plan: Plan | None = None) -> None:
        self.network = network
        self.plan = make_plan(network) if plan is None else plan
        self.gates: Gates = gates(network, self.plan)
        self.last_mile = LastMile.of(network)
        self._collect_s = np.array([centre.handling_s.get("collect", 0) for centre in network.centres])

    # ------------------------------------------------------------ the first stop

    def taken_in(
        self, place: np.ndarray, accepted_s: np.ndarray | int, brand: int = -1
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the base of places, or -1, and the second at which items accepted there are sorted at it."""
        sender = self.last_mile.sender[brand + 1, place]
        base = self.last_mile.base[sender]
        intake = self.last_mile.collected_s(sender, np.broadcast_to(accepted_s, base.shape))
        ready = np.full(len(base), NO_ROUND)
        known = np.flatnonzero(base >= 0)
        joins = intake[known] + self._collect_s[base[known]]
        ready[known] = ready_at_stops(self.network.centres, base[known], joins)
        return base, ready

    # ------------------------------------------------------------ line-haul

    def line_haul(self, stop: np.ndarray, ready_s: np.ndarray, group: int) -> np.ndarray:
        """Return when items that can go on from stops are ready at every stop; (items, stops) int64.

        At a gateway that is the arrival: there they are handed over.
        """
        arrival_s = np.full((len(stop), len(self.plan.stops)), NO_ROUND)
        code = np.arange(len(self.plan.stops)) * len(self.plan.groups) + group
        for at in np.unique(stop).tolist():
            same_stop = np.flatnonzero(stop == at)
            arrival_s[same_stop] = _profile(self.plan.stops[at], code, ready_s[same_stop])
            arrival_s[same_stop, at] = ready_s[same_stop]
        return arrival_s

    # ------------------------------------------------------------ door to door

    def arrivals(
        self, place: np.ndarray, accepted_s: np.ndarray | int, group: int, brand: int = -1
    ) -> Arrivals:
        """Return the first attempts at all places of what is accepted at places of the region.

        Parameters
        ----------
        place
            (origins,) rows of places.
        accepted_s
            Second of acceptance, of all or of each.
        group, brand
            Mode group; row of the brand, -1 for the post's own mail.
        """
        base, ready = self.taken_in(np.asarray(place), accepted_s, brand)
        known = np.flatnonzero(base >= 0)
        both = np.stack([base[known], ready[known]])
        distinct, which = np.unique(both, axis=1, return_inverse=True)
        source = np.full(len(base), -1)
        source[known] = which.reshape(-1)
        there = self.line_haul(distinct[0], distinct[1], group)
        return Arrivals(self.deliver(there, brand), source)

    def deliver(self, there: np.ndarray, brand: int = -1) -> np.ndarray:
        """Return the first attempts at all places, given when items are ready at every stop.

        Parameters
        ----------
        there
            (items, stops) seconds.

        Returns
        -------
        numpy.ndarray
            (items, places) int32.
        """
        mile = self.last_mile
        place = np.arange(len(mile.base))
        attempt_s = np.empty((len(there), len(place)), dtype=np.int32)
        height = max(1, _CELLS // len(place))
        for begin in range(0, len(there), height):
            rows = slice(begin, begin + height)
            ready = there[rows, mile.base] + mile.delay_s[brand + 1]
            attempt_s[rows] = np.minimum(mile.attempted_s(place, np.minimum(ready, NO_ROUND)), NEVER)
        return attempt_s

    # ------------------------------------------------------------ profiles

    def profile(self, place: int, group: int, brand: int = -1) -> tuple[np.ndarray, np.ndarray]:
        """Return all that a week of acceptance at a place can lead to.

        Returns
        -------
        tuple of numpy.ndarray
            Ascending seconds of the week at which collections close, the last acceptance that each takes
            along, and (collections, places) first attempts.  What is accepted later goes with the next.
        """
        closes = self._closes(place, brand)
        arrivals = self.arrivals(np.full(len(closes), place), closes, group, brand)
        return closes, arrivals.matrix()

    def _closes(self, place: int, brand: int) -> np.ndarray:
        """Return the seconds of the week at which collections at a place close, ascending."""
        mile = self.last_mile
        sender = int(mile.sender[brand + 1, place])
        if mile.round_row[sender] < 0:
            return np.zeros(0, dtype=np.int64)
        days = np.flatnonzero(mile.ahead[mile.round_row[sender]] == 0)
        return np.sort((days * DAY_S + mile.cut_s[sender]) % WEEK_S)

    def week(self, origin: int, dest: int, group: int, brand: int = -1) -> tuple[tuple[Step, ...], ...]:
        """Return the journeys of a week that are worth beginning, each at its last second of acceptance.

        What is accepted a second later ends later.  Origin and destination are as for `journey`.
        """
        if origin >= 0:
            moments = self._closes(origin, brand)
        else:
            goal = int(self.last_mile.base[dest])
            at = int(self.gates.entry[group, -1 - origin, goal]) if goal >= 0 else -1
            if at < 0:
                return ()
            stop, code = self.plan.stops[at], goal * len(self.plan.groups) + group
            leaves = stop.key[stop.first[code] : stop.first[code + 1]] % WEEK_S
            moments = np.unique((leaves - int(self.gates.entry_s[group, -1 - origin, goal])) % WEEK_S)
        journeys = [self.journey(origin, dest, int(second), group, brand) for second in moments]
        if not all(journeys):
            return ()  # the way is there in every week or in none
        ends = [steps[-1].to_s for steps in journeys]
        after = [*ends[1:], ends[0] + WEEK_S] if ends else []
        return tuple(
            steps for steps, end, next_end in zip(journeys, ends, after, strict=True) if end < next_end
        )

    def last(self, origin: int, dest: int, deadline_s: int, group: int, brand: int = -1) -> tuple[Step, ...]:
        """Return the journey that begins last of those that end by a deadline; empty: there is no way."""
        latest: tuple[Step, ...] = ()
        for steps in self.week(origin, dest, group, brand):
            shift = (deadline_s - steps[-1].to_s) // WEEK_S * WEEK_S
            if not latest or steps[0].from_s + shift > latest[0].from_s:
                latest = tuple(s._replace(from_s=s.from_s + shift, to_s=s.to_s + shift) for s in steps)
        return latest

    def latest(self, place: int, deadline_s: int, group: int, brand: int = -1) -> np.ndarray:
        """Return the last second at which every place must have accepted what is to be tried by a deadline.

        Returns
        -------
        numpy.ndarray
            (places,) int64, within the `WEEKS` weeks before the deadline; ``-NEVER`` where there is none.
        """
        mile = self.last_mile
        origins = np.arange(len(mile.base))
        sender = mile.sender[brand + 1]
        round_ = mile.round_row[sender]
        last = np.full(len(origins), -NEVER)
        first_day = deadline_s // DAY_S - 7 * WEEKS
        for day in range(first_day, deadline_s // DAY_S + 1):
            runs = (round_ >= 0) & (mile.ahead[round_, day % 7] == 0)
            rows = np.flatnonzero(runs)
            if not len(rows):
                continue
            closes = day * DAY_S + mile.cut_s[sender[rows]]
            base, ready = self.taken_in(rows, closes, brand)
            distinct, which = np.unique(np.stack([base, ready]), axis=1, return_inverse=True)
            there = self._to(distinct[0], distinct[1], int(mile.base[place]), group)
            attempt = mile.attempted_s(
                np.array([place]), np.minimum(there + mile.delay_s[brand + 1, place], NEVER)
            )
            good = attempt[which.reshape(-1)] <= deadline_s
            last[rows[good]] = np.maximum(last[rows[good]], closes[good])
        return last

    def _to(self, stop: np.ndarray, ready_s: np.ndarray, dest: int, group: int) -> np.ndarray:
        """Return when items that can go on from stops are ready at one."""
        arrival_s = np.full(len(stop), NO_ROUND)
        code = np.array([dest * len(self.plan.groups) + group])
        for at in np.unique(stop).tolist():
            same_stop = np.flatnonzero(stop == at)
            arrival_s[same_stop] = (
                ready_s[same_stop]
                if at == dest
                else _profile(self.plan.stops[at], code, ready_s[same_stop])[:, 0]
            )
        return arrival_s

    # ------------------------------------------------------------ the journey itself

    def journey(
        self, origin: int, dest: int, accepted_s: int, group: int, brand: int = -1
    ) -> tuple[Step, ...]:
        """Return the steps of an item, from acceptance to first attempt or hand-over; empty: there is no way.

        Parameters
        ----------
        origin, dest
            Rows of places, or -1 - row of the classes outside (not both).
        accepted_s
            Second of acceptance.
        """
        mile, network = self.last_mile, self.network
        kinds = len(self.plan.groups)
        steps: list[Step] = []
        if origin >= 0:
            sender = int(mile.sender[brand + 1, origin])
            at = int(mile.base[sender])
            if at < 0:
                return ()
            round_ = network.rounds[int(mile.round_row[sender])].id
            intake = int(mile.collected_s(np.array([sender]), np.array([accepted_s]))[0])
            now = int(ready_at(network.centres[at], intake + int(self._collect_s[at])))
            steps.append(Step("collect", network.stops[at], accepted_s, intake, round_))
            steps.append(Step("handle", network.stops[at], intake, now))
        goal = int(mile.base[dest]) if dest >= 0 else int(self.gates.exit[group, -1 - dest, at])
        if origin < 0:
            at = int(self.gates.entry[group, -1 - origin, goal]) if goal >= 0 else -1
            now = accepted_s + int(self.gates.entry_s[group, -1 - origin, goal])
            steps.append(Step("upstream", network.stops[at], accepted_s, now))
        if goal < 0 or at < 0:
            return ()
        table = self.plan.timetable
        while at != goal:
            departure = _departure(self.plan.stops[at], goal * kinds + group, now)
            if departure is None:
                return ()
            departs, call, calls = departure
            shift = departs - int(table.depart_s[call])
            arrives = int(table.arrive_s[call + calls]) + shift
            route = network.routes[int(table.route[self._trip(call)])]
            steps.append(Step("wait", network.stops[at], now, departs))
            at = int(table.stop[call + calls])
            steps.append(Step("ride", network.stops[at], departs, arrives, route.id))
            now = arrives
            if not (at == goal and network.centres[at].tier == "gateway"):
                now = int(ready_at(network.centres[at], arrives + network.centres[at].handling_s[route.mode]))
                steps.append(Step("handle", network.stops[at], arrives, now))
        if dest < 0:
            return tuple(steps)
        free = now + int(mile.delay_s[brand + 1, dest])
        if free > now:
            steps.append(Step("hand-over", network.stops[at], now, free))
        attempt = int(mile.attempted_s(np.array([dest]), np.array([free]))[0])
        number = int(mile.round_row[dest])
        leaves = attempt - int(mile.visit_s[dest]) + int(mile.departs_s[number])
        steps.append(Step("wait", network.stops[at], free, leaves))
        steps.append(
            Step("deliver", str(network.places.id[dest]), leaves, attempt, network.rounds[number].id)
        )
        return tuple(steps)

    def _trip(self, call: int) -> int:
        return int(np.searchsorted(self.plan.timetable.first, call, side="right")) - 1


def _profile(stop: StopPlan, code: np.ndarray, ready_s: np.ndarray) -> np.ndarray:
    """Return when items that can leave a stop at these seconds are ready at the stops of codes."""
    week, second = np.divmod(ready_s, WEEK_S)
    at = np.searchsorted(stop.key, code * WEEK_S + second[:, None])
    begin, end = stop.first[code], stop.first[code + 1]
    wraps = at >= end
    at = np.where(wraps, begin, at)
    served = end > begin
    at = np.where(served, at, 0)
    if not len(stop.key):
        return np.full(at.shape, NO_ROUND)
    ready = (week[:, None] + wraps) * WEEK_S + stop.key[at] % WEEK_S + stop.duration_s[at]
    return np.where(served & (ready_s[:, None] < NO_ROUND), ready, NO_ROUND)


def _departure(stop: StopPlan, code: int, ready_s: int) -> tuple[int, int, int] | None:
    """Return the second of the departure to take, its call in the timetable, and the calls to ride."""
    begin, end = int(stop.first[code]), int(stop.first[code + 1])
    if begin == end:
        return None
    week, second = divmod(ready_s, WEEK_S)
    at = begin + bisect_left(stop.key[begin:end].tolist(), code * WEEK_S + second)
    if at == end:
        at, week = begin, week + 1
    departs = week * WEEK_S + int(stop.key[at] % WEEK_S)
    return departs, int(stop.call[stop.departure[at]]), int(stop.alight[at])
