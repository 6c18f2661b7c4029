"""The trend of demand against independent statistics."""

from __future__ import annotations

import math
from importlib.resources import files

import numpy as np
import pytest
from scipy import stats

from network.demand.growth import (
    ENDS,
    GrowthError,
    Path,
    Trend,
    alternatives,
    fit_trend,
    log_linear,
    quantile_of,
)
from network.inputs.published_volumes import Point, parse_growth
from network.inputs.tables import load_region

TEXT = files("network").joinpath("data", "xizang", "growth.toml").read_text(encoding="utf-8")


def points(items: dict[int, float]) -> list[Point]:
    return [Point(year, number, 0.0, "published", "", "") for year, number in items.items()]


def drawn(seed: int) -> list[Point]:
    rng = np.random.default_rng(seed)
    years = 2000 + np.cumsum(rng.integers(1, 5, size=int(rng.integers(3, 9))))
    return points(dict(zip(years.tolist(), rng.lognormal(1.0, 0.7, len(years)).tolist(), strict=True)))


@pytest.mark.parametrize("seed", range(20))
def test_the_trend_is_generalised_least_squares(seed: int) -> None:
    """Universal kriging of the logarithm, a line plus a Brownian motion, has the same mean and error.

    The covariance of the points and of the year asked for is that of a Brownian motion from the first
    point; line and predictor come from the full linear system, not from increments.
    """
    some = drawn(seed)
    trend = fit_trend(some)
    t = np.array([point.year for point in some], dtype=float)
    y = np.log([point.items for point in some])
    gap = t[1:] - t[0]
    gain = y[1:] - y[0]
    cov = np.minimum.outer(gap, gap)
    inverse = np.linalg.inv(cov)
    line = gap @ inverse @ gain / (gap @ inverse @ gap)
    left = gain - line * gap
    variance = left @ inverse @ left / (len(gain) - 1)
    for ahead in (0.5, 4.0, 9.0):
        to = gap[-1] + ahead
        with_points = np.minimum(gap, to)
        weights = inverse @ with_points
        mean = y[0] + line * to + weights @ left
        beyond = to - weights @ gap
        error = variance * (to - with_points @ weights + beyond**2 / (gap @ inverse @ gap))
        year = t[-1] + ahead
        assert math.isclose(math.log(trend.quantile(year)), mean, rel_tol=1e-9, abs_tol=1e-9)
        for q in (0.1, 0.25, 0.9):
            wanted = mean + stats.t.ppf(q, len(gain) - 1) * math.sqrt(error)
            assert math.isclose(math.log(trend.quantile(year, q)), wanted, rel_tol=1e-7, abs_tol=1e-7)


def test_intervals_hold_what_they_promise() -> None:
    """Random walks with drift, six points at the years of the region: four in five fall into the interval."""
    rng = np.random.default_rng(1)
    years = np.array([2012, 2016, 2017, 2019, 2020, 2021, 2025])
    runs, inside = 4000, 0
    steps = np.diff(years)
    logs = np.cumsum(rng.normal(0.15 * steps, 0.2 * np.sqrt(steps), (runs, len(steps))), axis=1)
    for row in logs:
        some = points(dict(zip(years[:-1].tolist(), np.exp(np.r_[0.0, row[:-1]]).tolist(), strict=True)))
        trend = fit_trend(some)
        inside += trend.quantile(2025, 0.1) <= math.exp(row[-1]) <= trend.quantile(2025, 0.9)
    low, high = stats.binom.ppf([5e-4, 1 - 5e-4], runs, 0.8)
    assert low <= inside <= high


def test_the_straight_line_is_that_of_linregress() -> None:
    some = list(load_region().published_growth().points)
    x, y = np.array([p.year for p in some], dtype=float), np.log([p.items for p in some])
    found = stats.linregress(x, y)
    left = y - found.intercept - found.slope * x
    s2 = (left**2).sum() / (len(x) - 2)
    for year in (2022.0, 2030.0):
        mean = found.intercept + found.slope * year
        error = math.sqrt(s2 + s2 / len(x) + (found.stderr * (year - x.mean())) ** 2)
        half = stats.t.ppf(0.9, len(x) - 2) * error
        wanted = [math.exp(mean), math.exp(mean - half), math.exp(mean + half)]
        assert np.allclose(log_linear(some, year, 0.8), wanted)


