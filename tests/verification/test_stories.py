"""Stories worked by hand: where an item is at every moment, on three places in a line.

::

    a1 – A ======== B ======== C – c1, c2       A ~~~~~~~~ GW_CHENGDU
         20:00 22:00  02:00 05:00                 11:00 13:00
         22:00 20:00  22:30 19:30                 17:00 15:00

Every trip runs daily. Unloading takes an hour, intake of what rounds bring in
half an hour, the one lane and the one sorter a second each. Rounds leave at
09:00, visit at 12:00, collect what was accepted by 12:00, and are back, their
intake, at 18:00.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from compare import disagreements
from tiny import (
    DAYS,
    MONDAY,
    Post,
    Scripted,
    at,
    make_centre,
    make_class,
    make_network,
    make_places,
    make_round,
    make_route,
    make_service,
    say,
)

from network.model.network import Network
from network.model.records import MailRoute, Outlet
from sim.run import RunPlan, RunResult, simulate
from sim.state.pool import STAGES

HOUR = 3600
OUTCOMES = ("delivered", "handed over", "refused", "under way", "returned")
CLASSES = (
    make_class("secret", 0),
    make_class("parcel", 2, "report"),
    make_class("letter", 4),
)
BRAND = {"EMS": 0, "SF": 1, "ZTO": 2}
SEATS = {"A": ["a1"], "B": ["b1"], "C": ["c1", "c2"]}


def daily(stops: Sequence[str], clock: str, *legs_h: float, dwell_s: int = 0):
    starts = [at(f"{day} {clock}") for day in DAYS]
    return make_service(stops, [round(h * HOUR) for h in legs_h], starts, dwell_s)


def both_ways(name: str, a: str, b: str, out: str, back: str, hours: float, **more) -> MailRoute:
    return make_route(
        name, more.pop("mode", "road"), [daily([a, b], out, hours), daily([b, a], back, hours)], **more
    )


def line(
    routes: Mapping[str, MailRoute | None] | None = None,
    rounds: Mapping[str, Mapping[str, object]] | None = None,
    outlets: Sequence[Outlet] = (),
    values: Mapping[str, float] | None = None,
) -> Network:
    """Return the network above; `routes` replaces, adds or (None) takes out, `rounds` changes by seat."""
    usual: dict[str, MailRoute | None] = {
        "AB": both_ways("AB", "A", "B", "20:00", "20:00", 2),
        "BC": both_ways("BC", "B", "C", "02:00", "19:30", 3),
        "air": both_ways("air", "A", "GW_CHENGDU", "11:00", "15:00", 2, mode="air"),
    }
    usual.update(routes or {})
    all_rounds = [
        make_round(f"round-{seat}", seat, names, **(rounds or {}).get(seat, {}))
        for seat, names in SEATS.items()
    ]  # type: ignore[arg-type]
    return make_network(
        make_places(SEATS, ["GW_CHENGDU"]),
        [route for route in usual.values() if route is not None],
        [make_centre(place) for place in ("A", "B", "C", "GW_CHENGDU")],
        all_rounds,
        outlets=outlets,
        values=values,
        rechecks=False,
    )


def tell(
    network: Network, *posts: Post, days: int = 7, start: dt.date = MONDAY
) -> tuple[list[tuple[str, str]], RunResult]:
    """Return how and when each posted item ended, and the whole result; both models tell the same."""
    demand = Scripted(network.places, CLASSES, posts, start)
    plan = RunPlan(start, warmup_days=0, measured_days=days)
    result = simulate(network, plan, demand=demand)  # type: ignore[arg-type]
    assert disagreements(network, demand, result) == []  # type: ignore[arg-type]
    row = {key: i for i, key in enumerate(result.items["key"].tolist())}
    rows = [row[key] for key in demand.keys]
    ends = [(OUTCOMES[result.items["outcome"][i]], say(result.items["ended_s"][i])) for i in rows]
    for name, column in result.items.items():
        result.items[name] = column[rows]
    return ends, result


def stages(result: RunResult, item: int = 0) -> list[str]:
    """Return the six stages of an item as h:mm:ss."""
    seconds = [int(result.items[name][item]) for name in STAGES]
    return [f"{s // HOUR}:{s // 60 % 60:02}:{s % 60:02}" for s in seconds]


def departures(network: Network, result: RunResult) -> list[tuple[str, str, int, int]]:
    """Return (route and stop, time, boarded, left behind) of every departure that did something."""
    t = result.trips
    found = []
    for i in range(len(t["route"])):
        route = network.routes[t["route"][i]]
        stop = route.services[t["direction"][i]].stops[t["stop"][i]]
        if t["boarded"][i] or t["missed_dispatches"][i]:
            row = (
                f"{route.id} {stop}",
                say(t["departs_s"][i]),
                int(t["boarded"][i]),
                int(t["missed_dispatches"][i]),
            )
            found.append(row)
    return found


def test_an_item_from_door_to_door() -> None:
    """Accepted Mon 10:00, in at A 18:00, ready 18:30:02, out 20:00, at B 22:00, ready 23:00:02,
    out Tue 02:00, at C 05:00, ready 06:00:02, out with the round 09:00, at the door 12:00: 26 hours.
    """
    network = line()
    ends, result = tell(network, Post("Mon 10:00", "parcel", "a1", "c1"))
    assert ends == [("delivered", "Tue 12:00")]
    # upstream, collect, handle (0:30:02 + 1:00:02 + 1:00:02), wait (1:29:58 + 2:59:58), ride (2 + 3), deliver
    assert stages(result) == ["0:00:00", "8:00:00", "2:30:06", "4:29:56", "5:00:00", "5:59:58"]
    assert departures(network, result) == [("AB A", "Mon 20:00", 1, 0), ("BC B", "Tue 02:00", 1, 0)]
    assert (result.items["hops"][0], result.items["missed_dispatches"][0]) == (2, 0)


def test_a_centre_that_is_closed_at_night_costs_a_day() -> None:
    """All work from 06:00 to 22:00. At B at 22:00 and unloaded at 23:00, ready 06:00:02, four hours after the
    trip: on that of Wed 02:00, at C 05:00, ready 06:00:02 as ever.
    """
    network = line()
    work = ((6 * HOUR, 22 * HOUR),)
    centres = tuple(replace(c, shifts_s=work if c.lanes else ()) for c in network.centres)
    ends, result = tell(replace(network, centres=centres), Post("Mon 10:00", "parcel", "a1", "c1"))
    assert ends == [("delivered", "Wed 12:00")]
    # handle 0:30:02 + 8:00:02 + 1:00:02, wait 1:29:58 + 19:59:58
    assert stages(result) == ["0:00:00", "8:00:00", "9:30:06", "21:29:56", "5:00:00", "5:59:58"]


def test_what_is_accepted_at_the_cut_off_goes_today_and_a_second_later_tomorrow() -> None:
    ends, result = tell(
        line(), Post("Mon 12:00:00", "parcel", "a1", "c1"), Post("Mon 12:00:01", "parcel", "a1", "c1")
    )
    assert ends == [("delivered", "Tue 12:00"), ("delivered", "Wed 12:00")]
    assert [stages(result, i)[1] for i in (0, 1)] == ["6:00:00", "29:59:59"]


def test_an_item_for_the_same_seat_takes_no_trip() -> None:
    """In at A at 18:00, ready 18:30:02, next morning's round."""
    ends, result = tell(line(), Post("Mon 10:00", "letter", "a1", "a1"))
    assert ends == [("delivered", "Tue 12:00")]
    assert stages(result) == ["0:00:00", "8:00:00", "0:30:02", "0:00:00", "0:00:00", "17:29:58"]


