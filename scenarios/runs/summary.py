"""``summary.json``: the measures of a run with intervals, and what else a reader wants to know first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from network.capacity.resize import at_target
from network.fleet.requirements import needs
from network.inputs.assumptions import Assumptions
from network.model.network import Network
from network.model.records import DAY_S, MODES
from network.reconcile import Context, Row, passed
from scenarios.definition.resolve import Resolved
from sim.engine.bottlenecks import WHAT
from sim.measures.keys import SUMMARY_KEYS
from sim.measures.loads import boarded_per_day, queue_growth
from sim.measures.longest import longest_transit_s
from sim.measures.statistics import interval
from sim.measures.tally import REASONS
from sim.measures.warmup import Columns, settled
from sim.run import RunResult

__all__ = [
    "KEYS",
    "assumed",
    "bottlenecks",
    "combine",
    "flatten",
    "half_widths",
    "queues",
    "start_up",
    "summary",
    "undelivered",
    "worst",
]

WORST = 10

#: What the keys of ``summary.json`` mean, beside those of the measures themselves.
KEYS: Mapping[str, str] = {
    "scenario": "name of the scenario",
    "title": "the scenario in one line",
    "region": "region of the data",
    "year": "year of the report",
    "start": "first day of the run, a Monday; demand begins at its midnight",
    "warmup_days": "days before the measured cohort",
    "measured_days": "days whose accepted items are the measured cohort",
    "year_measured.originating_express": "express items accepted within the region in a measured year",
    "year_measured.published": "what the report says they are",
    "year_measured.around": "how demand on the days before and after the year is drawn",
    "seed": "seed of the random streams",
    "replications": "number of runs under different streams",
    "longest_uncongested_days": "longest transit time without queues; the warm-up should cover it",
    "readings": "how the operators and the fleet were read (rule 6)",
    "carried_back": "what an early year takes over from a later report",
    "assumed.values": "number of assumed single values in force; scenario.toml lists them all",
    "assumed.lists": "names of the assumed lists, such as classes and brands",
    "assumed.changed": "default and value of each assumed value that the scenario changed, by name",
    "changed": "what the scenario changed since the base was fitted",
    "network": "what there is: routes, one-way km, stops, outlets, stations, rounds, lanes, vehicles",
    "needs": "vehicles, drivers and vehicle-km a week that routes and rounds take; over = beyond the fleet",
    "needs.firms": "beside them, the express firms' own lines where the fleet is the post's alone (rule 6)",
    "needs_at_target": "the same if vehicles were sized for a mean load at target_load",
    "reconciliation.ok": "whether every judged figure is met within its printed precision",
    "reconciliation.failed": "names of the figures that are not met",
    "items_total": "items accepted in the whole run, warm-up included, by replication",
    "trips": "starts of trips with mail: number, mean lateness, share over an hour late, extra and cancelled",
    "ledgers": "the ledger at the close of each replication, in items; difference is 0",
    "queues.tested": "queues tested for growth over the whole weeks measured, a run; null: under three",
    "queues.growing": "queues found growing: replication, queue, stop, mean items, slope in items a day",
    "warmup.mser5_days": "days of start-up by MSER-5 (rule 17); null: under 50 days with deliveries",
    "warmup.conclusive": "whether it lies in the first half of the run, beyond which the rule has no answer",
    "precision.wanted": "with --precision: half-width asked for as a share of the mean, by measure",
    "precision.max_replications": "with --precision: where to stop at the latest",
    "precision.shares": "with --precision: half-width as a share of the mean; null: no value",
    "precision.reached": "with --precision: whether every measure is as exact as was asked",
    "measures": "means over the replications; see keys.measures",
    "half_widths": "half-widths of the 95 % Student intervals of the measures; null with one replication",
    "scheduled": "measures by the timetable alone, without queues, chance and holidays; see keys.measures",
    "keys": "this list",
}


def summary(
    resolved: Resolved,
    network: Network,
    rows: Sequence[Row],
    context: Context,
    replications: Sequence[Mapping[str, Any]],
    days: Columns,
    precision: Mapping[str, Any] | None = None,
    scheduled: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the content of ``summary.json``.

    Parameters
    ----------
    resolved, network
        The scenario and the network that ran.
    rows, context
        Its reconciliation.
    replications
        Entries of ``replications.json``, in order.
    days
        Content of ``days.parquet``.
    precision
        What `Precision.as_dict` says, where a precision was asked for.
    scheduled
        What `network.accessibility.scheduled_measures.scheduled_measures` says of the network.
    """
    run, plan = resolved.run, resolved.plan
    measures = [entry["measures"] for entry in replications]
    tested = [entry["queues"]["tested"] for entry in replications]
    return {
        "scenario": resolved.name,
        "title": resolved.title,
        "region": network.region.name,
        "year": network.year,
        "start": plan.start.isoformat(),
        "warmup_days": plan.warmup_days,
        "measured_days": plan.measured_days,
        **({"year_measured": year_measured(network, measures[0])} if run.year else {}),
        "seed": plan.seed,
        "replications": len(replications),
        "longest_uncongested_days": longest_transit_s(network) / DAY_S,
        "readings": list(context.readings),
        "carried_back": list(context.carried_back),
        "assumed": assumed(network.assumptions),
        "changed": [f"{note.figure}: {note.label}" for note in network.changed],
        "network": facts(network),
        "needs": needs(network).as_dict(),
        "needs_at_target": needs(at_target(network)).as_dict(),
        "reconciliation": {"ok": passed(rows), "failed": [row.name for row in rows if row.ok is False]},
        "items_total": [entry["items_total"] for entry in replications],
        "trips": [entry["trips"] for entry in replications],
        "ledgers": [entry["ledger"] for entry in replications],
        "queues": {
            "tested": tested[0],
            "growing": [
                {"replication": entry["replication"], **queue}
                for entry in replications
                for queue in entry["queues"]["growing"]
            ],
        },
        "warmup": start_up(days),
        **({} if precision is None else {"precision": dict(precision)}),
        "measures": combine(measures),
        "half_widths": half_widths(measures),
        **({} if scheduled is None else {"scheduled": dict(scheduled)}),
        "keys": {
            **KEYS,
            "measures": {path: f"{key.meaning} [{key.unit}]" for path, key in SUMMARY_KEYS.items()},
        },
    }