def test_the_trend_starts_from_the_last_point_and_grows_at_the_mean_rate() -> None:
    trend = fit_trend(points({2000: 1.0, 2005: 4.0, 2010: 4.0, 2020: 16.0}))
    assert trend.quantile(2020) == 16.0 and trend.quantile(2020, 0.9) == 16.0
    assert math.isclose(trend.yearly, 16 ** (1 / 20) - 1)
    assert math.isclose(trend.quantile(2040), 256.0)
    assert trend.freedom == 2


def test_even_growth_leaves_no_interval() -> None:
    trend = fit_trend(points({2000: 1.0, 2001: 2.0, 2003: 8.0}))
    assert trend.sigma < 1e-12
    assert math.isclose(trend.quantile(2005, 0.01), 32.0)


@pytest.mark.parametrize("q", [0.1, 0.25, 0.5, 0.9])
def test_year_of_is_the_inverse_of_factor(q: float) -> None:
    trend = fit_trend(load_region().published_growth().points)
    for factor in (1.05, 1.4, 5.0):
        year = trend.year_of(factor, q)
        assert math.isclose(trend.factor(year, q), factor, rel_tol=1e-6)
        assert trend.factor(year + 1, q) > factor  # for good
    assert trend.year_of(0.9, q) == trend.year
    assert math.isclose(trend.chance_below(2026, trend.quantile(2026, q)), q, rel_tol=1e-9)


def test_more_demand_comes_earlier_and_what_never_comes_is_never() -> None:
    trend = fit_trend(load_region().published_growth().points)
    years = [trend.year_of(2.0, q) for q in (0.9, 0.75, 0.5, 0.25, 0.1)]
    assert years == sorted(years)
    falling = Trend(2021, 1.0, -0.1, 0.05, 4, 9.0)
    assert falling.year_of(1.5) == math.inf


def test_only_what_was_published_by_the_report_is_fitted() -> None:
    growth = load_region("xizang").published_growth()
    trend = fit_trend(growth.points)
    assert [point.year for point in growth.points] == [2012, 2016, 2017, 2019, 2020, 2021]
    for year in (2012, 2021):
        point = next(p for p in growth.points if p.year == year)
        assert point.items == load_region("xizang").report(year)["express_items"].value
        assert point.kind == "published"
    assert min(point.year for point in growth.later) > trend.year
    without = parse_growth(
        TEXT[: TEXT.index("[[later]]")] + TEXT[TEXT.index("[assumed.") :], "xizang", load_region().reports
    )
    assert fit_trend(without.points) == trend and not without.later


def test_other_methods_bracket_what_they_should() -> None:
    growth = load_region("xizang").published_growth()
    found = alternatives(growth, 2025, 0.8)
    trend = fit_trend(growth.points)
    middle, low, high = found["pairs"]
    assert low <= middle <= high
    assert found["damped"][1] < found["damped"][0] < found["damped"][2] < trend.quantile(2025)
    assert found["log-linear"][1] < found["log-linear"][0] < found["log-linear"][2]


def test_ends_are_quartiles_and_numbers_are_quantiles() -> None:
    assert [quantile_of(name) for name in ENDS] == [0.25, 0.5, 0.75]
    assert quantile_of(0.9) == 0.9
    for wrong in ("hihg", 0.0, 1.0, 2):
        with pytest.raises(GrowthError, match="at ="):
            quantile_of(wrong)


def test_classes_follow_their_flow() -> None:
    growth = load_region("xizang").published_growth()
    flows = ["report", "place", "head", "office"]
    middle, low = Path.of(growth).factors(flows, 2025), Path.of(growth, "low").factors(flows, 2025)
    assert math.isclose(middle[0], fit_trend(growth.points).factor(2025))
    assert middle[1:].tolist() == [1.0, 1.0, 1.0]  # assumed: no growth of the rest
    assert low[0] < middle[0] and low[1] == 1.0
    assert math.isclose(low[2], 0.95**4)
    with pytest.raises(GrowthError, match="goes from 2021 on"):
        Path.of(growth).factors(flows, 2019)
    with pytest.raises(GrowthError, match="that of 2012"):
        Path.of(growth).factors(flows, 2025, 2012)


def test_two_points_make_no_interval() -> None:
    with pytest.raises(GrowthError, match="at least three points"):
        fit_trend(points({2012: 1.0, 2021: 2.0}))
