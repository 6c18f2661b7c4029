"""What runs and comparisons show first: measures, and how it came to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from network.model.records import DAY_S
from scenarios.runs.folder import StoredRun
from scenarios.support.folders import damaged
from sim.measures.loads import punctuality

__all__ = ["GAINS", "HEADLINES", "IN_TRANSIT", "WORKINGS", "Headline", "workings"]


@dataclass(frozen=True)
class Headline:
    """A measure that the comparison shows first."""

    key: str
    label: str
    unit: str  # h | share | yuan | kg | items | trips
    better: int  # -1: less is better, +1: more is, 0: neither


#: Reached in h hours: 80 % of the items to the place of these people arrive within h.
HEADLINES = (
    Headline("transit.all.mean_h", "mean transit time, all mail to the region", "h", -1),
    Headline("transit.all.p80_h", "P80 transit time, all mail to the region", "h", -1),
    Headline("transit.by_direction.inbound.mean_h", "mean, from other provinces", "h", -1),
    Headline("transit.by_direction.inbound.p80_h", "P80, from other provinces", "h", -1),
    Headline("transit.by_direction.within_region.mean_h", "mean, between prefectures", "h", -1),
    Headline("transit.by_direction.same_prefecture.mean_h", "mean, within a prefecture", "h", -1),
    Headline("transit.by_direction.outbound.mean_h", "mean, to other provinces", "h", -1),
    Headline("transit.by_tiers.gateway.village.mean_h", "mean, other provinces to villages", "h", -1),
    Headline("transit.all.within.72", "all mail within 72 h", "share", 1),
    Headline("transit.all.within.168", "all mail within 168 h", "share", 1),
    Headline("coverage.inbound.within.168.people", "people reached in 168 h, inbound", "share", 1),
    Headline("coverage.from_gateway.within.72.people", "people reached in 72 h, gateway to door", "share", 1),
    Headline(
        "coverage.from_gateway.within.168.people", "people reached in 168 h, gateway to door", "share", 1
    ),
    Headline("coverage.regional.within.72.people", "people reached in 72 h, regional", "share", 1),
    Headline("coverage.regional.within.168.people", "people reached in 168 h, regional", "share", 1),
    Headline("cost.yuan_per_item", "cost an item", "yuan", -1),
    Headline("cost.co2e_kg_per_item", "CO2e an item", "kg", -1),
    Headline("frequency.mean_wait_h", "mean wait for the next round", "h", -1),
    # A run closes when 99.9 % are resolved, each at its own time: fewer is not better.
    Headline("items.in_transit", "items not resolved at the end", "items", 0),
)
#: How it came to that: the keys of `workings`.  A row without anything in either run is not shown.
WORKINGS = (
    Headline("workings.trips.departures", "trips that departed with mail", "trips", 0),
    Headline("workings.trips.late_h", "mean lateness at departure", "h", -1),
    Headline("workings.trips.extra", "extra trips", "trips", 0),
    Headline("workings.trips.cancelled_weather", "trips cancelled by the weather", "trips", -1),
    Headline(
        "workings.trips.cancelled_no_vehicle_available", "trips cancelled, no vehicle available", "trips", -1
    ),
    Headline("workings.missed_dispatches", "times an item missed a dispatch", "items", -1),
    Headline("workings.most_in_transit", "in transit on the fullest midnight", "items", -1),
    Headline("workings.at_end.in_transit", "in transit when the measured days end", "items", -1),
    Headline("workings.at_end.outside", "  outside the region", "items", 0),
    Headline("workings.at_end.collecting", "  being collected or unloaded", "items", 0),
    Headline("workings.at_end.lanes", "  at the lanes for screening", "items", 0),
    Headline("workings.at_end.sorters", "  at the sorters", "items", 0),
    Headline("workings.at_end.waiting", "  waiting for a trip", "items", 0),
    Headline("workings.at_end.riding", "  riding", "items", 0),
    Headline("workings.at_end.for_round", "  waiting for a round", "items", 0),
    Headline("workings.at_end.on_round", "  on a round", "items", 0),
)
#: Terms of the ledger that are in transit.
IN_TRANSIT = tuple(row.key.rpartition(".")[2] for row in WORKINGS if row.label.startswith("  "))
#: Coverages whose gain is set against what an expansion takes.
GAINS = (
    "coverage.inbound.within.168.people",
    "coverage.from_gateway.within.72.people",
    "coverage.from_gateway.within.168.people",
    "coverage.regional.within.72.people",
    "coverage.regional.within.168.people",
)


def workings(run: StoredRun) -> list[dict[str, Any]]:
    """Return how each replication ran on the measured days, which are the same for all that are compared.

    The run itself goes on until its cohort is resolved, longer in one scenario than in another, so counts
    over whole runs cannot be set side by side.  The midnight that ends the measured days can: it has the
    same items accepted in each.
    """
    plan = run.scenario.plan
    begin = plan.warmup_days * DAY_S
    end = begin + plan.measured_days * DAY_S
    trips, ledger = run.columns("trips"), run.columns("ledger")
    trips = {
        name: column[(trips["departs_s"] >= begin) & (trips["departs_s"] < end)]
        for name, column in trips.items()
    }
    by_replication = []
    for number in range(len(run.measures)):
        own_trips = {name: column[trips["replication"] == number] for name, column in trips.items()}
        nights = (ledger["replication"] == number) & (ledger["time_s"] > begin) & (ledger["time_s"] <= end)
        if not nights.any():
            raise damaged(run.path / "ledger.parquet", ValueError("no midnight of the measured days"))
        held = {term: ledger[term][nights] for term in IN_TRANSIT}
        in_transit = np.sum(list(held.values()), axis=0)
        by_replication.append(
            {
                "trips": punctuality(own_trips),
                "missed_dispatches": int(own_trips["missed_dispatches"].sum()),
                "most_in_transit": int(in_transit.max()),
                "at_end": {
                    "in_transit": int(in_transit[-1]),
                    **{term: int(column[-1]) for term, column in held.items()},
                },
            }
        )
    return by_replication
