"""How demand grows: a trend through a handful of published years, with intervals that own up to how few.

The trend is a random walk with drift of the logarithm: each year's growth is a
draw around one mean, and what a year gained or lost is kept.  With points y(0)
… y(n) at years t(0) … t(n), increments r(i) of the logarithm over d(i) years,

    drift    m  = ln(y(n) / y(0)) / (t(n) - t(0))
    variance s² = sum of (r(i) - m d(i))² / d(i), over n - 1
    ln y(t(n) + h)  ~  ln y(n) + m h + s sqrt(h + h² / (t(n) - t(0))) T(n - 1)

with Student's t on n - 1 degrees of freedom: the exact prediction interval by
generalised least squares, the unknown drift and the few points included.  It
starts from the last point, which is the demand that the network was built for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from network.errors import YizhanError
from network.inputs.published_volumes import Growth, Point

__all__ = [
    "ENDS",
    "GrowthError",
    "Path",
    "Trend",
    "alternatives",
    "fit_trend",
    "log_linear",
    "quantile_of",
]

#: What "low", "mid" and "high" mean: as many chances below as above, and a quarter beyond either end.
ENDS = {"low": 0.25, "mid": 0.5, "high": 0.75}
_LONGEST = 500.0  # years ahead that are looked at


class GrowthError(YizhanError, ValueError):
    """A trend that cannot be fitted, or a year or share that it cannot tell."""


def quantile_of(at: str | float) -> float:
    """Return the quantile that "low", "mid", "high" or a number between 0 and 1 names.

    Raises
    ------
    GrowthError
        If it is neither.

    Examples
    --------
    >>> quantile_of("high"), quantile_of(0.9)
    (0.75, 0.9)
    """
    if isinstance(at, str):
        if at in ENDS:
            return ENDS[at]
    elif 0 < at < 1:
        return float(at)
    raise GrowthError(f"at = {at!r}: {', '.join(ENDS)} or a number between 0 and 1 expected")


@dataclass(frozen=True)
class Trend:
    """A random walk with drift of the logarithm, seen from its last point.

    Parameters
    ----------
    year, items
        The last point.
    drift
        Mean growth of the logarithm a year.
    sigma
        Standard deviation of a year's growth.
    freedom
        Degrees of freedom of `sigma`.
    span
        Years from the first point to the last one.
    """

    year: int
    items: float
    drift: float
    sigma: float
    freedom: int
    span: float

    @property
    def yearly(self) -> float:
        """Mean growth a year, as a share."""
        return math.expm1(self.drift)

    def spread(self, ahead: float) -> float:
        """Return the standard error of the logarithm so many years ahead."""
        return self.sigma * math.sqrt(ahead + ahead**2 / self.span)

    def factor(self, year: float, q: float = 0.5) -> float:
        """Return the quantile `q` of a year's items over those of the last point.

        Raises
        ------
        GrowthError
            If the year lies before the last point.
        """
        ahead = year - self.year
        if ahead < 0 or year > self.year + _LONGEST:
            raise GrowthError(f"year {year:g}: the trend goes from {self.year} on")
        return math.exp(self.drift * ahead + self._t(q) * self.spread(ahead))

    def quantile(self, year: float, q: float = 0.5) -> float:
        """Return the quantile `q` of a year's items; errors as for `factor`."""
        return self.items * self.factor(year, q)

    def chance_below(self, year: float, items: float) -> float:
        """Return the probability that a year after the last point has fewer items than these."""
        ahead = year - self.year
        z = (math.log(items / self.items) - self.drift * ahead) / self.spread(ahead)
        return float(special.stdtr(self.freedom, z))

    def year_of(self, factor: float, q: float = 0.5) -> float:
        """Return when the quantile `q` reaches a factor on the last point's items for good; inf for never.

        A factor of 1 or less is reached at the last point.
        """
        if factor <= 1:
            return float(self.year)
        if not math.isfinite(factor) or self.factor(self.year + _LONGEST, q) < factor:
            return math.inf
        low, high = 0.0, _LONGEST  # the quantile falls at first, if at all, and then only rises
        while high - low > 1e-9 * _LONGEST:
            middle = (low + high) / 2
            if self.factor(self.year + middle, q) >= factor:
                high = middle
            else:
                low = middle
        return self.year + high

    def _t(self, q: float) -> float:
        return 0.0 if q == 0.5 else float(special.stdtrit(self.freedom, q))


