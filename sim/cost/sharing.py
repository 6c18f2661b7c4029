"""Keys by which the elements of the chain are shared over what they carried, and the shares of items.

Two walks through the item records: the first gathers what items used of the
elements, the second gives each its share.  What they carried is known by
account (`sim.state.work.Work`) for rides and centres, and item by item for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.geography.roads import great_circle_km
from network.model.network import Network
from network.model.records import MODES
from sim.cost.elements import (
    centre_elements,
    outlet_fixed_yuan,
    ride_km,
    road_and_round_elements,
    sorting,
)
from sim.cost.prices import Prices, revenue_yuan
from sim.measures.tally import Chunks, Columns
from sim.measures.transit import DIRECTIONS, OUTCOMES
from sim.state.work import Work

__all__ = ["STAGES", "Chain", "Gathered", "Ground", "Shared", "parts"]

#: Parts of the chain that an item pays for, in the order of its way.
STAGES = ("outlets", "centres", *MODES, "rounds")
_COLUMNS = ("cls", "direction", "origin", "dest", "grams", "attempts", "outcome")
_REFUSED = OUTCOMES.index("refused")
_ROWS = 1 << 18  # of items at a time
Float = NDArray[np.float64]


class Ground:
    """Which base, round and township each place has, and how far from its base it lies."""

    def __init__(self, network: Network, prices: Prices) -> None:
        places, row_of = network.places, network.stop_row
        self.network, self.prices = network, prices
        n = len(places)
        self.base, self.round_row = np.full(n, -1), np.full(n, -1)
        self.km = np.zeros(n)
        for number, round_ in enumerate(network.rounds):
            rows = [places.row(place) for place in round_.places]
            at = places.row(round_.base)
            away = great_circle_km(places.lat[at], places.lon[at], places.lat[rows], places.lon[rows])
            self.round_row[rows], self.base[rows] = number, row_of[round_.base]
            self.km[rows] = np.maximum(away, prices.round_least_km)
        known = {str(place): row for row, place in enumerate(places.id)}
        self.town = np.array([known.get(str(t), row) for row, t in enumerate(places.township)], dtype=np.intp)
        table = network.assumptions.table("classes")
        self.codes = tuple(str(row["code"]) for row in table)
        self.accept = np.array([0.0 if row["flow"] == "place" else prices.accept_yuan_item for row in table])
        signed = [bool(row["signed"]) for row in table]
        self.hand_over = np.where(signed, prices.attempt_yuan_item, prices.drop_yuan_item)
        self.earns = revenue_yuan(network.assumptions, network.report)
        self.accounts = len(network.stops) * len(table)
        self.places = n


class Part:
    """Some items: whose they are, and what they use of the elements other than rides."""

    def __init__(self, items: Columns, ground: Ground) -> None:
        origin, dest = items["origin"], items["dest"]
        payer = np.where(dest >= 0, dest, origin)
        ok = (items["outcome"] != _REFUSED) & (ground.base[payer] >= 0)
        items = {name: items[name][ok] for name in _COLUMNS}
        self.cls, self.direction = items["cls"].astype(np.intp), items["direction"].astype(np.intp)
        self.origin, self.dest, self.place = origin[ok], dest[ok], payer[ok]
        self.account = ground.base[self.place] * len(ground.codes) + self.cls
        self.kg = items["grams"] / 1000.0
        # Posted, and delivered, in the region: 1 or 0; of the others row 0 is read and not counted.
        self.posted, self.bound = (self.origin >= 0) * 1.0, (self.dest >= 0) * 1.0
        self.origin, self.dest = np.maximum(self.origin, 0), np.maximum(self.dest, 0)
        self.posted_tkm = self.posted * self.kg / 1000 * ground.km[self.origin]
        self.bound_tkm = self.bound * items["attempts"] * self.kg / 1000 * ground.km[self.dest]
        self.posted_yuan = self.posted * ground.accept[self.cls]
        self.bound_yuan = self.bound * items["attempts"] * ground.hand_over[self.cls]

    def __len__(self) -> int:
        return len(self.place)

    def both(self, n: int, rows: NDArray[Any], posted: Float, bound: Float) -> Float:
        """Return sums over the rows (of places) of their origins and destinations."""
        total = np.bincount(rows[self.origin], posted, n) + np.bincount(rows[self.dest], bound, n)
        return total.astype(np.float64)


def parts(items: Columns | Chunks, ground: Ground) -> Iterator[Part]:
    """Yield the items that were not refused, some at a time."""
    chunks = items if callable(items) else lambda columns: (items,)
    for chunk in chunks(_COLUMNS):
        for begin in range(0, len(chunk["cls"]), _ROWS):
            yield Part({name: chunk[name][begin : begin + _ROWS] for name in _COLUMNS}, ground)


class Gathered:
    """What the items used, from a first walk."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        network, accounts = ground.network, ground.accounts
        self.items, self.kg = np.zeros(accounts), np.zeros(accounts)
        self.collected = np.zeros((2, len(network.stops) * accounts))  # items and kg by stop and account
        self.round_items, self.round_tkm = np.zeros(len(network.rounds)), np.zeros(len(network.rounds))
        self.touches, self.pieces_yuan = np.zeros(ground.places), np.zeros(ground.places)

    def count(self, part: Part) -> None:
        ground = self._ground
        self.items += np.bincount(part.account, minlength=ground.accounts)
        self.kg += np.bincount(part.account, part.kg, ground.accounts)
        at = np.maximum(ground.base[part.origin], 0) * ground.accounts + part.account
        size = self.collected.shape[1]
        for row, values in enumerate((part.posted, part.posted * part.kg)):
            self.collected[row] += np.bincount(at, values, size)
        n, round_ = len(self.round_items), np.maximum(ground.round_row, 0)
        # out on a round at all
        self.round_items += part.both(n, round_, (part.posted_tkm > 0) * 1.0, (part.bound_tkm > 0) * 1.0)
        self.round_tkm += part.both(n, round_, part.posted_tkm, part.bound_tkm)
        self.touches += part.both(ground.places, ground.town, part.posted, part.bound)
        self.pieces_yuan += part.both(ground.places, ground.town, part.posted_yuan, part.bound_yuan)


