"""Changes of how a network is run: switches, closed roads, vehicles, peaks of demand."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.edit.operations import (
    add_vehicles,
    close_road,
    equip_centres,
    peak_demand,
    scale_fleet,
    set_hours,
    set_operations,
)
from network.edit.routes import EditError, scale_demand
from network.errors import UnknownNameError
from network.exchange.archive import dumps, loads
from network.explain import explain
from network.linehaul.closures import closed_by_announcement
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import Vehicle
from network.reconcile import reconcile

LHASA, XIGAZE, TINGRI, LHAZE = "540102", "540202", "540223", "540225"
BRANCH = "540223200"
FROM, UNTIL = dt.date(2021, 5, 12), dt.date(2021, 5, 14)


def closed(network: Network) -> set[str]:
    return set(closed_by_announcement(network))


def told(network: Network, figure: str) -> list[str]:
    return [note.label for note in network.changed if note.figure == figure]


# ------------------------------------------------------------------ switches


def test_a_network_made_by_hand_is_undisturbed_until_somebody_says_otherwise(
    small_network: Network,
) -> None:
    assert small_network.operations == Operations()
    changed = set_operations(set_operations(small_network, weather=True), recheck="lane")
    assert changed.operations == Operations(weather=True, recheck="lane")
    assert loads(dumps(changed)).operations == changed.operations
    assert changed.changed == small_network.changed


# ------------------------------------------------------------------ closed roads


def test_between_two_places_all_links_of_the_shortest_road_are_closed(small_network: Network) -> None:
    changed = close_road(small_network, FROM, UNTIL, between=("Samzhubze (Xigaze)", BRANCH))
    # Samzhubze-Lhaze-Tingri along G318, and the link to the township
    assert closed(changed) == {"540225-540202", "540225-540223", f"{TINGRI}-{BRANCH}"}
    assert set(closed_by_announcement(changed)[f"{TINGRI}-{BRANCH}"]) == {(FROM, UNTIL)}


def test_a_route_closes_with_all_its_links_and_links_close_by_name(small_network: Network) -> None:
    assert closed(close_road(small_network, FROM, UNTIL, route="road-004")) == {f"{TINGRI}-{BRANCH}"}
    twice = close_road(small_network, FROM, FROM, links=("540225-540202",))
    twice = close_road(twice, UNTIL, UNTIL, links=("540225-540202", "540302-540323"))
    assert closed_by_announcement(twice) == {
        "540225-540202": [(FROM, FROM), (UNTIL, UNTIL)],
        "540302-540323": [(UNTIL, UNTIL)],
    }
    assert len(told(twice, "roads")) == 2
    assert loads(dumps(twice)).roads == twice.roads


def test_what_cannot_be_closed_is_told(small_network: Network) -> None:
    with pytest.raises(UnknownNameError, match="road link '540302-540333'; did you mean '540302-540323'"):
        close_road(small_network, FROM, UNTIL, links=("540302-540333",))
    with pytest.raises(UnknownNameError, match="place 'Lhase'; did you mean 'Lhaze'"):
        close_road(small_network, FROM, UNTIL, between=("Lhase", "Tingri"))
    with pytest.raises(EditError, match="rail-01 goes by rail"):
        close_road(small_network, FROM, UNTIL, route="rail-01")
    with pytest.raises(EditError, match="no road link"):
        close_road(small_network, FROM, UNTIL, between=(LHASA, LHASA))


# ------------------------------------------------------------------ vehicles


def fleet(network: Network, *rows: tuple[str, str, str]) -> Network:
    vehicles = tuple(Vehicle(f"C-{i:04d}", *row) for i, row in enumerate(rows, 1))
    return replace(network, vehicles=vehicles)


def ids(network: Network) -> list[int]:
    return [int(v.id.removeprefix("C-")) for v in network.vehicles]


@pytest.fixture
def ten(small_network: Network) -> Network:
    return fleet(
        small_network,
        *[("truck-6.8", LHASA, "road-001")] * 4,  # 1-4
        *[("van", XIGAZE, "rounds")] * 3,  # 5-7
        *[("van", XIGAZE, "spare")] * 2,  # 8, 9
        ("truck-6.8", LHASA, "spare"),  # 10
    )


def test_spares_go_first_then_every_duty_gives_its_share(ten: Network) -> None:
    assert ids(scale_fleet(ten, 0.9)) == [1, 2, 3, 4, 5, 6, 7, 8, 10]
    assert ids(scale_fleet(ten, 0.7)) == [1, 2, 3, 4, 5, 6, 7]
    # 5 of the 7 on duty: 2.86 of 4 and 2.14 of 3
    assert ids(scale_fleet(ten, 0.5)) == [1, 2, 3, 5, 6]
    assert ids(scale_fleet(ten, 0.0)) == []


def test_more_vehicles_stand_by_as_spares_where_the_others_stand(ten: Network) -> None:
    more = scale_fleet(ten, 1.4)
    assert more.vehicles[:10] == ten.vehicles
    new = more.vehicles[10:]
    assert ids(more)[10:] == [11, 12, 13, 14]
    assert Counter((v.base, v.vehicle, v.duty) for v in new) == {
        (LHASA, "truck-6.8", "spare"): 2,
        (XIGAZE, "van", "spare"): 2,
    }


def test_a_part_of_the_fleet_can_be_chosen(ten: Network) -> None:
    assert ids(scale_fleet(ten, 0.0, prefecture="Lhasa")) == [5, 6, 7, 8, 9]
    assert ids(scale_fleet(ten, 0.0, county="540202", duty="spare")) == [1, 2, 3, 4, 5, 6, 7, 10]
    assert ids(scale_fleet(ten, 0.5, vehicles=["truck-6.8"], duty="routes")) == [1, 2, 5, 6, 7, 8, 9, 10]
    with pytest.raises(EditError, match="no vehicle"):
        scale_fleet(ten, 0.5, prefecture="Nagqu")
    with pytest.raises(UnknownNameError, match="vehicle class 'vans'; did you mean 'van'"):
        scale_fleet(ten, 0.5, vehicles=["vans"])


def test_a_changed_fleet_is_not_judged(ten: Network) -> None:
    row = {row.name: row for row in reconcile(scale_fleet(ten, 0.5))}["vehicles"]
    assert (row.built, row.ok) == (5, None)
    assert row.note.startswith("changed by scenario: 5 instead of 10 vehicles")
    part = scale_fleet(ten, 0.5, vehicles=["truck-6.8"])
    assert told(part, "vehicles") == ["3 instead of 5 of the 10 vehicles"]
    assert scale_fleet(ten, 1.0).vehicles == ten.vehicles
    assert scale_fleet(ten, 1.0).changed == ten.changed


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["van", "truck-6.8"]), st.sampled_from([LHASA, XIGAZE]),
                  st.sampled_from(["road-001", "rounds", "spare"])),
        min_size=1, max_size=30,
    ),
    factor=st.floats(0, 3),
)  # fmt: skip
def test_any_fleet_has_the_number_asked_for_and_keeps_its_first_rows(
    small_network: Network, rows: list[tuple[str, str, str]], factor: float
) -> None:
    before = fleet(small_network, *rows)
    after = scale_fleet(before, factor)
    assert abs(len(after.vehicles) - factor * len(rows)) <= 0.5
    assert len({v.id for v in after.vehicles}) == len(after.vehicles)
    kept = set(after.vehicles)
    spares_stay = any(v.duty == "spare" for v in after.vehicles)
    for group in {(v.vehicle, v.base, v.duty) for v in before.vehicles}:
        stays = [v in kept for v in before.vehicles if (v.vehicle, v.base, v.duty) == group]
        assert stays == sorted(stays, reverse=True)  # the first rows
        assert all(stays) or group[2] == "spare" or not spares_stay


def test_bought_vehicles_stand_where_they_are_put(ten: Network) -> None:
    more = add_vehicles(ten, 2, "truck-9.6", "Tingri")
    more = add_vehicles(more, 1, "truck-6.8", duty="road-001 by hand")
    more = add_vehicles(more, 3, "van", XIGAZE, "rounds")
    assert more.vehicles[:10] == ten.vehicles and ids(more)[10:] == [11, 12, 13, 14, 15, 16]
    assert Counter((v.vehicle, v.base, v.duty) for v in more.vehicles[10:]) == {
        ("truck-9.6", TINGRI, "spare"): 2,
        ("truck-6.8", LHASA, "road-001"): 1,
        ("van", XIGAZE, "rounds"): 3,
    }
    row = {row.name: row for row in reconcile(more)}["vehicles"]
    assert (row.built, row.ok) == (16, None)
    assert told(more, "vehicles")[0] == "2 truck-9.6 more at Tingri (spare)"
    assert "2 truck-9.6 more at Tingri" in str(explain(more, "vehicle.C-0011.base"))


def test_vehicles_without_use_are_refused(ten: Network) -> None:
    with pytest.raises(EditError, match=r"road-001 runs with truck-6\.8, not with van"):
        add_vehicles(ten, 1, "van", duty="road-001")
    with pytest.raises(EditError, match=r"no round from .* uses a truck-9\.6"):
        add_vehicles(ten, 1, "truck-9.6", XIGAZE, "rounds")
    with pytest.raises(UnknownNameError, match="vehicle class 'belly'"):
        add_vehicles(ten, 1, "belly", XIGAZE)
    with pytest.raises(UnknownNameError, match="unknown route 'road-1'"):
        add_vehicles(ten, 1, "truck-6.8", duty="road-1")


# ------------------------------------------------------------------ centres


def test_centres_of_a_tier_get_lanes_and_sorters(small_network: Network) -> None:
    changed = equip_centres(small_network, tier="prefecture", more_lanes=1, sorters=5)
    before = {c.place: c for c in small_network.centres}
    after = {c.place: c for c in changed.centres}
    for place in (XIGAZE, "540602"):
        assert (after[place].lanes, after[place].sorters) == (3, 5)
        assert after[place].lane_rate_per_h == before[place].lane_rate_per_h
        assert after[place].shifts_s == before[place].shifts_s
    assert {p: c for p, c in after.items() if c.tier != "prefecture"} == {
        p: c for p, c in before.items() if c.tier != "prefecture"
    }
    assert told(changed, "centres") == ["prefecture centres: +1 lanes, 5 sorters"]
    assert "prefecture centres: +1 lanes" in str(explain(changed, f"centre.{XIGAZE}.lanes"))
    assert "prefecture centres" not in str(explain(changed, f"centre.{TINGRI}.lanes"))
    assert loads(dumps(changed)).centres == changed.centres


def test_a_centre_keeps_a_lane_and_a_sorter(small_network: Network) -> None:
    changed = equip_centres(small_network, centres=["Tingri"], more_lanes=-9, more_sorters=-9)
    tingri = next(c for c in changed.centres if c.place == TINGRI)
    assert (tingri.lanes, tingri.sorters) == (1, 1)
    faster = equip_centres(small_network, centres=[TINGRI], lane_rate_per_h=1800, sorter_rate_per_h=9000)
    tingri = next(c for c in faster.centres if c.place == TINGRI)
    assert (tingri.lanes, tingri.lane_rate_per_h, tingri.sorter_rate_per_h) == (2, 1800, 9000)
    with pytest.raises(EditError, match="these lanes and sorters already"):
        equip_centres(small_network, tier="county", lanes=2)
    with pytest.raises(EditError, match=f"no lanes work at {BRANCH}"):
        equip_centres(small_network, centres=[BRANCH], lanes=2)


# ------------------------------------------------------------------ peaks


def test_a_peak_is_kept_for_the_simulation_and_counts_in_the_year(small_network: Network) -> None:
    base = {row.name: row for row in reconcile(small_network)}["express_items"]
    whole_year = peak_demand(
        small_network, 1.5, dt.date(2021, 1, 1), dt.date(2021, 12, 31), ["express"], "originating"
    )
    row = {row.name: row for row in reconcile(whole_year)}["express_items"]
    assert row.built == pytest.approx(1.5 * base.built, abs=1)
    assert row.ok is None and "express items originating × 1.5 from 2021-01-01" in row.note
    twice = scale_demand(whole_year, 2.0)
    assert {r.name: r for r in reconcile(twice)}["express_items"].built == pytest.approx(
        3 * base.built, abs=2
    )
    assert loads(dumps(whole_year)).demand == whole_year.demand


def test_a_peak_of_other_items_leaves_the_published_ones_to_be_judged(small_network: Network) -> None:
    for changed in (
        peak_demand(small_network, 2.0, FROM, UNTIL, ["letter"]),
        peak_demand(small_network, 2.0, FROM, UNTIL, direction="inbound"),
    ):
        assert told(changed, "express_items") == []
        assert len(told(changed, "demand")) == 1
    with pytest.raises(UnknownNameError, match="item class 'expres'; did you mean 'express'"):
        peak_demand(small_network, 2.0, FROM, UNTIL, ["expres"])
    with pytest.raises(EditError, match="newspaper is a bundle a day for each place"):
        peak_demand(small_network, 2.0, FROM, UNTIL, ["newspaper"])


# ------------------------------------------------------------------ hours


def hours(network: Network) -> dict[str, tuple[tuple[int, int], ...]]:
    return {centre.place: centre.shifts_s for centre in network.centres}


def test_hours_of_a_tier_or_of_named_centres(small_network: Network) -> None:
    changed = set_hours(small_network, 8 * 3600, 20 * 3600, tier="prefecture")
    # two shifts with half an hour between them
    work = ((28_800, 49_500), (51_300, 72_000))
    assert {place for place, windows in hours(changed).items() if windows == work} == {XIGAZE, "540602"}
    assert hours(changed)[TINGRI] == hours(small_network)[TINGRI]
    named = set_hours(changed, 0, 86_400, centres=["Tingri", XIGAZE])
    assert hours(named)[TINGRI] == hours(named)[XIGAZE] == ()
    assert hours(named)["540602"] == work
    assert told(named, "hours") == [
        "prefecture centres work from 08:00 to 20:00",
        "540202, 540223 work from 00:00 to 24:00",
    ]
    assert hours(loads(dumps(named))) == hours(named)


def test_hours_that_cannot_be_are_told(small_network: Network) -> None:
    with pytest.raises(EditError, match="more than the pause of 30 min"):
        set_hours(small_network, 8 * 3600, 8 * 3600 + 1800, tier="county")
    with pytest.raises(EditError, match=f"no lanes work at {BRANCH}"):
        set_hours(small_network, 0, 3600, centres=[BRANCH])
    with pytest.raises(UnknownNameError, match="tier 'county-seat'; did you mean 'county'"):
        set_hours(small_network, 0, 3600, tier="county-seat")


def test_the_explanation_of_hours_names_the_scenario(small_network: Network) -> None:
    changed = set_hours(small_network, 8 * 3600, 20 * 3600, tier="county")
    chain = explain(changed, f"centre.{TINGRI}.shifts_s")
    assert "county centres work from 08:00 to 20:00" in str(chain)
