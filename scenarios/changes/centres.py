"""Changes of processing centres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from network.edit import operations as edit
from network.model.network import Network
from scenarios.changes.tables import CLOCK, Clock, Count, Names, Operation, Text, given_once, seconds_of

__all__ = ["EquipCentres", "SetHours"]

Rate = Annotated[int, Field(ge=1, le=100_000)]


class _Centres(Operation):
    """Centres, chosen by level or by place."""

    op: Text
    tier: Literal["region", "prefecture", "county"] | None = None
    """All centres of this level."""
    centres: Names | None = None
    """Places of centres: ids, or names of county seats."""

    @model_validator(mode="after")
    def _says_where_once(self) -> Self:
        given_once(self, "tier", "centres")
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"centres": "stop"}


class SetHours(_Centres):
    """Set when the lanes and sorters of centres work, the same every day; give tier or centres."""

    op: Literal["set_hours"]
    opens: Clock
    """Local time of opening, "HH:MM"."""
    closes: Annotated[str, Field(pattern=f"{CLOCK}|^24:00$")]
    """Local time of closing, after the opening; "24:00" is midnight."""

    @model_validator(mode="after")
    def _closes_after_opening(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError(f"closes = {self.closes} is not after opens = {self.opens}")
        return self

    def apply(self, network: Network) -> Network:
        """Return the network with the hours set."""
        return edit.set_hours(
            network,
            seconds_of(self.opens),
            seconds_of(self.closes),
            tier=self.tier,
            centres=self.centres or (),
        )


class EquipCentres(_Centres):
    """Give centres other lanes and sorters; give tier or centres."""

    op: Literal["equip_centres"]
    lanes: Count | None = None
    """X-ray lanes that each shall have; as before by default."""
    more_lanes: Annotated[int, Field(ge=-500, le=500)] | None = None
    """X-ray lanes more (or fewer) for each; at least one stays."""
    lane_rate_per_h: Rate | None = None
    """Items that a lane screens in an hour; as before by default."""
    sorters: Count | None = None
    """Sorters that each shall have; as before by default."""
    more_sorters: Annotated[int, Field(ge=-500, le=500)] | None = None
    """Sorters more (or fewer) for each; at least one stays."""
    sorter_rate_per_h: Rate | None = None
    """Items that a sorter handles in an hour; as before by default."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        for key in ("lanes", "sorters"):
            if getattr(self, key) is not None and getattr(self, f"more_{key}") is not None:
                raise ValueError(f"give {key} or more_{key}")
        if not self.model_dump(exclude_none=True, exclude={"op", "label", "tier", "centres"}):
            raise ValueError("give lanes, sorters, more of them, or their rates")
        return self

    def apply(self, network: Network) -> Network:
        """Return the network with other lanes and sorters."""
        return edit.equip_centres(network, **self.model_dump(exclude_none=True, exclude={"op", "label"}))
