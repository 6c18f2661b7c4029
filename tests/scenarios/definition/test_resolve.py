"""From names and files to resolved scenarios: bases, merging, and what is wrong with any file."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest
import tomli_w

from network.errors import InputErrors, UnknownNameError
from network.inputs.tables import load_region
from scenarios.changes import (
    AddRoute,
    CloseRoad,
    CloseRoadYearly,
    OpenOutlets,
    PeakDemand,
    ScaleFleet,
    SetRounds,
)
from scenarios.definition.resolve import default_start, library, load_scenario, resolve
from scenarios.definition.schema import Operations
from sim.plan import RunPlan


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def told(error: pytest.ExceptionInfo[InputErrors]) -> list[str]:
    return [str(problem) for problem in error.value.problems]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(library()))
def test_every_library_scenario_resolves_and_says_what_it_is(name: str) -> None:
    resolved = load_scenario(name)
    entry = library()[name]
    assert resolved.name == name
    assert entry.title and len(entry.description) > 60
    assert resolved.scenario.description == entry.description


@pytest.mark.parametrize("name", sorted(library()))
def test_every_library_scenario_is_the_same_when_written_and_read_back(name: str, tmp_path: Path) -> None:
    resolved = load_scenario(name)
    text = resolved.to_toml()
    again = load_scenario(write(tmp_path, f"{name}.toml", text))
    assert again.to_toml() == text and again.fit_key == resolved.fit_key
    for table in ("options", "operations", "demand", "change", "coverage"):
        assert getattr(again.scenario, table, None) == getattr(resolved.scenario, table, None)
    assert again.plan == resolved.plan and dict(again.assumptions) == dict(resolved.assumptions)
    assert list(tomllib.loads(text)["assumptions"]) == list(resolved.assumptions)  # in their order


def test_the_library_has_the_expansions_that_were_asked_for() -> None:
    assert {
        "xizang-2012",
        "xizang-2021",
        "xizang-rail-nyingchi",
        "xizang-rail-xigaze",
        "xizang-express-every-township",
        "xizang-handover-all",
        "xizang-daily-border-rounds",
        "xizang-second-ngari-road",
        "xizang-double-inbound",
        "xizang-own-linehaul",
        "xizang-2021-by-timetable",
        "xizang-winter-closure",
        "xizang-half-fleet",
        "xizang-november-peak",
    } <= library().keys()


def test_expansions_share_the_fit_of_their_base_and_another_reading_does_not() -> None:
    base = load_scenario("xizang-2021").fit_key
    assert load_scenario("xizang-rail-nyingchi").fit_key == base
    assert load_scenario("xizang-double-inbound").fit_key == base
    assert load_scenario("xizang-own-linehaul").fit_key != base


def test_what_closes_or_swells_does_so_while_it_is_measured() -> None:
    for name in ("xizang-winter-closure", "xizang-november-peak"):
        resolved = load_scenario(name)
        (change,) = resolved.scenario.change
        assert isinstance(change, CloseRoad | PeakDemand)
        run = resolved.run
        assert run.start is not None
        opens = run.start + dt.timedelta(days=run.warmup_days)
        assert opens <= change.first <= change.last < opens + dt.timedelta(days=run.measured_days)
        assert resolved.fit_key == load_scenario("xizang-2021").fit_key


def test_by_the_timetable_nothing_is_in_the_way() -> None:
    operations = load_scenario("xizang-2021-by-timetable").scenario.operations.model_dump()
    assert not any(value for value in operations.values() if isinstance(value, bool))
    assert load_scenario("xizang-2021").scenario.operations == Operations()


def test_names_of_places_become_ids() -> None:
    change = load_scenario("xizang-rail-nyingchi").scenario.change[0]
    assert isinstance(change, AddRoute)
    assert change.stops == ("540102", "540502", "540402")


def test_the_resolved_file_stands_on_its_own(tmp_path: Path) -> None:
    resolved = load_scenario("xizang-second-ngari-road")
    again = load_scenario(write(tmp_path, "scenario.toml", resolved.to_toml()))
    assert again.to_toml() == resolved.to_toml()
    assert again.fit_key == resolved.fit_key
    assert again.scenario.base is None
    assert again.scenario.assumptions["target_load"] == 0.7


def test_merging_goes_by_presence_of_a_key(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.toml",
        'title = "A"\nregion = "xizang"\nyear = 2021\n[assumptions]\nitem_kg = 1.5\nbundle_h = 12\n'
        '[run]\nseed = 7\n[[change]]\nop = "hand_over"\n',
    )
    child = write(
        tmp_path,
        "b.toml",
        'base = "a"\n[assumptions]\nitem_kg = 1.0\n[run]\nreplications = 3\n'
        '[[change]]\nop = "set_rounds"\nper_week = 7\nwhere = { border = true }\n',
    )
    resolved = load_scenario(child)
    # item_kg is back at its default because it is written there, not because it equals the default
    assert (resolved.assumptions["item_kg"], resolved.assumptions["bundle_h"]) == (1.0, 12.0)
    assert (resolved.run.seed, resolved.run.replications) == (7, 3)
    assert [change.op for change in resolved.scenario.change] == ["hand_over", "set_rounds"]
    assert resolved.name == "b" and resolved.title == "b"
    assert resolved.chain == ("b", "a")


def test_a_key_with_its_default_value_still_replaces_the_base(tmp_path: Path) -> None:
    """In every table, and for whole scenarios of the library: presence counts, not difference."""
    write(
        tmp_path,
        "a.toml",
        'base = "xizang-2021"\n[options]\ndraw = 2\nfleet_scope = "post"\n[run]\nseed = 9\n'
        "measured_days = 7\n[operations]\nweather = false\nfleet = false\n[demand]\ninbound = 2.0\n"
        "originating = 3.0\n[assumptions]\nbundle_h = 12\n",
    )
    child = write(
        tmp_path,
        "b.toml",
        'base = "a"\n[options]\ndraw = 0\n[run]\nseed = 1\n[operations]\nweather = true\n'
        "[demand]\ninbound = 1.0\n[assumptions]\nbundle_h = 24\n",
    )
    resolved = load_scenario(child)
    default = load_scenario("xizang-2021")
    scenario = resolved.scenario
    # written with its default: the default holds
    assert (scenario.options.draw, resolved.run.seed, scenario.operations.weather) == (0, 1, True)
    assert scenario.demand.inbound == 1.0
    assert default.assumptions["bundle_h"] == 24.0 == resolved.assumptions["bundle_h"]
    # not written: the base's
    assert (scenario.options.fleet_scope, resolved.run.measured_days) == ("post", 7)
    assert (scenario.operations.fleet, scenario.demand.originating) == (False, 3.0)


def test_the_new_operations_are_checked_before_anything_is_fitted(tmp_path: Path) -> None:
    text = """
