"""Every kind of wrong value is told with where it stands, what is allowed and the nearest name."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import Field

from network.errors import InputErrors
from network.inputs.validation import (
    Blank,
    Choice,
    Day,
    Flag,
    Number,
    Row,
    Text,
    Whole,
    among,
    checked,
    one_of,
    read_toml,
    twice,
)


@dataclass(frozen=True)
class Reason(Row):
    key: Annotated[Text, among("inputs")]
    how: Text


@dataclass(frozen=True, kw_only=True)
class Line(Row):
    code: Text
    kind: Annotated[str, Choice("usual", "once")]
    low: Annotated[Annotated[Number, Field(ge=0, le=9)], Blank(-math.inf, "where it is open")]
    per_week: Annotated[Annotated[Whole, Field(ge=1, le=7)] | None, Blank()] = None
    since: Day
    modes: Annotated[tuple[Annotated[str, Choice("road", "rail")], ...], Field(min_length=1)]
    classes: tuple[Annotated[Text, among("classes")], ...]
    reasons: tuple[Reason, ...] = ()
    flies: Flag = False
    share: Annotated[Number, Field(ge=0, description="a share")] = 0.5
    km: Annotated[Number, Field(ge=0)] = 0.0
    hours: Annotated[Number, Field(gt=0, le=24)] | None = None
    speed: Annotated[Number, Field(gt=0)] = 1.0


@dataclass(frozen=True)
class File(Row):
    line: tuple[Line, ...] = ()
    by_name: dict[str, Reason] | None = None


GOOD: dict[str, Any] = {
    "code": "a",
    "kind": "usual",
    "low": "",
    "per_week": "",
    "since": dt.date(2020, 1, 1),
    "modes": ["road"],
    "classes": ["letter"],
    "reasons": [{"key": "air_share", "how": "as it flies"}],
}
KNOWN = {"inputs": ["air_share"], "classes": ["letter", "ems"]}


def problems(data: object) -> list[str]:
    return [str(problem) for problem in checked(File, data, "my.toml", known=KNOWN)[1]]


def test_what_is_right_becomes_the_dataclass() -> None:
    content, wrong = checked(File, {"line": [GOOD]}, "my.toml", known=KNOWN)
    assert content is not None and wrong == []
    (line,) = content.line
    assert (line.low, line.per_week, line.modes) == (-math.inf, None, ("road",))
    assert line.reasons == (Reason("air_share", "as it flies"),)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": " "}, "code = ' '; allowed: some text"),
        ({"kind": "onec"}, "kind = 'onec'; allowed: one of usual, once; did you mean 'once'?"),
        ({"low": True}, 'low = True; allowed: a number from 0 to 9, or "" where it is open'),
        ({"low": math.nan}, 'low = nan; allowed: a number from 0 to 9, or "" where it is open'),
        ({"low": math.inf}, 'low = inf; allowed: a number from 0 to 9, or "" where it is open'),
        ({"per_week": 9}, 'per_week = 9; allowed: a whole number from 1 to 7, or "" for not known'),
        ({"per_week": 2.0}, 'per_week = 2.0; allowed: a whole number from 1 to 7, or "" for not known'),
        ({"since": "2020"}, "since = '2020'; allowed: a date such as 2021-10-01"),
        ({"since": dt.datetime(2020, 1, 1)}, "since = '2020-01-01 00:00:00'; allowed: a date such as"),
        ({"modes": []}, "modes = []; allowed: at least one of road, rail"),
        ({"modes": ["rial"]}, "modes = 'rial'; allowed: one of road, rail; did you mean 'rail'?"),
        ({"modes": "road"}, "modes = 'road'; allowed: a list"),
        ({"classes": ["leter"]}, "classes = 'leter'; allowed: one of letter, ems; did you mean 'letter'?"),
        ({"classes": [3]}, "classes[0] = 3; allowed: some text"),
        ({"reasons": [3]}, "reasons[0] = 3; allowed: a table"),
        ({"reasons": 3}, "reasons = 3; allowed: rows [[reasons]]"),
        ({"flies": 1}, "flies = 1; allowed: true or false"),
        ({"share": -1}, "share = -1; allowed: a share"),
        ({"km": -1}, "km = -1; allowed: a number, 0 or more"),
        ({"hours": 0}, "hours = 0; allowed: a number above 0, at most 24"),
        ({"hours": "-"}, "hours = '-'; allowed: a number above 0, at most 24"),
        ({"speed": 0}, "speed = 0; allowed: a number above 0"),
    ],
)
def test_each_wrong_value_is_told_once(change: dict[str, Any], told: str) -> None:
    (problem,) = problems({"line": [GOOD, {**GOOD, **change}]})
    assert problem.startswith(f"my.toml [line[1]]: {told}")


def test_all_that_is_wrong_is_listed_together_with_where_it_stands() -> None:
    short = {key: value for key, value in GOOD.items() if key != "kind"}
    data = {
        "line": [{**short, "reasons": [{"key": "air", "hwo": "x"}]}],
        "by_name": {"first": {"key": "air_share", "how": ""}},
        "lines": [GOOD],
    }
    assert problems(data) == [
        "my.toml [line[0]]: kind = 'missing'; allowed: required",
        "my.toml [line[0].reasons[0]]: key = 'air'; allowed: one of air_share; did you mean 'air_share'?",
        "my.toml [line[0].reasons[0]]: how = 'missing'; allowed: required",
        "my.toml [line[0].reasons[0]]: hwo = 'x'; allowed: one of key, how; did you mean 'how'?",
        "my.toml [by_name.first]: how = ''; allowed: some text",
        "my.toml: lines = '…'; allowed: one of line, by_name; did you mean 'line'?",
    ]


def test_a_single_table_where_rows_are_wanted_is_told() -> None:
    assert problems({"line": GOOD}) == ["my.toml: line = '…'; allowed: rows [[line]]"]


def test_a_text_that_is_no_toml_is_told() -> None:
    with pytest.raises(InputErrors, match=r"my.toml: .*allowed: valid TOML"):
        read_toml("[[line]", "my.toml", File)
    with pytest.raises(InputErrors, match="by_name = 3; allowed: a table"):
        read_toml("by_name = 3", "my.toml", File)


def test_of_many_names_one_is_shown() -> None:
    assert one_of(range(3)) == "one of 0, 1, 2"
    assert one_of(range(1000, 2000)) == "one of 1,000 known, such as 1000"


def test_values_that_stand_twice_are_each_told_once() -> None:
    assert [str(p) for p in twice("my.toml", "line", "code", ["b", "a", "b", "b"])] == [
        "my.toml [line]: code = 'b'; allowed: a value that no other row has"
    ]
