"""What a search of all doors from all doors costs, beside Dijkstra from each.

    python benchmarks/search.py
    python benchmarks/search.py --sources 20 --copies 3

All on the network of xizang-2021: what every place accepts on a Wednesday at 10:00, and when every place
gets it at the earliest.  The baselines are asked from some places, drawn evenly, and their time
is scaled to all of them: time-dependent Dijkstra in Python over the same timetable, rounds and hours
(`tests/verification/doors.py`), from every place and once for all places whose items are ready at one base
at one second; and networkx's Dijkstra over fixed times, which answers an easier question.  Times are seconds
of CPU.
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
from network.lastmile.handover import handover_s
from network.model.network import Network
from network.model.records import DAY_S
from network.routing.journeys import NEVER, Arrivals, Journeys

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


def line(what: str, seconds: float) -> None:
    print(f"{what:<58} {seconds:>10.4f}", flush=True)


def ratio(what: str, base_s: float, seconds: float) -> None:
    print(f"{'  ' + what:<58} {base_s / seconds:>8.0f} ×", flush=True)


def all_pairs(search: Journeys, places: np.ndarray) -> Arrivals:
    return search.arrivals(places, ACCEPTED_S, GROUP)


def fixed_times(network: Network) -> nx.DiGraph[str]:
    """Return a graph of the least hours from stop to stop, and from bases to their places and back."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for route in network.routes:
        for service in route.services:
            for a, stop in enumerate(service.stops):
                for b in range(a + 1, len(service.stops)):
                    hours = (service.arrive_s[b] - service.depart_s[a]) / HOUR_S
                    known = graph.get_edge_data(stop, service.stops[b], {"hours": math.inf})["hours"]
                    graph.add_edge(stop, service.stops[b], hours=min(hours, known))
    for round_ in network.rounds:
        for place, visit_s in zip(round_.places, round_.visit_s, strict=True):
            graph.add_edge(round_.base, place, hours=(visit_s - round_.depart_s) / HOUR_S)
            graph.add_edge(place, round_.base, hours=max(0.0, (round_.intake_s - visit_s) / HOUR_S))
    return graph


def hours(_from: str, _to: str, edge: dict[str, float]) -> float:
    """Return the weight of an edge; networkx itself would take 1 where there is none."""
    return edge["hours"]


def dijkstra(plain: Doors, places: list[int], delay: np.ndarray) -> list[dict[int, int]]:
    return [plain.arrivals(place, ACCEPTED_S, delay) for place in places]


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
    search = Journeys(network)
    places = np.flatnonzero(search.last_mile.round_row >= 0)
    n = len(places)
    prepare_s = clocked(lambda: Journeys(network), args.repeats)
    ours_s = clocked(lambda: all_pairs(search, places).matrix(), args.repeats)
    total_s = prepare_s + ours_s
    print(f"{n:,} places with rounds, {len(network.stops)} stops, {n * n:,} pairs")
    print("CPU seconds")
    line("timetable, profiles of all stops and rounds", prepare_s)
    line("all to all at one departure", ours_s)
    line("both together", total_s)

    some = places[np.linspace(0, n - 1, args.sources).astype(int)]
    kind = search.plan.groups[GROUP]
    plain = Doors(network, set(kind.modes), {"shared", kind.carrier})
    delay = handover_s(network)[0]
    answers: list[dict[int, int]] = []
    dijkstra_s = clocked(lambda: answers.extend(dijkstra(plain, some.tolist(), delay)), 1) / len(some) * n
    attempt_s = all_pairs(search, some).matrix()
    differ = sum(
        int(attempt_s[row, place] != second)
        for row, answer in enumerate(answers)
        for place, second in answer.items()
    )
    assert [len(answer) for answer in answers] == np.sum(attempt_s < NEVER, axis=1).tolist()
    line("time-dependent Dijkstra, all sources", dijkstra_s)
    ratio("ratio", dijkstra_s, total_s)
    print(f"{'  arrivals of the sample that differ':<58} {differ:>10,}")
    starts = sorted({plain.taken_in(place, ACCEPTED_S) or ("", 0) for place in places.tolist()})
    sample = starts[:: max(1, len(starts) // args.sources)]
    once_s = clocked(lambda: [plain.attempts(plain.line_haul(*start), delay) for start in sample], 1)
    once_s *= len(starts) / len(sample)
    line(f"the same once for each of {len(starts)} bases and seconds", once_s)
    row_s = clocked(lambda: all_pairs(search, places), args.repeats)
    ratio("ratio to preparation and one row for each", once_s, prepare_s + row_s)
    graph = fixed_times(network)
    names = network.places.id[some].tolist()

    def static() -> None:
        for name in names:
            nx.single_source_dijkstra_path_length(graph, name, weight=hours)

    static_s = clocked(static, 1) / len(some) * n
    line("networkx, Dijkstra over fixed times, all sources", static_s)
    ratio("ratio", static_s, total_s)

    twenty = some[:20].tolist()
    twenty_s = clocked(lambda: [search.profile(place, GROUP) for place in twenty], args.repeats)
    profile_s = twenty_s / len(twenty)
    line("profile of a week, one to all", profile_s)

    def collections() -> None:
        for place in twenty[:5]:
            closes, _ = search.profile(place, GROUP)
            for second in closes.tolist():
                plain.arrivals(place, second, delay)

    week_s = clocked(collections, 1) / 5
    line("time-dependent Dijkstra at each collection of the week", week_s)
    ratio("ratio", week_s, profile_s)

    wide = side_by_side(network, args.copies)
    wide_prepare_s = clocked(lambda: Journeys(wide), 1)
    more = Journeys(wide)
    many = np.flatnonzero(more.last_mile.round_row >= 0)
    wide_s = clocked(lambda: all_pairs(more, many), 1)
    pairs = math.log(len(many) ** 2 / n**2)
    print(f"{args.copies} regions side by side: {len(many):,} places, {len(wide.stops):,} stops")
    line("timetable, profiles of all stops and rounds", wide_prepare_s)
    line("all to all at one departure, one row for each base", wide_s)
    for what, large, small in (
        ("preparation", wide_prepare_s, prepare_s),
        ("all to all, one row for each base", wide_s, row_s),
    ):
        power = math.log(large / small) / pairs
        print(f"{'  growth exponent with pairs, ' + what:<58} {power:>10.2f}")


if __name__ == "__main__":
    main()