base = "xizang-2021"
[[change]]
op = "reroute_route"
route = "road-001"
stops = ["Chengguan (Lhasa)", "Lhase"]
[[change]]
op = "close_outlets"
network = "express"
brand = "SFF"
where = { county = "Gerz" }
[[change]]
op = "close_outlets"
network = "postal"
where = ["540102999"]
[[change]]
op = "move_outlet"
outlet = "P-0001"
to = "540102999"
[[change]]
op = "equip_centres"
centres = ["Nangqu"]
lanes = 3
[[change]]
op = "add_vehicles"
number = 3
vehicle = "van"
base = "Gare (Shiquanhe)"
[[change]]
op = "add_road"
between = ["Gerze", "Rutogg"]
km = 400.0
[[change]]
op = "improve_road"
links = ["540302-540333"]
speed_kmh = 60.0
[[change]]
op = "set_inbound_ratio"
ratio = 4.0
classes = ["medicin"]
[[change]]
op = "add_class"
code = "medicine"
name = "Medicine"
flow = "head"
yearly = 0.5
after = "emss"
[[change]]
op = "set_outlet_hours"
cutoff = "20:00"
where = { prefecture = "Ngary" }
"""
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "a.toml", text))
    assert [(p.table, p.key, p.value) for p in error.value.problems] == [
        ("change 1 reroute_route", "stops", "Lhase"),
        ("change 2 close_outlets", "where.county", "Gerz"),
        ("change 2 close_outlets", "brand", "SFF"),
        ("change 3 close_outlets", "where", "540102999"),
        ("change 4 move_outlet", "to", "540102999"),
        ("change 5 equip_centres", "centres", "Nangqu"),
        ("change 6 add_vehicles", "base", "Gare (Shiquanhe)"),
        ("change 7 add_road", "between", "Rutogg"),
        ("change 8 improve_road", "links", "540302-540333"),
        ("change 9 set_inbound_ratio", "classes", "medicin"),
        ("change 10 add_class", "after", "emss"),
        ("change 11 set_outlet_hours", "where.prefecture", "Ngary"),
    ]
    near = {str(p.value): p.nearest for p in error.value.problems}
    assert (near["Lhase"], near["Rutogg"], near["emss"]) == ("Lhaze", "Rutog", "ems")


def test_what_a_change_brings_in_can_be_named_by_later_ones(tmp_path: Path) -> None:
    text = """
