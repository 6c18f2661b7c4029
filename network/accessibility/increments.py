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
from network.routing.gateways import Gates, gates, gateway_rows
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
        self.way = gates(network, self.plan)
        self.times = [scheduled(network, self.plan, each, (_BASIS,), self.way) for each in self.ends]
        self.ready_h = _ready_h(network, self.way)

    def with_last_mile(self, other: Network) -> ScheduledTimes:
        """Return the times of a network that differs in rounds and outlets alone; basis "inbound"."""
        ends = self.ends[0].with_rounds(other)
        return scheduled(self.network, self.plan, ends, (_BASIS,), self.way)

    def with_line_haul(self, other: Network) -> Increment:
        """Return what a network is like that differs in routes, timetable and hours of work alone.

        Raises
        ------
        ValueError
            If it has other stops.
        """
        if other.stops != self.network.stops:
            raise ValueError("increments are for networks of the same stops")
        plan = _from_gateways(other)
        return Increment(self, other, plan, gates(other, plan))


@dataclass(frozen=True, eq=False)
class Increment:
    """A changed line-haul beside that of the base."""

    base: Increments
    network: Network
    plan: Plan
    way: Gates

    @cached_property
    def changed(self) -> np.ndarray:
        """Which stops mail from other provinces reaches otherwise than on the base; (stops,)."""
        stops, kinds = len(self.plan.stops), len(self.plan.groups)
        codes = np.zeros(stops * kinds, dtype=bool)
        for row in gateway_rows(self.network):
            codes |= _differ(self.base.plan, self.plan, row)
        a, b = self.base.way, self.way
        other = (a.entry != b.entry) | (a.entry_s != b.entry_s)
        return np.asarray(codes.reshape(stops, kinds).any(axis=1) | other.any(axis=(0, 1)))

    def times(self, variant: int = 0) -> ScheduledTimes:
        """Return the scheduled times with a variant of the last mile; basis "inbound"."""
        ends, before = self.base.ends[variant], self.base.times[variant]
        touched = self.changed[ends.receivers.base_of]
        if not touched.any():
            return before
        part = replace(ends, receivers=ends.receivers.only(touched))
        return before.updated(scheduled(self.network, self.plan, part, (_BASIS,), self.way), touched)

    @cached_property
    def ready_h(self) -> np.ndarray:
        """Mean hours from acceptance to ready at each stop, infinite where no way leads; (stops,)."""
        return _ready_h(self.network, self.way)


def _from_gateways(network: Network) -> Plan:
    return plan_from(network, gateway_rows(network))


def _ready_h(network: Network, way: Gates) -> np.ndarray:
    share = np.array([row["inbound_share"] for row in network.assumptions.table("outside")], dtype=float)
    mean_s = way.mean_entry_s.mean(axis=0)
    return np.asarray(share / share.sum() @ mean_s / 3600)


def _differ(before: Plan, after: Plan, row: int) -> np.ndarray:
    """Return for which codes of a stop departures or durations are not the same; (codes,)."""
    a, b = before.stops[row], after.stops[row]
    count = np.diff(a.first)
    other = count != np.diff(b.first)
    same = ~other
    of_a, of_b = np.repeat(same, count), np.repeat(same, np.diff(b.first))
    moved = (a.key[of_a] != b.key[of_b]) | (a.duration_s[of_a] != b.duration_s[of_b])
    code = np.repeat(np.flatnonzero(same), count[same])
    other[code[moved]] = True
    return other
