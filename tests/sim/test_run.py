"""A run: its cohort, its end, its records, and what must hold in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from tiny import (
    Post,
    Scripted,
    Sizes,
    drawn_network,
    make_centre,
    make_class,
    make_demand,
    make_network,
    make_places,
    make_round,
)

from network.demand.rates import Rates
from network.edit.routes import retime_route
from network.errors import InputErrors
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from network.model.records import DAY_S
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import simulate
from sim.state.ledger import IN_TRANSIT
from sim.state.pool import STAGES
from sim.state.records import CENSORED, DELIVERED, HANDED_OVER, REFUSED

MONDAY = dt.date(2021, 5, 10)


def drawn(seed: int = 7, **more: object) -> tuple[Network, Rates]:
    sizes = {"seats": 4, "gateways": 3, "more_routes": 2, "items": 12.0, **more}
    return drawn_network(seed, Sizes(**sizes))  # type: ignore[arg-type]


def run(seed: int = 7, plan: RunPlan | None = None, **more: object) -> RunResult:
    network, rates = drawn(seed, **more)
    return simulate(network, plan or RunPlan(MONDAY, 7, 7, seed), demand=make_demand(rates, seed))


@pytest.fixture(scope="module")
def crowded() -> RunResult:
    return run()


def thin(network: Network, factor: float = 0.01) -> Network:
    return replace(network, demand=DemandSettings((DemandScale(factor),)))


@pytest.fixture(scope="module")
def xizang(xizang_2021: Network) -> RunResult:
    return simulate(thin(xizang_2021), RunPlan(MONDAY, 0, 7))


# ------------------------------------------------------------------ plans


def test_all_that_is_wrong_with_a_plan_is_told_at_once() -> None:
    with pytest.raises(InputErrors) as errors:
        RunPlan(dt.date(2021, 5, 11), warmup_days=-1, measured_days=0)
    assert [problem.key for problem in errors.value.problems] == ["start", "warmup_days", "measured_days"]


def test_the_window_follows_the_warm_up() -> None:
    assert RunPlan(MONDAY, 14, 28).window_s == (14 * DAY_S, 42 * DAY_S)


@pytest.mark.parametrize("year", range(2010, 2030))
@pytest.mark.parametrize("warmup_days", [0, 28, 42])
def test_a_year_begins_on_1_january_whatever_day_that_is(year: int, warmup_days: int) -> None:
    """The run starts on the last Monday that leaves at least the warm-up."""
    plan = RunPlan.of_year(year, warmup_days, 9)
    begin, end = (plan.start + dt.timedelta(seconds=second) for second in plan.window_s)
    first = plan.start + dt.timedelta(days=plan.warmup_days)
    assert plan.start.weekday() == 0 and warmup_days <= plan.warmup_days < warmup_days + 7
    assert first == dt.date(year, 1, 1) == begin
    assert end == dt.date(year + 1, 1, 1) and plan.seed == 9


# ------------------------------------------------------------------ cohort and end


def test_the_cohort_is_what_is_accepted_in_the_window(crowded: RunResult) -> None:
    """Every item of the seven days after the warm-up, and no other."""
    _, rates = drawn()
    demand = make_demand(rates, 7)
    days = [demand.day(MONDAY + dt.timedelta(days=day)) for day in range(7, 14)]
    assert (crowded.items["key"] == np.concatenate([day.key for day in days])).all()
    accepted = [day.accepted_s.astype(int) + i * DAY_S for i, day in enumerate(days, start=7)]
    assert (crowded.items["accepted_s"] == np.concatenate(accepted)).all()
    for name, column in (("cls", "cls"), ("origin", "origin"), ("dest", "dest"), ("grams", "grams")):
        assert (crowded.items[name] == np.concatenate([getattr(day, column) for day in days])).all()


def test_the_run_goes_on_until_the_cohort_is_resolved() -> None:
    """99.9 % of it ended, on some midnight within 28 days; demand goes on meanwhile."""
    found = run(3, tight=False, slow=False)
    assert found.seconds_run % DAY_S == 0
    end, over = found.plan.window_s[1], found.seconds_run
    assert end < over < end + 28 * DAY_S
    ended = found.items["outcome"] != CENSORED
    assert ended.mean() >= 0.999
    before = ended & (found.items["ended_s"] <= over - DAY_S)
    assert before.mean() < 0.999 or over == end + DAY_S
    assert found.total_items > len(found.items["key"]) / 7 * (over // DAY_S) * 0.8


def test_what_is_not_resolved_in_28_more_days_is_counted_as_under_way(crowded: RunResult) -> None:
    assert crowded.seconds_run == crowded.plan.window_s[1] + 28 * DAY_S
    waiting = crowded.items["outcome"] == CENSORED
    assert waiting.any()
    assert (crowded.items["ended_s"][waiting] == -1).all()


def test_a_day_without_items_is_no_trouble() -> None:
    network = make_network(
        make_places({"A": ["a1"]}), [], [make_centre("A")], [make_round("r", "A", ["a1"])], rechecks=False
    )
    demand = Scripted(network.places, [make_class("x", 1)], [Post("Wed 10:00", "x", "a1", "a1")])
    found = simulate(network, RunPlan(MONDAY, 0, 7), demand=demand)  # type: ignore[arg-type]
    assert found.items["outcome"].tolist() == [DELIVERED]
    empty = Scripted(network.places, [make_class("x", 1)], [])
    found = simulate(network, RunPlan(MONDAY, 0, 7), demand=empty)  # type: ignore[arg-type]
    assert len(found.items["key"]) == 0 and found.ledger.accepted == 0


def test_progress_is_told_at_every_midnight(xizang_2021: Network) -> None:
    shares: list[float] = []
    simulate(thin(xizang_2021, 0.001), RunPlan(MONDAY, 0, 1), shares.append)
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] < 1
    assert len(shares) > 7


# ------------------------------------------------------------------ records


@pytest.mark.parametrize("name", ["crowded", "xizang"])
def test_the_stages_sum_to_the_transit_time(request: pytest.FixtureRequest, name: str) -> None:
    items = request.getfixturevalue(name).items
    ended = np.isin(items["outcome"], [DELIVERED, HANDED_OVER])
    stages = np.stack([items[stage] for stage in STAGES])
    assert (stages[:, ended] >= 0).all()
    assert (stages.sum(axis=0) == items["ended_s"] - items["accepted_s"])[ended].all()
    assert (items["ended_s"] >= items["accepted_s"])[ended].all()


@pytest.mark.parametrize("name", ["crowded", "xizang"])
def test_every_item_under_way_at_close_has_a_place(request: pytest.FixtureRequest, name: str) -> None:
    result = request.getfixturevalue(name)
    items, ledger = result.items, result.ledger
    censored = items["outcome"] == CENSORED
    assert (items["held"][~censored] == 0).all()
    assert (items["held"][censored] > 0).all()
    for row, term in enumerate(IN_TRANSIT):
        if term:  # the ledger counts those accepted outside the measured days too
            assert int((items["held"] == row).sum()) <= getattr(ledger, term)


@pytest.mark.parametrize("name", ["crowded", "xizang"])
def test_records_are_small_columns_in_key_order(request: pytest.FixtureRequest, name: str) -> None:
    result = request.getfixturevalue(name)
    assert (np.diff(result.items["key"]) > 0).all()
    kinds = {column: str(values.dtype) for column, values in result.items.items()}
    assert kinds == {
        "key": "int64",
        **dict.fromkeys(("cls", "brand", "direction", "outcome", "held", "hops"), "int8"),
        **dict.fromkeys(("attempts", "cancelled"), "int8"),
        **dict.fromkeys(("origin", "dest", "accepted_s", "ended_s", "final_s"), "int32"),
        **dict.fromkeys(("grams", "cm3", *STAGES), "int32"),
        **dict.fromkeys(("held_at", "missed_dispatches"), "int16"),
    }
    assert len({len(values) for values in result.items.values()}) == 1
    assert len({len(values) for values in result.trips.values()}) == 1
    trips = result.trips
    order = np.lexsort((trips["stop"], trips["direction"], trips["route"], trips["departs_s"]))
    assert (order == np.arange(len(order))).all()


def test_each_end_has_the_stages_that_it_can_have(crowded: RunResult) -> None:
    items = crowded.items
    outbound = items["dest"] < 0
    inbound = items["origin"] < 0
    assert set(items["outcome"][outbound].tolist()) <= {HANDED_OVER, REFUSED, CENSORED}
    assert set(items["outcome"][~outbound].tolist()) <= {DELIVERED, REFUSED, CENSORED}
    assert (items["deliver_s"][items["outcome"] == HANDED_OVER] == 0).all()
    assert (items["upstream_s"][~inbound] == 0).all() and (items["collect_s"][inbound] == 0).all()
    rode = items["ride_s"] > 0
    assert (items["hops"][rode] > 0).all() and (items["ride_s"][items["hops"] == 0] == 0).all()


@pytest.mark.parametrize("name", ["crowded", "xizang"])
def test_no_trip_carries_more_than_it_holds(request: pytest.FixtureRequest, name: str) -> None:
    trips = request.getfixturevalue(name).trips
    assert (trips["load_kg"] <= trips["capacity_kg"] * (1 + 1e-6)).all()
    assert (trips["load_m3"] <= trips["capacity_m3"] * (1 + 1e-6)).all()
    assert (trips["boarded"] <= trips["on_board"]).all()
    assert (trips["missed_dispatches"] >= 0).all()


def test_no_round_carries_more_than_it_holds(crowded: RunResult) -> None:
    """The items of one round that end on its one running day, by weight and volume."""
    network, _ = drawn()
    items = crowded.items
    done = items["outcome"] == DELIVERED
    compared = 0
    for round_ in network.rounds:
        rows = [network.places.row(place) for place in round_.places]
        vehicle = network.vehicle_classes[round_.vehicle]
        day = np.full(len(done), -1)
        for row, visit in zip(rows, round_.visit_s, strict=True):
            mine = done & (items["dest"] == row)
            day[mine] = (items["ended_s"][mine] - visit) // DAY_S
            assert ((items["ended_s"][mine] - visit) % DAY_S == 0).all()
        for running in np.unique(day[day >= 0]).tolist():
            assert (MONDAY + dt.timedelta(days=running)).weekday() in round_.weekdays
            grams, cm3 = (items[unit][day == running].sum() for unit in ("grams", "cm3"))
            assert grams <= vehicle.payload_kg * 1000 * round_.vehicles
            assert cm3 <= vehicle.payload_m3 * 1e6 * round_.vehicles
            compared += 1
    assert compared > 10


def test_hops_are_boardings() -> None:
    """When the cohort is all there was, every boarding is a hop of one of its items."""
    network, rates = drawn(7, tight=False)
    demand = make_demand(rates, 7)
    quiet = RunPlan(MONDAY, 0, 7, 7)
    found = simulate(network, quiet, demand=_Once(demand, 7))  # type: ignore[arg-type]
    assert found.ledger.in_transit == 0
    assert found.items["hops"].sum() == found.trips["boarded"].sum() > 100


class _Once:
    """Items of the first days only."""

    def __init__(self, demand, days: int) -> None:
        self.rates, self.seed, self.replication = demand.rates, demand.seed, demand.replication
        self._demand, self._last = demand, MONDAY + dt.timedelta(days=days)

    def day(self, date: dt.date):
        items = self._demand.day(date)
        if date < self._last:
            return items
        return type(items)(*(column[:0] for column in vars(items).values()))


def test_the_built_network_delivers_without_leaving_behind(xizang: RunResult) -> None:
    assert (xizang.items["missed_dispatches"] == 0).all()
    assert (xizang.items["outcome"] != REFUSED).all()
    assert xizang.trips["missed_dispatches"].sum() == 0


# ------------------------------------------------------------------ the same, and what changes


def equal(one: RunResult, other: RunResult) -> bool:
    tables = [(one.items, other.items), (one.trips, other.trips)]
    return all((a[name] == b[name]).all() for a, b in tables for name in a) and one.ledgers == other.ledgers


def test_the_same_seed_gives_the_same_run(crowded: RunResult) -> None:
    again = run()
    assert equal(again, crowded)
    assert (again.waiting == crowded.waiting).all() and again.bottlenecks == crowded.bottlenecks


def test_a_longer_window_holds_the_shorter_one() -> None:
    """Item by item: what happens to an item does not depend on when the run is to end."""
    short, long = (run(5, RunPlan(MONDAY, 0, days, 5)) for days in (7, 14))
    n = len(short.items["key"])
    assert (long.items["key"][:n] == short.items["key"]).all()
    ended = short.items["outcome"] != CENSORED
    for name, column in short.items.items():
        assert (long.items[name][:n][ended] == column[ended]).all(), name


def test_a_change_of_one_route_changes_only_what_could_ride_it(
    xizang_2021: Network, xizang: RunResult
) -> None:
    """The same items are accepted; those that never left their prefecture's other routes are as before."""
    branch = next(route for route in xizang_2021.routes if route.kind == "branch")
    changed = simulate(thin(retime_route(xizang_2021, branch.id, per_week=7)), xizang.plan)
    assert (changed.items["key"] == xizang.items["key"]).all()
    assert (changed.items["accepted_s"] == xizang.items["accepted_s"]).all()
    places = xizang_2021.places
    round_base = {place: round_.base for round_ in xizang_2021.rounds for place in round_.places}
    base = np.array([round_base.get(str(place), "") for place in places.id])
    ends = np.stack([xizang.items["origin"], xizang.items["dest"]])
    touched = ((ends >= 0) & (base[np.maximum(ends, 0)] == branch.stops[-1])).any(axis=0)
    differs = changed.items["ended_s"] != xizang.items["ended_s"]
    assert differs.any() and differs[~touched].mean() < 0.001