base = "xizang-2021"
[[change]]
op = "add_class"
code = "medicine"
name = "Medicine"
flow = "head"
yearly = 0.5
[[change]]
op = "scale_demand"
factor = 2.0
classes = ["medicine"]
[[change]]
op = "add_road"
between = ["Gerze", "Rutog"]
km = 460.0
[[change]]
op = "close_road_yearly"
links = ["542526-542524"]
months = [12, 1, 2, 7]
"""
    write(tmp_path, "a.toml", text)
    child = 'base = "a"\n[[change]]\nop = "improve_road"\nlinks = ["542526-542524"]\nspeed_kmh = 60.0\n'
    resolved = load_scenario(write(tmp_path, "b.toml", child))
    closes = resolved.scenario.change[3]
    assert isinstance(closes, CloseRoadYearly)
    assert closes.seasons == [("07-01", "07-31"), ("12-01", "02-29")]
    again = load_scenario(write(tmp_path, "c.toml", resolved.to_toml()))
    assert again.to_toml() == resolved.to_toml()


def test_a_missing_base_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "a.toml", 'base = "xizang-2012x"\n'))
    assert told(error) == [
        "a.toml: base = 'xizang-2012x'; allowed: a scenario of the library or a file beside; "
        "did you mean 'xizang-2012'?"
    ]


def test_bases_that_lead_in_a_circle_are_told(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", 'base = "b"\n')
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "b.toml", 'base = "a"\n'))
    assert told(error) == ["a.toml: base = 'b'; allowed: no scenario that leads back here: b → a → b"]


def test_problems_of_all_files_of_a_chain_come_together(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", 'region = "xizang"\nyeer = 2021\n')
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "b.toml", 'base = "a"\n[run]\nsed = 1\n'))
    assert [problem.file for problem in error.value.problems] == ["b.toml", "a.toml"]


def test_wrong_keys_and_wrong_assumptions_come_in_one_list(tmp_path: Path) -> None:
    text = 'base = "xizang-2021"\ntitel = "x"\n[assumptions]\nbundle_h = 1000\nitem_kgs = 2\nitem_kg = "2"\n'
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "a.toml", text))
    assert {problem.key for problem in error.value.problems} == {"bundle_h", "item_kg", "item_kgs", "titel"}
    assert len(error.value.problems) == 4


@pytest.mark.parametrize("start", ["1999-04-12", "2022-11-14"])
def test_a_run_that_may_leave_the_calendar_is_refused_before_anything_is_fitted(
    start: str, tmp_path: Path
) -> None:
    with pytest.raises(InputErrors, match=r"holidays of .* are not listed") as error:
        load_scenario(write(tmp_path, "a.toml", f'base = "xizang-2021"\n[run]\nstart = {start}\n'))
    assert [problem.key for problem in error.value.problems] == ["start"]


def test_a_year_is_measured_from_1_january_on() -> None:
    plan = load_scenario("xizang-2021").with_run(year=True, seed=3).plan
    assert plan == RunPlan(dt.date(2020, 11, 30), 32, 365, 3)
    leap = load_scenario("xizang-2012").with_run(year=True).plan
    assert leap.start + dt.timedelta(days=leap.warmup_days) == dt.date(2012, 1, 1)
    assert (leap.start.weekday(), leap.measured_days) == (0, 366)
    assert leap.warmup_days >= load_scenario("xizang-2012").run.warmup_days


def test_a_year_and_dates_of_its_own_put_each_other_out(tmp_path: Path) -> None:
    """What is nearer counts: a file before its base, the command line before both."""
    write(tmp_path, "year.toml", 'base = "xizang-2021"\n[run]\nyear = true\n')
    week = load_scenario(write(tmp_path, "week.toml", 'base = "year"\n[run]\nmeasured_days = 7\n'))
    year = load_scenario(tmp_path / "year.toml")
    assert year.plan == RunPlan.of_year(2021, 28) and year.run.start is None
    assert week.plan == RunPlan(dt.date(2021, 4, 12), 28, 7)
    assert year.with_run(measured_days=7).plan == week.plan
    assert week.with_run(year=True).plan == year.plan
    assert year.with_run(seed=2).plan.measured_days == 365


@pytest.mark.parametrize("given", ["start = 2021-04-12", "measured_days = 28"])
def test_a_year_with_dates_of_its_own_is_refused(given: str, tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "a.toml", f'base = "xizang-2021"\n[run]\nyear = true\n{given}\n'))
    name = given.split()[0]
    assert told(error) == [f"a.toml [run]: allowed: year = true or {name}: a year begins on 1 January"]


def test_a_year_survives_being_written_out(tmp_path: Path) -> None:
    year = load_scenario("xizang-2021").with_run(year=True)
    again = load_scenario(write(tmp_path, "a.toml", year.to_toml()))
    assert again.plan == year.plan and again.to_toml() == year.to_toml()


def test_more_days_on_the_command_line_may_leave_the_calendar_too(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, "a.toml", 'base = "xizang-2021"\n[run]\nstart = 2022-01-03\n'))
    with pytest.raises(InputErrors, match="command line"):
        scenario.with_run(measured_days=364)


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match=r"a\.toml.*line 2"):
        load_scenario(write(tmp_path, "a.toml", 'region = "xizang"\nyear = \n'))


def test_a_root_needs_region_and_year(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "a.toml", 'title = "x"\n'))
    assert [problem.key for problem in error.value.problems] == ["region", "year"]


def test_an_unknown_scenario_offers_the_nearest_of_the_library() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'xizang-2021'"):
        load_scenario("xizang-2o21")


def test_wrong_references_are_told_before_anything_is_fitted(tmp_path: Path) -> None:
    text = """
