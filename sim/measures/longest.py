"""The longest time that an item can take without queues: what a warm-up must cover (rule 17)."""

from __future__ import annotations

import numpy as np

from network.lastmile.handover import handover_s
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from network.model.working_hours import ready_at
from network.routing.gateways import gates
from network.routing.search import Plan, make_plan

__all__ = ["longest_transit_s"]


def longest_transit_s(network: Network, plan: Plan | None = None) -> int:
    """Return a bound on the uncongested time from acceptance to first attempt, seconds.

    The worst moment of the week is taken at every step: the longest wait for
    the round that collects, for the lanes to open, for every departure, and
    for the round that delivers, with hand-over and, from outside, the upstream hours.  Holidays,
    on which rural rounds rest, are not counted.
    """
    routing = make_plan(network) if plan is None else plan
    worst = _worst(routing)
    way = gates(network, routing)
    row_of = network.stop_row
    delay = handover_s(network).max(axis=0)
    collect = np.zeros(len(network.stops))
    deliver = np.zeros(len(network.stops))
    for round_ in network.rounds:
        days = sorted(round_.weekdays)
        gap = max(b - a for a, b in zip(days, [*days[1:], days[0] + 7], strict=True)) * DAY_S
        base = row_of[round_.base]
        rows = [network.places.row(place) for place in round_.places]
        centre = network.centres[base]
        begins = ready_at(centre, round_.intake_s + centre.handling_s["collect"])
        after_cut = begins - min(round_.cut_s)
        collect[base] = max(collect[base], gap + after_cut)
        deliver[base] = max(
            deliver[base], gap + max(round_.visit_s) - round_.depart_s + int(delay[rows].max())
        )
    bases = np.flatnonzero(deliver > 0)
    longest = 0.0
    for g in range(len(routing.groups)):
        inside = collect[bases, None] + worst[g][np.ix_(bases, bases)] + deliver[None, bases]
        longest = max(longest, float(inside[np.isfinite(inside)].max(initial=0)))
        entry = way.entry[g][:, bases]
        known = entry >= 0
        outside = way.entry_s[g][:, bases] + worst[g][entry, bases] + deliver[bases]
        longest = max(longest, float(outside[known].max(initial=0)))
        leave = way.exit[g][:, bases]
        known = leave >= 0
        outbound = collect[bases] + worst[g][bases, leave]
        longest = max(longest, float(outbound[known].max(initial=0)))
    return round(longest)


def _worst(plan: Plan) -> np.ndarray:
    """Return the longest time from each stop to ready at each other, by group; inf if there is no way."""
    kinds, stops = len(plan.groups), len(plan.stops)
    worst = np.full((kinds, stops, stops), np.inf)
    for u, stop in enumerate(plan.stops):
        for code in range(stops * kinds):
            rows = slice(int(stop.first[code]), int(stop.first[code + 1]))
            leaves = stop.key[rows] % WEEK_S
            if len(leaves):
                gap = np.diff(np.r_[leaves[-1] - WEEK_S, leaves])
                worst[code % kinds, u, code // kinds] = float((gap + stop.duration_s[rows]).max())
        worst[:, u, u] = 0.0
    return worst
