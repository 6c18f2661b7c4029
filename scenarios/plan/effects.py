"""What levers bring, measured on the network: tables over the levers that act on the same places.

A trunk, the feeder behind it, a branch behind that and the rounds at its end act together, and are counted
together: the timetable is searched for every combination of their levels, with all lines of a region that do
not touch each other raised at once.  Three things are added to that as if they acted alone: new direct
routes (with the trunk and feeder of their county, at today's rounds), outlets (with the round, by today's
lines) and routes between prefectures, cross-border routes and hours of centres (each by itself).  How far
the sum is from the truth shows when the chosen plan is built and measured as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network import edit_last_mile, edit_operations
from network.graph import MailNetwork
from network.lastmile import LastMile
from network.model import MailRoute
from network.roads import great_circle_km
from network.roster import weekday_use
from network.standards import deliveries_per_week
from scenarios.plan.aims import Aim
from scenarios.plan.levers import Lever
from scenarios.plan.problem import Cover, Expense, Measure, Pool, Table
from scenarios.plan.reach import Legs, Mix, Rounds, inward_mix, legs
from scenarios.plan.spending import vehicle_yuan
from sim.prices import make_prices

__all__ = ["Effects", "expense", "place_values"]

Float = NDArray[np.float64]
State = tuple[tuple[int, int], ...]  # levers of routes that are not at level 0, and their levels
_ALONE = ("inter-prefecture", "cross-border")  # kinds of routes that count by themselves


def expense(network: MailNetwork, levers: Sequence[Lever]) -> Expense:
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


def _weights(network: MailNetwork, of: str) -> Float:
    """Return the weight of each place; sums to 1."""
    places = network.places
    weight = places.population.astype(np.float64)
    if of == "villages":
        weight = np.isin(places.kind, ("village", "committee")).astype(np.float64)
    return weight / weight.sum()


def place_values(network: MailNetwork, aim: Aim) -> Float:
    """Return the value of each place by a network as it is: mean hours, or whether it is covered (0 or 1)."""
    if aim.kind == "frequency":
        return (deliveries_per_week(network) >= aim.number).astype(np.float64)
    if aim.kind in ("express", "postal"):
        rows = [network.places.row(o.place) for o in network.outlets if o.network == aim.kind]
        return _near(network, rows, aim.number).any(axis=1).astype(np.float64)
    rounds, row = Rounds.of(network, network.rounds)
    mile, mix = LastMile.of(network), inward_mix(network)
    found = _by_rounds(aim, legs(network), rounds, mix.delays_s)
    return _timed(aim, found, row[mile.tour], mix, mile)


def _by_rounds(aim: Aim, reached: Legs, rounds: Rounds, delays_s: NDArray[np.int64]) -> Float:
    """Return mean hours by round, group and wait, or the shares that have come by lag."""
    if aim.kind == "mean":
        return reached.mean_h(rounds, delays_s)
    return reached.within(rounds, delays_s, aim.number + 1)


def _timed(aim: Aim, found: Float, row: NDArray[np.int64], mix: Mix, mile: LastMile) -> Float:
    """Return mean hours of places, or whether 80 % comes in time, from what `_by_rounds` found."""
    visit_h = mile.visit_s / 3600
    if aim.kind == "mean":
        hours = (mix.share * found[row]).sum(axis=(1, 2)) + visit_h
        return np.where(mile.tour >= 0, hours, np.nan)
    lag = np.clip(aim.number - visit_h, 0.0, None)  # at hour 0 of a lag the first mail has come
    low = np.floor(lag).astype(np.int64)
    part = lag - low
    mine = found[row, :, :, low] * part[:, None, None]
    mine += np.where(low[:, None, None] > 0, found[row, :, :, np.maximum(low - 1, 0)], 0.0) * (1 - part)[:, None, None]
    share = (mix.share * mine).sum(axis=(1, 2))
    return ((share >= 0.8 - 1e-12) & (mile.tour >= 0)).astype(np.float64)


def _near(network: MailNetwork, rows: Sequence[int], km: float) -> NDArray[np.bool_]:
    """Return which places lie within some km of others, by the great circle; (places, others)."""
    lat, lon = network.places.lat, network.places.lon
    some = np.array(rows, dtype=np.int64)
    return np.asarray(great_circle_km(lat[:, None], lon[:, None], lat[some], lon[some]) <= km)


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

    network: MailNetwork
    levers: tuple[Lever, ...]
    progress: Callable[[str], object] = lambda text: None

    @cached_property
    def _mile(self) -> LastMile:
        return LastMile.of(self.network)

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
        weight = _weights(self.network, aim.of)
        base = float(weight @ place_values(self.network, aim))
        tables = []
        for number, lever in enumerate(self.levers):
            if lever.kind != "rounds":
                continue
            tour = next(t for t in self.network.rounds if t.id == lever.id)
            here = float(weight[[self.network.places.row(place) for place in tour.places]].sum())
            days = [len(tour.weekdays), *(level.changes[0].per_week for level in lever.levels)]  # type: ignore[attr-defined]
            reached = np.array([d >= aim.number for d in days], dtype=np.float64)
            tables.append(Table((number,), here * (reached - reached[0])))
        return Measure(base, tuple(tables)).merged()

    def _access(self, aim: Aim) -> Measure:
        kind = "outlets" if aim.kind == "express" else "postal"
        weight = _weights(self.network, aim.of)
        there = place_values(self.network, aim)
        able = [number for number, lever in enumerate(self.levers) if lever.kind == kind]
        rows = [self.network.places.row(self.levers[number].place) for number in able]
        near = _near(self.network, rows, aim.number)
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
        self.of, self.mile, self.progress = effects._of, effects._mile, effects.progress
        self.weight = _weights(self.network, aim.of) * aim.sign
        self.weight[self.mile.tour < 0] = 0.0
        self.by_lines: dict[State, Float] = {}  # of places, by the lines that are raised alone
        self._rounds()
        self._mixes()

    def _rounds(self) -> None:
        """Prepare the rounds at every level: level k sets each to its own k-th, or its last."""
        tours = self.network.rounds
        most = max([len(lever.levels) for lever in self.levers if lever.kind == "rounds"], default=0)
        every = list(tours)
        for k in range(1, most + 1):
            for tour in tours:
                number = self.of.get(("rounds", tour.id))
                levels = () if number is None else self.levers[number].levels[:k]
                days = levels[-1].changes[0].per_week if levels else len(tour.weekdays)  # type: ignore[attr-defined]
                every.append(edit_last_mile.more_days(tour, days) if levels else tour)
        self.profiles, row = Rounds.of(self.network, every)
        self.row = [row[k * len(tours) : (k + 1) * len(tours)][self.mile.tour] for k in range(most + 1)]

    def _mixes(self) -> None:
        """Prepare the mixes at every level of outlets, all townships raised at once."""
        mine = [lever for lever in self.levers if lever.kind == "outlets"]
        base = inward_mix(self.network)
        self.mixes = [base]
        for k in range(1, max((len(lever.levels) for lever in mine), default=0) + 1):
            towns: dict[str, list[str]] = {}
            for lever in mine:
                for change in lever.levels[min(k, len(lever.levels)) - 1].changes:
                    towns.setdefault(change.brand, []).append(lever.id)  # type: ignore[attr-defined]
            network = self.network
            for brand, where in towns.items():
                network = edit_last_mile.open_outlets(network, "express", where, (brand,))
            self.mixes.append(inward_mix(network, base.delays_s))

    # ------------------------------------------------------------ values of places

    def measure(self) -> Measure:
        base = self._value(self._legs(()), 0, 0)
        tables = [*self._lines(base), *self._direct(base), *self._outlet_tables(base), *self._alone(base)]
        return Measure(float(base.sum()), tuple(tables)).merged()

    def _value(self, found: Float, level: int, outlets: int) -> Float:
        values = _timed(self.aim, found, self.row[level], self.mixes[outlets], self.mile)
        return np.where(self.weight != 0, np.nan_to_num(values) * self.weight, 0.0)

    def _legs(self, state: State) -> Float:
        """Return what rounds have of the timetable with some lines and centres raised."""
        changed: dict[str, MailRoute] = {}
        added = []
        network = self.network
        nights = []
        for number, k in state:
            lever = self.levers[number]
            if lever.kind == "routes":
                changed[lever.id] = lever.routes[k - 1]
            elif lever.kind == "direct":
                added.append(lever.routes[k - 1])
            else:
                nights.append(lever.id)
        if nights:
            network = edit_operations.set_hours(network, 0, 86_400, centres=nights)
        routes = (*(changed.get(route.id, route) for route in network.routes), *added)
        reached = legs(replace(network, routes=routes))
        return _by_rounds(self.aim, reached, self.profiles, self.mixes[0].delays_s)

    # ------------------------------------------------------------ which levers act where

    @cached_property
    def _groups(self) -> list[list[int]]:
        """Lines that act together elsewhere, in groups within which none touches another."""
        together = [n for n, lever in enumerate(self.levers) if self._acts_together(lever)]
        together.sort(key=lambda n: (_rank(self.levers[n], self.network), n))
        groups: list[list[int]] = []
        for number in together:
            for group in groups:
                if not any(self._touches[number] & self._touches[other] for other in group):
                    group.append(number)
                    break
            else:
                groups.append([number])
        return groups

    def _acts_together(self, lever: Lever) -> bool:
        return lever.kind == "routes" and lever.routes[0].kind not in _ALONE

    @cached_property
    def _touches(self) -> Mapping[int, frozenset[int]]:
        """Stops whose mail each lever of lines or centres may speed up."""
        places = self.network.places
        rows = np.array([places.row(stop) for stop in self.network.stops])
        county, prefecture = places.county[rows], places.prefecture[rows]
        tier = {centre.place: centre.tier for centre in self.network.centres}

        def behind(stop: str, whole: bool) -> set[int]:
            row = places.row(stop)
            if whole and tier.get(stop) == "prefecture":
                return set(np.flatnonzero(prefecture == places.prefecture[row]).tolist())
            if tier.get(stop) == "township":
                return {self.network.stop_row[stop]}
            return set(np.flatnonzero(county == places.county[row]).tolist())

        found = {}
        for number, lever in enumerate(self.levers):
            if lever.kind == "hours":
                found[number] = frozenset(behind(lever.place, True))
            elif lever.kind in ("routes", "direct"):
                route = lever.routes[0]
                trunk = route.kind in ("trunk", "cross-border")
                ends = lever.kind == "routes" and route.kind in _ALONE
                stops = route.stops if ends else route.stops[1:]
                inside = [stop for stop in stops if tier.get(stop) != "gateway"]
                found[number] = frozenset().union(*(behind(stop, trunk) for stop in inside))
        return found

    def _scope(self, stop: int) -> list[int]:
        """Return the lever of each group that touches a stop."""
        return [number for group in self._groups for number in group if stop in self._touches[number]]

    def _group_of(self, number: int) -> int:
        return next(at for at, group in enumerate(self._groups) if number in group)

    def _state(self, levels: Mapping[int, int]) -> State:
        """Return the state with whole groups at a level, each lever at its own last one at most."""
        return tuple(
            (number, min(k, len(self.levers[number].levels)))
            for at, k in sorted(levels.items())
            if k
            for number in self._groups[at]
        )

    # ------------------------------------------------------------ tables

    def _lines(self, base: Float) -> Iterable[Table]:
        """Tables over lines that act together and the round behind them."""
        stops: dict[tuple[int, ...], list[int]] = {}
        for stop in np.unique(self.mile.base[self.mile.base >= 0]).tolist():
            stops.setdefault(tuple(self._scope(stop)), []).append(stop)
        wanted: dict[tuple[tuple[int, int], ...], None] = {}
        for scope in stops:
            for levels in product(*(range(len(self.levers[number].levels) + 1) for number in scope)):
                wanted[self._levels(scope, levels)] = None
        sums: dict[tuple[tuple[int, int], ...], list[Float]] = {}
        tours = len(self.network.rounds)
        at = np.where(self.mile.tour >= 0, self.mile.tour, tours)
        for done, levels in enumerate(wanted):
            self.progress(f"timetables with more frequent lines, {done + 1} of {len(wanted)}")
            state = self._state(dict(levels))
            reached = self._legs(state)
            found = [self._value(reached, k, 0) for k in range(len(self.row))]
            self.by_lines[state] = found[0]
            sums[levels] = [np.bincount(at, value, tours + 1) for value in found]
        before = np.bincount(at, base, tours + 1)
        for scope, mine in stops.items():
            shape = [len(self.levers[number].levels) + 1 for number in scope]
            for number, tour in enumerate(self.network.rounds):
                if self.network.stop_row[tour.base] not in mine:
                    continue
                own = self.of.get(("rounds", tour.id))
                days = 1 if own is None else len(self.levers[own].levels) + 1
                values = np.empty([*shape, days])
                for levels in product(*(range(n) for n in shape)):
                    found = sums[self._levels(scope, levels)]
                    values[levels] = [found[k][number] - before[number] for k in range(days)]
                if own is None:
                    yield Table(tuple(scope), values[..., 0])
                else:
                    yield Table((*scope, own), values)

    def _levels(self, scope: Sequence[int], levels: Sequence[int]) -> tuple[tuple[int, int], ...]:
        return tuple(
            sorted((self._group_of(number), k) for number, k in zip(scope, levels, strict=True) if k)
        )

    def _direct(self, base: Float) -> Iterable[Table]:
        """Tables over new direct routes and the feeder or chain of their county, beyond what that brings."""
        apart: list[list[int]] = []
        for number in (n for n, lever in enumerate(self.levers) if lever.kind == "direct"):
            for group in apart:
                if not any(self._touches[number] & self._touches[other] for other in group):
                    group.append(number)
                    break
            else:
                apart.append([number])
        if not apart:
            return
        feeders = [n for group in self._groups for n in group if self._feeds(n)]
        lines = [
            tuple((n, min(k, len(self.levers[n].levels))) for n in feeders) if k else ()
            for k in range(max((len(self.levers[n].levels) for n in feeders), default=0) + 1)
        ]
        before = [self._value(self._legs(state), 0, 0) if state else base for state in lines]
        for group in apart:
            most = max(len(self.levers[n].levels) for n in group)
            found = np.zeros((most + 1, len(lines), len(base)))
            for k, (at, state) in product(range(1, most + 1), enumerate(lines)):
                self.progress(f"timetables with direct routes, {k} of {most}")
                raised = tuple((n, min(k, len(self.levers[n].levels))) for n in group)
                found[k, at] = self._value(self._legs(state + raised), 0, 0) - before[at]
            for number in group:
                here = np.isin(self.mile.base, list(self._touches[number]))
                scope = [n for n in feeders if self._touches[n] & self._touches[number]][:1]
                shape = [len(self.levers[n].levels) + 1 for n in (number, *scope)]
                yield Table((number, *scope), found[..., here].sum(axis=-1)[tuple(map(slice, shape))].reshape(shape))

    def _feeds(self, number: int) -> bool:
        return self.levers[number].routes[0].kind in ("feeder", "chain")

    def _outlet_tables(self, base: Float) -> Iterable[Table]:
        """Tables over outlets and the round that brings their mail on."""
        if len(self.mixes) == 1:
            return
        now = self._legs(())
        found = [
            [self._value(now, k, outlets) for k in range(len(self.row))] for outlets in range(len(self.mixes))
        ]
        towns = self.network.places.township
        for number, lever in enumerate(self.levers):
            if lever.kind != "outlets":
                continue
            here = np.flatnonzero((towns == lever.id) & (self.weight != 0))
            for tour in np.unique(self.mile.tour[here]).tolist():
                rows = here[self.mile.tour[here] == tour]
                own = self.of.get(("rounds", self.network.rounds[tour].id))
                days = 1 if own is None else len(self.levers[own].levels) + 1
                values = np.array(
                    [
                        [float((found[o][k][rows] - found[0][k][rows]).sum()) for k in range(days)]
                        for o in range(len(lever.levels) + 1)
                    ]
                )
                if values.any():
                    yield Table((number,), values[:, 0]) if own is None else Table((number, own), values)

    def _alone(self, base: Float) -> Iterable[Table]:
        """Tables of what acts by itself."""
        mine = [
            n
            for n, lever in enumerate(self.levers)
            if lever.kind == "hours" or (lever.kind == "routes" and not self._acts_together(lever))
        ]
        county = [n for n in mine if self.levers[n].kind == "hours" and self.levers[n].name.startswith("county")]
        seats = [n for n in mine if self.levers[n].kind == "hours" and n not in county]
        for group in (county, seats):
            if group:
                self.progress("timetables with centres open at night")
                value = self._value(self._legs(tuple((n, 1) for n in group)), 0, 0) - base
                for number in group:
                    here = np.isin(self.mile.base, list(self._touches[number]))
                    yield Table((number,), np.array([0.0, float(value[here].sum())]))
        for number in (n for n in mine if self.levers[n].kind == "routes"):
            lever = self.levers[number]
            self.progress(f"timetables with {lever.id} more often")
            values = [
                float((self._value(self._legs(((number, k),)), 0, 0) - base).sum())
                for k in range(1, len(lever.levels) + 1)
            ]
            yield Table((number,), np.array([0.0, *values]))


def _rank(lever: Lever, network: MailNetwork) -> Any:
    kinds = ("trunk", "feeder", "chain", "branch")
    kind = lever.routes[0].kind
    return (kinds.index(kind) if kind in kinds else len(kinds), -len(lever.levels))
