"""Item by item: which items two runs have in common, against a plain dictionary of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from network.model.network import Network
from scenarios.comparison.common_items import common_items, side_by_side
from sim.measures.transit import DIRECTIONS, OUTCOMES

INBOUND, OUTBOUND = DIRECTIONS.index("inbound"), DIRECTIONS.index("outbound")
DELIVERED, IN_TRANSIT = OUTCOMES.index("delivered"), OUTCOMES.index("in_transit")


def _run(network: Network, path: Path, name: str, columns: dict[str, Any], group: int) -> Any:
    path.mkdir()
    pq.write_table(pa.table(columns), path / "items.parquet", row_group_size=group)
    return SimpleNamespace(
        path=path,
        network=network,
        summary={"scenario": name},
        measures=[0, 0],
        check=lambda *_: None,  # the columns are those of this test alone
    )


def _items(rng: np.random.Generator, network: Network) -> dict[str, Any]:
    """Return items of two replications: keys, places and times at random."""
    keys = np.concatenate([np.sort(rng.choice(4000, 1500, replace=False)) for _ in range(2)])
    n = len(keys)
    luck = np.random.default_rng(7).random((3, 4000))[:, keys]  # the same for the same key
    inside = np.flatnonzero(network.places.population > 0)
    direction = (luck[0] * 4).astype(np.int8)
    dest = np.where(direction == OUTBOUND, -1, inside[(luck[1] * len(inside)).astype(int)])
    accepted = (luck[2] * 86400).astype(np.int32)
    outcome = np.where(rng.random(n) < 0.95, DELIVERED, IN_TRANSIT).astype(np.int8)
    ended = np.where(outcome == DELIVERED, accepted + rng.integers(1, 900_000, n), -1).astype(np.int32)
    return {
        "replication": np.repeat(np.int16([0, 1]), 1500),
        "key": keys.astype(np.int64),
        "cls": (keys % len(network.assumptions.table("classes"))).astype(np.int8),
        "direction": direction,
        "dest": dest.astype(np.int32),
        "accepted_s": accepted,
        "ended_s": ended,
        "outcome": outcome,
    }


@pytest.fixture(scope="module")
def both(small_network: Network, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    rng = np.random.default_rng(2)
    a, b = _items(rng, small_network), _items(rng, small_network)
    b["dest"][::97] = a["dest"][a["dest"] >= 0][0]  # the same key sent elsewhere is another item
    folder = tmp_path_factory.mktemp("items")
    runs = (
        _run(small_network, folder / "a", "base", a, 70),
        _run(small_network, folder / "b", "other", b, 113),
    )
    return *runs, a, b


def test_runs_are_read_side_by_side_without_losing_a_row(both: tuple[Any, ...]) -> None:
    base, other, a, b = both
    seen: list[list[tuple[int, int]]] = [[], []]
    for replication, x, y in side_by_side(base, other):
        assert set(x["replication"]) | set(y["replication"]) <= {replication}
        for rows, part in zip(seen, (x, y), strict=True):
            rows += zip(part["replication"].tolist(), part["key"].tolist(), strict=True)
    for rows, whole in zip(seen, (a, b), strict=True):
        assert rows == list(zip(whole["replication"].tolist(), whole["key"].tolist(), strict=True))


def test_items_in_both_and_in_one_only_are_counted_and_compared(both: tuple[Any, ...]) -> None:
    base, other, a, b = both
    rows = {(row["kind"], row["group"]): row for row in common_items(base, other)}

    def items(c: dict[str, Any]) -> dict[tuple[int, ...], tuple[Any, ...]]:
        lists = [c[name].tolist() for name in ("replication", "key", "dest", "accepted_s")]
        told = [c[name].tolist() for name in ("cls", "direction", "ended_s")]
        return {
            key: (*about, end - key[3] if end >= 0 else None)
            for key, *about, end in zip(zip(*lists, strict=True), *told, strict=True)
        }

    x, y = items(a), items(b)
    for at, name in enumerate(DIRECTIONS):
        bundle = [row["flow"] == "place" for row in base.network.assumptions.table("classes")]
        mine = [{k: v for k, v in z.items() if v[1] == at and not bundle[v[0]]} for z in (x, y)]
        row = rows["direction", name]
        shared = mine[0].keys() & mine[1].keys()
        assert row["in_both"] * 2 == len(shared) > 100
        assert row["only_base"] * 2 == len(mine[0]) - len(shared)
        assert row["only_other"] * 2 == len(mine[1]) - len(shared) > 0
        came = [k for k in shared if mine[0][k][2] is not None and mine[1][k][2] is not None]
        assert row["arrived_in_both"] * 2 == len(came)
        assert row["faster"] * 2 == sum(mine[1][k][2] < mine[0][k][2] for k in came)
        by = [[mine[1][k][2] - mine[0][k][2] for k in came if k[0] == number] for number in (0, 1)]
        assert row["difference_h"] == pytest.approx(np.mean([np.mean(part) / 3600 for part in by]))
        every = [
            [v[2] for k, v in mine[0].items() if k[0] == number and v[2] is not None] for number in (0, 1)
        ]
        assert row["all_base_h"] == pytest.approx(np.mean([np.mean(part) / 3600 for part in every]))


def test_a_run_has_all_its_items_in_common_with_itself(both: tuple[Any, ...]) -> None:
    base = both[0]
    for row in common_items(base, base):
        assert (row["only_base"], row["only_other"], row["faster"], row["slower"]) == (0, 0, 0, 0)
        assert row["difference_h"] in (0.0, None)