def test_ready_at_the_second_of_departure_boards_and_a_second_later_does_not() -> None:
    """In at 19:29:58, at the lane 19:59:58; the first is ready at 20:00:00, the second at 20:00:01."""
    network = line(rounds={"A": {"intake_s": at("Mon 19:29:58")}})
    ends, result = tell(
        network, Post("Mon 10:00", "parcel", "a1", "c1"), Post("Mon 10:00", "parcel", "a1", "c1")
    )
    assert ends == [("delivered", "Tue 12:00"), ("delivered", "Wed 12:00")]
    assert departures(network, result) == [
        ("AB A", "Mon 20:00", 1, 0),
        ("BC B", "Tue 02:00", 1, 0),
        ("AB A", "Tue 20:00", 1, 0),
        ("BC B", "Wed 02:00", 1, 0),
    ]


def test_ready_for_the_round_at_the_second_it_leaves() -> None:
    """The second round leaves when the second of three items is ready: at C 06:00:02, :03, :04."""
    network = line(rounds={"C": {"depart_s": at("Mon 06:00:03")}})
    ends, _ = tell(network, *(Post("Mon 10:00", "parcel", "a1", "c1") for _ in range(3)))
    assert ends == [("delivered", "Tue 12:00"), ("delivered", "Tue 12:00"), ("delivered", "Wed 12:00")]


