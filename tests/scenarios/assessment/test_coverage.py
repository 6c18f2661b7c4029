"""The command on coverage, on a small network: its figures are those of the functions behind it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from network.accessibility.coverage import coverage
from network.accessibility.equity import gini
from network.accessibility.scheduled_measures import scheduled_measures
from network.accessibility.scheduled_times import scheduled, scheduled_from
from network.exchange.archive import dumps
from network.model.network import Network
from scenarios.cli import app


@pytest.fixture(scope="module")
def archive(small_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "small.json"
    path.write_text(dumps(small_network), encoding="utf-8")
    return path


def yizhan(*words: object):
    return CliRunner().invoke(app, ["coverage", *map(str, words)])


def test_coverage_is_the_pure_function_of_scheduled_times_and_people(
    small_network: Network, archive: Path
) -> None:
    told = json.loads(yizhan(archive, "--json", "--hours", "72", "--hours", "168").stdout)
    found = scheduled(small_network)
    places = small_network.places
    hours = found.quantile_h("inbound", 0.8)  # nan is within no hours
    lived = places.population > 0
    within = told["coverage"]["scheduled"]["within"]
    assert list(within) == ["72", "168"]
    for h in within:
        assert within[h]["people"] == coverage(hours[lived], places.population[lived], int(h))
        villages = np.isin(places.kind, ("village", "committee"))
        assert within[h]["villages"] == np.mean(hours[villages] <= int(h))
        natural = places.kind == "natural_village"
        assert within[h]["natural_villages"] == np.mean(hours[natural] <= int(h))
    reached = lived & np.isfinite(found.mean_h["inbound"])
    want = gini(found.mean_h["inbound"][reached], places.population[reached])
    assert told["equity"]["scheduled"]["gini"] == want
    same = scheduled_measures(small_network, found)["coverage"]["inbound"]["within"]["168"]
    assert within["168"] == same
    assert told["coverage"]["run"] is None


@pytest.mark.slow
def test_from_one_place_with_tables_and_charts(small_network: Network, archive: Path, tmp_path: Path) -> None:
    result = yizhan(archive, "--from", "Lhasa", "-q", "0.5", "-H", "96", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    assert "coverage from Lhasa" in result.stdout and "assumed values" in result.stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"coverage.json", "coverage.csv", "places.csv", "coverage-curve.png", "coverage-map.png"}
    told = json.loads((tmp_path / "out" / "coverage.json").read_text(encoding="utf-8"))
    found = scheduled_from(small_network, told["origin"])
    with (tmp_path / "out" / "places.csv").open(encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    hours = found.quantile_h("origin", 0.5)
    for row in range(0, len(hours), 97):
        name = str(small_network.places.id[row])
        if name in rows:
            shown = float(rows[name]["p50_h"] or "nan")
            assert shown == pytest.approx(hours[row], abs=1e-3, nan_ok=True)


def test_rankings_of_what_is_critical_and_what_would_gain(archive: Path) -> None:
    result = yizhan(archive, "--critical", "--bottlenecks", "--top", "3", "--no-plots", "--from", "gateway")
    assert result.exit_code == 0, result.stderr
    for title in (
        "Most critical legs",
        "Most critical road links",
        "One more departure",
        "One more running day",
    ):
        assert title in result.stdout
    assert "rail-01" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "Lhassa"), "did you mean 'Lhasa'"),
        (("--from", "southwest"), "origin"),
        (("--from", "Lhasa", "--critical"), "one of outside, gateway and region"),
        (("--from", "GW_YECHENG"), "no mail route serves"),
    ],
)
def test_an_origin_that_cannot_be_is_refused(archive: Path, words: tuple[str, ...], message: str) -> None:
    result = yizhan(archive, *words)
    assert result.exit_code == 2
    assert message in result.stderr
