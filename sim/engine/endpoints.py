"""Which stops items begin and end at, and whether the timetable leads from one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from network.demand.rates import ItemClass
from network.lastmile.handover import counters
from network.model.network import Network
from network.routing.gateways import gates
from network.routing.search import Plan
from sim.demand.items import INBOUND, OUTBOUND, Items
from sim.engine.round_days import RoundDays

__all__ = ["Way", "Ways"]


class Way(NamedTuple):
    """Where items go, and how long they take to the line-haul; columns of equal length."""

    sender: np.ndarray  # place that accepts it, maybe a counter of its firm; -1 - row of the classes outside
    home: np.ndarray  # stop of the round of the item's own place in the region
    first: np.ndarray  # stop where the line-haul begins, -1 where there is none
    aim: np.ndarray  # stop where it ends * groups + group
    upstream_s: np.ndarray  # from acceptance to the entry gateway, of mail from other provinces
    collect_s: np.ndarray  # from acceptance to the intake at the first stop, of the region's own
    inbound: np.ndarray  # whether it comes from another province
    open: np.ndarray  # whether there is a way; where there is none no other column says anything


class Ways:
    """The ways of all items of a run.

    Parameters
    ----------
    network, routing, rounds
        The network, its routing and its rounds.
    classes
        Classes of mail.
    """

    def __init__(
        self, network: Network, routing: Plan, rounds: RoundDays, classes: Sequence[ItemClass]
    ) -> None:
        self.groups = len(routing.groups)
        self._rounds, self._base = rounds, rounds.table.base
        self._gates = gates(network, routing)
        self._counters = counters(network)
        self._reach = np.isfinite(routing.mean_s)  # (groups, from, to)
        self._own = np.array([kind.private_ok for kind in classes]) & (self.groups == 4)

    def forth(self, items: Items, accepted_s: np.ndarray) -> Way:
        """Return the ways of items that are accepted at these seconds."""
        base_of, gate = self._base, self._gates
        inbound, outbound = items.direction == INBOUND, items.direction == OUTBOUND
        comes, goes = np.flatnonzero(inbound), np.flatnonzero(outbound)
        group = 2 * self._own[items.cls] + items.flies
        sender = np.where(inbound, 0, items.origin)
        if self._counters is not None:
            sender = self._counters[items.brand + 1, sender]
        first, home = base_of[sender], base_of[np.where(outbound, 0, items.dest)]
        last = home.copy()
        last[goes] = gate.exit[group[goes], -1 - items.dest[goes], first[goes]]
        own = base_of[items.origin[goes]]
        home[goes] = np.where(own < 0, first[goes], own)  # posted at a counter, where no round goes
        upstream_s, collect_s = np.zeros((2, len(items)), dtype=np.int64)
        entry = group[comes], -1 - items.origin[comes], last[comes]
        first[comes], upstream_s[comes] = gate.entry[entry], gate.entry_s[entry]
        sender[comes] = items.origin[comes]
        is_open = (first >= 0) & (last >= 0)
        is_open &= self._reach[group, first, last]
        inside = np.flatnonzero(is_open & ~inbound)
        taken_s = accepted_s[inside]
        collect_s[inside] = self._rounds.collected(sender[inside], taken_s) - taken_s
        aim = last * self.groups + group
        return Way(sender, home, first, aim, upstream_s, collect_s, inbound, is_open)

    def back(self, aim: np.ndarray, base: np.ndarray, sender: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the aims of items that go back from bases to their senders, and which have a way."""
        group = aim % self.groups
        outside, inside = np.maximum(-1 - sender, 0), np.maximum(sender, 0)
        goal = np.where(sender < 0, self._gates.exit[group, outside, base], self._base[inside])
        return goal * self.groups + group, (goal >= 0) & self._reach[group, base, goal]
