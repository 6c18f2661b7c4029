"""Changes of vehicles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from network.edit import operations as edit
from network.model.network import Network
from scenarios.changes.tables import (
    Count,
    CountedVehicle,
    Factor,
    Operation,
    PlaceSelector,
    Text,
    selector_references,
)

__all__ = ["AddVehicles", "ScaleFleet"]


class ScaleFleet(Operation):
    """Multiply the vehicles there are: of fewer the spares go first, then each duty gives its share."""

    op: Literal["scale_fleet"]
    factor: Factor
    """Multiplier of the number of vehicles chosen; what is beyond 1 stands by as spares."""
    where: PlaceSelector = PlaceSelector()
    """Which bases: {prefecture, county, border}; all by default."""
    vehicles: (
        Annotated[tuple[CountedVehicle, ...], Field(strict=False, min_length=1, max_length=4)] | None
    ) = None
    """Vehicle classes; all by default."""
    duty: Literal["routes", "rounds", "spare"] | None = None
    """Vehicles of mail routes, of delivery rounds, or spare ones; all by default."""

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return selector_references(self.where)

    def apply(self, network: Network) -> Network:
        """Return the network with the fleet scaled."""
        where = self.where.model_dump()
        return edit.scale_fleet(network, self.factor, **where, vehicles=self.vehicles, duty=self.duty)


class AddVehicles(Operation):
    """Buy vehicles and place them."""

    op: Literal["add_vehicles"]
    number: Count
    """How many."""
    vehicle: CountedVehicle
    """Vehicle class."""
    base: Text | None = None
    """Where they stand: a place id, or the name of a county seat; the route's first stop for a route."""
    duty: Text = "spare"
    """"spare", "rounds", or the id or name of a mail route."""

    @model_validator(mode="after")
    def _has_a_base(self) -> AddVehicles:
        if (self.base is None) == (self.duty in ("spare", "rounds")):
            raise ValueError("give base for spares and rounds, and none for a route")
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"base": "stop"}

    def apply(self, network: Network) -> Network:
        """Return the network with the vehicles."""
        return edit.add_vehicles(network, self.number, self.vehicle, self.base, self.duty)
