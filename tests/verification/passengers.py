"""A GTFS feed for a router of passengers that knows one service day and no transfer times.

Reads a feed with ``csv`` and ``zipfile`` alone, nothing of ours.  Two things
are put in another form, neither of which changes when anything arrives:

- Every trip of several weeks becomes one trip of a single service day, on the
  clock of the midnight before the query: its times run to hundreds of hours.
- A transfer time is a footpath from where a trip sets down to where another
  picks up.  So that nobody boards where others alight, each direction of a
  route has its own places for either at each stop.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

DAY_S = 86_400
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SERVICE_DAY = "20210104"


@dataclass(frozen=True)
class Call:
    """A trip at a stop, seconds from the midnight of its service day."""

    stop: str
    arrive: int
    depart: int


@dataclass(frozen=True)
class Trip:
    """A trip of the feed."""

    id: str
    line: str  # route and direction
    days: tuple[bool, ...]
    calls: tuple[Call, ...]


class RawFeed:
    """The feed as it stands in the archive."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            table = {
                name.removesuffix(".txt"): list(csv.DictReader(io.StringIO(archive.read(name).decode())))
                for name in archive.namelist()
            }
        services = {row["service_id"]: tuple(row[day] == "1" for day in DAYS) for row in table["calendar"]}
        calls: dict[str, list[tuple[int, Call]]] = defaultdict(list)
        for row in table["stop_times"]:
            call = Call(row["stop_id"], seconds(row["arrival_time"]), seconds(row["departure_time"]))
            calls[row["trip_id"]].append((int(row["stop_sequence"]), call))
        self.trips = [
            Trip(
                row["trip_id"],
                f"{row['route_id']}/{row['direction_id']}",
                services[row["service_id"]],
                tuple(call for _, call in sorted(calls[row["trip_id"]], key=lambda pair: pair[0])),
            )
            for row in table["trips"]
        ]
        self.by_id = {trip.id: trip for trip in self.trips}
        self.transfer = {row["from_stop_id"]: int(row["min_transfer_time"]) for row in table["transfers"]}
        self.agency = table["agency"]
        self.position = {row["stop_id"]: (row["stop_lat"], row["stop_lon"]) for row in table["stops"]}
        self.stops = sorted(self.position)

    def lines_are_in_order(self) -> bool:
        """Return whether no trip of a line overtakes another: changing within a line then gains nothing."""
        running: dict[str, set[tuple[tuple[str, int, int], ...]]] = defaultdict(set)
        for trip in self.trips:
            first = trip.calls[0].depart
            running[trip.line].add(tuple((c.stop, c.arrive - first, c.depart - first) for c in trip.calls))
        return all(len(shapes) == 1 for shapes in running.values())


def seconds(text: str) -> int:
    hours, minutes, rest = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def clock(time: int) -> str:
    return f"{time // 3600:02}:{time // 60 % 60:02}:{time % 60:02}"


@dataclass(frozen=True)
class OneDay:
    """The feed on the clock of one weekday's midnight."""

    path: Path
    boards: dict[str, set[str]]  # stop: where its lines pick up
    alights: dict[str, set[str]]
    footpaths: list[tuple[str, str, int, float]]


def one_day(feed: RawFeed, weekday: int, path: Path, weeks: int = 5) -> OneDay:
    """Write the feed as trips of one service day, seconds counted from the midnight of a weekday."""
    trips, times = [], []
    boards: dict[str, set[str]] = defaultdict(set)
    alights: dict[str, set[str]] = defaultdict(set)
    for trip in feed.trips:
        for day in range(-7, 7 * weeks):
            if not trip.days[day % 7]:
                continue
            shift = (day - weekday) * DAY_S
            calls: list[tuple[int, str]] = []
            for number, call in enumerate(trip.calls):
                if calls:
                    calls.append((call.arrive + shift, f"{call.stop}/in/{trip.line}"))
                    alights[call.stop].add(calls[-1][1])
                if number < len(trip.calls) - 1 and call.depart + shift >= 0:
                    calls.append((call.depart + shift, f"{call.stop}/out/{trip.line}"))
                    boards[call.stop].add(calls[-1][1])
            if calls:
                name = f"{trip.id}@{day - weekday}"
                trips.append((trip.line, "S", name))
                times += [(name, clock(t), clock(t), place, k) for k, (t, place) in enumerate(calls)]
    places = sorted({place for some in (boards, alights) for names in some.values() for place in names})
    ends = [f"{stop}/end" for stop in feed.stops]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:

        def write(name: str, header: str, rows: list[tuple[object, ...]]) -> None:
            out = io.StringIO()
            csv.writer(out).writerows([header.split(), *rows])
            archive.writestr(f"{name}.txt", out.getvalue())

        write("agency", " ".join(feed.agency[0]), [tuple(row.values()) for row in feed.agency[:1]])
        write(
            "calendar",
            f"service_id {' '.join(DAYS)} start_date end_date",
            [("S", *[1] * 7, SERVICE_DAY, SERVICE_DAY)],
        )
        write(
            "routes",
            "route_id route_long_name route_type",
            [(line, line, 3) for line in sorted({t.line for t in feed.trips})],
        )
        write(
            "stops",
            "stop_id stop_name stop_lat stop_lon",
            [(p, p, *feed.position[p.split("/")[0]]) for p in [*places, *ends]],
        )
        write("trips", "route_id service_id trip_id", trips)
        write("stop_times", "trip_id arrival_time departure_time stop_id stop_sequence", times)
    paths = [
        (a, b, feed.transfer[stop], 0.0)
        for stop in feed.stops
        for a in sorted(alights[stop])
        for b in sorted(boards[stop])
    ]
    paths += [(a, f"{stop}/end", 0, 0.0) for stop in feed.stops for a in sorted(alights[stop])]
    return OneDay(path, dict(boards), dict(alights), paths)


@dataclass(frozen=True)
class Ride:
    """A part of a journey on one trip, seconds from the midnight of the query's weekday."""

    trip: str  # of the feed
    day: int  # its service day, counted from the query's weekday
    board: str
    alight: str


def replay(feed: RawFeed, rides: list[Ride], stop: str, time: int, weekday: int, end: str) -> tuple[int, int]:
    """Ride a journey trip by trip over the feed as it stands; every step must be possible.

    Returns
    -------
    tuple
        The arrival, and the latest time of a call used, seconds of its own trip's service day.
    """
    latest = 0
    for number, ride in enumerate(rides):
        trip = feed.by_id[ride.trip]
        assert trip.days[(weekday + ride.day) % 7], f"{ride.trip} does not run on day {ride.day}"
        assert ride.board == stop, f"at {stop}, not at {ride.board}"
        ready = time + (feed.transfer[stop] if number else 0)
        stops = [call.stop for call in trip.calls]
        at = stops.index(ride.board)
        to = stops.index(ride.alight, at + 1)
        leaves = trip.calls[at].depart + ride.day * DAY_S
        assert leaves >= ready, f"{ride.trip} leaves {stop} at {leaves}, before {ready}"
        stop, time = ride.alight, trip.calls[to].arrive + ride.day * DAY_S
        latest = max(latest, trip.calls[to].arrive)
    assert stop == end, f"ends at {stop}, not at {end}"
    return time, latest
