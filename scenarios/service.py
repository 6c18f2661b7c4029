"""How a run keeps service standards: how often and how fast, by place and class, the worst first."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.calendar import Calendar
from network.graph import MailNetwork
from network.model import DAY_S
from network.standard_tables import Limit, Standard
from network.standards import areas, deliveries_per_week, hard_to_reach
from scenarios.progress import Progress
from scenarios.recorded import batches, closed_s, item_chunks, write_files
from scenarios.store import StoredRun, to_json
from sim.compliance import COUNTS, MENDINGS, Batches, Check, Kept, keep
from sim.statistics import interval

__all__ = [
    "FOLDER",
    "LEVELS",
    "MENDS",
    "SHARE",
    "FrequencyPlace",
    "FrequencyRow",
    "Service",
    "TimeRow",
    "frequency",
    "mend",
    "serve",
    "worst",
    "worst_groups",
    "worst_places",
    "write_service",
]

FOLDER = "service"
SHARE = 0.8  # of the items in time, where a standard asks for none: as P80 elsewhere in the project; assumed
LEVELS = ("all", "area", "prefecture", "county", "place")  # and of time limits "class" and "way"
HARD = "hard_to_reach"
#: What would mend a miss, the cheapest first.
MENDS: Mapping[str, str] = {
    "daily_round": "frequency: daily rounds",
    "halved_waits": "frequency: twice as often",
    "no_waits": "frequency: more than twice as often",
    "handling": "hours of handling and hand-over",
    "distance": "distance",
    "outside": "outside the region",
}


@dataclass(frozen=True)
class FrequencyPlace:
    """How often a place is served, and what a standard asks for; `asked` None is not known."""

    standard: str
    place: str
    name: str
    county: str
    county_name: str
    prefecture: str
    area: str
    hard_to_reach: bool
    people: float
    per_week: int
    asked: int | None
    asked_of_area: int | None  # if it were not hard to reach
    verdict: str  # met, missed, not known

    @property
    def more(self) -> int:
        """Days a week that are missing."""
        return max((self.asked or 0) - self.per_week, 0)


@dataclass(frozen=True)
class FrequencyRow:
    """The same of a group of places."""

    standard: str
    level: str
    id: str
    name: str
    places: int
    people: float
    met_places: int
    met_people: float
    only_as_hard: int  # places that keep the standard only because they are hard to reach
    more: int  # days a week missing, of all places together


@dataclass(frozen=True)
class TimeRow:
    """How the items to a group of places keep a limit.

    Shares are of `items`, to places that the limit does not except.  Those named as in
    `sim.compliance.MENDINGS` are what would be in time then.
    """

    standard: str
    limit: str
    level: str
    id: str
    name: str
    prefecture: str
    items: int
    in_time: float | None
    half_width: float | None
    asked: float
    asked_by: str  # standard, assumed
    verdict: str  # met, missed, by agreement, no items
    daily_round: float | None
    halved_waits: float | None
    no_waits: float | None
    moving: float | None
    upstream: float | None
    mend: str
    not_arrived: int
    undecided: int
    excepted_items: int
    excepted_in_time: int

    @property
    def late(self) -> int:
        """Items that are not in time."""
        return self.items - round((self.in_time or 0.0) * self.items)


@dataclass(frozen=True)
class Service:
    """A run beside standards."""

    run: StoredRun
    standards: tuple[Standard, ...]
    share: float
    batches: Batches
    frequency_places: tuple[FrequencyPlace, ...]
    times: tuple[TimeRow, ...]

    @cached_property
    def frequency_rows(self) -> tuple[FrequencyRow, ...]:
        """The places put together by area, prefecture and county."""
        return tuple(_frequency_rows(self.frequency_places))

    @property
    def basis(self) -> str:
        """What the intervals are over, in words."""
        by, n = self.batches.by, self.batches.number
        if n < 2:
            return "no intervals: they need two replications, or two whole measured weeks"
        of = "" if by == "replications" else " of one replication, as if they were independent"
        return f"± is Student's 95 % half-width over {n} {by}{of}"

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, without the single places: `write_service` has them in CSV."""
        plan = self.run.scenario.plan
        return {
            "scenario": self.run.summary["scenario"],
            "start": plan.start.isoformat(),
            "measured_days": plan.measured_days,
            "seed": plan.seed,
            "share_where_none_is_asked": self.share,
            "intervals": {"level": 0.95, "over": self.batches.by, "number": self.batches.number},
            "standards": [asdict(standard) for standard in self.standards],
            "frequency": [asdict(row) for row in self.frequency_rows],
            "time": [asdict(row) for row in self.times if row.level != "place"],
        }


