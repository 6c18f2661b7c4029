"""Names in a scenario's changes, checked against the region's tables and turned into ids.

This needs no network, so a misspelt place is told at once and not after the
fit.  Routes are known only then: `scenarios.changes.apply` checks those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from network.edit.routes import EditError, known_name, match_place
from network.errors import Problem, UnknownNameError
from network.inputs.assumptions import Assumptions
from network.inputs.calendar import Calendar
from network.inputs.tables import load_region

__all__ = ["References", "split_hint"]


def split_hint(error: Exception) -> tuple[str, str]:
    """Return what an error says, and the nearest known name that it offers."""
    text, _, hint = str(error).partition("; did you mean ")
    return text, hint.strip("'?")


@dataclass(frozen=True)
class _Built:
    """What the changes so far have brought in."""

    links: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class References:
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
    built: _Built = field(default_factory=_Built)

    @classmethod
    def load(cls, region: str, assumptions: Assumptions) -> References:
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

            def turn(key: str, value: str, how: Callable[[str], str], table: str = table) -> str:
                try:
                    return how(value)
                except (UnknownNameError, EditError) as error:
                    problems.append(Problem(file, table, key, value, *split_hint(error)))
                return value

            settled.append(self._settle_one(dict(change), turn))
        return settled

    def _settle_one(
        self, change: dict[str, Any], turn: Callable[[str, str, Callable[[str], str]], str]
    ) -> dict[str, Any]:
        op = change["op"]
        where = change.get("where")
        if isinstance(where, Mapping):
            where = dict(where)
            if "prefecture" in where:
                where["prefecture"] = turn("where.prefecture", where["prefecture"], self._prefecture)
            if "county" in where:
                where["county"] = turn("where.county", where["county"], self._county)
            change["where"] = where
        elif isinstance(where, list | tuple) and not op.endswith("_stations"):  # villages wait for the fit
            change["where"] = [turn("where", place, self._township) for place in where]
        for key in ("stops", "between", "centres"):
            if change.get(key):
                change[key] = [turn(key, place, self._stop) for place in change[key]]
        if change.get("base"):
            change["base"] = turn("base", change["base"], self._stop)
        if change.get("outlet"):
            change["to"] = turn("to", change["to"], self._township)
        if op == "add_road":
            self.built.links.append("-".join(change["between"]))
        for link in change.get("links") or ():
            turn("links", link, lambda name: known_name("road link", name, [*self.links, *self.built.links]))
        for key in ("from", "until"):
            if key in change:
                turn(key, str(change[key]), self._covered)
        if change.get("brand", "all") != "all":
            turn("brand", change["brand"], lambda name: known_name("brand", name, [*self.brands, "all"]))
        for key in ("classes", "after"):
            given = change.get(key) or ()
            for code in (given,) if isinstance(given, str) else given:
                turn(key, code, self._class)
        if op == "add_class":
            self.built.classes.append(change["code"])
        return change

    def _class(self, text: str) -> str:
        return known_name("item class", text, [*self.classes, *self.built.classes])

    def _stop(self, text: str) -> str:
        return match_place(text, self.stops, self.seats)

    def _township(self, text: str) -> str:
        return known_name("township", text, self.townships)

    def _prefecture(self, text: str) -> str:
        return known_name("prefecture", text, self.prefectures)

    def _county(self, text: str) -> str:
        return match_place(text, self.counties, self.seats)

    def _covered(self, date: str) -> str:
        if not self.calendar.is_covered(dt.date.fromisoformat(date)):
            known = ", ".join(f"{first} to {last}" for first, last in self.calendar.covered)
            raise EditError(f"a date whose holidays are known: {known}")
        return date
