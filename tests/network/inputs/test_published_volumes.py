"""The file of points of demand: its arithmetic, and everything that can be wrong with it."""

from __future__ import annotations

from importlib.resources import files

import pytest

from network.errors import InputErrors, UnknownNameError
from network.inputs.published_volumes import parse_growth
from network.inputs.tables import load_region

TEXT = files("network").joinpath("data", "xizang", "growth.toml").read_text(encoding="utf-8")


def test_derived_points_are_the_arithmetic_that_they_say() -> None:
    growth = load_region("xizang").published_growth()
    by_year = {point.year: point for point in growth.points}
    later = {(point.year, point.what): point for point in growth.later}
    assert abs(by_year[2021].items / 1.2973 - by_year[2020].items) < 500
    december = 1.51e6  # of 2021, and anything from no growth to 60 % on the December before
    eleven = 13.34e6 / 1.2973
    for grown in (1.0, 1.6):
        assert abs(eleven + december / grown - by_year[2020].items) <= by_year[2020].precision + 60_000
    sent, before = later[2023, "sent"], later[2022, "sent"]
    assert abs(sent.items / 1.7978 - before.items) < 1000
    assert abs(later[2023, "delivered"].items / 2.471 - later[2022, "delivered"].items) < 50_000


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("year = 2019", "year = 2021", "one point a year"),
        ("year = 2019", 'year = "2019"', "a whole number"),
        ('kind = "derived"', 'kind = "guessed"', "one of known, derived"),
        ("[[later]]", "[[latter]]", "did you mean 'later'"),
        ("year = 2022", "year = 2020", "a year after the last point"),
        ("[assumed.damping]", "[assumed.dampin]", "did you mean 'damping'"),
        ("low = 0.8", "low = 0.95", "low ≤ default ≤ high"),
        ("year = 2016", "year = = 2016", "valid TOML"),
    ],
)
def test_a_wrong_file_is_told_with_what_is_allowed(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(InputErrors) as caught:
        parse_growth(TEXT.replace(old, new), "xizang", load_region().reports)
    assert told in "\n".join(str(problem) for problem in caught.value.problems)


def test_an_unknown_region_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError):
        load_region("xizong").published_growth()
