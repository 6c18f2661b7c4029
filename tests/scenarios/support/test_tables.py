"""Tables: what is written is read back, and the same table is the same bytes however it is handed over."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.numeric.columns import Column, meanings
from scenarios.support.tables import copy_table, csv_text, read_columns, read_rows, write_columns

COLUMNS = (
    Column("name", "str", "", "of the place"),
    Column("items", "int64", "items", "that arrived"),
    Column("mean_h", "float64", "h", "mean"),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), min_size=1)
ROW = st.fixed_dictionaries(
    {
        "name": TEXT,
        "items": st.none() | st.integers(-(2**60), 2**60),
        "mean_h": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    }
)


@given(st.lists(ROW, min_size=1))
def test_what_is_written_is_read_back(rows: list[dict[str, object]]) -> None:
    assert read_rows(csv_text(rows, COLUMNS), COLUMNS) == rows


@given(st.lists(ROW, min_size=1))
def test_the_text_is_what_the_standard_library_reads(rows: list[dict[str, object]]) -> None:
    read = [row["name"] for row in csv.DictReader(io.StringIO(csv_text(rows), newline=""))]
    names = [str(row["name"]) for row in rows]
    assert all(text in (name, f"'{name}") for text, name in zip(read, names, strict=True))


def test_rows_columns_and_frames_are_the_same_text() -> None:
    columns = {"name": ["a", "b"], "items": np.array([3, 2**53 + 1]), "mean_h": np.array([0.1, math.nan])}
    rows = [{"name": "a", "items": 3, "mean_h": 0.1}, {"name": "b", "items": 2**53 + 1, "mean_h": None}]
    assert csv_text(columns) == csv_text(rows) == csv_text(pd.DataFrame(columns))
    assert csv_text(rows) == "name,items,mean_h\na,3,0.1\nb,9007199254740993,\n"


def test_columns_are_chosen_and_ordered_and_may_be_empty() -> None:
    assert csv_text([{"b": 1, "a": 2, "c": 3}], ("a", "b", "d")) == "a,b,d\n2,1,\n"
    assert csv_text([], ("a", "b")) == "a,b\n"
    assert csv_text([]) == ""


def test_numbers_may_be_rounded_and_what_is_not_finite_is_empty() -> None:
    rows = [{"x": 1 / 3, "n": 12_345_678_901_234}, {"x": math.nan, "n": 1}]
    assert csv_text(rows, significant_digits=10) == "x,n\n0.3333333333,12345678901234\n,1\n"


def test_a_cell_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="many"):
        read_rows("items\nmany\n", COLUMNS)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_is_copied_into_either_form(ending: str, tmp_path: Path) -> None:
    columns = {"id": np.array(["a", "b"]), "n": np.array([1, 2], dtype=np.int32)}
    write_columns(tmp_path / "from.parquet", columns)
    target = tmp_path / f"to.{ending}"
    assert copy_table(tmp_path / "from.parquet", target) == 2
    if ending == "csv":
        assert [row["id"] for row in read_rows(target)] == ["a", "b"]
    else:
        read = read_columns(target)
        assert read["n"].dtype == np.int32 and read["id"].tolist() == ["a", "b"]


def test_what_columns_mean_is_said_with_their_units() -> None:
    assert meanings(COLUMNS) == {
        "name": "of the place",
        "items": "that arrived [items]",
        "mean_h": "mean [h]",
    }


def test_no_spreadsheet_runs_a_text_and_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    texts = ["=1+1", "+1 day", "-x", "@a", "'=1", "\t=1", "-3.5", "+1", "-", "'quoted", "a=1", "–", ""]
    text = csv_text({"name": texts, "value": [-1.5] * len(texts)})
    shielded = [
        "'=1+1",
        "'+1 day",
        "'-x",
        "'@a",
        "''=1",
        "'\t=1",
        "-3.5",
        "+1",
        "'-",
        "'quoted",
        "a=1",
        "–",
        "",
    ]
    assert [row["name"] for row in csv.DictReader(io.StringIO(text))] == shielded
    rows = read_rows(text, [Column("value", "float64", "h", "mean")])
    assert [row["name"] for row in rows] == texts and rows[0]["value"] == -1.5
    source, target = tmp_path / "items.parquet", tmp_path / "items.csv"
    write_columns(source, {"route": np.array([*texts, *texts]), "key": np.arange(2 * len(texts))})
    assert copy_table(source, target) == 2 * len(texts)
    copied = csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"), newline=""))
    assert [row["route"] for row in copied] == 2 * shielded