def serve(
    run: StoredRun, standards: Sequence[Standard], share: float = SHARE, progress: Progress | None = None
) -> Service:
    """Set a run beside standards.

    Parameters
    ----------
    run
        With item records.
    standards
        The standards.
    share
        Share of the items that must be in time where a limit does not say it.
    progress
        Told of what goes on.

    Raises
    ------
    UncoveredDateError
        If days are counted and the holidays of one are not known.
    """
    if progress is not None:
        progress.step("asking the item records")
    network = run.network
    network = run.network
    groups, how = _Groups(network), batches(run)
    asked = [_Asked(s, limit, network, groups, share) for s in standards for limit in s.limits]
    asked = [one for one in asked if one.limit.value is not None]
    checks = [check for one in asked for check in _checks(run, one, groups)]
    kept = keep(network, checks, item_chunks(run), closed_s(run), how)
    times: list[TimeRow] = []
    for one in asked:
        rows = [row for row, check in enumerate(checks) if check.limit is one.limit]
        times += _time_rows(one, [checks[row] for row in rows], kept.places[rows], _of(kept, rows), groups)
    often = [place for standard in standards for place in frequency(network, standard)]
    return Service(run, tuple(standards), share, how, tuple(often), tuple(times))


def _of(kept: Kept, rows: Sequence[int]) -> NDArray[np.int64]:
    return np.array([kept.batches[row] for row in rows])


class _Asked:
    """A limit, the places that it speaks of, and those that it leaves to agreement."""

    def __init__(
        self, standard: Standard, limit: Limit, network: MailNetwork, groups: _Groups, share: float
    ) -> None:
        self.standard, self.limit = standard, limit
        self.share = share if limit.share is None else limit.share
        self.taken = groups.area != ""
        if limit.areas:
            self.taken &= np.isin(groups.area, limit.areas)
        line = standard.hard_to_reach
        self.excepted = np.zeros(len(network.places), dtype=bool)
        if limit.except_hard_to_reach and line is not None:
            self.excepted = self.taken & hard_to_reach(network, line.round_km, line.round_days)


def _checks(run: StoredRun, asked: _Asked, groups: _Groups) -> Iterator[Check]:
    """Yield a check for each class and way of a limit."""
    network, plan = run.network, run.scenario.plan
    days = max(closed_s(run)) // DAY_S + 8  # J of what is accepted on a last day may lie beyond it
    calendar = Calendar.load(network.region, network.assumptions)
    cell = np.where(asked.taken & ~asked.excepted, groups.cell, -1)
    for cls in asked.limit.classes:
        count = None
        if asked.limit.unit == "days":
            rule = asked.standard.day_rule(cls)
            count = rule.count(calendar, network.assumptions, plan.start, days)
        for way in asked.limit.directions:
            yield Check(asked.limit, cls, way, count, cell)


class _Groups:
    """Places put together by level; cells are county × area."""

    def __init__(self, network: MailNetwork) -> None:
        places = self.places = network.places
        self.area = areas(network)
        pairs = np.char.add(np.char.add(places.county.astype(str), "|"), self.area)
        self._cells, cell = np.unique(pairs, return_inverse=True)
        self.cell = cell.astype(np.intp)
        seats = np.flatnonzero(places.kind == "county")
        self.county_names = {str(places.id[row]): str(places.name_en[row]) for row in seats}
        self.county_prefecture = {str(places.id[row]): str(places.prefecture[row]) for row in seats}

    def of(self, level: str) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
        """Return the group of each place, and of each cell; no cells are of single places."""
        places, n = self.places, len(self.places)
        by_place = {
            "all": np.full(n, "all"),
            "area": self.area,
            "prefecture": places.prefecture.astype(str),
            "county": places.county.astype(str),
            "place": places.id.astype(str),
        }[level]
        of_cell = np.full(len(self._cells), "", dtype=by_place.dtype)
        if level != "place":
            of_cell[self.cell] = by_place
        return by_place, of_cell

    def name(self, level: str, group: str) -> tuple[str, str]:
        """Return the name of a group, and its prefecture."""
        if level == "county":
            return self.county_names.get(group, group), self.county_prefecture.get(group, "")
        if level == "place":
            row = self.places.row(group)
            return str(self.places.name_en[row]), str(self.places.prefecture[row])
        return group.replace("_", " "), group if level == "prefecture" else ""


