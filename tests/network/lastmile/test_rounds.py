from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from network.errors import FleetError, InputErrors
from network.geography.roads import EARTH_RADIUS_KM
from network.geography.settlements import build_places
from network.geography.townships import make_places
from network.inputs.assumptions import Assumptions
from network.inputs.tables import load_region
from network.lastmile.rounds import draft_rounds, round_vehicles
from network.model.records import Places, Round
from network.model.vehicle_classes import vehicle_classes

H = 3600
MIN = 60


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    return load_region("xizang").assumptions


@pytest.fixture(scope="module")
def places(assumptions: Assumptions) -> Places:
    return build_places(load_region("xizang"), assumptions, 2021)


def own_seats(places: Places) -> dict[str, str]:
    return {str(county): str(county) for county in places.id[places.kind == "county"]}


@pytest.fixture(scope="module")
def load(places: Places, assumptions: Assumptions) -> tuple[np.ndarray, np.ndarray]:
    """122,000 inbound and 10,000 local express items a day, of 1 kg, 130 to the cubic metre."""
    weight = places.population * np.where(places.urban, assumptions["urban_rural_ratio"], 1.0)
    kg = 132_000 * weight / weight.sum()
    return kg, kg / 130


@pytest.fixture(scope="module")
def rounds(
    places: Places, load: tuple[np.ndarray, np.ndarray], assumptions: Assumptions
) -> tuple[Round, ...]:
    return draft_rounds(places, own_seats(places), *load, assumptions).within(None)


def vans(rounds: tuple[Round, ...]) -> int:
    return sum(by_class.get("van", 0) for by_class in round_vehicles(rounds).values())


# --- a county that fits in the head: all on one meridian, road km counted from the seat


def on_a_line(road_km: dict[str, float], circuity: float = 1.41, **columns: dict[str, object]) -> Places:
    """Return seat "1", a township "1T" and what is named after it, by road km north of the seat."""
    names = list(road_km)
    kinds = {"1": "county", "2": "county", "1T": "township"}
    kind = [
        kinds.get(n, "natural_village" if "-n" in n else "monastery" if n.startswith("M") else "village")
        for n in names
    ]
    lat = [30 + math.degrees(km / circuity / EARTH_RADIUS_KM) for km in road_km.values()]
    return make_places(
        kind,
        id=names,
        county=["2" if n == "2" else "1" for n in names],
        prefecture="Lhasa",
        township=["" if n.isdigit() else "1T" for n in names],
        lat=lat,
        lon=91.0,
        elevation_m=4000.0,
        **columns,
    )


def plan_line(
    places: Places, assumptions: Assumptions, kg: float = 1.0, **options: object
) -> tuple[Round, ...]:
    daily = np.full(len(places), kg)
    bases = options.pop("bases", {"1": "1"})
    drafts = draft_rounds(places, bases, daily, daily / 130, assumptions, **options)  # type: ignore[arg-type]
    return drafts.within(None)


def test_a_round_worked_by_hand(assumptions: Assumptions) -> None:
    """Out 35 km by county road to the township, 10 and 10 km by village road to two villages, and home."""
    places = on_a_line({"1": 0, "1T": 35, "1T-v01": 45, "1T-v02": 55})
    (round_,) = plan_line(places, assumptions)
    assert round_.base == "1"
    assert round_.places == ("1T", "1T-v01", "1T-v02")
    # 08:30 out; 1 h at 35 km/h; each visit 15 min; 30 min for 10 km at 20 km/h.
    assert round_.visit_s == (9 * H + 30 * MIN, 10 * H + 15 * MIN, 11 * H)
    assert round_.cut_s == round_.visit_s
    # 11:15 off home, 20 km at 20 km/h and 35 km at 35 km/h: back 13:15, taken in at 18:00.
    assert round_.intake_s == 18 * H
    assert round_.km == pytest.approx(110)
    assert (round_.kind, round_.terrain, round_.vehicle, round_.vehicles) == ("rural", "middle", "van", 1)
    assert len(round_.weekdays) == 3
    assert not round_.runs_on_holidays


def test_a_natural_village_is_a_short_stop_after_its_village(assumptions: Assumptions) -> None:
    places = on_a_line({"1": 0, "1T": 35, "1T-v01": 45, "1T-v01-n1": 49})
    (round_,) = plan_line(places, assumptions)
    assert round_.places == ("1T", "1T-v01", "1T-v01-n1")
    assert round_.visit_s[2] - round_.visit_s[1] == 15 * MIN + 12 * MIN  # 4 km at 20 km/h
    assert round_.km == pytest.approx(98)


def test_a_monastery_is_visited_with_the_nearest_village(assumptions: Assumptions) -> None:
    places = on_a_line({"1": 0, "1T": 35, "1T-v01": 40, "1T-v02": 55, "M-x": 54})
    (round_,) = plan_line(places, assumptions)
    assert round_.places == ("1T", "1T-v01", "1T-v02", "M-x")


