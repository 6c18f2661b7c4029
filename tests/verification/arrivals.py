"""Earliest arrivals by the timetable with one constant transfer time a stop, as routers of passengers count.

The same scan of connections as `network.routing.search`, without what a router of
passengers does not know: handling by mode, hours of work, mode groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from network.linehaul.timetable import Timetable, expand
from network.model.network import Network
from network.model.records import WEEK_S
from network.routing.scan import HOPS, NEVER, scan

__all__ = ["Arrivals", "arrivals"]


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Earliest arrivals from every stop at any moment of the week.

    Departures of all stops stand in order of stop, then time.
    """

    stops: tuple[str, ...]
    first: np.ndarray  # (stops + 1,) int: departures of a stop are rows first[u]:first[u + 1]
    leaves_s: np.ndarray  # (departures,) int64, seconds of the week, ascending within a stop
    value: np.ndarray  # (departures, stops) int64: arrival * HOPS + trips by this departure or a later one

    def at(self, stop: str, time_s: int) -> np.ndarray:
        """Return the earliest arrival at every stop.

        Parameters
        ----------
        stop
            Where the journey begins; the first trip is boarded without a transfer.
        time_s
            When it begins, seconds of the week from Monday 00:00.

        Returns
        -------
        numpy.ndarray
            (stops,) int64 seconds on the same clock, beyond the week's end where need be; `NEVER` where
            no trips lead within the weeks that are searched.
        """
        row = self.stops.index(stop)
        low, high = int(self.first[row]), int(self.first[row + 1])
        if low == high:
            return np.full(len(self.stops), NEVER)
        at = low + int(np.searchsorted(self.leaves_s[low:high], time_s))
        again = np.where(self.value[low] < NEVER, self.value[low] + WEEK_S * HOPS, NEVER)
        best = again if at == high else np.minimum(self.value[at], again)
        return np.where(best < NEVER, best // HOPS, NEVER)


def arrivals(network: Network, transfer_s: Mapping[str, int], timetable: Timetable | None = None) -> Arrivals:
    """Return the earliest arrivals over all mail routes, whatever their mode and carrier.

    Parameters
    ----------
    network
        A built network.
    transfer_s
        Seconds between an arrival at a stop and the first departure that can be caught there.
    timetable
        Of the network, if it is expanded already.

    Raises
    ------
    KeyError
        If a stop with trips has no transfer time.
    """
    table = expand(network) if timetable is None else timetable
    stops = len(table.stops)
    used = np.unique(table.stop).tolist()
    wait = np.zeros(stops, dtype=np.int64)
    wait[used] = [transfer_s[table.stops[row]] for row in used]
    last = np.zeros(len(table.stop), dtype=bool)
    last[table.first[1:] - 1] = True
    legs = np.flatnonzero(~last)
    values, _ = scan(table, legs, table.arrive_s + wait[table.stop], table.arrive_s, stops)
    leaves = table.depart_s[legs] % WEEK_S
    order = np.lexsort((leaves, table.stop[legs]))
    first = np.searchsorted(table.stop[legs][order], np.arange(stops + 1))
    value = values[order]
    for low, high in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        # the best of this departure and all later ones of the week
        value[low:high] = np.minimum.accumulate(value[low:high][::-1], axis=0)[::-1]
    return Arrivals(table.stops, first, leaves[order].astype(np.int64), value)
