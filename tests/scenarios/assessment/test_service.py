"""`yizhan service`: compliance by group, the worst first, what would mend it; files and messages."""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner, Result

import scenarios.definition.resolve as resolve_module
import scenarios.runs.run as run_module
from network.accessibility.service_standards import areas, hard_to_reach
from network.inputs.standard_tables import load_standard, parse_standard
from network.inputs.standards import Standard
from network.inputs.tables import load_region
from network.model.network import Network
from scenarios.assessment.frequency import frequency, worst_groups, worst_places
from scenarios.assessment.service import (
    MENDS,
    Service,
    TimeRow,
    class_level,
    draw_service,
    mend,
    serve,
    worst,
    write_service,
)
from scenarios.charts.compliance import in_time_bars
from scenarios.cli import app
from scenarios.definition.resolve import load_scenario
from scenarios.runs.folder import StoredRun
from scenarios.runs.recorded import recorded
from scenarios.runs.run import run_scenario
from scenarios.support.folders import StoreError, write_files

ASSUMPTIONS = load_region("xizang").assumptions
OURS = """
title = "Ours"
title_zh = ""
regions = []
since = 2030-01-01
source = "a page"
[hard_to_reach]
round_km = 100
round_days = 1
certainty = "assumed"
source = ""
note = "ours"
[[frequency]]
area = "city"
per_week = 7
certainty = "assumed"
source = ""
note = "ours"
[[frequency]]
area = "village"
per_week = 5
certainty = "assumed"
source = ""
note = "ours"
[[frequency]]
area = "township_seat"
per_week = ""
certainty = "unknown"
source = ""
note = ""
[[frequency]]
area = "hard_to_reach"
per_week = 2
certainty = "assumed"
source = ""
note = "ours"
[[days]]
classes = ["letter", "parcel"]
cutoff_h = 16
collection = ["Mon", "Tue", "Wed", "Thu", "Fri"]
delivery = ["Mon", "Tue", "Wed", "Thu", "Fri"]
holidays = "all"
makeup_days = true
certainty = "assumed"
source = ""
note = "ours"
[[limit]]
code = "express"
classes = ["ems", "express"]
directions = ["inbound"]
areas = []
hours = 120
share = 0.5
except_hard_to_reach = true
certainty = "assumed"
source = ""
note = "ours"
[[limit]]
code = "letters"
classes = ["letter", "parcel"]
directions = ["same_prefecture", "within_region"]
areas = ["city", "village"]
days = 4
share = ""
except_hard_to_reach = false
certainty = "assumed"
source = ""
note = "ours"
[[limit]]
code = "later"
classes = ["letter"]
directions = ["inbound"]
areas = []
days = ""
share = ""
except_hard_to_reach = false
certainty = "unknown"
source = ""
note = ""
"""


def yizhan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def ours() -> Standard:
    return parse_standard(OURS, "ours.toml", ASSUMPTIONS)


