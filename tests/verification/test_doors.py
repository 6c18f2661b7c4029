"""The search from door to door, against plain Dijkstra on drawn networks and the simulation of the region."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from doors import Doors
from inbound import inbound_attempts
from theory import without_queues
from tiny import MONDAY, Sizes, drawn_network

from network.lastmile.handover import counters, handover_s
from network.model.network import Network
from network.model.records import WEEK_S
from network.routing.journeys import NEVER, Journeys
from sim.demand.items import INBOUND, OUTBOUND
from sim.run import RunPlan, make_demand, simulate
from sim.state.records import DELIVERED, HANDED_OVER

NETWORKS = 300
ITEMS = 10_000  # at least
Record = Callable[[str, object], None]


def drawn(number: int) -> Network:
    rng = Random(number)
    sizes = Sizes(
        seats=rng.randint(2, 5),
        gateways=rng.randint(0, 2),
        more_routes=rng.randint(0, 3),
        own=rng.random() < 0.3,
        hours=rng.random() < 0.6,
        slow=rng.random() < 0.5,
    )
    return drawn_network(number, sizes)[0]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_drawn_networks_have_the_arrivals_of_time_dependent_dijkstra(
    part: int, record_property: Record
) -> None:
    """All places from all places, forwards, and backwards from the arrivals found."""
    compared = reached = backwards = weeks = 0
    numbers = range(part, NETWORKS, 10)
    for number in numbers:
        network, rng = drawn(number), Random(number)
        search = Journeys(network)
        group = rng.randrange(len(search.plan.groups))
        kind = search.plan.groups[group]
        plain = Doors(network, set(kind.modes), {"shared", kind.carrier})
        delay, desks = handover_s(network), counters(network)
        places = np.arange(len(network.places))
        for _ in range(3):
            accepted, brand = rng.randrange(2 * WEEK_S), rng.randrange(-1, len(delay) - 1)
            got = search.arrivals(places, accepted, group, brand).matrix()
            for origin in places.tolist():
                sender = origin if desks is None else int(desks[brand + 1, origin])
                want = plain.arrivals(sender, accepted, delay[brand + 1])
                assert {p: t for p, t in enumerate(got[origin].tolist()) if t < NEVER} == want, (
                    number,
                    origin,
                )
                compared += len(places)
                reached += len(want)
        dest = rng.choice([*plain.on])
        deadline = int(np.min(got[:, dest])) + rng.randrange(WEEK_S)
        if deadline < NEVER:
            last = search.latest(dest, deadline, group, brand)
            for origin in places.tolist():
                when = int(last[origin])
                sender = origin if desks is None else int(desks[brand + 1, origin])
                if when > -NEVER:
                    assert plain.arrivals(sender, when, delay[brand + 1])[dest] <= deadline
                    assert plain.arrivals(sender, when + 1, delay[brand + 1])[dest] > deadline
                    backwards += 1
            weeks += assert_week(search, plain, desks, delay, (rng.choice([*plain.on]), dest, group, brand))
    assert compared > 10_000 and reached > compared / 10 and backwards > 100
    assert weeks > 30
    assert len(numbers) >= 30
    counts = {
        "drawn networks, search and time-dependent Dijkstra": len(numbers),
        "  arrivals from door to door, all equal": compared,
        "  of them there is a way for": reached,
        "  latest acceptances, all equal": backwards,
        "  journeys worth beginning in a week, all equal": weeks,
    }
    record_property("counts", counts)


def assert_week(
    search: Journeys,
    plain: Doors,
    desks: np.ndarray | None,
    delay: np.ndarray,
    asked: tuple[int, int, int, int],
) -> int:
    """Each journey of the week ends when Dijkstra says, and a second later is too late for it; none lacks."""
    origin, dest, group, brand = asked
    sender = origin if desks is None else int(desks[brand + 1, origin])

    def ends(second: int) -> int | None:
        return plain.arrivals(sender, second, delay[brand + 1]).get(dest)

    found = search.week(origin, dest, group, brand)
    assert bool(found) == (ends(0) is not None)
    moments = [steps[0].from_s for steps in found]
    for begin, steps in zip(moments, found, strict=True):
        end = ends(begin)
        late = ends(begin + 1)
        assert end is not None and late is not None
        assert steps[-1].to_s == end < late
    for before, begin in zip([moments[-1] - WEEK_S, *moments[:-1]] if moments else [], moments, strict=True):
        assert ends(before + 1) == ends(begin)
    if found:
        deadline = found[0][-1].to_s + 12_345
        last = search.latest(dest, deadline, group, brand)[origin]
        assert search.last(origin, dest, deadline, group, brand)[0].from_s == last
    return len(found)


def test_a_journey_is_what_its_arrival_says() -> None:
    """Steps follow each other without gaps, from acceptance to the attempt that the search found."""
    rides = 0
    for number in range(30):
        network, rng = drawn(number), Random(-number)
        search = Journeys(network)
        places = [place for place in range(len(network.places)) if search.last_mile.round_row[place] >= 0]
        for _ in range(20):
            origin, dest = rng.choice(places), rng.choice(places)
            accepted, group = rng.randrange(WEEK_S), rng.randrange(len(search.plan.groups))
            brand = rng.randrange(-1, len(search.last_mile.delay_s) - 1)
            steps = search.journey(origin, dest, accepted, group, brand)
            attempt = int(search.arrivals(np.array([origin]), accepted, group, brand).matrix()[0, dest])
            if attempt >= NEVER:
                assert steps == ()
                continue
            assert (steps[0].from_s, steps[-1].to_s, steps[-1].where) == (
                accepted, attempt, network.places.id[dest],
            )  # fmt: skip
            assert all(a.to_s == b.from_s and a.from_s <= a.to_s for a, b in pairwise(steps))
            rides += sum(step.what == "ride" for step in steps)
    assert rides > 300


@pytest.mark.slow
def test_without_queues_every_item_of_the_region_ends_when_the_search_says(
    xizang_2021: Network, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    """Of three days in May without a holiday within reach: local, regional, inbound and outbound items."""
    network = without_queues(xizang_2021, 0.05)
    plan = RunPlan(MONDAY, 0, 3)
    demand = make_demand(network, plan.seed, plan.replication)
    monkeypatch.setattr("sim.engine.kernel.RESOLVED_SHARE", 1.0)  # go on until the last has ended
    items = simulate(network, plan, demand=demand).items
    drawn = [demand.day(MONDAY + dt.timedelta(days=day)) for day in range(3)]
    flies = np.concatenate([day.flies for day in drawn]).astype(int)
    assert len(flies) >= ITEMS

    search = Journeys(network)
    assert len(search.plan.groups) == 2
    names = ("origin", "dest", "direction", "accepted_s", "brand")
    origin, dest, direction, accepted, brand = (items[name].astype(np.int64) for name in names)
    want = np.full(len(flies), NEVER)
    for group in (0, 1):
        for firm in np.unique(brand).tolist():
            mine = np.flatnonzero((flies == group) & (brand == firm) & (direction < INBOUND))
            mine = mine[direction[mine] != OUTBOUND]
            for rows in np.array_split(mine, 1 + len(mine) // 500):
                found = search.arrivals(origin[rows], accepted[rows], group, firm)
                want[rows] = found.attempt_s[found.source, dest[rows]]
            for outside in np.unique(origin[direction == INBOUND]).tolist():
                rows = np.flatnonzero(
                    (flies == group) & (brand == firm) & (direction == INBOUND) & (origin == outside)
                )
                for some in np.array_split(rows, 1 + len(rows) // 500):
                    found = inbound_attempts(search, -1 - outside, accepted[some], group, firm)
                    want[some] = found[np.arange(len(some)), dest[some]]
    for row in np.flatnonzero(direction == OUTBOUND).tolist():
        steps = search.journey(*(int(x[row]) for x in (origin, dest, accepted, flies, brand)))
        want[row] = steps[-1].to_s
    assert (items["outcome"] == np.where(direction == OUTBOUND, HANDED_OVER, DELIVERED)).all()
    assert np.flatnonzero(items["ended_s"] != want).tolist() == []
    ways = {
        "between places of the region": (direction != INBOUND) & (direction != OUTBOUND),
        "inbound": direction == INBOUND,
        "outbound": direction == OUTBOUND,
    }
    counts = {"random items of xizang-2021, search and simulation, all equal": len(want)}
    record_property("counts", counts | {f"  {name}": int(mine.sum()) for name, mine in ways.items()})
