"""What a run says about service: transit times, coverage, frequency, access.

`summarise` is the content of ``summary.json``; `SUMMARY_KEYS` says what each
of its keys means, in which unit.  `by_place` is ``places.parquet``.

Measures of transit time leave out newspaper bundles (classes of flow
``place``): every place gets one a day whether or not anybody lives there, so
that they would drown the mail that people get.  Bundles have their own rows in
``transit.by_class`` and their own columns in `by_place`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from network.coverage import coverage, expected_wait, frequency_coverage, weekly_gaps
from network.graph import MailNetwork
from sim.loads import boarded_per_day, by_leg, queue_growth
from sim.statistics import weighted_quantile
from sim.transit import DIRECTIONS, NEVER, OUTCOMES, TIERS, Cells, SortedTimes, finite, total_s

__all__ = [
    "BASES",
    "CURVE_HOURS",
    "HOURS",
    "SUMMARY_KEYS",
    "Key",
    "boarded_per_day",
    "by_leg",
    "by_place",
    "queue_growth",
    "summarise",
    "undocumented",
]

HOURS = (24, 48, 72, 168)
QUANTILES = (0.5, 0.8, 0.95)
CURVE_HOURS = tuple(range(0, 721, 6))
TIMES_A_WEEK = (1, 3, 5, 7)
RADII_KM = (5, 10, 20)
EARTH_KM = 6371.0088
Columns = Mapping[str, NDArray[Any]]

BASES = {
    "inbound": "items from other provinces, acceptance there to first attempt",
    "from_gateway": "items from other provinces, from the entry gateway on (without the hours upstream)",
    "regional": "items from within the region, acceptance to first attempt",
}


class Key(NamedTuple):
    """Meaning and unit of one key of a summary."""

    meaning: str
    unit: str


_ROW = {
    "items": Key("items accepted", "items"),
    "undelivered": Key("of these without a first attempt or hand-over: refused or still under way", "items"),
    "mean_h": Key("mean transit time of those that arrived; the sum of stages_h", "h"),
    "p50_h": Key("half of all accepted items arrived within; null: so many never did", "h"),
    "p80_h": Key("80 % of all accepted items arrived within; null: so many never did", "h"),
    "p95_h": Key("95 % of all accepted items arrived within; null: so many never did", "h"),
    "within.*": Key("share of all accepted items that arrived within this many hours", "share"),
    "stages_h.*": Key("mean time in this stage of those that arrived", "h"),
}
_TABLES = {
    "transit.all": "items addressed within the region, without newspaper bundles",
    "transit.outbound": "items to other provinces, until hand-over at the gateway",
    "transit.by_class.*": "items addressed within the region, by class",
    "transit.by_direction.*": "by direction (same_prefecture, within_region, inbound, outbound), no bundles",
    "transit.by_tiers.*.*": "by tier of origin, then tier of destination, no bundles",
    "transit.by_prefecture.*": "items addressed within the region, by prefecture of destination, no bundles",
    "transit.inbound_by_prefecture.*": "items from other provinces, by prefecture of destination",
}
SUMMARY_KEYS: dict[str, Key] = {
    "items.accepted": Key("items of the measured cohort, all classes", "items"),
    "items.delivered": Key("delivered, at the first attempt or a later one", "items"),
    "items.handed_over": Key("outbound, handed over at the gateway", "items"),
    "items.refused": Key("not carried: the timetable has no way from origin to destination", "items"),
    "items.returned": Key("given back to the sender after the last failed attempt", "items"),
    "items.under_way": Key("unresolved when the run ended (censored)", "items"),
    "items.by_class.*.*": Key("the same counts by class", "items"),
    **{
        f"{table}.{key}": Key(f"{about}: {meaning.meaning}", meaning.unit)
        for table, about in _TABLES.items()
        for key, meaning in _ROW.items()
    },
    "coverage.of.people": Key("people of the region, census", "people"),
    "coverage.of.villages": Key("administrative villages and committees", "places"),
    "coverage.of.counties": Key("counties", "counties"),
    "coverage.of.border_counties": Key("border counties", "counties"),
    "coverage.*.meaning": Key("which items and which part of their time", "text"),
    "coverage.*.measured_people": Key(
        "share of people whose place was sent at least one such item; the shares are of these people", "share"
    ),
    "coverage.*.within.*.people": Key(
        "C(h): share of people whose place's P80 is within this many hours", "share"
    ),
    "coverage.*.within.*.villages": Key("share of villages and committees with P80 in time", "share"),
    "coverage.*.within.*.counties": Key("counties with P80 of all their items in time", "counties"),
    "coverage.*.within.*.border_counties": Key("border counties with P80 in time", "counties"),
    "coverage.*.p50_person_h": Key("hours within which half of the people have P80; null: never", "h"),
    "coverage.*.p80_person_h": Key("hours within which 80 % of the people have P80; null: never", "h"),
    "coverage.*.curve.hours.*": Key("hours of the coverage curve", "h"),
    "coverage.*.curve.people.*": Key("C(h) at these hours", "share"),
    "frequency.people_at_least.*": Key("F(k): share of people with at least so many rounds a week", "share"),
    "frequency.mean_wait_h": Key("mean wait for the next round, over people, mail ready at any time", "h"),
    "access.people_per_postal_outlet": Key("people of the region per postal outlet", "people"),
    "access.people_per_express_outlet": Key("people of the region per express outlet; null: none", "people"),
    "access.people_in_villages_with_station": Key(
        "share of the people of villages whose village has a station", "share"
    ),
    "access.people_within_km_of_postal_outlet.*": Key(
        "share of people so near to a postal outlet, great circle, synthetic points included", "share"
    ),
}


def summarise(
    network: MailNetwork,
    items: Columns,
    places: Columns | None = None,
    hours: Sequence[int] = HOURS,
) -> dict[str, Any]:
    """Return the measures of a run, ready for JSON.

    Parameters
    ----------
    network
        The network that ran.
    items
        Item records of the measured cohort.
    places
        What `by_place` returned for the same items, if at hand.
    hours
        Limits for the on-time and coverage shares.

    Returns
    -------
    dict
        Nested; `SUMMARY_KEYS` documents every key.  None where there is
        nothing to measure.
    """
    if places is None:
        places = by_place(network, items)
    cells = Cells.of(network, items, total_s(items))
    return {
        "items": _counts(network, cells),
        "transit": _transit(network, cells, hours),
        "coverage": _coverage(network, items, places, hours),
        "frequency": _frequency(network),
        "access": _access(network),
    }


def _class_codes(network: MailNetwork) -> list[str]:
    return [str(row["code"]) for row in network.assumptions.table("classes")]


def _bundles(network: MailNetwork) -> NDArray[np.bool_]:
    return np.array([row["flow"] == "place" for row in network.assumptions.table("classes")])


def _counts(network: MailNetwork, cells: Cells) -> dict[str, Any]:
    def row(outcomes: NDArray[np.int64]) -> dict[str, int]:
        named = dict(zip(OUTCOMES, outcomes.tolist(), strict=True))
        return {"accepted": int(outcomes.sum()), **named}

    cls = cells.axes[0]
    by_class = {
        code: row(cells.outcomes[cls == i].sum(axis=0)) for i, code in enumerate(_class_codes(network))
    }
    return {**row(cells.outcomes.sum(axis=0)), "by_class": by_class}


def _transit(network: MailNetwork, cells: Cells, hours: Sequence[int]) -> dict[str, Any]:
    cls, direction, origin, dest, prefecture = cells.axes
    mail = ~_bundles(network)[cls]
    home = direction != DIRECTIONS.index("outbound")
    inbound = direction == DIRECTIONS.index("inbound")

    def table(group: NDArray[Any], names: Sequence[str], where: NDArray[np.bool_]) -> dict[str, Any]:
        return cells.table(np.where(where, group, -1), names, hours, QUANTILES)

    inside = prefecture < len(cells.prefectures)
    tiers = table(origin * len(TIERS) + dest, [f"{a} {b}" for a in TIERS for b in TIERS], mail)
    nested: dict[str, dict[str, Any]] = {}
    for pair, row in tiers.items():
        a, b = pair.split()
        nested.setdefault(a, {})[b] = row
    return {
        **table(np.where(home, 0, 1), ("all", "outbound"), mail),
        "by_class": table(cls, _class_codes(network), home),
        "by_direction": table(direction, DIRECTIONS, mail),
        "by_tiers": nested,
        "by_prefecture": table(prefecture, cells.prefectures, mail & home & inside),
        "inbound_by_prefecture": table(prefecture, cells.prefectures, mail & inbound & inside),
    }


def _basis(network: MailNetwork, items: Columns, basis: str) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Return the destination row of the items of a basis (-1 for all others), and the times it counts."""
    times = total_s(items)
    inbound = items["direction"] == DIRECTIONS.index("inbound")
    if basis == "from_gateway":
        times = np.where(times == NEVER, NEVER, times - items["upstream_s"]).astype(np.int32, copy=False)
    wanted = inbound if basis in ("inbound", "from_gateway") else items["direction"] < 2
    wanted = wanted & ~_bundles(network)[items["cls"]]
    return np.where(wanted, items["dest"], -1), times


