"""The search finds, for every stop, destination, group and moment, what plain forward search finds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from dijkstra import Forwards, Way, expected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import Sizes, at, drawn_network, make_centre, make_network, make_places, make_route, make_service

from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from network.routing.search import Plan, StopPlan, groups, make_plan

HOUR = 3600
QUARTER = 900
Shifts = tuple[tuple[int, int], ...]


def with_hours(network: Network, seed: int) -> Network:
    """Give two of three centres with lanes drawn hours, whole quarters: one window or two."""
    rng = np.random.default_rng(seed)
    centres = []
    for centre in network.centres:
        edges = np.sort(rng.choice(97, size=2 * int(rng.integers(0, 3)), replace=False)) * QUARTER
        hours = tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2))
        centres.append(replace(centre, shifts_s=hours) if centre.lanes else centre)
    return replace(network, centres=tuple(centres))


def chosen(plan: Plan, origin: int, dest: int, group: int, moment: int) -> Way | None:
    """Return what the plan says an item takes that is ready at a moment of the week."""
    stop: StopPlan = plan.stops[origin]
    code = dest * len(plan.groups) + group
    begin, end = int(stop.first[code]), int(stop.first[code + 1])
    if begin == end:
        return None
    times = stop.key[begin:end] - code * WEEK_S
    row = int(np.searchsorted(times, moment))
    lap = 0
    if row == len(times):
        row, lap = 0, WEEK_S
    departure = int(stop.departure[begin + row])
    departs = int(times[row]) + lap
    ready = departs + int(stop.duration_s[begin + row])
    call = int(stop.call[departure])
    trip = int(stop.trip[departure])
    first = int(plan.timetable.first[trip])
    return Way(ready, 0, departs, trip, -(call - first + int(stop.alight[begin + row])))


def forwards(network: Network, plan: Plan, group: int) -> Forwards:
    kind = plan.groups[group]
    return Forwards(network, set(kind.modes), {"shared", kind.carrier})


def assert_same(network: Network, moments: list[int]) -> int:
    """Compare all pairs and groups at some moments and around every departure; return how many answers."""
    plan = make_plan(network)
    compared = 0
    for g in range(len(plan.groups)):
        plain = forwards(network, plan, g)
        for a, origin in enumerate(network.stops):
            boardings = plain.boardings(origin)
            ways = [plain.after(boarding) for boarding in boardings]
            when = {(t + step) % WEEK_S for t, _, _ in boardings for step in (0, 1)} | set(moments)
            for b, dest in enumerate(network.stops):
                if a == b:
                    continue
                mine = [way[dest] for way in ways if dest in way]
                for moment in when:
                    want, got = expected(mine, moment), chosen(plan, a, b, g, moment)
                    assert (want is None) == (got is None), (origin, dest, g, moment)
                    if want is not None and got is not None:
                        want = Way(want.ready_s, 0, want.departs_s, want.trip, want.alight)
                        assert got == want, (origin, dest, g, moment)
                    compared += 1
                assert plan.mean_s[g, a, b] == pytest.approx(brute_mean(mine), rel=1e-12)
    return compared


def brute_mean(ways: list[Way]) -> float:
    """Return the mean time over a week, quarter by quarter: nothing departs between quarters."""
    if not ways:
        return float("inf")
    total = 0.0
    for end in range(QUARTER, WEEK_S + 1, QUARTER):
        best = expected(ways, end % WEEK_S)
        assert best is not None
        total += best.ready_s + (WEEK_S if end == WEEK_S else 0) - (end - QUARTER / 2)
    return total / (WEEK_S / QUARTER)


@pytest.mark.slow
@settings(
    max_examples=50, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(
    seed=st.integers(0, 10**6),
    sizes=st.builds(
        Sizes,
        seats=st.integers(2, 4),
        gateways=st.integers(0, 2),
        more_routes=st.integers(0, 3),
        own=st.booleans(),
    ),
    moments=st.lists(st.integers(0, WEEK_S - 1), min_size=3, max_size=3),
)
def test_search_equals_plain_forward_search(seed: int, sizes: Sizes, moments: list[int]) -> None:
    """Arrival, departure, trip and stop to get off at, and the mean over the week; by drawn networks."""
    network, _ = drawn_network(seed, sizes)
    assert assert_same(with_hours(network, seed) if seed % 3 else network, moments) > 0


def line(
    *services: tuple[str, str, list[str], list[int], list[str]], hours: dict[str, Shifts] | None = None
) -> Network:
    """Return a network of routes (name, mode, stops, legs in hours, starts); lanes where hours are given.

    Handling takes an hour, a lane 3 s and a sorter 4 (3.6, in whole seconds).
    """
    stops = sorted({stop for _, _, path, _, _ in services for stop in path})
    seats = {stop: [] for stop in stops if not stop.startswith("GW_")}
    routes = [
        make_route(name, mode, [make_service(path, [h * HOUR for h in legs], [at(t) for t in starts])])
        for name, mode, path, legs, starts in services
    ]
    work = hours or {}
    centres = [
        replace(
            make_centre(stop, handling_s=HOUR, lanes=(int(stop in work), 1200), sorters=(1, 1000)),
            shifts_s=work.get(stop, ()),
        )
        for stop in stops
    ]
    return make_network(make_places(seats, [s for s in stops if s not in seats]), routes, centres, [])


def test_of_equal_arrivals_the_fewest_trips_then_the_earliest_then_the_lowest_number() -> None:
    """All ways to C are ready on Monday at 21:00.

    By way of B at 08:00 it takes two trips; straight at 10:00 and at 12:00
    one. The 10:00 trips are two: the lower number goes.
    """
    network = line(
        ("r0", "road", ["A", "B"], [2], ["Mon 08:00"]),
        ("r1", "road", ["B", "C"], [6], ["Mon 14:00"]),
        ("r2", "road", ["A", "C"], [8], ["Mon 12:00"]),
        ("r3", "road", ["A", "C"], [10], ["Mon 10:00"]),
        ("r4", "road", ["A", "C"], [10], ["Mon 10:00"]),
    )
    plan = make_plan(network)
    took = [chosen(plan, 0, 2, 0, at(f"Mon {clock}")) for clock in ("07:00", "10:00", "10:01", "12:01")]
    assert [(w.trip, w.departs_s, w.ready_s) for w in took if w] == [
        (3, at("Mon 10:00"), at("Mon 21:00")),
        (3, at("Mon 10:00"), at("Mon 21:00")),
        (2, at("Mon 12:00"), at("Mon 21:00")),
        (3, at("Mon+1 10:00"), at("Mon+1 21:00")),
    ]


def test_an_item_stays_on_board_when_getting_off_would_not_be_earlier() -> None:
    """The trip calls at B and C; from B another trip is at C at the same second."""
    network = line(
        ("r0", "road", ["A", "B", "C"], [2, 4], ["Mon 08:00"]),
        ("r1", "road", ["B", "C"], [3], ["Mon 11:00"]),
    )
    way = chosen(make_plan(network), 0, 2, 0, 0)
    assert way is not None
    assert (way.ready_s, -way.alight) == (at("Mon 15:00"), 2)


def test_an_item_that_has_to_change_in_either_case_stays_on_board_the_longer() -> None:
    """From B and from C another trip is at D at 20:00."""
    network = line(
        ("r0", "road", ["A", "B", "C"], [2, 4], ["Mon 08:00"]),
        ("r1", "road", ["C", "D"], [3], ["Mon 17:00"]),
        ("r2", "road", ["B", "D"], [8], ["Mon 12:00"]),
    )
    way = chosen(make_plan(network), 0, 3, 0, 0)
    assert way is not None
    assert (way.ready_s, -way.alight) == (at("Mon 21:00"), 2)


def test_getting_off_for_an_earlier_arrival() -> None:
    network = line(
        ("r0", "road", ["A", "B", "C"], [2, 9], ["Mon 08:00"]),
        ("r1", "road", ["B", "C"], [3], ["Mon 11:00"]),
    )
    way = chosen(make_plan(network), 0, 2, 0, 0)
    assert way is not None
    assert (way.ready_s, -way.alight) == (at("Mon 15:00"), 1)


def test_a_change_takes_the_handling_of_the_mode_of_arrival() -> None:
    """In at B at 10:00 and ready at 11:00: the trip at 11:00 is caught, that of 10:59 is not."""
    early = line(
        ("r0", "road", ["A", "B"], [2], ["Mon 08:00"]),
        ("r1", "road", ["B", "C"], [1], ["Mon 11:00", "Mon 10:59"]),
    )
    way = chosen(make_plan(early), 0, 2, 0, 0)
    assert way is not None and way.ready_s == at("Mon 13:00")


def test_a_change_takes_the_screening_and_sorting_of_the_item() -> None:
    """In at B at 10:00, handled at 11:00 and sorted 3 + 4 seconds later; C has no lanes."""
    for leaves, ready in (("11:00:07", "Mon 13:00:07"), ("11:00:06", "Mon+1 13:00:06")):
        network = line(
            ("r0", "road", ["A", "B"], [2], ["Mon 08:00"]),
            ("r1", "road", ["B", "C"], [1], [f"Mon {leaves}"]),
            hours={"B": ()},
        )
        way = chosen(make_plan(network), 0, 2, 0, 0)
        assert way is not None and way.ready_s == at(ready)


DAYTIME = ((6 * HOUR, 22 * HOUR),)


@pytest.mark.parametrize(
    ("out", "ready"),
    [
        ("18:59:53", "Mon 22:00"),  # handled at 21:59:53: sorted in the second that they close
        ("18:59:54", "Tue 06:00:01"),  # six seconds of the seven by night, one in the morning
        ("18:59:58", "Tue 06:00:05"),
        ("19:00", "Tue 06:00:07"),  # they close as it is handled
        ("02:00", "Mon 06:00:07"),
        ("03:00", "Mon 06:00:07"),
        ("03:00:01", "Mon 06:00:08"),
    ],
)
def test_at_its_destination_an_item_is_ready_when_it_is_sorted(out: str, ready: str) -> None:
    """Two hours of way, an hour of handling, seven seconds of work from 06:00 to 22:00."""
    network = line(("r0", "road", ["A", "B"], [2], [f"Mon {out}"]), hours={"B": DAYTIME})
    way = chosen(make_plan(network), 0, 1, 0, 0)
    assert way is not None and way.ready_s == at(ready)


def test_a_change_at_a_closed_centre_waits_for_its_opening() -> None:
    """In at B at 22:00; it is sorted seven seconds after the lanes open, at 06:00, and then takes the next
    trip; by night the road to B2, which never closes, is the quicker one.
    """
    trips = [
        ("r0", "road", ["A", "B"], [2], ["Mon 20:00"]),
        ("r1", "road", ["B", "C"], [1], ["Tue 05:59", "Tue 06:00:06", "Tue 06:00:07"]),
    ]
    way = chosen(make_plan(line(*trips, hours={"B": DAYTIME})), 0, 2, 0, 0)
    assert way is not None and way.ready_s == at("Tue 08:00:07")
    trips += [
        ("r2", "road", ["A", "B2"], [3], ["Mon 20:00"]),
        ("r3", "road", ["B2", "C"], [1], ["Tue 05:59"]),
    ]
    plan = make_plan(line(*trips, hours={"B": DAYTIME}))
    way = chosen(plan, 0, 3, 0, 0)
    assert way is not None and (way.ready_s, plan.timetable.route[way.trip]) == (at("Tue 07:59"), 2)


def test_a_gateway_counts_on_arrival_and_a_stop_when_ready() -> None:
    network = line(("r0", "rail", ["A", "B", "GW_XINING"], [2, 5], ["Mon 08:00"]))
    plan = make_plan(network)
    assert [w.ready_s for b in (1, 2) if (w := chosen(plan, 0, b, 0, 0))] == [
        at("Mon 11:00"),
        at("Mon 15:00"),
    ]


def test_the_next_week_follows_the_last_departure() -> None:
    network = line(("r0", "road", ["A", "B"], [2], ["Tue 08:00", "Fri 08:00"]))
    plan = make_plan(network)
    took = [chosen(plan, 0, 1, 0, at(t)) for t in ("Fri 08:00", "Fri 08:00:01", "Sun 23:59")]
    assert [w.departs_s for w in took if w] == [at("Fri 08:00"), at("Tue+1 08:00"), at("Tue+1 08:00")]


def test_a_trip_goes_on_past_midnight_and_past_the_end_of_the_week() -> None:
    """Out on Sunday at 20:00, at B on Monday at 06:00, at C at 12:00."""
    network = line(("r0", "road", ["A", "B", "C"], [10, 6], ["Sun 20:00"]))
    plan = make_plan(network)
    from_a, from_b = chosen(plan, 0, 2, 0, at("Sun 19:00")), chosen(plan, 1, 2, 0, at("Mon 05:00"))
    assert from_a is not None and from_b is not None
    assert (from_a.departs_s, from_a.ready_s) == (at("Sun 20:00"), at("Mon+1 13:00"))
    assert (from_b.departs_s, from_b.ready_s) == (at("Mon 06:00"), at("Mon 13:00"))


def test_only_those_who_may_fly_fly() -> None:
    network = line(
        ("r0", "air", ["A", "B"], [1], ["Mon 08:00"]), ("r1", "road", ["A", "B"], [30], ["Mon 08:00"])
    )
    plan = make_plan(network)
    assert [group.name for group in plan.groups] == ["surface", "any"]
    assert [w.ready_s for g in (0, 1) if (w := chosen(plan, 0, 1, g, 0))] == [
        at("Tue 15:00"),
        at("Mon 10:00"),
    ]


def test_nobody_leaves_where_nothing_departs_but_all_are_at_home_there() -> None:
    network = line(("r0", "road", ["A", "B"], [1], ["Mon 08:00"]))
    plan = make_plan(network)
    assert chosen(plan, 1, 0, 0, 0) is None
    assert np.isinf(plan.mean_s[0, 1, 0])
    assert plan.mean_s[:, [0, 1], [0, 1]].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_the_built_network_agrees_on_the_pairs_that_matter(xizang_2021: Network) -> None:
    """From the regional centre to every stop, at moments all over the week; surface."""
    plan = make_plan(xizang_2021)
    plain = forwards(xizang_2021, plan, 0)
    plain.runs = [run for run in plain.runs if 0 < run[3][-1] < 3 * WEEK_S]
    boardings = sorted(plain.boardings(xizang_2021.stops[0]))[::97]
    for boarding in boardings:
        after = plain.after(boarding)
        for b, dest in enumerate(xizang_2021.stops):
            got = chosen(plan, 0, b, 0, boarding[0])
            if b and dest in after:
                assert got is not None and got.ready_s <= after[dest].ready_s
                if got.departs_s == boarding[0] and got.trip == after[dest].trip:
                    assert got.ready_s == after[dest].ready_s


def test_groups_of_separate_line_hauls(xizang_2021: Network) -> None:
    assert len(groups(xizang_2021)) == 2
    network, _ = drawn_network(5, Sizes(own=True))
    names = [group.name for group in groups(network)]
    assert names == ["surface", "any", "express surface", "express any"]
    post, express = groups(network)[0], groups(network)[2]
    assert [(g.allows("road", "shared"), g.allows("road", "post")) for g in (post, express)] == [
        (True, True),
        (True, False),
    ]
    assert [g.allows("air", "shared") for g in groups(network)] == [False, True, False, True]


def test_waiting_longer_never_helps(xizang_2021: Network) -> None:
    """At every stop the useful departures of a code lead to later and later arrivals."""
    plan = make_plan(xizang_2021)
    for stop in plan.stops:
        ready = stop.key % WEEK_S + stop.duration_s
        for begin, end in pairwise(stop.first.tolist()):
            assert (np.diff(ready[begin:end]) >= 0).all()
            if end > begin:
                assert ready[end - 1] <= ready[begin] + WEEK_S
    assert DAY_S < WEEK_S
