"""Cost, CO2e and revenue of the measured days, shared out to items, places and classes.

Elements of the transport chain (`sim.cost.elements`) cost what they cost, loaded or
empty.  Each is shared over what it carried: a route over the tonne-km of its
rides, a round over tonne-km by the great circle from its base, a centre over
items passed and kilograms moved, outlets over the items handed in or out in
their township.  That is the rule of ISO 14083 for emissions, and money goes by
the same keys.  What carried nothing stays apart, so that all parts sum to the
total.

Rides are recorded by account (base of the item's place, and class), not by
item, so within an account line-haul and centres go by kilogram and item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.model.network import Network
from network.model.records import DAY_S, MODES
from sim.cost.elements import INPUTS, Elements, loaded_km
from sim.cost.prices import Prices, make_prices
from sim.cost.sharing import STAGES, Chain, Gathered, Ground, Shared, parts
from sim.measures.tally import Chunks, Columns
from sim.measures.transit import DIRECTIONS
from sim.state.work import Work

__all__ = ["Costs", "cost"]

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Costs:
    """What the measured days cost, emitted and earned.

    Parameters
    ----------
    totals
        Numbers of the whole, for JSON; their keys are in `sim.measures.keys`.
    elements
        Equal columns, a row for each route, round, centre, township with outlets, and one for vehicles
        without a duty: ``kind``, ``id``, ``name``, ``mode``, ``runs``, ``km``, ``items``, ``tkm``, yuan by
        input, ``yuan``, ``co2e_kg``, ``revenue``.
    places
        Equal columns, a row for each place inside the region and one without a name for what carried
        nothing: ``place``, ``name``, ``kind``, ``county``, ``prefecture``, ``township``, ``items``, ``kg``,
        yuan by stage, ``yuan``, ``co2e_kg``, ``revenue``.
    """

    totals: dict[str, Any]
    elements: dict[str, NDArray[Any]]
    places: dict[str, NDArray[Any]]


def cost(
    network: Network,
    work: Work,
    trips: Columns,
    items: Columns | Chunks,
    window_s: tuple[int, int],
    prices: Prices | None = None,
) -> Costs:
    """Return what the measured days cost, emitted and earned.

    Parameters
    ----------
    network
        The network that ran.
    work
        What was driven and carried in the window.
    trips
        The trip log.
    items
        Records of the items accepted in the window: columns, or a function that yields them in chunks, so
        that memory does not grow with their number.
    window_s
        First and last second (excluded) of the measured days.
    prices
        The rates; those of the network's assumptions by default.
    """
    prices = prices or make_prices(network.assumptions)
    days = (window_s[1] - window_s[0]) // DAY_S
    ground = Ground(network, prices)
    gathered = Gathered(ground)
    for part in parts(items, ground):
        gathered.count(part)
    chain = Chain(network, work, days, prices, ground, gathered)
    shared = Shared(ground, chain)
    for part in parts(items, ground):
        shared.count(part)
    return _told(network, trips, window_s, ground, gathered, chain, shared)


def _told(
    network: Network,
    trips: Columns,
    window_s: tuple[int, int],
    ground: Ground,
    gathered: Gathered,
    chain: Chain,
    shared: Shared,
) -> Costs:
    chain.not_carried["centres"], chain.not_carried_co2e["centres"] = chain.not_passed
    places = _place_table(network, chain, shared)
    elements = _element_table(network, ground, gathered, chain, shared)
    totals = _totals(network, ground, gathered, chain, shared, elements)
    days = (window_s[1] - window_s[0]) // DAY_S
    road = [route.mode == "road" for route in network.routes]
    km = float(chain.routes.km[road].sum())
    loaded = float(loaded_km(network, trips, window_s)[road].sum())
    totals = {
        "days": days,
        **totals,
        "road_km": km,
        "road_loaded_share": min(1.0, loaded / km) if km else None,
    }
    return Costs(totals, elements, places)


def _place_table(network: Network, chain: Chain, shared: Shared) -> dict[str, NDArray[Any]]:
    places = network.places
    rows = np.flatnonzero(places.kind != "gateway")
    stages = len(STAGES)
    shares = shared.by_place[:, rows]
    yuan = np.column_stack([shares[3 : 3 + stages], [chain.not_carried[stage] for stage in STAGES]])
    co2e = shares[3 + stages :].sum(axis=0)
    text = {"place": "id", "name": "name_en", "kind": "kind", "county": "county", "prefecture": "prefecture"}
    return {
        **{
            name: np.append(getattr(places, column)[rows].astype(str), "")
            for name, column in {**text, "township": "township"}.items()
        },
        **{name: np.append(shares[at], 0.0) for at, name in enumerate(("items", "kg"))},
        **{stage: yuan[at] for at, stage in enumerate(STAGES)},
        "yuan": yuan.sum(axis=0),
        "co2e_kg": np.append(co2e, sum(chain.not_carried_co2e.values())),
        "revenue": np.append(shares[2], 0.0),
    }


def _element_table(
    network: Network, ground: Ground, gathered: Gathered, chain: Chain, shared: Shared
) -> dict[str, NDArray[Any]]:
    places = network.places
    towns = np.flatnonzero((chain.fixed_yuan > 0) | (gathered.touches > 0))
    outlets = Elements.empty(len(towns))
    outlets.yuan[:, INPUTS.index("outlets")] = chain.fixed_yuan[towns]
    outlets.yuan[:, INPUTS.index("couriers")] = gathered.pieces_yuan[towns]
    idle = Elements.empty(1)
    idle.spend("vehicles", 0, chain.idle_yuan)
    earned = shared.revenue(gathered)

    def name(place: str) -> str:
        return str(places.name_en[places.row(place)])

    parts: dict[str, tuple[Elements, list[str], list[str], list[str], Float, Float, Float]] = {
        "route": (
            chain.routes,
            [r.id for r in network.routes],
            [r.name for r in network.routes],
            [r.mode for r in network.routes],
            chain.ride_items,
            chain.route_tkm,
            earned["route"],
        ),
        "round": (
            chain.rounds,
            [r.id for r in network.rounds],
            [f"{name(r.base)}: {name(r.places[0])}" for r in network.rounds],
            [r.vehicle for r in network.rounds],
            gathered.round_items,
            gathered.round_tkm,
            earned["round"],
        ),
        "centre": (
            chain.centres,
            list(network.stops),
            [name(stop) for stop in network.stops],
            [centre.tier for centre in network.centres],
            chain.passed_items,
            np.zeros(len(network.stops)),
            earned["centre"],
        ),
        "outlets": (
            outlets,
            [str(places.id[row]) for row in towns],
            [str(places.name_en[row]) for row in towns],
            [""] * len(towns),
            gathered.touches[towns],
            np.zeros(len(towns)),
            earned["outlets"][towns],
        ),
        "idle": (idle, [""], ["vehicles without a duty"], [""], np.zeros(1), np.zeros(1), np.zeros(1)),
    }
    whole = list(parts.values())
    yuan = np.concatenate([part[0].yuan for part in whole])
    return {
        "kind": np.repeat(np.array(list(parts)), [len(part[1]) for part in whole]),
        "id": np.array([text for part in whole for text in part[1]], dtype=str),
        "name": np.array([text for part in whole for text in part[2]], dtype=str),
        "mode": np.array([text for part in whole for text in part[3]], dtype=str),
        "runs": np.concatenate([part[0].runs for part in whole]),
        "km": np.concatenate([part[0].km for part in whole]),
        "items": np.concatenate([part[4] for part in whole]),
        "tkm": np.concatenate([part[5] for part in whole]),
        **{what: yuan[:, at] for at, what in enumerate(INPUTS)},
        "yuan": yuan.sum(axis=1),
        "co2e_kg": np.concatenate([part[0].co2e_kg for part in whole]),
        "revenue": np.concatenate([part[6] for part in whole]),
    }


def _ratio(amount: float, use: float) -> float | None:
    return float(amount / use) if use else None


def _totals(
    network: Network,
    ground: Ground,
    gathered: Gathered,
    chain: Chain,
    shared: Shared,
    elements: Mapping[str, NDArray[Any]],
) -> dict[str, Any]:
    items, kg = float(gathered.items.sum()), float(gathered.kg.sum())
    yuan, co2e = float(elements["yuan"].sum()), float(elements["co2e_kg"].sum())
    revenue = float(shared.by_kind[2].sum())
    by_stage = {}
    n = len(STAGES)
    for at, stage in enumerate(STAGES):
        spent = float(shared.by_kind[3 + at].sum()) + chain.not_carried[stage]
        emitted = float(shared.by_kind[3 + n + at].sum()) + chain.not_carried_co2e[stage]
        if stage in MODES:
            tkm = float(chain.route_tkm[chain.mode == MODES.index(stage)].sum())
        else:
            tkm = float(gathered.round_tkm.sum()) if stage == "rounds" else 0.0
        by_stage[stage] = {
            "yuan": spent,
            "yuan_per_item": _ratio(spent, items),
            "co2e_kg": emitted,
            "co2e_kg_per_item": _ratio(emitted, items),
            "tkm": tkm,
            "yuan_per_tkm": _ratio(spent, tkm),
            "co2e_kg_per_tkm": _ratio(emitted, tkm),
        }
    tkm = float(chain.route_tkm.sum() + gathered.round_tkm.sum())
    moved = float(chain.routes.co2e_kg.sum() + chain.rounds.co2e_kg.sum())
    kinds = shared.by_kind.reshape(-1, len(ground.codes), len(DIRECTIONS))
    return {
        "items": items,
        "kg": kg,
        "yuan": yuan,
        "yuan_per_item": _ratio(yuan, items),
        "yuan_per_tkm": _ratio(yuan, tkm),
        "co2e_kg": co2e,
        "co2e_kg_per_item": _ratio(co2e, items),
        "co2e_kg_per_tkm": _ratio(moved, tkm),
        "revenue": revenue,
        "revenue_per_item": _ratio(revenue, items),
        "margin": revenue - yuan,
        "margin_per_item": _ratio(revenue - yuan, items),
        "not_carried_yuan": sum(chain.not_carried.values()),
        "by_stage": by_stage,
        "by_input": {what: float(elements[what].sum()) for what in INPUTS},
        "by_class": {code: _kind(kinds[:, row].sum(axis=1)) for row, code in enumerate(ground.codes)},
        "by_direction": {name: _kind(kinds[:, :, row].sum(axis=1)) for row, name in enumerate(DIRECTIONS)},
    }


def _kind(sums: Float) -> dict[str, Any]:
    """Return what items of one kind cost, emitted and earned."""
    items, revenue = float(sums[0]), float(sums[2])
    yuan, co2e = float(sums[3 : 3 + len(STAGES)].sum()), float(sums[3 + len(STAGES) :].sum())
    return {
        "items": items,
        "yuan_per_item": _ratio(yuan, items),
        "co2e_kg_per_item": _ratio(co2e, items),
        "revenue_per_item": _ratio(revenue, items),
        "margin_per_item": _ratio(revenue - yuan, items),
    }
