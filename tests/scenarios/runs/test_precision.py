"""Precision: what may be asked, when it is reached, and that workers decide nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import scenarios.runs.replicate as replicate_module
import scenarios.runs.run as run_module
from network.errors import InputErrors
from network.model.network import Network
from scenarios.definition.resolve import Resolved, load_scenario
from scenarios.runs.precision import MEASURES, Precision
from scenarios.runs.run import run_scenario
from scenarios.support.broken_off import Interrupted
from scenarios.support.progress import Progress
from sim.measures.keys import SUMMARY_KEYS

MEAN = "transit.all.mean_h"


def tree(value: float | None, other: float = 1.0) -> dict[str, Any]:
    return {"transit": {"all": {"mean_h": value, "p80_h": other}}}


def short(**run: Any) -> Resolved:
    plan = {"warmup_days": 0, "measured_days": 1, "workers": 1}
    return load_scenario("xizang-2021").with_run(**{**plan, **run})


def test_a_share_alone_speaks_of_the_headline_measures() -> None:
    assert Precision.of(["2%"]).wanted == dict.fromkeys(MEASURES, 0.02)
    assert set(MEASURES) < {MEASURES[2], *SUMMARY_KEYS}
    one = Precision.of(["2 %", f"{MEAN}=.5%"])
    assert one.wanted == {**dict.fromkeys(MEASURES, 0.02), MEAN: 0.005}
    assert Precision.of(["transit.by_tiers.gateway.village.within.72=10%"], 7).max_replications == 7


def test_all_that_is_wrong_is_told_at_once() -> None:
    texts = ["2", "0%", "transit.all.mean=2%", "coverage.inbound.meaning=1%", f"{MEAN}=x"]
    with pytest.raises(InputErrors) as error:
        Precision.of(texts, 2)
    assert [problem.value for problem in error.value.problems] == [
        "2",
        "0%",
        "transit.all.mean",
        "coverage.inbound.meaning",
        f"{MEAN}=x",
        2,
    ]
    assert error.value.problems[2].nearest == MEAN


def test_a_name_that_only_looks_like_a_measure_is_told_with_the_nearest() -> None:
    asked = Precision.of(["transit.by_tiers.gateway.vilage.mean_h=2%"])
    measures = [{"transit": {"by_tiers": {"gateway": {"village": {"mean_h": 1.0}}}}}] * 3
    with pytest.raises(InputErrors, match=r"did you mean 'transit\.by_tiers\.gateway\.village\.mean_h'"):
        asked.enough(measures, 3)


def test_it_stops_at_the_first_number_that_is_enough() -> None:
    asked = Precision({MEAN: 0.1}, 20)
    values = [100.0, 120.0, 110.0, 110.0, 110.0, 300.0]  # ± 24.8, 13.0, 8.8 at 3, 4, 5
    found = [asked.enough([tree(v) for v in values[:n]], 3) for n in (3, 4, 5, 6)]
    assert found == [None, None, 5, 5]
    assert asked.enough([tree(v) for v in values], 6) is None
    assert asked.as_dict([tree(v) for v in values[:5]]) == {
        "wanted": {MEAN: 0.1},
        "max_replications": 20,
        "shares": {MEAN: pytest.approx(8.78 / 110, rel=1e-3)},
        "reached": True,
    }


def test_it_stops_at_the_maximum_and_says_so() -> None:
    asked = Precision({MEAN: 0.1}, 4)
    measures = [tree(v) for v in (100.0, 120.0, 110.0, 110.0)]
    assert asked.enough(measures[:3], 3) is None
    assert asked.enough(measures, 3) == 4
    assert asked.as_dict(measures)["reached"] is False
    assert asked.furthest(measures) == f"{MEAN} ± 12 %, wanted ± 10 %"
    # replications that the scenario asks for are made in any case
    assert asked.enough([tree(v) for v in (1.0, 2.0, 4.0, 8.0, 1.0, 9.0)], 6) == 6


def test_a_measure_without_a_value_ends_it() -> None:
    asked = Precision({MEAN: 0.1}, 20)
    values = [100.0, 120.0, 110.0, None, 110.0]
    assert asked.enough([tree(v) for v in values[:3]], 3) is None
    for n in (4, 5):
        assert asked.enough([tree(v) for v in values[:n]], 3) == 4
    told = asked.as_dict([tree(v) for v in values[:4]])
    assert told["shares"] == {MEAN: None} and told["reached"] is False


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the mean transit time of replication 0, 1 … be what a list says."""
    real = replicate_module.Keeper.__call__
    script = [100.0, 120.0, 110.0, 110.0, 110.0, 300.0, 50.0]

    def keep(self: Any, result: Any) -> int:
        with monkeypatch.context() as patch:
            measured = replicate_module.summarise

            def measure(*given: Any, **more: Any) -> Any:
                found = measured(*given, **more)
                found["transit"]["all"]["mean_h"] = script[result.plan.replication]
                return found

            patch.setattr(replicate_module, "summarise", measure)
            return real(self, result)

    monkeypatch.setattr(replicate_module.Keeper, "__call__", keep)


