"""Tables on screens of any width: numbers and names whole, columns left out and named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.cli.tables import number, percent, print_table, table_lines

COLUMNS = ("place", "items", "what became of them")
ROWS = [("Medog", 1234, "delivered by the round of Wednesday"), ("Gar", 7, "returned to sender")]


def test_numbers_stand_right_and_text_left() -> None:
    assert table_lines(COLUMNS, ROWS, 80) == [
        "place   items   what became of them",
        "─" * 51,
        "Medog   1,234   delivered by the round of Wednesday",
        "Gar         7   returned to sender",
    ]


def test_long_text_is_wrapped_before_a_column_is_left_out() -> None:
    assert table_lines(COLUMNS, ROWS, 36) == [
        "place   items   what became of them",
        "─" * 36,
        "Medog   1,234   delivered by the",
        "                round of Wednesday",
        "Gar         7   returned to sender",
    ]


def test_a_column_that_does_not_fit_is_left_out_and_named() -> None:
    lines = table_lines(COLUMNS, ROWS, 20)
    assert lines[:4] == ["place   items", "─" * 13, "Medog   1,234", "Gar         7"]
    assert " ".join(lines[4:]) == "not shown, for want of room: what became of them"


def test_the_least_important_column_goes_first() -> None:
    lines = table_lines(COLUMNS, ROWS, 27, least=("items",))
    assert lines[0].split() == ["place", "what", "became", "of", "them"]
    assert " ".join(lines[-2:]) == "not shown, for want of room: items"


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5), st.integers(1, 40))
def test_no_number_is_ever_cut(values: list[int], width: int) -> None:
    lines = table_lines(("n", "name"), [(value, "Samzhubze (Xigaze)") for value in values], width)
    assert {number(value) for value in values} <= set(" ".join(lines).split())


def test_the_width_of_the_screen_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "36")
    print_table(COLUMNS, ROWS)
    assert max(map(len, capsys.readouterr().out.splitlines())) == 36
    monkeypatch.delenv("COLUMNS")
    print_table(COLUMNS, ROWS)
    assert "delivered by the round of Wednesday" in capsys.readouterr().out


def test_what_has_no_value_is_a_dash() -> None:
    assert (number(None), percent(None)) == ("–", "–")
    assert (number(12345.0), number(0.25, 2), percent(0.125)) == ("12,345", "0.25", "12.5 %")
