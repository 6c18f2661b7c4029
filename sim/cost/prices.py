"""What work costs and emits, and what an item earns: the assumed rates, ready to multiply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.errors import UnknownNameError
from network.inputs.assumptions import Assumptions
from network.inputs.figures import Report
from sim.measures.transit import DIRECTIONS

__all__ = ["Prices", "VehiclePrice", "make_prices", "revenue_yuan"]

# Vehicle class -> prefix of its assumptions.  Mail cars and bellies are paid by weight, feet by the hour.
_KEYS = {"van": "van", "truck-4.2": "truck42", "truck-6.8": "truck68", "truck-9.6": "truck96"}
_WITHOUT = ("mail-car", "belly", "foot")


@dataclass(frozen=True)
class VehiclePrice:
    """What a vehicle of a class costs and emits, driven or not."""

    day_yuan: float = 0.0
    fuel_yuan_km: float = 0.0
    upkeep_yuan_km: float = 0.0  # tolls included
    co2e_kg_km: float = 0.0

    @property
    def km_yuan(self) -> float:
        """Yuan a km: fuel and upkeep."""
        return self.fuel_yuan_km + self.upkeep_yuan_km


@dataclass(frozen=True)
class Prices:
    """The rates in force; names and units are those of the assumptions."""

    vehicles: Mapping[str, VehiclePrice]
    driver_yuan_h: float
    rail_yuan_t: float
    rail_yuan_tkm: float
    air_yuan_t: float
    air_yuan_tkm: float
    rail_co2e_kg_tkm: float
    air_co2e_kg_tkm: float
    handling_yuan_item: float
    loading_yuan_t: float
    centre_co2e_kg_t: float
    accept_yuan_item: float
    attempt_yuan_item: float
    drop_yuan_item: float
    postal_outlet_yuan_day: float
    express_outlet_yuan_day: float
    station_yuan_day: float
    round_least_km: float

    def vehicle(self, name: str) -> VehiclePrice:
        """Return the price of a class.

        Raises
        ------
        UnknownNameError
            If the class has none.
        """
        try:
            return self.vehicles[name]
        except KeyError:
            raise UnknownNameError("vehicle class with a price", name, self.vehicles) from None

    def outlet_day_yuan(self, network: str) -> float:
        """Return yuan a day of an outlet of the postal or the express network."""
        return self.postal_outlet_yuan_day if network == "postal" else self.express_outlet_yuan_day

    def freight(self, mode: str) -> tuple[float, float, float]:
        """Return yuan a tonne, yuan a tonne-km and kg CO2e a tonne-km of a mode that is paid by weight."""
        if mode == "rail":
            return self.rail_yuan_t, self.rail_yuan_tkm, self.rail_co2e_kg_tkm
        return self.air_yuan_t, self.air_yuan_tkm, self.air_co2e_kg_tkm


def make_prices(assumptions: Assumptions) -> Prices:
    """Return the rates of a region's assumptions."""
    a = assumptions
    vehicles = {
        name: VehiclePrice(
            a[f"{key}_day_yuan"],
            a[f"{key}_l_100km"] / 100 * a["diesel_yuan_l"],
            a[f"{key}_upkeep_yuan_km"] + a["toll_yuan_km"],
            a[f"{key}_co2e_kg_km"],
        )
        for name, key in _KEYS.items()
    }
    return Prices(
        vehicles={**vehicles, **dict.fromkeys(_WITHOUT, VehiclePrice())},
        driver_yuan_h=a["driver_yuan_h"],
        rail_yuan_t=a["rail_yuan_t"],
        rail_yuan_tkm=a["rail_yuan_tkm"],
        air_yuan_t=1000 * a["air_yuan_kg"],
        air_yuan_tkm=a["air_yuan_tkm"],
        rail_co2e_kg_tkm=a["rail_co2e_kg_tkm"],
        air_co2e_kg_tkm=a["air_co2e_kg_tkm"],
        handling_yuan_item=a["handling_yuan_item"],
        loading_yuan_t=a["loading_yuan_t"],
        centre_co2e_kg_t=a["centre_co2e_kg_t"],
        accept_yuan_item=a["accept_yuan_item"],
        attempt_yuan_item=a["attempt_yuan_item"],
        drop_yuan_item=a["drop_yuan_item"],
        postal_outlet_yuan_day=a["postal_outlet_yuan_day"],
        express_outlet_yuan_day=a["express_outlet_yuan_day"],
        station_yuan_day=a["station_yuan_day"],
        round_least_km=a["round_least_km"],
    )


def revenue_yuan(assumptions: Assumptions, report: Report) -> NDArray[np.float64]:
    """Return what an item of each class and direction earns here; (classes, directions), yuan.

    An express item accepted in the region earns the report's express revenue
    over its express items; other classes earn their assumed tariff.  Of an
    item from or to another province ``kept_share`` of the price is kept; an
    express item from there was sold at ``inbound_express_yuan``.
    """
    kept = assumptions["kept_share"]
    rows = []
    for row in assumptions.table("classes"):
        own = inward = float(row["tariff_yuan"])
        if row["flow"] == "report":
            own = float(report["express_revenue_per_item"].value)
            inward = assumptions["inbound_express_yuan"]
        of = {"inbound": kept * inward, "outbound": kept * own}
        rows.append([of.get(direction, own) for direction in DIRECTIONS])
    return np.array(rows)
