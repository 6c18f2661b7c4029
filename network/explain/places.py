"""Where the coordinates, people and kinds of places come from."""

from __future__ import annotations

from network.explain.ends import Ends, Told

__all__ = ["border", "in_town", "place_kind", "place_row", "point", "population"]


def place_row(ends: Ends, row: int) -> Told:
    """Tell the table row that a place stands in, or hangs from."""
    places = ends.places
    kind, place = str(places.kind[row]), str(places.id[row])
    table = {
        "county": "counties",
        "township": "townships",
        "monastery": "monasteries",
        "gateway": "gateways",
    }
    if kind in table:
        return [], ends.row(table[kind], place)
    town = str(places.township[row])
    return [f"it is one of the places that the table counts in {town}"], ends.row("townships", town)


def place_kind(ends: Ends, row: int) -> Told:
    """Tell why a place is a village or a committee, or else its table."""
    steps, origins = place_row(ends, row)
    if str(ends.places.kind[row]) in ("village", "committee"):
        steps.append(
            "the table does not tell committees from villages: as many places under streets as the "
            "published number of villages leaves over are committees, largest streets first"
        )
        origins += ends.figure("administrative_villages") or ends.assumed("committees_under_streets")
    if str(ends.places.kind[row]) == "natural_village":
        steps.append("each administrative village of a border county has an assumed number of hamlets")
        origins += [*ends.assumed("natural_villages_per_border_village"), *ends.figure("border_counties")]
    return steps, origins


def point(ends: Ends, row: int) -> Told:
    """Tell where a place's coordinates come from."""
    places = ends.places
    kind = str(places.kind[row])
    steps, origins = place_row(ends, row)
    if not places.synthetic[row]:
        return steps, origins
    if kind == "township":
        seat = str(places.county[row])
        steps.append(
            "no free source has its point: a keyed draw around its county seat, on the seat's own side"
        )
        origins += ends.row("counties", seat) + ends.assumed("township_radius_share", "town_radius_km")
    elif kind == "natural_village":
        parent = places.row(str(places.id[row]).rpartition("-")[0])
        steps.append(f"a keyed draw around its village {places.id[parent]}")
        above, below = point(ends, parent)
        steps, origins = steps + above, origins + ends.assumed("natural_village_radius_km") + below
    else:
        town = places.row(str(places.township[row]))
        steps.append(f"a keyed draw around its township {places.id[town]}")
        above, below = point(ends, town)
        steps, origins = steps + above, origins + ends.assumed("village_radius_km") + below
    return steps, origins


def population(ends: Ends, row: int) -> Told:
    """Tell how the census came to a place."""
    places = ends.places
    kind = str(places.kind[row])
    if kind not in ("village", "committee"):
        steps, origins = place_row(ends, row)
        reason = "people are counted where they live, at villages and committees only"
        if kind == "gateway":
            reason = "it lies outside the region"
        elif kind == "county":
            people = places.population[places.county == places.id[row]].sum()
            reason += f"; those of the county sum to the census, {people:,.0f}"
        return [*steps, reason], origins
    steps = [
        "the census of its county is split over the county's places: weight 1 for a village, "
        "committee_weight for a committee"
    ]
    origins = ends.row("counties", str(places.county[row])) + ends.assumed("committee_weight")
    kind_steps, kind_origins = place_kind(ends, row)
    return steps + kind_steps, origins + kind_origins


def in_town(ends: Ends, row: int) -> Told:
    """Tell whether a place belongs to the town at its county seat."""
    steps, origins = point(ends, row)
    own = "its township" if str(ends.places.township[row]) else "it"
    steps = [f"{own} lies within town_radius_km of the county seat, or does not", *steps]
    return steps, origins + ends.assumed("town_radius_km")


def border(ends: Ends, row: int) -> Told:
    """Tell whether a place lies in a border county."""
    county = str(ends.places.county[row])
    if not county:
        return place_row(ends, row)
    return [f"its county {county} is on the list of border counties, or is not"], [
        *ends.row("counties", county),
        *ends.figure("border_counties"),
    ]
