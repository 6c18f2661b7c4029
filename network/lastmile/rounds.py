"""Last-mile rounds (投递段道): every township, village, natural village and monastery is on exactly one.

Towns have address rounds that run daily; from every base rural rounds go out
through the townships.  Weekdays follow the service standard for the ground a
round covers.  A round is no mail route: its kilometres are not in the
published mileage.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from network.errors import FleetError, InputErrors, Problem
from network.geography.roads import great_circle_km
from network.inputs.assumptions import Assumptions
from network.lastmile.clusters import Family, Ground, Group, chain, chain_km, chain_legs, split
from network.lastmile.visits import clock, on_foot, on_wheels, short_loop
from network.lastmile.weekdays import Duty, days_out, round_vehicles, stagger
from network.model.records import DAY_S, Places, Round
from network.model.vehicle_classes import vehicle_classes
from network.numeric.names import among

__all__ = ["RoundDrafts", "draft_rounds", "intake_s", "round_vehicles"]

HOUR_S = 3600


def draft_rounds(
    places: Places,
    bases: Mapping[str, str],
    daily_kg: np.ndarray,
    daily_m3: np.ndarray,
    assumptions: Assumptions,
    *,
    foot_counties: Collection[str] = (),
) -> RoundDrafts:
    """Return where the rounds of all places of the region go, without weekdays.

    Parameters
    ----------
    places
        The places.
    bases
        Stop from which a place is served: by township id where a township has
        one of its own (a branch route ends there), else by county code.  A
        county whose stop is not its own seat has no town rounds.
    daily_kg, daily_m3
        Mean load to deliver, a day, by row of `places`.
    assumptions
        The last-mile values.
    foot_counties
        Codes of counties without a road: their mail goes on foot from the stop in `bases`.

    Raises
    ------
    InputErrors
        If a township has no stop, or a stop is no place.
    """
    plan = _Plan(places, assumptions, daily_kg, daily_m3, frozenset(foot_counties))
    base_of = _bases(places, bases)
    town_counties = {
        county for county in places.id[places.kind == "county"] if bases.get(str(county)) == county
    } - plan.foot_counties
    in_town = places.in_town & among(places.county, town_counties) & (places.kind != "county")
    drafts = []
    for seat in np.flatnonzero(places.kind == "county"):
        rows = np.flatnonzero(in_town & (places.county == places.id[seat]))
        if len(rows):
            drafts.append(_town_round(plan, int(seat), rows.tolist()))
    drafts += _rural_rounds(plan, base_of, in_town)
    return RoundDrafts(plan, tuple(drafts))


class _Plan:
    """What every round is planned with."""

    def __init__(
        self,
        places: Places,
        assumptions: Assumptions,
        daily_kg: np.ndarray,
        daily_m3: np.ndarray,
        foot_counties: frozenset[str],
    ) -> None:
        self.places, self.assumptions, self.foot_counties = places, assumptions, foot_counties
        self.ground = Ground(places, assumptions)
        self.classes = vehicle_classes(assumptions)
        self.daily = (daily_kg, daily_m3)

    def seconds(self, name: str) -> int:
        """Return an assumed hour of the day, or number of hours, in seconds."""
        return round(self.assumptions[name] * HOUR_S)

    def load(self, rows: Sequence[int]) -> tuple[float, float]:
        """Return kg and m³ a day of some places."""
        at = np.asarray(rows, dtype=int)
        return float(self.daily[0][at].sum()), float(self.daily[1][at].sum())

    def per_week(self, terrain: str) -> int:
        """Return the running days of the service standard, 1 to 7."""
        return min(7, max(1, math.floor(self.assumptions[f"{terrain}_rounds_per_week"] + 0.5)))

    def floor(self, terrain: str) -> int:
        """Return the running days that a shortage of vehicles leaves."""
        name = f"{terrain}_min_per_week"
        return (
            math.floor(self.assumptions[name] + 0.5) if name in self.assumptions else self.per_week(terrain)
        )


@dataclass(frozen=True)
class _Draft:
    """A round without weekdays, and what decides its vehicles."""

    round_: Round
    kg: float  # a day
    m3: float
    least: int  # vehicles for other reasons than load

    def vehicles(self, per_week: int, plan: _Plan) -> int:
        """Return the vehicles that keep the mean load of a run at or under the target."""
        kind = plan.classes[self.round_.vehicle]
        share = max(self.kg / kind.payload_kg, self.m3 / kind.payload_m3)
        return max(self.least, math.ceil(share * 7 / per_week / plan.assumptions["target_load"] - 1e-9))


@dataclass(frozen=True)
class RoundDrafts:
    """Where the rounds go; how often depends on the vehicles there are."""

    plan: _Plan
    drafts: tuple[_Draft, ...]

    def within(self, vehicles_available: int | None) -> tuple[Round, ...]:
        """Return the rounds with weekdays and vehicles.

        Parameters
        ----------
        vehicles_available
            Vehicles for rounds.  If the standard's frequencies need more, near
            rounds, then middle ones, then remote ones are lowered to their
            floors, base by base, those with most vehicles first.

        Raises
        ------
        FleetError
            If the lowest frequencies still need more vehicles than available.
        """
        return _with_weekdays(self.drafts, self.plan, vehicles_available)


def _bases(places: Places, bases: Mapping[str, str]) -> dict[int, int]:
    """Return the row of the base of every township, by the township's row."""
    known = {str(place): row for row, place in enumerate(places.id)}
    out: dict[int, int] = {}
    problems = []
    for row in np.flatnonzero(places.kind == "township"):
        stop = bases.get(str(places.id[row]), bases.get(str(places.county[row])))
        if stop is None:
            problems.append(
                Problem("rounds", str(places.id[row]), "base", "", "a stop for it or for its county")
            )
        elif stop not in known:
            problems.append(Problem("rounds", str(places.id[row]), "base", stop, "a place"))
        else:
            out[int(row)] = known[stop]
    if problems:
        raise InputErrors(problems)
    return out


