"""Where mail is accepted and held: postal outlets, express outlets, village stations.

Reports give totals only.  Where the outlets stand is assumed by the rules
written at each function, which know nothing but the places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from network.errors import InputErrors, Problem
from network.geography.roads import great_circle_km
from network.inputs.assumptions import Assumptions
from network.model.records import Outlet, Places
from network.numeric.apportion import largest_remainder

__all__ = ["place_counters", "place_express_outlets", "place_postal_outlets", "place_stations"]


def _people(places: Places) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return rows of the townships, people under each, rows of the counties, people in each."""
    towns, counties = np.flatnonzero(places.kind == "township"), np.flatnonzero(places.kind == "county")
    living = np.flatnonzero(places.population > 0)

    def total(ids: np.ndarray, keys: np.ndarray) -> np.ndarray:
        return np.bincount(_rows_of(ids, keys), weights=places.population[living], minlength=len(ids))

    return (
        towns,
        total(places.id[towns], places.township[living]),
        counties,
        total(places.id[counties], places.county[living]),
    )


def _too_many(key: str, value: int, allowed: str) -> InputErrors:
    return InputErrors([Problem("report", "", key, value, allowed)])


def place_postal_outlets(places: Places, count: int, assumptions: Assumptions) -> tuple[Outlet, ...]:
    """Place exactly `count` postal outlets.

    One in every township; the others go to the counties with more than
    ``people_per_outlet`` people a township, in proportion to the people above
    it (largest remainder), and there to the townships by people.  Fewer
    outlets than townships go to the townships with the most people.

    Parameters
    ----------
    places
        The places.
    count
        Outlets to place, from 0.
    assumptions
        ``people_per_outlet``.

    Raises
    ------
    InputErrors
        If `count` is negative.
    """
    if count < 0:
        raise _too_many("postal_outlets", count, "0 or more")
    towns, people, counties, county_people = _people(places)
    names, people_per_outlet = places.name_en, assumptions["people_per_outlet"]
    base = np.sort(np.argsort(-people, kind="stable")[:count])
    sites = [(int(towns[t]), f"one in every township: {places.name_zh[towns[t]]}") for t in base]
    if count < len(towns):
        sites = [(row, "among the townships with the most people") for row, _ in sites]
    else:
        county_of = _rows_of(places.id[counties], places.county[towns])
        above = np.maximum(
            county_people - people_per_outlet * np.bincount(county_of, minlength=len(counties)), 0
        )
        extra = largest_remainder(count - len(towns), above if above.any() else county_people)
        for c in np.flatnonzero(extra):
            in_county = np.flatnonzero(county_of == c)
            why = (
                f"{names[counties[c]]} has {county_people[c] / len(in_county):,.0f} people a township, "
                f"above {people_per_outlet:,.0f}"
            )
            for t, n in zip(in_county, largest_remainder(int(extra[c]), people[in_county]), strict=True):
                sites += [(int(towns[t]), why)] * int(n)
    return tuple(
        Outlet(f"P-{i:04d}", str(places.id[row]), "postal", reason=why)
        for i, (row, why) in enumerate(sites, 1)
    )


