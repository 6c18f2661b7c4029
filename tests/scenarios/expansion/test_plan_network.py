"""What the planner knows of a network, counted otherwise: hours, costs, candidates, what they bring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from network.accessibility.increments import Increments
from network.accessibility.scheduled_times import scheduled
from network.demand.rates import demand_of
from network.edit.demand import scale_demand
from network.geography.settlements import link_km
from network.model.network import Network
from scenarios.definition.resolve import build, load_scenario
from scenarios.expansion.aims import parse_aim, parse_standards
from scenarios.expansion.effects import Effects, expense, total, weights
from scenarios.expansion.levers import KINDS, Lever, levers
from scenarios.expansion.planning import Question, answer
from scenarios.expansion.portfolio import applied, changes_of, fleet_changes, rows, scenario_text
from scenarios.expansion.solve import best
from sim.cost.planned import planned_cost
from tests.scenarios.expansion.plan_cases import best_by_trying

MEAN = parse_aim("scheduled.inbound.mean_h")


@pytest.fixture(scope="module")
def few(small_network: Network) -> Network:
    """Return the small network with the rounds of three bases, four each."""
    kept: dict[str, int] = {}
    all_rounds = []
    for round_ in small_network.rounds:
        kept[round_.base] = kept.get(round_.base, 0) + 1
        if round_.base in ("540202", "540223", "540223200") and kept[round_.base] <= 4:
            all_rounds.append(round_)
    return replace(small_network, rounds=tuple(all_rounds))


@pytest.fixture(scope="module")
def candidates(few: Network) -> tuple[Lever, ...]:
    """Return its candidates but for outlets."""
    return levers(few, ("rounds", "routes", "direct", "hours"))


def test_the_mean_is_that_of_the_scheduled_measures(few: Network) -> None:
    effects = Effects(few, ())
    assert effects.measure(MEAN).of(()) == pytest.approx(-total(few, MEAN), abs=0.01)
    found = scheduled(few)
    served = found.profile >= 0
    by_hand = weights(few, "people") @ np.where(served, np.nan_to_num(found.mean_h["inbound"]), 35 * 24)
    assert total(few, MEAN) == pytest.approx(by_hand)


def test_mail_is_weighed_as_the_scenario_has_it(small_network: Network) -> None:
    """Twice the EMS and three times the express: the inbound items that times are weighed by grow as much."""
    grown = scale_demand(scale_demand(small_network, 2.0, ["ems"]), 3.0, ["express"])
    now, then = (Increments(n).times[0] for n in (small_network, grown))
    rates = demand_of(small_network)
    more = sum(
        times * kind.inbound * rates.spread(kind)
        for kind in rates.classes
        for times in [{"ems": 1, "express": 2}.get(kind.code, 0)]
    )
    gained = then.items["inbound"] - now.items["inbound"]
    assert gained == pytest.approx(np.where(now.profile >= 0, more, 0.0))
    assert Effects(grown, ()).measure(MEAN).of(()) == pytest.approx(-total(grown, MEAN), abs=1e-9)


@pytest.mark.parametrize("hours", [120, 168, 240])
def test_covered_people_are_those_of_the_scheduled_measures(small_network: Network, hours: int) -> None:
    aim = parse_aim(f"coverage.inbound.within.{hours}.people")
    tables = Effects(small_network, ()).measure(aim).of(())
    assert tables == pytest.approx(total(small_network, aim), abs=2e-3)


def test_trains_and_flights_are_no_candidates(small_network: Network) -> None:
    found = levers(small_network, tuple(KINDS))
    assert {lever.routes[0].mode for lever in found if lever.routes} == {"road"}
    assert all(level.yuan > 0 for lever in found if lever.kind != "routes" for level in lever.levels)


def test_more_trips_hold_as_much_in_a_week(small_network: Network) -> None:
    classes = small_network.vehicle_classes
    for lever in levers(small_network, ("routes",)):
        old = small_network.route(lever.id)
        for new in lever.routes:
            for size in ("payload_kg", "payload_m3"):
                weekly = [
                    len(r.services[0].starts_s) * r.vehicles_per_trip * getattr(classes[r.vehicle], size)
                    for r in (old, new)
                ]
                assert weekly[1] >= weekly[0] * (1 - 1e-9)


def test_one_lever_brings_what_the_tables_say(few: Network, candidates: tuple[Lever, ...]) -> None:
    """Each kind of candidate, built into the network and measured with all of it."""
    measure = Effects(few, candidates).measure(MEAN)
    base = total(few, MEAN)
    for kind in ("rounds", "routes", "direct", "hours"):
        for number in [n for n, lever in enumerate(candidates) if lever.kind == kind][:3]:
            levels = [0] * len(candidates)
            levels[number] = len(candidates[number].levels)
            after = applied(few, changes_of(candidates, levels))
            gain = base - total(after, MEAN)
            assert measure.of(levels) - measure.of([0] * len(levels)) == pytest.approx(gain, abs=0.02)


def test_a_line_and_the_round_behind_it_bring_what_the_tables_say(
    few: Network, candidates: tuple[Lever, ...]
) -> None:
    measure = Effects(few, candidates).measure(MEAN)
    line = next(n for n, lever in enumerate(candidates) if lever.id == "road-003")
    trunk = next(n for n, lever in enumerate(candidates) if lever.id == "road-001")
    behind = next(n for n, c in enumerate(candidates) if c.kind == "rounds" and c.pool == ("540223", "van"))
    none = [0] * len(candidates)
    for chosen in ((line, behind), (line, trunk), (trunk, behind)):
        levels = [1 if n in chosen else 0 for n in range(len(candidates))]
        gain = total(few, MEAN) - total(applied(few, changes_of(candidates, levels)), MEAN)
        assert measure.of(levels) - measure.of(none) == pytest.approx(gain, abs=0.02)


def test_the_cost_of_any_choice_is_that_of_the_changed_network(
    few: Network, candidates: tuple[Lever, ...]
) -> None:
    """The programme adds up levers and vehicle pools; the network is counted anew."""
    cost = expense(few, candidates)
    before = planned_cost(few)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        levels = [int(rng.integers(0, len(lever.levels) + 1)) for lever in candidates]
        after = applied(few, changes_of(candidates, levels))
        assert cost.of(levels) == pytest.approx(planned_cost(after).minus(before).total, abs=0.01)


def test_a_plan_for_a_small_network_is_the_best_of_all(few: Network) -> None:
    """Six candidates, every choice tried."""
    some = [lever for lever in levers(few, ("rounds", "routes")) if len(lever.levels) <= 2]
    chosen = tuple(
        [lever for lever in some if lever.kind == "routes"][:3]
        + [lever for lever in some if lever.kind == "rounds"][:3]
    )
    measure, cost = Effects(few, chosen).measure(MEAN), expense(few, chosen)
    for budget in (1e5, 3e5, 1e6):
        found = best(cost, measure, budget, gap=0.0)
        assert found.value == pytest.approx(best_by_trying(cost, measure, budget), abs=1e-9)
        assert found.bound >= found.value


def test_answers_to_all_three_questions(few: Network) -> None:
    often = parse_aim("frequency.villages_at_least.5")
    least = total(few, often) + 0.002
    asked = parse_standards([f"{often.key} >= {least}"])
    question = Question(often, ("rounds",), 5e5, asked, (2e5, 4e5), (0.5, 1.0))
    found = answer(few, question, "few")
    assert found.chosen is not None and found.cheapest is not None
    assert found.chosen.predicted == pytest.approx(found.chosen.exact)  # days of rounds need no timetable
    assert found.chosen.spending.total == pytest.approx(found.chosen.yuan, abs=0.01)
    assert [p.budget for p in found.frontier] == [2.5e5, 5e5]
    assert found.cheapest.met[asked[0].says] >= least
    assert found.cheapest.bound <= found.cheapest.yuan
    before, after = found.years
    assert all(a <= b for a, b in zip(before.levels, after.levels, strict=True))
    told = found.as_dict()
    assert told["chosen"]["changes"] and told["years"]["gain"] <= told["years"]["bound"] + 1e-9


@pytest.mark.slow
def test_a_portfolio_is_a_scenario_that_does_what_the_plan_says(xizang_2021: Network, tmp_path: Path) -> None:
    network = xizang_2021
    found = levers(network, tuple(KINDS))
    first: dict[str, int] = {}
    levels = [0] * len(found)
    for number, lever in enumerate(found):
        if first.setdefault(lever.kind, number) in (number, number - 7):
            levels[number] = len(lever.levels)
    changes, bought = fleet_changes(network, changes_of(found, levels))
    text = scenario_text(load_scenario("xizang-2021"), "xizang-2021", "mine", "Mine", "By hand", changes)
    path = tmp_path / "portfolio.toml"
    path.write_text(text, encoding="utf-8")
    after = build(load_scenario(path), fitted=network)
    yuan = planned_cost(after).minus(planned_cost(network)).total
    assert expense(network, found).of(levels) == pytest.approx(yuan, abs=0.01)
    assert len(after.vehicles) - len(network.vehicles) == sum(n for n in bought.values() if n > 0)
    spare = [sum(v.duty == "spare" for v in n.vehicles) for n in (network, after)]
    assert spare[1] >= spare[0]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PuLP's, of what spopt calls
def test_new_outlets_of_a_prefecture_equal_maximal_covering_of_spopt(xizang_2021: Network) -> None:
    """Where to open p express outlets so that most people of Ngari live within 30 km by road of one."""
    pulp = pytest.importorskip("pulp")
    locate = pytest.importorskip("spopt.locate")
    places = xizang_2021.places
    mine = tuple(
        lever
        for lever in levers(xizang_2021, ("outlets",), brands=(1,))
        if places.prefecture[places.row(lever.place)] == "Ngari"
    )
    chosen, reach = 5, 30
    measure = Effects(xizang_2021, mine).measure(
        parse_aim(f"access.people_within_km_of_express_outlet.{reach}")
    )
    cost = expense(xizang_2021, mine)
    ours = best(cost, measure, chosen * float(cost.yuan[0][1]), gap=0.0)

    there = [places.row(o.place) for o in xizang_2021.outlets if o.network == "express"]
    people = np.flatnonzero((places.prefecture == "Ngari") & (places.population > 0))
    sites = np.array([places.row(lever.place) for lever in mine])

    def km(to: np.ndarray) -> np.ndarray:
        return link_km(places, people[:, None], to, xizang_2021.assumptions)

    open_now = (km(np.array(there)) <= reach).any(axis=1)
    people = people[~open_now]
    weight = places.population[people] / places.population.sum()
    theirs = locate.MCLP.from_cost_matrix(km(sites), weight * 1e6, reach, chosen)
    theirs = theirs.solve(pulp.PULP_CBC_CMD(msg=False))
    gain = ours.value - measure.of((0,) * len(mine))
    assert gain == pytest.approx(pulp.value(theirs.problem.objective) / 1e6, abs=1e-9)
    assert len(ours.changed) <= chosen and gain > 0
    changed = applied(xizang_2021, changes_of(mine, ours.levels))
    aim = parse_aim(f"access.people_within_km_of_express_outlet.{reach}")
    assert total(changed, aim) == pytest.approx(ours.value)
    assert len(rows(mine, cost, measure, ours.levels)) == len(ours.changed)