@pytest.fixture(scope="module")
def stored(small_network: Network, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    settings = {"warmup_days": 7, "measured_days": 7, "replications": 2, "workers": 1}
    resolved = load_scenario("xizang-2021").with_run(**settings)
    folder = tmp_path_factory.mktemp("runs") / "two"
    return run_scenario(resolved, folder, plots=False, fitted=small_network)


@pytest.fixture(scope="module")
def service(stored: StoredRun, ours: Standard) -> Service:
    return serve(stored, [ours], share=0.9)


def row(service: Service, limit: str, level: str, id_: str) -> TimeRow:
    return next(r for r in service.times if (r.limit, r.level, r.id) == (limit, level, id_))


# ---------------------------------------------------------------- times


def chosen(stored: StoredRun, hard: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    items, codes = stored.columns("items"), [r["code"] for r in ASSUMPTIONS.table("classes")]
    mine = np.isin(items["cls"], [codes.index("ems"), codes.index("express")]) & (items["direction"] == 2)
    mine &= ~hard[np.maximum(items["dest"], 0)]
    return items, mine


@pytest.mark.slow
def test_shares_are_those_of_the_records(stored: StoredRun, service: Service) -> None:
    places = stored.network.places
    hard = hard_to_reach(stored.network, 100, 1)
    items, mine = chosen(stored, hard)
    took = items["ended_s"] - items["accepted_s"]
    good = (items["ended_s"] >= 0) & (items["outcome"] != 2) & (took <= 120 * 3600)
    whole = row(service, "express", "all", "all")
    assert (whole.items, whole.in_time) == (mine.sum(), pytest.approx(good[mine].mean()))
    assert (whole.asked, whole.asked_by) == (0.5, "standard")
    codes = [r["code"] for r in ASSUMPTIONS.table("classes")]
    for code in ("ems", "express"):
        of_class = mine & (items["cls"] == codes.index(code))
        found = row(service, "express", "class", code)
        assert (found.items, found.in_time) == (of_class.sum(), pytest.approx(good[of_class].mean()))
        in_county = of_class & (places.county[np.maximum(items["dest"], 0)] == "540102")
        found = row(service, "express", "class county", f"{code}/540102")
        assert (found.items, found.in_time) == (in_county.sum(), pytest.approx(good[in_county].mean()))
        assert found.name == f"{code}: Chengguan (Lhasa)"
    assert row(service, "express", "way", "inbound").items == whole.items
    county = row(service, "express", "county", "540102")
    there = mine & (places.county[np.maximum(items["dest"], 0)] == "540102")
    assert (county.items, county.in_time) == (there.sum(), pytest.approx(good[there].mean()))
    assert (county.name, county.prefecture) == ("Chengguan (Lhasa)", "Lhasa")
    for level in ("area", "prefecture", "county", "place"):
        apart = [r for r in service.times if (r.limit, r.level) == ("express", class_level(level))]
        assert {r.id.split("/")[0] for r in apart} == {"ems", "express"}
        assert sum(r.items for r in apart) == whole.items
        parts = [r for r in service.times if (r.limit, r.level) == ("express", level)]
        assert sum(r.items for r in parts) == whole.items, level
        assert sum(r.late for r in parts) == whole.late, level
        assert sum(r.excepted_items for r in parts) == whole.excepted_items, level


@pytest.mark.slow
def test_places_by_agreement_are_counted_apart(stored: StoredRun, service: Service) -> None:
    hard = hard_to_reach(stored.network, 100, 1)
    items, mine = chosen(stored, np.zeros_like(hard))
    apart = mine & hard[np.maximum(items["dest"], 0)]
    took = items["ended_s"] - items["accepted_s"]
    good = (items["ended_s"] >= 0) & (items["outcome"] != 2) & (took <= 120 * 3600)
    whole = row(service, "express", "all", "all")
    assert 0 < whole.excepted_items == apart.sum()
    assert whole.excepted_in_time == good[apart].sum()
    alone = [r for r in service.times if r.level == "place" and not r.items]
    assert alone and {(r.verdict, r.mend, r.in_time) for r in alone} == {("by agreement", "", None)}


def test_half_widths_are_students_over_replications(stored: StoredRun, service: Service) -> None:
    items, mine = chosen(stored, hard_to_reach(stored.network, 100, 1))
    took = items["ended_s"] - items["accepted_s"]
    good = (items["ended_s"] >= 0) & (items["outcome"] != 2) & (took <= 120 * 3600)
    shares = [good[mine & (items["replication"] == r)].mean() for r in (0, 1)]
    half = stats.t.ppf(0.975, 1) * np.std(shares, ddof=1) / math.sqrt(2)
    assert row(service, "express", "all", "all").half_width == pytest.approx(half)
    assert "over 2 replications" in service.basis
    assert all(r.half_width is None for r in service.times if r.level == "place")


def test_only_the_places_of_the_limits_areas_count(stored: StoredRun, service: Service) -> None:
    found = {r.id for r in service.times if (r.limit, r.level) == ("letters", "area")}
    assert found == {"city", "village"}
    area = dict(zip(stored.network.places.id.tolist(), areas(stored.network).tolist(), strict=True))
    listed = [r.id for r in service.times if (r.limit, r.level) == ("letters", "place")]
    assert listed and {area[place] for place in listed} == {"city", "village"}


def test_a_limit_that_is_not_known_judges_nothing(service: Service) -> None:
    assert not [r for r in service.times if r.limit == "later"]


def test_where_no_share_is_asked_the_one_given_is_and_is_called_assumed(service: Service) -> None:
    found = [r for r in service.times if r.limit == "letters"]
    assert {(r.asked, r.asked_by) for r in found} == {(0.9, "assumed")}
    assert all(r.verdict == ("met" if r.in_time >= 0.9 else "missed") for r in found)


@pytest.mark.parametrize(
    ("shares", "cheapest"),
    [
        ((0.8, 0, 0, 0, 0, 0), ""),
        ((0.79, 0.8, 1, 1, 1, 1), "daily_round"),
        ((0.1, 0.2, 0.8, 1, 1, 1), "halved_waits"),
        ((0.1, 0.2, 0.3, 0.8, 1, 1), "no_waits"),
        ((0.1, 0.2, 0.3, 0.4, 0.8, 1), "handling"),
        ((0.1, 0.2, 0.3, 0.4, 0.5, 0.8), "distance"),
        ((0.1, 0.2, 0.3, 0.4, 0.5, 0.6), "outside"),
    ],
)
def test_the_cheapest_that_brings_the_share_is_named(shares: tuple[float, ...], cheapest: str) -> None:
    names = ("in_time", "daily_round", "halved_waits", "no_waits", "moving", "upstream")
    told = dict(zip(names, shares, strict=True))
    assert mend(told, 0.8) == mend(told, 0.8, arrived=0.8) == cheapest
    assert mend(told, 0.8, arrived=0.79) == ("arrival" if cheapest else "")
    assert not cheapest or cheapest in MENDS


def test_the_worst_come_first(service: Service) -> None:
    base = row(service, "express", "county", "540102")
    rows = [
        replace(base, id=id_, in_time=share, items=items, verdict=verdict)
        for id_, share, items, verdict in (
            ("a", 0.5, 100, "missed"),
            ("b", 0.0, 10, "missed"),
            ("c", 0.0, 50, "missed"),
            ("d", 0.9, 100, "met"),
            ("e", 0.0, 9, "missed"),
        )
    ]
    assert [r.id for r in worst(rows, "ours", "express", "county")] == ["c", "b", "e", "a"]
    assert [r.id for r in worst(rows, "ours", "express", "county", least_items=10)] == ["c", "b", "a"]
    assert worst(rows, "ours", "express", "place") == []


# ---------------------------------------------------------------- frequency


def test_frequency_is_judged_by_area_and_by_how_hard_the_way_is(
    small_network: Network, ours: Standard
) -> None:
    found = {place.place: place for place in frequency(small_network, ours)}
    round_of = {place: round_ for round_ in small_network.rounds for place in round_.places}
    kinds = {"village", "committee"}
    places = small_network.places
    for place, told in found.items():
        round_ = round_of.get(place)
        runs = len(round_.weekdays) if round_ else 0
        assert told.per_week == runs
        hard = round_ is not None and round_.kind == "rural" and (round_.km > 100 or round_.vehicle == "foot")
        hard = hard or (
            round_ is not None and round_.kind == "rural" and round_.intake_s > round_.depart_s + 86400
        )
        assert told.hard_to_reach == hard
        expected = {"city": 7, "village": 5, "township_seat": None}[told.area]
        if hard and expected is not None:
            expected = 2
        assert told.asked == expected
        verdict = "not known" if expected is None else "met" if runs >= expected else "missed"
        assert told.verdict == verdict
        assert told.more == (max(expected - runs, 0) if expected else 0)
        assert told.area != "village" or places.kind[places.row(place)] in kinds
    assert {told.verdict for told in found.values()} == {"met", "missed", "not known"}
    assert len({told.asked for told in found.values()}) == 4


def test_groups_of_places_add_up(stored: StoredRun, service: Service) -> None:
    whole = next(r for r in service.frequency_rows if r.level == "all")
    judged = [place for place in service.frequency_places if place.verdict != "not known"]
    met = [place for place in judged if place.verdict == "met"]
    assert (whole.places, whole.met_places) == (len(judged), len(met))
    assert whole.met_people == pytest.approx(sum(place.people for place in met))
    assert whole.more == sum(place.more for place in judged) > 0
    assert 0 < whole.only_as_hard == sum(place.per_week < place.asked_of_area for place in met)
    for level in ("prefecture", "county"):
        rows = [r for r in service.frequency_rows if r.level == level]
        assert sum(r.places for r in rows) == whole.places
        assert sum(r.more for r in rows) == whole.more
    by_area = {r.id: r for r in service.frequency_rows if r.level == "area"}
    assert by_area["hard_to_reach"].places == sum(place.hard_to_reach for place in judged)
    assert by_area["city"].places + by_area["village"].places == whole.places
    ranked = worst_groups(service.frequency_rows, "ours", "county")
    shares = [r.met_places / r.places for r in ranked]
    assert shares == sorted(shares) and shares[-1] < 1
    ranked_places = worst_places(service.frequency_places, "ours")
    assert [place.more for place in ranked_places] == sorted((p.more for p in ranked_places), reverse=True)


# ---------------------------------------------------------------- files and the command


@pytest.mark.slow
def test_files_hold_everything_and_are_renamed_when_whole(service: Service, tmp_path: Path) -> None:
    files = write_service(service, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(p.name for p in files)
    with (tmp_path / "out" / "time.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(service.times)
    assert rows[0].keys() == asdict(service.times[0]).keys()
    whole = next(r for r in rows if (r["limit"], r["level"]) == ("express", "all"))
    assert float(whole["in_time"]) == row(service, "express", "all", "all").in_time
    with (tmp_path / "out" / "frequency.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(service.frequency_places)
    data = json.loads((tmp_path / "out" / "service.json").read_text(encoding="utf-8"))
    levels = {r["level"] for r in data["time"]}
    apart = {class_level(level) for level in ("area", "prefecture", "county")}
    assert levels == {"class", "way", "all", "area", "prefecture", "county"} | apart
    assert data["share_where_none_is_asked"] == 0.9


def test_a_bar_is_as_long_as_the_share_and_the_whole_is_all_items(service: Service) -> None:
    rows = [r for r in service.times if (r.limit, r.level) == ("express", "prefecture") and r.items]
    ax = in_time_bars(rows, "express", 0.5)
    bars = np.array([[bar.get_width() for bar in group] for group in ax.containers])
    assert bars.shape == (6, len(rows))
    assert bars[0] == pytest.approx([r.in_time for r in rows])
    assert bars[:2].sum(axis=0) == pytest.approx([r.halved_waits for r in rows])
    assert bars[:5].sum(axis=0) == pytest.approx([r.upstream for r in rows])
    assert bars.sum(axis=0) == pytest.approx(1)
    assert ax.get_xlabel() == "share of the items"


@pytest.mark.slow
def test_a_chart_is_drawn_for_each_limit_that_is_known(service: Service, tmp_path: Path) -> None:
    files = draw_service(service, tmp_path)
    assert {file.name for file in files} == {
        f"ours-{limit}.{suffix}" for limit in ("express", "letters") for suffix in ("png", "svg")
    }
    before = [file.read_bytes() for file in files]
    assert [file.read_bytes() for file in draw_service(service, tmp_path)] == before


def test_a_file_that_is_there_is_replaced_at_once(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.csv": "old\n"})
    write_files(tmp_path, {"a.csv": "new\n"})
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "new\n"


@pytest.mark.slow
def test_a_run_folder_is_asked_as_it_is(stored: StoredRun, tmp_path: Path) -> None:
    before = {p.name: p.stat().st_mtime_ns for p in stored.path.iterdir()}
    result = yizhan("service", str(stored.path), "--out", str(tmp_path / "out"), "--top", "2", "--no-plots")
    assert result.exit_code == 0, result.output
    assert "YZ/T 0128-2007 express service (yzt-0128-2007)" in result.stdout
    assert "not known, so not judged: letter-prefecture, letter-region" in result.stdout
    assert "of 80.0 % (assumed): the standard's share is not known; --share sets it" in result.stdout
    assert "express-72h, worst first" in result.stdout and "what would mend it" in result.stdout
    assert "± is Student's 95 % half-width over 2 replications" in result.stdout
    assert re.search(r"rests on \d+ assumed values", result.stdout)
    assert {p.name: p.stat().st_mtime_ns for p in stored.path.iterdir()} == before


@pytest.mark.slow
def test_a_standard_of_ones_own_is_taken(stored: StoredRun, tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(OURS, encoding="utf-8")
    out = tmp_path / "out"
    arguments = ("service", str(stored.path), "--standard", str(path), "--out", str(out), "--no-plots")
    result = yizhan(*arguments, "--by", "place")
    assert result.exit_code == 0, result.output
    assert "note: in force since 2030-01-01, after the year of the scenario" in result.stdout
    assert "YZ/T" not in result.stdout and "letters, worst first" in result.stdout
    data = json.loads(yizhan(*arguments, "--json").stdout)
    assert [s["code"] for s in data["standards"]] == ["ours"]
    assert data["standards"][0]["frequency"][2]["per_week"] is None
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(OURS.replace("hours = 120", "hours = 0").replace("per_week = 7", "per_week = 8"))
    result = yizhan("service", str(stored.path), "--standard", str(path), "--standard", str(wrong))
    assert result.exit_code == 2 and "Traceback" not in result.output
    assert result.stderr.splitlines()[0] == "yizhan: 2 problems:"
    assert "wrong.toml [limit[0]]: hours = 0; allowed: a number from 1 to 8760" in result.stderr
    result = yizhan("service", str(stored.path), "--standard", str(path), "--standard", str(path))
    assert result.exit_code == 2 and "--standard = 'ours'; allowed: each once" in result.stderr


def test_wrong_input_is_told_before_anything_runs(tmp_path: Path) -> None:
    for arguments, told in (
        (("xizang-2021", "--standard", "yzt-0128"), "unknown standard 'yzt-0128'; did you mean"),
        (("xizang-2o21",), "unknown scenario 'xizang-2o21'; did you mean 'xizang-2021'?"),
        (("xizang-2021", "--days", "0"), "measured_days = 0; allowed:"),
    ):
        result = yizhan("service", *arguments)
        assert result.exit_code == 2 and told in result.stderr, result.output


def test_a_run_without_records_or_with_settings_is_refused(stored: StoredRun, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="has been run; --replications, --seed is for a scenario"):
        recorded(str(stored.path), replications=3, seed=2, workers=None)
    with pytest.raises(StoreError, match="--days is for a scenario"):
        recorded(str(stored.path), measured_days=3)
    bare = tmp_path / "bare"
    bare.mkdir()
    for file in stored.path.iterdir():
        if file.name != "items.parquet":
            (bare / file.name).write_bytes(file.read_bytes())
    result = yizhan("service", str(bare))
    assert result.exit_code == 2 and "keeps no item records" in result.stderr


@pytest.mark.slow
def test_a_scenario_is_run_first(
    small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (resolve_module, run_module):
        monkeypatch.setattr(module, "build_base", lambda *_: small_network)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "day.toml"
    path.write_text('base = "xizang-2021"\n[run]\nwarmup_days = 0\nmeasured_days = 2\nworkers = 1\n')
    result = yizhan("service", str(path), "--days", "1", "--seed", "4")
    assert result.exit_code == 0, result.output
    folder = next((tmp_path / "runs").iterdir())
    assert sorted(p.name for p in (folder / "service").iterdir()) == [
        "frequency.csv",
        "service.json",
        "time.csv",
        *(f"yzt-0128-2007-express-{limit}.{kind}" for limit in ("24h", "72h") for kind in ("png", "svg")),
    ]
    assert "no intervals: they need two replications, or two whole measured weeks" in result.stdout
    assert "1 measured days, seed 4" in result.stdout


def test_the_list_of_standards_shows_what_is_not_known() -> None:
    result = yizhan("list", "--standards")
    assert result.exit_code == 0
    lines = [line.split("   ") for line in result.stdout.splitlines() if line.startswith("letter-prefecture")]
    assert [cell.strip() for cell in lines[0] if cell.strip()][1:4] == ["not known", "not known", "unknown"]
    data = json.loads(yizhan("list", "--standards", "--json").stdout)
    assert {s["code"] for s in data} == {"eu-97-67-ec", "yzt-0128-2007", "yzt-0129-2016"}
    assert load_standard("eu-97-67-ec", ASSUMPTIONS).code == "eu-97-67-ec"
