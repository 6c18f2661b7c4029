"""Stories worked by hand: failed attempts, ways back to the sender, rounds without a vehicle.

The places and hours are those of `test_stories`: every place gets a round a
day that leaves at 09:00, knocks at 12:00 and is back at 18:00.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from test_stories import both_ways, daily, line, stages, tell
from tiny import (
    MONDAY,
    VEHICLES,
    Post,
    at,
    make_centre,
    make_network,
    make_places,
    make_round,
    make_route,
    say,
)

from network.model.network import Network
from network.model.operations import Operations
from network.model.records import Vehicle, VehicleClass
from network.numeric.streams import entity
from sim.chance.draws import Draws
from sim.demand.items import day_number
from sim.engine.round_days import RoundDays
from sim.result import RunResult
from sim.state.custody import custody_log
from sim.state.ledger import IN_TRANSIT


def failing(monkeypatch: pytest.MonkeyPatch, attempts: int) -> None:
    """Let the first so many attempts of every item fail that can."""

    def fails(self: Draws, share: float, key: np.ndarray, number: np.ndarray) -> np.ndarray:
        return np.broadcast_to(number <= attempts, key.shape)

    monkeypatch.setattr(Draws, "attempt_fails", fails)


def trying(
    values: Mapping[str, float] | None = None, stations: tuple[str, ...] = (), **more: object
) -> Network:
    """Return the line of three places where attempts can fail."""
    network = line(values=values, **more)  # type: ignore[arg-type]
    return replace(network, operations=Operations(attempts=True), stations=stations)


def fate(result: RunResult, item: int = 0) -> tuple[str, str, int]:
    """Return the first attempt, the end, and the attempts made."""
    items = result.items
    return say(items["ended_s"][item]), say(items["final_s"][item]), int(items["attempts"][item])


# ------------------------------------------------------------------ attempts


def test_a_second_attempt_is_made_by_the_next_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody at home on Tuesday; back at 18:00, not before 20:00, out again on Wednesday."""
    failing(monkeypatch, 1)
    ends, result = tell(trying(), Post("Mon 10:00", "parcel", "a1", "c1"))
    assert ends == [("delivered", "Tue 12:00")]  # transit time ends with the first attempt
    assert fate(result) == ("Tue 12:00", "Wed 12:00", 2)
    assert stages(result) == ["0:00:00", "8:00:00", "2:30:06", "4:29:56", "5:00:00", "5:59:58"]


@pytest.mark.parametrize(("gap_h", "end"), [(8, "Wed 12:00"), (21, "Wed 12:00"), (21.25, "Thu 12:00")])
def test_attempts_lie_so_far_apart(monkeypatch: pytest.MonkeyPatch, gap_h: float, end: str) -> None:
    """21 hours after Tue 12:00 it is Wed 09:00, just in time for the round."""
    failing(monkeypatch, 1)
    _, result = tell(trying({"attempt_gap_h": gap_h}), Post("Mon 10:00", "parcel", "a1", "c1"))
    assert fate(result) == ("Tue 12:00", end, 2)


def test_a_round_that_is_back_after_the_next_has_left_misses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back on Wednesday at 10:00, an hour after Wednesday's round."""
    failing(monkeypatch, 1)
    network = trying(rounds={"C": {"intake_s": at("Tue 10:00")}})
    _, result = tell(network, Post("Mon 10:00", "parcel", "a1", "c1"))
    assert fate(result) == ("Tue 12:00", "Thu 12:00", 2)


def test_a_village_station_takes_what_nobody_opens_for(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 9)
    _, result = tell(trying(stations=("c1",)), Post("Mon 10:00", "parcel", "a1", "c1"))
    assert fate(result) == ("Tue 12:00", "Tue 12:00", 1)


def test_without_the_switch_no_attempt_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 9)
    _, result = tell(line(), Post("Mon 10:00", "parcel", "a1", "c1"))
    assert fate(result) == ("Tue 12:00", "Tue 12:00", 1)


