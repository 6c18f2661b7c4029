"""Run folders: atomic, resumable by replication, same bytes; what they hold."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import scenarios.runs.layout as layout_module
import scenarios.runs.replicate as replicate_module
import scenarios.runs.run as run_module
from network.accessibility.scheduled_times import scheduled
from network.errors import InputErrors, YizhanError
from network.exchange.archive import dumps
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from scenarios.definition.apply import apply_scenario
from scenarios.definition.resolve import Resolved, load_scenario, resolve
from scenarios.runs.columns import TABLES
from scenarios.runs.costs import read_costs
from scenarios.runs.folder import RunFolder, StoredRun, open_run
from scenarios.runs.layout import FILES
from scenarios.runs.recorded import item_chunks
from scenarios.runs.records import RecordWriter
from scenarios.runs.run import run_scenario
from scenarios.runs.summary import KEYS, combine, flatten, half_widths
from scenarios.runs.summary import assumed as assumed_of
from scenarios.support.broken_off import Interrupted
from scenarios.support.exports import write_records
from scenarios.support.folders import StoreError
from scenarios.support.tables import join_tables, read_chunks, read_columns, read_rows, write_columns
from sim.measures.keys import undocumented
from sim.measures.tally import REASONS
from sim.state.ledger import IN_TRANSIT
from sim.state.records import CENSORED, DELIVERED

SHORT = {"warmup_days": 0, "measured_days": 3}


def short(**run: Any) -> Resolved:
    return load_scenario("xizang-2021").with_run(**{**SHORT, "workers": 1, **run})


@pytest.fixture(scope="module")
def stored(small_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("runs") / "two"
    return run_scenario(short(replications=2), out, plots=False, fitted=small_network)


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "log.json")
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


@pytest.mark.slow
def test_a_run_folder_holds_what_is_promised(stored: Any) -> None:
    names = {path.name for path in stored.path.iterdir()}
    assert names == set(FILES) - {"report.toml", "fitted.json", "plots", "coverage", "service", "validation"}
    assert open_run(stored.path).path == stored.path


@pytest.mark.parametrize("file", sorted(TABLES))
def test_tables_have_the_columns_that_are_declared(stored: Any, file: str) -> None:
    declared = [(column.name, column.dtype) for column in TABLES[file]]
    if file.endswith(".csv"):
        rows = read_rows(stored.path / file, TABLES[file])
        assert [name for name, _ in declared] == list(rows[0])
    else:
        columns = stored.columns(file.removesuffix(".parquet"))
        kinds = ((name, str(column.dtype)) for name, column in columns.items())
        assert [(name, "str" if kind.startswith("<U") else kind) for name, kind in kinds] == declared


@pytest.mark.slow
def test_scheduled_times_stand_beside_those_of_the_run(stored: Any) -> None:
    found = scheduled(stored.network)
    inside = stored.network.places.kind != "gateway"
    for basis in ("inbound", "from_gateway", "regional"):
        told = stored.places[f"{basis}_scheduled_mean_h"]
        assert np.array_equal(told, found.mean_h[basis][inside], equal_nan=True)
        for q in (0.5, 0.8):
            told = stored.places[f"{basis}_scheduled_p{round(100 * q)}_h"]
            assert np.array_equal(told, found.quantile_h(basis, q)[inside], equal_nan=True)
    assert undocumented(stored.summary["scheduled"]) == []
    measures, by_timetable = (dict(flatten(stored.summary[form])) for form in ("measures", "scheduled"))
    known = {key for key in measures if key.split(".")[0] in ("coverage", "equity", "frequency", "access")}
    assert {key for key in known if ".at_close." not in key} <= by_timetable.keys() <= measures.keys()


def test_the_summary_explains_every_key(stored: Any) -> None:
    summary = stored.summary
    assert undocumented(summary["measures"]) == []
    for name, value in summary.items():
        inner = [f"{name}.{key}" for key in value] if isinstance(value, dict) else []
        assert name in KEYS or set(inner) <= KEYS.keys(), name
    assert summary["keys"]["measures"]["transit.all.mean_h"] == "" or "[h]" in str(
        summary["keys"]["measures"]
    )


def test_means_and_half_widths_come_from_the_replications(stored: Any) -> None:
    values = [m["transit"]["all"]["mean_h"] for m in stored.measures]
    assert len(values) == 2 and values[0] != values[1]
    summary = stored.summary
    assert summary["measures"]["transit"]["all"]["mean_h"] == pytest.approx(np.mean(values))
    half = 12.706 * abs(values[0] - values[1]) / 2  # Student, one degree of freedom
    assert summary["half_widths"]["transit"]["all"]["mean_h"] == pytest.approx(half, rel=1e-3)


def test_quantiles_and_shares_have_intervals_as_means_have(stored: Any) -> None:
    for read in (
        lambda measures: measures["transit"]["by_tiers"]["gateway"]["region"]["p80_h"],
        lambda measures: measures["transit"]["all"]["within"]["168"],
        lambda measures: measures["coverage"]["regional"]["within"]["168"]["people"],
    ):
        values = [read(measures) for measures in stored.measures]
        half = 12.706 * abs(values[0] - values[1]) / 2
        assert read(stored.summary["half_widths"]) == pytest.approx(half, rel=1e-3)


def test_the_days_of_a_run_are_kept_and_a_short_one_is_not_judged(stored: Any) -> None:
    days = stored.columns("days")
    for number, total in enumerate(stored.summary["items_total"]):
        mine = days["replication"] == number
        assert days["day"][mine].tolist() == list(range(mine.sum()))
        assert days["accepted"][mine].sum() == total
        assert days["in_transit"][mine][-1] == stored.summary["ledgers"][number]["in_transit"]
    assert stored.summary["warmup"] == {"mser5_days": None, "conclusive": None}


def test_records_are_in_order_of_replication_and_key(stored: Any) -> None:
    items = stored.columns("items")
    order = np.lexsort((items["key"], items["replication"]))
    assert np.array_equal(order, np.arange(len(order)))
    assert set(items["replication"]) == {0, 1}
    stages = sum(items[f"{s}_s"] for s in ("upstream", "collect", "handle", "wait", "ride", "deliver"))
    done = items["outcome"] < 2
    assert np.array_equal(stages[done], (items["ended_s"] - items["accepted_s"])[done])
    assert sum(entry["measures"]["items"]["accepted"] for entry in stored.replications) == len(items["key"])


def test_the_summary_says_how_much_is_assumed(stored: Any) -> None:
    assumed, used = stored.summary["assumed"], stored.network.assumptions
    assert assumed["values"] == len(used) > 100
    assert assumed["lists"] == list(used.tables)
    assert assumed["changed"] == {}
    more = assumed_of(used.replace({"inbound_ratio": 4.0}))
    assert more["changed"] == {"inbound_ratio": {"default": 3.0, "value": 4.0}}


def test_tables_of_a_run_read_well(stored: Any) -> None:
    with (stored.path / "reconciliation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"name", "published", "precision", "built", "unit", "date", "ok"} <= rows[0].keys()
    with (stored.path / "bottlenecks.csv").open(encoding="utf-8", newline="") as file:
        worst = csv.DictReader(file)
        assert worst.fieldnames == ["kind", "rank", "name", "what", "item_h", "items"]
        assert all((row["what"] == "missed dispatches") == (row["kind"] != "centre") for row in worst)
    places = stored.places
    assert len(places["id"]) == (stored.network.places.kind != "gateway").sum()
    assert all(entry["ledger"]["difference"] == 0 for entry in stored.replications)


def test_the_ledger_has_every_midnight_and_closes_at_each(stored: Any) -> None:
    table = stored.columns("ledger")
    ended = sum(table[name] for name in ("delivered", "handed_over", "refused", "returned"))
    in_transit = sum(table[name] for name in IN_TRANSIT if name)
    assert (table["opening"] + table["accepted"] == ended + in_transit).all()
    for entry in stored.replications:
        mine = table["replication"] == entry["replication"]
        assert (np.diff(table["time_s"][mine]) == 86_400).all()
        assert (table["time_s"][mine][0], table["time_s"][mine][-1]) == (0, entry["seconds_run"])
        assert {name: table[name][mine][-1] for name in IN_TRANSIT if name}.items() <= entry["ledger"].items()


def test_what_is_under_way_at_close_sums_to_the_ledger(stored: Any) -> None:
    table = stored.columns("in_transit")
    for entry in stored.replications:
        for term in filter(None, IN_TRANSIT):
            mine = (table["replication"] == entry["replication"]) & (table["term"] == term)
            assert table["items"][mine].sum() == entry["ledger"][term]
    assert set(table["stop"]) <= {"", *stored.network.stops}


def test_every_item_that_was_not_delivered_has_its_reason(stored: Any) -> None:
    rows = stored.undelivered
    counts = [entry["measures"]["items"] for entry in stored.replications]
    missing = [c["refused"] + c["in_transit"] + c["returned"] for c in counts]
    assert sum(float(row["items"]) for row in rows) == pytest.approx(sum(missing) / 2)
    accepted = sum(c["accepted"] for c in counts)
    assert sum(float(row["share"]) for row in rows) == pytest.approx(sum(missing) / accepted)
    items = [float(row["items"]) for row in rows]
    assert items == sorted(items, reverse=True)
    by_reason = stored.summary["measures"]["undelivered"]
    for reason, number in by_reason.items():
        mine = [row for row in rows if row["reason"] == reason]
        assert sum(float(row["items"]) for row in mine) == pytest.approx(number)
        assert {row["meaning"] for row in mine} <= {REASONS[reason]}


@pytest.mark.slow
def test_measures_are_the_same_whether_records_are_kept_or_not(
    stored: Any, small_network: Network, tmp_path: Path
) -> None:
    out = tmp_path / "bare"
    bare = run_scenario(short(replications=2), out, plots=False, records=False, fitted=small_network)
    kept, there = contents(stored.path), contents(bare.path)
    assert kept.keys() - there.keys() == {"items.parquet"}
    assert all(kept[name] == text for name, text in there.items())


@pytest.mark.slow
def test_a_year_holds_exactly_the_published_originating_items(small_network: Network, tmp_path: Path) -> None:
    """From the first second of 1 January to the last of 31 December, whatever came before."""
    none = DemandScale(0.0, ("newspaper", "letter", "parcel", "ems", "confidential"))
    network = replace(small_network, demand=DemandSettings((none,)))
    resolved = load_scenario("xizang-2021").with_run(year=True, workers=1)
    run = run_scenario(resolved, tmp_path / "year", plots=False, fitted=network)
    told, items = run.summary["year_measured"], run.columns("items")
    assert (told["originating_express"], told["published"]) == (40_000, 40_000)
    assert (len(items["key"]), int((items["direction"] != 2).sum())) == (160_000, 40_000)
    assert (run.summary["start"], run.summary["warmup_days"], run.summary["measured_days"]) == (
        "2020-11-30",
        32,
        365,
    )
    days = items["accepted_s"] // 86_400
    assert (days.min(), days.max(), len(np.unique(days))) == (32, 32 + 364, 365)
    assert run.summary["queues"]["tested"] is not None
    assert run.scenario.plan == resolved.plan


def test_the_network_is_kept_and_the_scenario_can_be_run_as_it_is(
    stored: Any, small_network: Network
) -> None:
    assert dumps(stored.network) == dumps(apply_scenario(small_network, short().scenario))
    assert stored.fitted is stored.network
    assert stored.scenario.run.replications == 2
    assert stored.scenario.to_toml() == (stored.path / "scenario.toml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_workers_change_no_byte(stored: Any, small_network: Network, tmp_path: Path) -> None:
    again = run_scenario(short(replications=2, workers=2), tmp_path / "x", plots=False, fitted=small_network)
    assert contents(again.path) == contents(stored.path)


def break_after(monkeypatch: pytest.MonkeyPatch, replications: int, error: BaseException) -> None:
    """Let the run break off when so many replications are written."""
    write = layout_module.write_columns
    seen: set[int] = set()

    def writes(path: Path, columns: Any, replication: int | None = None) -> None:
        if replication is not None:
            seen.add(replication)
        if len(seen) > replications:
            raise error
        write(path, columns, replication)

    monkeypatch.setattr(layout_module, "write_columns", writes)


@pytest.mark.slow
def test_an_interrupted_run_keeps_finished_replications_and_goes_on(
    stored: Any, small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        break_after(patch, 1, KeyboardInterrupt())
        with pytest.raises(Interrupted, match=r"1 of 2 replications finished and kept.*--out") as stop:
            run_scenario(short(replications=2), out, plots=False, fitted=small_network)
    assert (stop.value.kept, stop.value.folder) == (1, out)
    assert not out.exists()
    assert [p.name for p in (tmp_path / "run.partial").glob("replication*")] == ["replication-000"]
    with pytest.raises(StoreError, match="was broken off; finish it with"):
        open_run(out)
    simulated: list[int] = []
    monkeypatch.setattr(
        replicate_module.Keeper,
        "__call__",
        lambda self, result, call=replicate_module.Keeper.__call__: (
            simulated.append(result.plan.replication),
            call(self, result),
        )[1],
    )
    # nothing is fitted again either: no network is handed over and none is built
    monkeypatch.setattr(run_module, "build_base", lambda *_: pytest.fail("fitted again"))
    again = run_scenario(short(replications=2), out, plots=False)
    assert simulated == [1]
    assert contents(again.path) == contents(stored.path)
    assert not (tmp_path / "run.partial").exists()


@pytest.mark.slow
@pytest.mark.parametrize("error", [KeyboardInterrupt(), YizhanError("no room")])
def test_a_run_broken_off_early_leaves_nothing(
    error: BaseException, small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_after(monkeypatch, 0, error)
    with pytest.raises(YizhanError):
        run_scenario(short(), tmp_path / "run", plots=False, fitted=small_network)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="is there already and not empty; choose another --out"):
        run_scenario(short(), tmp_path)
    with pytest.raises(StoreError, match="is there already"):
        run_scenario(short(), tmp_path / "file")


@pytest.mark.slow
def test_an_empty_folder_may_be_given(small_network: Network, tmp_path: Path) -> None:
    out = tmp_path / "empty"
    out.mkdir()
    assert run_scenario(short(), out, plots=False, fitted=small_network).path == out


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (short(seed=2), "seed 1, not 2"),
        (short(measured_days=14), "another scenario"),
    ],
)
def test_a_broken_off_run_of_something_else_is_refused(other: Resolved, message: str, tmp_path: Path) -> None:
    with RunFolder.of(short(), tmp_path / "run"):
        pass
    with pytest.raises(StoreError, match=message), RunFolder.of(other, tmp_path / "run"):
        pytest.fail("it was taken")


def test_fresh_names_are_dated_and_never_taken_twice(tmp_path: Path) -> None:
    with RunFolder.of(short(), root=tmp_path) as first:
        pass
    with RunFolder.of(short(), root=tmp_path) as second:
        pass
    assert first.final.name.startswith("xizang-2021-20")
    assert first.final != second.final


@pytest.mark.slow
def test_more_replications_later_use_those_that_are_there(
    small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        break_after(patch, 2, KeyboardInterrupt())
        with pytest.raises(Interrupted):
            run_scenario(short(replications=3), tmp_path / "run", plots=False, fitted=small_network)
    fewer = run_scenario(short(replications=1), tmp_path / "run", plots=False)
    assert fewer.summary["replications"] == fewer.scenario.run.replications == 1
    assert set(fewer.columns("items")["replication"]) == {0}
    assert not list(fewer.path.glob("replication-*"))


@pytest.mark.slow
def test_changes_are_kept_beside_the_fitted_base(small_network: Network, tmp_path: Path) -> None:
    data = {"base": "xizang-2021", "change": [{"op": "retime_route", "route": "road-003", "per_week": 7}]}
    resolved = resolve(data, "more").with_run(**SHORT)
    run = run_scenario(resolved, tmp_path / "run", plots=False, records=False, fitted=small_network)
    assert dumps(run.fitted) == dumps(small_network)
    assert len(run.network.route("road-003").services[0].starts_s) == 7
    assert run.summary["changed"] == ["timetable: road-003 runs 7 times a week instead of 5"]
    assert not (run.path / "items.parquet").exists()


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no run folder"):
        open_run(tmp_path / "none")
    with pytest.raises(StoreError, match=r"summary\.json, replications\.json"):
        open_run(tmp_path)


def test_a_run_of_an_earlier_format_is_refused_in_one_line(stored: Any, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for path in stored.path.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    versions = json.loads((folder / "versions.json").read_text(encoding="utf-8"))
    assert versions.pop("format") == 2
    (folder / "versions.json").write_text(json.dumps(versions), encoding="utf-8")
    with pytest.raises(StoreError) as refused:
        open_run(folder)
    assert str(refused.value) == f"{folder} was made by an earlier version (format 1): run it again"


@pytest.mark.parametrize("name", ["summary.json", "replications.json", "network.json", "places.parquet"])
@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"PAR1PAR1"])
def test_a_damaged_file_of_a_run_is_named(stored: Any, name: str, damage: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for path in stored.path.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(damage if path.name == name else path.read_bytes())
    run = open_run(folder)
    with pytest.raises((StoreError, InputErrors), match=re.escape(name)):
        getattr(run, name.split(".")[0])


def edited(stored: Any, folder: Path, name: str, edit: Callable[[Any], Any]) -> StoredRun:
    """Return a copy of a run in which one file was edited."""
    shutil.copytree(stored.path, folder)
    path = folder / name
    if path.suffix == ".json":
        data = json.loads(path.read_text(encoding="utf-8"))
        edit(data)
        path.write_text(json.dumps(data), encoding="utf-8")
    elif path.suffix == ".csv":
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        edit(frame).to_csv(path, index=False)
    else:
        write_columns(path, edit(read_columns(path)))
    return open_run(folder)


@pytest.mark.parametrize(
    ("name", "edit", "what"),
    [
        ("summary.json", lambda s: s["needs"].pop("firms"), "needs.firms: Field required"),
        ("summary.json", lambda s: s.update(replications=3), "it is not of 2 replications"),
        ("summary.json", lambda s: s["measures"].pop("cost"), "measures: .*cost is missing"),
        ("summary.json", lambda s: s["measures"]["cost"].update(kg="1"), "cost.kg is no number"),
        ("summary.json", lambda s: s["measures"]["transit"].update(x={}), "transit.x is no measure"),
        (
            "summary.json",
            lambda s: s["measures"]["items"].update(refused=1e300),
            "items.refused is no number",
        ),
        ("replications.json", lambda r: r.reverse(), "not numbered from 0"),
        ("replications.json", lambda r: r[1]["ledger"].pop("riding"), r"1\.ledger: .*without riding"),
        ("versions.json", lambda v: v.pop("seed"), "seed: Field required"),
        ("cost.json", lambda c: c["mean"]["by_input"].pop("fuel"), "cost.by_input.fuel is missing"),
        ("cost_places.csv", lambda t: t.drop(columns="yuan"), "no column yuan"),
        ("cost_places.csv", lambda t: t.assign(yuan=""), "yuan has an empty cell"),
        ("cost_places.csv", lambda t: t.assign(yuan="inf"), "yuan has a number that is not finite"),
        ("undelivered.csv", lambda t: t.assign(items="x"), "could not convert"),
        ("places.parquet", lambda c: {k: v for k, v in c.items() if k != "people"}, "no column people"),
        ("places.parquet", lambda c: c | {"people": c["people"].astype("int64")}, "people is of int64"),
        ("trips.parquet", lambda c: c | {"route": c["route"] + np.int16(999)}, "route has numbers beyond 0"),
        ("trips.parquet", lambda c: c | {"stop": c["stop"] + np.int8(9)}, "stop has numbers beyond 0"),
        ("items.parquet", lambda c: c | {"dest": c["dest"] + np.int32(10**6)}, "dest has numbers beyond"),
        (
            "items.parquet",
            lambda c: c | {"outcome": c["outcome"] + np.int8(9)},
            "outcome has numbers beyond 0",
        ),
        ("items.parquet", lambda c: c | {"replication": c["replication"] + np.int16(1)}, "replication has"),
    ],
)
def test_an_edited_file_of_a_run_is_named_with_what_is_wrong(
    stored: Any, name: str, edit: Callable[[Any], Any], what: str, tmp_path: Path
) -> None:
    run = edited(stored, tmp_path / "run", name, edit)
    stem = name.partition(".")[0]
    with pytest.raises(
        StoreError, match=rf"^damaged: .*{re.escape(name)}: .*{what}.*; run the scenario again$"
    ):
        if name in ("cost.json", "cost_places.csv"):
            read_costs(run)
        elif name.endswith(".parquet"):
            run.columns(stem)
        else:
            getattr(run, stem)


def test_damaged_records_are_named(stored: Any, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for path in stored.path.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    (folder / "items.parquet").write_bytes(b"PAR1")
    (folder / "trips.parquet").unlink()
    run = open_run(folder)
    with pytest.raises(StoreError, match=r"damaged: .*items\.parquet: "):
        list(item_chunks(run)(["key"]))
    with pytest.raises(StoreError, match=r"damaged: .*items\.parquet: "):
        write_records(folder / "items.parquet", tmp_path / "items.csv")
    assert not list(tmp_path.glob("items.csv*"))
    with pytest.raises(StoreError, match=r"has no trips\.parquet"):
        run.columns("trips")


def test_a_folder_is_no_scenario(stored: Any, tmp_path: Path) -> None:
    with pytest.raises(YizhanError, match=r"is a folder; give a scenario by name or file, such as .*\.toml"):
        load_scenario(stored.path)
    with pytest.raises(YizhanError, match=r"is a folder; give a scenario by name or file$"):
        load_scenario(tmp_path)


def some_records(rows: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(rows)
    key = np.cumsum(rng.integers(1, 9, rows))
    return {
        "key": key,
        "cls": (key % 5).astype(np.int8),
        "ended_s": key.astype(np.int32) * 3,
        "outcome": np.full(rows, DELIVERED, dtype=np.int8),
    }


def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("scenarios.support.tables", "scenarios.runs.records"):
        monkeypatch.setattr(f"{module}.ROWS", 100)


def cut(columns: dict[str, np.ndarray], edges: list[int]) -> list[dict[str, np.ndarray]]:
    return [{name: column[a:b] for name, column in columns.items()} for a, b in pairwise(edges)]


@pytest.mark.parametrize("rows", [1, 99, 100, 101, 350])
@pytest.mark.parametrize("size", [1, 40, 100, 1000])
def test_records_are_the_same_bytes_whatever_the_parts_they_come_in(
    rows: int, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_rows(monkeypatch)
    columns = some_records(rows)
    write_columns(tmp_path / "whole", columns, 3)
    with RecordWriter(tmp_path / "parts", some_records(0), 3) as writer:
        for part in cut(columns, [*range(0, rows, size), rows]):
            writer(part)
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()
    groups = list(read_chunks(tmp_path / "parts", ["cls", "key"]))
    assert all(len(group["key"]) <= 100 for group in groups)
    for name in ("cls", "key"):
        joined = np.concatenate([columns[name][:0], *(group[name] for group in groups)])
        assert joined.dtype == columns[name].dtype and (joined == columns[name]).all()


def test_no_records_at_all_still_have_their_columns(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "none", some_records(0), 0):
        pass
    assert list(read_chunks(tmp_path / "none", ["key"])) == []
    read = read_columns(tmp_path / "none")
    assert [*read] == ["replication", *some_records(0)] and all(len(column) == 0 for column in read.values())


@pytest.mark.parametrize("late", [[0], [349], [5, 6, 7, 120, 299, 300, 301], [*range(0, 350, 3)]])
@pytest.mark.parametrize("never", [[], [5, 150], [348]])
def test_records_that_come_again_when_they_have_ended_are_put_in_their_places(
    late: list[int], never: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Late ones come in two lots, the later first; some items never end."""
    few_rows(monkeypatch)
    columns = some_records(350)
    columns["outcome"][never] = CENSORED
    write_columns(tmp_path / "whole", columns, 0)
    first = {name: column.copy() for name, column in columns.items()}
    first["outcome"][late] = CENSORED
    first["ended_s"][late] = -1
    with RecordWriter(tmp_path / "parts", some_records(0), 0) as writer:
        for part in cut(first, [0, 30, 200, 350]):
            writer(part)
        for rows in (late[1::2], late[::2]):
            writer({name: column[rows] for name, column in columns.items()})
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "parts"}


