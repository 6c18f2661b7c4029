"""Coverage as it is asked for: from where, within which hours, what is critical and what would gain most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from network.accessibility.criticality import criticality
from network.accessibility.effects import Aim
from network.accessibility.marginal_gains import Gain, more_days, more_departures, with_collection
from network.errors import InputErrors, Problem, UnknownNameError
from network.model.network import Network
from network.routing.enquiry import end_row
from scenarios.assessment.coverage import CoverageReport, Query, report_coverage
from scenarios.runs.folder import StoredRun
from scenarios.support.progress import Progress

__all__ = ["HOURS", "ask_coverage", "origin_of"]

HOURS = (24, 48, 72, 168)
#: Where mail comes from, as a person says it: the basis, and what it means.
ORIGINS: Mapping[str, tuple[str, str]] = {
    "outside": ("inbound", "from other provinces, acceptance to first attempt"),
    "gateway": ("from_gateway", "from other provinces, gateway to door"),
    "region": ("regional", "from all places of the region, as they send"),
}
COLLECTED = 5  # rounds at the top for which what their places send is counted too


def origin_of(network: Network, text: str) -> tuple[str, str]:
    """Return the basis or the place id of an origin, and what to call it.

    Parameters
    ----------
    network
        The network.
    text
        outside, gateway or region; or a gateway or place by its id or name.

    Raises
    ------
    UnknownNameError
        If there is no such origin.
    """
    if text in ORIGINS:
        return ORIGINS[text]
    places = network.places
    gateways = np.flatnonzero(places.kind == "gateway").tolist()
    for row in gateways:
        if text in (places.id[row], places.name_en[row]):
            return str(places.id[row]), f"from {places.name_en[row]} on"
    row = end_row(network, text, (*ORIGINS, *(str(places.name_en[at]) for at in gateways)))
    if row < 0:
        raise UnknownNameError("origin", text, ORIGINS)
    return str(places.id[row]), f"from {text}"


def ask_coverage(
    name: str,
    network: Network,
    origin: str = "outside",
    quantile: float = 0.8,
    hours: Sequence[int] = HOURS,
    run: StoredRun | None = None,
    *,
    critical: bool = False,
    bottlenecks: bool = False,
    progress: Progress | None = None,
) -> CoverageReport:
    """Return the coverage of a network, and on request what is critical to it and what would gain most.

    Parameters
    ----------
    name
        Of the scenario.
    network
        Its network.
    origin
        As for `origin_of`.
    quantile
        Share of a place's mail that must be in time.
    hours
        Whole hours within which it must be.
    run
        A run of it, whose own coverage stands beside.
    critical
        Close every leg and road link in turn: minutes.
    bottlenecks
        Add a departure to every route and a day to every round: minutes.

    Raises
    ------
    UnknownNameError
        If there is no such origin.
    YizhanError
        If nothing can be sent from it.
    InputErrors
        If it is a single place where `critical` or `bottlenecks` count mail from many.
    """
    progress = progress or Progress()
    query = Query(origin_of(network, origin)[0], quantile, tuple(sorted(set(hours))))
    if query.basis == "origin" and (critical or bottlenecks):
        allowed = "one of outside, gateway and region with --critical or --bottlenecks"
        raise InputErrors([Problem("command line", "", "--from", origin, allowed)])
    answer = report_coverage(name, network, query, run, progress)
    aim = Aim(query.basis, float(query.hours[-1]), quantile)
    if critical:
        closing = _counted(progress, "closing legs and roads")
        rows = criticality(network, aim, answer.ends, answer.times, progress=closing)
        answer = replace(answer, critical=rows)
    if bottlenecks:
        answer = replace(answer, gains=_gains(answer, aim, progress))
    return answer


def _counted(progress: Progress, text: str) -> Callable[[int, int], None]:
    return lambda done, total: progress.counted(text, done, total)


def _gains(answer: CoverageReport, aim: Aim, progress: Progress) -> list[Gain]:
    network, ends, before = answer.network, answer.ends, answer.times
    days = more_days(network, aim, ends, before, _counted(progress, "adding running days"))
    days.sort(key=lambda row: row.effect.mean_h)
    for at, row in enumerate(days[:COLLECTED] if aim.basis == "regional" else ()):
        progress.counted("counting what they send", at, COLLECTED)
        days[at] = replace(row, effect=with_collection(network, row, aim, before))
    trips = more_departures(network, aim, ends, before, progress=_counted(progress, "adding departures"))
    return sorted((*trips, *days), key=lambda row: (row.effect.mean_h, row.id))
