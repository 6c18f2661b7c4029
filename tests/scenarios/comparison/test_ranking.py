"""The option ranking and its frontier: order, verdicts read together, the second interval, and the charts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from network.errors import InputErrors
from scenarios.charts.ranking import frontier_chart, ranking_chart
from scenarios.comparison.differences import differences
from scenarios.comparison.ranking import MEASURE, check_measures, frontier, headline_of, option_ranking
from scenarios.comparison.world_ranges import world_ranges
from scenarios.support.folders import StoreError

NOISE = np.array([0.0, 3.0, -2.0, 1.0, 4.0])


def _measures(mean: float, cost: float, own: float = 0.0) -> list[dict[str, Any]]:
    """Return replications whose shared part is the same for every scenario."""
    return [
        {
            "transit": {"all": {"at_close": {"mean_h": mean + x + own * (row % 2) * (1 + row)}}},
            "cost": {"yuan": 1e6 + cost, "days": 7},
        }
        for row, x in enumerate(NOISE)
    ]


def _run(name: str, measures: list[dict[str, Any]]) -> Any:
    told = {"scenario": name, "title": name.title(), "measures": measures[0]}
    return SimpleNamespace(summary=told, measures=measures)


@pytest.fixture
def comparison() -> Any:
    base = _run("base", _measures(100, 0))
    others = [
        _run("near", _measures(99.9, 10, own=0.05)),
        _run("best", _measures(90, 500, own=0.01)),
        _run("cheap", _measures(95, -20, own=0.01)),
        _run("busy", _measures(150, 9000, own=0.01)),
        _run("early", _measures(80, 0)),
    ]
    paired = (True, True, True, True, False)
    items = [
        {"scenario": name, "kind": "class direction", "only_base": 0.0, "only_other": more}
        for name, more in (("near", 0.0), ("best", 0.0), ("cheap", 0.0), ("busy", 9.0), ("early", 5.0))
    ]
    found = [
        differences(base.measures, other.measures, pair) for other, pair in zip(others, paired, strict=True)
    ]
    more = [{"vehicles": n, "drivers": 2 * n, "vehicle_km_per_week": 100.0 * n} for n in (1, 7, 0, 0, 0)]
    return SimpleNamespace(
        base=base,
        others=tuple(others),
        runs=(base, *others),
        paired=paired,
        differences=tuple(found),
        requirements=tuple(SimpleNamespace(more=each) for each in more),
        items=tuple(items),
    )


def test_scenarios_stand_in_order_with_the_base_among_them(comparison: Any) -> None:
    rows = option_ranking(comparison)
    assert [row["scenario"] for row in rows] == ["early", "best", "cheap", "near", "base", "busy"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5, 6]
    by_name = {row["scenario"]: row for row in rows}
    assert by_name["best"]["verdict"] == by_name["cheap"]["verdict"] == "better"
    assert by_name["busy"]["verdict"] == "worse" and by_name["near"]["verdict"] == "open"
    assert by_name["base"]["verdict"] == "base" and by_name["base"]["difference"] == 0
    assert by_name["best"]["half_width_together"] > by_name["best"]["half_width"]
    assert (by_name["early"]["paired"], by_name["early"]["half_width"] > 3) == (0, True)  # nothing is shared
    assert by_name["best"]["to_next"] == pytest.approx(
        5.0, abs=0.1
    )  # to "cheap", not to the one of other items
    assert by_name["early"]["to_next"] is None and by_name["busy"]["to_next"] is None
    assert by_name["best"]["yuan_per_week"] == pytest.approx(500)


def test_the_frontier_is_of_scenarios_with_the_items_of_the_base(comparison: Any) -> None:
    rows = {row["scenario"]: row for row in option_ranking(comparison)}
    assert [name for name, row in rows.items() if row["frontier_vehicles"]] == ["best", "cheap"]
    assert [name for name, row in rows.items() if row["frontier_yuan"]] == ["best", "cheap"]
    assert rows["early"]["frontier_yuan"] == rows["busy"]["frontier_vehicles"] == 0


def test_the_frontier_is_what_enumeration_finds() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        taken, gained = rng.integers(0, 6, 12).tolist(), rng.integers(0, 6, 12).tolist()
        expected = []
        for a, b in zip(taken, gained, strict=True):
            rivals = [(t, g) for t, g in zip(taken, gained, strict=True) if t <= a and g >= b]
            expected.append(all((t, g) == (a, b) for t, g in rivals))
        assert frontier(taken, gained) == expected


def _study(folder: Path) -> Path:
    folder.mkdir()
    head = "form,measure,unit,scenario,of,worlds,mean,least,p5,p25,p50,p75,p95,most\n"
    (folder / "ranges.csv").write_text(
        head
        + "scheduled,transit.all.mean_h,h,best,difference to base,200,-9,-20,-15,-11,-9,-5,1,2\n"
        + "simulated,transit.all.mean_h,h,best,difference to base,20,-8,-19,-14,-10,-8,-4,2,3\n"
        + "simulated,transit.all.mean_h,h,best,value,20,90,80,81,85,90,95,99,100\n"
    )
    (folder / "shares.csv").write_text(
        "form,measure,unit,scenario,against,worlds,share\n"
        "simulated,transit.all.mean_h,h,best,base,20,0.9\nrealised,transit.all.mean_h,h,best,cheap,20,0.6\n"
    )
    return folder


def test_a_study_gives_the_second_interval(comparison: Any, tmp_path: Path) -> None:
    worlds = world_ranges(_study(tmp_path / "study"), MEASURE, "base")
    assert worlds == {"best": {"low": -14, "mid": -8, "high": 2, "worlds": 20, "better": 0.9}}
    rows = {row["scenario"]: row for row in option_ranking(comparison, worlds=worlds)}
    assert (rows["best"]["world_low"], rows["best"]["worlds_better"]) == (-14, 0.9)
    assert rows["cheap"]["world_low"] is None
    with pytest.raises(StoreError, match=r"it has transit\.all\.mean_h"):
        world_ranges(tmp_path / "study", "cost.yuan", "base")
    with pytest.raises(StoreError, match="no folder of a study"):
        world_ranges(tmp_path, MEASURE, "base")


def test_a_measure_is_known_by_its_headline_and_one_that_is_none_is_refused() -> None:
    assert headline_of(MEASURE).label == "mean transit time, all mail to the region"
    assert headline_of("coverage.regional.within.72.people").better == 1
    assert headline_of("transit.by_prefecture.Ngari.mean_h").unit == "h"
    check_measures(["transit.by_prefecture.Ngari.mean_h"])
    with pytest.raises(InputErrors, match=r"did you mean 'transit\.all\.mean_h'"):
        check_measures(["transit.all.mean"])


@pytest.mark.parametrize("axis", ["vehicles", "yuan"])
def test_charts_show_every_scenario_that_belongs_in_them(comparison: Any, tmp_path: Path, axis: str) -> None:
    rows = option_ranking(comparison, worlds=world_ranges(_study(tmp_path / "study"), MEASURE, "base"))
    ax = ranking_chart(rows, "mean", "h")
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Early *", "Best", "Cheap", "Near", "Busy *"]
    assert "Diamonds" in ax.get_figure().get_supxlabel()  # type: ignore[union-attr]
    plot = frontier_chart(rows, "mean", "h", axis)
    told = "\n".join(text.get_text() for text in plot.texts)
    assert all(name in told for name in ("Best", "Cheap", "Near", "Base"))
    assert "Busy" not in told and "Early" not in told