def test_records_that_are_broken_off_leave_nothing_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_rows(monkeypatch)
    columns = some_records(350)
    columns["outcome"][0] = CENSORED
    with pytest.raises(KeyboardInterrupt), RecordWriter(tmp_path / "parts", some_records(0), 0) as writer:
        writer(columns)
        assert len([*tmp_path.iterdir()]) == 4
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["parts"]


def test_parquet_keeps_columns_and_joins_parts(tmp_path: Path) -> None:
    columns = {"key": np.arange(5, dtype=np.int64), "stop": np.array(["a", "b", "a", "a", "b"])}
    for number in range(2):
        write_columns(tmp_path / f"{number}", columns, number)
    join_tables([tmp_path / "0", tmp_path / "1"], tmp_path / "all")
    read = read_columns(tmp_path / "all")
    assert read["replication"].tolist() == [0] * 5 + [1] * 5
    assert read["stop"].tolist() == columns["stop"].tolist() * 2
    assert read["key"].dtype == np.int64
    assert read_columns(tmp_path / "all", ["key"]).keys() == {"key"}


def test_the_log_alone_tells_time_and_host(stored: Any) -> None:
    log = json.loads((stored.path / "log.json").read_text(encoding="utf-8"))
    assert log["seconds"].keys() == {"fit", "simulate", "write"}
    everything = b"".join(contents(stored.path).values())
    assert log["host"].encode() not in everything or len(log["host"]) < 4
    assert log["started"][:10].encode() not in everything


