"""Comparisons: paired differences, what an expansion takes, and folders that can be gone on with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import scenarios.comparison.compare as compare_module
import scenarios.runs.run as run_module
from network.edit.rounds import set_rounds
from network.edit.routes import add_route
from network.errors import YizhanError
from network.model.network import Network
from network.model.settings import Settings
from scenarios.cli.compare import _print, _rows
from scenarios.cli.run_text import needs_of_firms
from scenarios.comparison.compare import (
    Difference,
    compare,
    differences,
    requirements_of,
)
from scenarios.comparison.differences import no_counterpart
from scenarios.comparison.traced import untrue
from scenarios.definition.resolve import Resolved, load_scenario
from scenarios.runs.headlines import HEADLINES, IN_TRANSIT, WORKINGS, Headline, workings
from scenarios.runs.run import run_scenario
from scenarios.runs.summary import flatten
from scenarios.support.broken_off import Interrupted
from scenarios.support.estimate import TooLargeError
from scenarios.support.faults import at_each
from scenarios.support.folders import StoreError
from scenarios.support.tables import read_columns, read_rows
from sim.measures.keys import SUMMARY_KEYS

TABLES = (
    "comparison.json",
    "differences.csv",
    "differences_places.parquet",
    "items.csv",
    "option_ranking.csv",
    "places.csv",
    "summary.md",
    "summary_sources.json",
)
SHORT = {"measured_days": 3, "replications": 2, "workers": 1}


@pytest.fixture
def more(tmp_path: Path) -> str:
    path = tmp_path / "more.toml"
    path.write_text(
        'base = "xizang-2021"\n[run]\nwarmup_days = 0\n'
        '[[change]]\nop = "retime_route"\nroute = "road-003"\nper_week = 7\n'
    )
    return str(path)


@pytest.fixture
def base(tmp_path: Path) -> str:
    path = tmp_path / "base.toml"
    path.write_text('base = "xizang-2021"\n[run]\nwarmup_days = 0\n')
    return str(path)


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch, small_network: Network) -> list[str]:
    """Fit the small network in place of the region's, and note each fit."""
    made: list[str] = []

    def build(resolved: Resolved, progress: Any = None) -> Network:
        made.append(resolved.name)
        return small_network

    monkeypatch.setattr(run_module, "build_base", build)
    return made


def test_differences_are_paired_by_replication() -> None:
    base = [{"a": {"b": 10.0, "c": None}, "text": "x"}, {"a": {"b": 20.0, "c": 1.0}, "text": "x"}]
    other = [{"a": {"b": 11.0, "c": 1.0}, "text": "x"}, {"a": {"b": 21.0, "c": 1.0}, "text": "x"}]
    found = differences(base, other)
    assert found.keys() == {"a.b"}  # what one replication lacks is not compared
    row = found["a.b"]
    assert (row.base, row.other, row.difference, row.half_width, row.clear) == (15.0, 16.0, 1.0, 0.0, True)
    single = differences(base[:1], other[:1])["a.b"]
    assert single.half_width is None and not single.clear


def test_differences_tell_what_pairing_saves_and_what_holds_when_all_are_read_together() -> None:
    shared = (0.0, 4.0, 9.0, 2.0)
    base = [{"a": 10 + x, "b": 5.0 + x / 10, "same": 3.0} for x in shared]
    other = [
        {"a": 11 + x + e, "b": 5.0 + x / 10 + 3 * e, "same": 3.0}
        for x, e in zip(shared, (0.1, -0.1, 0.2, 0), strict=True)
    ]
    found = differences(base, other)
    a = found["a"]
    assert a.ratio == pytest.approx(a.unpaired / a.half_width) and a.ratio > 10
    assert 0.98 < a.variance_saved < 1 and a.correlation > 0.99
    assert a.together > a.half_width and a.p_together == pytest.approx(2 * a.p)  # of two that differ at all
    assert (found["same"].p, found["same"].p_together, found["same"].ratio) == (1.0, 1.0, None)
    apart = differences(base, other, paired=False)["a"]
    assert apart.half_width == apart.unpaired == pytest.approx(a.unpaired)
    assert (apart.ratio, apart.variance_saved, apart.correlation) == (None, None, None)