def start_up(days: Columns) -> dict[str, Any]:
    """Return how long the empty start shows, from the columns of ``days.parquet``."""
    settling = settled(days)
    return {"mser5_days": settling and settling.day, "conclusive": settling and settling.conclusive}


def assumed(assumptions: Assumptions) -> dict[str, Any]:
    """Return what the outputs rest on that nobody published: how many values, which lists, which changed."""
    entries = [assumptions.entry(name) for name in assumptions]
    return {
        "values": len(entries),
        "lists": list(assumptions.tables),
        "changed": {e.name: {"default": e.default, "value": e.value} for e in entries if e.changed},
    }


def facts(network: Network) -> dict[str, Any]:
    """Return the numbers that describe a network."""
    routes = {mode: [r for r in network.routes if r.mode == mode] for mode in MODES}
    return {
        "routes": {mode: len(of_mode) for mode, of_mode in routes.items()},
        "route_km": {mode: round(sum(r.km for r in of_mode), 3) for mode, of_mode in routes.items()},
        "trips_per_week": sum(len(s.starts_s) for r in network.routes for s in r.services),
        "stops": len(network.stops),
        "postal_outlets": sum(o.network == "postal" for o in network.outlets),
        "express_outlets": sum(o.network == "express" for o in network.outlets),
        "stations": len(network.stations),
        "rounds": len(network.rounds),
        "round_days_per_week": sum(len(round_.weekdays) for round_ in network.rounds),
        "lanes": sum(centre.lanes for centre in network.centres),
        "vehicles": len(network.vehicles),
    }


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _fold(trees: Sequence[Any], join: Callable[[Sequence[Any]], Any]) -> Any:
    """Join trees leaf by leaf; None stands for what one of them lacks, as a group without an item."""
    branches = [tree for tree in trees if isinstance(tree, Mapping)]
    if branches:
        keys = dict.fromkeys(key for tree in branches for key in tree)
        whole = [tree if isinstance(tree, Mapping) else {} for tree in trees]
        return {key: _fold([tree.get(key) for tree in whole], join) for key in keys}
    if all(isinstance(tree, list) for tree in trees):
        return [_fold(list(parts), join) for parts in zip(*trees, strict=True)]
    return join(trees)


def combine(trees: Sequence[Any]) -> Any:
    """Return the mean of each number of the replications' measures.

    None where any replication has nothing; text is the first one's.
    """

    def join(values: Sequence[Any]) -> Any:
        if len(values) == 1 or isinstance(values[0], str):
            return values[0]
        return interval(values).mean if _numbers(values) else None

    return _fold(trees, join)


