"""Which county holds the seat of each prefecture, and which that of the region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from network.errors import InputErrors, Problem, nearest

if TYPE_CHECKING:
    from network.inputs.assumptions import Assumptions
    from network.inputs.tables import Region

__all__ = ["Seats", "seats"]


@dataclass(frozen=True)
class Seats:
    """Seats of government; mail is sorted there for all that lies below.

    Attributes
    ----------
    region
        County code of the regional capital.
    prefecture
        County code of the seat by prefecture name; the capital is its own prefecture's seat.
    """

    region: str
    prefecture: Mapping[str, str]

    def tier(self, county: str) -> str:
        """Return "region", "prefecture" or "county"."""
        if county == self.region:
            return "region"
        return "prefecture" if county in self.prefecture.values() else "county"


def seats(region: Region, assumptions: Assumptions) -> Seats:
    """Return the seats of a region from its list ``seats``.

    Raises
    ------
    InputErrors
        If a prefecture has no seat or two, a seat is no county of it, or there is not one capital.
    """
    prefecture_of = {county.code: county.prefecture for county in region.counties}
    names: dict[str, str] = {}
    capitals: list[str] = []
    problems: list[Problem] = []
    for row in assumptions.table("seats"):
        name, code = str(row["prefecture"]), str(row["county"])
        if prefecture_of.get(code) != name:
            hint = nearest(code, [c for c, p in prefecture_of.items() if p == name])
            problems.append(Problem("assumptions.toml", "seats", "county", code, f"a county of {name}", hint))
        elif name in names:
            problems.append(Problem("assumptions.toml", "seats", "prefecture", name, "one seat"))
        else:
            names[name] = code
        if row.get("capital"):
            capitals.append(code)
    problems += [
        Problem("assumptions.toml", "seats", "prefecture", name, "a seat for every prefecture")
        for name in dict.fromkeys(prefecture_of.values())
        if name not in names
    ]
    if len(capitals) != 1:
        problems.append(
            Problem("assumptions.toml", "seats", "capital", capitals, "true for exactly one seat")
        )
    if problems:
        raise InputErrors(problems)
    ordered = {name: names[name] for name in dict.fromkeys(prefecture_of.values())}
    return Seats(capitals[0], MappingProxyType(ordered))
