"""What levers bring, measured on the network: tables over the levers that act on the same places.

Every line and centre is raised by itself, at every level, and the timetable searched for what that does to
every place, at every frequency of the round that ends there.  Two lines that matter to the same stop are
also raised together, for what the one takes from the other or gives to it.  Outlets are looked at with the
round that brings their mail on.  What three levers do together beyond their pairs is left out; how far the
sum is from the truth shows when the chosen plan is built and measured as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from network.accessibility.access import outlet_km
from network.accessibility.increments import Increment, Increments
from network.accessibility.scheduled_times import ScheduledTimes, scheduled
from network.accessibility.service_standards import deliveries_per_week
from network.edit.operations import set_hours
from network.edit.rounds import more_days, open_outlets
from network.geography.settlements import link_km
from network.lastmile.weekdays import weekday_use
from network.model.network import Network
from network.model.records import DAY_S, MailRoute
from scenarios.expansion.aims import Aim
from scenarios.expansion.levers import Lever
from scenarios.expansion.problem import Cover, Expense, Measure, Pool, Table
from scenarios.expansion.programme import PlanError
from sim.cost.planned import vehicle_yuan
from sim.cost.prices import make_prices

__all__ = ["Effects", "expense", "place_values", "total", "weights"]

Float = NDArray[np.float64]
TOGETHER = 3  # lines of which each stop's pairs are looked at: those that matter most to it
LEAST_H = 0.1  # a line that changes less at a stop does not matter to it
EVEN = 0.02  # a line's gain counts alike for all frequencies of a round where it differs by less
NEVER_H = 35 * 24.0  # what counts for mail that never comes: as long as the longest search


def expense(network: Network, levers: Sequence[Lever]) -> Expense:
    """Return what levers cost: each by itself, and vehicles of rounds by base."""
    prices = make_prices(network.assumptions)
    use = weekday_use(network.rounds)
    more: dict[tuple[str, str], dict[tuple[int, int], NDArray[np.int64]]] = {}
    for number, lever in enumerate(levers):
        if lever.pool is not None:
            for k, level in enumerate(lever.levels, start=1):
                more.setdefault(lever.pool, {})[number, k] = level.out
    pools = tuple(
        Pool(f"{vehicle} of {base}", vehicle_yuan(vehicle, prices), use[base, vehicle], out)
        for (base, vehicle), out in more.items()
    )
    yuan = tuple(np.array([0.0, *(level.yuan for level in lever.levels)]) for lever in levers)
    return Expense(yuan, pools)


def weights(network: Network, of: str) -> Float:
    """Return the weight of each place; sums to 1."""
    places = network.places
    weight = places.population.astype(np.float64)
    if of == "villages":
        weight = np.isin(places.kind, ("village", "committee")).astype(np.float64)
    return np.asarray(weight / weight.sum())


def place_values(network: Network, aim: Aim, times: ScheduledTimes | None = None) -> Float:
    """Return the value of each place of a network: mean hours, or whether it is covered (0 or 1).

    Parameters
    ----------
    network, aim
        The network, and what is asked of it.
    times
        Its scheduled times on the basis "inbound", if at hand.
    """
    if aim.kind == "frequency":
        return np.asarray(deliveries_per_week(network) >= aim.number, dtype=np.float64)
    if aim.kind in ("express", "postal"):
        return np.asarray(outlet_km(network, aim.kind) <= aim.number, dtype=np.float64)
    return _timed(aim, scheduled(network, bases=("inbound",)) if times is None else times)


def _timed(aim: Aim, times: ScheduledTimes) -> Float:
    """Return mean hours of places, or whether 80 % comes in time (0 or 1)."""
    if not times.items["inbound"].any():
        raise PlanError("no mail comes from other provinces: there are no hours that a plan could shorten")
    if aim.kind == "mean":
        hours = np.minimum(times.mean_h["inbound"], NEVER_H)
        return np.where(times.profile >= 0, hours, NEVER_H)
    return np.asarray(times.quantile_h("inbound", 0.8) <= aim.number, dtype=np.float64)


def total(network: Network, aim: Aim) -> float:
    """Return a measure of a network as it is, by the whole timetable."""
    weight = weights(network, aim.of)
    values = place_values(network, aim)
    return float(weight[weight > 0] @ values[weight > 0])


@dataclass(frozen=True, eq=False)
class Effects:
    """What the levers of a network bring.

    Parameters
    ----------
    network
        As it is.
    levers
        The candidates.
    progress
        Told what goes on.
    """

    network: Network
    levers: tuple[Lever, ...]
    progress: Callable[[str], object] = lambda text: None

    @cached_property
    def _of(self) -> Mapping[tuple[str, str], int]:
        return {(lever.kind, lever.id): number for number, lever in enumerate(self.levers)}

    def measure(self, aim: Aim) -> Measure:
        """Return a measure over the levers; where less is better, its negative."""
        if aim.kind == "frequency":
            return self._frequency(aim)
        if aim.kind in ("express", "postal"):
            return self._access(aim)
        return self._times(aim)

    # ------------------------------------------------------------ without the timetable

    def _frequency(self, aim: Aim) -> Measure:
        weight = weights(self.network, aim.of)
        base = float(weight @ place_values(self.network, aim))
        tables = []
        for number, lever in enumerate(self.levers):
            if lever.kind != "rounds":
                continue
            round_ = next(t for t in self.network.rounds if t.id == lever.id)
            share = float(weight[[self.network.places.row(place) for place in round_.places]].sum())
            days = [len(round_.weekdays), *(level.per_week for level in lever.levels)]
            reached = np.array([d >= aim.number for d in days], dtype=np.float64)
            tables.append(Table((number,), share * (reached - reached[0])))
        return Measure(base, tuple(tables)).merged()

    def _access(self, aim: Aim) -> Measure:
        kind = "outlets" if aim.kind == "express" else "postal"
        weight = weights(self.network, aim.of)
        there = place_values(self.network, aim)
        able = [number for number, lever in enumerate(self.levers) if lever.kind == kind]
        rows = np.array([self.network.places.row(self.levers[n].place) for n in able], dtype=np.int64)
        everywhere = np.arange(len(self.network.places))[:, None]
        near = link_km(self.network.places, everywhere, rows, self.network.assumptions) <= aim.number
        covers: dict[tuple[tuple[int, int], ...], float] = {}
        for place in np.flatnonzero((there == 0) & near.any(axis=1) & (weight > 0)).tolist():
            options = tuple((able[at], 1) for at in np.flatnonzero(near[place]).tolist())
            covers[options] = covers.get(options, 0.0) + float(weight[place])
        return Measure(float(weight @ there), (), tuple(Cover(w, o) for o, w in covers.items()))

    # ------------------------------------------------------------ with it

    def _times(self, aim: Aim) -> Measure:
        return _Times(self, aim).measure()


class _Times:
    """Tables of a measure of time."""

    def __init__(self, effects: Effects, aim: Aim) -> None:
        self.aim, self.network, self.levers = aim, effects.network, effects.levers
        self.of, self.progress = effects._of, effects.progress
        self.weight = weights(self.network, aim.of) * aim.sign
        self.lines = [n for n, lever in enumerate(self.levers) if lever.kind in ("routes", "direct", "hours")]
        self.last_miles = self._last_miles()
        self.increments = Increments(self.network, self.last_miles)
        mile = self.increments.ends[0].mile
        self.round_of, self.base_of = mile.round_row, mile.base
        self.at = np.where(self.round_of >= 0, self.round_of, len(self.network.rounds))
        self.base = [self._weighted(times) for times in self.increments.times]

    def _last_miles(self) -> list[Network]:
        """Return the network with rounds at every level: level k sets each to its own k-th, or its last."""
        most = max([len(lever.levels) for lever in self.levers if lever.kind == "rounds"], default=0)
        last_miles = [self.network]
        for k in range(1, most + 1):
            changed = []
            for round_ in self.network.rounds:
                number = self.of.get(("rounds", round_.id))
                levels = () if number is None else self.levers[number].levels[:k]
                changed.append(more_days(round_, levels[-1].per_week) if levels else round_)
            last_miles.append(replace(self.network, rounds=tuple(changed)))
        return last_miles

    def _with_outlets(self, k: int) -> Network:
        """Return the network with the outlets of all townships at a level."""
        towns: dict[str, list[str]] = {}
        for lever in self.levers:
            if lever.kind == "outlets":
                for change in lever.levels[min(k, len(lever.levels)) - 1].changes:
                    towns.setdefault(change.brand, []).append(lever.id)  # type: ignore[attr-defined]
        network = self.network
        for brand, where in towns.items():
            network = open_outlets(network, "express", where, (brand,))
        return network

    # ------------------------------------------------------------ values of places

    def _with_lines(self, *state: tuple[int, int]) -> Increment:
        """Return the network with some lines and centres raised to levels."""
        changed: dict[str, MailRoute] = {}
        added, nights = [], []
        network = self.network
        for number, k in state:
            lever = self.levers[number]
            if lever.kind == "routes":
                changed[lever.id] = lever.routes[k - 1]
            elif lever.kind == "direct":
                added.append(lever.routes[k - 1])
            else:
                nights.append(lever.id)
        if nights:
            network = set_hours(network, 0, DAY_S, centres=nights)
        routes = (*(changed.get(route.id, route) for route in network.routes), *added)
        return self.increments.with_line_haul(replace(network, routes=routes))

    def _weighted(self, times: ScheduledTimes) -> Float:
        values = _timed(self.aim, times)
        return np.where(self.weight != 0, np.nan_to_num(values) * self.weight, 0.0)

    def _days(self, round_: int) -> tuple[int | None, int]:
        """Return the lever of a round, and how many levels it has with that of today."""
        own = self.of.get(("rounds", self.network.rounds[round_].id))
        return own, 1 if own is None else len(self.levers[own].levels) + 1

    # ------------------------------------------------------------ tables

    def measure(self) -> Measure:
        tables = [*self._round_tables(), *self._outlet_tables()]
        alone: dict[tuple[int, int], Float] = {}
        sooner_h: dict[int, Float] = {}
        for done, number in enumerate(self.lines):
            self.progress(f"timetables with one line changed, {done + 1} of {len(self.lines)}")
            tables += self._line_tables(number, alone, sooner_h)
        tables += self._pair_tables(alone, sooner_h)
        return Measure(float(self.base[0].sum()), tuple(tables)).merged()

    def _round_tables(self) -> Iterable[Table]:
        sums = [np.bincount(self.at, value, len(self.network.rounds) + 1) for value in self.base]
        for round_ in range(len(self.network.rounds)):
            own, days = self._days(round_)
            if own is not None:
                yield Table((own,), np.array([sums[k][round_] - sums[0][round_] for k in range(days)]))

    def _line_tables(
        self, number: int, alone: dict[tuple[int, int], Float], sooner_h: dict[int, Float]
    ) -> Iterable[Table]:
        """Tables of a line with every round that it matters to."""
        all_rounds = len(self.network.rounds)
        levels = range(1, len(self.levers[number].levels) + 1)
        gains = np.zeros((len(levels) + 1, len(self.base), all_rounds + 1))
        for level in levels:
            increment = self._with_lines((number, level))
            for k, value in enumerate(self.base):
                gain = self._weighted(increment.times(k)) - value
                gains[level, k] = np.bincount(self.at, gain, all_rounds + 1)
                if k == 0:
                    alone[number, level] = gain
            sooner_h[number] = np.abs(
                np.minimum(increment.ready_h, NEVER_H) - np.minimum(self.increments.ready_h, NEVER_H)
            )
        one = np.zeros(len(levels) + 1)
        for round_ in np.flatnonzero(np.abs(gains).max(axis=(0, 1))[:all_rounds] > 0).tolist():
            own, days = self._days(round_)
            of_round = gains[:, :days, round_]
            one += of_round[:, 0]
            extra = of_round - of_round[:, :1]
            if own is not None and np.abs(extra).max() > EVEN * np.abs(of_round).max():
                yield Table((number, own), extra)
        yield Table((number,), one)

    def _pair_tables(
        self, alone: Mapping[tuple[int, int], Float], sooner_h: Mapping[int, Float]
    ) -> Iterable[Table]:
        """Tables of what two lines bring together beyond what each brings."""
        if len(sooner_h) < 2:
            return
        pairs: dict[tuple[int, int], None] = {}
        lines = np.array(list(sooner_h))
        change = np.array([sooner_h[n] for n in sooner_h])
        for stop in np.unique(self.base_of[self.base_of >= 0]).tolist():
            order = np.argsort(-change[:, stop], kind="stable")[:TOGETHER]
            most = sorted(lines[[at for at in order.tolist() if change[at, stop] > LEAST_H]].tolist())
            pairs.update(dict.fromkeys(combinations(most, 2)))
        for done, (a, b) in enumerate(pairs):
            self.progress(f"timetables with two lines changed, {done + 1} of {len(pairs)}")
            shape = [len(self.levers[n].levels) + 1 for n in (a, b)]
            values = np.zeros(shape)
            for i, j in product(range(1, shape[0]), range(1, shape[1])):
                both = self._weighted(self._with_lines((a, i), (b, j)).times()) - self.base[0]
                values[i, j] = float((both - alone[a, i] - alone[b, j]).sum())
            yield Table((a, b), values)

    def _outlet_tables(self) -> Iterable[Table]:
        """Tables over outlets and the round that brings their mail on."""
        outlets = [number for number, lever in enumerate(self.levers) if lever.kind == "outlets"]
        values = [self.base]  # by level of outlets and of rounds
        for o in range(1, max([len(self.levers[number].levels) for number in outlets], default=0) + 1):
            network = self._with_outlets(o)
            last_miles = [replace(network, rounds=other.rounds) for other in self.last_miles]
            values.append([self._weighted(self.increments.with_last_mile(each)) for each in last_miles])
        towns = self.network.places.township
        for number in outlets:
            lever = self.levers[number]
            places = np.flatnonzero((towns == lever.id) & (self.weight != 0) & (self.round_of >= 0))
            for round_ in np.unique(self.round_of[places]).tolist():
                rows = places[self.round_of[places] == round_]
                own, days = self._days(round_)
                gains = np.array(
                    [
                        [float((values[o][k][rows] - values[0][k][rows]).sum()) for k in range(days)]
                        for o in range(len(lever.levels) + 1)
                    ]
                )
                if gains.any():
                    yield Table((number,), gains[:, 0]) if own is None else Table((number, own), gains)
