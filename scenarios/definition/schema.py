"""What a scenario file may say, and every problem of one that says something else.

The pydantic models here and in `scenarios.changes` are the single source: the
loader validates with them, editors get their JSON Schema from them, and the
messages take the allowed values and the nearest known name from them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from network.errors import Problem, nearest
from network.inputs.texts import unseen
from network.inputs.validation import details_of
from network.model.limits import FIRST_YEAR, LARGEST_SEED, LAST_YEAR
from scenarios.changes import Change, Table, Text

__all__ = [
    "DATES",
    "SCHEMA_FILE",
    "Demand",
    "Operations",
    "Options",
    "Run",
    "Scenario",
    "Sweep",
    "json_schema",
    "keys_of",
    "problems_of",
    "schema_text",
]

SCHEMA_FILE = "scenario.schema.json"
MOST_OF_A_NAME = 200  # characters, and bytes
MOST_PROBLEMS = 100  # of one file, that are listed
DATES = ("start", "measured_days")  # what a window of one's own has, and a year has not

#: Units at the end of a key.
UNITS = {"km": "km", "kmh": "km/h", "kg": "kg", "yuan": "yuan", "days": "days", "h": "an hour"}
_LIMITS = {
    "less_than_equal": "at most",
    "less_than": "less than",
    "greater_than_equal": "at least",
    "greater_than": "more than",
}
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Factor = Annotated[float, Field(ge=0, le=20)]


def _fits_a_folder(name: str) -> str:
    if len(name.encode()) > MOST_OF_A_NAME:
        raise ValueError(f"at most {MOST_OF_A_NAME} bytes in UTF-8, for it names folders")
    return name


def _of_lines(text: str) -> str:
    if name := unseen(text, lines=True):
        raise ValueError(f"text without {name}")
    return text


class Options(Table):
    """Settings that shape the fitted base beyond the assumptions."""

    express_linehaul: Literal["shared", "own"] = "shared"
    """One pooled line-haul network, or the express brands with their own (rule 6)."""
    fleet_scope: Literal["industry", "post"] = "industry"
    """Whether the published vehicles are the whole industry's or the post's alone (rule 6)."""
    timetable: Literal["by-kind", "planned"] = "by-kind"
    """One departure hour for each kind of route and round, or those that the operator planned (rule 7)."""
    draw: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Which network of the family that fits the figures; 0 is the best one."""
    seed: Seed = 0
    """Seed of the fit: synthetic places and the family of networks."""