def _per(amount: Float, use: Float) -> Float:
    return np.divide(amount, use, out=np.zeros_like(amount), where=use > 0)


class Chain:
    """The elements, what they cost a unit of use, and what carried nothing.

    Units are of the item: a kg or an item of its account, a tonne-km on its round, a touch of its township.
    """

    def __init__(
        self,
        network: Network,
        work: Work,
        days: int,
        prices: Prices,
        ground: Ground,
        gathered: Gathered,
    ) -> None:
        self.routes, self.rounds, self.idle_yuan = road_and_round_elements(network, work, days, prices)
        routes, carried = len(network.routes), work.carried
        kg = carried["grams"] / 1000.0
        self.ride_items = np.bincount(carried["route"], carried["items"], routes).astype(np.float64)
        self.tkm: Float = np.zeros((routes, ground.accounts))
        np.add.at(self.tkm, (carried["route"], carried["account"]), kg / 1000 * ride_km(network, carried))
        self._centres(network, carried, kg, prices, gathered)
        self.fixed_yuan = outlet_fixed_yuan(network, ground.town, days, prices)
        self.not_carried: dict[str, float] = {}  # yuan by stage
        self.not_carried_co2e = dict.fromkeys(STAGES, 0.0)

        # Line-haul: each route by its tonne-km, then by kg within the account.
        self.route_tkm = self.tkm.sum(axis=1)
        known = (gathered.kg > 0)[None, :] * self.tkm
        rate, co2e = (
            _per(self.routes.yuan.sum(axis=1), self.route_tkm),
            _per(self.routes.co2e_kg, self.route_tkm),
        )
        mode = np.array([MODES.index(route.mode) for route in network.routes], dtype=np.intp)
        self.mode = mode
        self.haul, self.haul_co2e, self.haul_tkm, self.mean = {}, {}, {}, {}
        for at, name in enumerate(MODES):
            of_mode = np.flatnonzero(mode == at)
            yuan, tkm = rate[of_mode] @ known[of_mode], known[of_mode].sum(axis=0)
            self.haul[name] = _per(yuan, gathered.kg)
            self.haul_co2e[name] = _per(co2e[of_mode] @ known[of_mode], gathered.kg)
            self.haul_tkm[name] = _per(tkm, gathered.kg)
            self.mean[name] = float(yuan.sum() / tkm.sum()) if tkm.sum() else 0.0
            self.not_carried[name] = float(self.routes.yuan[of_mode].sum() - yuan.sum())
            self.not_carried_co2e[name] = float(
                self.routes.co2e_kg[of_mode].sum() - (co2e[of_mode] @ known[of_mode]).sum()
            )
        # Rounds and outlets.
        yuan = self.rounds.yuan.sum(axis=1)
        self.round_yuan = _per(yuan, gathered.round_tkm)
        self.round_co2e = _per(self.rounds.co2e_kg, gathered.round_tkm)
        used = gathered.round_tkm > 0
        tkm_all = float(gathered.round_tkm.sum())
        self.mean_round = float(yuan[used].sum()) / tkm_all if tkm_all else 0.0
        self.not_carried["rounds"] = float(yuan[~used].sum()) + self.idle_yuan
        self.not_carried_co2e["rounds"] = float(self.rounds.co2e_kg[~used].sum())
        self.outlet_yuan = _per(self.fixed_yuan, gathered.touches)
        used = gathered.touches > 0
        self.mean_touch = float(self.fixed_yuan[used].sum() / gathered.touches.sum()) if used.any() else 0.0
        self.not_carried["outlets"] = float(self.fixed_yuan[~used].sum())

    def _centres(
        self,
        network: Network,
        carried: Mapping[str, NDArray[Any]],
        kg: Float,
        prices: Prices,
        gathered: Gathered,
    ) -> None:
        """Count what passed each centre by account, and what a passage cost."""
        stops, accounts = len(network.stops), len(gathered.items)
        ends = _ride_ends(network, carried)
        passed = gathered.collected.reshape(2, stops, accounts).copy()
        moved = np.zeros((stops, accounts))
        for row, values in enumerate((carried["items"], kg)):
            np.add.at(passed[row], (ends[1], carried["account"]), values)
        for end in ends:
            np.add.at(moved, (end, carried["account"]), kg)
        totals = np.column_stack([passed[0].sum(axis=1), passed[1].sum(axis=1)])
        self.centres = centre_elements(network, prices, totals, moved.sum(axis=1))
        self.passed_items = totals[:, 0]
        sorts = sorting(network)
        there = (gathered.items > 0)[None, :]
        #: Yuan of each centre by account: for items passed, and for kg moved.
        self.passing = sorts[:, None] * passed[0] * there * prices.handling_yuan_item
        self.loading = moved * there / 1000 * prices.loading_yuan_t
        co2e = (sorts[:, None] * passed[1] * there).sum(axis=0) / 1000 * prices.centre_co2e_kg_t
        self.pass_yuan = _per(self.passing.sum(axis=0), gathered.items)
        self.load_yuan = _per(self.loading.sum(axis=0), gathered.kg)
        self.pass_co2e = _per(co2e, gathered.kg)
        self.not_passed = (
            float(self.centres.yuan.sum() - self.passing.sum() - self.loading.sum()),
            float(self.centres.co2e_kg.sum() - co2e.sum()),
        )