def _time_rows(
    asked: _Asked,
    checks: Sequence[Check],
    counts: NDArray[np.int64],
    batched: NDArray[np.int64],
    groups: _Groups,
) -> Iterator[TimeRow]:
    """Yield the rows of a limit.

    Parameters
    ----------
    asked, checks
        The limit and its checks.
    counts
        (checks, COUNTS, places).
    batched
        (checks, batches, cells, 2).
    groups
        Places by level.
    """
    for level, key in (("class", "cls"), ("way", "way")):
        names = [getattr(check, key) for check in checks]
        for name in dict.fromkeys(names):
            mine = np.array([other == name for other in names])
            for row in _level_rows(asked, counts[mine].sum(axis=0), batched[mine].sum(axis=0), "all", groups):
                yield replace(row, level=level, id=name, name=name.replace("_", " "))
    for level in LEVELS:
        yield from _level_rows(asked, counts.sum(axis=0), batched.sum(axis=0), level, groups)


def _level_rows(
    asked: _Asked, counts: NDArray[np.int64], batched: NDArray[np.int64], level: str, groups: _Groups
) -> Iterator[TimeRow]:
    counted = np.where(asked.taken & ~asked.excepted, counts, 0)
    apart = np.where(asked.excepted, counts[:2], 0)
    by_place, of_cell = groups.of(level)
    names, inverse = np.unique(by_place, return_inverse=True)
    sums, aside = (
        np.array([np.bincount(inverse, column, len(names)) for column in some]).astype(np.int64)
        for some in (counted, apart)
    )
    for g, name in enumerate(names.tolist()):
        told = dict(zip(COUNTS, sums[:, g].tolist(), strict=True))
        n = told["items"]
        if not name or not (n or aside[0, g]):
            continue
        shares = {key: told[key] / n if n else None for key in ("in_time", *MENDINGS)}
        in_time = shares["in_time"]
        label, prefecture = groups.name(level, name)
        yield TimeRow(
            standard=asked.standard.code,
            limit=asked.limit.code,
            level=level,
            id=name,
            name=label,
            prefecture=prefecture,
            items=n,
            half_width=None if level == "place" else _half_width(batched, of_cell == name),
            asked=asked.share,
            asked_by="assumed" if asked.limit.share is None else "standard",
            verdict="by agreement" if in_time is None else "met" if in_time >= asked.share else "missed",
            mend=mend(shares, asked.share),
            not_arrived=told["not_arrived"],
            undecided=told["undecided"],
            excepted_items=int(aside[0, g]),
            excepted_in_time=int(aside[1, g]),
            **shares,
        )


def mend(shares: Mapping[str, float | None], asked: float) -> str:
    """Return the cheapest thing that would bring the asked share in time: a key of `MENDS`, or "".

    Parameters
    ----------
    shares
        ``in_time``, and under the keys of `sim.compliance.MENDINGS` the shares that would be.
    asked
        The share that must be in time.
    """
    if shares["in_time"] is None or shares["in_time"] >= asked:
        return ""
    for key in ("daily_round", "halved_waits", "no_waits"):
        if (shares[key] or 0.0) >= asked:
            return key
    if (shares["moving"] or 0.0) >= asked:
        return "handling"
    return "distance" if (shares["upstream"] or 0.0) >= asked else "outside"


def _half_width(counts: NDArray[np.int64], mine: NDArray[np.bool_]) -> float | None:
    """Return the half-width of the share in time over the batches; None without an interval."""
    items, in_time = counts[:, mine[: counts.shape[1]]].sum(axis=1).T
    if len(items) < 2 or not items.all():
        return None
    half = interval(in_time / items).half_width
    return half if math.isfinite(half) else None


# ---------------------------------------------------------------- how often


