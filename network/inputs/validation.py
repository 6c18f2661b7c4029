"""Check tables by pydantic, and list all that is wrong with them as `Problem`.

A table is a dataclass that inherits `Row`: its fields are the columns or keys, and their types say what is
allowed; no others are.  What depends on other tables is told by `among`.  Dates, numbers and texts of a TOML
file are taken as they stand; cells of a CSV file are texts, and converted (`network.inputs.csv_tables`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError, core_schema

from network.errors import InputErrors, Problem, nearest
from network.inputs.texts import parse_toml

__all__ = [
    "Blank",
    "Choice",
    "Day",
    "Flag",
    "Note",
    "Number",
    "Row",
    "Share",
    "Text",
    "Whole",
    "Wrong",
    "among",
    "checked",
    "details_of",
    "one_of",
    "read_toml",
    "repeated",
    "twice",
    "unlisted",
]

T = TypeVar("T")
#: What a name may be, by the word that `among` was given.
Known = Mapping[str, Collection[str]]

#: What a check of sense finds wrong: key, value, what is allowed, and the nearest name where there is one.
Wrong = tuple[str, object, str] | tuple[str, object, str, str]

Text = Annotated[str, Field(strict=True, pattern=r"\S")]
Day = Annotated[dt.date, Field(strict=True)]
Note = Annotated[str, Field(strict=True)]  # a text that may be empty
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]

_LISTED = 24  # names that a message lists


class Row:
    """Base of the dataclasses that tables are checked against."""

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)


class Choice:
    """Allow some names only, written ``Annotated[str, Choice("road", "rail")]``."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Return a schema of these names alone."""
        return core_schema.literal_schema(list(self.names))


@dataclass(frozen=True)
class Blank:
    """Take ``""`` for another value, written ``Annotated[float | None, Blank()]``.

    Parameters
    ----------
    value
        What an empty text stands for.
    meaning
        Of an empty text, for messages.
    """

    value: Any = None
    meaning: str = "for not known"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Return a schema that lets the empty text by."""

        def take(value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:
            return self.value if value == "" else inner(value)

        return core_schema.no_info_wrap_validator_function(take, handler(source))


def among(what: str) -> AfterValidator:
    """Return a check that a text is one of the names that `checked` is given under `what`."""

    def check(value: Any, info: ValidationInfo) -> Any:
        names = (info.context or {})[what]
        if value not in names:
            raise unlisted(names)
        return value

    return AfterValidator(check)


def unlisted(names: Collection[str], allowed: str = "") -> PydanticCustomError:
    """Return the error of a value that is not among these names, for validators."""
    return PydanticCustomError("unlisted", "unlisted", {"allowed": allowed or one_of(names), "names": names})


def one_of(names: Collection[Any]) -> str:
    """Say in words that a value must be one of some names; of many, only what they look like."""
    listed = [str(name) for name in names]
    if len(listed) > _LISTED:
        return f"one of {len(listed):,} known, such as {listed[0]}"
    return "one of " + ", ".join(listed)


def read_toml(text: str, file: str, cls: type[T], known: Known | None = None) -> T:
    """Return a whole TOML file as its dataclass; see `checked`.

    Raises
    ------
    InputErrors
        If it is no TOML or wrong; all problems together.
    """
    content, problems = checked(cls, parse_toml(text, file), file, known=known)
    if content is None:
        raise InputErrors(problems)
    return content


def checked(
    cls: type[T], data: object, file: str, table: str = "", known: Known | None = None
) -> tuple[T | None, list[Problem]]:
    """Return a table as its dataclass, or None and everything that is wrong with it.

    Parameters
    ----------
    cls
        A dataclass that inherits `Row`.
    data
        Values by key.
    file, table
        Where they stand, for the messages.
    known
        Names by the word given to `among`.
    """
    try:
        return _adapter(cls).validate_python(data, context=known or {}), []  # type: ignore[arg-type]
    except ValidationError as error:
        return None, [_problem(details, cls, file, table) for details in details_of(error)]


def details_of(error: ValidationError) -> list[ErrorDetails]:
    """Return the details of an error, without the lists that pydantic calls short for their wrong members."""
    every = error.errors()
    within = {details["loc"][:number] for details in every for number in range(len(details["loc"]))}
    return [details for details in every if details["type"] != "too_short" or details["loc"] not in within]


def twice(file: str, table: str, key: str, values: Iterable[Any]) -> list[Problem]:
    """Return a problem for each value that stands more than once."""
    return [Problem(file, table, key, value, "a value that no other row has") for value in repeated(values)]


def repeated(values: Iterable[T]) -> list[T]:
    """Return each value that stands more than once, ascending."""
    return sorted(value for value, number in Counter(values).items() if number > 1)  # type: ignore[type-var]


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


@cache
def _fields(cls: Any) -> Mapping[str, Any]:
    """Return the type of each key of a dataclass, none of anything else."""
    hints = get_type_hints(cls, include_extras=True) if is_dataclass(cls) else {}
    alias = {
        name: next(
            (mark.alias for mark in _unfold(hint)[1] if isinstance(mark, FieldInfo) and mark.alias), name
        )
        for name, hint in hints.items()
    }
    return {alias[name]: hint for name, hint in hints.items()}


def _problem(details: ErrorDetails, cls: Any, file: str, table: str) -> Problem:
    hint, names = cls, [table] if table else []
    holder = cls
    for part in details["loc"]:
        if isinstance(part, int):
            names[-1] += f"[{part}]"
            hint = _item(hint)
        else:
            holder = _unfold(hint)[0]
            names.append(part)
            hint = _fields(holder).get(part) or _item(holder)
    key = names.pop() if details["loc"] else ""
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    near = ""
    if kind == "missing":
        value, allowed = "missing", "required"
    elif kind == "unexpected_keyword_argument":
        allowed, near = one_of(_fields(holder)), nearest(key, _fields(holder))
    elif kind == "unlisted":
        key = key.partition("[")[0]
        allowed, near = context["allowed"], nearest(str(value), context["names"])
    elif kind == "too_short":
        allowed = "at least " + (_describe(_item(hint)) if _choices(_item(hint)) else "one")
    else:
        allowed, near = _describe(hint, key), nearest(str(value), _choices(hint))
        key = key.partition("[")[0] if _choices(hint) else key
    shown = "…" if isinstance(value, dict | list) and value else value
    shown = str(shown) if isinstance(shown, dt.date) else shown
    return Problem(file, ".".join(names), key, shown, allowed, near)


def _unfold(hint: Any) -> tuple[Any, list[Any]]:
    """Return a type without None and annotations, and all that is annotated of it."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        plain, more = _unfold(inner)
        return plain, [*more, *marks]
    if get_origin(hint) in (Union, UnionType):
        return _unfold(next(option for option in get_args(hint) if option is not NoneType))
    return hint, []


