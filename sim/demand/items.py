"""Items of a day, drawn from the rates: every item of every class, none sampled.

An item is a row of arrays.  Its key packs (day, class, origin, ordinal), day
first, so that key order is the order in which days are generated; all that is
random about it is a hash of that key (rules of the model, chance).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from network.demand.rates import DAYS, ItemClass, Rates
from network.errors import YizhanError
from network.inputs.calendar import Calendar
from network.model.demand import factors
from network.numeric.streams import bits, split, uniform
from sim.demand.lookup import Guide

__all__ = [
    "INBOUND",
    "LOCAL",
    "OUTBOUND",
    "REGIONAL",
    "Demand",
    "Items",
    "class_of",
    "day_number",
    "may_fly",
    "unpack",
]

LOCAL, REGIONAL, INBOUND, OUTBOUND = 0, 1, 2, 3
_EPOCH = dt.date(2000, 1, 1).toordinal()
_ORIGIN_BITS, _ORDINAL_BITS = 16, 24


def day_number(date: dt.date) -> int:
    """Return the day of an item key: days since 1 January 2000."""
    return date.toordinal() - _EPOCH


def class_of(key: np.ndarray) -> np.ndarray:
    """Return the class of item keys: rows of `Rates.classes`."""
    return (key >> (_ORDINAL_BITS + _ORIGIN_BITS)) & 0xF


def unpack(key: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (day, class, origin, ordinal) of item keys."""
    ordinal = key & ((1 << _ORDINAL_BITS) - 1)
    origin = (key >> _ORDINAL_BITS) & ((1 << _ORIGIN_BITS) - 1)
    return key >> (_ORDINAL_BITS + _ORIGIN_BITS + 4), class_of(key), origin, ordinal


def may_fly(key: np.ndarray, kind: ItemClass, seed: int, replication: int) -> np.ndarray:
    """Return which items of a class, by their keys, may use the mode group "any"; records do not say."""
    return _flies(bits(seed, replication, "item", key), kind)


def _flies(one: np.ndarray, kind: ItemClass) -> np.ndarray:
    return split(one, 20, 12) < kind.any_share


@dataclass(frozen=True, eq=False)
class Items:
    """The items accepted on one day, in key order; parallel arrays."""

    key: np.ndarray  # int64
    cls: np.ndarray  # int8: row of `Rates.classes`
    brand: np.ndarray  # int8: row of the brands table; -1 postal
    direction: np.ndarray  # int8: LOCAL, REGIONAL, INBOUND, OUTBOUND
    origin: np.ndarray  # int32: place row, or -1 - row of the outside classes
    dest: np.ndarray  # int32: likewise
    flies: np.ndarray  # bool: may use the mode group "any"
    accepted_s: np.ndarray  # int32: seconds after the start of the day
    grams: np.ndarray  # int32
    cm3: np.ndarray  # int32

    def __len__(self) -> int:
        return len(self.key)


