"""A network as one lossless JSON document: what is read back equals what was written.

Tables of one dataclass are written by columns.  Floats keep their shortest
exact form, so nothing is rounded, and the same network always gives the same
bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter

from network.errors import InputErrors, Problem
from network.inputs.assumptions import Assumption, Assumptions
from network.inputs.figures import Figure, Report
from network.inputs.tables import load_region
from network.model.demand import DemandSettings
from network.model.network import CarriedBack, Changed, Network
from network.model.operations import Operations
from network.model.records import Centre, MailRoute, Outlet, Places, Round, Service, Vehicle, VehicleClass
from network.model.roads import Roads
from network.model.settings import Settings

__all__ = ["FORMAT", "dumps", "loads"]

FORMAT = "yizhan-network-2"
EARLIER = ("yizhan-network-1",)

T = TypeVar("T")


def dumps(network: Network) -> str:
    """Return a network as JSON text."""
    places = network.places
    data = {
        "format": FORMAT,
        "region": network.region.name,
        "year": network.year,
        "demand": asdict(network.demand),
        "roads": asdict(network.roads),
        "operations": asdict(network.operations),
        "settings": asdict(network.settings),
        "changed": network.changed,
        "carried_back": network.carried_back,
        "report": _report(network.report),
        "assumptions": _assumptions(network.assumptions),
        "vehicle_classes": _columns(VehicleClass, network.vehicle_classes.values()),
        "places": {f.name: _column(getattr(places, f.name)) for f in fields(Places)},
        "place_dtypes": {f.name: getattr(places, f.name).dtype.str for f in fields(Places)},
        "centres": _columns(Centre, network.centres),
        "routes": _columns(MailRoute, network.routes),
        "outlets": _columns(Outlet, network.outlets),
        "stations": network.stations,
        "rounds": _columns(Round, network.rounds),
        "vehicles": _columns(Vehicle, network.vehicles),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_plain, allow_nan=False) + "\n"


def loads(text: str, file: str = "network.json") -> Network:
    """Return the network that `dumps` wrote.

    Parameters
    ----------
    text
        The JSON.
    file
        What to call it in messages.

    Raises
    ------
    InputErrors
        If the text is no network of this format, or a damaged one.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputErrors([Problem(file, "", "", str(error), "valid JSON")]) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        form = data.get("format", "missing") if isinstance(data, dict) else type(data).__name__
        earlier = form in EARLIER
        allowed = f"{FORMAT!r}; it was made by an earlier version: run it again" if earlier else repr(FORMAT)
        raise InputErrors([Problem(file, "", "format", form, allowed)])
    try:
        return _network(data)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputErrors(
            [Problem(file, "", "", reason, "a network as `dumps` wrote it, unchanged")]
        ) from None


def _network(data: Mapping[str, Any]) -> Network:
    routes = _rows(MailRoute, data["routes"], services=_services)
    classes = _rows(VehicleClass, data["vehicle_classes"])
    columns = {
        name: _array(values, np.dtype(data["place_dtypes"][name])) for name, values in data["places"].items()
    }
    return Network(
        region=load_region(data["region"]),
        year=data["year"],
        places=Places(**columns),
        routes=routes,
        vehicle_classes={kind.name: kind for kind in classes},
        centres=_rows(Centre, data["centres"], handling_s=dict),
        outlets=_rows(Outlet, data["outlets"]),
        stations=tuple(data["stations"]),
        rounds=_rows(Round, data["rounds"]),
        vehicles=_rows(Vehicle, data["vehicles"]),
        report=_read_report(data["report"]),
        assumptions=_read_assumptions(data["assumptions"]),
        demand=_typed(DemandSettings, data["demand"]),
        roads=_typed(Roads, data["roads"]),
        operations=_typed(Operations, data["operations"]),
        settings=_typed(Settings, data["settings"]),
        changed=tuple(Changed(*note) for note in data["changed"]),
        carried_back=tuple(CarriedBack(*note) for note in data["carried_back"]),
    )


def _column(values: np.ndarray) -> list[Any]:
    """Return an array as a list, nan as None, which JSON has."""
    if values.dtype.kind != "f":
        return values.tolist()
    return [None if value != value else value for value in values.tolist()]


def _array(values: list[Any], dtype: np.dtype[Any]) -> np.ndarray:
    if dtype.kind == "f":
        values = [np.nan if value is None else value for value in values]
    return np.array(values, dtype=dtype)


def _columns(kind: type, rows: Iterable[Any]) -> dict[str, list[Any]]:
    rows = list(rows)
    return {f.name: [_encode(getattr(row, f.name)) for row in rows] for f in fields(kind)}


def _encode(value: Any) -> Any:
    if isinstance(value, Sequence) and value and isinstance(value[0], Service):
        return [asdict(service) for service in value]
    return value


def _rows(kind: type[T], columns: Mapping[str, list[Any]], **special: Any) -> tuple[T, ...]:
    names = list(columns)
    convert = [special.get(name, _tuples) for name in names]
    return tuple(
        kind(**{name: turn(value) for name, turn, value in zip(names, convert, row, strict=True)})
        for row in zip(*columns.values(), strict=True)
    )


def _services(rows: list[dict[str, Any]]) -> tuple[Service, ...]:
    return tuple(Service(**{name: _tuples(value) for name, value in row.items()}) for row in rows)


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(v) for key, v in value.items()}
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _typed(kind: type[T], data: Mapping[str, Any]) -> T:
    """Return a record of a kind; ValueError when a value is none of its type."""
    return TypeAdapter(kind).validate_python(data)


def _report(report: Report) -> dict[str, Any]:
    head = {f.name: getattr(report, f.name) for f in fields(Report) if f.name != "figures"}
    return {**head, "figures": [asdict(figure) for figure in report.figures.values()]}


def _read_report(data: Mapping[str, Any]) -> Report:
    rows = [Figure(**{name: _tuples(value) for name, value in row.items()}) for row in data["figures"]]
    head = {name: value for name, value in data.items() if name != "figures"}
    return Report(figures={figure.name: figure for figure in rows}, **head)


def _assumptions(assumptions: Assumptions) -> dict[str, Any]:
    return {
        "region": assumptions.region,
        "values": [asdict(assumptions.entry(name)) for name in assumptions],
        "tables": {name: assumptions.table(name) for name in assumptions.tables},
    }


def _read_assumptions(data: Mapping[str, Any]) -> Assumptions:
    entries = {row["name"]: Assumption(**row) for row in data["values"]}
    return Assumptions(data["region"], entries, data["tables"])


def _plain(value: Any) -> Any:
    """Write numpy scalars and arrays as what they hold."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")
