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
from itertools import product

import numpy as np
from numpy.typing import NDArray

from network.accessibility.access import outlet_km
from network.accessibility.scheduled_times import scheduled
from network.accessibility.service_standards import deliveries_per_week
from network.edit import operations as edit_operations
from network.edit import rounds as edit_last_mile
from network.geography.settlements import link_km
from network.lastmile.roster import weekday_use
from network.lastmile.week import LastMile
from network.model.network import Network
from network.model.records import MailRoute
from scenarios.expansion.aims import Aim
from scenarios.expansion.levers import Lever
from scenarios.expansion.problem import Cover, Expense, Measure, Pool, Table
from scenarios.expansion.reach import NEVER_H, Legs, Mix, Rounds, accepted, inward_mix, legs
from sim.cost.planned import vehicle_yuan
from sim.cost.prices import make_prices

__all__ = ["Effects", "expense", "place_values", "total", "weights"]

Float = NDArray[np.float64]
TOGETHER = 3  # lines of which each stop's pairs are looked at: those that matter most to it
LEAST_H = 0.1  # a line that changes less at a stop does not matter to it
EVEN = 0.02  # a line's gain counts alike for all frequencies of a round where it differs by less
VISITS_H = 47  # latest hour of a visit, from the midnight before its round


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


def place_values(network: Network, aim: Aim) -> Float:
    """Return the value of each place of a network as it is: mean hours, or whether it is covered (0 or 1)."""
    if aim.kind == "frequency":
        return np.asarray(deliveries_per_week(network) >= aim.number, dtype=np.float64)
    if aim.kind in ("express", "postal"):
        return np.asarray(outlet_km(network, aim.kind) <= aim.number, dtype=np.float64)
    found = scheduled(network)
    if aim.kind == "mean":
        hours = np.minimum(found.mean_h["inbound"], NEVER_H)
        return np.where(found.profile >= 0, hours, NEVER_H)
    return np.asarray(found.quantile_h("inbound", 0.8) <= aim.number, dtype=np.float64)


def total(network: Network, aim: Aim) -> float:
    """Return a measure of a network as it is, by the whole timetable."""
    weight = weights(network, aim.of)
    values = place_values(network, aim)
    return float(weight[weight > 0] @ values[weight > 0])


def _by_rounds(aim: Aim, reached: Legs, rounds: Rounds, delays_s: NDArray[np.int64]) -> Float:
    """Return mean hours by round, group and wait, or the shares that have come by lag."""
    if aim.kind == "mean":
        return reached.mean_h(rounds, delays_s)
    return reached.within(rounds, delays_s, aim.number - VISITS_H, aim.number)


