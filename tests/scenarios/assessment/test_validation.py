"""`yizhan validate`: verdicts, intervals, and what a miss rests on."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike
from typer.testing import CliRunner, Result

from network.inputs.observed import load_facts
from network.model.network import Network
from scenarios.assessment import validation as validation_module
from scenarios.assessment.validation import Answer, Validation, markdown, validate, write_validation
from scenarios.cli import app
from scenarios.definition.resolve import load_scenario
from scenarios.runs.folder import StoredRun
from scenarios.runs.run import run_scenario
from sim.measures.compliance import Batches
from sim.measures.observed import Observed, Towns
from sim.measures.statistics import interval


def quantiles(values: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Return the smallest values that at least these shares do not exceed."""
    ordered = np.sort(np.ravel(values))
    return ordered[np.maximum(np.ceil(np.round(np.multiply(q, ordered.size), 9)).astype(int) - 1, 0)]


def yizhan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def stored(small_network: Network, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    settings = {"warmup_days": 7, "measured_days": 14, "replications": 1, "workers": 1}
    resolved = load_scenario("xizang-2021").with_run(**settings)
    folder = tmp_path_factory.mktemp("runs") / "one"
    return run_scenario(resolved, folder, plots=False, fitted=small_network)


@pytest.fixture(scope="module")
def found(stored: StoredRun) -> Validation:
    return validate(stored)


def answer(found: Validation, code: str) -> Answer:
    return next(a for a in found.answers if a.fact.code == code)


@pytest.mark.slow
def test_every_fact_is_answered_in_order(found: Validation, small_network: Network) -> None:
    assert [a.fact for a in found.answers] == list(
        load_facts(small_network.region, small_network.assumptions)
    )


@pytest.mark.slow
def test_counts_and_times_are_those_of_the_records(found: Validation, stored: StoredRun) -> None:
    items, places = stored.columns("items"), stored.network.places
    codes = [row["code"] for row in stored.network.assumptions.table("classes")]
    express = (items["cls"] == codes.index("express")) & (items["dest"] >= 0)
    dest = np.maximum(items["dest"], 0)
    week = (items["accepted_s"] - 7 * 86_400) // (7 * 86_400)
    tingri = express & (places.county[dest] == "540223")
    zhaxizom = tingri & (places.township[dest] == "540223200")
    told = answer(found, "zhaxizom-items")
    assert (told.items, told.estimate) == (zhaxizom.sum(), zhaxizom.sum() / 14)
    assert told.half_width == pytest.approx(interval([(zhaxizom & (week == w)).sum() / 7 for w in (0, 1)])[1])
    assert told.verdict == ("below" if told.estimate < 100 else "above")
    order = tingri & (items["direction"] == 2) & ~places.in_town[dest].astype(bool)
    took = np.where(items["ended_s"] >= 0, (items["ended_s"] - items["accepted_s"]) / 86_400, np.inf)
    told = answer(found, "tingri-order")
    assert told.items == order.sum() > 0
    exact = quantiles(took[order], [0.1, 0.5, 0.9])
    for value, wanted in zip((told.low, told.estimate, told.high), exact, strict=True):
        assert value == pytest.approx(wanted, abs=600 / 86_400)
    assert told.share_as_quick == pytest.approx((took[order] <= 8).mean(), abs=1e-9)
    assert "over the 2 measured weeks of one replication" in found.basis


def test_one_observed_item_is_judged_by_the_middle_four_fifths(found: Validation) -> None:
    told = answer(found, "tingri-order")
    assert told.low is not None and told.high is not None
    assert told.verdict == ("above" if told.low > 8 else "below" if told.high < 8 else "inside")


def test_what_is_not_compared_says_why(found: Validation) -> None:
    told = answer(found, "counties-2005")
    assert (told.verdict, told.items, told.model, told.missed) == ("not compared", 0, "–", False)
    assert told.fact.why_not == "before any scenario here"
    assert all(value is None for value in (told.half_width, told.low, told.high, told.clear))


def test_an_interval_across_the_edge_is_not_clear(found: Validation, stored: StoredRun) -> None:
    """A range that ends within the interval of the estimate."""
    fact = replace(answer(found, "provinces-2025").fact, low=0.0, high=2.0)
    counts = np.zeros((2, 1000), dtype=np.int64)
    counts[0, 280], counts[1, 300] = 100, 101  # 1.94 and 2.08 days
    told = Observed(counts, np.zeros(1000, dtype=np.int64))
    made = validation_module._answer(fact, told, [7, 7], 14, stored)
    assert (made.verdict, made.clear) == ("above", False)
    assert made.half_width == pytest.approx(12.706 * 20 * 600 / 86_400 / 2, rel=1e-3)
    sure = validation_module._answer(replace(fact, high=20.0), told, [7, 7], 14, stored)
    assert (sure.verdict, sure.clear) == ("inside", True)
    one = Observed(counts[:1], counts[1])
    single = validation_module._answer(fact, one, [7], 14, stored)
    assert (single.half_width, single.clear) == (None, None)
    none = validation_module._answer(fact, Observed(counts * 0, counts[0] * 0), [7, 7], 14, stored)
    assert none.verdict == "no such item" and math.isnan(none.estimate)


def test_towns_and_counties_are_set_beside_their_own_kinds_of_facts(
    found: Validation, stored: StoredRun
) -> None:
    """Three towns in the mean of one, four and seven days; papers to two of them, one on the day."""
    counts = np.array([[2, 5, 1], [0, 0, 0]])
    total_s = counts * np.array([1, 4, 7]) * 86_400
    same_day = np.array([[1, 0, 0], [0, 0, 0]])
    towns = Towns(counts, counts, total_s, same_day)
    for kind, low, high, verdict, estimate, share, model in (
        ("towns", 3.0, 5.0, "inside", 4.0, 1 / 3, "mean 4.00 days, 1 of 3 towns inside"),
        ("towns", 5.0, 7.0, "below", 4.0, 1 / 3, "mean 4.00 days, 1 of 3 towns inside"),
        ("counties", 2.0, 3.0, "below", 1.0, None, "1 of 3 counties"),
    ):
        fact = replace(answer(found, "towns-land").fact, kind=kind, low=low, high=high)
        made = validation_module._answer(fact, towns, [7], 7, stored)
        assert (made.verdict, made.estimate, made.towns, made.model) == (verdict, estimate, 3, model)
        assert made.share_inside == (None if share is None else pytest.approx(share))
        assert (made.items, made.half_width, made.clear) == (8, None, None)


def test_the_quickest_tenth_is_set_beside_what_is_so_at_best(found: Validation, stored: StoredRun) -> None:
    counts = np.zeros((1, 1000), dtype=np.int64)
    counts[0, 144], counts[0, 720] = 10, 90  # one day, and five
    fact = replace(answer(found, "chengdu-land").fact, low=1.0, high=2.0)
    made = validation_module._answer(fact, Observed(counts, counts[0] * 0), [7], 7, stored)
    assert (made.verdict, made.estimate, made.model) == ("inside", 1.0, "10 % in 1.00 days")
    usual = replace(fact, kind="usual")
    made = validation_module._answer(usual, Observed(counts, counts[0] * 0), [7], 7, stored)
    assert (made.verdict, made.estimate) == ("above", 5.0)


def test_rounds_trips_and_rides_are_read_off_the_network(found: Validation) -> None:
    for code, value, model, verdict in (
        ("lhozhag-truck", 0.0, "0.0 a week", "below"),  # there is no route to Lhozhag here
        ("lhozhag-lhasa", math.inf, "none", "above"),
    ):
        made = answer(found, code)
        assert (made.items, made.estimate, made.model, made.verdict) == (0, value, model, verdict)
        assert made.missed and made.clear is None


def test_only_facts_that_could_be_looked_up_again_count(found: Validation) -> None:
    shown = [a for a in found.answers if a.verdict in ("inside", "above", "below")]
    counted = [a for a in shown if a.fact.seen == "again"]
    assert 0 < len(counted) < len(shown)
    inside = [a for a in counted if a.verdict == "inside"]
    assert found.inside() == (len(inside), len(counted))
    held = [a for a in counted if a.fact.half == "held out"]
    k, n = found.inside("held out")
    assert (k, n) == (sum(a in inside for a in held), len(held))
    ours = found.inside("calibration")
    assert (ours[0] + k, ours[1] + n) == found.inside()
    once = next(a for a in shown if a.fact.seen == "once")
    assert not once.counts and not once.missed and "seen once" in once.said
    again = replace(once, fact=replace(once.fact, seen="again"), verdict="above")
    more = Validation(found.run, Batches("weeks", 2), (*found.answers, again))
    assert more.inside() == (len(inside), len(counted) + 1)
    assert more.tally.startswith(
        f"observed facts: {len(inside)} of {len(counted) + 1} inside (calibration half "
    )
    assert found.as_dict()["inside"]["held out"] == {"inside": k, "judged": n}


def test_files_and_the_page_hold_the_same(found: Validation, tmp_path: Path) -> None:
    files = write_validation(found, tmp_path / "out")
    assert [file.name for file in files] == ["validation.json", "validation.csv"]
    data = json.loads(files[0].read_text(encoding="utf-8"))
    assert [fact["code"] for fact in data["facts"]] == [a.fact.code for a in found.answers]
    assert data["intervals"] == {"level": 0.95, "over": "weeks", "number": 2}
    upper = {fact["code"]: fact["observed_high"] for fact in data["facts"]}
    assert upper["tsona-items"] is None and upper["provinces-2025"] == 7
    rests = next(fact["rests_on"] for fact in data["facts"] if fact["code"] == "hubei-land")
    assert {"key": "rail_handling_h", "value": "8, 4–24 h on arrival"}.items() <= rests[1].items()
    with files[1].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows] == [a.verdict for a in found.answers]
    table = [line for line in markdown(found).splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(found.answers)
    assert all(a.model in line for a, line in zip(found.answers, table[2:], strict=True))


def test_the_command_prints_each_miss_with_what_it_rests_on(
    found: Validation, stored: StoredRun, tmp_path: Path
) -> None:
    result = yizhan("validate", str(stored.path), "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    missed = [a for a in found.answers if a.missed]
    assert missed
    for told in missed:
        assert f"{told.fact.about}: the model is {told.verdict}." in result.stdout
        for key, _, how in told.rests_on:
            assert key in result.stdout and how in result.stdout
    assert found.tally in result.stdout
    assert "no assumed default was chosen against these facts (rule 21)" in result.stdout
    assert (tmp_path / "out" / "validation.csv").is_file()
    data = json.loads(yizhan("validate", str(stored.path), "--out", str(tmp_path), "--json").stdout)
    assert len(data["facts"]) == len(found.answers)


def test_wrong_input_is_told() -> None:
    for arguments, told in (
        (("xizang-2o21",), "unknown scenario 'xizang-2o21'; did you mean 'xizang-2021'?"),
        (("xizang-2021", "--days", "0"), "measured_days = 0; allowed:"),
    ):
        result = yizhan("validate", *arguments)
        assert result.exit_code == 2 and told in result.stderr, result.output
