"""Changes on roads: closed in a season, built, made faster, and what routes make of it."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import pytest

from network.edit.roads import add_road, close_road_yearly, improve_road, select_links
from network.edit.routes import EditError, add_route, find_route
from network.errors import UnknownNameError
from network.exchange.archive import dumps, loads
from network.explain import explain
from network.fleet.requirements import needs
from network.geography.roads import great_circle_km, road_graph, shortest
from network.inputs.tables import load_region
from network.linehaul.closures import SEASON_YEARS, closed_by_announcement, road_legs
from network.linehaul.timetable import driving_s, speed_kmh
from network.model.network import Network
from network.reconcile import reconcile, synthetic_share

LHASA, XIGAZE, TINGRI, NAGQU, LHAZE = "540102", "540202", "540223", "540602", "540225"
BRANCH = "540223200"


def told(network: Network, figure: str) -> list[str]:
    return [note.label for note in network.changed if note.figure == figure]


@pytest.fixture(scope="module")
def led(small_network: Network) -> Network:
    """Return the small network with its road routes along the roads of the table."""
    for route, stops in (("a", (LHASA, XIGAZE)), ("b", (XIGAZE, TINGRI)), ("c", (LHASA, NAGQU, TINGRI))):
        small_network = add_route(
            small_network, mode="road", stops=stops, per_week=3, route_id=f"road-{route}", first_departure_s=0
        )
    return replace(small_network, changed=())


# ------------------------------------------------------------------ closed every year


def test_a_season_closes_roads_every_year_and_reaches_over_new_year(small_network: Network) -> None:
    changed = close_road_yearly(small_network, "11-15", "02-29", links=("540225-540223",))
    spans = closed_by_announcement(changed)["540225-540223"]
    assert (dt.date(2021, 11, 15), dt.date(2022, 2, 28)) in spans
    assert (dt.date(2023, 11, 15), dt.date(2024, 2, 29)) in spans
    assert len(spans) == len(SEASON_YEARS) and (2021 in {first.year for first, _ in spans})
    assert told(changed, "roads") == ["closed every year from 11-15 to 02-29: 540225-540223"]
    assert closed_by_announcement(loads(dumps(changed))) == closed_by_announcement(changed)


def test_a_whole_year_is_one_long_closure(small_network: Network) -> None:
    changed = close_road_yearly(small_network, "01-01", "12-31", route="road-004")
    ((first, last),) = closed_by_announcement(changed)[f"{TINGRI}-{BRANCH}"]
    assert (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    assert last.year - first.year == len(SEASON_YEARS) - 1


# ------------------------------------------------------------------ faster roads


def test_every_trip_over_a_faster_road_takes_the_time_of_its_kilometres(led: Network) -> None:
    changed = improve_road(led, 70.0, between=(LHASA, XIGAZE))
    old, new = find_route(led, "road-a"), find_route(changed, "road-a")
    a = led.assumptions
    # one leg, all of it at 70 km/h: under 4 h at the wheel, so without a rest
    assert driving_s(new, a) == (round(old.km / 70 * 3600),)
    assert new.services[0].arrive_s[-1] == 60 * math.ceil(old.km / 70 * 60)
    assert new.services[0].starts_s == old.services[0].starts_s
    assert (new.km, new.leg_links, new.stops) == (old.km, old.leg_links, old.stops)
    assert "road-a runs on roads of at least 70 km/h" in told(changed, "timetable")
    assert loads(dumps(changed)).route("road-a") == new


def test_part_of_a_leg_counts_by_its_length(led: Network) -> None:
    changed = improve_road(led, 90.0, links=("540225-540202",))
    route = find_route(changed, "road-b")
    slow = speed_kmh(route, led.assumptions)
    (links,) = road_legs(led)["road-b"]
    km = {link.id: link.metres / 1000 for link in links}
    quick = km.pop("540225-540202")
    assert driving_s(route, led.assumptions) == (round((quick / 90 + sum(km.values()) / slow) * 3600),)
    back = route.services[1]
    assert back.arrive_s[-1] == route.services[0].arrive_s[-1]


def test_the_way_back_has_its_legs_in_the_other_order(led: Network) -> None:
    changed = improve_road(led, 100.0, between=(LHASA, NAGQU))
    route = find_route(changed, "road-c")
    assert route.leg_kmh[0] == pytest.approx(100.0) and route.leg_kmh[1] < 100.0
    out, back = route.services
    quick = out.arrive_s[1]
    assert back.arrive_s[-1] - back.depart_s[-2] == pytest.approx(quick, abs=1800)
    assert back.arrive_s[1] > 2 * quick


def test_a_road_no_faster_than_the_route_changes_nothing_there(led: Network) -> None:
    changed = improve_road(led, 40.0, between=(LHASA, XIGAZE))  # a trunk has 45 km/h
    assert find_route(changed, "road-a") == find_route(led, "road-a")
    # county roads have 35 km/h
    assert told(changed, "timetable") == ["road-c runs on roads of at least 40 km/h"]
    for speed in (30.0, 40.0):
        with pytest.raises(EditError, match=f"{speed:g} km/h or more already"):
            improve_road(changed, speed, between=(LHASA, XIGAZE))


def test_all_other_routes_stay_as_they_were_to_the_second(led: Network) -> None:
    changed = improve_road(led, 70.0, between=(LHASA, XIGAZE))
    on = set(select_links(led, between=(LHASA, XIGAZE)))
    for old, new in zip(led.routes, changed.routes, strict=True):
        if not on & {link for leg in old.leg_links for link in leg}:
            assert old == new
    assert changed.vehicles == led.vehicles
    assert needs(changed).vehicle_km_per_week == needs(led).vehicle_km_per_week
    assert needs(changed).drivers <= needs(led).drivers


def test_a_route_added_later_finds_the_faster_road(led: Network) -> None:
    changed = improve_road(led, 70.0, between=(LHASA, XIGAZE))
    later = add_route(changed, mode="road", stops=(LHASA, XIGAZE), per_week=7).routes[-1]
    assert later.leg_kmh == pytest.approx((70.0,))
    assert "at least 70 km/h" in str(explain(changed, "route.road-a.hours"))


# ------------------------------------------------------------------ new roads


def test_a_new_road_leads_the_routes_whose_shortest_way_it_is(led: Network) -> None:
    before = shortest(road_graph(load_region("xizang"), 2021), NAGQU, TINGRI)
    assert before is not None
    changed = add_road(led, ("Seni (Nagqu)", "Lhaze"), 560.0)
    road, route = "540602-540225", find_route(changed, "road-c")
    rest = shortest(road_graph(load_region("xizang"), 2021), LHAZE, TINGRI)
    assert rest is not None and 560.0 + rest.km < before.km
    assert route.leg_km == (find_route(led, "road-c").leg_km[0], pytest.approx(560.0 + rest.km))
    assert road in route.leg_links[1] and road not in route.leg_links[0]
    assert find_route(changed, "road-a") == find_route(led, "road-a")
    (label,) = told(changed, "road_route_km")
    assert label.startswith("rerouted road-c (over the new road 540602-540225")
    rows = {row.name: row for row in reconcile(changed)}
    assert rows["road_route_km"].ok is None and "changed by scenario" in rows["road_route_km"].note
    assert synthetic_share(replace(changed, routes=(route,))) == 0.0  # the new road is the scenario's own
    assert f"new road {road}" in str(explain(changed, "route.road-c.km"))


def test_routes_stay_where_they_are_if_the_scenario_says_so(led: Network) -> None:
    changed = add_road(led, (NAGQU, LHAZE), 560.0, lead_routes=False)
    assert changed.routes == led.routes
    assert "540602-540225" in select_links(changed, between=(NAGQU, LHAZE))
    later = add_route(changed, mode="road", stops=(NAGQU, LHAZE), per_week=2).routes[-1]
    assert later.leg_links == (("540602-540225",),) and later.km == 560.0


def test_a_new_road_is_a_way_round_a_closed_one(led: Network) -> None:
    def detour_km(network: Network) -> float:
        links = {link.id: link for leg in road_legs(network)["road-c"] for link in leg}
        found = links["540103-540122"].detour_km
        assert found is not None
        return found

    changed = add_road(led, (LHASA, "540122"), 170.0, lead_routes=False)
    other = next(r.road_km for r in load_region("xizang").roads if r.id == "540102-540103")
    assert detour_km(changed) == 170.0 + other < detour_km(led)


def test_terrain_of_a_new_road_is_that_of_its_first_end(led: Network) -> None:
    changed = add_road(led, (NAGQU, LHAZE), 560.0, speed_kmh=80.0)
    links = {link.id: link for leg in road_legs(changed)["road-c"] for link in leg}
    assert links["540602-540225"].terrain == "plateau"
    assert links["540602-540225"].metres == 560_000
    assert find_route(changed, "road-c").leg_kmh[1] > 45.0
    assert loads(dumps(changed)).routes == changed.routes
    assert road_legs(loads(dumps(changed))) == road_legs(changed)


def test_roads_that_cannot_be_built_are_told(led: Network) -> None:
    with pytest.raises(EditError, match="joins these two already"):
        add_road(led, (LHAZE, XIGAZE), 160.0)
    places = led.places
    a, b = places.row(NAGQU), places.row(LHAZE)
    line = float(great_circle_km(places.lat[a], places.lon[a], places.lat[b], places.lon[b]))
    with pytest.raises(EditError, match=f"less than the {math.ceil(line)} km of the great circle"):
        add_road(led, (NAGQU, LHAZE), 100.0)
    with pytest.raises(EditError, match="county seats and gateways, and 540223200 is a township"):
        add_road(led, (NAGQU, BRANCH), 900.0)
    with pytest.raises(UnknownNameError, match="did you mean 'Lhaze'"):
        add_road(led, (NAGQU, "Lhase"), 560.0)
