"""How a network is to be read and drawn: the choices of rule 6, and which of the family that fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from network.errors import InputErrors, Problem, nearest

__all__ = ["Settings"]

Linehaul = Literal["shared", "own"]
FleetScope = Literal["industry", "post"]
TimetableOf = Literal["by-kind", "planned"]


@dataclass(frozen=True)
class Settings:
    """What shapes a network beyond report and assumptions.

    Parameters
    ----------
    express_linehaul
        Whether express items share the line-haul of the post, or their firms run their own beside it.
    fleet_scope
        Whose vehicles the published number counts.
    timetable
        Whether routes and rounds set out at one hour for each kind of them, or as the operator planned it
        (rule 7).
    draw
        0 for the best network, k for the k-th of the family that fits.
    seed
        Of synthetic points and of the family.
    handover_all
        Brands hand village items over to the post also where they have an outlet in the county (rule 5).

    Raises
    ------
    InputErrors
        If a choice is none of those that there are; all of them together.
    """

    express_linehaul: Linehaul = "shared"
    fleet_scope: FleetScope = "industry"
    timetable: TimetableOf = "by-kind"
    draw: int = 0
    seed: int = 0
    handover_all: bool = False

    def __post_init__(self) -> None:
        problems = []
        for name, choices in (
            ("express_linehaul", get_args(Linehaul)),
            ("fleet_scope", get_args(FleetScope)),
            ("timetable", get_args(TimetableOf)),
        ):
            value = getattr(self, name)
            if value not in choices:
                near = nearest(str(value), choices)
                problems.append(Problem("scenario", "options", name, value, " or ".join(choices), near))
        if problems:
            raise InputErrors(problems)

    @property
    def own_lines(self) -> bool:
        """Whether express firms run line-haul routes of their own."""
        return self.express_linehaul == "own"

    @property
    def post_only(self) -> bool:
        """Whether the published vehicles are the post's alone."""
        return self.fleet_scope == "post"
