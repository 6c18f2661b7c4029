"""Where outlets, stations, centres, rounds and vehicles come from, and rows of the reconciliation."""

from __future__ import annotations

from network.explain.ends import Ends, Said, Told
from network.explain.places import place_row, point, population
from network.explain.provenance import Provenance
from network.explain.routes import demand, vehicle_class
from network.lastmile.outlets import place_stations
from network.model.records import Centre, Outlet, Round, Vehicle
from network.model.working_hours import shifts
from network.operator.planned import planned_rounds
from network.reconcile import RESTS_ON, Row

__all__ = [
    "built",
    "centre_handling",
    "centre_hours",
    "centre_lanes",
    "centre_sorters",
    "centre_tier",
    "outlet_owner",
    "outlet_place",
    "round_base",
    "round_departs",
    "round_km",
    "round_places",
    "round_vehicle",
    "round_weekdays",
    "station",
    "vehicle",
]

_SORT = {"county": "manual_sort_per_h", "prefecture": "chute_sort_per_h", "region": "arm_sort_per_h"}


def outlet_place(ends: Ends, outlet: Outlet) -> Told:
    """Tell why an outlet stands where it does."""
    if not outlet.base:
        return ["a scenario put it there"], [
            Provenance("assumed", f"scenario {outlet.id}", outlet.reason or "opened")
        ]
    counter = outlet.network == "counter"
    names = ("express_outlets", "express_firms") if counter else (f"{outlet.network}_outlets",)
    row = ends.places.row(outlet.place)
    return [outlet.reason or "placed by population"], ends.figure(*names) + place_row(ends, row)[1]


def outlet_owner(ends: Ends, outlet: Outlet) -> Told:
    """Tell whose outlet it is."""
    if outlet.network == "postal":
        return ["it is the post's own, without brand or firm"], ends.figure("postal_outlets")
    steps = ["brands by assumed market share, firms shared out among the brands"]
    origins = ends.listed("brands", outlet.brand) + ends.figure("express_brands", "express_firms")
    return steps, origins + (outlet_place(ends, outlet)[1] if not outlet.base else [])


def station(ends: Ends, place: str) -> Told:
    """Tell why a village has a station."""
    changed = ends.changed("village_stations")
    if changed and place not in _base_stations(ends):
        return ["a scenario put it there"], changed
    steps = ["stations go to counties by their number of villages, there to the villages with most people"]
    return steps, ends.figure("village_stations") + population(ends, ends.places.row(place))[1]


def _base_stations(ends: Ends) -> tuple[str, ...]:
    """Return the villages that had a station before the scenario."""
    report = ends.network.report
    if "village_stations" not in report:
        return ()
    return place_stations(ends.places, round(report["village_stations"].value))


def centre_tier(ends: Ends, centre: Centre) -> Said:
    """Tell why a stop is a centre of its level."""
    row = ends.places.row(centre.place)
    return (
        centre.tier,
        ["the level of the seat it stands at"],
        place_row(ends, row)[1] + ends.figure("screening_levels"),
    )


def centre_lanes(ends: Ends, centre: Centre) -> Said:
    """Tell how many security lanes a centre has."""
    return centre.lanes, *_handled(ends, centre, "xray_rate_per_h")


def centre_sorters(ends: Ends, centre: Centre) -> Said:
    """Tell how many sorters a centre has."""
    return centre.sorters, *_handled(ends, centre, _SORT.get(centre.tier, ""))


def _handled(ends: Ends, centre: Centre, rate: str) -> Told:
    if centre.tier not in _SORT:
        return ["gateways and branch townships screen and sort nothing here"], centre_tier(ends, centre)[2]
    steps = ["the fewest that keep the mean day's load at or under target_load within the working hours"]
    origins = ends.assumed(rate, "target_load", "centre_hours_per_day") + ends.figure("screening_levels")
    return steps, origins + demand(ends) + _equipped(ends, centre)


def _equipped(ends: Ends, centre: Centre) -> list[Provenance]:
    """Return the changes of a scenario to the lanes and sorters of a centre."""
    names = (f"{centre.tier} centres", centre.place)
    changes = ends.changed("centres")
    return [origin for origin in changes if any(name in origin.statement for name in names)]


def centre_handling(ends: Ends, centre: Centre) -> Said:
    """Tell the handling times of a centre."""
    names = ["gateway_handling_h"] if centre.tier == "gateway" else []
    names += [f"{mode}_handling_h" for mode in ("road", "rail", "air", "collect")]
    return dict(centre.handling_s), ["seconds by mode of arrival"], ends.assumed(*names)


