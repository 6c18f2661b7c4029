"""Every place of the network: county seats, townships, villages, monasteries, gateways.

The tables give the county seats, the names of all townships, the number of
villages in each and the points of some townships.  The rest is synthesised
here, marked as synthetic, from keyed draws that know no published total
(rules 1 and 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from network.errors import InputErrors, Problem
from network.geography.points import Nearest, scatter
from network.geography.roads import great_circle_km
from network.geography.townships import Counties, Townships, build_townships, make_places
from network.inputs.assumptions import Assumptions
from network.model.records import Places

if TYPE_CHECKING:
    from network.inputs.tables import Region

__all__ = ["build_places", "circuity", "link_km"]


def build_places(
    region: Region,
    assumptions: Assumptions,
    year: int,
    seed: int = 0,
    administrative_villages: int | None = None,
) -> Places:
    """Return all places of a region, in the order of `network.model.records.PLACE_KINDS`.

    Villages and committees share one block, township by township; natural
    villages follow their village's order.

    Parameters
    ----------
    region
        The tables.
    assumptions
        Radii, weights and numbers that nobody published.
    year
        The census in force: 2010 before 2020.
    seed
        Of the synthetic points.
    administrative_villages
        Published number of villages; the other places under streets are
        neighbourhood committees, largest streets first.  By default the
        assumed number of committees stands.

    Raises
    ------
    InputErrors
        If there are not enough places under streets to make up the number.
    """
    counties = Counties.of(region, year, assumptions)
    towns = build_townships(region, counties, assumptions, seed)
    villages = _villages(region, counties, towns, assumptions, seed, administrative_villages)
    naturals = _natural_villages(counties, towns, villages, assumptions, seed)
    parts = [
        _county_block(region, counties),
        towns.places,
        villages,
        naturals,
        _monastery_block(region, counties, towns, assumptions),
        _gateway_block(region),
    ]
    names = [name for name in Places.__dataclass_fields__]
    return Places(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def circuity(prefecture: ArrayLike, assumptions: Assumptions) -> np.ndarray:
    """Return the road km per great-circle km assumed in each prefecture named (nan for any other name)."""
    by_prefecture = {
        row["prefecture"]: assumptions[f"circuity_{row['terrain']}"] for row in assumptions.table("terrain")
    }
    names, inverse = np.unique(np.asarray(prefecture), return_inverse=True)
    return np.array([by_prefecture.get(str(name), np.nan) for name in names])[inverse]


def link_km(places: Places, a: ArrayLike, b: ArrayLike, assumptions: Assumptions) -> np.ndarray:
    """Return the assumed road length between places that the road table does not link.

    Great circle times the circuity of the terrain; of two terrains the more winding.

    Parameters
    ----------
    places
        The places.
    a, b
        Rows; arrays broadcast.
    assumptions
        Circuities and the terrain of each prefecture.

    Returns
    -------
    numpy.ndarray
        km; nan where both ends lie outside the region.
    """
    a, b = np.asarray(a), np.asarray(b)
    km = great_circle_km(places.lat[a], places.lon[a], places.lat[b], places.lon[b])
    winding_a, winding_b = (circuity(places.prefecture[rows], assumptions) for rows in (a, b))
    return np.asarray(km * np.fmax(winding_a, winding_b))


def _county_block(region: Region, counties: Counties) -> Places:
    return make_places(
        ["county"] * len(counties.code),
        id=counties.code,
        name_zh=[c.name_zh for c in region.counties],
        name_en=counties.name_en,
        county=counties.code,
        prefecture=counties.prefecture,
        lat=counties.lat,
        lon=counties.lon,
        elevation_m=counties.elevation_m,
        urban=True,
        in_town=True,
        border=counties.border,
        source=[c.source for c in region.counties],
    )


def _committees(
    towns: Townships, assumptions: Assumptions, administrative_villages: int | None
) -> np.ndarray:
    """Return how many places of each township are neighbourhood committees, largest streets first."""
    under_streets = int(towns.villages[towns.street].sum())
    total = int(towns.villages.sum())
    if administrative_villages is None:
        left = round(assumptions["committees_under_streets"])
    else:
        left = total - administrative_villages
    if not 0 <= left <= under_streets:
        allowed = f"{total - under_streets} to {total}: of {total} places {under_streets} lie under streets"
        raise InputErrors([Problem("report", "", "administrative_villages", total - left, allowed)])
    out = np.zeros(len(towns.villages), dtype=int)
    streets = np.flatnonzero(towns.street)
    for row in streets[np.argsort(-towns.villages[streets], kind="stable")]:
        out[row] = min(left, towns.villages[row])
        left -= int(out[row])
    return out


def _villages(
    region: Region,
    counties: Counties,
    towns: Townships,
    assumptions: Assumptions,
    seed: int,
    administrative_villages: int | None,
) -> Places:
    places = towns.places
    town = np.repeat(np.arange(len(towns.villages)), towns.villages)
    number = np.arange(len(town)) - np.searchsorted(town, town)
    committees = _committees(towns, assumptions, administrative_villages)
    is_committee = number < committees[town]
    number = np.where(is_committee, number, number - committees[town]) + 1
    ids = np.array(
        [
            f"{places.id[t]}-{'c' if c else 'v'}{n:02d}"
            for t, c, n in zip(town, is_committee, number, strict=True)
        ]
    )
    county = towns.county[town]
    lat, lon = _around(
        places, town, county, ids, assumptions["village_radius_km"], towns, seed, "village point"
    )
    weight = np.where(is_committee, assumptions["committee_weight"], 1.0)
    by_county = np.bincount(county, weights=weight, minlength=len(counties.code))
    label = np.where(is_committee, "居委会", "村")
    return make_places(
        np.where(is_committee, "committee", "village"),
        id=ids,
        name_zh=[f"{places.name_zh[t]}{z}{n:02d}" for t, z, n in zip(town, label, number, strict=True)],
        name_en=[
            f"{places.name_en[t]} {'committee' if c else 'village'} {n:02d}"
            for t, c, n in zip(town, is_committee, number, strict=True)
        ],
        county=counties.code[county],
        prefecture=counties.prefecture[county],
        township=places.id[town],
        lat=lat,
        lon=lon,
        elevation_m=counties.elevation_m[county],
        population=counties.population[county] * weight / by_county[county],
        urban=is_committee | places.in_town[town],
        in_town=places.in_town[town],
        border=counties.border[county],
        synthetic=True,
        source="number: townships.csv; point: synthetic; people: census of the county, split by weight",
    )


def _natural_villages(
    counties: Counties, towns: Townships, villages: Places, assumptions: Assumptions, seed: int
) -> Places:
    each = round(assumptions["natural_villages_per_border_village"])
    parent = np.repeat(np.flatnonzero(villages.border & (villages.kind == "village")), each)
    number = np.tile(np.arange(1, each + 1), len(parent) // each)
    ids = np.array([f"{villages.id[p]}-n{n}" for p, n in zip(parent, number, strict=True)], dtype=str)
    row_of = {str(code): i for i, code in enumerate(counties.code)}
    county = np.array([row_of[str(code)] for code in villages.county[parent]], dtype=int)
    radius = assumptions["natural_village_radius_km"]
    lat, lon = _around(villages, parent, county, ids, radius, towns, seed, "natural village point")
    return make_places(
        ["natural_village"] * len(parent),
        id=ids,
        name_zh=[f"{villages.name_zh[p]}自然村{n}" for p, n in zip(parent, number, strict=True)],
        name_en=[f"{villages.name_en[p]} hamlet {n}" for p, n in zip(parent, number, strict=True)],
        county=villages.county[parent],
        prefecture=villages.prefecture[parent],
        township=villages.township[parent],
        lat=lat,
        lon=lon,
        elevation_m=villages.elevation_m[parent],
        border=True,
        synthetic=True,
        source="number and point: synthetic; people: counted in the village",
    )


def _around(
    centres: Places,
    centre: np.ndarray,
    county: np.ndarray,
    ids: np.ndarray,
    radius_km: float,
    towns: Townships,
    seed: int,
    purpose: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Scatter points around places: on their county's ground, and where possible on their township's."""
    if not len(ids):
        return np.empty(0), np.empty(0)
    places = towns.places
    nearest_town = Nearest(places.lat, places.lon, places.id)
    own_town = centres.township[centre]
    lat, lon = centres.lat[centre], centres.lon[centre]

    def judge(rows: np.ndarray, p_lat: np.ndarray, p_lon: np.ndarray) -> np.ndarray:
        inside = towns.anchors.owner(p_lat, p_lon) == county[rows]
        near = nearest_town.owner(p_lat, p_lon) == own_town[rows]
        return inside * (4 + 2 * towns.outline.inside(p_lat, p_lon) + near)

    return scatter(
        lat,
        lon,
        np.full(len(ids), radius_km),
        ids,
        judge,
        needed=4,
        best=7,
        safe_km=lambda row: towns.anchors.slack_km(float(lat[row]), float(lon[row]), county[row]),
        seed=seed,
        purpose=purpose,
    )


