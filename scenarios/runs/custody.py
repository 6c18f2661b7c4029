"""Custody of confidential mail in a stored run: how often hands changed, and the chain of one item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.model.network import Network
from network.numeric.columns import Column
from scenarios.runs.folder import StoredRun
from scenarios.support.folders import StoreError
from sim.state.custody import HANDS

__all__ = ["CHAIN_COLUMNS", "COUNT_COLUMNS", "Hand", "HandCount", "chain", "count_hands", "longest_chains"]

COUNT_COLUMNS = (
    Column("hand", "str", "", "kind of hand, in the order of a journey"),
    Column("items", "int64", "items", "that were in such a hand"),
    Column("times", "int64", "times", "that items came into such a hand"),
)
CHAIN_COLUMNS = (
    Column("time", "str", "", "date and time from which the item is in this hand"),
    Column("hand", "str", "", "kind of hand"),
    Column("where", "str", "", "place, stop, mail route, round, or origin outside, by its id"),
    Column("name", "str", "", "name of the place or stop; empty for routes and rounds"),
)


class HandCount(NamedTuple):
    """How often confidential items came into a kind of hand."""

    hand: str
    items: int
    times: int


class Hand(NamedTuple):
    """A hand in which an item is from a moment on."""

    time: dt.datetime
    hand: str
    where: str
    name: str


def count_hands(run: StoredRun, replication: int = 0) -> list[HandCount]:
    """Return how often items came into each kind of hand, in the order of a journey."""
    log = _log(run, replication)
    counts = []
    for hand in HANDS:
        keys = log["key"][log["hand"] == hand]
        counts.append(HandCount(hand, len(np.unique(keys)), len(keys)))
    return counts


def longest_chains(run: StoredRun, most: int, replication: int = 0) -> list[tuple[int, int]]:
    """Return the keys of the items with the most hands, and how many these are; of equals the lower key."""
    keys, hands = np.unique(_log(run, replication)["key"], return_counts=True)
    order = np.argsort(-hands, kind="stable")[:most]
    return [(int(keys[row]), int(hands[row])) for row in order]


def chain(run: StoredRun, key: int, replication: int = 0) -> list[Hand]:
    """Return the hands of an item, first to last.

    Raises
    ------
    StoreError
        If no confidential item of the replication has this key.
    """
    log = _log(run, replication)
    rows = np.flatnonzero(log["key"] == key)
    if not len(rows):
        raise StoreError(
            f"no confidential item {key} in replication {replication} of {run.path}; "
            "custody.parquet has the keys"
        )
    midnight = dt.datetime.combine(run.scenario.plan.start, dt.time())
    columns: Sequence[list[Any]] = [log[name][rows].tolist() for name in ("from_s", "hand", "where")]
    return [
        Hand(midnight + dt.timedelta(seconds=from_s), hand, where, _name(run.network, hand, where))
        for from_s, hand, where in zip(*columns, strict=True)
    ]


def _name(network: Network, hand: str, where: str) -> str:
    """Return the name of a place, stop or origin outside; nothing for a route or round."""
    if hand in ("boarded", "out on round"):
        return ""
    outside = {str(row["code"]): str(row.get("name", "")) for row in network.assumptions.table("outside")}
    return outside[where] if where in outside else str(network.places.name_en[network.places.row(where)])


def _log(run: StoredRun, replication: int) -> dict[str, NDArray[Any]]:
    log = run.columns("custody")
    rows = log.pop("replication") == replication
    if not rows.any() and not 0 <= replication < len(run.replications):
        last = len(run.replications) - 1
        raise StoreError(f"{run.path} has replications 0 to {last}, no {replication}")
    return {name: column[rows] for name, column in log.items()}