def run(out: Path, network: Network, asked: Precision, **plan: Any) -> Any:
    return run_scenario(short(**plan), out, plots=False, records=False, fitted=network, precision=asked)


@pytest.mark.slow
def test_a_run_adds_replications_until_it_is_exact(
    scripted: None, small_network: Network, tmp_path: Path
) -> None:
    stored = run(tmp_path / "run", small_network, Precision({MEAN: 0.1}, 7))
    summary = stored.summary
    assert summary["replications"] == 5 == len(stored.replications)
    assert summary["precision"]["reached"] is True
    assert summary["half_widths"]["transit"]["all"]["mean_h"] == pytest.approx(8.78, rel=1e-3)
    assert set(stored.columns("trips")["replication"]) == set(range(5))
    # the folder's scenario is the run that was made, so that others can be compared with it
    assert stored.scenario.run.replications == 5
    assert (
        "precision"
        not in run_scenario(
            short(), tmp_path / "plain", plots=False, records=False, fitted=small_network
        ).summary
    )


@pytest.mark.slow
def test_batches_change_nothing(
    scripted: None, small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replications beyond the number that is enough are simulated by many workers, and then left out."""
    real = run_module.replicate
    asked_for: list[list[int]] = []

    def in_line(network: Any, plan: Any, numbers: Any, consume: Any, _: int, *more: Any, **by: Any) -> Any:
        asked_for.append(list(numbers))
        return real(network, plan, numbers, consume, 1, *more, **by)

    monkeypatch.setattr(run_module, "replicate", in_line)
    one = run(tmp_path / "one", small_network, Precision({MEAN: 0.1}, 7))
    assert asked_for == [[0, 1, 2], [3], [4]]
    asked_for.clear()
    four = run(tmp_path / "four", small_network, Precision({MEAN: 0.1}, 7), workers=4)
    assert asked_for == [[0, 1, 2], [3, 4, 5, 6]]
    for name in ("summary.json", "replications.json", "scenario.toml", "trips.parquet", "days.parquet"):
        assert (one.path / name).read_bytes() == (four.path / name).read_bytes(), name


@pytest.mark.slow
def test_the_scenarios_replications_are_the_fewest(small_network: Network, tmp_path: Path) -> None:
    asked = Precision.of(["99%"], 3)
    few = run(tmp_path / "few", small_network, asked).summary
    assert few["replications"] == 3 and few["precision"]["shares"].keys() == set(MEASURES)
    assert run(tmp_path / "more", small_network, asked, replications=4).summary["replications"] == 4


@pytest.mark.slow
def test_it_can_be_broken_off_and_gone_on_with_and_tells_how_far_it_is(
    scripted: None, small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    class Told(Progress):
        def replications(self, scenario: str, total: int) -> None:
            told.append(f"{scenario}: {total}")

    keep = replicate_module.Keeper.__call__
    made: list[int] = []

    def noted(self: Any, result: Any) -> int:
        if len(made) == 4:
            made.clear()
            raise KeyboardInterrupt
        made.append(result.plan.replication)
        return keep(self, result)

    monkeypatch.setattr(replicate_module.Keeper, "__call__", noted)
    out = tmp_path / "run"
    asked = Precision({MEAN: 0.1}, 7)
    with pytest.raises(Interrupted, match="interrupted: 4 replications finished and kept"):
        run(out, small_network, asked)
    stored = run_scenario(
        short(), out, plots=False, records=False, fitted=small_network, precision=asked, progress=Told()
    )
    assert made == [4] and stored.summary["replications"] == 5
    assert [re.sub(r"up to [0-9.]+ million items", "up to N", line) for line in told] == [
        "xizang-2021, up to N: 3",
        *(f"xizang-2021, up to N ({MEAN} ± {now} %, wanted ± 10 %): {n}" for now, n in ((23, 4), (12, 5))),
    ]
