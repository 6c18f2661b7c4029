"""What became of every item, told by the kernel and by the obvious model, side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from obvious import Obvious

from network.model.network import Network
from network.model.records import DAY_S
from sim.demand.items import Demand
from sim.result import RunResult
from sim.state.pool import STAGES
from sim.state.records import CENSORED, DELIVERED, HANDED_OVER, REFUSED, RETURNED

OUTCOMES = {
    "delivered": DELIVERED,
    "handed over": HANDED_OVER,
    "refused": REFUSED,
    "returned": RETURNED,
    "under way": CENSORED,
}


class Row(NamedTuple):
    """What became of one item."""

    outcome: int
    ended_s: int  # first attempt or hand-over; -1: not yet
    stages: tuple[int, ...] | None  # of the time until then
    final_s: int  # -1: under way
    attempts: int
    missed_dispatches: int
    cancelled: int


def by_kernel(result: RunResult) -> dict[int, Row]:
    """Return what became of every item of the cohort, by key."""
    items = result.items
    stages = map(tuple, np.stack([items[name] for name in STAGES], axis=1).tolist())
    names = ("outcome", "ended_s", "final_s", "attempts", "missed_dispatches", "cancelled")
    columns = (items[name].tolist() for name in names)
    rows = zip(items["key"].tolist(), stages, *columns, strict=True)
    return {
        key: Row(outcome, ended, six if ended >= 0 else None, *rest)
        for key, six, outcome, ended, *rest in rows
    }


def by_obvious(network: Network, demand: Demand, result: RunResult) -> dict[int, Row]:
    """Return the same by the obvious model, run for as long as the kernel ran."""
    items = Obvious(network, demand, result.plan.start, result.seconds_run // DAY_S).run()
    rows = {}
    for key in result.items["key"].tolist():  # what is accepted later is not measured
        item = items[key]
        counts = item.attempts, item.missed_dispatches, item.cancelled
        rows[key] = Row(OUTCOMES[item.outcome], item.ended_s, item.stages, item.final_s, *counts)
    return rows


def differing(one: dict[int, Row], other: dict[int, Row]) -> list[tuple[int, Row | None, Row | None]]:
    """Return the items that are not the same in both."""
    keys = sorted(one.keys() | other)
    return [(key, one.get(key), other.get(key)) for key in keys if one.get(key) != other.get(key)]


def disagreements(
    network: Network, demand: Demand, result: RunResult
) -> list[tuple[int, Row | None, Row | None]]:
    """Return the items for which the obvious model disagrees with a result of the kernel."""
    return differing(by_kernel(result), by_obvious(network, demand, result))
