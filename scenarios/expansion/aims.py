"""What a plan is to be judged by: measures by name, and standards that speak of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from network.errors import InputErrors, Problem, nearest

__all__ = ["DEFAULT", "FORMS", "Aim", "Standard", "parse_aim", "parse_standards"]

DEFAULT = "scheduled.inbound.mean_h"
#: Forms of the names of measures, with a whole number in place of N, and what they say.
FORMS = {
    DEFAULT: "mean hours from acceptance in other provinces to the first attempt, over people, "
    "by the timetable",
    "coverage.inbound.within.N.people": "share of people whose place gets 80 % of its mail from other "
    "provinces within N hours, by the timetable",
    "coverage.inbound.within.N.villages": "the same share of villages",
    "frequency.people_at_least.N": "share of people with at least N deliveries a week",
    "frequency.villages_at_least.N": "share of villages with at least N deliveries a week",
    "access.people_within_km_of_express_outlet.N": "share of people within N km of an express outlet",
    "access.people_within_km_of_postal_outlet.N": "share of people within N km of a postal outlet",
}


@dataclass(frozen=True)
class Aim:
    """A measure by name.

    Parameters
    ----------
    key
        As written.
    kind
        "mean", "within", "frequency", "express" or "postal".
    number
        Hours, deliveries a week or km.
    of
        "people" or "villages".
    """

    key: str
    kind: str
    number: int = 0
    of: str = "people"

    @property
    def says(self) -> str:
        """What it is, in words."""
        form = re.sub(r"\.\d+(?=\.|$)", ".N", self.key)
        return re.sub(r"\bN\b", str(self.number), FORMS[form])

    @property
    def unit(self) -> str:
        """Unit of its value: h, or share."""
        return "h" if self.kind == "mean" else "share"

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return -1 if self.kind == "mean" else 1


@dataclass(frozen=True)
class Standard:
    """A measure and what it must reach: at least a share, or at most so many hours."""

    aim: Aim
    asked: float

    @property
    def says(self) -> str:
        """The standard in words."""
        if self.aim.unit == "h":
            return f"{self.aim.key} <= {self.asked:g} h"
        return f"{self.aim.key} >= {100 * self.asked:g} %"


def parse_aim(text: str, where: str = "--measure") -> Aim:
    """Return the measure of a name.

    Raises
    ------
    InputErrors
        If there is no such measure.
    """
    if text == DEFAULT:
        return Aim(text, "mean")
    parts = text.split(".")
    numbers = [part for part in parts if part.isdigit() and int(part) > 0]
    form = ".".join("N" if part in numbers else part for part in parts)
    if form not in FORMS or len(numbers) != 1:
        allowed = "one of " + ", ".join(FORMS) + " with a whole number above 0 for N"
        raise InputErrors([Problem("command line", where, "", text, allowed, nearest(form, FORMS))])
    kind = {"coverage": "within", "frequency": "frequency"}.get(parts[0]) or re.findall(
        "express|postal", text
    )[0]
    of = "villages" if "villages" in text else "people"
    return Aim(text, kind, int(numbers[0]), of)


def parse_standards(texts: Sequence[str]) -> tuple[Standard, ...]:
    """Return the standards that texts like ``frequency.villages_at_least.3 >= 95 %`` say.

    Raises
    ------
    InputErrors
        If a text is none, or its measure is unknown: all problems together.
    """
    standards: list[Standard] = []
    problems: list[Problem] = []
    for text in texts:
        match = re.fullmatch(r"\s*(\S+)\s*(>=|<=|≥|≤)\s*([\d.]+)\s*(%|h)?\s*", text)
        try:
            if match is None:
                raise ValueError
            key, sense, value, unit = match.groups()
            aim, asked = parse_aim(key, "--standard"), float(value) / (100 if unit == "%" else 1)
            if (aim.unit == "h") != (sense in "<=≤" and sense != ">=") or (aim.unit == "share" and asked > 1):
                raise ValueError
        except InputErrors as error:
            problems += error.problems
        except ValueError:
            allowed = "MEASURE >= SHARE, such as 'frequency.villages_at_least.3 >= 95 %', or MEASURE <= HOURS"
            problems.append(Problem("command line", "--standard", "", text, allowed))
        else:
            standards.append(Standard(aim, asked))
    if problems:
        raise InputErrors(problems)
    return tuple(standards)