def _rows_of(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    order = np.argsort(ids, kind="stable")
    return np.asarray(order[np.searchsorted(ids, wanted, sorter=order)])


def place_express_outlets(
    places: Places, count: int, brands: int, firms: int, assumptions: Assumptions, year: int = 2021
) -> tuple[Outlet, ...]:
    """Place exactly `count` express outlets of `brands` brands and `firms` firms.

    One in every county, the others by population (largest remainder after the
    floor); in a county they stand in the town at its seat, by people of its
    streets and townships.  Firms are shared out among the brands and outlets
    among brands by market share, at least one each.  Beginning with the
    smallest county, each outlet takes the brand least present in the county,
    and of these the one with the most outlets still to place: leading brands
    are everywhere, small ones in the cities.  A firm covers neighbouring
    counties (a run of its brand's outlets in code order).

    Parameters
    ----------
    places
        The places.
    count
        Outlets; 0 gives none, whatever the brands and firms (items are then accepted at counters).
    brands, firms
        How many brands and licensed firms there are.
    assumptions
        Its table ``brands`` names the brands and their market shares
        (``share_YEAR`` where there is one, else ``share``); the largest
        `brands` of them are taken.
    year
        Whose shares.

    Raises
    ------
    InputErrors
        If there are fewer firms than brands, fewer outlets than firms, or more brands than names.
    """
    if count == 0:
        return ()
    table = _brands(brands, firms, assumptions, year)
    if count < firms:
        raise _too_many("express_outlets", count, f"0, or at least one a firm, {firms}")
    share = np.array([row.share for row in table])
    firms_of = np.array([row.firms for row in table])
    quota = largest_remainder(count, share, floor=firms_of)

    towns, people, counties, county_people = _people(places)
    if count >= len(counties):
        per_county = largest_remainder(count, county_people, floor=1)
    else:
        per_county = np.zeros(len(counties), dtype=int)
        per_county[np.argsort(-county_people, kind="stable")[:count]] = 1
    county_of = _rows_of(places.id[counties], places.county[towns])
    sites: list[tuple[int, int]] = []  # township row, brand
    left = quota.copy()
    for c in np.argsort(county_people, kind="stable"):
        present = np.zeros(brands, dtype=int)
        in_county = np.flatnonzero((county_of == c) & places.in_town[towns])
        spread = largest_remainder(int(per_county[c]), people[in_county])
        for town in np.repeat(towns[in_county], spread):
            free = np.flatnonzero(left > 0)
            brand = int(free[np.lexsort((-left[free], present[free]))[0]])
            present[brand] += 1
            left[brand] -= 1
            sites.append((int(town), brand))
    sites.sort()

    seen = np.zeros(brands, dtype=int)
    outlets = []
    for i, (town, brand) in enumerate(sites, 1):
        firm = int(seen[brand] * firms_of[brand] // quota[brand]) + 1
        seen[brand] += 1
        row = table[brand]
        outlets.append(
            Outlet(
                f"E-{i:04d}",
                str(places.id[town]),
                "express",
                brand=row.code,
                firm=f"{row.code}-{firm:02d}",
                reason="in the town at a county seat; number by population, brand by market share (assumed)",
            )
        )
    return tuple(outlets)


def place_counters(
    places: Places,
    prefecture_seats: Sequence[str],
    brands: int,
    firms: int,
    assumptions: Assumptions,
    year: int,
) -> tuple[Outlet, ...]:
    """Return the counters at which firms accept items where no express outlet exists (rule 5).

    They are no outlets in the sense of the report (network ``"counter"``) but
    name the brands and firms at work.  A private brand has a counter at every
    prefecture seat, the post's own brand at every county seat; a firm keeps a
    run of its brand's counters in the order of the seats.

    Parameters
    ----------
    places
        The places.
    prefecture_seats
        County codes of the prefecture seats.
    brands, firms, assumptions, year
        As for `place_express_outlets`.

    Raises
    ------
    InputErrors
        If there are fewer firms than brands, or more brands than names.
    """
    towns, people, counties, _ = _people(places)
    county_of = _rows_of(places.id[counties], places.county[towns])
    seat_town: dict[str, str] = {}
    for c, row in enumerate(counties):
        in_county = np.flatnonzero((county_of == c) & places.in_town[towns])
        seat_town[str(places.id[row])] = str(places.id[towns[in_county[np.argmax(people[in_county])]]])
    out: list[Outlet] = []
    for brand in _brands(brands, firms, assumptions, year):
        seats = list(prefecture_seats if brand.private else seat_town)
        slots = max(len(seats), brand.firms)
        for i in range(slots):
            firm = i * brand.firms // slots + 1
            out.append(
                Outlet(
                    f"K-{len(out) + 1:04d}",
                    seat_town[seats[i % len(seats)]],
                    "counter",
                    brand=brand.code,
                    firm=f"{brand.code}-{firm:02d}",
                    reason="counter at a seat: the report counts no express outlets (assumed)",
                )
            )
    return tuple(out)


@dataclass(frozen=True)
class _Brand:
    code: str
    share: float
    firms: int
    private: bool


def _brands(brands: int, firms: int, assumptions: Assumptions, year: int) -> list[_Brand]:
    """Return the leading brands of a year with their number of firms."""
    column = f"share_{year}"
    named = [(float(row.get(column, row["share"])), row) for row in assumptions.table("brands")]
    named = sorted((pair for pair in named if pair[0] > 0), key=lambda pair: -pair[0])
    problems = []
    if not 1 <= brands <= len(named):
        problems.append(Problem("report", "", "express_brands", brands, f"1 to {len(named)} named brands"))
    if firms < brands:
        problems.append(Problem("report", "", "express_firms", firms, f"at least one a brand, {brands}"))
    if problems:
        raise InputErrors(problems)
    named = named[:brands]
    firms_of = largest_remainder(firms, [share for share, _ in named], floor=1)
    return [
        _Brand(str(row["code"]), share, int(n), bool(row["private"]))
        for (share, row), n in zip(named, firms_of, strict=True)
    ]


def place_stations(places: Places, count: int) -> tuple[str, ...]:
    """Return the `count` villages that have a post station, in order of place.

    Every county has its share of the stations by its number of villages
    (largest remainder); in a county the villages with the most people come
    first, of equal ones those nearest to their township.  Neighbourhood
    committees have none.

    Raises
    ------
    InputErrors
        If there are fewer villages than stations.
    """
    rows = np.flatnonzero(places.kind == "village")
    if not 0 <= count <= len(rows):
        raise _too_many("village_stations", count, f"0 to {len(rows)}, the number of villages")
    counties, county_of = np.unique(places.county[rows], return_inverse=True)
    total = np.bincount(county_of, minlength=len(counties))
    per_county = largest_remainder(count, total, ceiling=total)
    town = _rows_of(places.id, places.township[rows])
    km = great_circle_km(places.lat[rows], places.lon[rows], places.lat[town], places.lon[town])
    order = np.lexsort((rows, km, -places.population[rows], county_of))
    rank = np.empty(len(rows), dtype=int)
    rank[order] = np.arange(len(rows)) - np.repeat(np.cumsum(total) - total, total)
    return tuple(str(place) for place in places.id[rows[rank < per_county[county_of]]])
