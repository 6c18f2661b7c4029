"""GTFS: others accept what we write, we read it back, and what is wrong is refused in one list."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import Sizes, drawn_network, make_centre, make_network, make_places, make_route, make_service

from network.errors import InputErrors
from network.exchange.bundle import Limits, pack, unpack
from network.exchange.gtfs import Feed, not_held, parse, to_gtfs
from network.exchange.gtfs.form import TABLES, clock, seconds
from network.exchange.gtfs.read import FILES
from network.exchange.onto import onto
from network.model.network import Changed, Network
from network.model.records import DAY_S, WEEK_S

Tables = dict[str, str]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def edited(tables: Mapping[str, str], name: str, line: int, **cells: str) -> Tables:
    """Return the tables with cells of one line (the first is 2) changed."""
    found = rows(tables[name])
    found[line - 2].update(cells)
    return {**tables, name: as_csv(found)}


def as_csv(found: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(found[0]))  # lines end in CR LF, as others write them
    writer.writeheader()
    writer.writerows(found)
    return out.getvalue()


@pytest.fixture(scope="module")
def feed_zip(xizang_2021: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gtfs") / "feed.zip"
    path.write_bytes(pack(to_gtfs(xizang_2021)))
    return path


@pytest.fixture(scope="module")
def tables(small_network: Network) -> Tables:
    return to_gtfs(small_network)


# ------------------------------------------------------------------ others


@pytest.mark.slow
def test_a_validator_of_others_finds_no_error(feed_zip: Path, tmp_path: Path) -> None:
    """gtfs-validator, the canonical rules in Python."""
    report = validate(feed_zip, tmp_path)
    errors = [notice for notice in report["notices"] if notice["severity"] == "ERROR"]
    assert errors == []
    assert report["summary"]["counts"]["Trips"] == len(rows(unpack(feed_zip, FILES)["trips.txt"]))


@pytest.mark.slow
def test_the_validator_would_notice(tables: Tables, tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(pack(edited(tables, "stop_times.txt", 3, arrival_time="00:00:01")))
    report = validate(path, tmp_path / "out")
    assert "ERROR" in {notice["severity"] for notice in report["notices"]}


@pytest.mark.slow
def test_gtfs_kit_opens_it(feed_zip: Path, xizang_2021: Network) -> None:
    kit = pytest.importorskip("gtfs_kit", reason="gtfs-kit is in the extra 'peers'")
    feed = kit.read_feed(feed_zip, dist_units="km")
    assert len(feed.routes) == len(xizang_2021.routes)
    week = feed.get_first_week()
    activity = feed.compute_trip_activity(week)
    trips = sum(len(service.starts_s) for route in xizang_2021.routes for service in route.services)
    assert int(activity[week].to_numpy().sum()) == trips
    # one-way km as published: the last point of each outward shape
    outward = (
        feed.shapes[feed.shapes.shape_id.str.endswith(":0")].groupby("shape_id").shape_dist_traveled.max()
    )
    road = [route.km for route in xizang_2021.routes if route.mode == "road"]
    assert outward[outward.index.str.startswith("road-")].sum() == pytest.approx(sum(road))
    assert sum(road) == pytest.approx(18_300, abs=50)


def validate(feed: Path, out: Path) -> dict[str, Any]:
    """Return the report of gtfs-validator as if on a day of the feed."""
    pytest.importorskip("gtfs_validator", reason="the validator is in the extra 'peers'")
    command = [
        sys.executable,
        "-m",
        "gtfs_validator.cli",
        "-i",
        str(feed),
        "-o",
        str(out),
        "-d",
        "2021-06-01",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    system = json.loads((out / "system_errors.json").read_text(encoding="utf-8"))
    assert system["notices"] == []
    return dict(json.loads((out / "report.json").read_text(encoding="utf-8")))


# ------------------------------------------------------------------ there and back


def through_a_file(network: Network, folder: Path) -> Feed:
    path = folder / "feed.zip"
    path.write_bytes(pack(to_gtfs(network)))
    return parse(unpack(path, FILES))


def test_the_routes_of_2021_come_back_as_they_were(xizang_2021: Network, tmp_path: Path) -> None:
    feed = through_a_file(xizang_2021, tmp_path)
    assert feed.routes == xizang_2021.routes
    assert feed.notes == ()
    assert onto(xizang_2021, feed.routes) is xizang_2021


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    own=st.booleans(),
    km=st.lists(st.floats(0.001, 20_000, allow_subnormal=False), min_size=12, max_size=12),
    twice=st.booleans(),
)
def test_drawn_routes_come_back_as_they_were(seed: int, own: bool, km: list[float], twice: bool) -> None:
    """Any lengths, departures at any second, two trips at one moment, one direction only, other carriers."""
    network, _ = drawn_network(seed, Sizes(seats=4, gateways=2, more_routes=3, own=own))
    routes = []
    for number, route in enumerate(network.routes):
        legs = tuple(km[: len(route.leg_km)])
        out, back = (
            replace(
                s,
                leg_km=way,
                starts_s=tuple(sorted((start + 7 * number + 1) % WEEK_S for start in s.starts_s)),
            )
            for s, way in zip(route.services, (legs, legs[::-1]), strict=True)
        )
        if twice:
            out = replace(out, starts_s=tuple(sorted(out.starts_s * 2)))
        services = (out,) if number == 0 else (out, back)
        serves = ("S0", "S1") if number % 2 else ()
        routes.append(
            replace(
                route, services=services, leg_km=legs, serves=serves, base=number > 1, reason='a "b", c\nd'
            )
        )
    network = replace(network, routes=tuple(routes))
    assert parse(to_gtfs(network)).routes == network.routes


def test_any_text_makes_a_table_that_can_be_read(tables: Tables, small_network: Network) -> None:
    first = replace(small_network.routes[0], reason='tab\t "quoted", 二\r\nline', name="a\rb")
    network = replace(small_network, routes=(first,))
    (route,) = parse(to_gtfs(network)).routes
    assert (route.reason, route.name) == ('tab\t "quoted", 二\nline', "a\nb")


def test_the_same_network_gives_the_same_bytes(small_network: Network) -> None:
    assert pack(to_gtfs(small_network)) == pack(to_gtfs(small_network))


def test_a_trip_of_days_is_told_past_midnight(tables: Tables) -> None:
    """By hand: rail leaves at its hour and takes 1,972 km at the assumed speed."""
    trips = {row["trip_id"]: row for row in rows(tables["trips.txt"])}
    calls = [row for row in rows(tables["stop_times.txt"]) if row["trip_id"].startswith("rail-01:0")]
    assert {trips[row["trip_id"]]["service_id"] for row in calls} == {"1111111"}
    assert [row["shape_dist_traveled"] for row in calls] == ["0", "1972.0"]
    assert seconds(calls[1]["arrival_time"]) > DAY_S
    assert rows(tables["calendar.txt"])[0]["start_date"] == "20210101"


def test_times_are_hours_without_end() -> None:
    assert clock(51 * 3600 + 61) == "51:01:01"
    assert seconds("7:00:00") == 7 * 3600 and seconds("140:00:05") == 140 * 3600 + 5
    for text in ("7:0:0", "24:60:00", "-1:00:00", "12:00", "", "1e3:00:00"):
        with pytest.raises(ValueError, match="07:30:00"):
            seconds(text)


def test_what_it_leaves_out_is_said(small_network: Network) -> None:
    said = not_held(small_network)
    assert any(line.startswith("1,204 outlets") for line in said)
    assert any(line.endswith(f"{len(small_network.centres)} centres") for line in said)
    lone = small_network.routes[0]
    back = replace(lone.services[1], starts_s=())
    silent = replace(small_network, routes=(replace(lone, services=(lone.services[0], back)),))
    assert "1 direction without a trip: road-001 direction 1" in not_held(silent)
    assert [len(route.services) for route in parse(to_gtfs(silent)).routes] == [1]


def test_what_gtfs_cannot_hold_is_refused() -> None:
    way = make_service(["A", "B"], [60], [0])
    places = make_places({"A": ["a"], "B": ["b"]})
    centres = [make_centre("A"), make_centre("B")]
    triple = make_route("r", "road", [way, way, way])
    nowhere = make_route("s", "road", [replace(way, leg_km=(0.0,))])
    with pytest.raises(InputErrors) as caught:
        to_gtfs(make_network(places, [triple, nowhere], centres, []))
    assert [problem.key for problem in caught.value.problems] == ["directions", "km A–B"]


# ------------------------------------------------------------------ feeds of others

FOREIGN: Tables = {
    "agency.txt": "agency_name,agency_url,agency_timezone\nX,https://example.org,Asia/Shanghai\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,Aa,29,91\nB,Bb,30,91\nC,Cc,31,91\n",
    "routes.txt": "route_id,route_short_name,route_type\n1,One,700\n",
    "calendar.txt": ",".join(TABLES["calendar.txt"]) + "\nw,1,1,1,1,1,0,0,20240101,20240131\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\n1,w,t1,0\n1,w,t2,1\n1,w,t3,0\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\n"
    "t1,23:00:00,23:30:00,A,1,0\nt1,24:30:00,24:40:00,B,5,5\nt1,26:00:00,26:00:00,C,9,9\n"
    "t2,08:00:00,08:00:00,C,1,0\nt2,09:00:00,09:00:00,B,2,4\nt2,10:00:00,10:00:00,A,3,9\n"
    "t3,12:00:00,12:00:00,A,1,0\nt3,13:00:00,13:00:00,C,2,9\n",
}


def test_a_feed_of_others_is_read_and_what_is_filled_in_is_said() -> None:
    feed = parse(FOREIGN)
    assert [route.id for route in feed.routes] == ["1", "1~2"]
    out, back = feed.routes[0].services
    assert out.stops == ("A", "B", "C") and back.stops == ("C", "B", "A")
    assert out.arrive_s == (0, 3600, 9000) and out.depart_s == (0, 4200, 9000)
    assert out.starts_s == tuple(day * DAY_S + 84_600 for day in range(5))
    # a degree of latitude is 2 pi 6371.0088 / 360 km
    assert out.leg_km == pytest.approx((111.195, 111.195), abs=0.001)
    assert feed.routes[1].services[0].stops == ("A", "C")
    assert feed.routes[0].mode == "road" and feed.routes[0].kind == ""
    assert feed.notes == (
        "3 trips: unit of shape_dist_traveled unknown, great circles taken (--unit)",
        "1 trip: waits before the first departure or after the last arrival left out",
        "1 route of trips that differ in stops or running times: split, ~2, ~3 …",
    )
    assert parse(FOREIGN, unit="mi").routes[0].leg_km == pytest.approx((5 * 1.609344, 4 * 1.609344))


def test_exceptions_count_in_the_week_that_is_taken() -> None:
    """By hand: in the second week Wednesday is off and Saturday on; in the third Sunday is on too."""
    dates = "service_id,date,exception_type\nw,20240110,2\nw,20240113,1\nw,20240120,1\nw,20240121,1\n"
    feed = parse({**FOREIGN, "calendar_dates.txt": dates})
    assert str(feed.monday) == "2024-01-15"
    assert [start // DAY_S for start in feed.routes[1].services[0].starts_s] == [0, 1, 2, 3, 4, 5, 6]
    assert "other trips run in 3 of 4 whole weeks; the week of 2024-01-15 was taken" in feed.notes


def test_trips_by_headway_become_trips() -> None:
    text = "trip_id,start_time,end_time,headway_secs\nt2,08:00:00,10:00:00,1800\n"
    back = parse({**FOREIGN, "frequencies.txt": text}).routes[0].services[1]
    assert back.starts_s[:4] == (28_800, 30_600, 32_400, 34_200) and len(back.starts_s) == 20


def test_everything_that_is_wrong_is_listed_at_once(tables: Tables) -> None:
    broken = edited(tables, "stops.txt", 2, stop_lat="95")
    broken = edited(broken, "routes.txt", 2, route_type="4")
    broken = edited(broken, "trips.txt", 3, service_id="1111110", route_id="road-1")
    broken = edited(broken, "stop_times.txt", 3, arrival_time="7 pm", stop_id="nowhere")
    broken = edited(broken, "calendar.txt", 2, monday="x", end_date="20211301")
    with pytest.raises(InputErrors) as caught:
        parse(broken, "feed.zip")
    text = str(caught.value)
    for part in (
        "feed.zip/stops.txt [line 2]: stop_lat = '95'; allowed: a number from -90 to 90",
        "feed.zip/routes.txt [line 2]: route_type = '4'; allowed: road, rail or air",
        "feed.zip/calendar.txt [line 2]: monday = 'x'; allowed: a whole number from 0 to 1",
        "feed.zip/calendar.txt [line 2]: end_date = '20211301'; allowed: a date such as 20210131",
        "feed.zip/trips.txt [line 3]: route_id = 'road-1'; allowed: a route of routes.txt; did you mean",
        "feed.zip/stop_times.txt [line 3]: arrival_time = '7 pm'; allowed: a time such as 07:30:00",
        "feed.zip/stop_times.txt [line 3]: stop_id = 'nowhere'; allowed: a stop of stops.txt",
    ):
        assert part in text


def test_missing_files_and_columns_are_named(tables: Tables) -> None:
    with pytest.raises(InputErrors, match=r"trips\.txt: 'missing'.*\n.*calendar\.txt: 'missing'"):
        parse({name: text for name, text in tables.items() if name not in ("trips.txt", "calendar.txt")})
    text = tables["stop_times.txt"].replace("departure_time", "departure", 1)
    with pytest.raises(
        InputErrors, match=r"column = 'departure_time'; allowed: required; did you mean 'departure'"
    ):
        parse({**tables, "stop_times.txt": text})


@pytest.mark.parametrize(
    ("name", "line", "cells", "message"),
    [
        ("stop_times.txt", 3, {"arrival_time": "00:00:01", "departure_time": "00:00:01"}, "or later"),
        ("stop_times.txt", 3, {"arrival_time": ""}, "a time; Yizhan fills in none"),
        ("stop_times.txt", 3, {"stop_sequence": "1"}, "each number once a trip"),
        ("stop_times.txt", 3, {"trip_id": "other"}, "a trip of trips.txt"),
        ("stop_times.txt", 3, {"shape_dist_traveled": "NaN"}, "a number from 0"),
        ("stops.txt", 3, {"stop_lon": "nan"}, "a number from -180 to 180"),
        ("stops.txt", 3, {"stop_id": "540102"}, "a value no other row has"),
        ("calendar.txt", 2, {"end_date": "20200101"}, "no date before 20210101"),
        ("transfers.txt", 2, {"min_transfer_time": "-5"}, "a whole number from 0"),
        ("routes.txt", 2, {"yizhan_vehicles_per_trip": "0"}, "a whole number from 1"),
    ],
)
def test_each_wrong_cell_is_refused(
    tables: Tables, name: str, line: int, cells: dict[str, str], message: str
) -> None:
    with pytest.raises(InputErrors, match=message):
        parse(edited(tables, name, line, **cells))


def test_of_many_problems_of_a_kind_the_first_are_shown_and_the_rest_counted(tables: Tables) -> None:
    found = [{**row, "arrival_time": "noon"} for row in rows(tables["stop_times.txt"])] * 10
    with pytest.raises(InputErrors) as caught:
        parse({**tables, "stop_times.txt": as_csv(found)})
    mine = [p for p in caught.value.problems if p.key == "arrival_time" and "noon" in str(p)]
    assert len(mine) == 20
    assert f"{len(found) - 20:,} more problems of this kind" in str(caught.value)


NASTY = st.one_of(st.text(max_size=8), st.sampled_from(["", "0", "-1", "99:99:99", "1e400", "nan", "9" * 30]))
CELL = st.tuples(st.integers(0, 9), st.integers(0, 999), st.integers(0, 9), NASTY)


@settings(max_examples=150, deadline=None)
@given(damages=st.lists(CELL, min_size=1, max_size=3))
def test_any_damage_is_refused_in_words_or_harmless(
    damages: list[tuple[int, int, int, str]], tables: Tables
) -> None:
    """Any cell may hold anything: a list of problems or a feed, never another error."""
    damaged = dict(tables)
    for table, line, column, text in damages:
        name = sorted(damaged)[table % len(damaged)]
        found = rows(damaged[name])
        names = sorted(found[0])
        found[line % len(found)][names[column % len(names)]] = text
        damaged[name] = as_csv(found)
    try:
        parse(damaged)
    except InputErrors as error:
        assert error.problems


# ------------------------------------------------------------------ archives


def test_names_that_point_elsewhere_are_never_read_or_written(tables: Tables, tmp_path: Path) -> None:
    path = tmp_path / "in" / "feed.zip"
    path.parent.mkdir()
    path.write_bytes(pack({**tables, "../evil.txt": "x", "/tmp/evil.txt": "x", "..\\evil.txt": "x"}))
    assert unpack(path, FILES) == tables
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["feed.zip", "in"]


def test_files_in_a_folder_of_the_archive_are_pointed_out(tables: Tables, tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(pack({f"feed/{name}": text for name, text in tables.items()}))
    with pytest.raises(
        InputErrors, match=r"feed/agency\.txt: 'in a folder'; allowed: files at the top of the archive"
    ):
        unpack(path, FILES)


def test_a_bomb_is_refused_whatever_it_claims(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(pack({"stops.txt": "0" * 5_000_000}))
    assert path.stat().st_size < 10_000
    small = Limits(file_bytes=1 << 20, all_bytes=2 << 20)
    with pytest.raises(InputErrors, match=r"stops\.txt: size = '4\.8 MiB'; allowed: up to 1 MiB a file"):
        unpack(path, FILES, small)
    lying = path.read_bytes().replace((5_000_000).to_bytes(4, "little"), (5).to_bytes(4, "little"))
    path.write_bytes(lying)
    with pytest.raises(InputErrors):
        unpack(path, FILES, small)
    path.write_bytes(pack({f"{number}.txt": "" for number in range(20)}))
    with pytest.raises(InputErrors, match="members = 20; allowed: up to 10"):
        unpack(path, FILES, Limits(members=10))


def test_what_is_no_archive_or_damaged_or_no_text_is_refused(tables: Tables, tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(b"hello")
    with pytest.raises(InputErrors, match="a ZIP archive or a folder"):
        unpack(path, FILES)
    whole = pack(tables)
    for cut in (10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:cut])
        with pytest.raises(InputErrors):
            unpack(path, FILES)
    spoilt = bytearray(whole)
    spoilt[60:90] = bytes(30)
    path.write_bytes(bytes(spoilt))
    with pytest.raises(InputErrors, match="an undamaged file"):
        unpack(path, FILES)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stops.txt", "stop_id\n拉萨\n".encode("gb18030"))
    with pytest.raises(InputErrors, match="text in UTF-8"):
        unpack(path, FILES)


@settings(max_examples=100, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_damaged_archive_is_refused_in_words_or_read(
    flips: list[tuple[int, int]], small_network: Network, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = bytearray(pack(to_gtfs(small_network)))
    for at, byte in flips:
        whole[at % len(whole)] = byte
    path = tmp_path_factory.mktemp("damaged") / "feed.zip"
    path.write_bytes(bytes(whole))
    try:
        parse(unpack(path, FILES))
    except InputErrors as error:
        assert error.problems


def test_a_folder_is_as_good_as_an_archive(tables: Tables, tmp_path: Path) -> None:
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert unpack(tmp_path, FILES) == tables


# ------------------------------------------------------------------ onto a network


def test_imported_routes_take_the_place_of_a_networks_own(small_network: Network, tables: Tables) -> None:
    fewer = {
        **tables,
        "trips.txt": as_csv([r for r in rows(tables["trips.txt"]) if r["route_id"] != "road-002"]),
    }
    fewer["stop_times.txt"] = as_csv(
        [r for r in rows(tables["stop_times.txt"]) if not r["trip_id"].startswith("road-002:")]
    )
    feed = parse(fewer)
    assert feed.notes == ("without a trip in the week taken: 1 route",)
    network = onto(small_network, feed.routes, "feed.zip")
    assert network.routes == tuple(r for r in small_network.routes if r.id != "road-002")
    assert len(network.vehicles) == len(small_network.vehicles)
    assert not any(vehicle.duty == "road-002" for vehicle in network.vehicles)
    assert Changed("road_routes", "the mail routes are those of feed.zip") in network.changed


def test_routes_of_elsewhere_do_not_fit(small_network: Network) -> None:
    with pytest.raises(InputErrors) as caught:
        onto(small_network, parse(FOREIGN).routes, "feed.zip")
    text = str(caught.value)
    assert "feed.zip [1]: stop = 'A'; allowed: one of the 7 places with a centre" in text
    assert "vehicle class = ''; allowed: yizhan_vehicle in routes.txt: one of " in text
