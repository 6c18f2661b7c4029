"""What an expansion takes beyond its base, and what a unit of that gains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from network.capacity.resize import at_target
from network.fleet.requirements import Lines, Needs, needs
from network.model.network import Network
from scenarios.comparison.differences import Difference
from scenarios.runs.headlines import GAINS

__all__ = ["Requirements", "requirements_of"]


@dataclass(frozen=True)
class Requirements:
    """What an expansion takes beyond the base, and what a unit of each gains.

    `gain` holds, for each coverage of `GAINS`, points of share gained for each
    further vehicle, driver and 1,000 vehicle-km a week; None where the
    expansion takes none more.
    """

    base: Needs
    other: Needs
    at_target: Needs  # of the expansion, with vehicles for a mean load at the target
    gain: Mapping[str, Mapping[str, float | None]]

    @property
    def more(self) -> dict[str, float]:
        """Vehicles, drivers and km a week beyond the base, the express firms' own lines included."""

        def whole(needed: Needs, name: str) -> float:
            total: float = getattr(needed, name) + getattr(needed.firms, name)
            return total

        return {f.name: whole(self.other, f.name) - whole(self.base, f.name) for f in fields(Lines)}

    def as_dict(self) -> dict[str, Any]:
        """Return all numbers for JSON."""
        return {
            "more": self.more,
            "needed": {
                "vehicles": self.other.vehicles,
                "drivers": self.other.drivers,
                "vehicle_km_per_week": self.other.vehicle_km_per_week,
                "firms": asdict(self.other.firms),
            },
            "fleet": self.other.fleet,
            "over_fleet": self.other.over,
            "needed_at_target_load": {
                "vehicles": self.at_target.vehicles,
                "drivers": self.at_target.drivers,
                "vehicle_km_per_week": self.at_target.vehicle_km_per_week,
                "firms": asdict(self.at_target.firms),
                "over_fleet": self.at_target.over,
            },
            "gain_per_unit": {key: dict(gain) for key, gain in self.gain.items()},
        }


def requirements_of(base: Network, other: Network, by_measure: Mapping[str, Difference]) -> Requirements:
    """Return what an expansion takes, and the coverage it gains for each unit of that."""
    before, after, sized = needs(base), needs(other), needs(at_target(other))
    bare = Requirements(before, after, sized, {})
    units = {
        "vehicle": bare.more["vehicles"],
        "driver": bare.more["drivers"],
        "1000_vehicle_km_per_week": bare.more["vehicle_km_per_week"] / 1000,
    }
    gain = {
        key: {
            unit: by_measure[key].difference / amount if amount > 0 else None
            for unit, amount in units.items()
        }
        for key in GAINS
        if key in by_measure
    }
    return Requirements(before, after, sized, gain)
