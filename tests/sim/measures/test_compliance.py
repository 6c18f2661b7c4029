"""Items that keep limits, and what would have brought the others in time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from network.accessibility.service_standards import WorkingDays, open_days
from network.inputs.standards import Limit
from network.inputs.tables import load_region
from network.lastmile.handover import handover_s
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from sim.demand.items import INBOUND
from sim.measures.compliance import COLUMNS, COUNTS, MENDINGS, Batches, Check, Waits, keep
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import simulate

MONDAY = dt.date(2021, 5, 10)
PLAN = RunPlan(MONDAY, 7, 14)
H = 3600


def limit(unit: str = "hours", value: float = 96, **more: Any) -> Limit:
    known = {"code": "x", "classes": ("express",), "directions": ("inbound",), "areas": (), "share": None}
    rest = {"except_hard_to_reach": False, "certainty": "known", "source": "", "note": ""}
    return Limit(**{**known, "unit": unit, "value": value, **rest, **more})


@pytest.fixture(scope="module")
def run(small_network: Network) -> RunResult:
    return simulate(small_network, PLAN)


def with_replication(items: dict[str, np.ndarray], number: int = 0) -> dict[str, np.ndarray]:
    return {**items, "replication": np.full(len(items["key"]), number, dtype=np.int16)}


def in_parts(
    items: dict[str, np.ndarray], size: int
) -> Callable[[Sequence[str]], Iterable[dict[str, np.ndarray]]]:
    def chunks(columns: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
        for first in range(0, len(items["key"]), size):
            yield {name: items[name][first : first + size] for name in columns}

    return chunks


def class_row(network: Network, code: str) -> int:
    return [row["code"] for row in network.assumptions.table("classes")].index(code)


# ---------------------------------------------------------------- waits


def test_with_daily_rounds_items_come_as_many_days_earlier_as_was_said(
    small_network: Network, run: RunResult
) -> None:
    """The whole model with daily rounds, against arithmetic on a run without them."""
    daily = replace(
        small_network, rounds=tuple(replace(r, weekdays=tuple(range(7))) for r in small_network.rounds)
    )
    before, after = run.items, simulate(daily, PLAN).items
    assert np.array_equal(before["key"], after["key"])
    waits = Waits(small_network)
    collected = before["origin"] >= 0
    saved = waits.collecting_s(before) // DAY_S
    assert np.array_equal(
        after["collect_s"][collected], (before["collect_s"] - saved * DAY_S)[collected].astype(np.int32)
    )
    assert saved.max() >= 3 and not saved[~collected].any()
    # Mail from outside has no other round, so its whole journey is told to the second.
    mine = (
        (before["direction"] == INBOUND)
        & (before["missed_dispatches"] == 0)
        & (after["missed_dispatches"] == 0)
    )
    mine &= (before["outcome"] == 0) & (after["outcome"] == 0)
    days = waits.delivering_s(before) // DAY_S
    assert mine.sum() > 500 and days[mine].max() >= 3
    assert np.array_equal(after["ended_s"][mine], (before["ended_s"] - days * DAY_S)[mine].astype(np.int32))


def test_what_is_no_wait_for_a_round_stays(small_network: Network, run: RunResult) -> None:
    """Held for hand-over, and on the way with the round: never shorter than both, often exactly that plus."""
    items = run.items
    arrived = (items["outcome"] == 0) & (items["dest"] >= 0)
    waits, held = Waits(small_network), handover_s(small_network)
    round_of = {place: round_ for round_ in small_network.rounds for place in round_.places}
    places = small_network.places.id
    wait, touring = waits.delivering_s(items), waits.touring_s(items)
    for row in np.flatnonzero(arrived)[::37].tolist():
        dest, brand = int(items["dest"][row]), int(items["brand"][row])
        round_ = round_of[places[dest]]
        out = round_.visit_s[round_.places.index(places[dest])] - round_.depart_s
        assert wait[row] == items["deliver_s"][row] - out - held[brand + 1, dest] >= 0
        back = 0
        if items["origin"][row] >= 0:
            sender = round_of[places[items["origin"][row]]]
            back = sender.intake_s - sender.cut_s[sender.places.index(places[items["origin"][row]])]
        assert touring[row] == out + back


# ---------------------------------------------------------------- counts


def plain(
    network: Network, items: dict[str, np.ndarray], check: Check, closed_s: int, waits: Waits
) -> dict[int, Counter[str]]:
    """Count item by item, without arrays."""
    found: dict[int, Counter[str]] = {}
    collecting, delivering = waits.collecting_s(items).tolist(), waits.delivering_s(items).tolist()
    touring = waits.touring_s(items).tolist()
    cls = class_row(network, check.cls)
    way = ("same_prefecture", "within_region", "inbound").index(check.way)
    columns = {name: column.tolist() for name, column in items.items()}
    for row in range(len(items["key"])):
        item = {name: column[row] for name, column in columns.items()}
        if item["cls"] != cls or item["direction"] != way or item["dest"] < 0:
            continue
        told = found.setdefault(item["dest"], Counter())
        told["items"] += 1

        def in_time(seconds: int, item: dict[str, Any] = item) -> bool:
            begun = item["accepted_s"]
            if check.days is None:
                return seconds <= check.limit.value * H
            return bool(check.days.days([begun], [begun + seconds])[0] <= check.limit.value)

        if item["ended_s"] < 0 or item["outcome"] == 2:
            told["not_arrived"] += 1
            told["undecided"] += item["outcome"] == 3 and in_time(closed_s - item["accepted_s"])
            continue
        took = item["ended_s"] - item["accepted_s"]
        waited = collecting[row] + delivering[row] + item["wait_s"]
        spent = {
            "in_time": took,
            "daily_round": took - DAY_S * (collecting[row] // DAY_S + delivering[row] // DAY_S),
            "halved_waits": took - waited // 2,
            "no_waits": took - waited,
            "moving": item["upstream_s"] + item["ride_s"] + touring[row],
            "upstream": item["upstream_s"],
        }
        for key, seconds in spent.items():
            told[key] += in_time(seconds)
    return found


def working_days() -> WorkingDays:
    open_ = open_days(load_region("xizang").calendar, MONDAY, 90, range(5), "all")
    return WorkingDays(open_, open_, 16 * H)


@pytest.mark.slow
@pytest.mark.parametrize("size", [10**9, 333])
@pytest.mark.parametrize(
    ("cls", "way", "unit", "value"),
    [
        ("express", "inbound", "hours", 150),
        ("express", "same_prefecture", "hours", 72),
        ("letter", "within_region", "days", 4),
        ("letter", "inbound", "days", 5),
    ],
)
def test_the_counts_are_those_of_item_after_item(
    small_network: Network, run: RunResult, cls: str, way: str, unit: str, value: float, size: int
) -> None:
    network, n = small_network, len(small_network.places)
    items = with_replication(run.items)
    items = {name: column[::5] for name, column in items.items()}
    items["ended_s"] = items["ended_s"].copy()
    items["outcome"] = items["outcome"].copy()
    items["ended_s"][::11], items["outcome"][::11] = -1, 3  # still under way at close
    # close so early that some of these are not late yet
    closed = int(np.median(items["accepted_s"])) + 60 * H
    check = Check(
        limit(unit, value), cls, way, working_days() if unit == "days" else None, np.zeros(n, dtype=np.intp)
    )
    batches = Batches("replications", 1)
    kept = keep(network, [check], in_parts(items, size), [closed], batches)
    expected = plain(network, items, check, closed, Waits(network))
    assert len(expected) > 5
    for column, name in enumerate(COUNTS):
        counted = np.zeros(n, dtype=np.int64)
        for place, told in expected.items():
            counted[place] = told[name]
        assert kept.places[0, column].tolist() == counted.tolist(), name
    total = kept.places[0].sum(axis=1)
    assert 0 < total[COUNTS.index("undecided")] < total[COUNTS.index("not_arrived")]
    assert 0 < total[1] < total[0]
    assert kept.batches[0].sum(axis=(0, 1)).tolist() == total[:2].tolist()


def test_what_saves_more_brings_more_in_time(small_network: Network, run: RunResult) -> None:
    n = len(small_network.places)
    check = Check(limit(value=120), "express", "inbound", None, np.zeros(n, dtype=np.intp))
    kept = keep(
        small_network,
        [check],
        in_parts(with_replication(run.items), 1000),
        [run.seconds_run],
        Batches("weeks", 2),
    )
    count = dict(zip(COUNTS, kept.places[0].sum(axis=1).tolist(), strict=True))
    assert count["in_time"] < count["daily_round"] <= count["no_waits"]
    assert count["in_time"] < count["halved_waits"] <= count["no_waits"]
    assert count["no_waits"] <= count["moving"] <= count["upstream"] <= count["items"]
    assert set(MENDINGS) < set(COUNTS)


# ---------------------------------------------------------------- batches


def test_items_are_put_into_whole_weeks_where_there_is_one_replication() -> None:
    begin = 7 * DAY_S
    batches = Batches.of(1, (begin, begin + 17 * DAY_S))
    assert (batches.by, batches.number) == ("weeks", 2)
    accepted = begin + np.array([0, WEEK_S - 1, WEEK_S, 2 * WEEK_S - 1, 2 * WEEK_S, 17 * DAY_S - 1])
    assert batches.of_items({"accepted_s": accepted}).tolist() == [0, 0, 1, 1, -1, -1]


def test_items_are_put_by_replication_where_there_are_several() -> None:
    batches = Batches.of(3, (0, 14 * DAY_S))
    assert (batches.by, batches.number) == ("replications", 3)
    assert batches.of_items({"replication": np.array([2, 0], dtype=np.int16)}).tolist() == [2, 0]


def test_places_without_a_cell_are_in_no_batch(small_network: Network, run: RunResult) -> None:
    items = with_replication(run.items)
    cell = np.where(small_network.places.county == "540102", 1, -1).astype(np.intp)
    check = Check(limit(), "express", "inbound", None, cell)
    both = {name: np.concatenate([column, column]) for name, column in items.items()}
    both["replication"] = np.repeat([0, 1], len(items["key"]))
    kept = keep(small_network, [check], in_parts(both, 5000), [run.seconds_run] * 2, Batches.of(2, (0, 1)))
    mine = small_network.places.county == "540102"
    for replication in (0, 1):
        assert (
            kept.batches[0][replication, 1].tolist() == (kept.places[0, :2, mine].sum(axis=0) // 2).tolist()
        )
        assert not kept.batches[0][replication, 0].any()


def test_only_the_columns_named_are_read(small_network: Network, run: RunResult) -> None:
    asked = []

    def chunks(columns: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
        asked.append(tuple(columns))
        items = with_replication(run.items)
        yield {name: items[name] for name in columns}

    n = len(small_network.places)
    check = Check(limit(), "express", "inbound", None, np.zeros(n, dtype=np.intp))
    keep(small_network, [check], chunks, [run.seconds_run], Batches("weeks", 2))
    assert asked == [COLUMNS]