def by_place(network: MailNetwork, items: Columns, hours: Sequence[int] = HOURS) -> dict[str, NDArray[Any]]:
    """Return what arrives at each place of the region, and when.

    Returns
    -------
    dict
        Equal columns, a row for each place (gateways left out), in the order
        of the places: ``id``, ``name``, ``name_zh``, ``kind``, ``county``,
        ``prefecture``, ``lat``, ``lon``, ``synthetic``, ``border``,
        ``people``; of all items addressed to it, inbound and regional, without
        newspaper bundles: ``n_items``, ``undelivered``, ``mean_h`` (of those
        that arrived), ``p50_h``, ``p80_h``, ``within_24`` … ``within_168``
        (shares); for each basis of `BASES`: ``<basis>_n``, ``<basis>_p80_h``;
        of bundles: ``bundles_n``, ``bundles_p80_h``.  Times are ``nan`` without
        items and infinite where that share never arrived.
    """
    places = network.places
    n = len(places)
    rows = np.flatnonzero(places.kind != "gateway")
    bundle = _bundles(network)[items["cls"]]
    times = total_s(items)
    mail = SortedTimes(np.where(bundle, -1, items["dest"]), times, n)
    columns: dict[str, NDArray[Any]] = {
        "id": places.id,
        "name": places.name_en,
        "name_zh": places.name_zh,
        "kind": places.kind,
        "county": places.county,
        "prefecture": places.prefecture,
        "lat": places.lat,
        "lon": places.lon,
        "synthetic": places.synthetic,
        "border": places.border,
        "people": places.population,
        "n_items": mail.n,
        "undelivered": mail.n - mail.arrived(),
        "mean_h": mail.mean_h(),
        "p50_h": mail.quantile_h(0.5),
        "p80_h": mail.quantile_h(0.8),
    }
    for h in hours:
        columns[f"within_{h}"] = np.divide(mail.within(h), mail.n, out=np.full(n, np.nan), where=mail.n > 0)
    del mail
    for basis in BASES:
        dest, of_basis = _basis(network, items, basis)
        part = SortedTimes(dest, of_basis, n)
        columns[f"{basis}_n"] = part.n
        columns[f"{basis}_p80_h"] = part.quantile_h(0.8)
    part = SortedTimes(np.where(bundle, items["dest"], -1), times, n)
    columns["bundles_n"] = part.n
    columns["bundles_p80_h"] = part.quantile_h(0.8)
    return {name: np.asarray(column)[rows] for name, column in columns.items()}


