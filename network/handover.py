"""Who carries an express item the last mile, and what that costs in time (rule 5)."""

from __future__ import annotations

import numpy as np

from network.graph import MailNetwork

__all__ = ["brand_shares", "counters", "handover_s"]


def brand_shares(network: MailNetwork) -> np.ndarray:
    """Return the market share of each row of the brands table in the network's year; sums to 1."""
    column = "share_2012" if network.year <= 2012 else "share"
    shares = np.array([row[column] for row in network.assumptions.table("brands")], dtype=float)
    return shares / shares.sum()


def handover_s(network: MailNetwork) -> np.ndarray:
    """Return seconds that an item waits at its last centre before it can go on a round.

    Returns
    -------
    numpy.ndarray
        (brands + 1, places) int32; row 0 is the post's own mail, row b + 1
        brand b.  Nothing where the brand has an outlet in the township, or in
        the town for an address in the town; ``bundle_h`` where it has one
        only elsewhere in the county (it bundles its village mail), unless the
        option ``handover_all`` lets it hand that over too; ``handover_h``
        where it has none and the post takes over at the county centre.
    """
    places = network.places
    brands = network.assumptions.table("brands")
    handover = round(network.assumptions["handover_h"] * 3600)
    bundle = round(network.assumptions["bundle_h"] * 3600)
    if network.options.get("handover_all"):
        bundle = min(bundle, handover)
    delay = np.zeros((len(brands) + 1, len(places)), dtype=np.int32)
    for number, brand in enumerate(brands, start=1):
        if not brand["private"]:
            continue
        rows = np.array(
            [places.row(o.place) for o in network.outlets if o.network == "express" and o.brand == brand["code"]],
            dtype=np.int64,
        )
        in_county = np.isin(places.county, places.county[rows])
        in_township = np.isin(places.township, places.id[rows])
        town = np.isin(places.county, places.county[rows[places.in_town[rows]]]) & places.in_town
        delay[number] = np.where(in_township | town, 0, np.where(in_county, bundle, handover))
    return delay


def counters(network: MailNetwork) -> np.ndarray | None:
    """Return where express items are accepted, by place, when there is no express outlet at all.

    They go to the firms' counters in the county town; None when there are outlets.
    """
    if any(outlet.network == "express" for outlet in network.outlets):
        return None
    places = network.places
    at = np.arange(len(places))
    for code in np.unique(places.county[places.county != ""]):
        mine = places.county == code
        town = np.flatnonzero(mine & places.in_town & (places.kind == "township"))
        if len(town):
            at[mine] = town[0]
    return at
