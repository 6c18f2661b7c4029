"""Changes of delivery rounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from network.edit import rounds as edit
from network.edit.routes import hand_over_all
from network.model.network import Network
from scenarios.changes.tables import Operation, RoundSelector, selector_references

__all__ = ["HandOver", "SetRounds"]


class SetRounds(Operation):
    """Set how many days a week the chosen delivery rounds run."""

    op: Literal["set_rounds"]
    per_week: Annotated[int, Field(ge=1, le=7)]
    """Running days a week."""
    where: RoundSelector = RoundSelector()
    """Which: {prefecture, county, border, terrain, kind, share_of_villages, rounds}; all by default."""
    only_more: bool = True
    """Leave rounds as they are that run more often already."""
    within_fleet: bool = False
    """Raise frequencies only as far as the vehicles that stand at each base are free."""
    on_holidays: bool | None = None
    """Whether the chosen rounds run on public holidays too; as before by default."""

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return selector_references(self.where)

    def apply(self, network: Network) -> Network:
        """Return the network with the rounds at their new frequency."""
        rounds = edit.select_rounds(network, **self.where.model_dump())
        return edit.set_rounds(
            network, rounds, self.per_week, self.only_more, self.within_fleet, self.on_holidays
        )


class HandOver(Operation):
    """Hand village items over to the post at the county instead of bundling them (rule 5)."""

    op: Literal["hand_over"]
    brands: Literal["all"] = "all"
    """Brands that hand over."""

    def apply(self, network: Network) -> Network:
        """Return the network with village items in the hands of the post."""
        return hand_over_all(network)
