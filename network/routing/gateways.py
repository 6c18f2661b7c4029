"""The gateways that items from and to other provinces take: those of least mean time over the week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from network.model.network import Network
from network.routing.search import Plan

__all__ = ["Gates", "gates", "gateway_rows"]


@dataclass(frozen=True, eq=False)
class Gates:
    """The fixed plan outside the region: which gateway, and how far from it.

    For each mode group, outside class and stop of the region; rows of `Plan.stops`, -1 where there is no way.
    """

    entry: np.ndarray  # (groups, outside, stops) int16
    entry_s: np.ndarray  # same shape, int32: acceptance to ready at the entry gateway
    exit: np.ndarray  # same shape, int16
    mean_entry_s: np.ndarray  # same shape, float: acceptance to ready at the stop, mean over the week


def gateway_rows(network: Network) -> list[int]:
    """Return the stop rows of the gateways."""
    return [row for row, centre in enumerate(network.centres) if centre.tier == "gateway"]


def gates(network: Network, plan: Plan) -> Gates:
    """Return the entry and exit gateway of least mean time over the week for every outside class and stop."""
    outside = network.assumptions.table("outside")
    row_of = network.stop_row
    shape = (len(plan.groups), len(outside), len(network.stops))
    entry, leave = np.full(shape, -1, dtype=np.int16), np.full(shape, -1, dtype=np.int16)
    entry_s = np.zeros(shape, dtype=np.int32)
    mean_in, mean_out = np.full(shape, np.inf), np.full(shape, np.inf)
    for g, group in enumerate(plan.groups):
        for k, row in enumerate(outside):
            for option in row["entries"]:
                at = row_of.get(option["gateway"])
                if at is None or (option["group"] == "any" and "air" not in group.modes):
                    continue
                upstream = round(option["hours"] * 3600)
                inward, outward = plan.mean_s[g, at] + upstream, plan.mean_s[g, :, at] + upstream
                better = inward < mean_in[g, k]
                mean_in[g, k] = np.where(better, inward, mean_in[g, k])
                entry[g, k] = np.where(better, at, entry[g, k])
                entry_s[g, k] = np.where(better, upstream, entry_s[g, k])
                better = outward < mean_out[g, k]
                mean_out[g, k] = np.where(better, outward, mean_out[g, k])
                leave[g, k] = np.where(better, at, leave[g, k])
    return Gates(entry, entry_s, leave, mean_in)
