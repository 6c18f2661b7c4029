"""Which of the two line-hauls a run has: in arrays, or in compiled loops where numba is installed."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from network.model.network import Network
from network.model.operations import Operations
from network.model.records import MODES
from network.numeric.streams import entity
from network.routing.search import Plan
from sim.chance.draws import Draws
from sim.engine.centres import make_station
from sim.engine.haul import Haul
from sim.engine.stops import Stop
from sim.engine.trip_tables import TripTables
from sim.state.custody import Custody
from sim.state.pool import Pool
from sim.state.work import WorkLog

__all__ = ["COMPILED", "compiles", "make_haul"]

#: Name of the environment variable: 0 keeps to arrays, whatever is installed.
COMPILED = "YIZHAN_COMPILED"


def compiles(operations: Operations) -> bool:
    """Return whether a run has compiled loops: they can be had, are not switched off, and there are any.

    There are none for centres where no two items need take equally long (`sim.engine.unequal`).
    """
    if operations.recheck == "lane" or operations.service == "exponential":
        return False
    return os.environ.get(COMPILED, "1") != "0" and find_spec("numba") is not None


def make_haul(
    network: Network,
    routing: Plan,
    tables: TripTables,
    pool: Pool,
    draws: Draws,
    operations: Operations,
    at_home: Callable[[np.ndarray], None],
    ended: Callable[[np.ndarray, np.ndarray], None],
    custody: Custody,
    work: WorkLog,
    compiled: bool,
) -> Haul:
    """Return the line-haul of a run; both kinds move every item alike.

    Parameters
    ----------
    at_home
        Called with the slots of items that are sorted at the stop of their round.
    compiled
        Whether in compiled loops.
    """
    share, recheck_s = network.assumptions["recheck_share"], round(network.assumptions["recheck_min"] * 60)
    kinds = len(routing.groups)
    stops = [
        Stop(
            row,
            entity(centre.place),
            pool,
            routing.stops[row],
            kinds,
            make_station(centre, operations, pool, draws, (share, recheck_s)),
            tuple(centre.handling_s[mode] for mode in MODES),
            (share if operations.recheck == "aside" else 0.0, recheck_s),
            centre.tier == "gateway",
            at_home,
        )
        for row, centre in enumerate(network.centres)
    ]
    if compiled:
        from sim.engine.compiled_haul import CompiledHaul

        return CompiledHaul(tables, stops, pool, ended, custody, work)
    return Haul(tables, stops, pool, ended, custody, work)