base = "xizang-2021"
[assumptions]
item_kgs = 2
bundle_h = 1000
[[change]]
op = "add_route"
mode = "rail"
stops = ["Chengguan (Lhasa)", "Bayi (Nyingchy)", "GW_XINNING", "540109"]
per_week = 7
[[change]]
op = "open_outlets"
network = "express"
brand = "SFF"
where = { prefecture = "Ngary", county = "Gerz" }
[[change]]
op = "open_outlets"
network = "postal"
where = ["540102002", "540102999"]
[[change]]
op = "scale_demand"
factor = 2
classes = ["expres"]
"""
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "a.toml", text))
    assert [(p.table, p.key, p.value) for p in error.value.problems] == [
        ("assumptions", "item_kgs", 2),
        ("assumptions", "bundle_h", 1000),
        ("change 1 add_route", "stops", "Bayi (Nyingchy)"),
        ("change 1 add_route", "stops", "GW_XINNING"),
        ("change 1 add_route", "stops", "540109"),
        ("change 2 open_outlets", "where.prefecture", "Ngary"),
        ("change 2 open_outlets", "where.county", "Gerz"),
        ("change 2 open_outlets", "brand", "SFF"),
        ("change 3 open_outlets", "where", "540102999"),
        ("change 4 scale_demand", "classes", "expres"),
    ]
    near = {str(p.value): p.nearest for p in error.value.problems}
    assert near["Bayi (Nyingchy)"] == "Bayi (Nyingchi)"
    assert near["GW_XINNING"] == "GW_XINING"
    assert near["Ngary"] == "Ngari"
    assert near["expres"] == "express"
    assert near["2"] == "item_kg"


def test_closed_roads_and_peaks_are_checked_before_anything_is_fitted(tmp_path: Path) -> None:
    text = """
