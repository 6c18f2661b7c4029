"""What the JSON files of a run folder hold, as far as anything reads it: checked when a run is read."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from sim.cost.elements import INPUTS
from sim.cost.sharing import STAGES
from sim.measures.keys import BASES, misfit
from sim.measures.tally import REASONS
from sim.measures.transit import DIRECTIONS
from sim.state.ledger import Ledger

__all__ = ["COST", "REPLICATIONS", "SUMMARY", "VERSIONS"]

#: What stands in every run for the star of a key of the measures.
_NAMES = {
    "coverage": BASES,
    "equity": BASES,
    "cost.by_stage": STAGES,
    "cost.by_input": INPUTS,
    "cost.by_direction": DIRECTIONS,
}
_Count = Annotated[int, Field(ge=0, le=10**15)]
_Number = Annotated[float, Field(ge=-1e15, le=1e15)]
_Text = Annotated[str, Field(max_length=10_000)]
_Reason = Annotated[str, Field(pattern=f"^({'|'.join(REASONS)})$")]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True)


def _fits(measures: dict[str, Any], whole: bool = True, below: str = "") -> dict[str, Any]:
    wrong = misfit(measures, _NAMES, whole, below)
    if wrong:
        raise ValueError(wrong)
    return measures


def _terms(ledger: dict[str, int]) -> dict[str, int]:
    missing = {"in_transit", "difference", *(field.name for field in fields(Ledger))} - {*ledger}
    if missing:
        raise ValueError(f"without {', '.join(sorted(missing))}")
    return ledger


def _given(value: Any) -> Any:
    """Refuse null for what may be left out."""
    if value is None:
        raise ValueError("null")
    return value


_Measures = Annotated[dict[str, Any], AfterValidator(_fits)]
_Scheduled = Annotated[dict[str, Any], AfterValidator(partial(_fits, whole=False))]
_OfCost = Annotated[dict[str, Any], AfterValidator(partial(_fits, below="cost"))]
_Ledger = Annotated[dict[str, _Count], AfterValidator(_terms)]


class _Undelivered(_Shape):
    reason: _Reason
    stop: _Text
    items: Annotated[int, Field(ge=1, le=10**15)]
    missed_dispatches: _Count
    cancelled: _Count


class _Trips(_Shape):
    departures: _Count
    late_h: _Number | None
    late_over_1h: _Number | None
    extra: _Count
    cancelled_weather: _Count
    cancelled_no_vehicle_available: _Count


class _Queue(_Shape):
    queue: _Text
    stop: _Text
    name: _Text
    mean: _Number
    slope: _Number
    growth: _Number
    detectable: _Number


class _Queues(_Shape):
    tested: _Count | None
    growing: list[_Queue]


class _Bottleneck(_Shape):
    kind: _Text
    name: _Text
    what: _Text
    item_h: _Number
    items: _Count


class _Replication(_Shape):
    """An entry of ``replications.json``."""

    replication: _Count
    items_total: _Count
    seconds_run: _Count
    measures: _Measures
    undelivered: list[_Undelivered]
    trips: _Trips
    ledger: _Ledger
    queues: _Queues
    bottlenecks: list[_Bottleneck]


class _Firms(_Shape):
    vehicles: _Count
    drivers: _Count
    vehicle_km_per_week: _Number


class _Needs(_Firms):
    over: _Number
    fleet: _Count
    firms: _Firms


class _Assumed(_Shape):
    values: _Count
    lists: list[_Text]
    changed: dict[str, Any]


class _Met(_Shape):
    ok: bool
    failed: list[_Text]


class _StartUp(_Shape):
    mser5_days: _Count | None
    conclusive: bool | None


class _Year(_Shape):
    originating_express: _Count
    published: _Count
    around: _Text


class _Precision(_Shape):
    wanted: dict[str, _Number]
    max_replications: _Count
    shares: dict[str, _Number | None]
    reached: bool


class _Summary(_Shape):
    """Content of ``summary.json``."""

    scenario: _Text
    title: _Text
    region: _Text
    year: Annotated[int, Field(ge=1900, le=2200)]
    start: Annotated[str, AfterValidator(dt.date.fromisoformat)]
    warmup_days: _Count
    measured_days: Annotated[int, Field(ge=1, le=100_000)]
    year_measured: Annotated[_Year | None, BeforeValidator(_given)] = None
    seed: int
    replications: Annotated[int, Field(ge=1, le=100_000)]
    longest_uncongested_days: _Number
    readings: list[_Text]
    carried_back: list[_Text]
    assumed: _Assumed
    changed: list[_Text]
    network: dict[str, Any]
    needs: _Needs
    reconciliation: _Met
    items_total: list[_Count]
    trips: Annotated[list[_Trips], Field(min_length=1)]
    ledgers: Annotated[list[_Ledger], Field(min_length=1)]
    queues: _Queues
    warmup: _StartUp
    precision: Annotated[_Precision | None, BeforeValidator(_given)] = None
    measures: _Measures
    half_widths: _Measures | None
    scheduled: Annotated[_Scheduled | None, BeforeValidator(_given)] = None


class _Cost(_Shape):
    """Content of ``cost.json``."""

    replications: Annotated[int, Field(ge=1, le=100_000)]
    mean: _OfCost
    half_widths: _OfCost | None


class _Versions(_Shape):
    seed: int
    scenario: _Text
    fit: _Text
    libraries: dict[str, _Text]


SUMMARY = TypeAdapter(_Summary)
COST = TypeAdapter(_Cost)
REPLICATIONS = TypeAdapter(Annotated[list[_Replication], Field(min_length=1, max_length=100_000)])
VERSIONS = TypeAdapter(_Versions)
