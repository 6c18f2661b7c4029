"""Stories worked by hand of trips that do not run as timetabled, on the three places of `test_stories`."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from test_stories import HOUR, at, both_ways, daily, departures, line, stages, tell
from tiny import MONDAY, Post, make_route

from network.inputs.assumptions import Assumptions
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S, Vehicle
from network.model.roads import Closure, Link, Roads
from network.numeric.streams import entity, uniform
from sim.chance.draws import Draws
from sim.demand.items import day_number

FLEET = {"fleet": True}


def operating(network: Network, operations: dict, values: dict | None = None, **more) -> Network:
    """Return the network with these operations, assumed values of any size, vehicles and roads."""
    a = network.assumptions
    entries = {n: a.entry(n) for n in a}
    for name, value in (values or {}).items():
        entries[name] = replace(a.entry(name), value=float(value))
    told = Assumptions(a.region, entries, {t: a.table(t) for t in a.tables})
    return replace(network, assumptions=told, operations=Operations(**operations), **more)


def with_links(network: Network, km: float) -> Network:
    """Return the network with one road link, ``A-B``, under the route AB, which is `km` long."""
    routes = tuple(
        replace(route, leg_links=(("A-B",),), leg_km=(km,)) if route.id == "AB" else route
        for route in network.routes
    )
    return replace(network, routes=routes)


def closed(detour_km: float | None = None) -> Roads:
    """Return the roads with the 60 km of ``A-B`` closed on the first day."""
    links = (Link("A-B", 60_000, detour_km, "plateau"),)
    return Roads(closures=(Closure(("A-B",), MONDAY, MONDAY),), links=links)


def test_a_vehicle_waits_where_no_other_road_leads() -> None:
    """The road is closed until midnight: the trip of 20:00 comes at 02:00, too late for BC."""
    network = operating(with_links(line(), 60), {}, roads=closed())
    ends, result = tell(network, Post("Mon 10:00", "parcel", "a1", "c1"))
    assert ends == [("delivered", "Wed 12:00")]
    assert stages(result)[4] == "9:00:00"  # 2 + 4 h on AB, 3 h on BC
    assert departures(network, result) == [("AB A", "Mon 20:00", 1, 0), ("BC B", "Wed 02:00", 1, 0)]


def test_a_vehicle_goes_round_when_that_is_shorter_than_an_announced_closure() -> None:
    """95 km instead of 60 at 35 km/h is an hour more, against four of waiting."""
    network = operating(with_links(line(), 60), {}, roads=closed(95))
    ends, result = tell(network, Post("Mon 10:00", "parcel", "a1", "c1"))
    assert ends == [("delivered", "Tue 12:00")]
    assert stages(result)[4] == "6:00:00"


def test_a_vehicle_waits_when_going_round_takes_longer() -> None:
    """200 km more take 5:42:52, against four hours of waiting."""
    network = operating(with_links(line(), 60), {}, roads=closed(260))
    ends, _ = tell(network, Post("Mon 10:00", "parcel", "a1", "c1"))
    assert ends == [("delivered", "Wed 12:00")]


def test_who_is_held_up_on_one_road_comes_later_to_the_next() -> None:
    """A - M is closed until midnight, M - B on Tuesday: half-way at 01:00, not at 21:00 on Monday."""
    network = with_links(line(), 60)
    routes = tuple(
        replace(route, leg_links=(("A-M", "M-B"),)) if route.id == "AB" else route for route in network.routes
    )
    tuesday = MONDAY + dt.timedelta(days=1)
    closures = Closure(("A-M",), MONDAY, MONDAY), Closure(("M-B",), tuesday, tuesday)
    network = operating(replace(network, routes=routes), {}, roads=Roads(closures=closures))
    ends, result = tell(network, Post("Mon 10:00", "parcel", "a1", "b1"))
    assert stages(result)[4] == "29:00:00"  # at B on Wed 01:00
    assert ends == [("delivered", "Wed 12:00")]


def test_a_late_vehicle_stays_at_a_stop_as_long_as_ever() -> None:
    """The road A - B is closed until midnight: at B at 02:00 instead of 22:00, and an hour there."""
    through = make_route("ABC", "road", [daily("ABC", "20:00", 2, 3, dwell_s=HOUR)], links=[["A-B"], []])
    network = operating(line({"AB": through, "BC": None}), {}, roads=closed())
    ends, result = tell(network, *(Post("Mon 10:00", "parcel", place, "c1") for place in ("a1", "b1")))
    assert departures(network, result) == [("ABC A", "Mon 20:00", 1, 0), ("ABC B", "Tue 03:00", 1, 0)]
    assert stages(result)[4] == "10:00:00"  # 2 + 4 h to B, an hour there, 3 h to C
    assert ends == [("delivered", "Tue 12:00")] * 2


def test_items_of_a_cancelled_flight_choose_again_each_day() -> None:
    network = operating(line(), {"weather": True}, {"flight_cancel_share": 1})
    gateways = {row["code"]: row for row in network.assumptions.table("outside")}
    code = next(c for c, row in gateways.items() if any(e["gateway"] == "GW_CHENGDU" for e in row["entries"]))
    ends, result = tell(network, Post("Mon 10:00", "parcel", "a1", code, flies=True), days=4)
    assert ends[0][0] == "under way"
    # in at A on Monday evening; no flight on Tuesday, nor on any day until the run ends
    assert result.items["cancelled"][0] == result.seconds_run // DAY_S - 1
    assert result.items["missed_dispatches"][0] == 0


def test_a_late_train_takes_everybody_along_later() -> None:
    """The second draw says how late; who is ready after the timetabled second waits for tomorrow's train."""
    rail = both_ways("AB", "A", "B", "20:00", "20:00", 2, mode="rail")
    network = operating(line({"AB": rail}), {"weather": True}, {"rail_late_share": 1, "rail_late_max_h": 6})
    moment = ((MONDAY - dt.date(2000, 1, 1)).days) * DAY_S + at("Mon 20:00")
    late = math.ceil(float(uniform(1, 0, "rail", entity("AB"), 0, moment, 1)) * 6 * 3600)
    _, result = tell(network, Post("Mon 10:00", "parcel", "a1", "b1"))
    assert result.items["wait_s"][0] == at("Mon 20:00") + late - at("Mon 18:30:02")
    assert result.trips["late_s"][0] == late > 0