class Run(Table):
    """How a scenario is simulated."""

    start: dt.date | None = None
    """First day of the run, a Monday; by default the measured days begin on the second Monday of May."""
    warmup_days: Annotated[int, Field(ge=0, le=728, multiple_of=7)] = 28
    """Days before anything is measured: whole weeks."""
    measured_days: Annotated[int, Field(ge=1, le=366)] = 28
    """Days whose accepted items are measured."""
    year: bool = False
    """Measure the report's calendar year instead; the run then starts on a Monday, its warm-up ahead."""
    replications: Annotated[int, Field(ge=1, le=1000)] = 1
    """Runs under different random streams."""
    seed: Seed = 1
    """Seed of the random streams."""
    workers: Annotated[int, Field(ge=0, le=256)] = 0
    """Processes to use, 0 for one a processor; never changes a result."""

    @field_validator("start")
    @classmethod
    def _is_monday(cls, value: dt.date | None) -> dt.date | None:
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValueError(f"a Monday of the years {FIRST_YEAR} to {LAST_YEAR}")
        if value is not None and value.weekday() != 0:
            near = value - dt.timedelta(days=value.weekday())
            raise ValueError(f"start must be a Monday, and {value} is a {value:%A}; {near} is one")
        return value

    @model_validator(mode="after")
    def _is_one_window(self) -> Run:
        given = [name for name in DATES if name in self.model_fields_set]
        if self.year and given:
            raise ValueError(f"year = true or {' and '.join(given)}: a year begins on 1 January")
        return self

    @model_serializer(mode="wrap")
    def _without_dates(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        return {name: value for name, value in written.items() if not (self.year and name in DATES)}


class Operations(Table):
    """What disturbs the timetable; all of it unless a scenario leaves something out."""

    running: bool = True
    """Driving times by road differ from the timetable's."""
    weather: bool = True
    """Snow and landslides close roads, flights are cancelled, trains are late (rule 15)."""
    fleet: bool = True
    """Trips and rounds start only with free vehicles (rule 16)."""
    breakdowns: bool = True
    """Vehicles break down (rule 16); needs fleet."""
    extra_trips: bool = True
    """An extra trip runs when much is left behind (rule 16); needs fleet."""
    attempts: bool = True
    """Delivery attempts against signature may fail; in the end items go back to their senders (rule 12)."""


class Demand(Table):
    """Factors on the items offered, short for `scale_demand` changes."""

    originating: Factor = 1.0
    """Items accepted in the region."""
    inbound: Factor = 1.0
    """Items from outside the region."""


class Sweep(Table):
    """What makes many scenarios of one file; give axes or combination."""

    axes: dict[str, Annotated[tuple[Any, ...], Field(strict=False, min_length=1, max_length=10_000)]] = Field(
        default_factory=dict
    )
    """Values by dotted key, such as "assumptions.inbound_ratio" = [2, 4, 6]: every combination of them."""
    combination: Annotated[tuple[dict[str, Any], ...], Field(strict=False, max_length=10_000)] = ()
    """Values of some dotted keys, one table a scenario; each may have a name of its own."""

    @model_validator(mode="after")
    def _is_one_kind(self) -> Sweep:
        if bool(self.axes) == bool(self.combination):
            raise ValueError("give axes, or [[sweep.combination]]")
        for row in self.combination:
            if not row.keys() - {"name"}:
                raise ValueError("each combination needs a key and a value")
            if not re.fullmatch(r"[\w.+-]+", str(row.get("name", "x"))):
                raise ValueError(f"name = {row['name']!r}: letters, digits, and . _ + - are allowed")
        return self


class Scenario(Table):
    """A scenario: a region and year, or a base and what differs from it."""

    name: (
        Annotated[
            str, Field(pattern=r"^\w[\w.@=,+-]*$", max_length=MOST_OF_A_NAME), AfterValidator(_fits_a_folder)
        ]
        | None
    ) = None
    """Short name, used for run folders; made of the file's name by default."""
    title: Text | None = None
    """One line for tables and plots."""
    description: Annotated[str, Field(max_length=20_000), AfterValidator(_of_lines)] | None = None
    """What the scenario is about, in plain words."""
    base: Text | None = None
    """Scenario this one starts from: a library name, or a file beside this one."""
    region: Text | None = None
    """Region whose data are used; needed unless a base gives it."""
    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] | None = None
    """Year of the report; needed unless a base gives it."""
    report: Text | None = None
    """Path of another report file to fit to, relative to this file."""
    assumptions: dict[str, float] = Field(default_factory=dict)
    """Assumed values that replace the region's defaults, by name."""
    options: Options = Options()
    run: Run = Run()
    operations: Operations = Operations()
    demand: Demand = Demand()
    change: Annotated[tuple[Change, ...], Field(strict=False, max_length=1000)] = ()
    """Changes of the fitted base, in order; those of the base scenario come first."""
    sweep: Sweep | None = None
    """Makes many scenarios of this file; not handed down to those that name it as their base."""

    @property
    def changes_network(self) -> bool:
        """Whether it changes the fitted base, or what it carries."""
        return bool(self.change) or self.demand != Demand()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files."""
    schema = Scenario.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """Return the JSON Schema as the text of `SCHEMA_FILE`."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def problems_of(data: Mapping[str, Any], file: str | Path) -> list[Problem]:
    """Return everything that is wrong with the content of one scenario file.

    Parameters
    ----------
    data
        The parsed TOML.
    file
        Its name, for the messages.

    Examples
    --------
    >>> [str(p) for p in problems_of({"region": "xizang", "yaer": 2021}, "my.toml")]
    ["my.toml: yaer = 2021; allowed: no other keys; did you mean 'year'?"]
    """
    try:
        Scenario.model_validate(data)
    except ValidationError as error:
        details = details_of(error)
        more = len(details) - MOST_PROBLEMS
        rest = [Problem(str(file), "", "", f"{more:,} more problems", "")] if more > 0 else []
        return [*(_problem(one, str(file)) for one in details[:MOST_PROBLEMS]), *rest]
    return []


