"""Fit air mail routes to a published number and length (rules 1 and 2).

Non-stop pairs alone fall short of the published length, so the pool also has
through routes with one onward leg.  The objective is the worth of the
routes: the root of people at the Xizang end times people of the cities
reached, less for a pair of low confidence and for a detour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from network.errors import InputErrors, Problem
from network.fit.family import choose
from network.fit.programme import COUNT, LENGTH, RouteProgramme
from network.fit.refusal import Totals
from network.geography.roads import great_circle_km
from network.geography.seats import seats
from network.model.records import MailRoute, Places

if TYPE_CHECKING:
    from network.inputs.assumptions import Assumptions
    from network.inputs.tables import Airport, AirRoute, Region

__all__ = ["AirTotals", "fit_air"]

# Worth of one km off the middle of the printed precision: 50 km weigh about as much as a tenth of a route.
_DEVIATION_WORTH = 0.01
_INSIDE_KM = 0.01
_LATER_TABLE_FROM = 2017  # years nearer to the judgement of 2021 than to that of 2012


@dataclass(frozen=True)
class AirTotals(Totals):
    """Published number and one-way length of the air mail routes (航空邮路)."""


@dataclass(frozen=True)
class AirCandidate:
    """An air mail route that could be chosen.

    Attributes
    ----------
    kind
        "non-stop" or "through".
    airports
        Codes in order of travel, an airport of the region first.
    stops
        The places they stand for.
    leg_km
        Great circle of each leg, km.
    trust
        Confidence in its first leg: high, medium or low.
    direct_km
        Great circle from end to end.
    worth
        Objective: more is better.
    """

    kind: str
    airports: tuple[str, ...]
    stops: tuple[str, ...]
    leg_km: tuple[float, ...]
    trust: str
    direct_km: float
    worth: float

    @property
    def key(self) -> str:
        """Stable name."""
        return "air:" + ">".join(self.airports)

    @property
    def km(self) -> float:
        """One-way length, km."""
        return float(sum(self.leg_km))


def fit_air(
    region: Region,
    places: Places,
    totals: Totals,
    assumptions: Assumptions,
    year: int,
    draw: int = 0,
    seed: int = 0,
) -> tuple[MailRoute, ...]:
    """Choose air mail routes with exactly the published number and length.

    Parameters
    ----------
    region
        Tables of airports and of plausible non-stop pairs.
    places
        How many people live where.
    totals
        What the routes must add up to.
    assumptions
        Hubs, caps and worth.
    year
        Airports opened later are left out.
    draw
        0 for the best network, k for the k-th of the family.
    seed
        Of the family.

    Returns
    -------
    tuple of MailRoute
        ``air-01``… in order of kind, then name.  An airport stands for the
        seat it serves; the airports of one city are one gateway.

    Raises
    ------
    FitError
        If no network fits: says the reachable range and the rule in the way.
    """
    pool = _Pool(region, places, assumptions, year)
    programme = pool.programme(totals)
    x = choose(programme, "air", totals, draw, seed)
    chosen = [pool.candidates[row] for row in programme.chosen(x)]
    named = sorted(((c, pool.name(c)) for c in chosen), key=lambda item: (item[0].kind, item[1]))
    return tuple(
        MailRoute(
            id=f"air-{n:02d}",
            name=name,
            mode="air",
            kind=c.kind,
            stops=c.stops,
            leg_km=c.leg_km,
            leg_links=((),) * len(c.leg_km),
            serves=(),
            reason=pool.reason(c),
        )
        for n, (c, name) in enumerate(named, 1)
    )


class _Pool:
    """The candidates of a year."""

    def __init__(self, region: Region, places: Places, a: Assumptions, year: int) -> None:
        self.a, self.places = a, places
        self.names = {g.id: g.name_en for g in region.gateways}
        self.trust_worth = {
            "high": 1.0,
            "medium": a["air_medium_confidence_worth"],
            "low": a["air_low_confidence_worth"],
        }
        self.airports = {x.iata: x for x in region.airports if not x.opened or x.opened <= year}
        self.stop_of = self._stops(region)
        self.cities = {row["gateway"]: row for row in a.table("air_cities")}
        self._check_cities(region)
        self.main = self._main_airports()
        self.trust = self._pairs(region, year)
        self.candidates = self._candidates()

    def _stops(self, region: Region) -> dict[str, str]:
        """An airport stands for the seat it serves, else for the county or gateway it belongs to."""
        known = seats(region, self.a)
        inside = {county.code for county in region.counties}
        self.names |= {county.code: county.name_en for county in region.counties}
        self.names |= {seat: prefecture for prefecture, seat in known.prefecture.items()}
        serving = {row["airport"]: str(row["county"]) for row in self.a.table("seats") if "airport" in row}
        gateways = {g.id for g in region.gateways}
        stops = {iata: serving.get(iata, x.node) for iata, x in self.airports.items()}
        self.home = {iata for iata, stop in stops.items() if stop in inside}
        return {iata: stop for iata, stop in stops.items() if stop in inside or stop in gateways}

    def _check_cities(self, region: Region) -> None:
        known = {g.id for g in region.gateways}
        problems = [
            Problem("assumptions.toml", "air_cities", "gateway", name, "a gateway of gateways.csv")
            for name in self.cities
            if name not in known
        ]
        if problems:
            raise InputErrors(problems)

    def _main_airports(self) -> dict[str, Airport]:
        """Airports of one city count as one: the oldest stands for all."""
        main: dict[str, Airport] = {}
        for iata, stop in self.stop_of.items():
            if iata not in self.home:
                now = self.airports[iata]
                best = main.get(stop)
                if best is None or (now.opened or 0, iata) < (best.opened or 0, best.iata):
                    main[stop] = now
        return main

    def _merged(self, iata: str) -> str:
        return iata if iata in self.home else self.main[self.stop_of[iata]].iata

    def _pairs(self, region: Region, year: int) -> dict[tuple[str, str], str]:
        """Return the confidence in each plausible non-stop pair, an airport of the region first."""
        order = ("low", "medium", "high")
        trust: dict[tuple[str, str], str] = {}
        for pair in region.air_routes:
            if not self._plausible(pair, year):
                continue
            a, b = (self._merged(iata) for iata in (pair.from_iata, pair.to_iata))
            # Between two airports of the region the one with more people leads.
            a, b = sorted((a, b), key=lambda iata: (iata not in self.home, -self._people(iata), iata))
            best = max(pair.confidence, trust.get((a, b), "low"), key=order.index)
            trust[a, b] = best
        return trust

    def _plausible(self, pair: AirRoute, year: int) -> bool:
        ends = (pair.from_iata, pair.to_iata)
        judged = pair.plausible_2021 if year >= _LATER_TABLE_FROM else pair.plausible_2012
        return bool(
            judged
            and pair.domestic
            and all(iata in self.stop_of for iata in ends)
            and any(iata in self.home for iata in ends)
        )

    def _people(self, iata: str) -> float:
        """People of the prefecture of an airport of the region, or of a gateway's city, in millions."""
        stop = self.stop_of[iata]
        if iata in self.home:
            prefecture = self.places.prefecture[self.places.row(stop)]
            return float(self.places.population[self.places.prefecture == prefecture].sum()) / 1e6
        return float(self.cities.get(stop, {}).get("people_million", 0.1))

    def _km(self, a: str, b: str) -> float:
        x, y = self.airports[a], self.airports[b]
        return float(great_circle_km(x.lat, x.lon, y.lat, y.lon))

    def _candidate(self, airports: tuple[str, ...], trust: str) -> AirCandidate:
        legs = tuple(self._km(a, b) for a, b in pairwise(airports))
        direct = self._km(airports[0], airports[-1])
        reached = sum(self._people(iata) for iata in airports[1:])
        worth = math.sqrt(self._people(airports[0]) * reached) * self.trust_worth[trust] * direct / sum(legs)
        stops = tuple(self.stop_of[iata] for iata in airports)
        kind = "through" if len(legs) > 1 else "non-stop"
        return AirCandidate(kind, airports, stops, legs, trust, direct, worth)

    def _candidates(self) -> tuple[AirCandidate, ...]:
        candidates = [self._candidate(pair, trust) for pair, trust in self.trust.items()]
        starts = {row["airport"] for row in self.a.table("air_through")}
        hubs, ends = (
            [self.main[g].iata for g, row in self.cities.items() if row["role"] == role and g in self.main]
            for role in ("hub", "end")
        )
        for (start, hub), trust in self.trust.items():
            if start in starts and hub in hubs:
                through = [self._candidate((start, hub, end), trust) for end in ends]
                candidates += [c for c in through if c.km <= self.a["air_detour"] * c.direct_km]
        return tuple(sorted(candidates, key=lambda c: (c.kind, c.airports)))

    def programme(self, totals: Totals) -> RouteProgramme:
        """Return the choice among the candidates."""
        c = self.candidates
        programme = RouteProgramme(
            [x.key for x in c], np.array([x.km for x in c]), np.array([-x.worth for x in c])
        )
        every = range(len(c))
        programme.add(COUNT, every, totals.routes, totals.routes)
        window = max(totals.precision_km - _INSIDE_KM, 0.0)
        over, under = (programme.column(_DEVIATION_WORTH, window) for _ in range(2))
        factors = [*programme.km, -1.0, 1.0]
        programme.add(LENGTH, [*every, over, under], totals.km, totals.km, factors)
        for row in self.a.table("air_required"):
            pair = tuple(row["pair"].split("-"))
            rows = [n for n in every if c[n].airports == pair]
            if rows:
                programme.add(f"the non-stop route {row['pair']}", rows, 1, 1)
        for (start, end), trust in self.trust.items():
            if trust == "high" and end not in self.home:
                rows = [n for n in every if c[n].airports[:2] == (start, end)]
                programme.add("every pair of high confidence is flown", rows, 1, math.inf)
        for iata in sorted(self.home):
            rows = [n for n in every if iata in c[n].airports]
            if rows:
                programme.add("every airport of the region has a route", rows, 1, math.inf)
        for row in self.a.table("air_through"):
            rows = [n for n in every if c[n].kind == "through" and c[n].airports[0] == row["airport"]]
            rule = f"at most {row['most']} through routes from {row['airport']}"
            programme.add(rule, rows, 0, row["most"])
        most = round(self.a["max_air_routes_per_end"])
        for ends in sorted({(x.airports[0], x.airports[-1]) for x in c}):
            rows = [n for n in every if (c[n].airports[0], c[n].airports[-1]) == ends]
            programme.add(f"at most {most} routes between the same two cities", rows, 0, most)
        return programme

    def name(self, c: AirCandidate) -> str:
        """Return the stops joined by dashes."""
        return "–".join(self.names[stop] for stop in c.stops)

    def reason(self, c: AirCandidate) -> str:
        """Return one sentence with numbers: what the route is for and why it is plausible."""
        people = sum(self._people(iata) for iata in c.airports[1:])
        same = [x for x in self.candidates if (x.stops[0], x.stops[-1]) == (c.stops[0], c.stops[-1])]
        start, end = self.names[c.stops[0]], self.names[c.stops[-1]]
        pair = f"a pair of {c.trust} confidence in the table of plausible flights"
        required = "-".join(c.airports) in {row["pair"] for row in self.a.table("air_required")}
        if c.kind == "non-stop":
            why = f"{pair}, {'required' if required else _of(len(same), end)}"
            return f"Non-stop {start}–{end} ({'–'.join(c.airports)}), {c.km:,.0f} km: {why}."
        hub = self.names[c.stops[1]]
        return (
            f"Through route {start}–{hub}–{end} ({'–'.join(c.airports)}), {c.km:,.0f} km, "
            f"{c.km / c.direct_km:.2f} times the direct way: its first leg is {pair}, and it reaches "
            f"{people:,.1f} million people in two cities, {_of(len(same), end)}."
        )


def _of(ways: int, end: str) -> str:
    return f"one of {ways} candidate ways to {end}" if ways > 1 else f"the only candidate way to {end}"