def test_a_branch_township_is_its_own_base(assumptions: Assumptions) -> None:
    places = on_a_line({"1": 0, "1T": 35, "1T-v01": 45, "1T-v02": 55})
    (round_,) = plan_line(places, assumptions, bases={"1": "1", "1T": "1T"})
    assert round_.base == "1T"
    assert round_.visit_s == (8 * H + 30 * MIN, 9 * H + 15 * MIN, 10 * H)
    assert (round_.terrain, len(round_.weekdays)) == ("near", 5)


def test_a_round_back_in_the_evening_is_taken_in_the_next_morning(assumptions: Assumptions) -> None:
    # 105 km by county road: 3 h there; 20 km by village road: 1 h. Rests of 20 min after 4 h at the wheel.
    places = on_a_line({"1": 0, "1T": 105, "1T-v01": 125, "1T-v02": 125})
    (round_,) = plan_line(places, assumptions)
    # Out 08:30, T 11:30, v01 12:45, v02 13:00; home from 13:15: rest, 4 h: 17:35.
    assert round_.visit_s == (11 * H + 30 * MIN, 12 * H + 45 * MIN, 13 * H)
    assert round_.intake_s == 18 * H
    later = assumptions.replace({"county_cutoff_h": 17.5})
    (round_,) = plan_line(places, later)
    assert round_.intake_s == 32 * H


def test_what_a_day_cannot_do_is_remote_and_runs_once_a_week(assumptions: Assumptions) -> None:
    # 175 km out by county road: 5 h. The 8 h at the wheel are used up on the way home.
    places = on_a_line({"1": 0, "1T": 175, "1T-v01": 175})
    (round_,) = plan_line(places, assumptions)
    assert (round_.terrain, len(round_.weekdays)) == ("remote", 1)
    # 08:30 + 5 h + 20 min rest.
    assert round_.visit_s[0] == 13 * H + 50 * MIN
    # 3 h more that day, the last 2 h from 08:30 next morning; taken in at 18:00.
    assert round_.intake_s == 24 * H + 18 * H


def test_a_county_without_a_road_is_served_on_foot(assumptions: Assumptions) -> None:
    places = on_a_line({"1": 0, "1T": 40, "1T-v01": 40})
    (round_,) = plan_line(places, assumptions, foot_counties={"1"}, kg=10.0)
    assert round_.vehicle == "foot"
    assert (round_.terrain, len(round_.weekdays)) == ("remote", 1)
    # 40 km at 4 km/h, 8 h a day: there at 10:30 on the second day.
    assert round_.visit_s == (24 * H + 10 * H + 30 * MIN, 24 * H + 10 * H + 45 * MIN)
    # 11:00 off home: the 6 h left of that day's walking, and 4 h on the third: back 12:30, taken in at 18:00.
    assert round_.intake_s == 2 * 24 * H + 18 * H
    # 20 kg a day, a run a week: 140 kg in loads of 70 % of 25 kg.
    assert round_.vehicles == 8


def test_the_address_round_of_a_town_spreads_its_visits_over_its_hours(assumptions: Assumptions) -> None:
    in_town = {"in_town": [True] * 4}
    places = on_a_line({"1": 0, "1T": 1, "1T-v01": 3, "1T-v02": 5}, **in_town)  # type: ignore[arg-type]
    (round_,) = plan_line(places, assumptions, kg=500.0)
    assert (round_.id, round_.kind, round_.terrain) == ("town-1", "town", "town")
    assert round_.weekdays == tuple(range(7))
    assert round_.runs_on_holidays
    assert round_.visit_s == (10 * H, 12 * H, 14 * H)
    assert set(round_.cut_s) == {16 * H}
    assert round_.intake_s == 18 * H
    assert round_.vehicles == 3  # 1,500 kg in loads of 700


def test_a_county_based_elsewhere_has_no_town_round(assumptions: Assumptions) -> None:
    in_town = {"in_town": [True] * 4}
    places = on_a_line({"1": 0, "1T": 1, "1T-v01": 3, "2": 70}, **in_town)  # type: ignore[arg-type]
    (round_,) = plan_line(places, assumptions, bases={"1": "2"})
    assert (round_.base, round_.kind) == ("2", "rural")
    assert round_.places == ("1T", "1T-v01")


def test_a_township_without_a_stop_is_refused(assumptions: Assumptions) -> None:
    places = on_a_line({"1": 0, "1T": 35, "1T-v01": 45})
    with pytest.raises(InputErrors, match=r"1T.*a stop for it or for its county"):
        plan_line(places, assumptions, bases={})
    with pytest.raises(InputErrors, match=r"1T.*nowhere.*a place"):
        plan_line(places, assumptions, bases={"1": "nowhere"})


def test_heavier_loads_take_more_vehicles_and_fewer_days_still_more(assumptions: Assumptions) -> None:
    places = on_a_line({"1": 0, "1T": 35, "1T-v01": 45, "1T-v02": 55})
    # 3 places of 200 kg a day, three days a week: 1,400 kg a run in loads of 700.
    (round_,) = plan_line(places, assumptions, kg=200.0)
    assert round_.vehicles == 2


