"""The fluid's break set beside simulations: do queues grow above it and not below?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from network.edit.routes import scale_demand
from scenarios.growth.outlook import calendar_year
from scenarios.growth.years import Study
from scenarios.support.estimate import check_size
from scenarios.support.folders import read_json, write_file
from sim.measures.loads import boarded_per_day, queue_growth
from sim.plan import RunPlan
from sim.run import simulate

__all__ = ["KEPT", "CheckRow", "bracket", "check", "kept_as"]

KEPT = "simulated-"  # how files of simulations begin

LINES, ROUNDS = "lanes, sorters and lines", "rounds"


@dataclass(frozen=True)
class CheckRow:
    """One simulated demand.

    Parameters
    ----------
    factor
        On the express items of the trend's last year, in the simulated days as on the mean day.
    year
        First year of so much demand, on the middle of the trend.
    fluid, simulated
        Queues, as (kind of queue, stop), in which something is full by the fluid, and those that grow.
    worst
        The growing queue that grows by most, in words; "" for none.
    """

    factor: float
    year: int | None
    fluid: tuple[tuple[str, str], ...]
    simulated: tuple[tuple[str, str], ...]
    worst: str
    worst_items_a_day: float

    @property
    def both(self) -> int:
        """Queues that are in both."""
        return len(set(self.fluid) & set(self.simulated))


def check(
    study: Study,
    plan: RunPlan,
    factors: Sequence[float],
    said: Callable[[str, float], None] | None = None,
    keep: Path | None = None,
) -> tuple[CheckRow, ...]:
    """Simulate a network at some factors on express items, and return what grows beside what is full.

    Parameters
    ----------
    study
        Of the network.
    plan
        Dates and seed; at least three measured weeks, whole ones are looked at.
    factors
        On the express items of the trend's last year.  All mail but newspapers is divided by the demand
        of the measured days over the year's mean, so that the days simulated are mean days.
    said
        Called with a text and the share done.
    keep
        Folder in which each simulation is kept; what is there already is not simulated again.

    Raises
    ------
    ValueError
        If fewer than three weeks are measured.
    """
    if plan.measured_days < 21:
        raise ValueError(f"three measured weeks or more expected, got {plan.measured_days} days")
    network, kinds = study.base.network, study.base.rates.classes
    measured = plan.measured_days // 7 * 7
    first = plan.start.toordinal() + plan.warmup_days
    usual = float(network.calendar.day_factors(type(plan.start).fromordinal(first), measured).mean())
    level = scale_demand(network, 1 / usual, [kind.code for kind in kinds if kind.flow != "place"])
    express = [kind.code for kind in kinds if kind.flow == "report"]
    rows = []
    for factor in sorted(factors):
        kept = None if keep is None else kept_as(keep, factor)
        if kept is not None and kept.is_file():
            rows.append(TypeAdapter(CheckRow).validate_python(read_json(kept)))
            continue
        grown = scale_demand(level, factor, express)
        reported = None if said is None else partial(said, f"simulating express × {factor:.3g}")
        check_size(grown, plan, f"express × {factor:.3g}")
        result = simulate(grown, plan, reported, sink=_forget)
        window = plan.warmup_days, plan.warmup_days + measured
        queues = {LINES: result.waiting, ROUNDS: result.waiting_rounds}
        volume = boarded_per_day(grown, result.trips, len(result.waiting))
        growth = queue_growth(queues, window, grown.stops, volume)
        rows.append(_row(study, factor, growth))
        if kept is not None:
            write_file(kept, asdict(rows[-1]))
    return tuple(rows)


def bracket(rows: Sequence[CheckRow]) -> tuple[float | None, float | None]:
    """Return the greatest factor with no growing queue at it or below, and the least with one."""
    grows = [row.factor for row in rows if row.simulated]
    least = min(grows, default=None)
    calm = [row.factor for row in rows if not row.simulated and (least is None or row.factor < least)]
    return max(calm, default=None), least


def kept_as(keep: Path, factor: float) -> Path:
    """Return the file of a folder that keeps the simulation at a factor."""
    return keep / f"{KEPT}{float(factor)!r}.json"


def _forget(_records: Any) -> None:
    """Take item records and keep none: queues and trips say enough."""


def _row(study: Study, factor: float, growth: dict[str, Any]) -> CheckRow:
    grows = np.flatnonzero(growth["growing"])
    simulated = sorted((str(growth["queue"][row]), str(growth["stop"][row])) for row in grows)
    worst, slope = "", 0.0
    if len(grows):
        row = int(grows[growth["slope"][grows].argmax()])
        places = study.base.network.places
        name = places.name_en[places.row(str(growth["stop"][row]))]
        worst, slope = f"{growth['queue'][row]} at {name}", float(growth["slope"][row])
    year = calendar_year(study.trend.year_of(factor))
    return CheckRow(factor, year, _full(study, factor), tuple(simulated), worst, slope)


def _full(study: Study, factor: float) -> tuple[tuple[str, str], ...]:
    """Return the queues in which something is full by the fluid."""
    use = study.base.use
    full = np.flatnonzero(study.base.factor <= factor).tolist()
    return tuple(sorted({(ROUNDS if use.kind(row) == "round" else LINES, use.place[row]) for row in full}))