def test_what_is_tried_again_takes_room_on_its_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """4 kg a round: on Wednesday the parcel of 3 kg, ready since Tuesday, goes before that of Wednesday."""
    failing(monkeypatch, 1)
    network = trying(rounds={"C": {"vehicle": "cart"}})
    _, result = tell(
        network, Post("Mon 10:00", "parcel", "a1", "c1", 3000), Post("Tue 10:00", "parcel", "a1", "c1", 3000)
    )
    assert fate(result, 0) == ("Tue 12:00", "Wed 12:00", 2)
    assert fate(result, 1) == ("Thu 12:00", "Fri 12:00", 2)
    assert result.items["missed_dispatches"].tolist() == [0, 1]


# ------------------------------------------------------------------ ways back


def test_after_the_last_attempt_it_goes_back_to_the_senders_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried on Tuesday and Wednesday; at C on Wed 18:00 as if collected, ready 18:30:02, out 19:30, at B
    22:30, ready 23:30:02, out Thu 20:00, at A 22:00, ready 23:00:02. Its stages are those of the way out.
    """
    failing(monkeypatch, 9)
    ends, result = tell(trying(), Post("Mon 10:00", "parcel", "a1", "c1"))
    assert ends == [("returned", "Tue 12:00")]
    assert fate(result) == ("Tue 12:00", "Thu 23:00:02", 2)
    assert stages(result) == ["0:00:00", "8:00:00", "2:30:06", "4:29:56", "5:00:00", "5:59:58"]
    assert result.items["hops"][0] == 2
    assert (result.ledger.returned, result.ledger.delivered, result.ledger.in_transit) == (1, 0, 0)


def test_with_one_attempt_it_turns_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 9)
    _, result = tell(trying({"attempt_limit": 1}), Post("Mon 10:00", "parcel", "a1", "c1"))
    assert fate(result) == ("Tue 12:00", "Wed 23:00:02", 1)


def test_a_sender_outside_gets_it_back_at_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """It flies in on Tuesday, is tried on Wednesday and Thursday, sorted at A on Fri 23:00:02, and flies
    out on Saturday, 11:00 to 13:00.
    """
    failing(monkeypatch, 9)
    _, result = tell(trying(), Post("Mon 10:00", "parcel", "southwest", "c1", flies=True))
    assert fate(result) == ("Wed 12:00", "Sat 13:00", 2)


def test_a_sender_in_the_same_town_gets_it_back_when_it_is_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 9)
    _, result = tell(trying(), Post("Mon 10:00", "parcel", "a1", "a1"))
    assert fate(result) == ("Tue 12:00", "Wed 18:30:02", 2)


def test_where_no_trip_leads_back_it_is_returned_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """C gets trips and sends none."""
    failing(monkeypatch, 9)
    one_way = make_route("BC", "road", [daily("BC", "02:00", 3)])
    _, result = tell(trying(routes={"BC": one_way}), Post("Mon 10:00", "parcel", "a1", "c1"))
    assert fate(result) == ("Tue 12:00", "Wed 18:00", 2)


def test_the_ledger_has_it_on_the_round_until_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The round of Tuesday is back on Wed 01:00, that of Wednesday, with the parcel tried on both, on Thu
    01:00; from there it leaves for B on Thu 19:30.
    """
    failing(monkeypatch, 9)
    network = trying(rounds={"C": {"intake_s": at("Tue 01:00")}})
    _, result = tell(network, Post("Mon 10:00", "parcel", "a1", "c1"))
    # midnights of Wed, Thu, Fri; it is ready at B on Thu 23:30:02, and at A on Fri 23:00:02
    assert [row.on_round for row in result.ledgers[2:5]] == [1, 1, 0]
    assert [row.waiting for row in result.ledgers[2:5]] == [0, 0, 1]
    assert fate(result) == ("Tue 12:00", "Fri 23:00:02", 2)


def test_the_custody_of_an_item_that_comes_back_is_unbroken(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 9)
    network = trying()
    _, result = tell(network, Post("Mon 10:00", "secret", "a1", "b1"))
    log = custody_log(network, result.custody)
    chain = [
        f"{hand} {where} {say(second)}"
        for hand, where, second in zip(log["hand"], log["where"], log["from_s"].tolist(), strict=True)
    ]
    assert chain == [
        "accepted a1 Mon 10:00",
        "taken in A Mon 18:00",
        "boarded AB Mon 20:00",
        "unloaded B Mon 22:00",
        "out on round round-B Tue 09:00",
        "taken in B Tue 18:00",
        "out on round round-B Wed 09:00",
        "taken in B Wed 18:00",
        "boarded AB Wed 20:00",
        "unloaded A Wed 22:00",
    ]