def test_driving_longer_makes_the_trip_longer_by_as_much() -> None:
    """60 km at 35 km/h are 6,171 s at the wheel; the factor is exp(0.1 z)."""
    from scipy.stats import norm

    network = operating(with_links(line(), 60), {"running": True}, {"running_time_sd": 0.1})
    moment = ((MONDAY - dt.date(2000, 1, 1)).days) * DAY_S + at("Mon 20:00")
    z = float(norm.ppf(uniform(1, 0, "running", entity("AB"), 0, moment, 0)))
    _, result = tell(network, Post("Mon 10:00", "parcel", "a1", "b1"))
    assert result.items["ride_s"][0] == 7200 + round(6171 * (math.exp(0.1 * z) - 1)) != 7200


def test_who_drives_on_past_four_hours_rests_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """139 km at 35 km/h are 3:58:17 without a rest; ten minutes more make a rest of twenty due."""

    def longer(self: Draws, driving_s: np.ndarray, *keys: object) -> np.ndarray:
        return np.full_like(driving_s, 600)

    monkeypatch.setattr(Draws, "extra_driving_s", longer)
    _, result = tell(
        operating(with_links(line(), 139), {"running": True}), Post("Mon 10:00", "parcel", "a1", "b1")
    )
    assert stages(result)[4] == "2:30:00"


def fleet(*where: str, duty: str = "AB") -> dict:
    return {"vehicles": tuple(Vehicle(f"V{i}", "truck", base, duty) for i, base in enumerate(where))}


def only_ab() -> Network:
    """BC, the flight and the rounds travel in vehicles that are nobody's, so that only AB lacks any."""
    others = {
        "BC": both_ways("BC", "B", "C", "02:00", "19:30", 3, vehicle="van"),
        "air": both_ways("air", "A", "GW_CHENGDU", "11:00", "15:00", 2, mode="air", vehicle="van"),
    }
    network = line(others)
    classes = dict(network.vehicle_classes)
    classes["van"] = replace(classes["van"], counted=False, payload_kg=1e6, payload_m3=1e4)
    rounds = tuple(replace(round_, vehicle="van") for round_ in network.rounds)
    return replace(network, vehicle_classes=classes, rounds=rounds)


