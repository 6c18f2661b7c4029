"""Pure change operations on outlets and delivery rounds: a network in, a changed network out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from network.edit.basics import EditError, find_place, known_name, last_number, take_spares
from network.geography.roads import great_circle_km
from network.lastmile.weekdays import evenly, round_vehicles, weekday_use
from network.model.network import Changed, Network
from network.model.records import Outlet, Places, Round

__all__ = [
    "brands_in",
    "more_days",
    "open_outlets",
    "select_places",
    "select_rounds",
    "select_townships",
    "set_rounds",
]


def select_places(
    places: Places, prefecture: str | None = None, county: str | None = None, border: bool | None = None
) -> np.ndarray:
    """Return which places meet all that is given (county by code or name); bool."""
    chosen = np.ones(len(places), dtype=bool)
    if prefecture is not None:
        known = places.prefecture[places.kind == "county"]
        chosen &= places.prefecture == known_name("prefecture", prefecture, known)
    if county is not None:
        chosen &= places.county == find_place(places, county)
    if border is not None:
        chosen &= places.border == border
    return chosen


def select_townships(
    network: Network,
    prefecture: str | None = None,
    county: str | None = None,
    border: bool | None = None,
) -> tuple[str, ...]:
    """Return the ids of the townships that meet all that is given (county by code or name)."""
    places = network.places
    chosen = select_places(places, prefecture, county, border) & (places.kind == "township")
    return tuple(str(place) for place in places.id[chosen])


def brands_in(network: Network) -> tuple[str, ...]:
    """Return the brands that have outlets, all known ones when none has, in the order of the table."""
    known = [str(row["code"]) for row in network.assumptions.table("brands")]
    there = {outlet.brand for outlet in network.outlets}
    return tuple(brand for brand in known if brand in there) or tuple(known)


def open_outlets(
    network: Network,
    kind: str,
    townships: Iterable[str],
    brands: Iterable[str] = (),
    per_place: int = 1,
) -> Network:
    """Open outlets, so that every township given has `per_place` (of every brand given).

    Parameters
    ----------
    kind
        "postal" or "express".
    townships
        Township place ids.
    brands
        Brand codes, for express outlets.  A new outlet belongs to the firm of
        the brand's nearest outlet, the first one by id of equals.

    Raises
    ------
    UnknownNameError, EditError
        If a place or brand is unknown, or a place is no township.
    """
    places = network.places
    rows = [places.row(township) for township in townships]
    wrong = [str(places.id[row]) for row in rows if places.kind[row] != "township"]
    if wrong:
        raise EditError(f"outlets stand in townships, and {', '.join(wrong[:5])} is none")
    known = [row["code"] for row in network.assumptions.table("brands")]
    wanted = [known_name("brand", brand, known) for brand in brands] if kind == "express" else [""]
    there: dict[tuple[str, str], int] = {}
    for outlet in network.outlets:
        if outlet.network == kind:
            there[outlet.place, outlet.brand] = there.get((outlet.place, outlet.brand), 0) + 1
    new: list[Outlet] = []
    letter = kind[0].upper()
    number = last_number((outlet.id for outlet in network.outlets), letter)
    firms = {brand: _Firms(network, brand) for brand in wanted if brand}
    for row in rows:
        place = str(places.id[row])
        for brand in wanted:
            for _ in range(per_place - there.get((place, brand), 0)):
                number += 1
                firm = firms[brand].nearest(row) if brand else ""
                reason = "opened by the scenario"
                new.append(Outlet(f"{letter}-{number:04d}", place, kind, brand, firm, False, reason))
    label = f"opened {len(new):,} {kind} outlets"
    return replace(
        network,
        outlets=(*network.outlets, *new),
        changed=(*network.changed, Changed(f"{kind}_outlets", label)) if new else network.changed,
    )


def select_rounds(
    network: Network,
    prefecture: str | None = None,
    county: str | None = None,
    border: bool | None = None,
    terrain: str | None = None,
    kind: str | None = None,
    share_of_villages: float | None = None,
    rounds: Iterable[str] | None = None,
) -> tuple[str, ...]:
    """Return the ids of the rounds that meet all that is given; where a round lies, its base says.

    With `share_of_villages` the rounds with most people come first (ties by
    id), until together they hold at least this share of the administrative
    villages on all that were found; of rural rounds alone, unless `kind` or
    `terrain` says otherwise.  A larger share therefore holds a smaller one.
    """
    places = network.places
    all_ids = {round_.id for round_ in network.rounds}
    named = all_ids if rounds is None else {known_name("round", name, all_ids) for name in rounds}
    there = select_places(places, prefecture, county, border)
    if share_of_villages is not None and kind is None and terrain is None:
        kind = "rural"
    selected = [
        round_
        for round_ in network.rounds
        if round_.id in named
        and there[places.row(round_.base)]
        and (terrain is None or round_.terrain == terrain)
        and (kind is None or round_.kind == kind)
    ]
    if share_of_villages is not None:
        selected = _holding(network, selected, share_of_villages)
    return tuple(round_.id for round_ in selected)


def _holding(network: Network, all_rounds: list[Round], share: float) -> list[Round]:
    """Return the rounds with most people that together hold a share of the villages, in their old order."""
    places = network.places
    villages, people = {}, {}
    for round_ in all_rounds:
        rows = [places.row(place) for place in round_.places]
        villages[round_.id] = int((places.kind[rows] == "village").sum())
        people[round_.id] = float(places.population[rows].sum())
    wanted = share * sum(villages.values())
    chosen, held = set(), 0
    for round_ in sorted(all_rounds, key=lambda t: (-people[t.id], t.id)):
        if held >= wanted - 1e-9:
            break
        chosen.add(round_.id)
        held += villages[round_.id]
    return [round_ for round_ in all_rounds if round_.id in chosen]


def set_rounds(
    network: Network,
    rounds: Iterable[str],
    per_week: int,
    only_more: bool = True,
    within_fleet: bool = False,
    on_holidays: bool | None = None,
) -> Network:
    """Set how many days a week rounds run, on days spread evenly from their first one.

    Parameters
    ----------
    rounds
        Round ids.
    per_week
        Running days, 1 to 7.
    only_more
        Leave rounds alone that run as often already.
    within_fleet
        Add running days only where vehicles of the round's class that stand
        at its base, spares included, are free on them: one day a round in
        turn, the round with most people first.
    on_holidays
        Whether the rounds given run on public holidays; as before by default.

    Raises
    ------
    UnknownNameError, EditError
        If a round is unknown or `per_week` no number of weekdays.
    """
    if not 1 <= per_week <= 7:
        raise EditError(f"a week has 1 to 7 running days, not {per_week}")
    ids = set(rounds)
    unknown = ids - {round_.id for round_ in network.rounds}
    if unknown:
        known_name("round", min(unknown), (round_.id for round_ in network.rounds))
    network = _on_holidays(network, ids, on_holidays)
    chosen = {
        round_.id
        for round_ in network.rounds
        if round_.id in ids and (len(round_.weekdays) < per_week or not only_more)
    }
    if within_fleet:
        days = _free_days(network, chosen, per_week)
    else:
        days = {
            round_.id: evenly(per_week, round_.weekdays[0])
            for round_ in network.rounds
            if round_.id in chosen
        }
    changed = [t for t in network.rounds if days.get(t.id, t.weekdays) != t.weekdays]
    if not changed:
        return network
    all_rounds = tuple(_set_days(round_, days.get(round_.id, round_.weekdays)) for round_ in network.rounds)
    more = sum(len(days[round_.id]) - len(round_.weekdays) for round_ in changed)
    label = f"{len(changed):,} rounds run {more:+,} days a week together"
    network = replace(network, rounds=all_rounds, changed=(*network.changed, Changed("rounds", label)))
    return network if within_fleet else _crew_rounds(network)


def more_days(round_: Round, per_week: int) -> Round:
    """Return a round that runs on so many days, spread evenly from its first one."""
    return _set_days(round_, evenly(per_week, round_.weekdays[0]))


def _on_holidays(network: Network, ids: set[str], run: bool | None) -> Network:
    """Return the network with rounds that run on public holidays, or do not."""
    other = {t.id for t in network.rounds if t.id in ids and run not in (None, t.runs_on_holidays)}
    if not other:
        return network
    all_rounds = (replace(t, runs_on_holidays=bool(run)) if t.id in other else t for t in network.rounds)
    label = f"{len(other):,} rounds run {'also' if run else 'no longer'} on public holidays"
    return replace(network, rounds=tuple(all_rounds), changed=(*network.changed, Changed("rounds", label)))


def _set_days(round_: Round, weekdays: tuple[int, ...]) -> Round:
    if weekdays == round_.weekdays:
        return round_
    reason = f"{round_.reason}; {len(weekdays)} days a week by the scenario"
    return replace(round_, weekdays=weekdays, reason=reason, days_set=True)


def _free_days(network: Network, chosen: set[str], per_week: int) -> dict[str, tuple[int, ...]]:
    """Return the weekdays that the vehicles standing at each base allow."""
    standing = Counter((v.base, v.vehicle) for v in network.vehicles if v.duty in ("rounds", "spare"))
    used = weekday_use(network.rounds)
    places = network.places
    people = {
        round_.id: float(sum(places.population[places.row(place)] for place in round_.places))
        for round_ in network.rounds
        if round_.id in chosen
    }
    all_rounds = sorted((t for t in network.rounds if t.id in chosen), key=lambda t: (-people[t.id], t.id))
    days = {round_.id: set(round_.weekdays) for round_ in all_rounds}
    grew = True
    while grew:
        grew = False
        for round_ in all_rounds:
            week, limit = used[round_.base, round_.vehicle], standing[round_.base, round_.vehicle]
            free = [
                day
                for day in set(range(7)) - days[round_.id]
                if (week + _out(round_, day) <= limit).all() or not _counted(network, round_.vehicle)
            ]
            if free and len(days[round_.id]) < per_week:
                day = max(free, key=lambda d: (_gap(d, days[round_.id]), -d))
                days[round_.id].add(day)
                week += _out(round_, day)
                grew = True
    return {name: tuple(sorted(chosen_days)) for name, chosen_days in days.items()}


def _out(round_: Round, day: int) -> np.ndarray:
    """Return the vehicles that one more running day takes out, by weekday."""
    return weekday_use([replace(round_, weekdays=(day,))])[round_.base, round_.vehicle]


def _counted(network: Network, vehicle: str) -> bool:
    """Whether a round needs one of the published vehicles (a carrier on foot needs none)."""
    return vehicle in network.vehicle_classes and network.vehicle_classes[vehicle].counted


def _gap(day: int, others: set[int]) -> int:
    """Days to the nearest other running day, around the week."""
    return min(min((day - other) % 7, (other - day) % 7) for other in others)


def _crew_rounds(network: Network) -> Network:
    """Move spare vehicles to the bases whose rounds need more than stand there."""
    vehicles = list(network.vehicles)
    have = Counter((v.base, v.vehicle) for v in vehicles if v.duty == "rounds")
    for base, classes in sorted(round_vehicles(network.rounds).items()):
        for vehicle, needed in sorted(classes.items()):
            missing = needed - have[base, vehicle] if _counted(network, vehicle) else 0
            vehicles = take_spares(network.places, vehicles, vehicle, missing, base, "rounds")
    return replace(network, vehicles=tuple(vehicles))


class _Firms:
    """The firm of a brand's nearest outlet."""

    def __init__(self, network: Network, brand: str) -> None:
        places = network.places
        outlets = sorted((o.id, places.row(o.place), o.firm) for o in network.outlets if o.brand == brand)
        rows = np.array([row for _, row, _ in outlets], dtype=np.int64)
        self.places = places
        self.lat, self.lon = places.lat[rows], places.lon[rows]
        self.firms = [firm for _, _, firm in outlets]

    def nearest(self, row: int) -> str:
        if not self.firms:
            return ""
        away = great_circle_km(self.places.lat[row], self.places.lon[row], self.lat, self.lon)
        return self.firms[int(np.argmin(away))]
