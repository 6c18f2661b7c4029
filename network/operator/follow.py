"""How long mail takes by a timetable, queues included, without a simulation (rule 7).

The mean day's demand of a week moves over the timetable as a fluid (`network.capacity.sizing`), once to see
what comes to each centre and when, and three times more with each batch delayed as one sixth, a half and five
sixths of it are.  A search on scheduled times alone knows no batches: it fills centres of one lane and small
trucks, and what it promises is not kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.capacity.sizing import Fluid, along, moves, sources
from network.demand.rates import Rates
from network.linehaul.timetable import Timetable
from network.model.network import Network
from network.model.records import WEEK_S
from network.operator.queues import Queues, arrivals, queues
from network.routing.search import Plan, make_plan

__all__ = ["PARTS", "Flow", "followed"]

#: Parts of a batch whose delay is followed.
PARTS = (1 / 6, 1 / 2, 5 / 6)
#: Loads above which what is left over is charged: of a trip, and of a centre; of a leg over the week it is
#: the assumed ``target_load``.
FULL_LEG, FULL_CENTRE = 0.9, 0.85
#: A leg that is full over the week makes its mail wait one trip; between that and the target so much less by
#: this power.  As missed dispatches were in simulations: 0.2 trips at a load of 0.91, none at 0.7.
LATER = 3
#: Hours that what a full centre has over waits, for each whole load more than its week can take.
SHIFT_H = 84.0

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class Flow(NamedTuple):
    """A part of the mail that has come to the stop of its destination."""

    stop: Int  # where it has come to
    second: Int  # of the week when it is ready there
    spent_s: Float  # since it was taken in, or accepted outside
    items: Float  # a week


def followed(network: Network, rates: Rates, plan: Plan | None = None) -> tuple[list[Flow], float, float]:
    """Return where and when the mail of a mean week is ready for its last round, queues included.

    Returns
    -------
    tuple
        A `Flow` for each of `PARTS`; item-hours that full legs and centres add; items that no way leads for.
    """
    plan = make_plan(network) if plan is None else plan
    table, fluid = plan.timetable, sources(network, rates, plan)
    events = arrivals(network, table, fluid.start, fluid.when)
    taken = events.intake(fluid.start, fluid.when)
    items = np.bincount(taken, fluid.items, len(events.stop)).astype(np.float64)
    idle = queues(network, events, np.zeros(len(events.stop))).ready_s(0.0)
    sent = _from(fluid, idle[taken] % WEEK_S)
    for rows, call, ride in moves(network, plan, sent, idle[: events.calls]):
        items[: events.calls] += np.bincount(call + ride, fluid.items[rows], events.calls)
    lost = float(fluid.items[sent.start != sent.dest].sum())
    queue = queues(network, events, items)
    handled = np.bincount(events.stop, items, len(network.centres))
    full_h = float(handled @ np.maximum(queue.use - FULL_CENTRE, 0)) * SHIFT_H
    load = np.zeros((3, len(table.stop)))
    flows = [_flow(plan, fluid, queue, taken, part, load) for part in PARTS]
    return flows, _left_over_h(network, table, load / len(PARTS)) + full_h, lost


def _from(fluid: Fluid, when: Int) -> Fluid:
    """Return a fluid that can be moved, ready at other seconds of the week."""
    return fluid._replace(start=fluid.start.copy(), when=when)


def _flow(plan: Plan, fluid: Fluid, queue: Queues, taken: Int, part: float, load: Float) -> Flow:
    """Send a fluid that is at a part of every batch to where its last round begins, and add to the load."""
    table, ready = plan.timetable, queue.ready_s(part)
    spent = fluid.upstream_s + (ready[taken] - fluid.when)
    sent = _from(fluid, ready[taken] % WEEK_S)
    for rows, call, ride in moves(queue.network, plan, sent, ready[: queue.arrivals.calls]):
        for amount, unit in zip((fluid.items, fluid.kg, fluid.m3), load, strict=True):
            along(unit, call, ride, amount[rows])
        leaves = table.depart_s[call]
        spent[rows] += (leaves - sent.when[rows]) % WEEK_S + ready[call + ride] - leaves
    return Flow(sent.start, sent.when, spent, fluid.items)


def _left_over_h(network: Network, table: Timetable, load: Float) -> float:
    """Return the item-hours that what full trips leave behind waits for the next ones."""
    routes = network.routes
    kinds = [network.vehicle_classes[route.vehicle] for route in routes]
    room = np.array(
        [
            (kind.payload_kg * route.vehicles_per_trip, kind.payload_m3 * route.vehicles_per_trip)
            for route, kind in zip(routes, kinds, strict=True)
        ]
    )
    of_trip = table.route * 2 + table.direction
    trips = np.bincount(of_trip, minlength=2 * len(routes))
    of_call, own = np.repeat(table.route, np.diff(table.first)), np.repeat(of_trip, np.diff(table.first))
    use = np.maximum(load[1] / room[of_call, 0], load[2] / room[of_call, 1])
    position = np.arange(len(use)) - np.repeat(table.first[:-1], np.diff(table.first))
    leg = own * (int(position.max(initial=0)) + 1) + position
    mean = (np.bincount(leg, use) / np.maximum(np.bincount(leg), 1))[leg]
    over = np.maximum(1 - FULL_LEG / np.maximum(use, FULL_LEG), 0)
    target = network.assumptions["target_load"]
    waits = over + np.maximum((mean - target) / (1 - target), 0) ** LATER if target < 1 else over
    gap_h = WEEK_S / 3600 / trips[of_trip]
    return float(np.maximum.reduceat(load[0] * waits, table.first[:-1]) @ gap_h)