def centre_hours(ends: Ends, centre: Centre) -> Said:
    """Tell when the lanes and sorters of a centre work."""
    if centre.tier not in _SORT:
        return centre.shifts_s, *_handled(ends, centre, "")
    names = (f"{centre.tier}_opens_h", f"{centre.tier}_closes_h", "shift_pause_min")
    steps = ["windows of every day, seconds after midnight; without any it never closes"]
    opens_h, closes_h, pause_min = (ends.network.assumptions[name] for name in names)
    if centre.shifts_s != shifts(opens_h, closes_h, pause_min):
        return centre.shifts_s, steps, ends.assumed("shift_pause_min") + ends.changed("hours")
    return centre.shifts_s, steps, ends.assumed(*names)


def round_base(ends: Ends, round_: Round) -> Told:
    """Tell where a round starts."""
    steps = ["the county seat of its places, or the township that a branch route ends at"]
    return steps, place_row(ends, ends.places.row(round_.base))[1]


def round_places(ends: Ends, round_: Round) -> Told:
    """Tell why these places are on one round."""
    names = ("town_radius_km",) if round_.kind == "town" else ("villages_per_round", "round_km")
    steps = [round_.reason] if round_.reason else []
    return [*steps, "every place of a base is on exactly one round"], [
        *ends.assumed(*names),
        *ends.figure("villages_direct_mail_share"),
    ]


def round_km(ends: Ends, round_: Round) -> Told:
    """Tell the length of a round."""
    steps, origins = round_places(ends, round_)
    first = ends.places.row(round_.places[0])
    point_steps, point_origins = point(ends, first)
    steps += ["great circles × the circuity of the terrain, out and back", *point_steps]
    return steps, origins + ends.assumed(
        "circuity_central", "circuity_plateau", "circuity_gorge"
    ) + point_origins


def round_weekdays(ends: Ends, round_: Round) -> Told:
    """Tell on which days a round runs."""
    name, floor = f"{round_.terrain}_rounds_per_week", f"{round_.terrain}_min_per_week"
    names = [name] + ([floor] if floor in ends.network.assumptions else [])
    names += [] if round_.kind == "town" else ["near_round_km", "remote_round_km"]
    steps = [round_.reason] if round_.reason else []
    steps.append(f"{name}, or its floor where vehicles are short, evenly spread over the week")
    return steps, ends.assumed(*names) + (ends.changed("rounds") if round_.days_set else [])


def round_departs(ends: Ends, round_: Round) -> Told:
    """Tell when a round leaves."""
    name = "town_round_depart_h" if round_.kind == "town" else "round_depart_h"
    by_plan = ends.network.settings.timetable == "planned"
    later_s = planned_rounds(ends.network).get((round_.base, round_.kind), 0) if by_plan else 0
    if not later_s:
        return ["seconds after midnight"], ends.assumed(name)
    key = f"planned_rounds {ends.network.year} {round_.base} {round_.kind}"
    moved = f"{abs(later_s) / 3600:g} h {'later' if later_s > 0 else 'earlier'} than {name}"
    text = (
        f"rounds of {ends.name(round_.base)} set out {moved}, for the mail that comes: the search of rule 7"
    )
    steps = ["seconds after midnight; the operator chose the hour"]
    return steps, [Provenance("planned", key, text), *ends.assumed(name)]


def round_vehicle(ends: Ends, round_: Round) -> Told:
    """Tell the vehicles of a round."""
    steps = ["the smallest that keep the load of a running day at or under target_load"]
    origins = ends.assumed("target_load") + demand(ends)
    return steps, origins + vehicle_class(ends, round_.vehicle, "payload_kg")[1]


def vehicle(ends: Ends, vehicle: Vehicle) -> Told:
    """Tell why a vehicle is there and what for."""
    if vehicle.duty == "spare":
        step = "no duty needs it: a spare, placed by the rule for spares"
    elif vehicle.duty == "rounds":
        step = f"the rounds of {vehicle.base} need it on their fullest weekday"
    else:
        step = f"route {vehicle.duty} needs it: vehicles a trip × sets in circulation"
    origins = ends.figure("vehicles")
    return [step], origins + ends.assumed("turnround_h", "target_load") + ends.changed("vehicles")


def built(ends: Ends, row: Row) -> Told:
    """Tell what a row of the reconciliation is compared with."""
    steps = ["computed from the graph and the tables alone, and compared with the figure"]
    return steps, ends.figure(row.name) + ends.assumed(*RESTS_ON.get(row.name, ())) + ends.changed(row.name)