class Demand:
    """Draw items day by day.

    Parameters
    ----------
    rates
        Demand of the network, peaks included; newspapers, a bundle for each place, have no peaks.
    calendar
        Day weights and holidays.
    brands
        Market share of each express brand; in the order of the brands table.
    profile
        24 weights: acceptance by hour of the day.
    seed, replication
        Name the streams.
    """

    def __init__(
        self,
        rates: Rates,
        calendar: Calendar,
        brands: Sequence[float],
        profile: Sequence[float],
        seed: int,
        replication: int,
    ) -> None:
        self.rates = rates
        self.seed, self.replication = seed, replication
        self._calendar = calendar
        self._n = len(rates.weight)
        if self._n + len(rates.outside) >= 1 << _ORIGIN_BITS:
            raise YizhanError(
                f"an item key holds {1 << _ORIGIN_BITS} origins; the region has {self._n} places"
            )
        self._brands = np.cumsum(brands) / np.sum(brands)
        self._clock = np.r_[0.0, np.cumsum(profile) / np.sum(profile)]
        self._spread = {kind.code: _Spread(rates, rates.spread(kind)) for kind in rates.classes}
        matrix = np.concatenate([rates.near, rates.far])
        self._flat_county = Guide(_rows(matrix), len(matrix), 1 << 10)
        every = np.arange(self._n + len(rates.outside))
        self._own_luck = uniform(seed, replication, "rounding", every)
        self._outside = np.arange(len(rates.outside)) + self._n
        self._outbound = np.cumsum(rates.outbound_share)
        # One day's totals by class, from cumulative rounding over the calendar year: exact for the year.
        self._daily = cache(self._year)
        self._check = cache(self._known)  # a period of the year is made of whole months

    def _year(self, year: int) -> tuple[np.ndarray, np.ndarray]:
        """Return items (classes, days) accepted in the region and outside it for a calendar year.

        On days whose holidays are not known there are none; `totals` refuses them.
        """
        weights = self._calendar.known_weights(year)
        steps = np.r_[0.0, np.nancumsum(weights)]
        if not np.isnan(weights).any():
            steps[-1] = 1.0
        own = [np.diff(np.floor(kind.originating * steps + 0.5)) for kind in self.rates.classes]
        inward = [np.diff(np.floor(kind.inbound * steps + 0.5)) for kind in self.rates.classes]
        return np.array(own, dtype=np.int64), np.array(inward, dtype=np.int64)

    def _known(self, year: int, month: int) -> None:
        """Refuse a month of a period whose holidays are not all known."""
        self._calendar.day_factors(dt.date(year, month, 1), 1)

    def totals(self, date: dt.date) -> tuple[np.ndarray, np.ndarray]:
        """Return items of each class accepted on a date, in the region and outside it.

        Raises
        ------
        UncoveredDateError
            If the holidays of the date's period of the year are not all known.
        """
        self._check(date.year, date.month)
        own, inward = self._daily(date.year)
        day = date.timetuple().tm_yday - 1
        today = self.rates.peaks_on(date)
        if not today:
            return own[:, day], inward[:, day]
        raised = np.array(
            [factors(kind.code, today) if kind.flow != "place" else (1.0, 1.0) for kind in self.rates.classes]
        )
        own, inward = (
            np.floor(items[:, day] * factor + 0.5).astype(np.int64)
            for items, factor in zip((own, inward), raised.T, strict=True)
        )
        return own, inward

    def day(self, date: dt.date) -> Items:
        """Return all items accepted on a date, in key order."""
        own, inward = self.totals(date)
        parts = []
        for row, kind in enumerate(self.rates.classes):
            if kind.flow == "place":
                parts.append(self._newspapers(date, row, kind))
                continue
            spread = self._spread[kind.code]
            for shares, origins, total, first in (
                (spread.share, spread.rows, own[row], 0),
                (self.rates.inbound_share, self._outside, inward[row], self._n),
            ):
                if total:
                    counts = _counts(shares, self._luck(date, row, origins), int(total))
                    parts.append(self._drawn(row, kind, *self._keys(date, row, counts, origins), first))
        return Items(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def _luck(self, date: dt.date, row: int, origins: np.ndarray) -> np.ndarray:
        """Return a uniform draw for each origin: its own, turned by one of the day and class."""
        turn = float(uniform(self.seed, self.replication, "counts", day_number(date), row))
        luck: np.ndarray = self._own_luck[origins] + turn
        luck -= luck >= 1.0
        return luck

    @staticmethod
    def _keys(
        date: dt.date, row: int, counts: np.ndarray, origins: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return keys and origins of ``counts[i]`` items from each of ``origins``, which ascend."""
        origin = np.repeat(origins, counts)
        ends = np.cumsum(counts)
        ordinal = np.arange(len(origin), dtype=np.int64) - np.repeat(ends - counts, counts)
        prefix = ((day_number(date) << 4) | row) << (_ORIGIN_BITS + _ORDINAL_BITS)
        return prefix | (origin << _ORDINAL_BITS) | ordinal, origin

    def _drawn(
        self, row: int, kind: ItemClass, key: np.ndarray, origin: np.ndarray, first: int
    ) -> tuple[np.ndarray, ...]:
        one = bits(self.seed, self.replication, "item", key)
        two = bits(self.seed, self.replication, "destination", key)
        n = len(key)
        place_u = split(two, 34, 30)
        spread = self._spread[kind.code]
        if first:  # accepted outside
            direction = np.full(n, INBOUND, dtype=np.int8)
            dest = spread.rows[spread.total.find(place_u)]
            origin = -1 - (origin - first)
        else:
            u = split(two, 0, 12)
            rates = self.rates
            direction = np.where(
                u < rates.stay_share,
                LOCAL,
                np.where(u < rates.stay_share + rates.region_share, REGIONAL, OUTBOUND),
            ).astype(np.int8)
            out = direction == OUTBOUND
            dest = np.empty(n, dtype=np.int64)
            dest[out] = -1 - np.searchsorted(self._outbound, place_u[out], side="right")
            inside = ~out
            counties = len(rates.counties)
            line = rates.county[origin[inside]] + counties * (direction[inside] == REGIONAL)
            flat = self._flat_county.find(line + split(two[inside], 12, 22))
            dest[inside] = spread.pick(flat - line * counties, place_u[inside])
        brand = np.full(n, -1, dtype=np.int8)
        if kind.flow == "report":
            brand[:] = np.searchsorted(self._brands, split(one, 32, 12), side="right")
        grams = _weights(kind, split(one, 44, 20))
        return (
            key,
            np.full(n, row, dtype=np.int8),
            brand,
            direction,
            origin.astype(np.int32),
            dest.astype(np.int32),
            _flies(one, kind),
            self._times(split(one, 0, 20)),
            grams,
            _volumes(kind, grams),
        )

    def _newspapers(self, date: dt.date, row: int, kind: ItemClass) -> tuple[np.ndarray, ...]:
        """Return the day's bundles for the places that read, handed in by the press at midnight.

        One each at the default of a bundle every day; with fewer publication days a share of them.
        """
        rates = self.rates
        daily = round(kind.originating / DAYS)
        even = np.full(len(rates.readers), 1 / len(rates.readers))
        readers = np.repeat(rates.readers, _counts(even, self._luck(date, row, rates.readers), daily))
        n = len(readers)
        key, origin = self._keys(date, row, np.array([n]), np.array([rates.press]))
        home = rates.near[rates.county[rates.press], rates.county[readers]] > 0
        grams = np.full(n, round(kind.kg * 1000), dtype=np.int32)
        return (
            key,
            np.full(n, row, dtype=np.int8),
            np.full(n, -1, dtype=np.int8),
            np.where(home, LOCAL, REGIONAL).astype(np.int8),
            origin.astype(np.int32),
            readers.astype(np.int32),
            np.zeros(n, dtype=bool),
            np.zeros(n, dtype=np.int32),
            grams,
            _volumes(kind, grams),
        )

    def _times(self, u: np.ndarray) -> np.ndarray:
        """Return seconds after midnight by the hourly profile, even within each hour."""
        return (np.interp(u, self._clock, np.arange(25)) * 3600).astype(np.int32)


def _counts(shares: np.ndarray, luck: np.ndarray, total: int) -> np.ndarray:
    """Return whole counts by share that sum to `total`, and of which none falls when `total` rises.

    They are ``floor(share * t + luck)`` at the t for which they sum to the
    total: t rises with the total, and so does every count.  More demand
    therefore only adds items, and less only drops some (rule 19).

    Parameters
    ----------
    shares
        (n,) adding up to 1.
    luck
        (n,) in [0, 1): which way each count is rounded.
    """
    low, high, t = -2.0, float(total) + 2.0 * len(shares) + 2.0, float(total)
    while True:
        counts = np.floor(shares * t + luck + 1e-9)
        short = total - int(counts.sum())
        if short == 0:
            return counts.astype(np.int64)
        low, high = (t, high) if short > 0 else (low, t)
        if high - low < 1e-6:  # equal steps at one t: the first of them take what is missing
            return _share_out(shares, luck, total, low, high)
        t += short
        if not low < t < high:
            t = (low + high) / 2


def _share_out(shares: np.ndarray, luck: np.ndarray, total: int, low: float, high: float) -> np.ndarray:
    """Return the counts just below a t at which several step at once, with as many steps as are missing."""
    below = np.floor(shares * low + luck + 1e-9)
    steps = np.flatnonzero(np.floor(shares * high + luck + 1e-9) > below)
    below[steps[: total - int(below.sum())]] += 1
    return below.astype(np.int64)


def _weights(kind: ItemClass, u: np.ndarray) -> np.ndarray:
    """Return grams: exponential with the mean of the class, at least one."""
    return np.maximum(1, -np.log1p(-u) * kind.kg * 1000).astype(np.int32)


def _volumes(kind: ItemClass, grams: np.ndarray) -> np.ndarray:
    """Return cubic centimetres at the mean density of the class, at least one."""
    return np.maximum(1, grams * (kind.m3 * 1e6 / (kind.kg * 1000))).astype(np.int32)


def _rows(matrix: np.ndarray) -> np.ndarray:
    """Return the cumulative rows of a matrix one after the other, row i lifted by i, for one search."""
    cumulative = np.cumsum(matrix, axis=1)
    cumulative /= cumulative[:, -1:]
    cumulative[:, -1] = 1.0
    return (cumulative + np.arange(len(matrix))[:, None]).ravel()


class _Spread:
    """Shares of places: cumulative over the region, and within each county."""

    def __init__(self, rates: Rates, share: np.ndarray) -> None:
        self.rows = np.flatnonzero(share > 0)
        self.share = share[self.rows] / share[self.rows].sum()
        total = np.cumsum(self.share)
        self.total = Guide(total / total[-1])
        self._place = self.rows[np.argsort(rates.county[self.rows], kind="stable")]
        county = rates.county[self._place]
        within = share[self._place]
        sums = np.bincount(county, weights=within, minlength=len(rates.counties))
        before = np.cumsum(within) - within
        start = np.searchsorted(county, np.arange(len(sums)))
        begins = before[np.minimum(start, len(before) - 1)]
        last = np.searchsorted(county, county, side="right") - 1
        inside = (before + within - begins[county]) / sums[county]
        inside[np.arange(len(county)) == last] = 1.0
        self._flat = Guide(county + inside, len(sums), 1 << 10)

    def pick(self, county: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Return a place row of each county, by share."""
        return self._place[self._flat.find(county + u)]
