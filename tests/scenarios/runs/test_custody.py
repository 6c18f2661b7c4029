"""Custody in a stored run: hands counted, and the chain of one item as the simulation recorded it."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter

import pytest
from typer.testing import CliRunner, Result

from network.model.network import Network
from scenarios.cli import app
from scenarios.definition.resolve import load_scenario
from scenarios.runs.custody import chain, count_hands, longest_chains
from scenarios.runs.folder import StoredRun
from scenarios.runs.run import run_scenario
from scenarios.support.folders import StoreError


@pytest.fixture(scope="module")
def stored(small_network: Network, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    resolved = load_scenario("xizang-2021").with_run(
        warmup_days=0, measured_days=7, workers=1, replications=2
    )
    out = tmp_path_factory.mktemp("runs") / "two"
    return run_scenario(resolved, out, plots=False, fitted=small_network)


def rows(stored: StoredRun, replication: int) -> list[tuple[int, str, int, str]]:
    """Return key, hand, second and where of the hands of a replication."""
    log = stored.columns("custody")
    mine = log["replication"] == replication
    columns = (log[name][mine].tolist() for name in ("key", "hand", "from_s", "where"))
    return list(zip(*columns, strict=True))


def yizhan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("replication", [0, 1])
def test_hands_are_counted_by_replication_and_kind(stored: StoredRun, replication: int) -> None:
    log = rows(stored, replication)
    times = Counter(hand for _, hand, _, _ in log)
    items = Counter(hand for _, hand in {(key, hand) for key, hand, _, _ in log})
    counts = count_hands(stored, replication)
    assert sum(times.values()) > 50
    assert {c.hand: (c.items, c.times) for c in counts} == {h: (items[h], times[h]) for h in times}
    assert counts[0].hand == "accepted"


def test_the_longest_chains_are_those_of_most_hands(stored: StoredRun) -> None:
    hands = Counter(key for key, *_ in rows(stored, 0))
    expected = sorted(hands.items(), key=lambda row: (-row[1], row[0]))[:4]
    assert longest_chains(stored, 4) == expected


def test_a_chain_tells_when_who_and_where(stored: StoredRun) -> None:
    key, hands = longest_chains(stored, 1)[0]
    log = [row for row in rows(stored, 0) if row[0] == key]
    told = chain(stored, key)
    assert len(told) == hands == len(log)
    start = dt.datetime.combine(stored.scenario.plan.start, dt.time())
    assert [(start + dt.timedelta(seconds=s), hand, where) for _, hand, s, where in log] == [
        (hand.time, hand.hand, hand.where) for hand in told
    ]
    names = stored.network.places
    for hand in told:
        if hand.hand in ("taken in", "unloaded", "delivered"):
            assert hand.name == names.name_en[names.row(hand.where)]
        elif hand.hand in ("boarded", "out on round"):
            assert hand.name == ""


def test_what_is_not_there_is_refused(stored: StoredRun) -> None:
    with pytest.raises(StoreError, match="no confidential item 5 in replication 0"):
        chain(stored, 5)
    with pytest.raises(StoreError, match="has replications 0 to 1, no 2"):
        count_hands(stored, 2)


def test_the_command_shows_counts_and_a_chain(stored: StoredRun) -> None:
    shown = yizhan("custody", str(stored.path), "--most", "1")
    key, hands = longest_chains(stored, 1)[0]
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[-1].split() == [str(key), str(hands)]
    accepted = count_hands(stored)[0]
    assert ["accepted", f"{accepted.items:,}", f"{accepted.times:,}"] in [
        line.split() for line in shown.stdout.splitlines()
    ]
    lines = yizhan("custody", str(stored.path), "--item", str(key)).stdout.splitlines()
    assert len(lines) == hands + 2 and all(len(line) <= 80 for line in lines)
    assert lines[2].startswith(f"{chain(stored, key)[0].time}   accepted")


def test_the_command_writes_csv(stored: StoredRun) -> None:
    key, _ = longest_chains(stored, 1)[0]
    text = yizhan("custody", str(stored.path), "--item", str(key), "--csv").stdout
    table = list(csv.DictReader(text.splitlines()))
    assert [row["hand"] for row in table] == [hand.hand for hand in chain(stored, key)]
    assert list(table[0]) == ["time", "hand", "where", "name"]
    counts = list(csv.DictReader(yizhan("custody", str(stored.path), "--csv").stdout.splitlines()))
    assert {row["hand"]: int(row["times"]) for row in counts} == {
        count.hand: count.times for count in count_hands(stored)
    }