base = "xizang-2021"
[[change]]
op = "close_road"
links = ["540302-540333"]
from = 2024-02-05
until = 2024-02-06
[[change]]
op = "close_road"
between = ["Karuo (Qamdo)", "Riwocha"]
from = 2022-02-05
until = 2022-02-06
[[change]]
op = "peak_demand"
factor = 2
classes = ["expres"]
from = 2022-02-05
until = 2023-02-06
[[change]]
op = "scale_fleet"
factor = 0.5
where = { prefecture = "Ngary" }
"""
    with pytest.raises(InputErrors) as error:
        load_scenario(write(tmp_path, "a.toml", text))
    assert [(p.table, p.key, p.value) for p in error.value.problems] == [
        ("change 1 close_road", "links", "540302-540333"),
        ("change 1 close_road", "from", "2024-02-05"),
        ("change 1 close_road", "until", "2024-02-06"),
        ("change 2 close_road", "between", "Riwocha"),
        ("change 3 peak_demand", "until", "2023-02-06"),
        ("change 3 peak_demand", "classes", "expres"),
        ("change 4 scale_fleet", "where.prefecture", "Ngary"),
    ]
    near = {str(p.value): p.nearest for p in error.value.problems}
    assert near["540302-540333"] == "540302-540323"
    assert near["Riwocha"] == "Riwoqe"
    assert "2020-11-01 to 2022-12-31" in error.value.problems[1].allowed


def test_closed_roads_and_peaks_survive_being_written_out(tmp_path: Path) -> None:
    text = """
base = "xizang-2021"
[[change]]
op = "close_road"
between = ["Karuo (Qamdo)", "Riwoqe"]
from = 2022-01-05
until = 2022-01-20
[[change]]
op = "peak_demand"
factor = 1.5
classes = ["express"]
from = 2021-11-11
until = 2021-11-16
[[change]]
op = "scale_fleet"
factor = 0.5
vehicles = ["van"]
duty = "rounds"
"""
    resolved = load_scenario(write(tmp_path, "a.toml", text)).with_run(seed=3)
    close, peak, fleet = resolved.scenario.change
    assert isinstance(close, CloseRoad) and isinstance(peak, PeakDemand) and isinstance(fleet, ScaleFleet)
    assert close.between == ("540302", "540323")
    assert (peak.first, peak.last) == (dt.date(2021, 11, 11), dt.date(2021, 11, 16))
    again = load_scenario(write(tmp_path, "b.toml", resolved.to_toml()))
    assert again.scenario.change == resolved.scenario.change
    assert again.to_toml() == resolved.to_toml()


def test_operations_are_inherited_switch_by_switch_and_leave_the_fit_alone(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", 'base = "xizang-2021"\n[operations]\nweather = false\nbreakdowns = false\n')
    child = write(tmp_path, "b.toml", 'base = "a"\n[operations]\nweather = true\nattempts = false\n')
    resolved = load_scenario(child)
    assert resolved.scenario.operations == Operations(attempts=False, breakdowns=False)
    assert load_scenario("xizang-2021").scenario.operations == Operations()
    assert resolved.fit_key == load_scenario("xizang-2021").fit_key
    assert "attempts = false" in resolved.to_toml()


def test_selectors_keep_their_form(tmp_path: Path) -> None:
    text = """
