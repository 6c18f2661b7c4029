"""Which expansion delays the break most: the same calculation for each, ranked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.capacity.relief import add_where_first_full, enlarged, spares
from network.capacity.utilisation import Utilisation
from network.edit.growth import ungrown
from network.edit.operations import set_hours
from network.fleet.requirements import needs
from network.model.network import Network
from network.model.records import DAY_S
from scenarios.growth.outlook import Outlook, calendar_year, growing, outlook
from scenarios.growth.years import Study
from sim.cost.planned import planned_cost

__all__ = ["Candidate", "ExpansionRow", "expansions", "generic", "ranked"]

SINGLES = 3  # of what is full first, each relieved by itself
FLEET_SHARE = 0.1
MAIL_CARS = 0.25


@dataclass(frozen=True, eq=False)
class Candidate:
    """An expansion to be judged.

    Parameters
    ----------
    same_fluid
        Whether timetable, hours and demand are those of the base, so that its fluid will do.
    """

    name: str
    title: str
    network: Network
    same_fluid: bool = False


@dataclass(frozen=True)
class ExpansionRow:
    """What an expansion does to the break, on the middle of the trend."""

    name: str
    title: str
    when: float  # first resource full in the mean week; inf: not within the years looked at
    year: int | None
    gain: float  # years later than the base
    half: float  # half of the people behind something full
    half_year: int | None
    half_gain: float
    next_name: str  # what is full first now
    vehicles: int  # more than the base needs
    lanes: int
    sorters: int
    yuan_a_year: float  # more than the base costs by its plan
    yuan_a_year_gained: float | None  # over the years gained; None where there are none

    @property
    def in_time(self) -> bool:
        """Whether the break lies within the years looked at; if not, gains are at least so great."""
        return math.isfinite(self.when)


def expansions(
    study: Study, candidates: Sequence[Candidate], said: Callable[[str], None] | None = None
) -> tuple[ExpansionRow, ...]:
    """Return the row of each candidate, in their order."""
    before = planned_cost(study.base.network, growth=study.growth).total
    rows = []
    for candidate in candidates:
        if said is not None:
            said(candidate.title)
        like = study.base if candidate.same_fluid else None
        expanded = outlook(ungrown(candidate.network), study.course, study.years, study.peak, like)
        yuan = planned_cost(expanded.network, growth=study.growth).total - before
        rows.append(_row(study, candidate, expanded, yuan))
    return tuple(rows)


def ranked(rows: Sequence[ExpansionRow]) -> list[ExpansionRow]:
    """Return rows, the longest delay first; of equal ones the cheaper."""
    return sorted(rows, key=lambda row: (-row.gain, -row.half_gain, row.yuan_a_year, row.name))


def generic(study: Study, until: Sequence[int] = ()) -> Iterator[Candidate]:
    """Yield expansions that any network can be asked for.

    One unit more of each of the first resources to be full; the spare
    vehicles, and a tenth more vehicles, where the demand that fills a route or
    round is least; a quarter more mail cars; a lane and a sorter more at every
    centre; centres open around the clock; all of these together but the last;
    and as much more of all that nothing is full before each of some years.
    """
    network, use = study.base.network, study.base.use
    grows = growing(study.base.rates)
    units = np.array([owner.units for owner in use.owners])

    def more(name: str, title: str, new: NDArray[np.int64]) -> Candidate:
        return Candidate(name, title, enlarged(network, use, new), same_fluid=True)

    for owner in _first_owners(study, SINGLES):
        new = units.copy()
        new[owner] += 1
        yield more(f"one-more:{use.owners[owner].id}", f"one more {_unit(use, owner)}", new)
    at_hand = spares(network)
    if at_hand:
        total = sum(at_hand.values())
        added = add_where_first_full(network, use, grows, total, at_hand)
        number = sum(added.vehicles.values())
        yield more("spares", f"{number} of the {total} spare vehicles at work where first full", added.units)
    tenth = round(FLEET_SHARE * len(network.vehicles))
    fleet = add_where_first_full(network, use, grows, tenth).units
    if tenth:
        yield more("fleet+10%", f"{tenth} more vehicles where first full", fleet)
    rail, centres = units.copy(), units.copy()
    for row, of in enumerate(use.owners):
        if of.kind == "route" and network.route(of.id).mode == "rail":
            rail[row] = math.ceil(of.units * (1 + MAIL_CARS))
        elif of.kind in ("lanes", "sorters"):
            centres[row] += 1
    if (rail > units).any():
        yield more("rail+25%", "a quarter more mail cars on the railway", rail)
    if (centres > units).any():
        yield more("lane+sorter", "a lane and a sorter more at every centre", centres)
        yield more(
            "all-four",
            "10 % more vehicles, mail cars, lanes and sorters",
            np.maximum(np.maximum(fleet, rail), centres),
        )
        yield Candidate("round-the-clock", "every centre open around the clock", _open_all_day(network))
    for year in until:
        held = np.maximum(use.needed(study.course.at(year), 1.0 - 1e-6), units)
        yield more(f"hold-{year}", f"as much more as holds through {year}", held)


def _first_owners(study: Study, number: int) -> list[int]:
    """Return the owners of the resources that are full first."""
    order = np.argsort(study.base.full_at, kind="stable")
    owners = [int(study.base.use.owner[row]) for row in order if np.isfinite(study.base.full_at[row])]
    return list(dict.fromkeys(owners))[:number]


def _unit(use: Utilisation, row: int) -> str:
    owner = use.owners[row]
    if owner.kind == "route":
        return f"vehicle a trip of {owner.id} {owner.name}"
    if owner.kind == "round":
        return f"vehicle a run of round {owner.id} of {owner.name}"
    return f"{owner.kind.removesuffix('s')} at {owner.name}"


def _open_all_day(network: Network) -> Network:
    """Return the network with every centre that has hours open all day."""
    places = tuple(centre.place for centre in network.centres if centre.lanes and centre.shifts_s)
    return set_hours(network, 0, DAY_S, centres=places) if places else network


def _row(study: Study, candidate: Candidate, expanded: Outlook, yuan: float) -> ExpansionRow:
    base = study.base
    last = float(study.course.times[-1])
    gain = min(expanded.first.when, last) - min(base.first.when, last)
    half_gain = min(expanded.half.when, last) - min(base.half.when, last)
    lanes, sorters = (
        sum(getattr(centre, name) for centre in expanded.network.centres)
        - sum(getattr(centre, name) for centre in base.network.centres)
        for name in ("lanes", "sorters")
    )
    return ExpansionRow(
        name=candidate.name,
        title=candidate.title,
        when=expanded.first.when,
        year=calendar_year(expanded.first.when),
        gain=gain,
        half=expanded.half.when,
        half_year=calendar_year(expanded.half.when),
        half_gain=half_gain,
        next_name=expanded.first.name,
        vehicles=needs(expanded.network).vehicles - needs(base.network).vehicles,
        lanes=lanes,
        sorters=sorters,
        yuan_a_year=yuan,
        yuan_a_year_gained=yuan / gain if gain > 0.005 else None,
    )