def _monastery_block(
    region: Region, counties: Counties, towns: Townships, assumptions: Assumptions
) -> Places:
    rows = region.monasteries
    row_of = {str(code): i for i, code in enumerate(counties.code)}
    county = np.array([row_of[m.county_code] for m in rows], dtype=int)
    lat = np.array([m.lat for m in rows], dtype=float)
    lon = np.array([m.lon for m in rows], dtype=float)
    places = towns.places
    town = []
    for c, a, b in zip(county, lat, lon, strict=True):
        in_county = np.flatnonzero(towns.county == c)
        town.append(in_county[np.argmin(great_circle_km(a, b, places.lat[in_county], places.lon[in_county]))])
    nearest = np.array(town, dtype=int)
    seat_km = great_circle_km(lat, lon, counties.lat[county], counties.lon[county])
    return make_places(
        ["monastery"] * len(rows),
        id=[m.id for m in rows],
        name_zh=[m.name_zh for m in rows],
        name_en=[m.name_en for m in rows],
        county=counties.code[county],
        prefecture=counties.prefecture[county],
        township=places.id[nearest],
        lat=lat,
        lon=lon,
        elevation_m=counties.elevation_m[county],
        in_town=places.in_town[nearest] & (seat_km <= assumptions["town_radius_km"]),
        border=counties.border[county],
        source=[m.source for m in rows],
    )


def _gateway_block(region: Region) -> Places:
    rows = region.gateways
    return make_places(
        ["gateway"] * len(rows),
        id=[g.id for g in rows],
        name_zh=[g.name_zh for g in rows],
        name_en=[g.name_en for g in rows],
        lat=[g.lat for g in rows],
        lon=[g.lon for g in rows],
        elevation_m=[float(g.elevation_m) for g in rows],
        source=[g.source for g in rows],
    )