def test_a_full_trip_takes_confidential_mail_first_and_leaves_the_lower_class() -> None:
    """4 kg on the trip: a letter of 3 kg was posted first, a parcel of 2 kg next, a secret of 2 kg last."""
    network = line({"AB": both_ways("AB", "A", "B", "20:00", "20:00", 2, vehicle="cart")})
    ends, result = tell(
        network,
        Post("Mon 09:00", "letter", "a1", "c1", 3000),
        Post("Mon 10:00", "parcel", "a1", "c1", 2000),
        Post("Mon 11:00", "secret", "a1", "c1", 2000),
    )
    assert ends == [("delivered", "Wed 12:00"), ("delivered", "Tue 12:00"), ("delivered", "Tue 12:00")]
    assert departures(network, result) == [
        ("AB A", "Mon 20:00", 2, 1),
        ("BC B", "Tue 02:00", 2, 0),
        ("AB A", "Tue 20:00", 1, 0),
        ("BC B", "Wed 02:00", 1, 0),
    ]
    assert result.items["missed_dispatches"].tolist() == [1, 0, 0]
    assert result.bottlenecks[0] == {
        "kind": "leg",
        "name": "AB A – B",
        "what": "missed dispatches",
        "item_h": 24.0,
        "items": 1,
    }


def test_confidential_mail_of_a_later_day_goes_before_what_has_waited() -> None:
    """On Monday a letter of 3 kg is left behind one of 2 kg; on Tuesday a secret of 2 kg goes before it."""
    network = line({"AB": both_ways("AB", "A", "B", "20:00", "20:00", 2, vehicle="cart")})
    ends, _ = tell(
        network,
        Post("Mon 09:00", "letter", "a1", "b1", 2000),
        Post("Mon 09:00", "letter", "a1", "b1", 3000),
        Post("Tue 09:00", "letter", "a1", "b1", 1000),
        Post("Tue 10:00", "secret", "a1", "b1", 2000),
    )
    # Tue 20:00: secret 2; letter 3 does not fit and holds back the letter of 1. Wed 20:00: letters 3 + 1.
    assert [end for _, end in ends] == ["Tue 12:00", "Thu 12:00", "Thu 12:00", "Wed 12:00"]


def test_of_one_class_who_is_ready_first_boards_first() -> None:
    """4 kg from B at 02:00: what was posted there is ready at 18:30:02, what comes from A at 23:00:02."""
    network = line({"BC": both_ways("BC", "B", "C", "02:00", "19:30", 3, vehicle="cart")})
    ends, _ = tell(
        network, Post("Mon 09:00", "parcel", "a1", "c1", 3000), Post("Mon 10:00", "parcel", "b1", "c1", 3000)
    )
    assert [end for _, end in ends] == ["Wed 12:00", "Tue 12:00"]


def test_nothing_jumps_the_queue_even_if_it_would_fit() -> None:
    """3 kg board; 2 kg do not fit into the fourth kilogram; 1 kg would, but stands behind."""
    network = line({"AB": both_ways("AB", "A", "B", "20:00", "20:00", 2, vehicle="cart")})
    ends, result = tell(
        network, *(Post("Mon 10:00", "parcel", "a1", "b1", grams) for grams in (3000, 2000, 1000))
    )
    assert [end for _, end in ends] == ["Tue 12:00", "Wed 12:00", "Wed 12:00"]
    assert departures(network, result) == [("AB A", "Mon 20:00", 1, 2), ("AB A", "Tue 20:00", 2, 0)]


def test_cubic_metres_close_a_trip_as_kilograms_do() -> None:
    """30 litres on the trip: 20 board, 10 more just fit, the fourth item of 1 cm³ stays."""
    network = line({"AB": both_ways("AB", "A", "B", "20:00", "20:00", 2, vehicle="cart")})
    ends, _ = tell(network, *(Post("Mon 10:00", "parcel", "a1", "b1", 1, cm3) for cm3 in (20_000, 10_000, 1)))
    assert [end for _, end in ends] == ["Tue 12:00", "Tue 12:00", "Wed 12:00"]


def test_what_is_left_behind_chooses_again() -> None:
    """A slower trip leaves A at 21:00 and is at B at midnight: ready 01:00:02, in time for 02:00."""
    cart = both_ways("AB", "A", "B", "20:00", "20:00", 2, vehicle="cart")
    network = line({"AB": cart, "AB2": both_ways("AB2", "A", "B", "21:00", "21:00", 3)})
    ends, result = tell(network, *(Post("Mon 10:00", "parcel", "a1", "c1", 3000) for _ in range(2)))
    assert [end for _, end in ends] == ["Tue 12:00", "Tue 12:00"]
    assert departures(network, result) == [
        ("AB A", "Mon 20:00", 1, 1),
        ("AB2 A", "Mon 21:00", 1, 0),
        ("BC B", "Tue 02:00", 2, 0),
    ]
    assert result.items["missed_dispatches"].tolist() == [0, 1]