def test_a_group_that_one_replication_lacks_has_no_mean() -> None:
    """Thin mail: no item to a tier of places in one of the replications."""
    some, none = {"by_tier": {"county": {"mean_h": 4.0}}, "n": 2}, {"by_tier": {}, "n": 4}
    for trees in ([some, none], [none, some]):
        assert combine(trees) == {"by_tier": {"county": {"mean_h": None}}, "n": 3}
        assert half_widths(trees)["by_tier"] == {"county": {"mean_h": None}}


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with RunFolder.of(short(), out):
        with pytest.raises(StoreError, match=rf"is being written by process {os.getpid()} on .*, since "):
            run_scenario(short(), out)
        assert (tmp_path / "run.partial").is_dir()
    assert not list((tmp_path / "run.partial").glob(".*"))  # the lock went with its holder


def test_the_lock_of_a_process_that_has_ended_is_taken_over(tmp_path: Path) -> None:
    partial = tmp_path / "run.partial"
    partial.mkdir()
    (partial / ".lock").touch()
    (partial / ".writer.json").write_text('{"process": 1, "host": "x", "since": "y"}')
    with RunFolder.of(short(), tmp_path / "run") as folder:
        assert json.loads((partial / ".writer.json").read_text())["process"] == os.getpid()
        assert folder.finished() == []


def test_links_and_the_working_folder_are_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for out, message in (
        (tmp_path / "link", "is a link"),
        (Path(), "is the working folder"),
        (tmp_path / "file" / "run", "file is no folder"),
    ):
        with pytest.raises(StoreError, match=message):
            run_scenario(short(), out)


@pytest.mark.slow
def test_charts_that_cannot_be_drawn_lose_no_run(
    stored: Any, small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("no font")

    monkeypatch.setattr(run_module, "draw", fail)
    with pytest.warns(UserWarning, match=r"the charts are missing \(RuntimeError: no font\); .*yizhan plot"):
        run = run_scenario(short(replications=2), tmp_path / "run", fitted=small_network)
    assert contents(run.path) == contents(stored.path)


@pytest.mark.slow
def test_a_full_disk_names_the_file_and_what_is_kept(
    stored: Any, small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the disk fills between the replications and the tables of the run."""
    out = tmp_path / "run"

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(out))

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "join_replications", full)
        with pytest.raises(
            StoreError, match=r"run cannot be written \(No space left.*2 replications finished and kept"
        ):
            run_scenario(short(replications=2), out, plots=False, fitted=small_network)
    again = run_scenario(short(replications=2), out, plots=False)
    assert contents(again.path) == contents(stored.path)
