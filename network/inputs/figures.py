"""Published figures: value, unit, date, printed precision and the words quoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from network.errors import UnknownNameError

__all__ = ["UNITS", "Figure", "Report"]

#: Unit of every figure that a report may publish.
UNITS: Mapping[str, str] = MappingProxyType(
    {
        "road_routes": "routes",
        "road_route_km": "km",
        "rail_routes": "routes",
        "rail_route_km": "km",
        "air_routes": "routes",
        "air_route_km": "km",
        "vehicles": "vehicles",
        "postal_outlets": "outlets",
        "postal_services": "services",
        "postal_outlets_full_service_share": "share",
        "village_stations": "stations",
        "villages_direct_mail_share": "share",
        "border_natural_villages_share": "share",
        "border_counties": "counties",
        "express_brands": "brands",
        "express_firms": "firms",
        "express_outlets": "outlets",
        "express_items": "items a year",
        "express_revenue_yuan": "yuan a year",
        "industry_revenue_yuan": "yuan a year",
        "business_volume_yuan": "yuan a year",
        "screening_subsidy_yuan": "yuan",
        "screening_levels": "levels",
        "safety_centres": "centres",
        "confidential_years": "years",
        "newspaper_reach_share": "share",
        "administrative_villages": "villages",
        "bank_desk_mode_3_2": "days a week",
        "bank_desk_mode_4_1": "days a week",
    }
)


@dataclass(frozen=True)
class Figure:
    """One published number, or one that follows from published numbers.

    Parameters
    ----------
    name, unit
        As in `UNITS`; derived figures have names and units of their own.
    value
        In `unit`.
    date
        ISO date of what is counted: a day for a stock, a year for a flow.
    precision
        Half-width of the printed rounding, in `unit`: 18,300 km printed as
        1.83 万公里 is ± 50.  For a derived figure, what the precisions of its
        parents allow.
    quote
        The words quoted; ``""`` for a derived figure.
    meaning
        What is counted.
    use
        What the model does with it; begins with ``check`` when a built value
        is compared with it, else with ``input`` or ``context``.
    kind
        ``published`` or ``derived``.
    parents
        Names of the figures that a derived one comes from.
    """

    name: str
    value: float
    unit: str
    date: str
    precision: float
    quote: str
    meaning: str
    use: str
    kind: str = "published"
    parents: tuple[str, ...] = ()

    @property
    def checked(self) -> bool:
        """Whether `check` compares a built value with this figure."""
        return self.use.startswith("check")

    def agrees(self, built: float) -> bool:
        """Return whether a built value equals the figure within its printed precision."""
        return abs(built - self.value) <= self.precision + 1e-9 * abs(self.value)


@dataclass(frozen=True, repr=False)
class Report:
    """The figures of one region and year, by name."""

    region: str
    year: int
    figures: Mapping[str, Figure]
    title: str = ""
    date: str = ""
    source: str = ""
    note: str = ""

    def __repr__(self) -> str:
        return f"<Report {self.region} {self.year}: {len(self.figures)} figures>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "figures": dict(self.figures)}  # a read-only view does not pickle

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, figures=MappingProxyType(state["figures"]))

    def __getitem__(self, name: str) -> Figure:
        """Return a figure.

        Raises
        ------
        UnknownNameError
            If the report does not publish it.
        """
        try:
            return self.figures[name]
        except KeyError:
            raise UnknownNameError(f"figure of the {self.year} report", name, self.figures) from None

    def __contains__(self, name: object) -> bool:
        return name in self.figures

    def __iter__(self) -> Iterator[str]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)

    def value(self, name: str) -> float:
        """Return the value of a figure; raises as ``report[name]``."""
        return self[name].value

    def count(self, name: str) -> int:
        """Return the value of a counted figure as an integer; raises as ``report[name]``."""
        return round(self[name].value)

    def published(self) -> tuple[Figure, ...]:
        """Return the published figures, in the order of the file."""
        return tuple(figure for figure in self.figures.values() if figure.kind == "published")
