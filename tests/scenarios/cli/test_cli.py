"""The command line: thin, quick, readable for people and programs, and never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

import scenarios.definition.resolve as resolve_module
import scenarios.runs.run as run_module
from network.accessibility.offered import offered_inside
from network.exchange.archive import loads
from network.exchange.nodelink import from_nodelink
from network.inputs.observed import load_facts
from network.inputs.tables import load_region
from network.model.network import Network
from scenarios.assessment.validation import validate
from scenarios.cli import app
from scenarios.cli.run_text import unresolved
from scenarios.definition.schema import schema_text
from scenarios.runs.folder import StoredRun

COMMANDS = (
    "list",
    "check",
    "explain",
    "run",
    "compare",
    "validate",
    "coverage",
    "service",
    "cost",
    "journey",
    "custody",
    "growth",
    "plot",
    "export",
    "import",
    "schema",
)
FORM = {"name", "published", "precision", "built", "unit", "date", "ok"}
MAIN = "from scenarios.cli import main\nif __name__ == '__main__':\n    main()\n"


def yizhan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, small_network: Network) -> Network:
    """Fit the small network in place of the region's."""
    for module in (resolve_module, run_module):
        monkeypatch.setattr(module, "build_base", lambda *_: small_network)
    return small_network


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    path = tmp_path / "week.toml"
    path.write_text('base = "xizang-2021"\n[run]\nwarmup_days = 0\nmeasured_days = 3\nworkers = 1\n')
    return str(path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    result = yizhan(command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"yizhan {command}" in result.stdout


def test_help_loads_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys\nfrom scenarios.cli import app\n"
        "heavy = {'numpy', 'scipy', 'pyarrow', 'matplotlib', 'networkx', 'pydantic', 'simpy'}\n"
        "heavy &= set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_list_names_the_library() -> None:
    assert "xizang-rail-nyingchi" in yizhan("list").stdout
    assert "mail car" in yizhan("list", "--long").stdout
    rows = json.loads(yizhan("list", "--json").stdout)
    assert {"name", "title", "base", "description"} == rows[0].keys()


def test_schema_prints_the_schema() -> None:
    assert yizhan("schema").stdout == schema_text()


@pytest.mark.slow
def test_check_of_the_base_passes_in_the_promised_form() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "check", "xizang-2021", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert data["ok"] is True
    assert all(row.keys() == FORM for row in data["figures"])
    rows = {row["name"]: row for row in data["figures"]}
    assert rows["road_routes"]["built"] == 89 and rows["vehicles"]["built"] == 908
    assert rows["road_route_km"]["precision"] == 50
    assert all(row["ok"] is True for row in data["figures"])


def test_check_fails_with_status_1_when_a_figure_is_missed(small: Network, scenario: str) -> None:
    result = yizhan("check", scenario)
    assert result.exit_code == 1
    assert "FAIL" in result.stdout and "judged figures fail: road_routes" in result.stdout
    inside, judged = offered_inside(small, load_facts(small.region, small.assumptions))
    assert f"facts on rounds, trips and rides: {inside} of {judged} inside" in result.stdout and judged > 1
    result = yizhan("check", scenario, "--json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert data["ok"] is False and data["observed"] == {"inside": inside, "judged": judged}


def test_check_says_what_the_scenario_changed(small: Network) -> None:
    result = yizhan("check", "xizang-rail-xigaze", "--json")
    data = json.loads(result.stdout)
    rail = next(row for row in data["figures"] if row["name"] == "rail_route_km")
    assert rail["ok"] is None and rail["built"] == 1972 + 251
    assert data["notes"]["rail_route_km"].startswith("changed by scenario: added rail-xigaze")


def test_check_says_how_operations_differ_from_the_usual(
    small: Network, scenario: str, tmp_path: Path
) -> None:
    assert "operations:" not in yizhan("check", scenario).stdout
    path = tmp_path / "calm.toml"
    path.write_text(
        'base = "xizang-2021"\n[operations]\nweather = false\nattempts = false\n'
        '[[change]]\nop = "close_road"\nroute = "road-004"\nfrom = 2021-05-12\nuntil = 2021-05-13\n'
    )
    lines = yizhan("check", str(path)).stdout.splitlines()
    assert "operations: without weather, attempts" in lines
    assert "roads changed by scenario: closed from 2021-05-12 to 2021-05-13: 540223-540223200" in lines
    operations = json.loads(yizhan("check", str(path), "--json").stdout)["operations"]
    assert (operations["weather"], operations["fleet"]) == (False, True)


def test_explain_prints_the_chain(small: Network, scenario: str) -> None:
    result = yizhan("explain", scenario, "assumption.target_load")
    assert result.exit_code == 0 and "[assumed]" in result.stdout
    assert json.loads(yizhan("explain", scenario, "assumption.target_load", "--json").stdout)["value"] == 0.7
    wrong = yizhan("explain", scenario, "assumption.target_lod")
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith("yizhan: unknown") and "target_load" in wrong.stderr


FORMS = {
    "gtfs": "feed.zip",
    "gmns": "roads.zip",
    "geojson": "n.geojson",
    "nodelink": "nl.json",
    "archive": "a.json",
}


@pytest.mark.slow
def test_export_writes_each_form(small: Network, scenario: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for form, name in FORMS.items():
        result = yizhan("export", scenario, "--format", form, "--out", str(out / name))
        assert result.exit_code == 2 and "a file in a folder that is there" in result.stderr
    out.mkdir()
    for form, name in FORMS.items():
        result = yizhan("export", scenario, "--format", form, "--out", str(out / name))
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith(str(out / name))
        assert "does not hold: " in result.stdout or form == "archive"
    assert sorted(path.name for path in out.iterdir()) == sorted(FORMS.values())  # no drafts are left
    assert json.loads((out / "n.geojson").read_text(encoding="utf-8"))["type"] == "FeatureCollection"
    graph = from_nodelink(json.loads((out / "nl.json").read_text(encoding="utf-8")))
    assert graph.number_of_nodes() == len(small.places)
    assert loads((out / "a.json").read_text(encoding="utf-8")).routes == small.routes
    assert yizhan("export", scenario, "--format", "gfts", "--out", "x").exit_code == 2


@pytest.mark.slow
def test_what_is_exported_is_imported(small: Network, scenario: str, tmp_path: Path) -> None:
    paths = {form: str(tmp_path / name) for form, name in FORMS.items()}
    for form, path in paths.items():
        assert yizhan("export", scenario, "--format", form, "--out", path).exit_code == 0
    result = yizhan("import", paths["gtfs"])
    assert result.exit_code == 0 and "note:" not in result.stdout
    assert [line.split() for line in result.stdout.splitlines()[3:]] == [
        ["road", "4", "902", "44", *result.stdout.splitlines()[3].split()[4:]],
        ["rail", "1", "1,972", "14", *result.stdout.splitlines()[4].split()[4:]],
        ["air", "1", "1,263", "14", *result.stdout.splitlines()[5].split()[4:]],
    ]
    again = tmp_path / "again.json"
    assert yizhan("import", paths["gtfs"], "--onto", paths["archive"], "--out", str(again)).exit_code == 0
    assert again.read_bytes() == Path(paths["archive"]).read_bytes()
    table = tmp_path / "roads.csv"
    assert yizhan("import", paths["gmns"], "--out", str(table)).exit_code == 0
    assert table.read_text(encoding="utf-8").count("\n") == 1 + len(load_region("xizang").roads)
    for form in ("geojson", "nodelink"):
        graph = tmp_path / f"{form}-graph.json"
        assert yizhan("import", paths[form], "--out", str(graph)).exit_code == 0
        data = json.loads(graph.read_text(encoding="utf-8"))
        assert from_nodelink(data).number_of_nodes() == len(small.places)


def test_an_import_that_cannot_be_is_refused_in_words(small: Network, scenario: str, tmp_path: Path) -> None:
    feed, notes = tmp_path / "feed.zip", tmp_path / "notes.zip"
    assert yizhan("export", scenario, "--format", "gtfs", "--out", str(feed)).exit_code == 0
    with zipfile.ZipFile(notes, "w") as archive:
        archive.writestr("notes.txt", "hello")
    texts = {
        "n": "{",
        "nan": '{"nodes": [{"id": NaN}], "edges": []}',
        "inf": '{"nodes": [{"id": 1, "km": 1e999}], "edges": []}',
        "ok": '{"nodes": [{"id": 1}], "edges": []}',
        "archive": '{"format": "yizhan-network-1"}',
        "map": '{"type": "FeatureCollection", "features": [{}]}',
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    wrong = {
        ("nowhere.zip",): "nowhere.zip: No such file",
        (str(notes),): "allowed: files of GTFS (stop_times.txt …) or GMNS (link.csv …), or --format",
        (str(notes), "--format", "gtfs"): "stop_times.txt: 'missing'; allowed: a required file",
        (str(feed), "--format", "gmns"): "node.csv: 'missing'; allowed: a required file",
        (str(feed), "--out", str(tmp_path / "x.json")): "--out without --onto",
        (str(feed), "--onto", scenario): "--onto without --out",
        (str(tmp_path / "n.json"),): "allowed: valid JSON in UTF-8",
        (str(tmp_path / "n.json"), "--format", "nodelink", "--onto", scenario): "--onto",
        (str(tmp_path / "nan.json"),): "NaN is no number in JSON",
        (str(tmp_path / "inf.json"), "--out", str(tmp_path / "o.json")): "numbers that are finite",
        (str(tmp_path / "archive.json"),): "this is an archive of Yizhan",
        (str(tmp_path / "map.json"),): "lacks 'id'",
        (str(tmp_path / "n.json"), "--out", str(tmp_path / "o.csv")): "valid JSON",
        (str(tmp_path / "ok.json"), "--out", str(tmp_path / "o.csv")): "a name ending in .json",
    }
    for args, message in wrong.items():
        result = yizhan("import", *args)
        assert result.exit_code == 2, args
        assert message in result.stderr and "Traceback" not in result.output, result.output
    assert yizhan("check", str(tmp_path / "n.json")).exit_code == 2


@pytest.mark.slow
def test_records_of_a_run_are_exported_as_csv_and_parquet(
    small: Network, scenario: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    assert yizhan("run", scenario, "--out", str(run), "--no-plots").exit_code == 0
    for name in ("items", "trips"):
        source = pq.read_table(run / f"{name}.parquet")
        for ending in ("csv", "parquet"):
            out = tmp_path / f"{name}.{ending}"
            result = yizhan("export", str(run), "--format", name, "--out", str(out))
            assert result.exit_code == 0 and f"{source.num_rows:,} rows" in result.stdout
        assert pq.read_table(tmp_path / f"{name}.parquet").equals(source)
        told = pc.read_csv(
            tmp_path / f"{name}.csv", convert_options=pc.ConvertOptions(column_types=source.schema)
        )
        assert told.equals(source)
    assert (
        "a name ending in .csv or .parquet"
        in yizhan("export", str(run), "--format", "items", "--out", str(tmp_path / "items.txt")).stderr
    )
    (run / "items.parquet").unlink()
    result = yizhan("export", str(run), "--format", "items", "--out", str(tmp_path / "items.csv"))
    assert result.exit_code == 2 and "the run kept no items" in result.stderr


@pytest.mark.slow
def test_run_compare_and_plot_work_together(small: Network, scenario: str, tmp_path: Path) -> None:
    base = tmp_path / "base"
    result = yizhan("run", scenario, "--out", str(base), "-n", "2", "--seed", "3", "--no-plots")
    assert result.exit_code == 0, result.output
    assert "ledger at cut-off" in result.stdout and f"kept in {base}" in result.stdout
    assert f"{validate(StoredRun(base)).tally}; `yizhan validate {base}` shows them" in result.stdout
    assert "undelivered, most items first" in result.stdout or "all measured items were" in result.stdout
    assert "one replication gives no intervals" not in result.stdout
    assert "express items share" in result.stdout  # every output says how operators were read (rule 6)
    rests = f"rests on {len(small.assumptions)} assumed values and {len(small.assumptions.tables)} lists"
    assert f"{rests}, 0 changed by the scenario" in result.stdout
    again = yizhan("run", scenario, "--out", str(base))
    assert again.exit_code == 2 and "choose another --out" in again.stderr
    assert yizhan("check", str(base), "--json").exit_code == 1  # a run folder gives its network

    other = tmp_path / "other.toml"
    other.write_text('base = "xizang-2021"\n[[change]]\nop = "hand_over"\n')
    out = tmp_path / "comparison"
    result = yizhan("compare", str(base), str(other), "--out", str(out), "--workers", "1", "--no-plots")
    assert result.exit_code == 0, result.output
    assert "other: other" in result.stdout and "requires +0 vehicles" in result.stdout
    assert result.stdout.count(rests) == 1 and "firms' own lines" not in result.stdout
    data = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert (data["seed"], data["replications"]) == (3, 2)

    result = yizhan("plot", str(base), "--out", str(tmp_path / "charts"))
    assert result.exit_code == 0
    assert (tmp_path / "charts" / "routes.png").is_file()


@pytest.mark.slow
def test_run_adds_replications_until_it_is_exact(small: Network, scenario: str, tmp_path: Path) -> None:
    key = "transit.all.mean_h"
    more = ("--out", str(tmp_path / "run"), "--days", "1", "--no-plots")
    result = yizhan("run", scenario, *more, "--precision", f"{key}=20%")
    assert result.exit_code == 0, result.output
    assert "precision reached with 3 replications:" in result.stdout
    assert f"  {key} ± " in result.stdout and "wanted ± 20 %" in result.stdout
    assert "the warm-up was not tested" in result.stdout
    assert "in transit at cut-off" in result.stdout
    more = ("--out", str(tmp_path / "never"), "--days", "1", "--no-plots", "--max-replications", "3")
    result = yizhan("run", scenario, *more, "-p", f"{key}=0.0001%")
    assert result.exit_code == 0, result.output
    assert "precision not reached after 3 replications (--max-replications):" in result.stdout


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (None, "no mail to the region was in transit at cut-off"),
        (
            {"p95_h": 280.5, "early": {"p95_h": 280.5}},
            "0.25 % of mail to the region was in transit at cut-off: with it the mean is at least 101 h; "
            "not affected: P50, P80, P95, the shares in time",
        ),
        (
            {"p95_h": None, "early": {"p95_h": 270.25, "within": {"72": 0.5, "168": 0.9025}}},
            "0.25 % of mail to the region was in transit at cut-off: with it the mean is at least 101 h; "
            "P95 at least 270.2 h; a share in time up to 0.25 points higher; not affected: P50, P80",
        ),
    ],
)
def test_run_says_what_the_unresolved_can_move(row: dict[str, Any] | None, told: str) -> None:
    if row is not None:
        same = {"mean_h": 100.0, "p50_h": 90.0, "p80_h": 120.0, "within": {"72": 0.5, "168": 0.9}}
        early = {**same, "mean_h": 101.0, **row.pop("early")}
        row = {**same, **row, "items": 4000, "unresolved": 10, "at_close": early}
    assert unresolved(row) == told


@pytest.mark.slow
def test_run_prints_json_for_programs(small: Network, scenario: str, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    result = yizhan("run", scenario, "--out", out, "--days", "2", "--json", "--no-plots")
    data = json.loads(result.stdout)
    assert (data["folder"], data["measured_days"], data["scenario"]) == (out, 2, "week")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "xizang-2o21"), "yizhan: unknown scenario 'xizang-2o21'; did you mean 'xizang-2021'?\n"),
        (("run", "xizang-2021", "-n", "0"), "  command line [run]: replications = 0; allowed:"),
        (
            ("run", "xizang-2021", "--year", "--days", "7"),
            "  command line [run]: allowed: year = true or measured_days: a year begins on 1 January",
        ),
        (
            ("run", "xizang-2021", "-p", "transit.all.mean=2%"),
            "  command line: --precision = 'transit.all.mean'; allowed: a key of measures in summary.json "
            "(docs/results.md); did you mean 'transit.all.mean_h'?\n",
        ),
        (("plot", "nowhere"), "yizhan: nowhere is no run folder\n"),
        *(((command, ""), "yizhan: unknown scenario ''; known") for command in ("run", "validate", "cost")),
        (("compare", "xizang-2021", "xizang-2012", "-n", "0"), "replications = 0; allowed:"),
        (
            ("explain", "xizang-2021", "rout.road-001.km"),
            "kind of value 'rout'; did you mean 'route'",
        ),
        (("export", "xizang-2021", "--format", "gtfs", "--out", "feed.csv"), "a name ending in .zip"),
        (("export", "xizang-2021", "--format", "gtfs", "--out", "nowhere/f.zip"), "a folder that is there"),
        (("service", "xizang-2021", "--out", __file__), "a folder, and this is a file"),
        (("validate", "xizang-2021", "--out", __file__), "a folder, and this is a file"),
    ],
)
def test_wrong_input_is_one_list_and_status_2(arguments: tuple[str, ...], message: str) -> None:
    result = yizhan(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_all_problems_of_a_scenario_are_listed_together(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('base = "xizang-2021"\ntitel = "x"\n[run]\nsed = 1\n[[change]]\nop = "add_rout"\n')
    result = yizhan("check", str(path))
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert lines[0] == "yizhan: 3 problems:"
    assert {line.strip().split(";")[0] for line in lines[1:]} == {
        "bad.toml: titel = 'x'",
        "bad.toml [run]: sed = 1",
        "bad.toml [change 1]: op = 'add_rout'",
    }


def test_changes_that_cannot_be_made_are_listed_together(small: Network, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        'base = "xizang-2021"\n[[change]]\nop = "remove_route"\nroute = "road-999"\n'
        '[[change]]\nop = "add_route"\nmode = "rail"\nstops = ["540102", "542523"]\nper_week = 7\n'
        '[[change]]\nop = "equip_route"\nroute = "road-003 by hnd"\nvehicles_per_trip = 2\n'
    )
    result = yizhan("check", str(path))
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == "yizhan: 3 problems:"
    assert "bad [change 1 remove_route]: route = 'road-999'; allowed: unknown route" in result.stderr
    assert "no railway of 2021 has stations named after both" in result.stderr
    assert "did you mean 'road-003 by hand'?" in result.stderr


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_one_line(tmp_path: Path) -> None:
    out = tmp_path / "run"
    # What a shell starts in the background is told to ignore the signal, and so are its children.
    heed = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    process: Any = subprocess.Popen(
        [sys.executable, "-c", heed + MAIN, "run", "xizang-2021", "--out", str(out), "--no-plots"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    partial = tmp_path / "run.partial"
    deadline = time.monotonic() + 60
    while not (partial / "identity.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    assert errors == "yizhan: interrupted before any of the replications was finished: nothing kept\n"
    assert not out.exists() and not partial.exists()


@pytest.mark.slow
def test_a_journey_is_told_step_by_step_and_adds_up() -> None:
    """From the southwest to Tingri by land: rail to Lhasa, two trips, an address round; as the steps say."""
    told = json.loads(yizhan("journey", "xizang-2021", "southwest", "Tingri", "--surface", "--json").stdout)
    steps = told["steps"]
    assert [step["what"] for step in steps[:3]] == ["upstream", "wait", "ride"]
    assert steps[0]["from_s"] == 9 * 3600 and steps[-1]["what"] == "deliver"
    assert all(a["to_s"] == b["from_s"] for a, b in pairwise(steps))
    text = yizhan("journey", "xizang-2021", "southwest", "Tingri", "--surface").stdout
    hours = (steps[-1]["to_s"] - steps[0]["from_s"]) / 3600
    assert f"{hours:.1f} h from acceptance to first attempt" in text


def test_the_journeys_of_a_week_and_the_last_by_a_deadline(small: Network, scenario: str) -> None:
    ends = ("journey", scenario, "southwest", "Tingri", "--surface")
    week = json.loads(yizhan(*ends, "--week", "--json").stdout)["journeys"]
    assert len(week) == 5  # the feeder to Tingri has five trips a week
    text = yizhan(*ends, "--week").stdout.splitlines()
    assert len(text) == 2 + len(week) + 1 and text[-1].startswith(
        "mean over the week, accepted at any moment: "
    )
    last = json.loads(yizhan(*ends, "--by", "Sun 23:59", "--json").stdout)["steps"]
    deadline = 6 * 86_400 + 86_340
    begins = [steps[0]["from_s"] - 604_800 * lap for steps in week for lap in range(3)
              if steps[-1]["to_s"] - 604_800 * lap <= deadline]  # fmt: skip
    assert last[0]["from_s"] == max(begins) and last[-1]["to_s"] <= deadline
    assert "-1 " in yizhan(*ends, "--by", "Mon 01:00").stdout  # the week before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("Tingrii", "Lhasa"), "did you mean 'Tingri'"),
        (("southwest", "north"), "one end must lie in the region"),
        (("Lhasa", "Tingri", "--at", "Wed 24:00"), "hours go to 23"),
        (("Lhasa", "Tingri", "--at", "noon"), "give a weekday and a time"),
        (("Lhasa", "Tingri", "--by", "Fri 5pm"), "--by 'Fri 5pm': give a weekday and a time"),
        (("Lhasa", "Tingri", "--by", "Fri 17:00", "--week"), "--by and --week: give one of them"),
        (("Lhasa", "Tingri", "--brand", "sf"), "did you mean 'SF'"),
    ],
)
def test_a_journey_from_nowhere_is_refused(words: tuple[str, ...], message: str) -> None:
    result = yizhan("journey", "xizang-2021", *words)
    assert result.exit_code == 2
    assert message in result.stderr
