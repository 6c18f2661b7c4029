"""Batches at the centres of a mean week: what waits before each of them, and when a part of one is ready."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.linehaul.timetable import Timetable
from network.model.network import Network
from network.model.records import MODES, WEEK_S
from network.model.working_hours import Hours

__all__ = ["Arrivals", "Queues", "arrivals", "queues"]

Float = NDArray[np.float64]
Int = NDArray[np.int64]
_HOUR_S = 3600


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Events of a week at which mail joins a centre's lanes: each call of the timetable, then each intake."""

    stop: Int  # (events,)
    joins_s: Int  # (events,) on the clock of the timetable
    calls: int  # how many of them are calls

    def intake(self, start: Int, when_s: Int) -> Int:
        """Return the events of what stops take in at seconds of the week."""
        key = self.stop[self.calls :] * WEEK_S + self.joins_s[self.calls :]
        return self.calls + np.searchsorted(key, start * WEEK_S + when_s)


def arrivals(network: Network, table: Timetable, start: Int, when_s: Int) -> Arrivals:
    """Return the events of a timetable, and of what stops take in at seconds of the week."""
    handling = np.array([[centre.handling_s[mode] for mode in MODES] for centre in network.centres])
    mode = np.array([MODES.index(route.mode) for route in network.routes])[table.route]
    joins = table.arrive_s + handling[table.stop, np.repeat(mode, np.diff(table.first))]
    taken = np.stack(np.divmod(np.unique(start * WEEK_S + when_s), WEEK_S))
    return Arrivals(
        np.concatenate([table.stop, taken[0]]), np.concatenate([joins, taken[1]]), len(table.stop)
    )


@dataclass(frozen=True, eq=False)
class Queues:
    """What each arrival finds at its centre, in seconds of its working time."""

    network: Network
    arrivals: Arrivals
    before_s: Float  # (events,) work before it
    batch_s: Float  # (events,) its own work
    use: Float  # (stops,) share of a week's work that the week's mail takes; 0 without lanes

    def ready_s(self, part: float) -> Int:
        """Return when the item at a part of each batch is ready; (events,), on the clock of the arrivals."""
        waits = np.rint(self.before_s + part * self.batch_s).astype(np.int64)
        ready = self.arrivals.joins_s.copy()
        for row, centre in enumerate(self.network.centres):
            at = self.arrivals.stop == row
            hours = Hours(centre.shifts_s)
            if centre.lanes:
                own = -(-_HOUR_S // centre.lane_rate_per_h) - (-_HOUR_S // centre.sorter_rate_per_h)
                ready[at] = hours.clock(hours.worked(ready[at]) + own + waits[at])
            else:
                ready[at] = hours.opens(ready[at])
        return ready


def queues(network: Network, events: Arrivals, items: Float) -> Queues:
    """Return the queues of a week that is like every other.

    Parameters
    ----------
    network
        Its centres.
    events
        When mail comes.
    items
        (events,) how many.

    Notes
    -----
    A fluid: lanes and sorters together are one server, as quick as the slower of both, in the hours of work
    (Lindley's recursion over two weeks, of which the second counts).
    """
    before, batch = np.zeros(len(items)), np.zeros(len(items))
    use = np.zeros(len(network.centres))
    second = events.joins_s % WEEK_S
    for row, centre in enumerate(network.centres):
        at = np.flatnonzero((events.stop == row) & (items > 0))
        if not centre.lanes or not len(at):
            continue
        hours = Hours(centre.shifts_s)
        least = min(centre.lanes * centre.lane_rate_per_h, centre.sorters * centre.sorter_rate_per_h)
        week_s = 7 * hours.day_s
        at = at[np.argsort(second[at], kind="stable")]
        moment, own = hours.worked(second[at]), items[at] * _HOUR_S / least
        clock = np.concatenate([moment, moment + week_s])
        done = np.cumsum(np.tile(own, 2)) - np.tile(own, 2) - clock
        waits = done - np.minimum.accumulate(done)
        before[at], batch[at] = waits[len(at) :], own
        use[row] = own.sum() / week_s
    return Queues(network, events, before, batch, use)
