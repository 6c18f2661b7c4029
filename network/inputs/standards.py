"""Service standards as records: how often, how fast, how days are counted.

A value that is not known is None: it stays in the table, is shown as not known, and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo

from network.inputs.validation import Blank, Choice, Flag, Note, Number, Row, Text, Whole, among, unlisted

__all__ = [
    "AREAS",
    "CERTAINTIES",
    "HARD",
    "HOLIDAYS",
    "WAYS",
    "Classes",
    "DayRule",
    "Frequency",
    "HardToReach",
    "Limit",
    "Standard",
]

#: How sure a value is: the source says so; general knowledge, to be checked; ours; not known.
CERTAINTIES = ("known", "unverified", "assumed", "unknown")
#: Where items come from, as limits tell it apart; outbound mail leaves before its first attempt.
WAYS = ("same_prefecture", "within_region", "inbound")
#: Kinds of places that a standard tells apart.
AREAS = ("city", "county_town", "township_seat", "village", "natural_village", "monastery")
#: Which holidays of a calendar are no working days.
HOLIDAYS = ("none", "statutory", "all")
#: The area of places that are hard to reach, in the rows of frequency.
HARD = "hard_to_reach"
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Certainty = Annotated[str, Choice(*CERTAINTIES)]
#: Item classes, at least one.
Classes = Annotated[tuple[Annotated[Text, among("classes")], ...], Field(min_length=1)]


def _weekday(name: Any) -> int:
    if name not in _WEEK:
        raise unlisted(_WEEK)
    return _WEEK.index(name)


def _hour(value: Any, info: ValidationInfo) -> float | str:
    names = (info.context or {})["inputs"]
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 24
    if not number and value not in names:
        raise unlisted(names, "a number from 0 to 24, or the name of an assumption")
    return value


Weekdays = Annotated[tuple[Annotated[int, PlainValidator(_weekday)], ...], Field(min_length=1)]


@dataclass(frozen=True)
class HardToReach(Row):
    """Where the line is drawn; see `network.accessibility.service_standards.hard_to_reach`."""

    round_km: Annotated[Number, Field(ge=1, le=10_000)]
    round_days: Annotated[Whole, Field(ge=1, le=60)]
    certainty: Certainty
    source: Note
    note: Note


@dataclass(frozen=True)
class Frequency(Row):
    """Deliveries a week asked for in an area, or at places hard to reach; None is not known."""

    area: Annotated[str, Choice(*AREAS, HARD)]
    per_week: Annotated[Annotated[Whole, Field(ge=1, le=7)] | None, Blank()]
    certainty: Certainty
    source: Note
    note: Note


@dataclass(frozen=True)
class DayRule(Row):
    """How days are counted for some classes; see `network.accessibility.service_standards.working_days`."""

    classes: Classes
    cutoff_h: Annotated[float | str, PlainValidator(_hour)]  # hour of the day, or an assumption that holds it
    collection: Weekdays  # 0 for Monday
    delivery: Weekdays
    holidays: Annotated[str, Choice(*HOLIDAYS)]
    makeup_days: Flag
    certainty: Certainty
    source: Note
    note: Note

    @property
    def says(self) -> str:
        """The rule in words."""
        collection, delivery = (
            "every day" if len(days) == 7 else " ".join(_WEEK[day] for day in sorted(days))
            for days in (self.collection, self.delivery)
        )
        days = collection if collection == delivery else f"collection {collection}, delivery {delivery}"
        off = {"none": "", "statutory": ", less days off by law", "all": ", less holidays"}[self.holidays]
        return f"{days}{off}; last collection {self.cutoff_h}"


@dataclass(frozen=True)
class Limit:
    """How fast items of some classes, ways and areas must be; None is not known."""

    code: str
    classes: tuple[str, ...]
    directions: tuple[str, ...]
    areas: tuple[str, ...]  # of destination; all when empty
    unit: str  # "hours" to the first attempt, or "days": J+n
    value: float | None
    share: float | None  # of the items that must be in time
    except_hard_to_reach: bool
    certainty: str
    source: str
    note: str

    @property
    def says(self) -> str:
        """The limit in words."""
        if self.value is None:
            return "not known"
        return f"J+{self.value:g}" if self.unit == "days" else f"{self.value:g} h"


@dataclass(frozen=True)
class Standard:
    """A service standard."""

    code: str
    title: str
    title_zh: str
    regions: tuple[str, ...]  # where it binds
    since: str  # date from which it is in force; "" is not known
    source: str
    hard_to_reach: HardToReach | None
    frequency: tuple[Frequency, ...]
    days: tuple[DayRule, ...]
    limits: tuple[Limit, ...]

    def day_rule(self, cls: str) -> DayRule:
        """Return how days are counted for a class; every class of a limit in days has a rule."""
        return next(rule for rule in self.days if cls in rule.classes)