def _town_round(plan: _Plan, seat: int, rows: list[int]) -> _Draft:
    """Plan the address round of a county town: as many vans as its load or its length asks for.

    The vans share the addresses; visits are spread over the hours of the round.
    """
    a, places = plan.assumptions, plan.places
    rows = [rows[i - 1] for i in short_loop(plan.ground.matrix([seat, *rows]))]
    km = sum(plan.ground.path([seat, *rows, seat]))
    span, depart = plan.seconds("town_round_h"), plan.seconds("town_round_depart_h")
    hours = km / a["county_speed_kmh"] + len(rows) * a["visit_min"] / 60
    round_ = Round(
        id=f"town-{places.id[seat]}",
        base=str(places.id[seat]),
        kind="town",
        terrain="town",
        places=tuple(str(places.id[row]) for row in rows),
        visit_s=tuple(depart + round(span * (i + 0.5) / len(rows)) for i in range(len(rows))),
        cut_s=(plan.seconds("outlet_cutoff_h"),) * len(rows),
        intake_s=plan.seconds("county_cutoff_h"),
        depart_s=depart,
        weekdays=(),
        km=km,
        vehicle="van",
        vehicles=0,
        runs_on_holidays=True,
        reason=f"address round of {places.name_en[seat]}",
        back_s=depart + span,
    )
    kg, m3 = plan.load(rows)
    return _Draft(round_, kg, m3, least=max(1, math.ceil(hours * HOUR_S / span - 1e-9)))


def _rural_rounds(plan: _Plan, base_of: Mapping[int, int], in_town: np.ndarray) -> list[_Draft]:
    """Plan the rounds of everything that no town round serves, base by base.

    Villages of a township are cut into equal parts, or into full ones and a
    rest, whichever makes fewer rounds at the base.
    """
    a, places = plan.assumptions, plan.places
    families = _families(plan, base_of, in_town)
    most, round_km = round(a["villages_per_round"]), a["round_km"]
    by_base: dict[tuple[bool, int], list[int]] = {}
    for town, base in base_of.items():
        by_base.setdefault((str(places.county[town]) in plan.foot_counties, base), []).append(town)
    drafts = []
    for (foot, base), towns in by_base.items():
        ways = []
        for even in (True, False):
            groups = [
                group
                for town in towns
                for group in split(
                    plan.ground,
                    town,
                    families.get(town, []),
                    most,
                    round_km,
                    calls=not in_town[town],
                    even=even,
                )
            ]
            ways.append(chain(plan.ground, base, groups, most, round_km))
        numbers: dict[int, int] = {}
        for chained in min(ways, key=len):
            town = chained[0].township
            numbers[town] = numbers.get(town, 0) + 1
            drafts.append(_rural_round(plan, base, chained, f"R-{places.id[town]}-{numbers[town]}", foot))
    return drafts


def _families(plan: _Plan, base_of: Mapping[int, int], in_town: np.ndarray) -> dict[int, list[Family]]:
    """Return the villages to visit by township, with their natural villages and monasteries."""
    places = plan.places
    town_row = {str(places.id[town]): town for town in base_of}
    stops: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.isin(places.kind, ("village", "committee"))):
        stops[int(row)] = [] if in_town[row] else [int(row)]
    for row in np.flatnonzero(places.kind == "natural_village"):
        stops[places.row(str(places.id[row]).rpartition("-")[0])].append(int(row))
    village = np.array([row for row, visited in stops.items() if visited], dtype=int)
    home = np.array([base_of[town_row[str(t)]] for t in places.township[village]], dtype=int)
    for row in np.flatnonzero((places.kind == "monastery") & ~in_town):
        villages = village[home == base_of[town_row[str(places.township[row])]]]
        if not len(villages):
            villages = np.array([v for v in stops if places.township[v] == places.township[row]], dtype=int)
        km = great_circle_km(places.lat[row], places.lon[row], places.lat[villages], places.lon[villages])
        stops[int(villages[np.argmin(km)])].append(int(row))
    out: dict[int, list[Family]] = {}
    for anchor, visited in stops.items():
        if visited:
            town = town_row[str(places.township[anchor])]
            out.setdefault(town, []).append(Family(anchor, tuple(visited)))
    return out


