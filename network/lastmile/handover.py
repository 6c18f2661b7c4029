"""Who carries an express item the last mile, and what that costs in time (rule 5)."""

from __future__ import annotations

import numpy as np

from network.model.network import Network

__all__ = ["brand_shares", "counters", "handover_s"]


def brand_shares(network: Network) -> np.ndarray:
    """Return the market share of each row of the brands table in the network's year; sums to 1."""
    column = "share_2012" if network.year <= 2012 else "share"
    shares = np.array([row[column] for row in network.assumptions.table("brands")], dtype=float)
    return shares / shares.sum()


def _outlets(network: Network, kind: str, brand: str) -> np.ndarray:
    """Return place rows of a brand's outlets of one kind ("express" or "counter")."""
    rows = [network.places.row(o.place) for o in network.outlets if o.network == kind and o.brand == brand]
    return np.array(rows, dtype=np.int64)


def handover_s(network: Network) -> np.ndarray:
    """Return seconds that an item waits at its last centre before it can go on a round.

    Returns
    -------
    numpy.ndarray
        (brands + 1, places) int32; row 0 is the post's own mail, row b + 1
        brand b.  Nothing where the brand has an outlet in the township, or in
        the town for an address in the town; ``bundle_h`` where it has one
        only elsewhere in the county (it bundles its village mail), unless the
        setting ``handover_all`` lets it hand that over too; ``handover_h``
        where it has none and the post takes over at the county centre.
    """
    places = network.places
    brands = network.assumptions.table("brands")
    handover = round(network.assumptions["handover_h"] * 3600)
    bundle = round(network.assumptions["bundle_h"] * 3600)
    if network.settings.handover_all:
        bundle = min(bundle, handover)
    delay = np.zeros((len(brands) + 1, len(places)), dtype=np.int32)
    known: dict[str, int] = {}
    county = np.fromiter(
        (known.setdefault(code, len(known)) for code in places.county), np.int64, len(places)
    )
    row_of = {str(name): row for row, name in enumerate(places.id)}
    township = np.fromiter((row_of.get(name, -1) for name in places.township), np.int64, len(places))
    for number, brand in enumerate(brands, start=1):
        if not brand["private"]:
            continue
        rows = _outlets(network, "express", brand["code"])
        in_county = np.isin(county, county[rows])
        in_township = (township >= 0) & np.isin(township, rows)
        # A counter serves the town it stands in, and no village.
        desks = np.concatenate([rows[places.in_town[rows]], _outlets(network, "counter", brand["code"])])
        town = np.isin(county, county[desks]) & places.in_town
        delay[number] = np.where(in_township | town, 0, np.where(in_county, bundle, handover))
    return delay


def counters(network: Network) -> np.ndarray | None:
    """Return where the items of each brand are accepted when there is no express outlet.

    Returns
    -------
    numpy.ndarray or None
        (brands + 1, places): for a sender at a place, the row of the firm's
        counter in the county, else in the prefecture, else the place itself;
        None when the network has no counters (rule 5).
    """
    if not any(outlet.network == "counter" for outlet in network.outlets):
        return None
    places = network.places
    brands = network.assumptions.table("brands")
    at = np.tile(np.arange(len(places)), (len(brands) + 1, 1))
    for number, brand in enumerate(brands, start=1):
        rows = _outlets(network, "counter", brand["code"])
        for column in (places.prefecture, places.county):  # the nearer counter is written last
            for row in rows.tolist():
                at[number, column == column[row]] = row
    return at
