"""What a run says about service: transit times, coverage, frequency, access.

`summarise` is the content of ``summary.json``; `sim.measures.keys` says what each of its
keys means, in which unit.  `by_place` is ``places.parquet``, `undelivered`
the content of ``undelivered.csv``.

Measures of transit time leave out newspaper bundles (classes of flow
``place``): every place gets one a day whether or not anybody lives there, so
that they would drown the mail that people get.  Bundles have their own rows in
``transit.by_class`` and their own columns in `by_place`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.accessibility.access import access_measures, frequency_measures
from network.accessibility.coverage import CURVE_HOURS, coverage, reach
from network.accessibility.equity import equity
from network.geography.areas import Areas
from network.model.network import Network
from sim.measures.keys import BASES
from sim.measures.loads import boarded_per_day, by_leg, queue_growth
from sim.measures.tally import REASONS, Tally
from sim.measures.times import GroupTimes
from sim.measures.transit import DIRECTIONS, OUTCOMES

__all__ = [
    "boarded_per_day",
    "by_leg",
    "by_place",
    "queue_growth",
    "summarise",
    "undelivered",
]

Columns = Mapping[str, NDArray[Any]]


def summarise(network: Network, counted: Tally, places: Columns | None = None) -> dict[str, Any]:
    """Return the measures of a run, ready for JSON.

    Parameters
    ----------
    network
        The network that ran.
    counted
        What `sim.measures.tally.tally` found in the records of the measured cohort.
    places
        What `by_place` returned for it, if at hand.

    Returns
    -------
    dict
        Nested; `sim.measures.keys.SUMMARY_KEYS` documents every key.  None where there is
        nothing to measure.
    """
    if places is None:
        places = by_place(network, counted)
    return {
        "items": _counts(counted),
        "attempts": _attempts(counted),
        "undelivered": dict(zip(REASONS, counted.undelivered[:, :, 0].sum(axis=1).tolist(), strict=True)),
        "transit": _transit(counted),
        "coverage": _coverage(network, counted, places),
        "equity": _equity(places),
        "frequency": frequency_measures(network),
        "access": access_measures(network),
    }


def _counts(counted: Tally) -> dict[str, Any]:
    cells = counted.cells
    cls, direction = cells.axes[:2]
    within = direction != DIRECTIONS.index("inbound")

    def row(chosen: NDArray[np.bool_]) -> dict[str, int]:
        outcomes = cells.outcomes[chosen].sum(axis=0)
        named = dict(zip(OUTCOMES, outcomes.tolist(), strict=True))
        originating = int(cells.outcomes[chosen & within].sum())
        return {"accepted": int(outcomes.sum()), "originating": originating, **named}

    by_class = {code: row(cls == i) for i, code in enumerate(cells.classes)}
    return {**row(cls >= 0), "by_class": by_class}


def _attempts(tallied: Tally) -> dict[str, Any]:
    returned = OUTCOMES.index("returned")
    back = np.bincount(tallied.cells.axes[0], tallied.cells.outcomes[:, returned]).astype(np.int64)
    counted = np.column_stack([tallied.attempts, back])

    def row(tried: int, attempts: int, failed: int, back: int) -> dict[str, Any]:
        if not tried:
            return {"items": 0, "first_failed": None, "mean": None, "returned": None}
        return {
            "items": tried,
            "first_failed": failed / tried,
            "mean": attempts / tried,
            "returned": back / tried,
        }

    by_class = {
        code: row(*counts) for code, counts in zip(tallied.cells.classes, counted.tolist(), strict=True)
    }
    return {**row(*counted.sum(axis=0).tolist()), "by_class": by_class}


def undelivered(network: Network, counted: Tally) -> list[dict[str, Any]]:
    """Return what was not delivered by reason and stop, the most items first.

    Returns
    -------
    list of dict
        ``reason`` (key of `sim.measures.tally.REASONS`), ``stop`` (place id of the stop where the items are,
        empty where they are at none), ``items``, ``missed_dispatches`` and ``cancelled`` (how often they were
        left behind, and their departures cancelled, in all).
    """
    stops = [*network.stops, ""]
    names = list(REASONS)
    reasons, where = np.nonzero(counted.undelivered[:, :, 0])
    rows = [
        {
            "reason": names[reason],
            "stop": stops[at],
            **dict(
                zip(
                    ("items", "missed_dispatches", "cancelled"),
                    counted.undelivered[reason, at].tolist(),
                    strict=True,
                )
            ),
        }
        for reason, at in zip(reasons.tolist(), where.tolist(), strict=True)
    ]
    return sorted(rows, key=lambda row: -row["items"])


def _transit(counted: Tally) -> dict[str, Any]:
    rows: dict[str, Any] = {
        name: counted.cells.rows(name, counted.times[name], counted.at_close[name])
        for name in counted.cells.tables
    }
    nested: dict[str, dict[str, Any]] = {}
    for pair, row in rows["by_tiers"].items():
        a, b = pair.split()
        nested.setdefault(a, {})[b] = row
    return {**rows.pop("whole"), **rows, "by_tiers": nested}


def by_place(network: Network, counted: Tally) -> dict[str, NDArray[Any]]:
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
        (shares); for each basis of `BASES`: ``<basis>_n``, ``<basis>_mean_h``
        (of those that arrived), ``<basis>_p50_h``, ``<basis>_p80_h``; of
        bundles: ``bundles_n``, ``bundles_p80_h``.  Times are ``nan`` without
        items and infinite where that share never arrived.
    """
    places = network.places
    rows = np.flatnonzero(places.kind != "gateway")
    mail = counted.times["mail"]
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
        "undelivered": mail.n - mail.arrived,
        "mean_h": mail.mean_h,
        "p50_h": mail.quantile_h[0.5],
        "p80_h": mail.quantile_h[0.8],
    }
    for h, within in mail.within.items():
        columns[f"within_{h}"] = np.divide(within, mail.n, out=np.full(len(places), np.nan), where=mail.n > 0)
    for name in (*BASES, "bundles"):
        columns[f"{name}_n"] = counted.times[name].n
        if name != "bundles":
            columns[f"{name}_mean_h"] = counted.times[name].mean_h
            columns[f"{name}_p50_h"] = counted.times[name].quantile_h[0.5]
        columns[f"{name}_p80_h"] = counted.times[name].quantile_h[0.8]
    return {name: np.asarray(column)[rows] for name, column in columns.items()}