def _timed(aim: Aim, found: Float, row: NDArray[np.int64], mix: Mix, mile: LastMile) -> Float:
    """Return mean hours of places, or whether 80 % comes in time, from what `_by_rounds` found."""
    visit_h = mile.visit_s / 3600
    if aim.kind == "mean":
        hours = (mix.share * found[row]).sum(axis=(1, 2)) + visit_h
        return np.where(mile.round_row >= 0, hours, np.nan)
    at = VISITS_H - np.clip(visit_h, 0.0, VISITS_H - 1.0)
    low = np.floor(at).astype(np.int64)
    part = (at - low)[:, None, None]
    mine = found[row, :, :, low] * (1 - part) + found[row, :, :, np.minimum(low + 1, VISITS_H)] * part
    share = (mix.share * mine).sum(axis=(1, 2))
    return ((share >= 0.8 - 1e-12) & (mile.round_row >= 0)).astype(np.float64)


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
        weight = weights(self.network, aim.of)
        base = float(weight @ place_values(self.network, aim))
        tables = []
        for number, lever in enumerate(self.levers):
            if lever.kind != "rounds":
                continue
            round_ = next(t for t in self.network.rounds if t.id == lever.id)
            here = float(weight[[self.network.places.row(place) for place in round_.places]].sum())
            days = [len(round_.weekdays), *(level.changes[0].per_week for level in lever.levels)]  # type: ignore[attr-defined]
            reached = np.array([d >= aim.number for d in days], dtype=np.float64)
            tables.append(Table((number,), here * (reached - reached[0])))
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
        self.of, self.mile, self.progress = effects._of, effects._mile, effects.progress
        self.weight = weights(self.network, aim.of) * aim.sign
        unserved = float(self.weight[self.mile.round_row < 0].sum())
        self.added = unserved * NEVER_H if aim.kind == "mean" else 0.0
        self.weight[self.mile.round_row < 0] = 0.0
        self.week = accepted(self.network)
        self.lines = [n for n, lever in enumerate(self.levers) if lever.kind in ("routes", "direct", "hours")]
        self._rounds()
        self._mixes()

    def _rounds(self) -> None:
        """Prepare the rounds at every level: level k sets each to its own k-th, or its last."""
        all_rounds = self.network.rounds
        most = max([len(lever.levels) for lever in self.levers if lever.kind == "rounds"], default=0)
        every = list(all_rounds)
        for k in range(1, most + 1):
            for round_ in all_rounds:
                number = self.of.get(("rounds", round_.id))
                levels = () if number is None else self.levers[number].levels[:k]
                days = levels[-1].changes[0].per_week if levels else len(round_.weekdays)  # type: ignore[attr-defined]
                every.append(edit_last_mile.more_days(round_, days) if levels else round_)
        self.now, row = Rounds.of(self.network, all_rounds)
        self.row_now = row[self.mile.round_row]
        self.profiles, row = Rounds.of(self.network, every)
        self.row = [
            row[k * len(all_rounds) : (k + 1) * len(all_rounds)][self.mile.round_row] for k in range(most + 1)
        ]
        self.at = np.where(self.mile.round_row >= 0, self.mile.round_row, len(all_rounds))

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

    def _legs(self, *state: tuple[int, int]) -> Legs:
        """Return the timetable with some lines and centres raised to levels."""
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
            network = edit_operations.set_hours(network, 0, 86_400, centres=nights)
        routes = (*(changed.get(route.id, route) for route in network.routes), *added)
        return legs(replace(network, routes=routes), self.week)

    def _today(self, reached: Legs) -> Float:
        """Return the weighted values of places with the rounds of today."""
        return self._weigh(_by_rounds(self.aim, reached, self.now, self._delays), self.row_now, 0)

    def _value(self, found: Float, level: int, outlets: int = 0) -> Float:
        """Return the same with rounds and outlets at a level."""
        return self._weigh(found, self.row[level], outlets)

    def _weigh(self, found: Float, row: NDArray[np.int64], outlets: int) -> Float:
        values = _timed(self.aim, found, row, self.mixes[outlets], self.mile)
        return np.where(self.weight != 0, np.nan_to_num(values) * self.weight, 0.0)

    @property
    def _delays(self) -> NDArray[np.int64]:
        return self.mixes[0].delays_s

    def _days(self, round_: int) -> tuple[int | None, int]:
        """Return the lever of a round, and how many levels it has with that of today."""
        own = self.of.get(("rounds", self.network.rounds[round_].id))
        return own, 1 if own is None else len(self.levers[own].levels) + 1

    # ------------------------------------------------------------ tables

    def measure(self) -> Measure:
        reached = self._legs()
        found = _by_rounds(self.aim, reached, self.profiles, self._delays)
        base = [self._value(found, k) for k in range(len(self.row))]
        tables = [*self._round_tables(base), *self._outlet_tables(found)]
        before = reached.mean_ready_h()
        alone: dict[tuple[int, int], Float] = {}
        moved: dict[int, Float] = {}
        for done, number in enumerate(self.lines):
            self.progress(f"timetables with one line changed, {done + 1} of {len(self.lines)}")
            tables += self._line_tables(number, base, before, alone, moved)
        tables += self._pair_tables(base[0], alone, moved)
        return Measure(float(base[0].sum()) + self.added, tuple(tables)).merged()

    def _round_tables(self, base: Sequence[Float]) -> Iterable[Table]:
        sums = [np.bincount(self.at, value, len(self.network.rounds) + 1) for value in base]
        for round_ in range(len(self.network.rounds)):
            own, days = self._days(round_)
            if own is not None:
                yield Table((own,), np.array([sums[k][round_] - sums[0][round_] for k in range(days)]))

    def _line_tables(
        self,
        number: int,
        base: Sequence[Float],
        before: Float,
        alone: dict[tuple[int, int], Float],
        moved: dict[int, Float],
    ) -> Iterable[Table]:
        """Tables of a line with every round that it matters to."""
        all_rounds = len(self.network.rounds)
        levels = range(1, len(self.levers[number].levels) + 1)
        gains = np.zeros((len(levels) + 1, len(self.row), all_rounds + 1))
        for level in levels:
            reached = self._legs((number, level))
            found = _by_rounds(self.aim, reached, self.profiles, self._delays)
            for k, value in enumerate(base):
                gain = self._value(found, k) - value
                gains[level, k] = np.bincount(self.at, gain, all_rounds + 1)
                if k == 0:
                    alone[number, level] = gain
            moved[number] = np.abs(reached.mean_ready_h() - before)
        one = np.zeros(len(levels) + 1)
        for round_ in np.flatnonzero(np.abs(gains).max(axis=(0, 1))[:all_rounds] > 0).tolist():
            own, days = self._days(round_)
            here = gains[:, :days, round_]
            one += here[:, 0]
            extra = here - here[:, :1]
            if own is not None and np.abs(extra).max() > EVEN * np.abs(here).max():
                yield Table((number, own), extra)
        yield Table((number,), one)

    def _pair_tables(
        self, base: Float, alone: Mapping[tuple[int, int], Float], moved: Mapping[int, Float]
    ) -> Iterable[Table]:
        """Tables of what two lines bring together beyond what each brings."""
        if len(moved) < 2:
            return
        pairs: dict[tuple[int, int], None] = {}
        lines = np.array(list(moved))
        speed = np.array([moved[n] for n in moved])
        for stop in np.unique(self.mile.base[self.mile.base >= 0]).tolist():
            order = np.argsort(-speed[:, stop], kind="stable")[:TOGETHER]
            mine = sorted(lines[[at for at in order.tolist() if speed[at, stop] > LEAST_H]].tolist())
            pairs.update(dict.fromkeys((a, b) for i, a in enumerate(mine) for b in mine[i + 1 :]))
        for done, (a, b) in enumerate(pairs):
            self.progress(f"timetables with two lines changed, {done + 1} of {len(pairs)}")
            shape = [len(self.levers[n].levels) + 1 for n in (a, b)]
            values = np.zeros(shape)
            for i, j in product(range(1, shape[0]), range(1, shape[1])):
                both = self._today(self._legs((a, i), (b, j))) - base
                values[i, j] = float((both - alone[a, i] - alone[b, j]).sum())
            yield Table((a, b), values)

    def _outlet_tables(self, now: Float) -> Iterable[Table]:
        """Tables over outlets and the round that brings their mail on."""
        if len(self.mixes) == 1:
            return
        found = [[self._value(now, k, o) for k in range(len(self.row))] for o in range(len(self.mixes))]
        towns = self.network.places.township
        for number, lever in enumerate(self.levers):
            if lever.kind != "outlets":
                continue
            here = np.flatnonzero((towns == lever.id) & (self.weight != 0))
            for round_ in np.unique(self.mile.round_row[here]).tolist():
                rows = here[self.mile.round_row[here] == round_]
                own, days = self._days(round_)
                values = np.array(
                    [
                        [float((found[o][k][rows] - found[0][k][rows]).sum()) for k in range(days)]
                        for o in range(len(lever.levels) + 1)
                    ]
                )
                if values.any():
                    yield Table((number,), values[:, 0]) if own is None else Table((number, own), values)
