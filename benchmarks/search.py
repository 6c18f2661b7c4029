"""What a search of all doors from all doors costs, beside Dijkstra from each.

    python benchmarks/search.py
    python benchmarks/search.py --sources 20 --copies 3

All on the network of xizang-2021: what every place accepts on a Wednesday at 10:00, and when every place
gets it at the earliest.  The baselines are asked from some places, drawn evenly, and their time is scaled
to all of them: time-dependent Dijkstra in Python over the same timetable, rounds and hours
(`tests/verification/doors.py`), and networkx's Dijkstra over fixed times, which answers an easier question.
Times are seconds of CPU.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import networkx as nx
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "verification"))

from copies import side_by_side
from doors import Doors

from network.build import build_network
from network.graph import MailNetwork
from network.handover import handover_s
from network.journeys import Arrivals, Journeys
from network.model import DAY_S

ACCEPTED_S = 2 * DAY_S + 10 * 3600
GROUP = 1  # any mode
HOUR_S = 3600


def clocked(work: Callable[[], object], repeats: int) -> float:
    """Return the median CPU seconds of some repeats."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return median(times)


def line(what: str, seconds: float, ratio: float | None = None) -> None:
    print(f"{what:<58} {seconds:>10.4f}" + ("" if ratio is None else f" {ratio:>7.0f} ×"), flush=True)


def all_pairs(search: Journeys, places: np.ndarray) -> Arrivals:
    return search.arrivals(places, ACCEPTED_S, GROUP)


def fixed_times(network: MailNetwork) -> nx.DiGraph[str]:
    """Return a graph of the least hours from stop to stop, and from bases to their places and back."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for route in network.routes:
        for service in route.services:
            for a, stop in enumerate(service.stops):
                for b in range(a + 1, len(service.stops)):
                    hours = (service.arrive_s[b] - service.depart_s[a]) / HOUR_S
                    known = graph.get_edge_data(stop, service.stops[b], {"hours": math.inf})["hours"]
                    graph.add_edge(stop, service.stops[b], hours=min(hours, known))
    for tour in network.rounds:
        for place, visit_s in zip(tour.places, tour.visit_s, strict=True):
            graph.add_edge(tour.base, place, hours=(visit_s - tour.depart_s) / HOUR_S)
            graph.add_edge(place, tour.base, hours=max(0.0, (tour.intake_s - visit_s) / HOUR_S))
    return graph


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=int, default=100, help="places from which the baselines start")
    parser.add_argument("--copies", type=int, default=10, help="of the region, for growth")
    parser.add_argument("--repeats", type=int, default=5, help="of short runs; the median is shown")
    args = parser.parse_args()

    network = build_network()
    prepare_s = clocked(lambda: Journeys(network), args.repeats)
    search = Journeys(network)
    places = np.flatnonzero(search.last_mile.tour >= 0)
    n = len(places)
    ours_s = clocked(lambda: all_pairs(search, places).matrix(), args.repeats)
    print(f"{n:,} places with rounds, {len(network.stops)} stops, {n * n:,} pairs")
    print(f"{'':<58} {'CPU s':>10} {'ratio':>9}")
    total_s = prepare_s + ours_s
    line("timetable, profiles of all stops and rounds", prepare_s)
    line("all to all at one departure", ours_s)
    line("both together", total_s)

    some = places[np.linspace(0, n - 1, args.sources).astype(int)]
    kind = search.plan.groups[GROUP]
    plain = Doors(network, set(kind.modes), {"shared", kind.carrier})
    delay = handover_s(network)[0]
    found = all_pairs(search, some).matrix()
    begin = time.process_time()
    answers = [plain.arrivals(place, ACCEPTED_S, delay) for place in some.tolist()]
    dijkstra_s = (time.process_time() - begin) / len(some) * n
    differ = sum(
        int(found[row, place] != second)
        for row, answer in enumerate(answers)
        for place, second in answer.items()
    )
    line("time-dependent Dijkstra, all sources", dijkstra_s, dijkstra_s / total_s)
    print(f"{'  pairs of the sample that differ':<58} {differ:>10,}")
    graph = fixed_times(network)
    names = network.places.id[some].tolist()
    begin = time.process_time()
    for name in names:
        nx.single_source_dijkstra_path_length(graph, name, weight="hours")
    static_s = (time.process_time() - begin) / len(some) * n
    line("networkx, Dijkstra over fixed times, all sources", static_s, static_s / total_s)

    profile_s = (
        clocked(lambda: [search.profile(place, GROUP) for place in some[:20].tolist()], args.repeats) / 20
    )
    begin = time.process_time()
    for place in some[:5].tolist():
        closes, _ = search.profile(place, GROUP)
        for second in closes.tolist():
            plain.arrivals(place, second, delay)
    week_s = (time.process_time() - begin) / 5
    line("profile of a week, one to all", profile_s)
    line("time-dependent Dijkstra at each collection of the week", week_s, week_s / profile_s)

    wide = side_by_side(network, args.copies)
    wide_prepare_s = clocked(lambda: Journeys(wide), 1)
    more = Journeys(wide)
    many = np.flatnonzero(more.last_mile.tour >= 0)
    one_s = clocked(lambda: all_pairs(search, places), args.repeats)
    wide_s = clocked(lambda: all_pairs(more, many), 1)
    pairs = math.log(len(many) ** 2 / n**2)
    growths = {"preparation": wide_prepare_s / prepare_s, "all to all": wide_s / one_s}
    print(f"{args.copies} regions side by side: {len(many):,} places, {len(wide.stops):,} stops")
    line("timetable, profiles of all stops and rounds", wide_prepare_s)
    line("all to all at one departure, by source", wide_s)
    for what, ratio in growths.items():
        print(f"{'growth exponent with pairs, ' + what:<58} {math.log(ratio) / pairs:>10.2f}")


if __name__ == "__main__":
    main()