def frequency(network: MailNetwork, standard: Standard) -> Iterator[FrequencyPlace]:
    """Yield what a standard asks for at each place of the areas that it names, and what there is.

    Deliveries are those of an ordinary week; on days off by law rural rounds rest.
    """
    rules = {rule.area: rule.per_week for rule in standard.frequency}
    groups, per_week = _Groups(network), deliveries_per_week(network)
    line = standard.hard_to_reach
    hard = np.zeros(len(per_week), dtype=bool)
    if line is not None and HARD in rules:
        hard = hard_to_reach(network, line.round_km, line.round_days)
    places = network.places
    for row in np.flatnonzero(np.isin(groups.area, [area for area in rules if area != HARD])).tolist():
        plain = rules[str(groups.area[row])]
        asked = _less(plain, rules[HARD]) if hard[row] else plain
        runs, county = int(per_week[row]), str(places.county[row])
        yield FrequencyPlace(
            standard=standard.code,
            place=str(places.id[row]),
            name=str(places.name_en[row]),
            county=county,
            county_name=groups.county_names.get(county, county),
            prefecture=str(places.prefecture[row]),
            area=str(groups.area[row]),
            hard_to_reach=bool(hard[row]),
            people=float(places.population[row]),
            per_week=runs,
            asked=asked,
            asked_of_area=plain,
            verdict="not known" if asked is None else "met" if runs >= asked else "missed",
        )


def _less(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else min(a, b)


def _frequency_rows(places: Sequence[FrequencyPlace]) -> Iterator[FrequencyRow]:
    known = [place for place in places if place.verdict != "not known"]
    for standard in dict.fromkeys(place.standard for place in known):
        for level in LEVELS[:-1]:
            groups: dict[str, list[FrequencyPlace]] = {}
            for place in known:
                if place.standard == standard:
                    groups.setdefault(level if level == "all" else getattr(place, level), []).append(place)
                    if level == "area" and place.hard_to_reach:  # beside the area that they belong to
                        groups.setdefault(HARD, []).append(place)
            for group, members in groups.items():
                met = [place for place in members if place.verdict == "met"]
                yield FrequencyRow(
                    standard=standard,
                    level=level,
                    id=group,
                    name=members[0].county_name if level == "county" else group.replace("_", " "),
                    places=len(members),
                    people=sum(place.people for place in members),
                    met_places=len(met),
                    met_people=sum(place.people for place in met),
                    only_as_hard=sum(place.per_week < (place.asked_of_area or 0) for place in met),
                    more=sum(place.more for place in members),
                )


# ---------------------------------------------------------------- worst first, files


def worst(
    rows: Iterable[TimeRow], standard: str, limit: str, level: str, least_items: int = 1
) -> list[TimeRow]:
    """Return the rows of a limit that miss it: the smallest share in time first, then most late items."""
    chosen = (
        row
        for row in rows
        if (row.standard, row.limit, row.level) == (standard, limit, level)
        and row.verdict == "missed"
        and row.items >= least_items
    )
    return sorted(chosen, key=lambda row: (row.in_time, -row.late, row.id))


def worst_groups(rows: Iterable[FrequencyRow], standard: str, level: str) -> list[FrequencyRow]:
    """Return the groups that miss a standard's frequencies: the smallest share of places met first."""
    chosen = (
        row for row in rows if (row.standard, row.level) == (standard, level) and row.met_places < row.places
    )
    return sorted(chosen, key=lambda row: (row.met_places / row.places, -row.more, row.id))


def worst_places(places: Iterable[FrequencyPlace], standard: str) -> list[FrequencyPlace]:
    """Return the places that are served too seldom: the most days missing first, then most people."""
    chosen = (place for place in places if place.standard == standard and place.verdict == "missed")
    return sorted(chosen, key=lambda place: (-place.more, -place.people, place.place))


def write_service(service: Service, folder: Path) -> list[Path]:
    """Write ``service.json``, ``time.csv`` and ``frequency.csv`` into a folder, and return them."""
    often = [{**asdict(place), "more": place.more} for place in service.frequency_places]
    files = {
        "service.json": to_json(service.as_dict()),
        "time.csv": _csv([asdict(row) for row in service.times], TimeRow),
        "frequency.csv": _csv(often, FrequencyPlace, "more"),
    }
    write_files(folder, files)
    return [folder / name for name in files]


def _csv(rows: Sequence[Mapping[str, Any]], kind: type[TimeRow] | type[FrequencyPlace], *more: str) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*(field.name for field in fields(kind)), *more], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: "" if value is None else value for key, value in row.items()} for row in rows)
    return text.getvalue()
