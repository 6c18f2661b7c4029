"""Acceptance: a day's items get their stops and their first queue, or are refused where there is no way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from network.demand.rates import ItemClass
from network.model.network import Network
from network.model.records import DAY_S
from sim.chance.draws import Draws
from sim.demand.items import Items
from sim.engine.endpoints import Ways
from sim.engine.haul import Haul
from sim.state.custody import ACCEPTED, TAKEN_IN, Custody
from sim.state.pool import Pool
from sim.state.records import ItemLog

__all__ = ["Acceptance"]


class Acceptance:
    """Takes in the items of one day after the other.

    Parameters
    ----------
    network, classes
        The network, and the classes of mail.
    ways, haul
        Where items go, and what carries them.
    pool, log, custody, draws
        The items in transit, their records, and the run's chance.
    """

    def __init__(
        self,
        network: Network,
        classes: Sequence[ItemClass],
        ways: Ways,
        haul: Haul,
        pool: Pool,
        log: ItemLog,
        custody: Custody,
        draws: Draws,
    ) -> None:
        self._ways, self._haul = ways, haul
        self._pool, self._log, self._custody, self._draws = pool, log, custody, draws
        self._priority = np.array([kind.priority for kind in classes], dtype=np.int8)
        self._classes = len(classes)
        self._handling_s = np.array([centre.handling_s.get("collect", 0) for centre in network.centres])
        self.count = {"accepted": 0, "refused": 0}

    def accept(self, items: Items, day: int) -> None:
        """Accept the items of a day."""
        order, n = self.count["accepted"], len(items)
        accepted = items.accepted_s.astype(np.int64) + day * DAY_S
        way = self._ways.forth(items, accepted)
        kept: np.ndarray | slice = slice(None)
        rows, refused = np.arange(n), 0
        if not way.open.all():
            kept = rows = np.flatnonzero(way.open)
            refused = n - len(rows)
            for stage in (way.upstream_s, way.collect_s):
                stage[~way.open] = 0
        pool = self._pool
        slots = pool.take(self._priority[items.cls[kept]], order + rows)
        pool.key[slots] = items.key[kept]
        pool.luck[slots] = self._draws.luck(items.key[kept])
        pool.brand[slots] = items.brand[kept]
        pool.dest[slots] = items.dest[kept]
        pool.sender[slots] = way.sender[kept]
        pool.aim[slots] = way.aim[kept]
        pool.account[slots] = way.home[kept] * self._classes + items.cls[kept]
        pool.grams[slots] = items.grams[kept]
        pool.cm3[slots] = items.cm3[kept]
        begin, first = (accepted + way.upstream_s + way.collect_s)[kept], way.first[kept]
        pool.begin[slots] = begin
        self._custody.note(slots, ACCEPTED, accepted[kept], items.origin[kept])
        self._custody.note(slots, TAKEN_IN, begin, first)
        # From here, collected by rounds; from other provinces, on the way to the entry gateway.
        outside = way.inbound[kept]
        self.collect(slots[~outside], begin[~outside], first[~outside])
        self._haul.expect(slots[outside], begin[outside], first[outside])
        self._log.accept(day, order, items, accepted, way.upstream_s, way.collect_s, ~way.open)
        self.count["accepted"] += n
        self.count["refused"] += refused

    def collect(self, slots: np.ndarray, intake_s: np.ndarray, stop: np.ndarray) -> None:
        """Let centres take in what rounds bring at these seconds."""
        self._haul.take_in(slots, intake_s + self._handling_s[stop], stop)
