"""A public-transport router of others finds the same earliest arrivals in the exported feed.

cafein (https://pypi.org/project/cafein/) is a round-based router (RAPTOR) in
Rust.  It answers for one service day and knows no ``min_transfer_time``, so it
gets the exported feed in the form that `passengers` describes.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from arrivals import NEVER, Arrivals, arrivals
from passengers import DAY_S, SERVICE_DAY, OneDay, RawFeed, Ride, one_day, replay
from tiny import Sizes, drawn_network, make_centre, make_network, make_places, make_route, make_service

from network.exchange.bundle import pack
from network.exchange.gtfs import parse, to_gtfs
from network.exchange.onto import onto
from network.model.network import Network
from network.model.records import WEEK_S

cafein = pytest.importorskip("cafein", reason="the router is in the extra 'peers'")

QUERIES = 1500  # at least 1,000
RIDES = 24  # more than any of these journeys takes
MIDNIGHT = dt.datetime.strptime(SERVICE_DAY, "%Y%m%d")


@dataclass
class Router:
    """The other router, on the clock of one weekday."""

    day: OneDay
    network: Any

    def reach(self, stop: str, second: int) -> dict[str, int]:
        """Return seconds to every stop it reaches from a stop, at a second of the day."""
        best: dict[str, int] = {}
        for place in sorted(self.day.boards.get(stop, ())):
            found = self.network.travel_times_from_stop(place, MIDNIGHT + dt.timedelta(seconds=second), RIDES)
            for name, took in found.items():
                end, kind, *_ = name.split("/")
                if kind == "end" and took < best.get(end, 1 << 62):
                    best[end] = took
        return best

    def journey(self, stop: str, second: int, end: str) -> list[Ride]:
        """Return the rides of its earliest journey."""
        when = MIDNIGHT + dt.timedelta(seconds=second)
        found = [
            journey
            for place in sorted(self.day.boards.get(stop, ()))
            for journey in self.network.route_between_stops(place, f"{end}/end", when, RIDES)
        ]
        best = min(found, key=lambda journey: (journey["arrival_s"], journey["rides"]))
        return [_ride(leg) for leg in best["legs"] if leg["type"] == "transit"]


def _ride(leg: dict[str, Any]) -> Ride:
    trip, _, day = leg["trip_id"].rpartition("@")
    return Ride(trip, int(day), leg["board_stop"].split("/")[0], leg["alight_stop"].split("/")[0])


@dataclass
class Both:
    """One feed, seen by both."""

    feed: RawFeed
    ours: Arrivals
    theirs: list[Router]

    def compare(self, stop: str, when: int) -> Iterator[tuple[str, int | None, int | None]]:
        """Yield destination, our seconds and theirs, None for never."""
        weekday, second = divmod(when, DAY_S)
        theirs = self.theirs[weekday].reach(stop, second)
        mine = self.ours.at(stop, when)
        for row, end in enumerate(self.ours.stops):
            if end != stop and end in self.feed.position:
                yield end, None if mine[row] >= NEVER else int(mine[row]) - when, theirs.get(end)

    def explain(self, stop: str, when: int, end: str, mine: int | None, other: int | None) -> str:
        """Replay their journey of a difference, if it is the earlier, to say who is right."""
        text = f"{stop} {when} to {end}: ours {mine}, theirs {other}"
        weekday, second = divmod(when, DAY_S)
        if other is None or (mine is not None and mine < other):
            return text + "; they find no such journey"
        rides = self.theirs[weekday].journey(stop, second, end)
        try:
            arrival, _ = replay(self.feed, rides, stop, second, weekday, end)
        except AssertionError as error:
            return f"{text}; theirs cannot be ridden: {error}"
        return f"{text}; theirs can be ridden, in {arrival - second} s: {rides}"


def both(network: Network, folder: Path) -> Both:
    path = folder / "feed.zip"
    path.write_bytes(pack(to_gtfs(network)))
    feed = RawFeed(path)
    assert feed.lines_are_in_order()
    routers = []
    for weekday in range(7):
        day = one_day(feed, weekday, folder / f"day{weekday}.zip")
        other = cafein.TransportNetwork.from_gtfs(str(day.path), trip_distances=False)
        other.set_transfers(day.footpaths)
        routers.append(Router(day, other))
    return Both(feed, arrivals(network, feed.transfer), routers)


@pytest.fixture(scope="module")
def whole(xizang_2021: Network, tmp_path_factory: pytest.TempPathFactory) -> Both:
    return both(xizang_2021, tmp_path_factory.mktemp("router"))


@pytest.mark.slow
def test_another_router_finds_the_same_arrivals_all_week(
    whole: Both, record_property: Callable[[str, object], None]
) -> None:
    rng = random.Random(20211231)
    pairs, longest, wrong = 0, 0, []
    weekdays = set()
    for _ in range(QUERIES):
        stop, when = rng.choice(whole.feed.stops), rng.randrange(WEEK_S)
        weekdays.add(when // DAY_S)
        for end, mine, other in whole.compare(stop, when):
            pairs += 1
            longest = max(longest, mine or 0)
            if mine != other:
                wrong.append((stop, when, end, mine, other))
    assert not wrong, "\n".join([f"{len(wrong)} of {pairs}", *(whole.explain(*row) for row in wrong[:5])])
    assert pairs == QUERIES * (len(whole.feed.stops) - 1)
    assert weekdays == set(range(7))
    assert longest > 7 * DAY_S  # journeys of more than a week are among them
    version = importlib.metadata.version("cafein")
    counts = {f"queries (stop and second), cafein {version} and our search": QUERIES}
    record_property("counts", counts | {"  arrivals at all other stops, all equal": pairs})


@pytest.mark.slow
def test_its_journeys_can_be_ridden_trips_past_48_hours_included(
    whole: Both, record_property: Callable[[str, object], None]
) -> None:
    """Each is replayed call by call over the feed as exported, and arrives when we say."""
    rng = random.Random(48)
    far = [trip for trip in whole.feed.trips if trip.calls[-1].arrive > 48 * 3600]
    assert len(far) >= 2
    late = 0
    for number in range(200):
        weekday, second = rng.randrange(7), rng.randrange(DAY_S)
        stop, end = rng.sample(whole.feed.stops, 2)
        if number < 60:  # some that begin and end where a trip of more than two days does
            trip = rng.choice(far)
            stop, end = trip.calls[0].stop, trip.calls[-1].stop
        rides = whole.theirs[weekday].journey(stop, second, end)
        arrival, latest = replay(whole.feed, rides, stop, second, weekday, end)
        late += latest > 48 * 3600
        row = whole.ours.stops.index(end)
        assert arrival == whole.ours.at(stop, weekday * DAY_S + second)[row] - weekday * DAY_S
    assert late >= 10
    counts = {"journeys of the router replayed trip by trip over the feed": 200}
    record_property("counts", counts | {"  of them on a trip past 48 h": late})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_so_it_does_on_drawn_networks(seed: int, tmp_path: Path) -> None:
    network, _ = drawn_network(seed, Sizes(seats=5, gateways=2, more_routes=5))
    pair = both(network, tmp_path)
    rng = random.Random(seed)
    for _ in range(60):
        stop, when = rng.choice(pair.feed.stops), rng.randrange(WEEK_S)
        wrong = [pair.explain(stop, when, *row) for row in pair.compare(stop, when) if row[1] != row[2]]
        assert not wrong, wrong[0]


@pytest.mark.slow
def test_neither_misses_a_trip_that_overtakes(tmp_path: Path) -> None:
    """By hand: of two trips over the same stops the one that leaves later arrives first.

    Round-based routers that take the first departure of a group of trips would miss it.
    """
    h = 3600
    slow, quick = make_service(["A", "B", "C"], [10 * h, 10 * h], [0]), [3 * h, 3 * h]
    network = make_network(
        make_places({"A": ["a"], "B": ["b"], "C": ["c"]}),
        [
            make_route("one", "road", [slow]),
            make_route("two", "road", [make_service(["A", "B", "C"], quick, [h])]),
        ],
        [make_centre(place) for place in "ABC"],
        [],
    )
    tables = to_gtfs(network)
    for name in ("routes.txt", "trips.txt"):  # as trips of one route
        head, first, second = tables[name].splitlines()
        lines = [head, first] + ([second.replace("two,", "one,", 1)] if name == "trips.txt" else [])
        tables[name] = "\n".join(lines) + "\n"
    feed = parse(tables)
    assert [route.id for route in feed.routes] == ["one", "one~2"]
    path = tmp_path / "feed.zip"
    path.write_bytes(pack({**tables, "calendar.txt": tables["calendar.txt"].replace("20211231", "20210104")}))
    assert cafein.TransportNetwork.from_gtfs(str(path), trip_distances=False).travel_times_from_stop(
        "A", MIDNIGHT
    ) == {"A": 0, "B": 4 * h, "C": 7 * h}
    ours = arrivals(onto(network, feed.routes), dict.fromkeys("ABC", 0))
    assert ours.at("A", 0).tolist()[1:] == [4 * h, 7 * h]
