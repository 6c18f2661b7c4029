"""Selecting the best of many: right as often as promised, on scenarios whose means are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from network.numeric.streams import entity
from scenarios.comparison.selection import Selection, constants, select_best

CONFIDENCE = 0.9
DELTA = 1.0


def _rate(
    scenarios: int, shared: float, sd: float, macros: int, first: int = 8
) -> tuple[int, list[Selection]]:
    """Count right selections in the slippage configuration: one is better by delta, all others are equal.

    ``shared`` is the correlation between scenarios that the common draws of a replication give.
    """
    right, found = 0, []
    for macro in range(macros):
        rng = np.random.default_rng([entity("slippage"), scenarios, round(100 * shared), macro])
        common, own = rng.normal(size=500), rng.normal(size=(scenarios, 500))
        best = macro % scenarios
        x = sd * (np.sqrt(shared) * common + np.sqrt(1 - shared) * own)
        x[best] -= DELTA
        found.append(
            select_best(
                lambda row, r, x=x: float(x[row, r]), scenarios, DELTA, confidence=CONFIDENCE, first=first
            )
        )
        right += found[-1].best == best
    return right, found


@pytest.mark.parametrize(("scenarios", "shared"), [(2, 0.0), (5, 0.0), (5, 0.8), (9, 0.5)])
def test_the_best_is_selected_at_the_promised_rate(scenarios: int, shared: float) -> None:
    """Over macro-replications the rate is no less than promised, beyond what the binomial allows."""
    macros = 250
    right, _ = _rate(scenarios, shared, 1.5, macros)
    assert stats.binomtest(right, macros, CONFIDENCE, "less").pvalue > 0.01, f"{right} of {macros}"


def test_the_test_of_the_rate_can_fail() -> None:
    """A procedure that picks the least mean of the first stage falls short of the promise by far."""
    macros, right = 400, 0
    for macro in range(macros):
        x = 3.0 * np.random.default_rng(macro).normal(size=(5, 8))
        x[0] -= DELTA
        right += int(x.mean(axis=1).argmin() == 0)
    assert stats.binomtest(right, macros, CONFIDENCE, "less").pvalue < 0.001


def test_common_draws_save_replications() -> None:
    _, apart = _rate(5, 0.0, 2.0, 60)
    _, together = _rate(5, 0.9, 2.0, 60)

    def total(found: list[Selection]) -> int:
        return sum(sum(one.replications) for one in found)

    assert total(together) < 0.35 * total(apart)


def test_it_stops_early_when_one_is_far_ahead_and_eliminates_as_it_goes() -> None:
    rng = np.random.default_rng(5)
    x = 3 * rng.normal(size=(6, 2000)) + np.array([0, 9, 9, 9, 1.5, 9])[:, None]
    told: list[tuple[int, int]] = []
    found = select_best(
        lambda row, r: float(x[row, r]),
        6,
        1.0,
        first=6,
        after_stage=lambda r, alive, out: told.append((r, len(alive))),
    )
    assert found.best == 0
    assert {gone.scenario for gone in found.eliminated} == {1, 2, 3, 4, 5}
    far = [found.replications[row] for row in (1, 2, 3, 5)]
    assert max(far) < found.replications[4] == found.replications[0] < found.longest
    assert [n for _, n in told] == sorted((n for _, n in told), reverse=True)
    assert all(
        gone.behind > 0 and gone.replications == found.replications[gone.scenario]
        for gone in found.eliminated
    )


def test_what_pairs_decide_in_the_first_stage_needs_no_more() -> None:
    found = select_best(lambda row, r: row + 10.0 * (r % 3), 4, 0.5, first=5)
    assert found.best == 0 and found.replications == (5, 5, 5, 5) and found.longest == 5
    most = select_best(lambda row, r: -row + 10.0 * (r % 3), 4, 0.5, first=5, greatest=True)
    assert most.best == 0


def test_a_limit_ends_it_without_a_selection() -> None:
    x = np.random.default_rng(1).normal(size=(3, 50))
    found = select_best(lambda row, r: float(x[row, r]), 3, 0.05, first=5, most=12)
    assert found.best is None and len(found.remaining) > 1 and max(found.replications) == 12


def test_the_constants_solve_the_equation_of_the_paper() -> None:
    for k, n0, confidence in ((2, 5, 0.95), (10, 10, 0.95), (25, 24, 0.99)):
        eta, h2 = constants(k, n0, confidence)
        assert 0.5 * (1 + 2 * eta) ** (-(n0 - 1) / 2) == pytest.approx((1 - confidence) / (k - 1))
        assert h2 == pytest.approx(2 * eta * (n0 - 1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scenarios": 1}, "at least two scenarios"),
        ({"first": 1}, "at least two replications"),
        ({"confidence": 0.3}, "between 1/3 and 1"),
        ({"delta": 0.0}, "above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, float], message: str) -> None:
    given = {"scenarios": 3, "delta": 1.0, "first": 5, "confidence": 0.95, **arguments}
    with pytest.raises(ValueError, match=message):
        select_best(lambda row, r: 0.0, given.pop("scenarios"), given.pop("delta"), **given)  # type: ignore[arg-type]
