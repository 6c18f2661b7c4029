"""What the tests against theory share: their tolerance, a centre fed one by one, a demand from outside."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tiny import MONDAY, anyhow, make_rates

from network.demand.rates import ItemClass
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S, Centre, Places
from sim.chance.draws import Draws
from sim.demand.items import INBOUND, Items, day_number
from sim.engine.centres import make_station
from sim.engine.unequal import UnequalStation
from sim.measures.statistics import interval
from sim.state.pool import Pool

HOUR_S = 3600
LEVEL = 0.999  # of every interval: a correct program is outside in one of a thousand


def agrees(values: Sequence[float], expected: float, otherwise: float, slack: float = 0.0) -> None:
    """Hold independent replications against a known mean, by Student's interval at `LEVEL`.

    `otherwise` is what the mean would be if the program were wrong by a little; the replications have to
    tell the two apart, or the test says nothing.  `slack` is what whole seconds can make of the mean.
    """
    mean, half_width = interval(values, LEVEL)
    assert abs(mean - expected) <= half_width + slack, (mean, half_width, expected)
    assert abs(mean - otherwise) > half_width + slack, (mean, half_width, otherwise)


class Queue:
    """A centre fed one by one from a Poisson stream; unless said, lanes take an hour and sorters a second.

    Who comes between two seconds joins at the later.  All service takes whole seconds, and rounding up goes
    through every maximum, minimum and whole-second step by which the time of an item follows from those of
    others: each starts in the second up to which its start on a clock without ticks would be rounded.  So
    its wait is wrong by less than a second, of the 3600 that an item takes.
    """

    def __init__(
        self,
        replication: int,
        lanes: int,
        *,
        recheck: str = "aside",
        service: str = "deterministic",
        share: float = 0.0,
        recheck_s: int = 0,
        rate_per_h: int = 1,
        sorters: int = 0,
        sorter_rate_per_h: int = 3_600_000,
    ) -> None:
        self._rng = np.random.default_rng([replication, lanes])
        self._pool, self._draws = Pool(), Draws(1, replication)
        self._operations = Operations(recheck=recheck, service=service)
        self._recheck = share, recheck_s
        # With as many sorters as lanes nothing queues where an item takes a second.
        self._centre = Centre("A", "county", {}, lanes, rate_per_h, sorters or lanes, sorter_rate_per_h)

    def serve(self, n: int, rate: float, priority: np.ndarray | None = None) -> Queue:
        """Let `n` items come, `rate` an hour, and note when each joins and leaves and its service."""
        joined = np.ceil(np.cumsum(self._rng.exponential(HOUR_S / rate, n))).astype(np.int64)
        rank = np.zeros(n, dtype=np.int64) if priority is None else priority
        pool, keys = self._pool, np.arange(n, dtype=np.int64)
        slots = pool.take(rank, keys)
        assert (slots == keys).all()
        pool.key[slots], pool.luck[slots] = keys, self._draws.luck(keys)
        station = make_station(self._centre, self._operations, pool, self._draws, self._recheck)
        if isinstance(station, UnequalStation):
            # A service time is a function of the item: all are asked for at once, since that is much faster.
            self.lane_s, self.sort_s = lane_s, sort_s = station._service(slots)
            station._service = lambda some: (lane_s[some], sort_s[some])
        else:
            centre = self._centre
            self.lane_s, self.sort_s = (
                -(-HOUR_S // rate) for rate in (centre.lane_rate_per_h, centre.sorter_rate_per_h)
            )
        assert station is not None
        left = np.zeros(n, dtype=np.int64)
        cuts = [0, *(np.flatnonzero(np.diff(joined)) + 1).tolist(), n]
        for a, b in itertools.pairwise(cuts):
            batch = slots[a:b]
            if b - a > 1:
                batch = batch[rank[batch].argsort(kind="stable")]
            gone = station.join(int(joined[a]), batch, rank[batch])
            if gone is not None:
                left[gone[0]] = gone[1]
        gone = station.started(1 << 40)
        assert gone is not None
        left[gone[0]] = gone[1]
        self.joined, self.left = joined, left
        self.reported_h = station.waited_s / HOUR_S
        return self

    @property
    def waits(self) -> np.ndarray:
        """How long each item waited, for a lane and for a sorter, in lane services of an hour."""
        waits = self.left - self.joined - self.lane_s - self.sort_s
        assert waits.min() >= 0
        return waits / HOUR_S


class FromOutside:
    """A demand of items of one class accepted outside at given seconds, in place of `items.Demand`.

    Parameters
    ----------
    places, kind
        The places, and the class.
    outside
        Code of the outside class that they come from.
    accepted_s
        Seconds since the first Monday, ascending.
    dest
        Row of the place to which each goes.
    """

    seed = 1

    def __init__(
        self,
        places: Places,
        kind: ItemClass,
        outside: str,
        accepted_s: np.ndarray,
        dest: np.ndarray,
        replication: int = 0,
    ) -> None:
        self.replication = replication
        self.rates = make_rates(places, [kind])
        origin = -1 - self.rates.outside.index(outside)
        self._sender = len(places) - 1 - origin
        self._origin, self._accepted_s, self._dest = origin, accepted_s, dest

    def day(self, date: dt.date) -> Items:
        """Return the items of a date; each weighs a kilogram and measures a litre."""
        day = day_number(date) - day_number(MONDAY)
        mine = slice(*np.searchsorted(self._accepted_s, [day * DAY_S, (day + 1) * DAY_S]))
        n = mine.stop - mine.start
        prefix = (day_number(date) << 20 | self._sender) << 24
        return Items(
            key=prefix + np.arange(n, dtype=np.int64),
            cls=np.zeros(n, dtype=np.int8),
            brand=np.full(n, -1, dtype=np.int8),
            direction=np.full(n, INBOUND, dtype=np.int8),
            origin=np.full(n, self._origin, dtype=np.int32),
            dest=self._dest[mine].astype(np.int32),
            flies=np.zeros(n, dtype=bool),
            accepted_s=(self._accepted_s[mine] - day * DAY_S).astype(np.int32),
            grams=np.full(n, 1000, dtype=np.int32),
            cm3=np.full(n, 1000, dtype=np.int32),
        )


WIDE = 10_000  # lanes and sorters: more than items ever come together


def without_queues(network: Network, factor: float) -> Network:
    """Return a network with part of its demand, where nothing is full and each item finds an idle lane."""
    return replace(
        network,
        centres=tuple(replace(c, lanes=WIDE, sorters=WIDE) if c.lanes else c for c in network.centres),
        vehicle_classes={
            name: replace(kind, payload_kg=1e6, payload_m3=1e4)
            for name, kind in network.vehicle_classes.items()
        },
        assumptions=anyhow(network.assumptions, {"recheck_share": 0}),
        demand=DemandSettings(scales=(DemandScale(factor),)),
    )
