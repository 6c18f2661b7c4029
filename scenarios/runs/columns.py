"""Columns of the tables of a run folder: their kind, unit and meaning, for readers and documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from network.numeric.columns import Column

__all__ = [
    "BOTTLENECKS",
    "COST_ELEMENTS",
    "COST_PLACES",
    "LEGS",
    "PLACE_COLUMNS",
    "RECONCILIATION",
    "TABLES",
    "UNDELIVERED",
]

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
    Column(
        "direction", "int8", "", "0 within a prefecture, 1 between prefectures, 2 inbound, 3 outbound",
        within=(0, 3),
    ),
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
    Column("outcome", "int8", "", _OUTCOMES, within=(0, 4)),
    Column("held", "int8", "", _HELD, within=(0, 8)),
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
    Column("direction", "int8", "", "0 outward, 1 back", within=(0, 1)),
    Column("stop", "int8", "", "number of the call along the trip, from 0"),
    Column("departs_s", "int32", "s", "departure; of a cancelled trip when those that waited choose again"),
    Column("late_s", "int32", "s", "after the timetabled departure; of an extra trip after its own"),
    Column(
        "fate", "int8", "",
        "0 timetabled, 1 extra trip, 2 cancelled by the weather, 3 no vehicle available (rules 15 and 16)",
        within=(0, 3),
    ),
    Column("boarded", "int32", "items", "that came on board here"),
    Column("on_board", "int32", "items", "that are on board"),
    Column("load_kg", "float32", "kg", "on board", within=(0, 10**9)),
    Column("load_m3", "float32", "m³", "on board", within=(0, 10**9)),
    Column("capacity_kg", "float32", "kg", "of the vehicles with which it runs", within=(0, 10**9)),
    Column("capacity_m3", "float32", "m³", "of the vehicles with which it runs", within=(0, 10**9)),
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
LEGS = (
    Column("route", "str", "", "id of the mail route"),
    Column("name", "str", "", "its name"),
    Column("mode", "str", "", "road, rail or air"),
    Column("kind", "str", "", "such as trunk, feeder or branch (docs/model.md, rule 2)"),
    Column("direction", "str", "", "outward or back"),
    Column("leg", "int64", "", "number of the leg in this direction, from 0"),
    Column("from", "str", "", "place where it begins"),
    Column("to", "str", "", "place where it ends"),
    Column("km", "float64", "km", "one way"),
    Column("departures", "int64", "", "on the measured days"),
    Column("items", "float64", "items", "aboard, mean over the departures"),
    Column("load_kg", "float64", "share", "of the payload by mass, mean over the departures"),
    Column("load_m3", "float64", "share", "of the payload by volume, mean over the departures"),
    Column("load", "float64", "share", "the greater of the two at each departure, mean"),
    Column("load_max", "float64", "share", "the fullest departure, by mass or volume"),
    Column("missed_dispatches", "int64", "", "items left behind for want of room; each time counts"),
)
RECONCILIATION = (
    Column("name", "str", "", "key of the figure"),
    Column("label", "str", "", "what it is"),
    Column("published", "float64", "", "value printed in the report"),
    Column("precision", "float64", "", "half of the last printed digit"),
    Column("built", "float64", "", "value of the network"),
    Column("unit", "str", "", "of the three"),
    Column("date", "str", "", "of the figure"),
    Column("ok", "str", "", "whether built is published, within the precision; empty if it is not judged"),
    Column("note", "str", "", "what else is to be said"),
)
_BASES = {
    "inbound": "from other provinces",
    "from_gateway": "from other provinces, gateway to door",
    "regional": "from within the region",
}
_QUANTILES = {"mean": "mean", "p50": "within which half of the items come", "p80": "within which 80 % come"}
PLACE_COLUMNS = (
    Column("id", "str", "", "of the place"),
    Column("name", "str", "", "in English"),
    Column("name_zh", "str", "", "in Chinese"),
    Column(
        "kind", "str", "", "county (its seat), township, committee, village, natural_village or monastery"
    ),
    Column("county", "str", "", "code of its county"),
    Column("prefecture", "str", "", "its prefecture"),
    Column("lat", "float64", "degrees", "latitude"),
    Column("lon", "float64", "degrees", "longitude"),
    Column("synthetic", "bool", "", "whether its point is assumed"),
    Column("border", "bool", "", "whether its county lies on the border"),
    Column("people", "float64", "people", "who live there"),
    Column("n_items", "float64", "items", "measured items for it, without newspapers"),
    Column("undelivered", "float64", "items", "of these not delivered"),
    *(Column(f"{q}_h", "float64", "h", f"transit time, {text}") for q, text in _QUANTILES.items()),
    *(Column(f"within_{h}", "float64", "share", f"of its items within {h} h") for h in (24, 48, 72, 168)),
    *(
        column
        for basis, of in _BASES.items()
        for column in (
            Column(f"{basis}_n", "float64", "items", of),
            *(Column(f"{basis}_{q}_h", "float64", "h", f"{of}: {text}") for q, text in _QUANTILES.items()),
        )
    ),
    Column("bundles_n", "float64", "items", "bundles of newspapers"),
    Column("bundles_p80_h", "float64", "h", "bundles of newspapers: within which 80 % come"),
    *(
        Column(f"{basis}_scheduled_{q}_h", "float64", "h", f"{of}, by the timetable alone: {text}")
        for basis, of in _BASES.items()
        for q, text in _QUANTILES.items()
    ),
)
#: The same places by replication: their counts are whole numbers, and the timetable has none of its own.
_BY_REPLICATION = (
    _REPLICATION,
    *(
        replace(column, dtype="int64") if column.unit == "items" else column
        for column in PLACE_COLUMNS
        if "_scheduled_" not in column.name
    ),
)
_SPENT = {
    "vehicles": "vehicles",
    "drivers": "drivers",
    "fuel": "fuel",
    "upkeep": "upkeep of vehicles",
    "freight": "freight by rail and air",
    "handling": "handling at centres and airports",
    "outlets": "outlets and stations",
    "couriers": "couriers",
}
_PARTS = {
    "outlets": "outlets, stations and couriers",
    "centres": "centres",
    "road": "mail routes by road",
    "rail": "mail routes by rail",
    "air": "mail routes by air",
    "rounds": "rounds",
}
_RESULT = (
    Column("yuan", "float64", "yuan", "cost"),
    Column("co2e_kg", "float64", "kg", "emissions, in carbon dioxide"),
    Column("revenue", "float64", "yuan", "share of what senders paid"),
    Column("margin", "float64", "yuan", "revenue less cost"),
    *(
        Column(f"{name}_per_item", "float64", f"{unit} an item", f"{name} over items; empty: none", True)
        for name, unit in (("yuan", "yuan"), ("co2e_kg", "kg"), ("revenue", "yuan"), ("margin", "yuan"))
    ),
)
COST_ELEMENTS = (
    Column("kind", "str", "", "route, round, centre, outlets or idle"),
    Column("id", "str", "", "of the element"),
    Column("name", "str", "", "its name"),
    Column("mode", "str", "", "of a mail route"),
    Column("runs", "float64", "", "trips or rounds that set out"),
    Column("km", "float64", "km", "driven, way back of extra trips included"),
    Column("items", "float64", "items", "ridden, taken out and brought in, passed, or handed in and out"),
    Column("tkm", "float64", "tonne-km", "by the key of the element"),
    *(Column(name, "float64", "yuan", f"for {text}") for name, text in _SPENT.items()),
    *_RESULT,
    Column("yuan_per_tkm", "float64", "yuan a tonne-km", "yuan over tkm; empty: none", True),
)
COST_PLACES = (
    Column("place", "str", "", "id of the place"),
    Column("name", "str", "", "its name"),
    Column("kind", "str", "", "as in places.parquet"),
    Column("county", "str", "", "code of its county"),
    Column("prefecture", "str", "", "its prefecture"),
    Column("township", "str", "", "its township"),
    Column("items", "float64", "items", "that pay for the place"),
    Column("kg", "float64", "kg", "their mass"),
    *(Column(name, "float64", "yuan", f"for {text}") for name, text in _PARTS.items()),
    *_RESULT,
)
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
    "places.parquet": PLACE_COLUMNS,
    "places_by_replication.parquet": _BY_REPLICATION,
    "legs.csv": LEGS,
    "reconciliation.csv": RECONCILIATION,
    "cost_elements.csv": COST_ELEMENTS,
    "cost_places.csv": COST_PLACES,
}
