"""Rail routes: timetable distance, stops where a station bears a place's name."""

from __future__ import annotations

import pytest

from network.errors import InputErrors, UnknownNameError
from network.inputs.assumptions import Assumptions
from network.inputs.tables import Region, load_region
from network.linehaul.rail import rail_line, rail_lines, rail_route


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("xizang")


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    return load_region("xizang").assumptions


@pytest.mark.parametrize("year", [2012, 2021])
def test_lhasa_xining_is_the_published_length(region: Region, assumptions: Assumptions, year: int) -> None:
    route = rail_route(region, assumptions, year)
    assert (route.id, route.mode, route.kind) == ("rail-01", "rail", "rail")
    assert route.stops == ("540102", "540122", "540602", "540624", "GW_GOLMUD", "GW_XINING")
    assert route.km == pytest.approx(1972)


def test_kilometres_follow_the_timetable_between_known_stations(
    region: Region, assumptions: Assumptions
) -> None:
    legs = rail_route(region, assumptions, 2021).leg_km
    assert legs[-1] == pytest.approx(830)
    assert sum(legs[:-1]) == pytest.approx(1142)
    # Golmud–Nagqu is 821 km in the station table and the timetable leaves it as it is.
    assert legs[2] + legs[3] == pytest.approx(821)


@pytest.mark.parametrize(
    ("line", "length", "ends", "stops"),
    [
        ("Lhasa-Xigaze", 251, ("540102", "540202"), 5),
        ("Lhasa-Nyingchi", 435, ("540102", "540402"), 9),
    ],
)
def test_lines_inside_the_region_start_at_the_capital(
    region: Region,
    assumptions: Assumptions,
    line: str,
    length: int,
    ends: tuple[str, str],
    stops: int,
) -> None:
    route = rail_line(region, assumptions, line)
    assert (route.stops[0], route.stops[-1]) == ends
    assert len(route.stops) == stops and route.km == pytest.approx(length)


def test_stops_can_be_chosen_in_either_direction(region: Region, assumptions: Assumptions) -> None:
    route = rail_line(region, assumptions, "Lhasa-Nyingchi", ("540402", "540502", "540102"), number=3)
    assert route.stops == ("540102", "540502", "540402") and route.id == "rail-03"
    assert route.km == pytest.approx(435)


def test_a_line_is_open_when_all_of_it_is(region: Region) -> None:
    assert rail_lines(region, 2012) == ("Qinghai-Tibet",)
    assert rail_lines(region, 2014) == ("Qinghai-Tibet", "Lhasa-Xigaze")
    assert set(rail_lines(region, 2021)) == {"Qinghai-Tibet", "Lhasa-Xigaze", "Lhasa-Nyingchi"}
    assert rail_lines(region, 2021)[0] == "Qinghai-Tibet", "the line that leaves the region comes first"


def test_unknown_lines_and_stops_get_a_hint(region: Region, assumptions: Assumptions) -> None:
    with pytest.raises(UnknownNameError, match="Lhasa-Xigaze"):
        rail_line(region, assumptions, "Lhasa-Xigatse")
    with pytest.raises(InputErrors, match="540299"):
        rail_line(region, assumptions, "Lhasa-Xigaze", ("540102", "540299"))
    with pytest.raises(InputErrors, match="at least two"):
        rail_line(region, assumptions, "Lhasa-Xigaze", ("540102",))
    with pytest.raises(InputErrors, match="a year with a line open"):
        rail_route(region, assumptions, 1990)


def test_the_reason_says_where_the_length_comes_from(region: Region, assumptions: Assumptions) -> None:
    assert "1,972 km by the timetable" in rail_route(region, assumptions, 2021).reason
