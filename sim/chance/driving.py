"""What a road trip takes: drivings that chance makes longer or shorter, with the rests they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from network.inputs.assumptions import Assumptions

__all__ = ["DriverRule"]


@dataclass(frozen=True)
class DriverRule:
    """Rest after a block of driving, a night's stop after the driver day of all on board, whole seconds.

    Road Traffic Safety Law regulations, art. 62, as `network.linehaul.timetable.running` plans with it.
    """

    block_s: int
    rest_s: int
    day_s: int
    night_s: int
    second_s: int  # timetabled driving beyond which a trip has `drivers` on board
    drivers: float
    rests_at_stops: bool

    @classmethod
    def of(cls, assumptions: Assumptions) -> DriverRule:
        """Return the rule with a region's values."""
        a = assumptions
        return cls(
            round(a["drive_block_h"] * 3600),
            round(a["rest_min"] * 60),
            round(a["driver_day_h"] * 3600),
            round(a["night_stop_h"] * 3600),
            round(a["second_driver_h"] * 3600),
            a["drivers_per_long_trip"],
            a["stop_min"] >= a["rest_min"],
        )

    def allowance_s(self, driving_s: int) -> int:
        """Return how long the drivers of a trip of so much timetabled driving may drive before the night."""
        return round(self.day_s * self.drivers) if driving_s > self.second_s else self.day_s

    def elapsed_s(self, driving_s: Sequence[int], allowance_s: int) -> list[int]:
        """Return the seconds that each leg takes, rests and night stops on it included."""
        block_left, day_left = self.block_s, allowance_s
        taken = []
        for left in driving_s:
            spent = left
            while True:
                step = min(left, block_left, day_left)
                left, block_left, day_left = left - step, block_left - step, day_left - step
                if not left:
                    break
                if not day_left:
                    spent += self.night_s
                    block_left, day_left = self.block_s, allowance_s
                else:
                    spent += self.rest_s
                    block_left = self.block_s
            taken.append(spent)
            if self.rests_at_stops:
                block_left = self.block_s
        return taken