def _item(hint: Any) -> Any:
    """Return the type of the members of a list or the values of a mapping."""
    arguments = [argument for argument in get_args(_unfold(hint)[0]) if argument is not Ellipsis]
    return arguments[-1] if arguments else None


def _choices(hint: Any) -> tuple[str, ...]:
    return next((mark.names for mark in _unfold(hint)[1] if isinstance(mark, Choice)), ())


def _describe(hint: Any, key: str = "") -> str:
    """Say in words what a type allows."""
    plain, marks = _unfold(hint)
    described = [mark for mark in marks if isinstance(mark, FieldInfo)]
    if said := next((field.description for field in described if field.description), ""):
        words = said
    elif _choices(hint):
        words = one_of(_choices(hint))
    elif plain in (int, float):
        words = ("a whole number" if plain is int else "a number") + _bounds(described)
    elif get_origin(plain) is tuple:
        words = f"rows [[{key}]]" if is_dataclass(_unfold(_item(plain))[0]) else "a list"
    else:
        simple = {str: "some text", bool: "true or false", dt.date: "a date such as 2021-10-01"}
        words = simple.get(plain, "a table")
    return words + "".join(f', or "" {mark.meaning}' for mark in marks if isinstance(mark, Blank))


def _bounds(described: Iterable[FieldInfo]) -> str:
    limits = [limit for field in described for limit in field.metadata]
    low = next((limit.ge for limit in limits if hasattr(limit, "ge")), None)
    above = next((limit.gt for limit in limits if hasattr(limit, "gt")), None)
    high = next((limit.le for limit in limits if hasattr(limit, "le")), None)
    if above is not None:
        return f" above {above:g}" + ("" if high is None else f", at most {high:g}")
    if high is None:
        return "" if low is None else f", {low:g} or more"
    return f" from {low:g} to {high:g}"
