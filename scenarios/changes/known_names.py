"""Names that changes may use, checked against the region's tables and turned into ids.

This needs no network, so a misspelt place is reported at once and not after the
fit.  Routes are known only then: `scenarios.changes.apply` checks those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from network.edit.routes import EditError, known_name, match_place
from network.errors import Problem, UnknownNameError
from network.inputs.assumptions import Assumptions
from network.inputs.calendar import Calendar
from network.inputs.tables import load_region
from scenarios.changes import Change

__all__ = ["KnownNames", "split_hint"]


_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)


def split_hint(error: Exception) -> tuple[str, str]:
    """Return what an error says, and the nearest known name that it offers."""
    text, _, hint = str(error).partition("; did you mean ")
    return text, hint.strip("'?")


@dataclass(frozen=True)
class KnownNames:
    """What a change may name."""

    seats: Mapping[str, list[str]]  # ids of county seats and gateways by name
    stops: frozenset[str]
    townships: tuple[str, ...]
    prefectures: tuple[str, ...]
    counties: frozenset[str]
    links: tuple[str, ...]  # of roads; those to townships are named after the seat and the township
    brands: tuple[str, ...]
    classes: tuple[str, ...]
    calendar: Calendar
    introduced: dict[str, list[str]] = field(default_factory=dict)  # by the changes so far, by kind

    @classmethod
    def load(cls, region: str, assumptions: Assumptions) -> KnownNames:
        """Read the tables of a region."""
        tables = load_region(region)
        seats: dict[str, list[str]] = {}
        for county in tables.counties:
            for name in (county.name_en, county.name_zh):
                seats.setdefault(name, []).append(county.code)
        for gateway in tables.gateways:
            for name in (gateway.name_en, gateway.name_zh):
                seats.setdefault(name, []).append(gateway.id)
        counties = [county.code for county in tables.counties]
        townships = [township.code for township in tables.townships]
        return cls(
            seats=seats,
            stops=frozenset([*counties, *townships, *(gateway.id for gateway in tables.gateways)]),
            townships=tuple(townships),
            prefectures=tuple(dict.fromkeys(county.prefecture for county in tables.counties)),
            counties=frozenset(counties),
            links=(
                *(road.id for road in tables.roads),
                *(f"{township.county_code}-{township.code}" for township in tables.townships),
            ),
            brands=tuple(row["code"] for row in assumptions.table("brands")),
            classes=tuple(row["code"] for row in assumptions.table("classes")),
            calendar=tables.calendar,
        )

    def settle(
        self, changes: Iterable[Mapping[str, Any]], file: str, problems: list[Problem]
    ) -> list[dict[str, Any]]:
        """Return the changes with names turned into ids; what is unknown goes to `problems`."""
        settled = []
        for number, change in enumerate(changes, start=1):
            table = f"change {number} {change['op']}"
            ids: dict[str, Any] = dict(change)
            for path, kind in _CHANGE.validate_python(change).references().items():
                outer, _, key = path.rpartition(".")
                if outer:
                    ids[outer] = dict(ids.get(outer, {}))
                holder = ids[outer] if outer else ids
                if holder.get(key):
                    holder[key] = self._ids(kind, holder[key], Problem(file, table, path, "", ""), problems)
            for kind, name in _CHANGE.validate_python(ids).introduces().items():
                self.introduced.setdefault(kind, []).append(name)
            settled.append(ids)
        return settled

    def _ids(self, kind: str, given: Any, where: Problem, problems: list[Problem]) -> Any:
        """Return names of a kind as ids, one or a list of them; an unknown one stays, with its problem."""
        if isinstance(given, list | tuple):
            return [self._ids(kind, name, where, problems) for name in given]
        try:
            return self._id(kind, given)
        except (UnknownNameError, EditError) as error:
            text, near = split_hint(error)
            problems.append(replace(where, value=str(given), allowed=text, nearest=near))
            return given

    def _id(self, kind: str, name: Any) -> Any:
        """Return the id of one name, or raise what is wrong with it."""
        match kind:
            case "stop":
                return match_place(name, self.stops, self.seats)
            case "county":
                return match_place(name, self.counties, self.seats)
            case "date":
                if not self.calendar.is_covered(name):
                    known = ", ".join(f"{first} to {last}" for first, last in self.calendar.covered)
                    raise EditError(f"a date whose holidays are known: {known}")
                return name
        what, known_names = {
            "township": ("township", self.townships),
            "prefecture": ("prefecture", self.prefectures),
            "link": ("road link", self.links),
            "brand": ("brand", (*self.brands, "all")),
            "class": ("item class", self.classes),
        }[kind]
        return known_name(what, name, [*known_names, *self.introduced.get(kind, ())])
