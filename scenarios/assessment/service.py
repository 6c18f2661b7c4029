"""How a run keeps service standards: how often and how fast, by place and class, the worst first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.accessibility.service_standards import hard_to_reach, working_days
from network.inputs.standards import Limit, Standard
from network.model.network import Network
from network.model.records import DAY_S
from scenarios.assessment.frequency import FrequencyPlace, FrequencyRow, frequency, frequency_rows
from scenarios.assessment.groups import LEVELS, Groups
from scenarios.runs.folder import StoredRun
from scenarios.runs.recorded import batches, closed_s, item_chunks
from scenarios.support.folders import write_files
from scenarios.support.progress import Progress
from scenarios.support.tables import csv_text
from sim.measures.compliance import COUNTS, MENDINGS, Batches, Check, Kept, keep
from sim.measures.statistics import interval

__all__ = [
    "FOLDER",
    "MENDS",
    "SHARE",
    "Service",
    "TimeRow",
    "class_level",
    "draw_service",
    "mend",
    "serve",
    "worst",
    "write_service",
]

FOLDER = "service"
SHARE = 0.8  # of the items in time, where a standard asks for none: as P80 elsewhere in the project; assumed
#: What would mend a miss, the cheapest first.
MENDS: Mapping[str, str] = {
    "daily_round": "frequency: daily rounds",
    "halved_waits": "frequency: twice as often",
    "no_waits": "frequency: more than twice as often",
    "handling": "hours of handling and hand-over",
    "distance": "distance",
    "outside": "outside the region",
    "arrival": "more must arrive at all",
}


@dataclass(frozen=True)
class TimeRow:
    """How the items to a group of places keep a limit.

    Shares are of `items`, to places that the limit does not except.  Those named as in
    `sim.measures.compliance.MENDINGS` are what would be in time then.
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
        return tuple(frequency_rows(self.frequency_places))

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
            "time": [asdict(row) for row in self.times if not row.level.endswith("place")],
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
    groups, how = Groups(network), batches(run)
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
        self, standard: Standard, limit: Limit, network: Network, groups: Groups, share: float
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


def _checks(run: StoredRun, asked: _Asked, groups: Groups) -> Iterator[Check]:
    """Yield a check for each class and way of a limit."""
    network, plan = run.network, run.scenario.plan
    days = max(closed_s(run)) // DAY_S + 8  # J of what is accepted on a last day may lie beyond it
    cell = np.where(asked.taken & ~asked.excepted, groups.cell, -1)
    for cls in asked.limit.classes:
        count = None
        if asked.limit.unit == "days":
            rule = asked.standard.day_rule(cls)
            count = working_days(rule, network.calendar, network.assumptions, plan.start, days)
        for way in asked.limit.directions:
            yield Check(asked.limit, cls, way, count, cell)


