"""Scheduled times by increments: mail from other provinces, on many networks that differ little from one.

A change of the line-haul (routes, timetable, hours of work) is felt at the stops that it reaches, and only
for the places behind those times are counted anew.  A change of the last mile (rounds, outlets) leaves the
line-haul as it is: its variants are prepared once, for all timetables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from network.accessibility.ends import Ends
from network.accessibility.scheduled_times import ScheduledTimes, scheduled
from network.model.network import Network
from network.routing.from_stops import plan_from
from network.routing.gateways import gates, gateway_rows
from network.routing.search import Plan

__all__ = ["Increment", "Increments"]

_BASIS = "inbound"


class Increments:
    """A network, variants of its last mile, and their scheduled times.

    Parameters
    ----------
    network
        The network.
    variants
        Networks that differ from it in rounds and outlets alone; the network itself by default.
    """

    def __init__(self, network: Network, variants: Sequence[Network] | None = None) -> None:
        self.network = network
        ends = Ends.of(network)
        self.ends = [
            ends if other is network else ends.with_rounds(other)
            for other in ([network] if variants is None else variants)
        ]
        self.plan = _from_gateways(network)
        self.times = [scheduled(network, self.plan, each, (_BASIS,)) for each in self.ends]
        self.entries = _entries(network, self.plan)
        self.ready_h = _ready_h(network, self.plan)

    def with_last_mile(self, other: Network) -> ScheduledTimes:
        """Return the times of a network that differs in rounds and outlets alone; basis "inbound"."""
        return scheduled(self.network, self.plan, self.ends[0].with_rounds(other), (_BASIS,))

    def with_line_haul(self, other: Network) -> Increment:
        """Return what a network is like that differs in routes, timetable and hours of work alone.

        Raises
        ------
        ValueError
            If it has other stops.
        """
        if other.stops != self.network.stops:
            raise ValueError("increments are for networks of the same stops")
        return Increment(self, other, _from_gateways(other))


@dataclass(frozen=True, eq=False)
class Increment:
    """A changed line-haul beside that of the base."""

    base: Increments
    network: Network
    plan: Plan

    @cached_property
    def changed(self) -> np.ndarray:
        """Which stops mail from other provinces reaches otherwise than on the base; (stops,)."""
        stops, kinds = len(self.plan.stops), len(self.plan.groups)
        codes = np.zeros(stops * kinds, dtype=bool)
        for row in gateway_rows(self.network):
            codes |= _differ(self.base.plan, self.plan, row)
        entry, since = _entries(self.network, self.plan)
        other = (entry != self.base.entries[0]) | (since != self.base.entries[1])
        return np.asarray(codes.reshape(stops, kinds).any(axis=1) | other.any(axis=(0, 1)))

    def times(self, variant: int = 0) -> ScheduledTimes:
        """Return the scheduled times with a variant of the last mile; basis "inbound"."""
        ends, before = self.base.ends[variant], self.base.times[variant]
        touched = self.changed[ends.receivers.base_of]
        if not touched.any():
            return before
        part = replace(ends, receivers=ends.receivers.only(touched))
        return before.updated(scheduled(self.network, self.plan, part, (_BASIS,)), touched)

    @cached_property
    def ready_h(self) -> np.ndarray:
        """Mean hours from acceptance to ready at each stop, infinite where no way leads; (stops,)."""
        return _ready_h(self.network, self.plan)


def _from_gateways(network: Network) -> Plan:
    return plan_from(network, gateway_rows(network))


def _entries(network: Network, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    way = gates(network, plan)
    return way.entry, way.entry_s


def _ready_h(network: Network, plan: Plan) -> np.ndarray:
    share = np.array([row["inbound_share"] for row in network.assumptions.table("outside")], dtype=float)
    mean_s = gates(network, plan).mean_entry_s.mean(axis=0)
    return np.asarray(share / share.sum() @ mean_s / 3600)


def _differ(before: Plan, after: Plan, row: int) -> np.ndarray:
    """Return for which codes of a stop departures or durations are not the same; (codes,)."""
    a, b = before.stops[row], after.stops[row]
    other = np.diff(a.first) != np.diff(b.first)
    for code in np.flatnonzero(~other).tolist():
        of_a, of_b = (slice(int(s.first[code]), int(s.first[code + 1])) for s in (a, b))
        other[code] = not (
            np.array_equal(a.key[of_a], b.key[of_b])
            and np.array_equal(a.duration_s[of_a], b.duration_s[of_b])
        )
    return other