def fit_trend(points: Sequence[Point]) -> Trend:
    """Fit the trend to points in order of years; see the head of the module.

    Raises
    ------
    GrowthError
        If there are fewer than three.
    """
    if len(points) < 3:
        raise GrowthError(f"a trend with an interval needs at least three points, got {len(points)}")
    years = np.array([point.year for point in points], dtype=np.float64)
    logs = np.log([point.items for point in points])
    steps, gains = np.diff(years), np.diff(logs)
    span = float(years[-1] - years[0])
    drift = float(logs[-1] - logs[0]) / span
    freedom = len(steps) - 1
    variance = float(((gains - drift * steps) ** 2 / steps).sum()) / freedom
    return Trend(points[-1].year, points[-1].items, drift, math.sqrt(variance), freedom, span)


def log_linear(points: Sequence[Point], year: float, level: float) -> tuple[float, float, float]:
    """Return items of a year on the straight line through the logarithms, with a prediction interval.

    Ordinary least squares.  It takes what a year gained or lost for a passing
    deviation from the line, so its interval is narrower than the trend's, and
    its line need not pass through the last point.

    Returns
    -------
    tuple
        Middle, low and high.
    """
    x = np.array([point.year for point in points], dtype=np.float64)
    y = np.log([point.items for point in points])
    n, mean = len(x), x.mean()
    spread = float(((x - mean) ** 2).sum())
    slope = float(((x - mean) * y).sum()) / spread
    left = y - y.mean() - slope * (x - mean)
    error = math.sqrt(float((left**2).sum()) / (n - 2) * (1 + 1 / n + (year - mean) ** 2 / spread))
    half = float(special.stdtrit(n - 2, (1 + level) / 2)) * error
    middle = float(y.mean()) + slope * (year - mean)
    return math.exp(middle), math.exp(middle - half), math.exp(middle + half)


def alternatives(growth: Growth, year: float, level: float) -> dict[str, tuple[float, float, float]]:
    """Return what other methods say of a year: middle, low and high, by the method's name.

    ``log-linear`` as `log_linear`; ``pairs``: the mean growth from every point
    to the last one, carried on, its median, least and greatest (no probability
    goes with it); ``damped``: each year's growth is ``damping`` times that of
    the year before, the range that of its assumption.
    """
    trend = fit_trend(growth.points)
    ahead = year - trend.year
    rates = [math.log(trend.items / point.items) / (trend.year - point.year) for point in growth.points[:-1]]
    carried = [trend.items * math.exp(rate * ahead) for rate in sorted(rates)]
    damping = growth.assumed["damping"]

    def damped(share: float) -> float:
        years = ahead if share == 1 else share * (1 - share**ahead) / (1 - share)
        return trend.items * math.exp(trend.drift * years)

    return {
        "log-linear": log_linear(growth.points, year, level),
        "pairs": (float(np.median(carried)), carried[0], carried[-1]),
        "damped": (damped(damping.default), damped(damping.low), damped(damping.high)),
    }


@dataclass(frozen=True)
class Path:
    """One course of demand through the years: a quantile of the trend, and what goes with it.

    Parameters
    ----------
    trend
        Of express items sent; inbound ones follow by their ratio.
    q
        Quantile.
    universal
        Growth a year of all other classes but newspapers, of which there is one for each place and day.
    """

    trend: Trend
    q: float
    universal: float

    @classmethod
    def of(cls, growth: Growth, at: str | float = "mid") -> Path:
        """Return the course at a quantile; from the quartiles on the other classes are at their ends."""
        q = quantile_of(at)
        other = growth.assumed["universal_growth"]
        universal = other.low if q <= ENDS["low"] else other.high if q >= ENDS["high"] else other.default
        return cls(fit_trend(growth.points), q, universal)

    def factors(self, flows: Sequence[str], year: float, since: int | None = None) -> NDArray[np.float64]:
        """Return the factors on the yearly items of classes, given by their flows; (classes,).

        Parameters
        ----------
        flows
            As of `network.demand.rates.ItemClass`: "report" is express, "place" newspapers.
        year
            Later than or equal to that of the trend's last point.
        since
            Year whose items the factors multiply; it must be that of the last point.

        Raises
        ------
        GrowthError
            If the year lies before the last point, or another one is given as `since`.
        """
        if since is not None and since != self.trend.year:
            raise GrowthError(
                f"the trend starts from {self.trend.year}; the demand to be grown is that of {since}"
            )
        express = self.trend.factor(year, self.q)
        other = (1 + self.universal) ** (year - self.trend.year)
        by_flow = {"report": express, "place": 1.0}
        return np.array([by_flow.get(flow, other) for flow in flows])
