"""The whole kernel against Ciw, a queueing simulator by others, on a small open network.

::

    outside –> GW_XINING ~~~> A ~~~> B ~~~> C        a fifth of the items ends at A, a third at B
                        c = 1, 1    2, 1    3, 1     lanes and sorters

Items come Poisson at the gateway.  Trips leave everywhere every ten minutes and always ride as long.
Ciw plays the same: what happens between two centres is there a node of as many servers as it takes, in
which an item stays until the next whole ten minutes and then for riding and handling.  Service times are
whole seconds in both, so nothing is rounded on one side only; both begin empty and go on until the last
item of two days has ended, so no while at the start is cut off either.  The same items come to both, so
that their difference can be told from chance; how long each is served, and who is first of those that a
trip brings together, they draw for themselves.

Compared are means over replications: the wait for a lane at each centre, and by destination the time at
centres and the time spent waiting for trips.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from theory import HOUR_S, LEVEL, FromOutside
from tiny import (
    MONDAY,
    make_centre,
    make_class,
    make_network,
    make_places,
    make_round,
    make_route,
    make_service,
)

from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S, WEEK_S
from network.routing.search import make_plan
from sim.measures.statistics import Interval, paired
from sim.run import RunPlan, simulate
from sim.state.records import DELIVERED

ciw = pytest.importorskip("ciw", reason="the queueing simulator is in the extra 'peers'")

RATE_PER_H = 42.0
EVERY_S, RIDE_S, HANDLING_S = 600, 240, 60
END_S = 2 * DAY_S
SEATS = {"A": 0.2, "B": 0.3, "C": 0.5}  # share of the items that end there
LANES = {"A": (1, 60), "B": (2, 25), "C": (3, 10)}  # number, items an hour
SORTERS = {"A": (1, 60), "B": (1, 50), "C": (1, 40)}
RECHECK_SHARE, RECHECK_MIN = 0.2, 1
REPLICATIONS = range(8)
LETTER = make_class("letter", 4)


def open_network(recheck: str, service: str) -> Network:
    stops = ["GW_XINING", *SEATS]
    starts = list(range(0, WEEK_S, EVERY_S))
    routes = [
        make_route(f"{a}-{b}", "road", [make_service([a, b], [RIDE_S], starts)])
        for a, b in itertools.pairwise(stops)
    ]
    return make_network(
        make_places({seat: [seat.lower()] for seat in SEATS}, ["GW_XINING"]),
        routes,
        [
            make_centre("GW_XINING"),
            *(make_centre(seat, HANDLING_S, lanes=LANES[seat], sorters=SORTERS[seat]) for seat in SEATS),
        ],
        [make_round(f"round-{seat}", seat, [seat.lower()]) for seat in SEATS],
        values={"recheck_share": RECHECK_SHARE if recheck == "lane" else 0, "recheck_min": RECHECK_MIN},
        operations=Operations(recheck=recheck, service=service),
    )


def drawn_items(replication: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the second at which each item of two days comes, and the seat (from 0) to which it goes."""
    rng = np.random.default_rng(replication)
    n = rng.poisson(RATE_PER_H * END_S / HOUR_S)
    accepted = np.floor(np.sort(rng.uniform(0, END_S, n))).astype(np.int64)
    return accepted, rng.choice(len(SEATS), n, p=list(SEATS.values()))


