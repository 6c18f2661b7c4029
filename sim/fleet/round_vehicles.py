"""How many vehicles rounds get on which day, where vehicles are finite (rule 16)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import numpy as np

from network.fleet.positions import stands
from network.lastmile.weekdays import days_out
from network.model.network import Network
from network.model.records import Vehicle
from network.numeric.streams import entity
from sim.chance.draws import Draws
from sim.demand.items import day_number

__all__ = ["manned"]


def manned(
    network: Network, due: Sequence[np.ndarray], start: dt.date, draws: Draws
) -> dict[int, np.ndarray]:
    """Return with how many vehicles the rounds run that cannot count on all of theirs.

    Parameters
    ----------
    network
        Rounds, vehicles, and whether vehicles are finite and break down.
    due
        For each round, on which days of the run it is due; bool.
    start
        First day of the run.
    draws
        Whether a vehicle breaks down.

    Returns
    -------
    dict
        Row of the round to its vehicles on each day, 0 when it does not run,
        for the rounds of every pool (base and class) that could be short on
        some day; the other rounds run with all of theirs whenever they are due.
    """
    operations = network.operations
    if not operations.fleet:
        return {}
    pools: dict[tuple[str, str], list[int]] = {}
    for row, round_ in enumerate(network.rounds):
        if network.vehicle_classes[round_.vehicle].counted:
            pools.setdefault((round_.base, round_.vehicle), []).append(row)
    vehicles = stands(network).rounds
    days = len(due[0]) if due else 0
    manned: dict[int, np.ndarray] = {}
    for pool, rows in pools.items():
        vehicles_there = [network.vehicles[row] for row in vehicles.get(pool, ())]
        needs = [network.rounds[row].vehicles for row in rows]
        out = [days_out(network.rounds[row].depart_s, network.rounds[row].intake_s) for row in rows]
        repair = np.zeros((len(vehicles_there), days), dtype=bool)
        if operations.breakdowns:
            repair = _in_repair(network, vehicles_there, start, days, draws)
        used = repair.sum(axis=0)
        for row, need, away in zip(rows, needs, out, strict=True):
            for later in range(min(away, days)):
                used[later:] += need * due[row][: days - later]
        if (used > len(vehicles_there)).any():
            sent = _serve(np.array([due[row] for row in rows]), needs, out, repair)
            manned.update(zip(rows, sent, strict=True))
    return manned


def _in_repair(
    network: Network, vehicles: Sequence[Vehicle], start: dt.date, days: int, draws: Draws
) -> np.ndarray:
    """Return the days on which each vehicle is in repair, from breakdowns before the run as well."""
    a = network.assumptions
    length = math.ceil(a["repair_h"] / 24)
    names = np.array([entity(vehicle.id) for vehicle in vehicles], dtype=np.uint64)
    dates = np.arange(1 - length, days) + day_number(start)
    broken = draws.breaks_down(a["breakdown_share"], names[:, None], dates)
    repair = np.zeros((len(vehicles), days), dtype=bool)
    for back in range(length):
        first = length - 1 - back
        repair |= broken[:, first : first + days]
    return repair


def _serve(due: np.ndarray, needs: Sequence[int], out: Sequence[int], repair: np.ndarray) -> np.ndarray:
    """Return the vehicles of the rounds of one pool, day by day; (rounds, days).

    Rounds due on a day are served by the day of their last run, then by row;
    they take the free vehicles of the lowest rows, as many as they should have
    or as there are.
    """
    sent = np.zeros(due.shape, dtype=np.int64)
    last = [-1] * len(needs)
    back = [0] * len(repair)  # day from which each vehicle is there again
    fit = (~repair).T.tolist()
    for day, wanted in enumerate(due.T.tolist()):
        idle = [vehicle for vehicle, can in enumerate(fit[day]) if can and back[vehicle] <= day]
        queue = sorted((last[round_], round_) for round_, is_due in enumerate(wanted) if is_due)
        for _, round_ in queue:
            taken = idle[: needs[round_]]
            if not taken:
                break
            for vehicle in taken:
                back[vehicle] = day + out[round_]
            del idle[: len(taken)]
            sent[round_, day] = len(taken)
            last[round_] = day
    return sent
