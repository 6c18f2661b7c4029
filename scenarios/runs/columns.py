"""Columns of the tables of a run folder: their kind, unit and meaning, for readers and documentation."""

from __future__ import annotations

from collections.abc import Mapping

from network.numeric.columns import Column

__all__ = ["BOTTLENECKS", "TABLES", "UNDELIVERED"]

_REPLICATION = Column("replication", "int16", "", "number of the replication, from 0")
_STAGES = {
    "upstream_s": "upstream, in the other provinces",
    "collect_s": "collection",
    "handle_s": "screening and sorting at centres",
    "wait_s": "dwell: waiting for a departure or a round",
    "ride_s": "line-haul",
    "deliver_s": "delivery",
}
_ENDS = {
    "delivered": "delivered",
    "handed_over": "handed over at a gateway",
    "refused": "refused at acceptance",
    "returned": "returned to the sender",
}
_TERMS = {
    "outside": "not yet come to the region",
    "collecting": "in collection, or being unloaded",
    "lanes": "at the lanes for screening",
    "sorters": "at the sorters",
    "waiting": "waiting for a trip",
    "riding": "on a trip",
    "for_round": "waiting for a round",
    "on_round": "on a round",
}
_OUTCOMES = (
    "0 delivered, 1 handed over at a gateway, 2 refused, 3 in transit at cut-off, 4 returned to the sender"
)
_HELD = (
    "where an item in transit at cut-off is: 1 outside, 2 collecting or unloading, 3 at the lanes, "
    "4 at the sorters, 5 waiting for a trip, 6 riding, 7 waiting for a round, 8 on a round; 0: it has ended"
)
_ITEMS = (
    _REPLICATION,
    Column("key", "int64", "", "item key: day of acceptance, class, origin, ordinal, packed in this order"),
    Column("cls", "int8", "", "row of the assumed list `classes`"),
    Column("brand", "int8", "", "row of the list `brands`; −1 for the post"),
    Column("direction", "int8", "", "0 within a prefecture, 1 between prefectures, 2 inbound, 3 outbound"),
    Column("origin", "int32", "", "row of `places` in `network.json`; outside −1 − row of list `outside`"),
    Column("dest", "int32", "", "the same of the destination"),
    Column("accepted_s", "int32", "s", "acceptance"),
    Column(
        "ended_s", "int32", "s",
        "first delivery attempt, or hand-over at the gateway: transit time ends here; −1: neither by cut-off",
    ),
    Column(
        "final_s", "int32", "s",
        "when it left the books: delivered, handed over, or back with its sender; −1: in transit at cut-off",
    ),
    Column("outcome", "int8", "", _OUTCOMES),
    Column("held", "int8", "", _HELD),
    Column("held_at", "int16", "", "row of the stops in `network.json`; −1 riding, on a round, or ended"),
    *(
        Column(name, "int32", "s", f"stage ([rule 12](model.md#rule-12-delivered-and-the-stages)): {meaning}")
        for name, meaning in _STAGES.items()
    ),
    Column("grams", "int32", "g", "weight"),
    Column("cm3", "int32", "cm³", "volume"),
    Column("hops", "int8", "trips", "trips ridden until `ended_s`"),
    Column("missed_dispatches", "int16", "", "how often a trip or round was full; with the way back"),
    Column("cancelled", "int8", "", "how often its departure was cancelled; with the way back"),
    Column("attempts", "int8", "", "delivery attempts made"),
)  # fmt: skip
_TRIPS = (
    _REPLICATION,
    Column("route", "int16", "", "row of the routes in `network.json`"),
    Column("direction", "int8", "", "0 outward, 1 back"),
    Column("stop", "int8", "", "number of the call along the trip, from 0"),
    Column("departs_s", "int32", "s", "departure; of a cancelled trip when those that waited choose again"),
    Column("late_s", "int32", "s", "after the timetabled departure; of an extra trip after its own"),
    Column(
        "fate", "int8", "",
        "0 timetabled, 1 extra trip, 2 cancelled by the weather, 3 no vehicle available (rules 15 and 16)",
    ),
    Column("boarded", "int32", "items", "that came on board here"),
    Column("on_board", "int32", "items", "that are on board"),
    Column("load_kg", "float32", "kg", "on board"),
    Column("load_m3", "float32", "m³", "on board"),
    Column("capacity_kg", "float32", "kg", "of the vehicles with which it runs"),
    Column("capacity_m3", "float32", "m³", "of the vehicles with which it runs"),
    Column("missed_dispatches", "int32", "items", "left behind here: the trip was full"),
)  # fmt: skip
_CUSTODY = (
    _REPLICATION,
    Column("key", "int64", "", "item key"),
    Column(
        "hand", "str", "",
        "accepted, taken in (by a centre, from a round that brings it back as well), boarded, unloaded, "
        "out on round, delivered",
    ),
    Column("from_s", "int32", "s", "since when"),
    Column("where", "str", "", "place, stop, mail route or round; from other provinces the outside class"),
)  # fmt: skip
_LEDGER = (
    _REPLICATION,
    Column("time_s", "int64", "s", "the midnight"),
    Column("opening", "int64", "items", "in transit when the run began: 0"),
    Column("accepted", "int64", "items", "accepted so far"),
    *(Column(name, "int64", "items", meaning) for name, meaning in {**_ENDS, **_TERMS}.items()),
)
_IN_TRANSIT = (
    _REPLICATION,
    Column("term", "str", "", "term of the ledger"),
    Column("stop", "str", "", "where; empty away from the stops"),
    Column("what", "str", "", "leg or round that they wait for, or round that they are on"),
    Column("items", "int64", "items", "number"),
)
_DAYS = (
    _REPLICATION,
    Column("day", "int32", "", "day of the run, from 0"),
    Column("accepted", "int32", "items", "accepted, all classes"),
    Column("ended", "int32", "items", "delivered or handed over"),
    Column(
        "mean_h", "float64", "h",
        "mean of these since their first centre took them in, or they were ready at the entry gateway",
    ),
    Column("in_transit", "int32", "items", "in transit at the midnight that ends the day"),
)  # fmt: skip
_QUEUES = (
    _REPLICATION,
    Column("day", "int32", "", "day of the run, from 0"),
    Column("stop", "str", "", "place"),
    Column("waiting", "int32", "items", "at lanes, sorters and lines at the midnight that ends the day"),
    Column("waiting_rounds", "int32", "items", "waiting for a round there"),
)
UNDELIVERED = (
    Column("reason", "str", "", "a key of `measures.undelivered`"),
    Column("meaning", "str", "", "the same in words"),
    Column("stop", "str", "", "where they are; empty when refused, returned, riding or on a round"),
    Column("name", "str", "", "its name"),
    Column("items", "float64", "items", "mean over the replications"),
    Column("share", "float64", "share", "of all measured items"),
    Column("missed_dispatches", "float64", "", "how often one of them missed a dispatch, on average"),
    Column("cancelled", "float64", "", "how often a departure of one of them was cancelled, on average"),
)
BOTTLENECKS = (
    Column("kind", "str", "", "leg, centre or round"),
    Column("rank", "int64", "", "1 is the worst of its kind"),
    Column("name", "str", "", "its name"),
    Column("what", "str", "", "missed dispatches, or waited for a lane"),
    Column("item_h", "float64", "item-h", "hours that items waited, mean over the replications"),
    Column("items", "float64", "items", "that waited, mean over the replications"),
)
#: Columns by file, of those that are the same in every run.
TABLES: Mapping[str, tuple[Column, ...]] = {
    "items.parquet": _ITEMS,
    "trips.parquet": _TRIPS,
    "custody.parquet": _CUSTODY,
    "ledger.parquet": _LEDGER,
    "in_transit.parquet": _IN_TRANSIT,
    "days.parquet": _DAYS,
    "queues.parquet": _QUEUES,
    "undelivered.csv": UNDELIVERED,
    "bottlenecks.csv": BOTTLENECKS,
}