def test_room_is_free_again_where_items_alight() -> None:
    """One trip A – B – C of 4 kg: 3 kg for B alight there, so that 3 kg from B board."""
    through = make_route("ABC", "road", [daily("ABC", "20:00", 2, 3, dwell_s=HOUR)], "cart")
    network = line({"AB": through, "BC": None})
    ends, result = tell(
        network, Post("Mon 10:00", "parcel", "a1", "b1", 3000), Post("Mon 10:00", "parcel", "b1", "c1", 3000)
    )
    assert departures(network, result) == [("ABC A", "Mon 20:00", 1, 0), ("ABC B", "Mon 23:00", 1, 0)]
    assert [end for _, end in ends] == ["Tue 12:00", "Tue 12:00"]


def test_what_rides_through_keeps_its_room_and_rides_while_the_trip_stands() -> None:
    """A – C: 2 h, an hour at B, 3 h make a ride of 6 h; 3 kg from B find 1 kg of room."""
    through = make_route("ABC", "road", [daily("ABC", "20:00", 2, 3, dwell_s=HOUR)], "cart")
    network = line({"AB": through, "BC": None})
    ends, result = tell(
        network, Post("Mon 10:00", "parcel", "a1", "c1", 3000), Post("Mon 10:00", "parcel", "b1", "c1", 3000)
    )
    assert departures(network, result) == [
        ("ABC A", "Mon 20:00", 1, 0),
        ("ABC B", "Mon 23:00", 0, 1),
        ("ABC B", "Tue 23:00", 1, 0),
    ]
    assert stages(result)[4] == "6:00:00"
    assert [end for _, end in ends] == ["Tue 12:00", "Wed 12:00"]


def test_a_full_round_leaves_the_rest_for_its_next_day() -> None:
    """4 kg on C's round, which runs on Tuesdays and Fridays: 3 kg go, 2 do not fit, 1 stands behind."""
    network = line(rounds={"C": {"vehicle": "cart", "weekdays": (1, 4)}})
    ends, result = tell(
        network, *(Post("Mon 10:00", "parcel", "a1", "c1", grams) for grams in (3000, 2000, 1000))
    )
    assert [end for _, end in ends] == ["Tue 12:00", "Fri 12:00", "Fri 12:00"]
    worst = {
        "kind": "round",
        "name": "round-C",
        "what": "missed dispatches",
        "item_h": 144.0,
        "items": 2,
    }  # two for three days
    assert result.bottlenecks[0] == worst


def test_confidential_mail_of_a_later_day_goes_first_on_a_full_round() -> None:
    """4 kg on C's round: on Wednesday a secret goes before the letter that was left behind on Tuesday."""
    network = line(rounds={"C": {"vehicle": "cart"}})
    ends, _ = tell(
        network,
        Post("Mon 09:00", "letter", "a1", "c1", 3000),
        Post("Mon 10:00", "letter", "a1", "c1", 3000),
        Post("Tue 10:00", "secret", "a1", "c1", 3000),
    )
    assert [end for _, end in ends] == ["Tue 12:00", "Thu 12:00", "Wed 12:00"]


def test_each_place_of_a_round_has_its_own_hour() -> None:
    """The round reaches c1 at 11:00 and c2 the next morning, where it collects until then."""
    times = (at("Mon 11:00"), at("Tue 09:30"))
    network = line(
        rounds={"C": {"visit_s": times, "cut_s": times, "intake_s": at("Tue 17:00"), "weekdays": (1, 4)}}
    )
    ends, result = tell(
        network,
        Post("Mon 10:00", "parcel", "a1", "c1"),
        Post("Mon 10:00", "parcel", "a1", "c2"),
        Post("Wed 09:00", "parcel", "c2", "b1"),
        Post("Wed 10:00", "parcel", "c2", "b1"),
    )
    # C – B leaves at 19:30 and is at B at 22:30: ready 23:30:02. The round of Friday is back on Saturday.
    assert [end for _, end in ends] == ["Tue 11:00", "Wed 09:30", "Thu 12:00", "Sun 12:00"]
    assert [stages(result, i)[1] for i in (2, 3)] == ["8:00:00", "79:00:00"]