def by_kernel(network: Network, replication: int) -> list[float]:
    """Return the mean waits for a lane, times at centres and waits for trips, seconds."""
    accepted, seat = drawn_items(replication)
    rows = np.array([network.places.row(name.lower()) for name in SEATS])
    demand = FromOutside(network.places, LETTER, "northwest", accepted, rows[seat], replication)
    plan = RunPlan(MONDAY, 0, END_S // DAY_S, replication=replication)
    result = simulate(network, plan, demand=demand)  # type: ignore[arg-type]
    items = result.items
    assert (items["dest"] == rows[seat]).all() and (items["outcome"] == DELIVERED).all()
    waited = {row["name"]: row["item_h"] for row in result.bottlenecks if row["kind"] == "centre"}
    found = [waited[name] * HOUR_S / np.count_nonzero(seat >= i) for i, name in enumerate(SEATS)]
    return found + [
        items[name][seat == i].mean() for name in ("handle_s", "wait_s") for i in range(len(SEATS))
    ]


# ------------------------------------------------------------------ the same for Ciw


class NextTrip(ciw.dists.Distribution):
    """Until the next departure, and from it to the lanes of the next centre."""

    def sample(self, t: float | None = None, ind: object = None) -> float:
        return -t % EVERY_S + RIDE_S + HANDLING_S


class Service(ciw.dists.Distribution):
    """Whole seconds of service."""

    def __init__(self, draw: Callable[[], float]) -> None:
        self._draw = draw

    def sample(self, t: float | None = None, ind: object = None) -> float:
        return float(max(1, math.ceil(self._draw())))


def by_ciw(recheck: str, service: str, replication: int, longer: float = 1.0) -> list[float]:
    """Return the same as `by_kernel`, where every service is so many times as long."""
    rng = np.random.default_rng([7, replication])

    def serving(rate: int, rechecks: bool) -> Service:
        mean_s = HOUR_S / rate * longer
        if service == "exponential":
            return Service(lambda: rng.exponential(mean_s))
        if rechecks:
            return Service(lambda: mean_s + 60 * RECHECK_MIN * (rng.random() < RECHECK_SHARE))
        return Service(lambda: mean_s)

    services: list[ciw.dists.Distribution] = []
    servers: list[float] = []
    for name in SEATS:
        services += [NextTrip(), serving(LANES[name][1], recheck == "lane"), serving(SORTERS[name][1], False)]
        servers += [math.inf, LANES[name][0], SORTERS[name][0]]
    nowhere = [None] * (len(services) - 1)
    accepted, seat = drawn_items(replication)
    arrivals, routing = {}, {}
    for i, name in enumerate(SEATS):
        gaps = np.diff(accepted[seat == i], prepend=0).astype(float).tolist()
        arrivals[name] = [ciw.dists.Sequential([*gaps, math.inf]), *nowhere]
        routing[name] = (
            np.eye(len(services), k=1) * (np.arange(len(services)) < 3 * i + 2)[:, None]
        ).tolist()
    network = ciw.create_network(
        arrival_distributions=arrivals,
        service_distributions={name: services for name in SEATS},
        number_of_servers=servers,
        routing=routing,
    )
    ciw.seed(replication)  # who of one second is first
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(END_S + WEEK_S)
    rows = [
        (r.node - 1, r.id_number - 1, int(r.arrival_date), int(r.waiting_time), int(r.exit_date))
        for r in simulation.get_all_records()
    ]
    node, item, came, waited, went = np.array(rows).T
    assert len(rows) == (3 * (seat + 1)).sum()
    found = [waited[node == 3 * i + 1].mean() for i in range(len(SEATS))]
    bus = node % 3 == 0
    goes_to = np.zeros(len(seat), dtype=int)
    np.maximum.at(goes_to, item, node // 3)
    at_centres = np.bincount(item, np.where(bus, HANDLING_S, went - came))
    for_trips = np.bincount(item, np.where(bus, went - came - RIDE_S - HANDLING_S, 0))
    return found + [
        times[goes_to == i].mean() for times in (at_centres, for_trips) for i in range(len(SEATS))
    ]


def differences(
    recheck: str, service: str, monkeypatch: pytest.MonkeyPatch, longer: float = 1.0
) -> list[Interval]:
    """Return by how much each mean of the kernel exceeds that of Ciw."""
    network = open_network(recheck, service)
    routing = make_plan(network)
    monkeypatch.setattr("sim.engine.kernel.make_plan", lambda network: routing)  # once is enough
    monkeypatch.setattr("sim.engine.kernel.RESOLVED_SHARE", 1.0)  # go on until the last has ended
    ours = np.array([by_kernel(network, replication) for replication in REPLICATIONS])
    theirs = np.array([by_ciw(recheck, service, replication, longer) for replication in REPLICATIONS])
    return [paired(one, other, LEVEL) for one, other in zip(theirs.T, ours.T, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recheck", "service"), [("aside", "deterministic"), ("aside", "exponential"), ("lane", "deterministic")]
)
def test_an_open_network_is_as_ciw_says(recheck: str, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mean within the interval of the difference, at 99.9 %, or equal but for the last bits."""
    for mean, half_width in differences(recheck, service, monkeypatch):
        assert abs(mean) <= half_width + 1e-9


@pytest.mark.slow
def test_ciw_would_see_that_service_takes_five_per_cent_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """At every centre: the wait for a lane, and the time there of those who end at it."""
    for mean, half_width in differences("aside", "deterministic", monkeypatch, longer=1.05)[:6]:
        assert -mean > half_width