# --- the whole region


def test_every_place_is_on_exactly_one_round(places: Places, rounds: tuple[Round, ...]) -> None:
    visited = Counter(place for round_ in rounds for place in round_.places)
    to_visit = places.id[~np.isin(places.kind, ("county", "gateway"))]
    assert set(visited) == set(to_visit)
    assert set(visited.values()) == {1}


def test_rounds_are_well_formed(places: Places, rounds: tuple[Round, ...]) -> None:
    assert len({round_.id for round_ in rounds}) == len(rounds)
    for round_ in rounds:
        assert len(round_.visit_s) == len(round_.cut_s) == len(round_.places)
        assert round_.depart_s <= round_.visit_s[0]
        assert list(round_.visit_s) == sorted(round_.visit_s)
        assert round_.intake_s >= max(*round_.cut_s, round_.visit_s[-1])
        assert round_.intake_s % 86_400 in (8 * H, 18 * H)
        assert round_.vehicles >= 1 and round_.km >= 0 and round_.reason
        assert set(round_.weekdays) <= set(range(7)) and len(set(round_.weekdays)) == len(round_.weekdays)


def test_no_round_has_more_villages_than_allowed(
    places: Places, rounds: tuple[Round, ...], assumptions: Assumptions
) -> None:
    kind = dict(zip(places.id, places.kind, strict=True))
    for round_ in rounds:
        if round_.kind == "rural":
            assert sum(kind[place] in ("village", "committee") for place in round_.places) <= 6


def test_weekdays_follow_the_standard_of_the_terrain(rounds: tuple[Round, ...]) -> None:
    days = {"town": 7, "near": 5, "middle": 3, "remote": 1}
    assert all(len(round_.weekdays) == days[round_.terrain] for round_ in rounds)
    assert {round_.terrain for round_ in rounds} == set(days)


def test_the_mean_load_of_a_run_is_within_the_target(
    places: Places, rounds: tuple[Round, ...], load: tuple[np.ndarray, np.ndarray], assumptions: Assumptions
) -> None:
    classes = vehicle_classes(assumptions)
    for round_ in rounds:
        at = [places.row(place) for place in round_.places]
        room = round_.vehicles * assumptions["target_load"] * len(round_.weekdays) / 7
        assert load[0][at].sum() <= room * classes[round_.vehicle].payload_kg + 1e-6
        assert load[1][at].sum() <= room * classes[round_.vehicle].payload_m3 + 1e-6


def test_the_region_needs_a_plausible_number_of_rounds_and_vehicles(rounds: tuple[Round, ...]) -> None:
    assert 700 < len(rounds) < 1300
    assert vans(rounds) < 650  # with some 300 on mail routes the published 908 are enough


def test_the_same_input_gives_the_same_rounds(
    places: Places, rounds: tuple[Round, ...], load: tuple[np.ndarray, np.ndarray], assumptions: Assumptions
) -> None:
    assert draft_rounds(places, own_seats(places), *load, assumptions).within(None) == rounds


def test_too_few_vehicles_lower_frequencies_to_their_floors_in_order(
    places: Places, rounds: tuple[Round, ...], load: tuple[np.ndarray, np.ndarray], assumptions: Assumptions
) -> None:
    available = vans(rounds) - 40
    fewer = draft_rounds(places, own_seats(places), *load, assumptions).within(available)
    assert vans(fewer) <= available
    days = Counter((round_.terrain, len(round_.weekdays)) for round_ in fewer)
    assert days["near", 5] == 0, "near rounds come first"
    assert 0 < days["middle", 2] < days["middle", 2] + days["middle", 3], (
        "and middle ones only as far as needed"
    )
    assert days["remote", 1] == sum(n for (terrain, _), n in days.items() if terrain == "remote")
    lowered = next(round_ for round_ in fewer if (round_.terrain, len(round_.weekdays)) == ("middle", 2))
    assert "2 days a week and not 3, for want of vehicles" in lowered.reason


def test_enough_vehicles_change_nothing(
    places: Places, rounds: tuple[Round, ...], load: tuple[np.ndarray, np.ndarray], assumptions: Assumptions
) -> None:
    again = draft_rounds(places, own_seats(places), *load, assumptions).within(vans(rounds))
    assert again == rounds


@pytest.mark.slow
def test_fewer_vehicles_than_the_floors_need_are_refused_with_the_number(
    places: Places, load: tuple[np.ndarray, np.ndarray], assumptions: Assumptions
) -> None:
    with pytest.raises(FleetError, match=r"need \d+ vehicles and 100 are available") as refusal:
        draft_rounds(places, own_seats(places), *load, assumptions).within(100)
    enough = refusal.value.needed
    draft_rounds(places, own_seats(places), *load, assumptions).within(enough)
