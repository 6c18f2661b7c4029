"""The hours at which the rounds of each base set out, for the mail that comes to it.

Rounds of a base matter to its own mail alone, and each kind of them by itself.  So the best hours follow from
when the mail comes: the search for other choices asks for them at each trial.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.demand.rates import Rates, received
from network.inputs.assumptions import Assumptions
from network.lastmile.weekdays import days_out
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S, Round
from network.operator.choices import later
from network.operator.follow import Flow

__all__ = ["BIN_S", "RoundHours"]

#: Mail that is ready within these seconds counts as ready at their end.
BIN_S = 600
#: Steps in which rounds may set out earlier or later, and how far.
STEP_S, MOST_S = 1800, 12 * 3600
#: The rounds of a base are moved if their mail gains so much, hours.
WORTH_H = 0.5

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Kind:
    """The rounds of a base of one kind."""

    base: str
    kind: str
    stop: int
    share: float  # of what the base delivers
    wait_s: Float  # (bins,) from the end of a bin to the attempt, on the mean of the rounds
    later_s: tuple[int, ...]  # by how much they may set out later; 0 first


@dataclass(frozen=True, eq=False)
class RoundHours:
    """The rounds of a network by base and kind, and by how much each may be moved."""

    kinds: tuple[_Kind, ...]
    stops: int

    @classmethod
    def of(cls, network: Network, rates: Rates) -> RoundHours:
        """Return those of a network by kind."""
        daily = sum((received(rates, kind) for kind in rates.classes), np.zeros(len(network.places)))
        groups: dict[tuple[str, str], list[tuple[Round, float, float]]] = {}
        total = dict.fromkeys(network.stops, 0.0)
        every: dict[tuple[str, str], list[Round]] = {}
        for round_ in network.rounds:
            every.setdefault((round_.base, round_.kind), []).append(round_)
            amount = daily[[network.places.row(place) for place in round_.places]]
            if weight := float(amount.sum()):
                visit_s = float(amount @ np.array(round_.visit_s)) / weight - round_.depart_s
                groups.setdefault((round_.base, round_.kind), []).append((round_, weight, visit_s))
                total[round_.base] += weight
        a = network.assumptions
        kinds = [
            _Kind(
                base,
                kind,
                network.stop_row[base],
                sum(weight for _, weight, _ in rounds) / total[base],
                _waits_s(rounds),
                _later_s(every[base, kind], a),
            )
            for (base, kind), rounds in sorted(groups.items())
        ]
        return cls(tuple(kinds), len(network.stops))

    def waits_s(self, flows: Iterable[Flow], move: bool) -> tuple[float, dict[tuple[str, str], int]]:
        """Return how long mail waits for its attempt, and how much later rounds set out for it.

        Parameters
        ----------
        flows
            Mail that is ready for its rounds; parts of the same mail.
        move
            Whether rounds may be moved.

        Returns
        -------
        tuple
            Item-seconds over all flows, and seconds by base and kind of those that are moved.
        """
        bins = WEEK_S // BIN_S
        ready = np.zeros(self.stops * bins)
        for flow in flows:
            ready += np.bincount(flow.stop * bins + flow.second // BIN_S, flow.items, len(ready))
        by_stop = ready.reshape(self.stops, bins)
        total, moved = 0.0, {}
        for kind in self.kinds:
            mail = by_stop[kind.stop]
            options = kind.later_s if move else kind.later_s[:1]
            waits = np.array([mail @ np.roll(kind.wait_s, later_s // BIN_S) for later_s in options])
            best = int(waits.argmin())
            if waits[0] - waits[best] < WORTH_H * 3600 * mail.sum():
                best = 0
            if best:
                moved[kind.base, kind.kind] = options[best]
            total += kind.share * float(waits[best])
        return total, moved


def _waits_s(rounds: Iterable[tuple[Round, float, float]]) -> Float:
    """Return how long mail that is ready at the end of each bin of the week waits; (bins,)."""
    ends = np.arange(1, WEEK_S // BIN_S + 1) * BIN_S
    waits, total = np.zeros(len(ends)), 0.0
    for round_, weight, visit_s in rounds:
        days = np.sort(np.array(round_.weekdays, dtype=np.int64) * DAY_S + round_.depart_s)
        at = np.searchsorted(days, ends)
        waits += weight * (days[at % len(days)] + WEEK_S * (at == len(days)) + visit_s - ends)
        total += weight
    return waits / total


def _later_s(rounds: Iterable[Round], a: Assumptions) -> tuple[int, ...]:
    """Return the seconds by which rounds may set out later, or earlier; 0 first.

    They set out and visit by daylight on the days they did, and are back by the hour at which the base takes
    in what they collect.
    """
    earliest, latest = (round(a[name] * 3600) for name in ("earliest_return_h", "latest_return_h"))
    steps = [s for s in range(-MOST_S, MOST_S + 1, STEP_S) if s]

    def good(old: Round, new: Round) -> bool:
        visits = zip(old.visit_s, new.visit_s, strict=True)
        by_day = all(b // DAY_S == a // DAY_S and b % DAY_S <= max(latest, a % DAY_S) for a, b in visits)
        in_time = new.back_s is None or new.back_s <= new.intake_s == old.intake_s
        no_longer = days_out(new.depart_s, new.intake_s) <= days_out(old.depart_s, old.intake_s)
        return earliest <= new.depart_s <= latest and by_day and in_time and no_longer

    return (0, *(s for s in steps if all(good(r, later(r, s, a)) for r in rounds)))
