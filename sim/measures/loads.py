"""Load of the mail routes by leg, and whether any queue grows over the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from network.model.network import Network
from network.model.records import DAY_S
from sim.engine.trips import CANCELLED, EXTRA, NO_VEHICLE

__all__ = ["boarded_per_day", "by_leg", "punctuality", "queue_growth"]

WAYS = ("outward", "back")
LEAST_ITEMS = 20.0
LEAST_SHARE = 0.05
Columns = Mapping[str, NDArray[Any]]


def by_leg(
    network: Network, trips: Columns, window_s: tuple[int, int] | None = None
) -> dict[str, NDArray[Any]]:
    """Return the load of every leg of every mail route, by direction.

    Parameters
    ----------
    network
        The network that ran.
    trips
        Trip records, one row for each departure of a trip from a stop.
    window_s
        First and last second (excluded) of the departures to count, since the
        run's start; all by default.

    Returns
    -------
    dict
        Equal columns, a row for each leg that saw a departure, in order of
        route, direction and leg: ``route``, ``name``, ``mode``, ``kind``,
        ``direction`` (outward or back), ``leg`` (from 0), ``from``, ``to``,
        ``km``, ``departures``, ``items`` (mean on board), ``load_kg`` and
        ``load_m3`` (mean load as a share of capacity), ``load`` (mean over
        departures of the greater of the two: what fills the trip), ``load_max``,
        ``missed_dispatches`` (items left behind at departures of this leg).
    """
    if window_s is not None:
        inside = (trips["departs_s"] >= window_s[0]) & (trips["departs_s"] < window_s[1])
        trips = {name: column[inside] for name, column in trips.items()}
    ran = trips["fate"] < CANCELLED
    trips = {name: column[ran] for name, column in trips.items()}
    legs = [
        (row, way, leg)
        for row, route in enumerate(network.routes)
        for way in range(2)
        for leg in range(len(route.stops) - 1)
    ]
    width = max((len(route.stops) for route in network.routes), default=1)
    code = (trips["route"].astype(np.int64) * 2 + trips["direction"]) * width + trips["stop"]
    size = len(network.routes) * 2 * width
    kg = _share(trips["load_kg"], trips["capacity_kg"])
    m3 = _share(trips["load_m3"], trips["capacity_m3"])
    fuller = np.maximum(kg, m3)
    n = np.bincount(code, minlength=size)
    most = np.zeros(size)
    np.maximum.at(most, code, fuller)

    rows = np.array([(r * 2 + way) * width + leg for r, way, leg in legs], dtype=np.int64)
    seen = n[rows] > 0
    rows, legs = rows[seen], [leg for leg, keep in zip(legs, seen, strict=True) if keep]

    def mean(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(code, weights=values, minlength=size)[rows] / n[rows]

    stops = [network.routes[r].stops[:: -1 if way else 1] for r, way, _ in legs]
    km = [network.routes[r].leg_km[:: -1 if way else 1][leg] for r, way, leg in legs]
    return {
        "route": np.array([network.routes[r].id for r, _, _ in legs], dtype=str),
        "name": np.array([network.routes[r].name for r, _, _ in legs], dtype=str),
        "mode": np.array([network.routes[r].mode for r, _, _ in legs], dtype=str),
        "kind": np.array([network.routes[r].kind for r, _, _ in legs], dtype=str),
        "direction": np.array([WAYS[way] for _, way, _ in legs], dtype=str),
        "leg": np.array([leg for _, _, leg in legs], dtype=np.int16),
        "from": np.array([s[leg] for s, (_, _, leg) in zip(stops, legs, strict=True)], dtype=str),
        "to": np.array([s[leg + 1] for s, (_, _, leg) in zip(stops, legs, strict=True)], dtype=str),
        "km": np.array(km, dtype=np.float64),
        "departures": n[rows],
        "items": mean(trips["on_board"]),
        "load_kg": mean(kg),
        "load_m3": mean(m3),
        "load": mean(fuller),
        "load_max": most[rows],
        "missed_dispatches": np.bincount(code, weights=trips["missed_dispatches"], minlength=size)[
            rows
        ].astype(np.int64),
    }


def punctuality(trips: Columns) -> dict[str, float | int | None]:
    """Return how trips ran: starts with mail, their mean lateness, extra and cancelled trips.

    Returns
    -------
    dict
        ``departures`` from first stops with mail on board or left behind, ``late_h`` their mean lateness (h),
        ``late_over_1h`` the share more than an hour late; numbers of ``extra`` trips and of those
        ``cancelled_weather`` and ``cancelled_no_vehicle_available``.
    """
    first = trips["stop"] == 0
    fate, late = trips["fate"][first], trips["late_s"][first]
    ran = late[fate < CANCELLED]
    return {
        "departures": len(ran),
        "late_h": float(ran.mean()) / 3600 if len(ran) else None,
        "late_over_1h": float((ran > 3600).mean()) if len(ran) else None,
        "extra": int((fate == EXTRA).sum()),
        "cancelled_weather": int((fate == CANCELLED).sum()),
        "cancelled_no_vehicle_available": int((fate == NO_VEHICLE).sum()),
    }


def _share(load: NDArray[Any], capacity: NDArray[Any]) -> NDArray[np.float64]:
    capacity = np.asarray(capacity, dtype=np.float64)
    return np.divide(load, capacity, out=np.zeros(len(capacity)), where=capacity > 0)


def boarded_per_day(network: Network, trips: Columns, days: int) -> NDArray[np.int64]:
    """Return the items that boarded at each stop on each day of the run, in the order of ``network.stops``.

    The volume that `queue_growth` measures queues by.
    """
    row_of = network.stop_row
    width = max((len(route.stops) for route in network.routes), default=1)
    stop_of = np.zeros((len(network.routes), 2, width), dtype=np.int64)
    for number, route in enumerate(network.routes):
        for way in range(2):
            for position, name in enumerate(route.stops[:: -1 if way else 1]):
                stop_of[number, way, position] = row_of[name]
    stop = stop_of[trips["route"], trips["direction"], trips["stop"]]
    day = trips["departs_s"] // DAY_S
    inside = (day >= 0) & (day < days)
    code = day[inside].astype(np.int64) * len(row_of) + stop[inside]
    boarded = np.bincount(code, weights=trips["boarded"][inside], minlength=days * len(row_of))
    return boarded.astype(np.int64).reshape(days, len(row_of))


def queue_growth(
    queues: Mapping[str, NDArray[Any]],
    window: tuple[int, int],
    stops: Sequence[str],
    volume: NDArray[Any] | None = None,
    level: float = 0.95,
) -> dict[str, NDArray[Any]]:
    """Test each queue for growth over a window.

    Parameters
    ----------
    queues
        Waiting items at one moment of each day, (days, stops), by kind of queue.
    window
        First day and last day (excluded), a whole number of weeks, at least three.
    stops
        Names of the columns.
    volume
        Items handled a day, (days, stops), over at least the same days; see
        `boarded_per_day`.  With it a queue may grow as its volume grows; without
        it only the queue itself is looked at.
    level
        Confidence that no steady queue of the whole table is called growing by chance.

    Returns
    -------
    dict
        Equal columns, a row for each queue and stop: ``queue``, ``stop``,
        ``mean`` (waiting items), ``slope`` (items a day), ``growth`` (slope ×
        days of the window, items), ``detectable`` (the growth from which it is
        called growing), ``growing``.

    Raises
    ------
    ValueError
        If the window is not a whole number of weeks, at least three, inside the days.

    Notes
    -----
    Timetables have a week's rhythm, so a day is compared with the same weekday
    only: the slope is the least-squares slope common to the seven weekdays.
    A queue remembers, so the days of one week are no independent evidence: the
    standard error takes each week as one observation that scatters as single
    days do.  A queue is growing when its growth is greater than all three of

    - t × standard error, t one-sided at `level`, shared out over all queues (Bonferroni),
    - 5 % of a day's volume (a queue may not gain a twentieth of a day's work in the window),
    - 20 items.

    ``detectable`` shows what the test can see: a smaller growth is not excluded.
    """
    first, last = window
    weeks, rest = divmod(last - first, 7)
    if rest or weeks < 3:
        raise ValueError(f"a window of whole weeks, at least three, expected, got {last - first} days")
    at = (np.arange(weeks) - (weeks - 1) / 2) * 7.0
    spread = float((at**2).sum())
    names = list(queues)
    tests = max(len(names) * len(stops), 1)
    quantile = float(special.stdtrit(7 * weeks - 8, 1 - (1 - level) / tests))
    columns: dict[str, list[NDArray[Any]]] = {}
    for name in names:
        waiting = np.asarray(queues[name], dtype=np.float64)
        if waiting.ndim != 2 or waiting.shape[1] != len(stops) or not 0 <= first < last <= len(waiting):
            raise ValueError(
                f"queue {name!r}: (days, {len(stops)}) with days {first} to {last}, got {waiting.shape}"
            )
        mean = waiting[first:last].mean(axis=0)
        daily = np.zeros(len(stops))
        scaled = waiting[first:last].reshape(weeks, 7, -1)
        if volume is not None:
            week = np.asarray(volume, dtype=np.float64)[first:last].reshape(weeks, 7, -1).mean(axis=1)
            daily = week.mean(axis=0)
            factor = np.divide(daily, week, out=np.ones_like(week), where=week > 0)
            scaled = scaled * factor[:, np.newaxis, :]
        apart = scaled - scaled.mean(axis=0)
        slope = np.einsum("w,wds->s", at, apart) / (7 * spread)
        left = apart - at[:, np.newaxis, np.newaxis] * slope
        deviation = np.sqrt((left**2).sum(axis=(0, 1)) / (7 * weeks - 8))
        noise = quantile * deviation / np.sqrt(spread) * (last - first)
        growth = slope * (last - first)
        detectable = np.maximum(np.maximum(noise, LEAST_SHARE * daily), LEAST_ITEMS)
        for key, values in {
            "queue": np.full(len(stops), name),
            "stop": np.asarray(stops, dtype=str),
            "mean": mean,
            "slope": slope,
            "growth": growth,
            "detectable": detectable,
            "growing": growth > detectable,
        }.items():
            columns.setdefault(key, []).append(values)
    return {key: np.concatenate(parts) for key, parts in columns.items()}