@pytest.mark.parametrize(("on_holidays", "end"), [(True, "Fri 12:00"), (False, "Mon+1 12:00")])
def test_rural_rounds_rest_on_a_statutory_holiday(on_holidays: bool, end: str) -> None:
    """Friday, 1 October 2021, is National Day, and so are Saturday and Sunday."""
    network = line(rounds={"C": {"runs_on_holidays": on_holidays}})
    ends, _ = tell(network, Post("Thu 10:00", "parcel", "a1", "c1"), start=dt.date(2021, 9, 27))
    assert ends == [("delivered", end)]


def test_a_brand_without_an_outlet_hands_over_to_the_post() -> None:
    """Ready at C at 06:00:02: the post and the brand that is there go at 09:00, the other 12 hours later."""
    network = line(outlets=[Outlet("E-1", "C", "express", "SF")], values={"handover_h": 12})
    posts = [Post("Mon 10:00", "parcel", "a1", "c1", brand=BRAND[name]) for name in ("EMS", "SF", "ZTO")]
    ends, result = tell(network, *posts)
    assert [end for _, end in ends] == ["Tue 12:00", "Tue 12:00", "Wed 12:00"]
    assert [stages(result, i)[5] for i in range(3)] == ["5:59:58", "5:59:57", "29:59:56"]


def test_an_outbound_item_ends_when_its_gateway_gets_it() -> None:
    """Ready at A at 18:30:02, on the flight of Tue 11:00, handed over at 13:00."""
    ends, result = tell(line(), Post("Mon 10:00", "parcel", "a1", "southwest", flies=True))
    assert ends == [("handed over", "Tue 13:00")]
    assert stages(result) == ["0:00:00", "8:00:00", "0:30:02", "16:29:58", "2:00:00", "0:00:00"]


def test_an_inbound_item_begins_with_its_hours_outside() -> None:
    """17 h from Southwest to the gateway, too late for 15:00; Tue 15:00, A 17:00, ready 18:00:02."""
    ends, result = tell(line(), Post("Mon 00:00", "parcel", "southwest", "a1", flies=True))
    assert ends == [("delivered", "Wed 12:00")]
    assert stages(result) == ["17:00:00", "0:00:00", "1:00:02", "22:00:00", "2:00:00", "17:59:58"]


def test_an_item_without_a_way_is_refused_when_accepted() -> None:
    """Only the flight leads outside, and this item must not fly."""
    ends, result = tell(
        line(), Post("Mon 10:00", "parcel", "a1", "southwest"), Post("Tue 10:00", "parcel", "a1", "b1")
    )
    assert ends == [("refused", "Mon 10:00"), ("delivered", "Wed 12:00")]
    assert stages(result) == ["0:00:00"] * 6
    assert (result.ledger.refused, result.ledger.delivered) == (1, 1)


def test_mail_at_home_needs_no_trip_to_leave() -> None:
    """No trip leaves C, yet what is posted there for there is delivered; for elsewhere it is refused."""
    one_way = make_route("BC", "road", [daily("BC", "02:00", 3)])
    ends, _ = tell(
        line({"BC": one_way}),
        Post("Mon 10:00", "letter", "c1", "c2"),
        Post("Mon 10:00", "letter", "c1", "a1"),
    )
    assert ends == [("delivered", "Tue 12:00"), ("refused", "Mon 10:00")]


def test_a_trip_of_last_week_calls_on_monday_morning() -> None:
    """It left A on Sunday at 22:00 and leaves B on Monday at 06:00: the run's first Monday as well."""
    weekly = make_service("ABC", [8 * HOUR, 3 * HOUR], [at("Sun 22:00")])
    network = line(
        {"AB": make_route("ABC", "road", [weekly]), "BC": None},
        rounds={"B": {"cut_s": 2 * HOUR, "intake_s": 3 * HOUR}},
    )
    ends, result = tell(network, Post("Mon 01:00", "parcel", "b1", "c1"))
    assert departures(network, result) == [("ABC B", "Mon 06:00", 1, 0)]
    assert ends == [("delivered", "Tue 12:00")]


def test_what_has_not_arrived_at_the_end_is_under_way() -> None:
    """5 kg never fit on a trip of 4: left behind on 29 evenings, the window's and those of 28 more days."""
    network = line({"AB": both_ways("AB", "A", "B", "20:00", "20:00", 2, vehicle="cart")})
    ends, result = tell(network, Post("Mon 10:00", "parcel", "a1", "b1", 5000), days=1)
    assert ends == [("under way", say(-1))]
    assert result.seconds_run == 29 * 86_400
    assert (result.ledger.waiting, result.ledger.in_transit) == (1, 1)
    assert result.items["missed_dispatches"][0] == 29
