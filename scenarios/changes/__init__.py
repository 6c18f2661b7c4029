"""Change a network: one model a change, with the keys it allows, the names it refers to and its `apply`.

The edits themselves are functions of `network.edit`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.changes.centres import EquipCentres, SetHours
from scenarios.changes.demand import (
    AddClass,
    FollowTrend,
    GrowDemand,
    PeakDemand,
    ScaleDemand,
    SetInboundRatio,
)
from scenarios.changes.fleet import AddVehicles, ScaleFleet
from scenarios.changes.outlets import (
    CloseOutlets,
    CloseStations,
    MoveOutlet,
    OpenOutlets,
    OpenStations,
    SetOutletHours,
)
from scenarios.changes.roads import AddRoad, CloseRoad, CloseRoadYearly, ImproveRoad
from scenarios.changes.rounds import HandOver, SetRounds
from scenarios.changes.routes import AddRoute, EquipRoute, RemoveRoute, RerouteRoute, RetimeRoute
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