def _coverage(network: MailNetwork, items: Columns, places: Columns, hours: Sequence[int]) -> dict[str, Any]:
    people = np.asarray(places["people"], dtype=np.float64)
    villages = np.isin(places["kind"], ("village", "committee"))
    codes, county_of = np.unique(network.places.county, return_inverse=True)
    border = np.isin(codes, np.unique(network.places.county[network.places.border.astype(bool)]))
    real = codes != ""
    result: dict[str, Any] = {
        "of": {
            "people": float(people.sum()),
            "villages": int(villages.sum()),
            "counties": int(real.sum()),
            "border_counties": int((border & real).sum()),
        }
    }
    for basis, meaning in BASES.items():
        dest, times = _basis(network, items, basis)
        counties = SortedTimes(np.where(dest >= 0, county_of[dest], -1), times, len(codes)).quantile_h(0.8)
        p80 = np.asarray(places[f"{basis}_p80_h"], dtype=np.float64)
        measured = np.asarray(places[f"{basis}_n"]) > 0
        lived = measured & (people > 0)
        here = measured & villages
        body: dict[str, Any] = {
            "meaning": meaning,
            "measured_people": float(people[lived].sum() / people.sum()) if people.sum() else None,
        }
        within: dict[str, Any] = {}
        for h in hours:
            within[str(h)] = {
                "people": float(coverage(p80[lived], people[lived], h)) if lived.any() else None,
                "villages": float((p80[here] <= h).mean()) if here.any() else None,
                "counties": int((counties[real] <= h).sum()),
                "border_counties": int((counties[real & border] <= h).sum()),
            }
        body["within"] = within
        for q in (0.5, 0.8):
            at = float(weighted_quantile(p80[lived], people[lived], q))
            body[f"p{round(100 * q)}_person_h"] = finite(at)
        curve = coverage(p80[lived], people[lived], CURVE_HOURS).tolist() if lived.any() else []
        body["curve"] = {"hours": list(CURVE_HOURS) if curve else [], "people": curve}
        result[basis] = body
    return result