def _ride_ends(
    network: Network, carried: Mapping[str, NDArray[Any]]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the stops (rows) at which each row of rides begins and ends."""
    row_of = network.stop_row
    width = max((len(route.stops) for route in network.routes), default=1)
    stop = np.zeros((len(network.routes), 2, width), dtype=np.intp)
    for number, route in enumerate(network.routes):
        for way in range(2):
            names = route.stops[:: -1 if way else 1]
            stop[number, way, : len(names)] = [row_of[name] for name in names]
    at = carried["route"].astype(np.intp), carried["direction"].astype(np.intp)
    return stop[(*at, carried["from"])], stop[(*at, carried["to"])]


class Shared:
    """What items cost, emitted and earned, by place and by class and direction, from a second walk."""

    def __init__(self, ground: Ground, chain: Chain) -> None:
        self._ground, self._chain = ground, chain
        n, kinds = ground.places, ground.earns.size
        #: items, kg, revenue, then yuan and kg CO2e by stage.
        size = 3 + 2 * len(STAGES)
        self.by_place, self.by_kind = np.zeros((size, n)), np.zeros((size, kinds))
        accounts = ground.accounts
        self.account_items, self.account_kg = np.zeros(accounts), np.zeros(accounts)
        self.round_tkm, self.town_yuan = np.zeros(len(ground.network.rounds)), np.zeros(n)

    def count(self, part: Part) -> None:
        ground, chain = self._ground, self._chain
        account, kg = part.account, part.kg
        round_, town = np.maximum(ground.round_row, 0), ground.town
        pieces = part.posted_yuan + part.bound_yuan
        out, back = round_[part.origin], round_[part.dest]
        touched = part.posted * chain.outlet_yuan[town[part.origin]]
        touched += part.bound * chain.outlet_yuan[town[part.dest]]
        handled = chain.pass_yuan[account] + chain.load_yuan[account] * kg
        yuan = {
            "outlets": touched + pieces,
            "centres": handled,
            **{mode: chain.haul[mode][account] * kg for mode in MODES},
            "rounds": chain.round_yuan[out] * part.posted_tkm + chain.round_yuan[back] * part.bound_tkm,
        }
        co2e = {
            "outlets": np.zeros(len(part)),
            "centres": chain.pass_co2e[account] * kg,
            **{mode: chain.haul_co2e[mode][account] * kg for mode in MODES},
            "rounds": chain.round_co2e[out] * part.posted_tkm + chain.round_co2e[back] * part.bound_tkm,
        }
        earned = ground.earns[part.cls, part.direction]
        rows = [np.ones(len(part)), kg, earned, *yuan.values(), *co2e.values()]
        kind = part.cls * len(DIRECTIONS) + part.direction
        for at, values in enumerate(rows):
            self.by_place[at] += np.bincount(part.place, values, ground.places)
            self.by_kind[at] += np.bincount(kind, values, ground.earns.size)
        self._earn(part, earned, handled, pieces)

    def _earn(self, part: Part, earned: Float, handled: Float, pieces: Float) -> None:
        """Share each item's revenue over its elements, by what they cost in the mean of the region."""
        ground, chain = self._ground, self._chain
        account = part.account
        usual = chain.mean_touch * (part.posted + part.bound) + pieces + handled
        for mode in MODES:
            usual += chain.mean[mode] * chain.haul_tkm[mode][account] * part.kg
        usual += chain.mean_round * (part.posted_tkm + part.bound_tkm)
        share = _per(earned, usual)
        self.account_items += np.bincount(account, share, ground.accounts)
        self.account_kg += np.bincount(account, share * part.kg, ground.accounts)
        round_ = np.maximum(ground.round_row, 0)
        n = len(self.round_tkm)
        self.round_tkm += part.both(n, round_, share * part.posted_tkm, share * part.bound_tkm)
        posted = share * (chain.mean_touch * part.posted + part.posted_yuan)
        bound = share * (chain.mean_touch * part.bound + part.bound_yuan)
        self.town_yuan += part.both(ground.places, ground.town, posted, bound)

    def revenue(self, gathered: Gathered) -> dict[str, Float]:
        """Return the revenue of routes, rounds, centres and townships' outlets."""
        chain = self._chain
        mean = np.array([chain.mean[mode] for mode in MODES])[chain.mode]
        a_kg, a_item = _per(self.account_kg, gathered.kg), _per(self.account_items, gathered.items)
        return {
            "route": mean * (chain.tkm @ a_kg),
            "round": chain.mean_round * self.round_tkm,
            "centre": chain.passing @ a_item + chain.loading @ a_kg,
            "outlets": self.town_yuan,
        }
