"""The daily close: at each midnight what has ended is written, the ledger walked, the queues noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.engine.ends import ON_ROUND, Ends
from sim.engine.haul import Haul
from sim.engine.rounds import Rounds
from sim.state.ledger import IN_TRANSIT, Ledger, astray
from sim.state.pool import Pool
from sim.state.records import ItemLog

__all__ = ["DailyClose"]

_NONE = np.zeros(0, dtype=np.int64)


class DailyClose:
    """Knows where all items are, and keeps what each midnight found.

    Parameters
    ----------
    stops
        Names of the stops.
    haul, rounds, ends, pool
        Wherever items can be.
    base
        (places,) stop of each place's round.

    Attributes
    ----------
    ledgers, spent_s, waiting, waiting_rounds
        A row a midnight, as in `sim.result.RunResult`.
    """

    def __init__(
        self, stops: Sequence[str], haul: Haul, rounds: Rounds, ends: Ends, pool: Pool, base: np.ndarray
    ) -> None:
        self._names, self._base = stops, base
        self._haul, self._rounds, self._ends, self._pool = haul, rounds, ends, pool
        self.ledgers: list[Ledger] = []
        self.spent_s: list[int] = []
        self.waiting: list[list[int]] = []
        self.waiting_rounds: list[np.ndarray] = []

    def close(self, now: int, taken: Mapping[str, int]) -> None:
        """Close a day at midnight; `taken` counts what was accepted and refused so far."""
        self._haul.advance(now, arrived=now - 1)
        self._rounds.settle(now)
        self.spent_s.append(self._ends.write(now))
        stops, moving = self._haul.count(), self.moving()
        terms = {term: sum(counts) for term, counts in stops.items()}
        terms |= {term: sum(map(len, blocks)) for term, blocks in moving.items()}
        ledger = Ledger(time_s=now, **taken, **self._ends.count, **terms)
        ledger.check(lambda: astray(self._pool, self._queues()))
        self.ledgers.append(ledger)
        at_stops = (stops[term] for term in ("lanes", "sorters", "waiting"))
        self.waiting.append([sum(counts) for counts in zip(*at_stops, strict=True)])
        base = self._base[self._pool.dest[np.concatenate([*moving["for_round"], _NONE])]]
        self.waiting_rounds.append(np.bincount(base, minlength=len(self._names)))

    def moving(self) -> dict[str, list[np.ndarray]]:
        """Return the slots of what is not at a stop, or there for a round, by term of the ledger."""
        return {
            "riding": self._haul.riding(),
            "for_round": self._rounds.held(),
            "on_round": [*(slots for slots, _ in self._ends.to_come(*ON_ROUND)), *self._rounds.coming_back()],
        }

    def _queues(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name every queue that the ledger walks."""
        for stop in self._haul.stops:
            for term, blocks in stop.held().items():
                yield from ((f"{term} at {self._names[stop.row]}", block) for block in blocks)
        for term, blocks in self.moving().items():
            yield from ((term, block) for block in blocks)

    def hold(self, now: int, log: ItemLog) -> None:
        """Record where the items in transit are when the run ends; attempts still to come are not counted."""
        pool = self._pool
        for slots, when in self._ends.to_come("delivered"):
            pool.tried[slots] = when
        self._haul.close()
        for term, blocks in self.moving().items():
            slots = np.concatenate([*blocks, _NONE])
            if term == "on_round":
                pool.attempts[slots] -= (pool.attempts[slots] > 0) & (pool.tried[slots] >= now)
            at = self._base[pool.dest[slots]] if term == "for_round" else -1
            log.hold(pool, slots, IN_TRANSIT.index(term), at)
        for stop in self._haul.stops:
            for term, blocks in stop.held().items():
                if blocks:
                    log.hold(pool, np.concatenate(blocks), IN_TRANSIT.index(term), stop.row)