def _time_rows(
    asked: _Asked,
    checks: Sequence[Check],
    counts: NDArray[np.int64],
    batched: NDArray[np.int64],
    groups: Groups,
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
            chosen = np.array([other == name for other in names])
            for row in _level_rows(
                asked, counts[chosen].sum(axis=0), batched[chosen].sum(axis=0), "all", groups
            ):
                yield replace(row, level=level, id=name, name=name.replace("_", " "))
    for level in LEVELS:
        yield from _level_rows(asked, counts.sum(axis=0), batched.sum(axis=0), level, groups)
    classes = dict.fromkeys(check.cls for check in checks)
    for cls in classes if len(classes) > 1 else ():
        chosen = np.array([check.cls == cls for check in checks])
        for level in LEVELS[1:]:
            for row in _level_rows(
                asked, counts[chosen].sum(axis=0), batched[chosen].sum(axis=0), level, groups
            ):
                yield replace(
                    row, level=class_level(level), id=f"{cls}/{row.id}", name=f"{cls}: {row.name or row.id}"
                )


def class_level(level: str) -> str:
    """Return the level of the rows that keep the classes of a limit apart, where it has several."""
    return f"class {level}"


def _level_rows(
    asked: _Asked, counts: NDArray[np.int64], batched: NDArray[np.int64], level: str, groups: Groups
) -> Iterator[TimeRow]:
    counted = np.where(asked.taken & ~asked.excepted, counts, 0)
    apart = np.where(asked.excepted, counts[:2], 0)
    by_place, of_cell = groups.of(level)
    names, inverse = np.unique(by_place, return_inverse=True)
    sums, aside = (
        np.array([np.bincount(inverse, column, len(names)) for column in columns]).astype(np.int64)
        for columns in (counted, apart)
    )
    for g, name in enumerate(names.tolist()):
        counts_of = dict(zip(COUNTS, sums[:, g].tolist(), strict=True))
        n = counts_of["items"]
        if not name or not (n or aside[0, g]):
            continue
        shares = {key: counts_of[key] / n if n else None for key in ("in_time", *MENDINGS)}
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
            mend=mend(shares, asked.share, 1 - counts_of["not_arrived"] / n if n else 1.0),
            not_arrived=counts_of["not_arrived"],
            undecided=counts_of["undecided"],
            excepted_items=int(aside[0, g]),
            excepted_in_time=int(aside[1, g]),
            **shares,
        )


def mend(shares: Mapping[str, float | None], asked: float, arrived: float = 1.0) -> str:
    """Return the cheapest thing that would bring the asked share in time: a key of `MENDS`, or "".

    Parameters
    ----------
    shares
        ``in_time``, and under the keys of `sim.measures.compliance.MENDINGS` the shares that would be.
    asked
        The share that must be in time.
    arrived
        Share of the items that arrived at all; where it is too small, nothing else is to be asked.
    """
    if shares["in_time"] is None or shares["in_time"] >= asked:
        return ""
    if arrived < asked:
        return "arrival"
    for key in ("daily_round", "halved_waits", "no_waits"):
        if (shares[key] or 0.0) >= asked:
            return key
    if (shares["moving"] or 0.0) >= asked:
        return "handling"
    return "distance" if (shares["upstream"] or 0.0) >= asked else "outside"


def _half_width(counts: NDArray[np.int64], chosen: NDArray[np.bool_]) -> float | None:
    """Return the half-width of the share in time over the batches; None without an interval."""
    items, in_time = counts[:, chosen[: counts.shape[1]]].sum(axis=1).T
    if len(items) < 2 or not items.all():
        return None
    half = interval(in_time / items).half_width
    return half if math.isfinite(half) else None


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


def write_service(service: Service, folder: Path) -> list[Path]:
    """Write ``service.json``, ``time.csv`` and ``frequency.csv`` into a folder, and return them."""
    often = [{**asdict(place), "more": place.more} for place in service.frequency_places]
    files = {
        "service.json": service.as_dict(),
        "time.csv": csv_text(map(asdict, service.times), _names(TimeRow)),
        "frequency.csv": csv_text(often, [*_names(FrequencyPlace), "more"]),
    }
    return write_files(folder, files)


def _names(kind: type[TimeRow] | type[FrequencyPlace]) -> list[str]:
    return [field.name for field in fields(kind)]


def draw_service(service: Service, folder: Path) -> list[Path]:
    """Draw a chart for each limit into a folder, bars by area and prefecture, and return the files."""
    from scenarios.charts.compliance import in_time_bars
    from scenarios.charts.style import save

    files = []
    for standard in service.standards:
        for limit in standard.limits:
            rows = [
                row
                for level in ("all", "area", "prefecture")
                for row in service.times
                if (row.standard, row.limit, row.level) == (standard.code, limit.code, level) and row.items
            ]
            if rows:
                ways = ", ".join(way.replace("_", " ") for way in limit.directions)
                title = f"{limit.code}: {', '.join(limit.classes)}, {ways}, within {limit.says}"
                ax = in_time_bars(rows, title, rows[0].asked)
                files += save(ax, folder / f"{standard.code}-{limit.code}")
    return files
