"""Bounds: every number of a scenario has them, and whatever is beyond one is a problem, never a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from network.errors import InputErrors, UnknownNameError
from network.model.limits import LARGEST_SEED, MOST_LEG_KM
from scenarios.cli import app
from scenarios.definition.files import name_of
from scenarios.definition.resolve import load_scenario, load_scenarios, resolve
from scenarios.definition.schema import MOST_PROBLEMS, problems_of, schema_text

ROUTE = 'mode = "road"\nstops = ["Chengguan (Lhasa)", "Bayi (Nyingchi)"]\nper_week = 7\n'


def parts(schema: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every part of a JSON Schema that says what a value is, with its path."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield path, schema
        for key, part in schema.items():
            yield from parts(part, f"{path}/{key}")
    elif isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from parts(part, f"{path}/{number}")


def unlimited(kinds: tuple[str, ...], *limits: tuple[str, ...]) -> list[str]:
    return [
        path
        for path, part in parts(json.loads(schema_text()))
        if part["type"] in kinds and not all(any(word in part for word in words) for words in limits)
    ]


def test_every_number_has_two_bounds() -> None:
    low, high = ("minimum", "exclusiveMinimum", "const"), ("maximum", "exclusiveMaximum", "const")
    # assumptions have those of the region
    assert unlimited(("integer", "number"), low, high) == ["/properties/assumptions/additionalProperties"]


def test_every_list_and_text_has_a_length() -> None:
    assert unlimited(("array",), ("maxItems",)) == []
    assert unlimited(("string",), ("maxLength", "pattern", "enum", "const", "format")) == []


def change(op: str, lines: str) -> str:
    return f'base = "xizang-2021"\n[[change]]\nop = "{op}"\n{lines}\n'


BEYOND = {
    "leg-inf": (
        change("add_route", ROUTE + "leg_km = [inf]"),
        "leg_km.0 = inf; allowed: a finite number, at most 6,000 km",
    ),
    "leg-nan": (change("add_route", ROUTE + "leg_km = [nan]"), "leg_km.0 = nan; allowed: a finite number"),
    "leg-1e12": (
        change("add_route", ROUTE + "leg_km = [1e12]"),
        "leg_km.0 = 1000000000000.0; allowed: at most 6,000 km",
    ),
    "leg-in-metres": (
        change("reroute_route", 'route = "a"\nstops = ["a", "b"]\nleg_km = [4e7]'),
        "at most 6,000 km",
    ),
    "trips": (change("add_route", ROUTE.replace("= 7", "= 71")), "per_week = 71; allowed: at most 70"),
    "growth": (change("grow_demand", "per_year = 2.0\nyears = 50"), "per_year and years"),
    "class": (
        change("add_class", 'code = "flood"\nname = "Flood"\nflow = "head"\nyearly = 1e8'),
        "yearly = 1e+08",
    ),
    "warm-up": (
        'base = "xizang-2021"\n[run]\nwarmup_days = 7000000',
        "warmup_days = 7000000; allowed: at most 728 days",
    ),
    "year-9999": (
        'base = "xizang-2021"\n[run]\nstart = 9999-12-27\nmeasured_days = 7',
        "start = '9999-12-27'; allowed: a Monday of the years 1900 to 2200",
    ),
    "year": ('region = "xizang"\nyear = 2201', "year = 2201; allowed: at most 2,200"),
    "seed": (
        f'base = "xizang-2021"\n[run]\nseed = {LARGEST_SEED + 1}',
        "allowed: at most 9,007,199,254,740,991",
    ),
    "digits": ('base = "xizang-2021"\nyear = ' + "9" * 5000, "values that TOML can hold"),
    "10e400": (
        'base = "xizang-2021"\n[assumptions]\nitem_kg = 1' + "0" * 401,
        "whole numbers of at most 64 bits",
    ),
    "nested": ('base = "xizang-2021"\ntitle = ' + "[" * 2000 + "]" * 2000, "tables and lists deep"),
    "nul": ('base = "xizang-2021"\nreport = "a\\u0000b"', "without U+0000 control character"),
    "escape": (
        'base = "xizang-2021"\ntitle = "\\u001b[31mred"',
        "title = '\\x1b[31mred'; allowed: text of one line without U+001B",
    ),
    "newline": (
        change("add_route", ROUTE + 'name = "a\\nb"'),
        "name = 'a\\nb'; allowed: text of one line without U+000A",
    ),
    "bell": (
        'base = "xizang-2021"\ndescription = "two\\nlines\\u0007"',
        "text without U+0007 control character",
    ),
    "direction": ('base = "xizang-2021"\ntitle = "a\\u202eb"', "without U+202E right-to-left override"),
    "name": ('base = "xizang-2021"\nname = ".."', "name = '..'; allowed: text like"),
    "long-name": ('base = "xizang-2021"\nname = "' + "西" * 67 + '"', "at most 200 bytes in UTF-8"),
    "no-file": ('base = "xizang-2021"\nreport = "none.toml"', "mine.toml: report = "),
    "device": (
        'base = "xizang-2021"\nreport = "/dev/zero"',
        "mine.toml: report = '/dev/zero'; allowed: a regular file",
    ),
    "encoding": (
        'base = "xizang-2021"\nreport = "gb18030.toml"',
        "allowed: text in UTF-8, not byte 0xce in line 1",
    ),
    "pipe": ('base = "xizang-2021"\nreport = "pipe"', "allowed: a regular file"),
    "base": (f'base = "{"x" * 900}"', "allowed: a scenario of the library or a file beside"),
}


@pytest.mark.parametrize("kind", BEYOND)
def test_what_is_beyond_a_bound_is_one_problem_that_says_what_is_allowed(kind: str, tmp_path: Path) -> None:
    text, message = BEYOND[kind]
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    (tmp_path / "gb18030.toml").write_bytes('title = "西藏"'.encode("gb18030"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputErrors) as caught:
        load_scenario(tmp_path / "mine.toml")
    (problem,) = caught.value.problems
    assert message in str(problem)


def test_the_longest_leg_is_allowed_and_what_is_longer_is_not() -> None:
    route = {"op": "add_route", "mode": "road", "stops": ["a", "b"], "per_week": 7}
    assert problems_of({"change": [{**route, "leg_km": [MOST_LEG_KM]}]}, "a.toml") == []
    assert len(problems_of({"change": [{**route, "leg_km": [MOST_LEG_KM + 0.001]}]}, "a.toml")) == 1


def test_numbers_given_from_python_have_the_same_bounds() -> None:
    for value in (10**400, float("nan"), float("inf")):
        with pytest.raises(InputErrors, match="item_kg"):
            resolve({"base": "xizang-2021", "assumptions": {"item_kg": value}})


def test_a_status_of_2_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(BEYOND["10e400"][0], encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(tmp_path / "mine.toml")])
    assert done.exit_code == 2 and "Traceback" not in done.output


def test_a_name_too_long_for_a_file_is_an_unknown_scenario() -> None:
    with pytest.raises(UnknownNameError):
        load_scenario("x" * 5000)


def test_a_thousand_wrong_keys_are_counted_and_not_all_listed() -> None:
    problems = problems_of({f"key{number}": 1 for number in range(1000)}, "mine.toml")
    assert len(problems) == MOST_PROBLEMS + 1
    assert str(problems[-1]) == "mine.toml: '900 more problems'"


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b'\xef\xbb\xbfbase = "xizang-2021"\n')
    assert load_scenario(tmp_path / "mine.toml").fit_key == load_scenario("xizang-2021").fit_key


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("my scenario (1).toml", "my-scenario-1"),
        ("西藏 2021.toml", "西藏-2021"),
        ("...toml", "scenario"),
        ("()", "scenario"),
        ("v1.2@a=b,c+d.toml", "v1.2@a=b,c+d"),
        ("-x-.toml", "x"),
    ],
)
def test_a_name_is_made_of_any_file_name(file: str, name: str, tmp_path: Path) -> None:
    assert name_of(Path(file)) == name
    (tmp_path / file).write_text('base = "xizang-2021"\n', encoding="utf-8")
    assert load_scenario(tmp_path / file).name == name


def test_files_with_like_names_may_build_on_each_other(tmp_path: Path) -> None:
    (tmp_path / "my base.toml").write_text('base = "xizang-2021"\n', encoding="utf-8")
    (tmp_path / "my-base.toml").write_text('base = "my base"\n', encoding="utf-8")
    assert load_scenario(tmp_path / "my-base.toml").chain == ("my-base", "my-base", "xizang-2021")


def test_values_of_a_sweep_are_written_in_full(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    axes = '"run.seed" = [20210101, 20210102]\n"demand.inbound" = [1.0000001, 2.0]\n'
    path.write_text(f'base = "xizang-2021"\n[sweep.axes]\n{axes}', encoding="utf-8")
    assert [one.name for one in load_scenarios(path)] == [
        f"mine@seed={seed},inbound={factor}" for seed in (20210101, 20210102) for factor in ("1.0000001", "2")
    ]
    assert load_scenario(f"{path}@seed=20210102,inbound=2").run.seed == 20210102
