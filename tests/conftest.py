"""What several test modules share: a small network on the real places, made by hand."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: as in workers, whose bytes are compared
os.environ.pop("COLUMNS", None)  # tables are as wide as in a file, unless a test asks for a screen

import numpy as np
import pytest

from network.build import build_network
from network.fleet.vehicles import place_fleet
from network.geography.settlements import build_places
from network.inputs.tables import load_region
from network.lastmile.outlets import place_express_outlets, place_postal_outlets, place_stations
from network.lastmile.rounds import draft_rounds
from network.linehaul.timetable import schedule
from network.model.network import Network
from network.model.records import Centre, MailRoute
from network.model.vehicle_classes import vehicle_classes

# What several tests import: the obvious model and the tiny networks.  A package of the name "tests" would be
# another one's, for a library that the tests need installs its own.
sys.path.insert(0, str(Path(__file__).parent / "verification"))

# Here and not there: where tests run in several processes, the one that sums up loads only this file.
from tallies import pytest_sessionfinish, pytest_terminal_summary  # noqa: F401
from tiny import hand_made

LHASA, XIGAZE, TINGRI, NAGQU = "540102", "540202", "540223", "540602"
BRANCH = "540223200"  # a township of Tingri
VEHICLES = 400


def _route(name: str, mode: str, kind: str, stops: tuple[str, ...], km: float, per_week: int) -> MailRoute:
    vehicle = {"road": "truck-6.8", "rail": "mail-car", "air": "belly"}[mode]
    links = ((f"{stops[0]}-{stops[1]}",) if mode == "road" else (),)
    route = MailRoute(
        name, f"{name} by hand", mode, kind, stops, (km,), links, (), "by hand", vehicle=vehicle
    )
    return schedule(route, per_week, load_region("xizang").assumptions)


def _centre(place: str, tier: str) -> Centre:
    times = {"road": 3600, "rail": 28_800, "air": 14_400, "collect": 1800}
    lanes = (2, 900, 2, 2500) if tier in ("region", "prefecture", "county") else (0, 0, 0, 0)
    return Centre(place, tier, times, *lanes)


@pytest.fixture(scope="session")
def small_network() -> Network:
    """Return a network of four seats, a branch and two gateways; nothing in it may be written to."""
    return make_small_network()


@pytest.fixture(scope="session")
def xizang_2021() -> Network:
    """Return the built network of 2021; nothing in it may be written to."""
    return build_network("xizang", 2021)


def make_small_network() -> Network:
    """Build it."""
    a = load_region("xizang").assumptions
    region = load_region("xizang")
    places = build_places(region, a, 2021)
    report = load_region("xizang").report(2021)
    items = replace(report["express_items"], value=40_000.0)
    report = replace(report, figures={**report.figures, "express_items": items})
    routes = (
        _route("road-001", "road", "trunk", (LHASA, XIGAZE), 272.0, 7),
        _route("road-002", "road", "trunk", (LHASA, NAGQU), 330.0, 7),
        _route("road-003", "road", "feeder", (XIGAZE, TINGRI), 240.0, 5),
        _route("road-004", "road", "branch", (TINGRI, BRANCH), 60.0, 3),
        _route("rail-01", "rail", "rail", (LHASA, "GW_XINING"), 1972.0, 7),
        _route("air-01", "air", "non-stop", (LHASA, "GW_CHENGDU"), 1263.0, 7),
    )
    bases = {county.code: county.code for county in region.counties} | {BRANCH: BRANCH}
    kg = np.where(places.population > 0, places.population * 0.01, 0.0)
    rounds = draft_rounds(places, bases, kg, kg / 130, a).within(None)
    served = {LHASA, XIGAZE, TINGRI, NAGQU, BRANCH}
    rounds = tuple(round_ for round_ in rounds if round_.base in served)
    classes = vehicle_classes(a)
    return hand_made(
        places=places,
        routes=routes,
        vehicle_classes=classes,
        centres=(
            _centre(LHASA, "region"),
            _centre(XIGAZE, "prefecture"),
            _centre(NAGQU, "prefecture"),
            _centre(TINGRI, "county"),
            _centre(BRANCH, "township"),
            _centre("GW_XINING", "gateway"),
            _centre("GW_CHENGDU", "gateway"),
        ),
        outlets=(*place_postal_outlets(places, 754, a), *place_express_outlets(places, 450, 11, 36, a)),
        stations=place_stations(places, 4626),
        rounds=rounds,
        vehicles=place_fleet(routes, rounds, VEHICLES, classes, a),
        report=report,
    )