def _rural_round(plan: _Plan, base: int, groups: Sequence[Group], name: str, foot: bool) -> _Draft:
    a, places = plan.assumptions, plan.places
    rows = [row for group in groups for row in group.rows]
    legs = chain_legs(plan.ground, base, groups)
    km = chain_km(legs)
    short, long = round(a["hamlet_visit_min"] * 60), round(a["visit_min"] * 60)
    stay = [short if places.kind[row] == "natural_village" else long for row in rows]
    depart = plan.seconds("round_depart_h")
    visits, back = clock(legs, stay, depart, on_foot(a) if foot else on_wheels(a))
    intake = intake_s(back, a)
    days = days_out(depart, intake)
    hamlets_only = all(places.kind[row] == "natural_village" for row in rows)
    if foot or hamlets_only or km > a["remote_round_km"] or days > 1:
        # Natural villages of a town need to be reached; the report names no frequency.
        terrain = "remote"
    else:
        terrain = "near" if km <= a["near_round_km"] else "middle"
    villages = sum(len(group.families) for group in groups)
    what = f"natural villages of {villages} villages in town" if hamlets_only else f"{villages} villages"
    away = f"{km:.0f} km" + (" on foot" if foot else "") + (f", {days} days" if days > 1 else "")
    round_ = Round(
        id=name,
        base=str(places.id[base]),
        kind="rural",
        terrain=terrain,
        places=tuple(str(places.id[row]) for row in rows),
        visit_s=visits,
        cut_s=visits,
        intake_s=intake,
        depart_s=depart,
        weekdays=(),
        km=km,
        vehicle="foot" if foot else "van",
        vehicles=0,
        runs_on_holidays=False,
        reason=f"{terrain}: {what}, {away}",
        back_s=back,
    )
    return _Draft(round_, *plan.load(rows), least=1)


def intake_s(back_s: int, assumptions: Assumptions) -> int:
    """Return the first hour at or after a return at which the base takes in what was collected."""
    hours = [round(assumptions[name] * HOUR_S) for name in ("morning_intake_h", "county_cutoff_h")]
    day = back_s // DAY_S
    return min(t for d in (day, day + 1) for h in hours if (t := d * DAY_S + h) >= back_s)


def _with_weekdays(drafts: Sequence[_Draft], plan: _Plan, available: int | None) -> tuple[Round, ...]:
    """Give every round its vehicles and weekdays, within the vehicles available."""
    by_base: dict[str, list[int]] = {}
    for i, draft in enumerate(drafts):
        by_base.setdefault(draft.round_.base, []).append(i)
    per_week = [plan.per_week(draft.round_.terrain) for draft in drafts]
    done: dict[str, list[Round]] = {
        base: _rostered([drafts[i] for i in of_base], [per_week[i] for i in of_base], plan)
        for base, of_base in by_base.items()
    }

    def needed(base: str) -> int:
        use = round_vehicles(done[base])[base]
        return sum(n for vehicle, n in use.items() if plan.classes[vehicle].counted)

    need = {base: needed(base) for base in by_base}
    if available is not None:
        for terrain in ("near", "middle", "remote"):
            for base in sorted(by_base, key=lambda base: (-need[base], base)):
                if sum(need.values()) <= available:
                    break
                of_base = by_base[base]
                for i in of_base:
                    if drafts[i].round_.terrain == terrain:
                        per_week[i] = min(per_week[i], plan.floor(terrain))
                done[base] = _rostered([drafts[i] for i in of_base], [per_week[i] for i in of_base], plan)
                need[base] = needed(base)
        if sum(need.values()) > available:
            total = sum(need.values())
            raise FleetError(
                f"rounds at the lowest frequencies need {total:,} vehicles and {available:,} are available",
                total,
                available,
            )
    all_rounds = {round_.id: round_ for rounds in done.values() for round_ in rounds}
    return tuple(all_rounds[draft.round_.id] for draft in drafts)


def _rostered(drafts: Sequence[_Draft], per_week: Sequence[int], plan: _Plan) -> list[Round]:
    """Return the rounds of one base with vehicles and weekdays; carriers on foot are rostered apart."""
    out: dict[str, Round] = {}
    for vehicle in dict.fromkeys(draft.round_.vehicle for draft in drafts):
        drafted = [(d, n) for d, n in zip(drafts, per_week, strict=True) if d.round_.vehicle == vehicle]
        numbers = [draft.vehicles(n, plan) for draft, n in drafted]
        duties = [
            Duty(n, days_out(draft.round_.depart_s, draft.round_.intake_s), vehicles)
            for (draft, n), vehicles in zip(drafted, numbers, strict=True)
        ]
        for (draft, n), vehicles, weekdays in zip(drafted, numbers, stagger(duties), strict=True):
            standard = plan.per_week(draft.round_.terrain)
            why = f"{n} days a week"
            if n < standard:
                why += f" and not {standard}, for want of vehicles"
            out[draft.round_.id] = replace(
                draft.round_, vehicles=vehicles, weekdays=weekdays, reason=f"{draft.round_.reason}, {why}"
            )
    return [out[draft.round_.id] for draft in drafts]
