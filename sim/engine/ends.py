"""How items end: delivered, handed over at a gateway, or returned to the sender, now or at a later second."""

from __future__ import annotations

import numpy as np

from sim.engine.endpoints import Ways
from sim.state.pool import Pool
from sim.state.records import DELIVERED, HANDED_OVER, RETURNED, ItemLog

__all__ = ["GOING_BACK", "ON_ROUND", "Ends"]

#: Outcome of each term of the ledger that counts ends, in the order in which a midnight writes them.
OUTCOMES = {"handed_over": HANDED_OVER, "delivered": DELIVERED, "returned": RETURNED}
GOING_BACK = "going_back"
ON_ROUND = ("delivered", "returned", GOING_BACK)  # what is out on a round until then

Block = tuple[np.ndarray, np.ndarray]  # slots, and the second of each


class Ends:
    """Items that have ended or will, and those on a round that are then sent back to their senders.

    Parameters
    ----------
    pool, log
        The items in transit, and the records of what became of them.
    ways
        Where items go that are sent back.
    base
        (places,) stop of each place's round.
    """

    def __init__(self, pool: Pool, log: ItemLog, ways: Ways, base: np.ndarray) -> None:
        self._pool, self._log, self._ways, self._base = pool, log, ways, base
        self._blocks: dict[str, list[Block]] = {term: [] for term in (*OUTCOMES, GOING_BACK)}
        self.count = dict.fromkeys(OUTCOMES, 0)

    def deliver(self, slots: np.ndarray, when: np.ndarray) -> None:
        """Let items be delivered at these seconds."""
        self._blocks["delivered"].append((slots, when))

    def hand_over(self, slots: np.ndarray, when: np.ndarray) -> None:
        """Let items leave the region at a gateway; what has had an attempt is back with its sender."""
        back = self._pool.attempts[slots] > 0
        if np.count_nonzero(back):
            self.give_back(slots[back], when[back])
            slots, when = slots[~back], when[~back]
        self._blocks["handed_over"].append((slots, when))

    def give_back(self, slots: np.ndarray, when: np.ndarray) -> None:
        """Return items to their senders at these seconds."""
        self._blocks["returned"].append((slots, when))

    def fail(self, slots: np.ndarray, when: np.ndarray) -> None:
        """Write the first of the attempts that fail at these seconds."""
        first = self._pool.attempts[slots] == 1
        self._log.attempt(self._pool, slots[first], when[first])

    def send_back(self, slots: np.ndarray, back_s: np.ndarray) -> None:
        """Send items back to their senders from when a round has brought them back to its base.

        Without a way they are given back there.
        """
        pool = self._pool
        aim, is_open = self._ways.back(pool.aim[slots], self._base[pool.dest[slots]], pool.sender[slots])
        pool.aim[slots[is_open]] = aim[is_open]
        self.give_back(slots[~is_open], back_s[~is_open])
        self._blocks[GOING_BACK].append((slots[is_open], back_s[is_open]))

    def take_back(self, until_s: int) -> Block | None:
        """Return what bases take in again up to a second, to be sent on, and when; it is no longer here."""
        blocks = self._blocks[GOING_BACK]
        if not blocks:
            return None
        slots, back_s = _joined(blocks)
        due = back_s <= until_s
        self._blocks[GOING_BACK] = [] if due.all() else [(slots[~due], back_s[~due])]
        return slots[due], back_s[due]

    def write(self, now: int) -> int:
        """Record the ends before `now` and free their slots; return the seconds that they were in transit.

        Those are counted from the intake at the first centre, or the entry at a gateway.
        """
        spent_s = 0
        for term, outcome in OUTCOMES.items():
            blocks = self._blocks[term]
            if not blocks:
                continue
            slots, when = _joined(blocks)
            past = when < now
            later = len(slots) - np.count_nonzero(past)
            self._blocks[term] = [(slots[~past], when[~past])] if later else []
            if later:
                slots, when = slots[past], when[past]
            self._log.end(self._pool, slots, when, outcome)
            self.count[term] += len(slots)
            spent_s += int((when - self._pool.begin[slots]).sum())
            self._pool.give_back(slots)
        self._log.hand_over()
        return spent_s

    def to_come(self, *terms: str) -> list[Block]:
        """Return the blocks of some terms that are not written yet."""
        return [block for term in terms for block in self._blocks[term]]


def _joined(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return np.concatenate([slots for slots, _ in blocks]), np.concatenate([when for _, when in blocks])