def test_two_vehicles_do_the_daily_trips_of_both_ends() -> None:
    network = operating(only_ab(), FLEET, **fleet("A", "A"))
    ends, _ = tell(network, Post("Mon 10:00", "parcel", "a1", "b1"), Post("Mon 10:00", "parcel", "b1", "a1"))
    assert ends == [("delivered", "Tue 12:00")] * 2


def test_a_trip_waits_for_the_only_vehicle() -> None:
    """Out 20:00 from A, at B 22:00, free at midnight: B's trip of 20:00 leaves four hours late."""
    network = operating(only_ab(), FLEET, {"turnround_h": 2, "vehicle_wait_h": 12}, **fleet("A"))
    ends, result = tell(
        network, Post("Mon 10:00", "parcel", "a1", "b1"), Post("Mon 10:00", "parcel", "b1", "a1")
    )
    assert ends == [("delivered", "Tue 12:00")] * 2
    assert departures(network, result) == [("AB A", "Mon 20:00", 1, 0), ("AB B", "Tue 00:00", 1, 0)]
    assert result.trips["late_s"].tolist()[:2] == [0, 4 * 3600]


def test_a_trip_gives_up_and_its_mail_takes_the_next_one() -> None:
    """Patience of three hours: B's Monday trip is cancelled at 23:00, Tuesday's has the vehicle."""
    network = operating(only_ab(), FLEET, {"turnround_h": 2, "vehicle_wait_h": 3}, **fleet("A"))
    ends, result = tell(network, Post("Mon 10:00", "parcel", "b1", "a1"))
    assert ends == [("delivered", "Wed 12:00")]
    assert result.items["cancelled"][0] == 1
    assert departures(network, result) == [("AB B", "Mon 23:00", 0, 1), ("AB B", "Tue 20:00", 1, 0)]


def test_a_breakdown_costs_six_hours_on_the_road_and_two_days_of_the_vehicle() -> None:
    """At B on Tue 04:00 instead of Mon 22:00; free there on Thu 06:00, 48 h and the turn-round later."""
    values = {"breakdown_share": 1, "roadside_h": 6, "repair_h": 48, "turnround_h": 2, "vehicle_wait_h": 48}
    network = operating(only_ab(), {"fleet": True, "breakdowns": True}, values, **fleet("A"))
    ends, result = tell(
        network, Post("Mon 10:00", "parcel", "a1", "b1"), Post("Tue 10:00", "parcel", "b1", "a1")
    )
    assert stages(result, 0)[4] == "8:00:00"
    # B's trip of Monday gave up after 48 h; Tuesday's, asked for on Tue 20:00, has the vehicle on Thu 06:00
    assert [row for row in departures(network, result) if row[0] == "AB B"] == [("AB B", "Thu 06:00", 1, 0)]
    # it breaks down as well: at A by 14:00, with the round of Friday morning
    assert ends[1] == ("delivered", "Fri 12:00")


def convoys() -> Network:
    """Return the network of `only_ab` with two vehicles a trip, which start from A."""
    network = only_ab()
    routes = tuple(
        replace(route, vehicles_per_trip=2) if route.id == "AB" else route for route in network.routes
    )
    values = {"breakdown_share": 1, "roadside_h": 6, "repair_h": 48, "turnround_h": 2, "vehicle_wait_h": 48}
    operations = {"fleet": True, "breakdowns": True}
    return operating(replace(network, routes=routes), operations, values, **fleet("A", "A"))


def test_a_convoy_waits_once_for_help_however_many_of_it_break_down() -> None:
    """Both vehicles of Monday's trip break down: 2 h of driving and 6 h by the roadside."""
    _, result = tell(convoys(), Post("Mon 10:00", "parcel", "a1", "b1"))
    assert stages(result)[4] == "8:00:00"


def test_the_vehicle_of_a_convoy_that_did_not_break_down_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """V0 breaks down on Monday: at B on Tue 04:00 with V1, which leaves alone after its turn-round."""
    monday = day_number(MONDAY)

    def breaks(self: Draws, share: float, vehicle: np.ndarray, date: np.ndarray) -> np.ndarray:
        return (vehicle == np.uint64(entity("V0"))) & (date == monday)

    monkeypatch.setattr(Draws, "breaks_down", breaks)
    network = convoys()
    _, result = tell(network, Post("Mon 10:00", "parcel", "b1", "a1"))
    assert departures(network, result) == [("AB B", "Tue 06:00", 1, 0)]


