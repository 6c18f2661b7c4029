"""How often places are served, and what service standards ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from network.accessibility.service_standards import deliveries_per_week, hard_to_reach
from network.inputs.standards import HARD, Standard
from network.model.network import Network
from scenarios.assessment.groups import LEVELS, Groups

__all__ = [
    "FrequencyPlace",
    "FrequencyRow",
    "frequency",
    "frequency_rows",
    "worst_groups",
    "worst_places",
]


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


def frequency(network: Network, standard: Standard) -> Iterator[FrequencyPlace]:
    """Yield what a standard asks for at each place of the areas that it names, and what there is.

    Deliveries are those of an ordinary week; on days off by law rural rounds rest.
    """
    rules = {rule.area: rule.per_week for rule in standard.frequency}
    groups, per_week = Groups(network), deliveries_per_week(network)
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
            county_name=groups.county_name(county),
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


def frequency_rows(places: Sequence[FrequencyPlace]) -> Iterator[FrequencyRow]:
    """Yield the places whose standard is known, put together by level."""
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
