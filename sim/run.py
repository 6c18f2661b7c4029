"""One replication: the network, its demand, and a simulated stretch of days."""

from __future__ import annotations

from collections.abc import Callable

from network.demand.rates import demand_of
from network.lastmile.handover import brand_shares
from network.model.network import Network
from sim.demand.items import Demand
from sim.engine.kernel import Kernel
from sim.plan import RunPlan
from sim.result import RunResult
from sim.state.records import Columns

__all__ = ["RunPlan", "RunResult", "make_demand", "simulate"]


def make_demand(network: Network, seed: int, replication: int) -> Demand:
    """Return the demand of a network, under one seed and replication."""
    calendar = network.calendar
    brands = brand_shares(network).tolist()
    return Demand(demand_of(network), calendar, brands, calendar.hour_weight, seed, replication)


def simulate(
    network: Network,
    plan: RunPlan,
    progress: Callable[[float], None] | None = None,
    demand: Demand | None = None,
    sink: Callable[[Columns], None] | None = None,
) -> RunResult:
    """Move every item of a stretch of days over the network.

    Parameters
    ----------
    network
        The network, changes included.
    plan
        Dates, seed and replication.
    progress
        Called at each simulated midnight with the share of the days done.
    demand
        By default all items of the network's rates.
    sink
        Called with the records of one acceptance day after the other, in order of item keys, as soon as
        all their items have left the books, so that memory does not grow with the run; the last items of a
        day that waits too long (`records.PATIENCE_DAYS`) come with it as in transit, and once more when
        they have left.  By default the records are all kept for the result.

    Returns
    -------
    RunResult
        Records of the measured cohort, trips, ledgers and queues.

    Raises
    ------
    sim.ledger.LedgerError
        If items were lost or made.
    """
    demand = demand or make_demand(network, plan.seed, plan.replication)
    return Kernel(network, plan, demand, sink).run(progress)