base = "xizang-2021"
[[change]]
op = "open_outlets"
network = "postal"
where = { county = "Gerze", border = false }
[[change]]
op = "set_rounds"
per_week = 5
where = { terrain = "remote", kind = "rural" }
"""
    outlets, rounds = load_scenario(write(tmp_path, "a.toml", text)).scenario.change
    assert isinstance(outlets, OpenOutlets) and isinstance(rounds, SetRounds)
    assert outlets.where.model_dump(exclude_none=True) == {"county": "542526", "border": False}
    assert rounds.where.model_dump(exclude_none=True) == {"terrain": "remote", "kind": "rural"}


def test_another_report_file_is_found_beside_its_scenario(tmp_path: Path) -> None:
    report = load_region("xizang").report(2021)
    figures = {
        figure.name: {
            "value": 80 if figure.name == "road_routes" else figure.value,
            "precision": figure.precision,
            "unit": figure.unit,
            "date": figure.date,
            "quote": figure.quote,
            "meaning": figure.meaning,
            "use": figure.use,
        }
        for figure in report.published()
    }
    text = tomli_w.dumps({"report": {"region": "xizang", "year": 2021}})
    text += "".join(
        "\n" + tomli_w.dumps({"t": body}).replace("[t]", f"[figures.{name}]")
        for name, body in figures.items()
    )
    write(tmp_path, "mine.toml", text)
    path = write(tmp_path, "a.toml", 'base = "xizang-2021"\nreport = "mine.toml"\n')
    resolved = load_scenario(path)
    assert resolved.report["road_routes"].value == 80
    assert resolved.fit_key != load_scenario("xizang-2021").fit_key
    assert 'report = "report.toml"' in resolved.to_toml()
    assert resolved.report_text == text


def test_a_report_that_is_not_there_or_of_another_year_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match=r"a\.toml: report = .*No such file"):
        load_scenario(write(tmp_path, "a.toml", 'base = "xizang-2021"\nreport = "mine.toml"\n'))
    with pytest.raises(InputErrors, match=r"a\.toml: year = 2020; allowed: one of 2012, 2021"):
        load_scenario(write(tmp_path, "a.toml", 'base = "xizang-2021"\nyear = 2020\n'))
    with pytest.raises(InputErrors, match="region = 'xizan'; allowed: xizang; did you mean 'xizang'"):
        load_scenario(write(tmp_path, "a.toml", 'region = "xizan"\nyear = 2021\n'))


def test_an_unknown_region_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match=r"a\.toml: region = 'mars'; allowed: xizang$"):
        load_scenario(write(tmp_path, "a.toml", 'region = "mars"\nyear = 2021\n'))


def test_run_settings_of_the_command_line_are_checked_too() -> None:
    resolved = load_scenario("xizang-2021")
    assert resolved.with_run(seed=9, replications=None).run.seed == 9
    with pytest.raises(InputErrors, match=r"command line \[run\]: replications = 0"):
        resolved.with_run(replications=0)


def test_the_default_window_opens_on_the_second_monday_of_may() -> None:
    assert default_start(2021, 28) == dt.date(2021, 4, 12)
    assert default_start(2012, 0) == dt.date(2012, 5, 14)


def test_a_scenario_may_come_from_parsed_data() -> None:
    resolved = resolve({"base": "xizang-2021", "demand": {"inbound": 2.0}}, name="twice")
    assert resolved.name == "twice"
    assert resolved.scenario.demand.inbound == 2.0
