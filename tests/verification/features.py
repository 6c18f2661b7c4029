"""The rules that can be taken away from a drawn network, to see how many scenarios put each to the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tiny import Sizes, anyhow

from network.demand.rates import Rates
from network.model.network import Network
from network.model.records import Vehicle

Setting = tuple[Network, Rates]
Change = Callable[[Network], Network]


def as_it_is(network: Network) -> Network:
    return network


def operating(**changes: object) -> Change:
    """Return what changes the operations of a network."""

    return lambda network: replace(network, operations=replace(network.operations, **changes))


def assuming(**values: float) -> Change:
    """Return what changes assumed values."""
    return lambda network: replace(network, assumptions=anyhow(network.assumptions, values))


def _shared_lines(network: Network) -> Network:
    return replace(network, settings=replace(network.settings, express_linehaul="shared"))


def _nothing_announced(network: Network) -> Network:
    return replace(network, roads=replace(network.roads, closures=()))


def in_centres(change: Callable[[tuple], tuple]) -> Change:
    """Return what changes the hours of all centres."""
    return lambda network: replace(
        network, centres=tuple(replace(c, shifts_s=change(c.shifts_s)) for c in network.centres)
    )


def in_rounds(change: Callable) -> Change:
    """Return what changes all rounds."""
    return lambda network: replace(network, rounds=tuple(map(change, network.rounds)))


def _roomy_routes(network: Network) -> Network:
    return replace(network, routes=tuple(replace(route, vehicle="hold") for route in network.routes))


def _no_way_round(network: Network) -> Network:
    links = tuple(link._replace(detour_km=None) for link in network.roads.links)
    return replace(network, roads=replace(network.roads, links=links))


def _more_for_rounds(network: Network) -> Network:
    more = {(round_.base, round_.vehicle) for round_ in network.rounds}
    added = [
        Vehicle(f"R-{base}-{kind}-{i}", kind, base, "rounds") for base, kind in sorted(more) for i in range(9)
    ]
    return replace(network, vehicles=(*network.vehicles, *added))


@dataclass(frozen=True)
class Feature:
    """A rule, the drawn networks in which it can matter, and what takes it away."""

    without: Change
    where: Callable[[Sizes], object] = lambda sizes: True
    beside: Change = as_it_is  # what is changed in either case
    calm: bool = False  # no busy network puts it to the test

    def both(self, network: Network) -> tuple[Network, Network]:
        """Return the network with the rule and without it."""
        base = self.beside(network)
        return base, self.without(base)


FEATURES: dict[str, Feature] = {
    "class priority": Feature(as_it_is),  # taken out of the rates
    "cut-off of rounds": Feature(in_rounds(lambda t: replace(t, cut_s=(t.intake_s,) * len(t.places)))),
    "closed days": Feature(in_rounds(lambda round_: replace(round_, runs_on_holidays=True))),
    "hand-over": Feature(assuming(handover_h=0, bundle_h=0)),
    "own lines": Feature(_shared_lines, lambda s: s.own),
    "capacity of trips": Feature(_roomy_routes, lambda s: s.tight and not s.fleet, calm=True),
    "capacity of rounds": Feature(
        in_rounds(lambda round_: replace(round_, vehicle="hold")),
        lambda s: s.tight and not s.fleet,
        calm=True,
    ),
    "opening hours": Feature(in_centres(lambda shifts: ()), lambda s: s.hours),
    "pauses": Feature(
        in_centres(lambda shifts: shifts and ((shifts[0][0], shifts[-1][1]),)), lambda s: s.hours
    ),
    "recheck aside": Feature(assuming(recheck_share=0), lambda s: s.recheck == "aside"),
    "recheck on the lane": Feature(assuming(recheck_share=0), lambda s: s.recheck == "lane"),
    "exponential service": Feature(operating(service="deterministic"), lambda s: s.service == "exponential"),
    "running times": Feature(operating(running=False), lambda s: s.running, calm=True),
    "drivers' rests": Feature(assuming(rest_min=0, night_stop_h=0), lambda s: s.running, calm=True),
    "road closures": Feature(
        assuming(snow_closures_per_100km=0, slide_closures_per_100km=0), lambda s: s.weather
    ),
    "announced closures": Feature(_nothing_announced, lambda s: s.announced),
    "going round": Feature(_no_way_round, lambda s: s.weather or s.announced),
    "cancelled flights": Feature(assuming(flight_cancel_share=0), lambda s: s.weather),
    "late trains": Feature(assuming(rail_late_share=0), lambda s: s.weather),
    "finite vehicles": Feature(
        operating(fleet=False), lambda s: s.fleet, operating(breakdowns=False, extra_trips=False)
    ),
    "trips given up": Feature(assuming(vehicle_wait_h=10_000), lambda s: s.fleet),
    "rounds without vehicles": Feature(
        _more_for_rounds, lambda s: s.fleet == "short" or (s.fleet and s.breakdowns), calm=True
    ),
    "breakdowns": Feature(operating(breakdowns=False), lambda s: s.fleet and s.breakdowns, calm=True),
    "extra trips": Feature(operating(extra_trips=False), lambda s: s.fleet and s.extra_trips and s.tight),
    "drivers of extra trips": Feature(
        assuming(driver_days_per_week=10_000), lambda s: s.fleet and s.extra_trips and s.tight
    ),
    "failed attempts": Feature(operating(attempts=False), lambda s: s.attempts),
    "time between attempts": Feature(assuming(attempt_gap_h=0), lambda s: s.attempts),
    "returns to sender": Feature(assuming(attempt_limit=100), lambda s: s.attempts),
}


def flat(rates: Rates) -> Rates:
    """Return rates of classes that all have the same priority."""
    return replace(rates, classes=tuple(replace(kind, priority=0) for kind in rates.classes))