def _coverage(network: Network, counted: Tally, places: Columns) -> dict[str, Any]:
    people = np.asarray(places["people"], dtype=np.float64)
    areas = Areas.of(network.places)
    inside = areas.inside
    result: dict[str, Any] = {"of": areas.sizes(network.places.population)}
    for basis, meaning in BASES.items():
        measured = np.asarray(places[f"{basis}_n"]) > 0
        lived = measured & (people > 0)
        rows = np.flatnonzero(inside)[measured]
        kinds = {"villages": areas.villages[rows], "natural_villages": areas.natural_villages[rows]}

        def at(
            times: Mapping[str, GroupTimes],
            q: float,
            basis: str = basis,
            rows: NDArray[np.intp] = rows,
            kinds: Mapping[str, NDArray[np.bool_]] = kinds,
        ) -> dict[str, Any]:
            counties = times[f"county {basis}"].quantile_h[q][counted.counties != ""]
            townships = times[f"township {basis}"].quantile_h[q][counted.townships != ""]
            groups = {
                "townships": townships[~np.isnan(townships)],
                "counties": counties,
                "border_counties": counties[areas.border],
            }
            hours_to = times[basis].quantile_h[q][rows]
            return reach(hours_to, network.places.population[rows], kinds, groups, counted.hours)

        p80 = np.asarray(places[f"{basis}_p80_h"], dtype=np.float64)
        curve = coverage(p80[lived], people[lived], CURVE_HOURS).tolist() if lived.any() else []
        result[basis] = {
            "meaning": meaning,
            "measured_people": float(people[lived].sum() / people.sum()) if people.sum() else None,
            **at(counted.times, 0.8),
            "at_p50": at(counted.times, 0.5),
            "at_close": at(counted.at_close, 0.8),
            "curve": {"hours": list(CURVE_HOURS) if curve else [], "people": curve},
        }
    return result


def _equity(places: Columns) -> dict[str, Any]:
    return {basis: equity(places[f"{basis}_mean_h"], places["people"], places["border"]) for basis in BASES}
