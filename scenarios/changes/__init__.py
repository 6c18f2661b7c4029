"""The change operations of a scenario file, as pydantic models.

One model for each `op`.  They only say what may be written; `network.edit.routes`
and its sisters do the work.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.changes.demand import (
    AddClass,
    FollowTrend,
    GrowDemand,
    PeakDemand,
    ScaleDemand,
    SetInboundRatio,
)
from scenarios.changes.last_mile import (
    CloseOutlets,
    CloseStations,
    HandOver,
    MoveOutlet,
    OpenOutlets,
    OpenStations,
    SetOutletHours,
    SetRounds,
)
from scenarios.changes.lines import AddRoute, EquipRoute, RemoveRoute, RerouteRoute, RetimeRoute
from scenarios.changes.running import (
    AddRoad,
    AddVehicles,
    CloseRoad,
    CloseRoadYearly,
    EquipCentres,
    ImproveRoad,
    ScaleFleet,
    SetHours,
)
from scenarios.changes.tables import PlaceSelector, RoundSelector, Table, Text, VillageSelector

__all__ = [
    "AddClass",
    "AddRoad",
    "AddRoute",
    "AddVehicles",
    "Change",
    "CloseOutlets",
    "CloseRoad",
    "CloseRoadYearly",
    "CloseStations",
    "EquipCentres",
    "EquipRoute",
    "FollowTrend",
    "GrowDemand",
    "HandOver",
    "ImproveRoad",
    "MoveOutlet",
    "OpenOutlets",
    "OpenStations",
    "PeakDemand",
    "PlaceSelector",
    "RemoveRoute",
    "RerouteRoute",
    "RetimeRoute",
    "RoundSelector",
    "ScaleDemand",
    "ScaleFleet",
    "SetHours",
    "SetInboundRatio",
    "SetOutletHours",
    "SetRounds",
    "Table",
    "Text",
    "VillageSelector",
]

Change = Annotated[
    AddRoute
    | RemoveRoute
    | RerouteRoute
    | RetimeRoute
    | EquipRoute
    | OpenOutlets
    | CloseOutlets
    | MoveOutlet
    | SetOutletHours
    | OpenStations
    | CloseStations
    | SetRounds
    | HandOver
    | EquipCentres
    | SetHours
    | ScaleFleet
    | AddVehicles
    | AddRoad
    | ImproveRoad
    | CloseRoad
    | CloseRoadYearly
    | ScaleDemand
    | GrowDemand
    | FollowTrend
    | SetInboundRatio
    | PeakDemand
    | AddClass,
    Field(discriminator="op"),
]