def _problem(details: ErrorDetails, file: str) -> Problem:
    model, keys, table = _walk(details["loc"])
    kind, context = details["type"], details.get("ctx") or {}
    key = ".".join(keys)
    value, near = details["input"], ""
    allowed = details["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if kind == "extra_forbidden":
        allowed, near = "no other keys", nearest(keys[-1], _fields(model))
        homes = _homes(keys[-1]) if model is Scenario and not table else []
        if homes:
            allowed, near = f"this key under {' or '.join(homes)}, not at the top", ""
    elif kind == "missing":
        value, allowed = "(missing)", _describe(model, keys[-1])
    elif kind == "literal_error":
        near = nearest(str(value), _quoted(str(context.get("expected", ""))))
    elif kind == "too_short":
        allowed = f"a list of at least {context.get('min_length')}"
    elif kind == "too_long":
        value, allowed = "…", f"a list of at most {context.get('max_length'):,}"
    elif kind in _LIMITS:
        allowed = f"{_LIMITS[kind]} {_number(next(iter(context.values())))}{_unit(keys)}"
    elif kind == "finite_number":
        most = _most(_fields(model).get(keys[0])) if keys else None
        allowed = "a finite number" + ("" if most is None else f", at most {_number(most)}{_unit(keys)}")
    elif kind == "tuple_type":
        allowed = "a list"
    elif kind.startswith("union_tag"):
        key, ops = "op", _ops()
        value = value.get("op", "(missing)") if isinstance(value, Mapping) else value
        allowed, near = "one of " + ", ".join(ops), nearest(str(value), ops)
    elif kind == "string_pattern_mismatch":
        allowed = f"text like {context.get('pattern')}"
    elif kind == "value_error" and (not keys or isinstance(value, Mapping)):  # of a table as a whole
        table, key, value = table or key, "", ""
    shown = str(value) if isinstance(value, dt.date | dt.time) else value
    return Problem(file, table, key, shown, allowed, near)


def _walk(loc: Iterable[int | str]) -> tuple[type[BaseModel] | None, list[str], str]:
    """Follow an error's place down the models.

    Returns the model that holds the key, the keys below its table, and the
    table's name.  Tags of unions, which pydantic puts into the place, are left
    out.
    """
    model: type[BaseModel] | None = Scenario
    keys: list[str] = []
    table = ""
    parts = list(loc)
    if parts[:1] == ["change"] and len(parts) > 1:
        operation = str(parts[2]) if len(parts) > 2 else ""
        table = f"change {int(parts[1]) + 1}" + (f" {operation}" if operation else "")
        model = _ops().get(operation)
        parts = parts[3:]
    for position, part in enumerate(parts):
        field = _fields(model).get(str(part))
        inner = _table_in(field.annotation) if field else None
        if inner is not None and position + 1 < len(parts):
            model = inner
            if not table:
                table = str(part)
                continue
        elif part in ("name", "ids", "selector") and keys == ["where"]:
            continue
        elif part == "assumptions" and position + 1 < len(parts):
            table, model = "assumptions", None
            continue
        keys.append(str(part))
    return model, keys, table


def _fields(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    """Return the fields of a model by the names that a file uses."""
    return {} if model is None else {f.alias or name: f for name, f in model.model_fields.items()}


def keys_of(model: type[BaseModel], table: str) -> list[str]:
    """Return the keys of a table of a model, or of the change of an `op`."""
    if table in _ops():
        return list(_fields(_ops()[table]))
    return list(_fields(_table_in(model.model_fields[table].annotation)))


def _homes(key: str) -> list[str]:
    """Return the tables of a scenario file that have a key, as their headings."""
    inner = {name: _table_in(field.annotation) for name, field in Scenario.model_fields.items()}
    return [f"[{name}]" for name, model in inner.items() if key in _fields(model)]


def _table_in(annotation: Any) -> type[BaseModel] | None:
    """Return the table model within an annotation, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, Annotated):
        for option in get_args(annotation):
            table = _table_in(option)
            if table is not None:
                return table
    return None


def _ops() -> dict[str, type[BaseModel]]:
    options = get_args(get_args(Change)[0])
    return {get_args(model.model_fields["op"].annotation)[0]: model for model in options}


def _describe(model: type[BaseModel] | None, key: str) -> str:
    text = _fields(model)[key].description
    return f"this key is needed: {text}" if text else "this key is needed"


def _most(part: Any) -> float | None:
    """Return the upper bound within a field or an annotation, if there is one."""
    inner = (getattr(part, "annotation", None), *get_args(part), *getattr(part, "metadata", ()))
    bounds = (getattr(part, "le", None), *(_most(one) for one in inner if one is not None))
    return next((bound for bound in bounds if bound is not None), None)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.15g}"


def _unit(keys: Iterable[str]) -> str:
    """Return the unit in which a key counts, to follow a number; nothing where its name has none."""
    ends = (key.rpartition("_")[2] for key in keys if not key.isdigit())
    return next((f" {UNITS[end]}" for end in ends if end in UNITS), "")


def _quoted(expected: str) -> list[str]:
    return expected.split("'")[1::2]