SUNDAYS = {"visit_s": at("Tue 01:00"), "intake_s": at("Tue 02:00"), "weekdays": (6,)}


def test_at_close_only_attempts_that_were_made_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """C's round leaves on Sundays and knocks on Mondays at 01:00. The run closes on a Monday at 00:00, with
    four attempts made and the fifth an hour ahead.
    """
    failing(monkeypatch, 9)
    network = trying({"attempt_limit": 5}, rounds={"C": SUNDAYS})
    ends, result = tell(network, Post("Thu+7 10:00", "parcel", "a1", "c1"), days=56)
    assert result.seconds_run == at("Mon+12 00:00")
    assert ends == [("under way", "Mon+8 01:00")]
    assert fate(result) == ("Mon+8 01:00", say(-1), 4)
    assert IN_TRANSIT[result.items["held"][0]] == "on_round" and result.items["held_at"][0] == -1
    assert stages(result)[5] == "66:59:58"  # at C since Fri 05:00, ready 06:00:02
    assert [column[0] for column in result.unresolved.values()] == ["on_round", -1, "round-C", 1]


def test_an_item_whose_first_attempt_is_to_come_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same round takes 4 kg: four secrets go before the letter, which leaves on the last Sunday."""
    for fails in (0, 9):
        failing(monkeypatch, fails)
        network = trying({"attempt_limit": 1}, rounds={"C": {**SUNDAYS, "vehicle": "cart"}})
        secrets = [Post("Thu+7 10:00", "secret", "a1", "c1", 4000)] * 4
        ends, result = tell(network, Post("Thu+7 10:00", "letter", "a1", "c1", 4000), *secrets, days=56)
        assert ends[0] == ("under way", say(-1))
        assert [end for _, end in ends[1:]] == [f"Mon+{week} 01:00" for week in (8, 9, 10, 11)]
        assert fate(result) == (say(-1), say(-1), 0)
        assert stages(result)[2:] == ["0:00:00", "4:29:48", "5:00:00", "0:00:00"]
        assert result.items["missed_dispatches"][0] == 4


def test_what_waits_at_close_is_counted_by_what_it_waits_for() -> None:
    """5 kg never fit on A's trips of 4 kg; C's round has 5 kg too much as well."""
    cart = both_ways("AB", "A", "B", "20:00", "20:00", 2, vehicle="cart")
    network = line({"AB": cart}, rounds={"C": {"vehicle": "cart"}})
    posts = [("a1", "c1"), ("a1", "b1"), ("c2", "c1")]
    _, result = tell(network, *(Post("Mon 10:00", "parcel", a, b, 5000) for a, b in posts), days=1)
    rows = zip(*(column.tolist() for column in result.unresolved.values()), strict=True)
    assert list(rows) == [("waiting", 0, "AB A – B", 2), ("for_round", 2, "round-C", 1)]
    assert result.items["held_at"].tolist() == [0, 0, 2]


# ------------------------------------------------------------------ rounds and vehicles


def parked(vehicles: int, **rounds: Mapping[str, object]) -> Network:
    """Return rounds of one place each at C, and so many vehicles for them."""
    seats = {"C": ["c1", "c2", "c3"]}
    all_rounds = [
        make_round(name, "C", [f"c{i}"], **more) for i, (name, more) in enumerate(rounds.items(), 1)
    ]  # type: ignore[arg-type]
    network = make_network(make_places(seats), [], [make_centre("C")], all_rounds, rechecks=False)
    return replace(
        network,
        vehicles=tuple(Vehicle(f"C-{i}", "truck", "C", "rounds") for i in range(vehicles)),
        operations=Operations(fleet=True),
    )


def running(network: Network, days: int = 8) -> list[str]:
    """Return the rounds that run on each day from Monday on, from their collections."""
    tables = RoundDays(network, MONDAY, days, Draws(1, 0))
    return [
        "".join(network.rounds[row].id for row in np.flatnonzero(tables.runs(day))) for day in range(days)
    ]


def test_rounds_take_turns_with_too_few_vehicles() -> None:
    """Three daily rounds, two vehicles: who ran longest ago goes first (c on Tuesday, b on Wednesday, c on
    Thursday), then the lower row.
    """
    assert running(parked(2, a={}, b={}, c={}), 5) == ["ab", "ac", "ab", "ac", "ab"]
    assert running(parked(3, a={}, b={}, c={}), 3) == ["abc", "abc", "abc"]


def test_a_round_of_two_days_keeps_its_vehicle_out() -> None:
    """Back at 10:00 the next day, after the departures at 09:00."""
    long = {"intake_s": at("Tue 10:00")}
    assert running(parked(1, a=long, b={}), 6) == ["a", "", "b", "a", "", "b"]
    # due only on Mondays and Tuesdays: on Tuesday there is no vehicle, the next chance is a week later
    assert running(parked(1, a={**long, "weekdays": (0,)}, b={"weekdays": (1,)}), 9) == [
        "a", "", "", "", "", "", "", "a", "",
    ]  # fmt: skip


def test_a_round_runs_with_the_vehicles_there_are() -> None:
    """Three vehicles for four: b is second on Monday and takes what a leaves, on Tuesday c is first.

    a needs 1, b 2, c 1: on Monday a 1 and b 2; on Tuesday c (never yet) 1, a 1, b 1.
    """
    network = parked(3, a={}, b={"vehicles": 2}, c={})
    assert running(network, 4) == ["ab", "abc", "ab", "abc"]
    tables = RoundDays(network, MONDAY, 4, Draws(1, 0))
    truck = round(VEHICLES["truck"].payload_kg * 1000)
    assert [tables.capacity(day)[0][1] // truck for day in range(4)] == [2, 1, 2, 1]


def test_a_round_holds_what_the_vehicles_hold_that_it_has() -> None:
    """One cart of 4 kg for a round of two: of two items of 4 kg the letter waits a day; with two, none."""
    for vehicles, ends_at in ((1, "Wed 12:00"), (2, "Tue 12:00")):
        network = parked(0, a={"vehicle": "cart", "vehicles": 2})
        carts = tuple(Vehicle(f"C-{i}", "cart", "C", "rounds") for i in range(vehicles))
        posts = [Post("Mon 10:00", kind, "c1", "c1", 4000) for kind in ("letter", "secret")]
        ends, _ = tell(replace(network, vehicles=carts), *posts)
        assert ends == [("delivered", ends_at), ("delivered", "Tue 12:00")]


def test_a_broken_vehicle_starts_no_round_while_it_is_in_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    """C-0 breaks on Tuesday and is in repair for 48 hours, two days; C-1 goes where it is due longest."""
    tuesday = day_number(MONDAY) + 1

    def breaks(self: Draws, share: float, vehicle: np.ndarray, date: np.ndarray) -> np.ndarray:
        return (vehicle == np.uint64(entity("C-0"))) & (date == tuesday)

    monkeypatch.setattr(Draws, "breaks_down", breaks)
    network = parked(2, a={}, b={})
    network = replace(network, operations=Operations(fleet=True, breakdowns=True))
    assert running(network, 5) == ["ab", "a", "b", "ab", "ab"]
    # without the switch nothing breaks
    assert running(parked(2, a={}, b={}), 5) == ["ab"] * 5


def test_a_round_without_its_run_neither_collects_nor_delivers() -> None:
    """Two rounds and one vehicle: that of c2 runs on Tuesday, Thursday, Saturday ..."""
    network = parked(1, a={}, b={})
    posts = [Post("Mon 10:00", "parcel", a, b) for a, b in (("c2", "c1"), ("c1", "c2"))]
    ends, result = tell(network, *posts)
    # c2 to c1: collected Tue 18:00, ready 18:30:02, delivered on Wednesday; c1 to c2: Mon 18:00, Tuesday
    assert ends == [("delivered", "Wed 12:00"), ("delivered", "Tue 12:00")]
    assert stages(result, 0)[1] == "32:00:00"


def test_who_is_not_counted_is_never_short() -> None:
    network = parked(0, a={"vehicle": "foot"}, b={})
    on_foot = {**VEHICLES, "foot": VehicleClass("foot", 20.0, 0.2, counted=False)}
    assert running(replace(network, vehicle_classes=on_foot), 3) == ["a", "a", "a"]