def test_help_comes_once_on_a_trip_of_several_legs() -> None:
    """2 + 6 h to B, an hour there, 3 h to C."""
    network = only_ab()
    through = make_route("AB", "road", [daily("ABC", "20:00", 2, 3, dwell_s=HOUR)])
    routes = tuple(through if route.id == "AB" else route for route in network.routes if route.id != "BC")
    values = {"breakdown_share": 1, "roadside_h": 6}
    operations = {"fleet": True, "breakdowns": True}
    network = operating(replace(network, routes=routes), operations, values, **fleet("A"))
    _, result = tell(network, Post("Mon 10:00", "parcel", "a1", "c1"))
    assert stages(result)[4] == "12:00:00"


SEVEN_KG = (
    Post("Mon 10:00", "parcel", "a1", "c1", 2000),
    Post("Mon 10:00", "parcel", "a1", "c1", 2000),
    Post("Mon 11:00", "letter", "a1", "c1", 3000),
)


def doubled(values: dict, *where: str) -> Network:
    network = only_ab()
    classes = {**network.vehicle_classes, "truck": replace(network.vehicle_classes["truck"], payload_kg=4.0)}
    operations = {"fleet": True, "extra_trips": True}
    return operating(replace(network, vehicle_classes=classes), operations, values, **fleet(*where))


def test_an_extra_trip_takes_what_was_left_behind() -> None:
    """3 of 7 kg stay behind, more than half a load of 4: two hours later a third vehicle takes them."""
    network = doubled({"extra_trip_after_h": 2}, "A", "A", "A")
    ends, result = tell(network, *SEVEN_KG)
    assert ends == [("delivered", "Tue 12:00")] * 3  # at B by midnight, in time for BC at 02:00
    assert departures(network, result)[:2] == [("AB A", "Mon 20:00", 2, 1), ("AB A", "Mon 22:00", 1, 0)]
    assert result.trips["fate"].tolist()[:2] == [0, 1]
    assert result.items["missed_dispatches"].tolist() == [0, 0, 1]


def test_there_is_no_extra_trip_without_a_free_vehicle_or_for_little() -> None:
    ends, _ = tell(doubled({"extra_trip_after_h": 2}, "A", "A"), *SEVEN_KG)
    assert ends[2] == ("delivered", "Wed 12:00")
    ends, _ = tell(doubled({"extra_trip_after_h": 2, "extra_trip_backlog": 0.8}, "A", "A", "A"), *SEVEN_KG)
    assert ends[2] == ("delivered", "Wed 12:00")


def again(posts: Sequence[Post], day: str) -> tuple[Post, ...]:
    """Return the same posts on another day."""
    return tuple(replace(post, when=f"{day} {post.when.split()[1]}") for post in posts)


@pytest.mark.parametrize(("turnround_h", "end"), [(17, "Wed 12:00"), (19, "Thu 12:00")])
def test_the_vehicles_of_an_extra_trip_need_their_way_home(turnround_h: float, end: str) -> None:
    """The extra trip of Mon 22:00 is at B at midnight and at A again at 02:00, free 17 h later at 19:00 or
    19 h later at 21:00, which is too late to double Tuesday's trip.
    """
    network = doubled({"extra_trip_after_h": 2, "turnround_h": turnround_h}, "A", "A", "A")
    ends, _ = tell(network, *SEVEN_KG, *again(SEVEN_KG, "Tue"))
    assert [end for _, end in ends] == ["Tue 12:00"] * 3 + ["Wed 12:00"] * 2 + [end]


def test_drivers_have_time_for_so_many_extra_trips_a_week() -> None:
    """84 km at 35 km/h are 2.4 h: one driver of 40 h a week has 6.4 to spare; there and back takes 4.8."""
    values = {"extra_trip_after_h": 2, "driver_days_per_week": 5, "driver_day_h": 8}
    network = with_links(doubled(values, "A", "A", "A", "A"), 84)
    posts = [again(SEVEN_KG, day) for day in ("Mon", "Tue", "Thu", "Mon+1")]
    ends, _ = tell(network, *(post for some in posts for post in some), days=10)
    assert [end for _, end in ends[2::3]] == ["Tue 12:00", "Thu 12:00", "Sat 12:00", "Tue+1 12:00"]