def _frequency(network: MailNetwork) -> dict[str, Any]:
    places = network.places
    per_week = np.zeros(len(places))
    wait_h = np.full(len(places), np.nan)
    for tour in network.rounds:
        rows = [places.row(place) for place in tour.places]
        per_week[rows] += len(tour.weekdays)
        wait_h[rows] = expected_wait(weekly_gaps(24.0 * np.asarray(tour.weekdays)))
    people = places.population
    reached = np.isfinite(wait_h) & (people > 0)
    if not people.sum() > 0:
        return {"people_at_least": {}, "mean_wait_h": None}
    shares = frequency_coverage(per_week, people, TIMES_A_WEEK)
    return {
        "people_at_least": {str(k): float(s) for k, s in zip(TIMES_A_WEEK, shares, strict=True)},
        "mean_wait_h": float(np.average(wait_h[reached], weights=people[reached])) if reached.any() else None,
    }


def _access(network: MailNetwork) -> dict[str, Any]:
    places = network.places
    people = places.population
    total = float(people.sum())
    postal = [places.row(outlet.place) for outlet in network.outlets if outlet.network == "postal"]
    express = sum(outlet.network == "express" for outlet in network.outlets)
    station = np.isin(places.id, network.stations)
    village = np.isin(places.kind, ("village", "committee"))
    rural = float(people[village].sum())
    near: dict[str, float | None] = {str(km): None for km in RADII_KM}
    if postal and total:
        points = _unit_vectors(places.lat, places.lon)
        chord, _ = cKDTree(points[postal]).query(points)
        away_km = 2 * EARTH_KM * np.arcsin(np.clip(chord / 2, 0, 1))
        near = {str(km): float(people[away_km <= km].sum() / total) for km in RADII_KM}
    return {
        "people_per_postal_outlet": total / len(postal) if postal else None,
        "people_per_express_outlet": total / express if express else None,
        "people_in_villages_with_station": float(people[village & station].sum()) / rural if rural else None,
        "people_within_km_of_postal_outlet": near,
    }


def _unit_vectors(lat: NDArray[Any], lon: NDArray[Any]) -> NDArray[np.float64]:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), axis=1)


def undocumented(summary: Mapping[str, Any]) -> list[str]:
    """Return the keys of a summary that `SUMMARY_KEYS` does not document: none, a test says."""
    return [path for path in _paths(summary, "") if not any(_fits(path, known) for known in SUMMARY_KEYS)]


def _paths(body: Any, path: str) -> Iterator[str]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield from _paths(value, f"{path}.{key}" if path else str(key))
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from _paths(value, f"{path}.{number}")
    else:
        yield path


def _fits(path: str, pattern: str) -> bool:
    a, b = path.split("."), pattern.split(".")
    return len(a) == len(b) and all(fnmatchcase(x, y) for x, y in zip(a, b, strict=True))
