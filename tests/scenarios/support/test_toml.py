"""The TOML writer: what it writes, the standard library reads back."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.support.toml import dump_toml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False),
    TEXT,
    st.dates(dt.date(1900, 1, 1)),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=4))
TABLE = st.dictionaries(TEXT, VALUES, max_size=4)
DOCUMENT = st.dictionaries(
    TEXT, st.one_of(VALUES, TABLE, st.lists(TABLE, min_size=1, max_size=3)), max_size=5
)


@given(DOCUMENT)
def test_what_is_written_is_read_back(data: dict[str, Any]) -> None:
    assert tomllib.loads(dump_toml(data)) == data


def test_none_is_left_out_since_toml_has_none() -> None:
    assert dump_toml({"a": None, "t": {"b": None, "c": {"d": None, "e": 1}}}) == "[t]\nc = { e = 1 }\n"


def test_what_toml_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="no form for complex"):
        dump_toml({"a": 1j})