def test_measures_without_a_counterpart_are_named() -> None:
    base = [{"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "c": None}]
    other = [{"a": 1, "d": 4, "c": 3}, {"a": 1, "d": 4, "c": 3}]
    assert no_counterpart(base, other) == {
        "only_base": ["b"],
        "only_other": ["d"],
        "not_in_every_replication": ["c"],
    }


def test_flattening_leaves_out_text_and_curves() -> None:
    tree = {"a": 1, "b": {"c": 2.5, "t": "x", "curve": {"hours": [1, 2]}}, "n": None, "flag": True}
    assert dict(flatten(tree)) == {"a": 1, "b.c": 2.5, "n": None}


def test_headlines_are_documented_measures() -> None:
    from fnmatch import fnmatchcase

    for headline in HEADLINES:
        assert any(fnmatchcase(headline.key, pattern) for pattern in SUMMARY_KEYS), headline.key


def test_an_expansion_takes_what_it_needs_beyond_the_base(small_network: Network) -> None:
    key = "coverage.regional.within.72.people"
    found = differences(
        [{"coverage": {"regional": {"within": {"72": {"people": 0.5}}}}}],
        [{"coverage": {"regional": {"within": {"72": {"people": 0.6}}}}}],
    )
    road = add_route(small_network, mode="road", stops=("540102", "540202"), per_week=7)
    takes = requirements_of(small_network, road, found)
    assert takes.more["vehicles"] > 0 and takes.more["vehicle_km_per_week"] > 3000
    assert takes.gain[key]["vehicle"] == pytest.approx(0.1 / takes.more["vehicles"])
    rail = add_route(small_network, mode="rail", stops=("540102", "540202"), per_week=7)
    free = requirements_of(small_network, rail, found)
    assert free.gain[key] == {"vehicle": None, "driver": None, "1000_vehicle_km_per_week": None}
    assert free.as_dict()["more"]["train_km_per_week"] == pytest.approx(251 * 14)
    daily = set_rounds(small_network, [round_.id for round_ in small_network.rounds], 7)
    over = requirements_of(small_network, daily, {}).as_dict()
    assert over["over_fleet"] == over["needed"]["vehicles"] - over["fleet"]


def test_the_firms_own_lines_are_part_of_what_is_taken_and_told_apart(small_network: Network) -> None:
    post = replace(small_network, settings=Settings(fleet_scope="post"))
    own = add_route(post, mode="road", stops=("540102", "540202"), per_week=7, carrier="express")
    takes = requirements_of(post, own, {})
    firms = takes.as_dict()["needed"]["firms"]
    assert takes.more["vehicles"] == firms["vehicles"] > 0
    assert takes.other.vehicles == takes.base.vehicles
    assert f"the firms' own lines need {firms['vehicles']} vehicles" in needs_of_firms(firms)
    assert needs_of_firms(takes.base.as_dict()["firms"]) == ""


@pytest.mark.slow
def test_scenarios_are_run_alike_and_fitted_once(
    base: str, more: str, fits: list[str], tmp_path: Path
) -> None:
    comparison, folder = compare(base, [more], tmp_path / "out", plots=False, **SHORT)
    assert fits == ["base"]
    assert sorted(p.name for p in folder.iterdir()) == sorted(["base", "more", *TABLES])
    found = comparison.differences[0]["transit.all.mean_h"]
    means = [
        [m["transit"]["all"]["mean_h"] for m in run.measures] for run in (comparison.base, *comparison.others)
    ]
    assert found.difference == pytest.approx(sum(b - a for a, b in zip(*means, strict=True)) / 2)
    assert found.difference < 0  # daily trips to Tingri make mail faster
    data = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert data["others"][0]["differences"]["transit.all.mean_h"]["difference"] == found.difference
    assert data["others"][0]["requirements"]["fleet"] == 400
    accepted = comparison.differences[0]["items.accepted"]
    assert (accepted.difference, accepted.half_width) == (0.0, 0.0)  # the same items in both
    rows = {row["measure"]: row for row in read_rows(folder / "differences.csv")}
    assert rows.keys() == comparison.differences[0].keys()
    assert float(rows["transit.all.mean_h"]["half_width"]) == found.half_width
    whole = comparison.items_of(comparison.others[0])
    assert whole is not None and (whole["only_base"], whole["only_other"]) == (0.0, 0.0)
    assert whole["in_both"] == means_of(comparison.base, "items")
    assert whole["all_difference_h"] == pytest.approx(
        found.difference
    )  # from the records, and from the measures
    assert whole["faster"] > whole["slower"]
    assert not list(folder.glob("*/items.parquet"))  # records are kept on demand
    text = (folder / "summary.md").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line[:1].isdigit()][-1].startswith("10. ")
    sources = json.loads((folder / "summary_sources.json").read_text(encoding="utf-8"))
    assert untrue(text, folder, sources) == []
    places = read_columns(folder / "differences_places.parquet")
    busiest = int(comparison.base.places["n_items"].argmax())
    mine = (places["measure"] == "mean_h") & (places["id"] == comparison.base.places["id"][busiest])
    before, after = (
        [float(table["mean_h"][busiest]) for table in run.places_by_replication]
        for run in (comparison.base, comparison.others[0])
    )
    expected = sum(b - a for a, b in zip(before, after, strict=True)) / 2
    assert places["difference"][mine].tolist() == pytest.approx([expected])


def means_of(run: Any, name: str) -> float:
    values = [told["transit"]["all"][name] for told in run.measures]
    return sum(values) / len(values)


@pytest.mark.slow
def test_a_scenario_of_another_report_year_keeps_its_dates_and_is_no_pair(
    base: str, fits: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    early = tmp_path / "early.toml"
    early.write_text('base = "xizang-2012"\n[run]\nwarmup_days = 0\n')
    comparison, folder = compare(base, [str(early)], tmp_path / "out", plots=False, **SHORT)
    assert comparison.paired == (False,)
    assert comparison.others[0].scenario.plan.start.year == 2012
    assert comparison.base.scenario.plan.measured_days == comparison.others[0].scenario.plan.measured_days
    found = comparison.differences[0]["transit.all.mean_h"]
    assert not found.paired and found.half_width == found.unpaired
    whole = comparison.items_of(comparison.others[0])
    assert whole is not None and whole["in_both"] == 0 and whole["base_h"] is None
    (row,) = [r for r in read_rows(folder / "option_ranking.csv") if r["scenario"] == "early"]
    assert (row["paired"], row["same_items"]) == ("0", "0")
    _print(comparison)
    assert "no pair: 3 measured days from 2012-04-02" in capsys.readouterr().out
    sources = json.loads((folder / "summary_sources.json").read_text(encoding="utf-8"))
    assert untrue((folder / "summary.md").read_text(encoding="utf-8"), folder, sources) == []


@pytest.mark.slow
def test_workings_are_counted_on_the_same_days_in_all_runs(
    base: str, more: str, fits: list[str], tmp_path: Path
) -> None:
    comparison, _ = compare(base, [more], tmp_path / "out", plots=False, **SHORT)
    run, found = comparison.others[0], comparison.differences[0]
    assert {row.key for row in WORKINGS} <= found.keys()
    told = workings(run)[1]
    ledger, trips = run.columns("ledger"), run.columns("trips")
    night = (ledger["replication"] == 1) & (ledger["time_s"] == 3 * 86400)
    assert told["at_end"]["in_transit"] == sum(int(ledger[term][night][0]) for term in IN_TRANSIT)
    mine = (trips["replication"] == 1) & (trips["departs_s"] < 3 * 86400)
    assert told["missed_dispatches"] == trips["missed_dispatches"][mine].sum()
    whole = run.replications[1]["trips"]
    assert 0 < told["trips"]["departures"] == (mine & (trips["stop"] == 0) & (trips["fate"] < 2)).sum()
    assert told["trips"]["departures"] < whole["departures"]  # the run goes on after its measured days


def test_a_mean_of_what_arrived_gives_no_verdict_that_its_bound_does_not_share() -> None:
    mean, bound = "transit.all.mean_h", "transit.all.at_close.mean_h"
    row = Headline(mean, "mean", "h", -1)
    found = {
        mean: Difference(mean, 100.0, 90.0, -10.0, 1.0),
        bound: Difference(bound, 101.0, 150.0, 49.0, 2.0),
    }
    first, second = _rows(row, found, {}, {})
    assert first == ("mean", "100.0", "90.0", "-10.00", "± 1.00", "h", "", "")
    assert second[1:] == ("101.0", "150.0", "+49.00", "± 2.00", "h", "worse", "")
    found[bound] = replace(found[mean], key=bound)  # nothing under way: said once
    assert [cells[-2] for cells in _rows(row, found, {}, {})] == ["better"]
    assert [cells[-2] for cells in _rows(row, found, {}, {}, {mean: 0.2})] == ["better alone"]


def test_a_quantile_that_was_not_reached_is_shown_by_its_bound() -> None:
    key, least = "transit.all.p80_h", "transit.all.at_close.p80_h"
    row = Headline(key, "P80", "h", -1)
    (cells,) = _rows(row, {}, {key: 240.0, least: 240.0}, {key: None, least: 512.25})
    assert cells == ("P80", "240.0", "≥ 512.2", "–", "", "h", "", "")
    assert list(_rows(row, {}, {}, {})) == []


@pytest.mark.slow
def test_a_stored_base_gives_network_dates_and_seed(
    base: str, more: str, fits: list[str], tmp_path: Path
) -> None:
    plan = {"measured_days": 3, "replications": 2, "workers": 1, "seed": 5}
    stored = run_scenario(load_scenario(base).with_run(**plan), tmp_path / "base", plots=False, records=False)
    fits.clear()
    comparison, folder = compare(str(stored.path), [more], tmp_path / "out", plots=False, replications=9)
    assert fits == []
    assert comparison.base.path == stored.path
    assert [run.summary["seed"] for run in comparison.others] == [5]
    assert len(comparison.others[0].measures) == 2
    tables = [name for name in TABLES if name != "items.csv"]  # the base keeps no records of items
    assert sorted(p.name for p in folder.iterdir()) == sorted(["more", *tables])
    assert (stored.path / "summary.json").is_file()
    other = load_scenario(more).with_run(measured_days=3, replications=2, workers=1, seed=6)
    apart = run_scenario(other, tmp_path / "apart", plots=False, records=False)
    with pytest.raises(StoreError, match="cannot be compared with base: seed 6 instead of 5"):
        compare(str(stored.path), [str(apart.path)], tmp_path / "no", plots=False)


@pytest.mark.slow
def test_a_comparison_broken_off_goes_on_with_what_is_finished(
    base: str, more: str, fits: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = run_module.Keeper.__call__
    written: list[str] = []

    def keep(self: Any, result: Any) -> int:
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(self.partial.name)
        return call(self, result)

    monkeypatch.setattr(run_module.Keeper, "__call__", keep)
    with pytest.raises(Interrupted, match="3 of 4 replications finished and kept"):
        compare(base, [more], tmp_path / "out", plots=False, **SHORT)
    assert not (tmp_path / "out").exists()
    written.clear()
    _, folder = compare(base, [more], tmp_path / "out", plots=False, **SHORT)
    assert written == ["more.partial"]
    assert fits == ["base"]
    assert not (tmp_path / "out.partial").exists()
    with pytest.raises(StoreError, match="is there already"):
        compare(base, [more], folder, plots=False, **SHORT)


def test_what_cannot_be_compared_is_told(base: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="at least one other"):
        compare(base, [], tmp_path / "out")
    with pytest.raises(StoreError, match="named 'base'"):
        compare(base, [base], tmp_path / "out")


@pytest.mark.slow
def test_a_run_that_has_its_name_is_not_made_again(
    base: str, more: str, fits: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted when the first run was whole and had not tidied up."""

    def stop(place: str) -> None:
        if place == "before base.partial goes":
            raise KeyboardInterrupt

    at_each(stop)
    with pytest.raises(Interrupted, match="1 of 2 replications finished and kept") as stopped:
        compare(base, [more], tmp_path / "out", plots=False, **{**SHORT, "replications": 1})
    at_each(None)
    assert str(stopped.value).endswith(f"--out {tmp_path / 'out'}")
    call, written = run_module.Keeper.__call__, []

    def keep(self: Any, result: Any) -> int:
        written.append(self.partial.name)
        return call(self, result)

    monkeypatch.setattr(run_module.Keeper, "__call__", keep)
    _, folder = compare(base, [more], tmp_path / "out", plots=False, **{**SHORT, "replications": 1})
    assert written == ["more.partial"] and not list(folder.glob("*.partial"))


def test_all_scenarios_are_applied_and_weighed_before_any_is_simulated(
    base: str, more: str, fits: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("simulated")

    monkeypatch.setattr(compare_module, "run_scenario", never)
    wrong = tmp_path / "wrong.toml"
    change = '[[change]]\nop = "retime_route"\nroute = "road-099"\nper_week = 7\n'
    wrong.write_text(f'base = "xizang-2021"\n[run]\nwarmup_days = 0\n{change}')
    with pytest.raises(YizhanError, match="road-099"):
        compare(base, [more, str(wrong)], tmp_path / "out", plots=False, **SHORT)
    large = tmp_path / "large.toml"
    change = '[[change]]\nop = "scale_demand"\nfactor = 20\n' * 4
    large.write_text(f'base = "xizang-2021"\n[run]\nwarmup_days = 0\n{change}')
    with pytest.raises(TooLargeError, match=r"large: .* items a replication may take"):
        compare(base, [more, str(large)], tmp_path / "out", plots=False, **SHORT)
    assert not list(tmp_path.glob("out*"))