def flatten(tree: Any, path: str = "") -> Iterator[tuple[str, float | None]]:
    """Yield the numbers of a measure tree with their dotted keys; curves and text are left out."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if key != "curve":
                yield from flatten(value, f"{path}.{key}" if path else str(key))
    elif tree is None or (isinstance(tree, int | float) and not isinstance(tree, bool)):
        yield path, tree


def half_widths(trees: Sequence[Any], level: float = 0.95) -> Any:
    """Return the half-width of the interval of each number; None for a single replication."""

    def join(values: Sequence[Any]) -> Any:
        if isinstance(values[0], str) or not _numbers(values):
            return None
        half = interval(values, level).half_width
        return half if math.isfinite(half) else None

    return _fold(trees, join) if len(trees) > 1 else None


def queues(network: Network, result: RunResult) -> dict[str, Any]:
    """Return which queues grow over the whole weeks of the measured days."""
    plan = result.plan
    weeks = plan.measured_days // 7
    if weeks < 3:
        return {"tested": None, "growing": []}
    window = plan.warmup_days, plan.warmup_days + 7 * weeks
    volume = boarded_per_day(network, result.trips, len(result.waiting))
    growth = queue_growth(
        {"lanes, sorters and lines": result.waiting, "rounds": result.waiting_rounds},
        window,
        network.stops,
        volume,
    )
    names = network.places.name_en
    growing = [
        {
            "queue": str(growth["queue"][row]),
            "stop": str(growth["stop"][row]),
            "name": str(names[network.places.row(str(growth["stop"][row]))]),
            **{key: round(float(growth[key][row]), 3) for key in ("mean", "slope", "growth", "detectable")},
        }
        for row in np.flatnonzero(growth["growing"])
    ]
    return {"tested": len(growth["growing"]), "growing": growing}


def worst(result: RunResult) -> list[dict[str, Any]]:
    """Return the legs, centres and rounds that kept items waiting in one replication."""
    return [
        {
            "kind": str(row["kind"]),
            "name": str(row["name"]),
            "what": str(row["what"]),
            "item_h": float(row["item_h"]),  # type: ignore[arg-type]
            "items": int(row["items"]),  # type: ignore[call-overload]
        }
        for row in result.bottlenecks
    ]


def bottlenecks(replications: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the ten worst legs, centres and rounds by item-hours of waiting, means over replications."""
    totals: dict[tuple[str, str], list[float]] = {}
    for entry in replications:
        for row in entry["bottlenecks"]:
            total = totals.setdefault((row["kind"], row["name"]), [0.0, 0.0])
            total[0] += row["item_h"]
            total[1] += row["items"]
    rows = []
    for kind, what in WHAT.items():
        of_kind = sorted((-hours, name, items) for (k, name), (hours, items) in totals.items() if k == kind)
        n = len(replications)
        rows += [
            {
                "kind": kind,
                "rank": rank,
                "name": name,
                "what": what,
                "item_h": -hours / n,
                "items": items / n,
            }
            for rank, (hours, name, items) in enumerate(of_kind[:WORST], start=1)
        ]
    return rows


def undelivered(network: Network, replications: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what was not delivered by reason and stop, means over replications, the most items first."""
    totals: dict[tuple[str, str], list[int]] = {}
    for entry in replications:
        for row in entry["undelivered"]:
            total = totals.setdefault((row["reason"], row["stop"]), [0, 0, 0])
            for at, name in enumerate(("items", "missed_dispatches", "cancelled")):
                total[at] += row[name]
    accepted = sum(entry["measures"]["items"]["accepted"] for entry in replications)
    names = network.places.name_en
    rows = [
        {
            "reason": reason,
            "meaning": REASONS[reason],
            "stop": stop,
            "name": str(names[network.places.row(stop)]) if stop else "",
            "items": items / len(replications),
            "share": items / accepted,
            "missed_dispatches": left / items,
            "cancelled": cancelled / items,
        }
        for (reason, stop), (items, left, cancelled) in totals.items()
    ]
    return sorted(rows, key=lambda row: (-row["items"], row["reason"], row["stop"]))


def year_measured(network: Network, measures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the originating express items of a measured year beside the published ones."""
    express = [str(row["code"]) for row in network.assumptions.table("classes") if row["flow"] == "report"]
    return {
        "originating_express": sum(measures["items"]["by_class"][code]["originating"] for code in express),
        "published": round(network.report["express_items"].value),
        "around": "by the volumes of the year and the calendar of the days themselves",
    }


def ledger(result: RunResult) -> dict[str, int]:
    """Return the ledger at close, with its sum of items in transit and its difference."""
    closed = result.ledger
    return {**asdict(closed), "in_transit": closed.in_transit, "difference": closed.difference}
