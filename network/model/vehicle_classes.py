"""The vehicle classes of a region, with their assumed payloads."""

from __future__ import annotations

from network.inputs.assumptions import Assumptions
from network.model.records import VehicleClass

__all__ = ["vehicle_classes"]

# Name -> assumption prefix, and whether it is among the "transport and delivery vehicles" of the report.
# Rail vans and aircraft bellies belong to others; a carrier on foot is no vehicle.
_CLASSES = {
    "van": ("van", True),
    "truck-4.2": ("truck42", True),
    "truck-6.8": ("truck68", True),
    "truck-9.6": ("truck96", True),
    "mail-car": ("mail_car", False),
    "belly": ("belly", False),
    "foot": ("porter", False),
}


def vehicle_classes(assumptions: Assumptions) -> dict[str, VehicleClass]:
    """Return the vehicle classes by name, with their assumed payloads."""
    return {
        name: VehicleClass(name, assumptions[f"{key}_kg"], assumptions[f"{key}_m3"], counted)
        for name, (key, counted) in _CLASSES.items()
    }
