"""What closes and what is added, against networks that are made so by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from inbound import inbound_attempts
from tiny import Sizes, drawn_network, make_route, make_service

from network.accessibility.criticality import closings, criticality
from network.accessibility.effects import Aim, effects
from network.accessibility.marginal_gains import (
    more_days,
    more_departures,
    one_more_day,
    one_more_departure,
    with_collection,
)
from network.accessibility.scheduled_times import Ends, scheduled, scheduled_from
from network.linehaul.timetable import expand
from network.model.records import WEEK_S
from network.routing.journeys import NEVER, Journeys
from network.routing.search import make_plan

EVERY_S = 900


def drawn(number, more_routes=3):
    rng = Random(number)
    sizes = Sizes(seats=rng.randint(3, 4), gateways=rng.randint(1, 2), more_routes=more_routes, slow=False)
    network, rates = drawn_network(number, sizes)
    return network, rates, Ends.of(network, rates)


def cut(route, leg):
    """Return a route's two ends on either side of a leg, as routes of their own."""
    parts = []
    for low, high in ((0, leg + 1), (leg + 1, len(route.stops))):
        if high - low < 2:
            continue
        services = []
        for service, back in zip(route.services, (False, True), strict=True):
            n = len(service.stops)
            a, b = (n - high, n - low) if back else (low, high)
            start = service.depart_s[a]
            arrive = [t - start for t in service.arrive_s[a:b]]
            depart = [t - start for t in service.depart_s[a:b]]
            arrive[0], depart[-1] = 0, arrive[-1]
            part = make_service(service.stops[a:b], [1] * (b - a - 1), [0])
            begins = tuple(sorted((s + start) % WEEK_S for s in service.starts_s))
            services.append(replace(part, arrive_s=tuple(arrive), depart_s=tuple(depart), starts_s=begins))
        parts.append(make_route(f"{route.id}-{low}", route.mode, services, route.vehicle, 1, route.carrier))
    return parts


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_a_closed_leg_is_a_route_cut_in_two(number):
    network, _, ends = drawn(number)
    before = scheduled(network, ends=ends)
    for basis in ("inbound", "regional"):
        found = criticality(network, Aim(basis), ends, kinds=("leg",))
        assert len(found) == sum(len(route.leg_km) for route in network.routes)
        by_name = {row.name: row.effect for row in found}
        for route in network.routes:
            for leg, (a, b) in enumerate(pairwise(route.stops)):
                others = [r for r in network.routes if r.id != route.id]
                after = scheduled(replace(network, routes=(*others, *cut(route, leg))), ends=ends)
                want = effects(network.places, before, after, Aim(basis)).of()
                assert vars(by_name[f"{route.id} {a} – {b}"]) == pytest.approx(vars(want), abs=1e-9)
    losses = [row.effect.cut_off for row in found]
    assert losses == sorted(losses, reverse=True)


def test_people_are_cut_off_where_no_way_is_left():
    cut_off = 0
    for number in range(3):
        network, rates, ends = drawn(number, 0)
        table = expand(network)
        for closing in closings(network, table)[:4]:
            closed = np.zeros(len(table.stop), dtype=bool)
            closed[closing.calls] = True
            plan = make_plan(network, table, closed)
            search = Journeys(network, plan)
            moments = np.arange(0, WEEK_S, 6 * 3600)
            ways = [
                inbound_attempts(search, outside, moments, group) < NEVER
                for group in range(len(plan.groups))
                for outside in range(len(rates.outside))
            ]
            before, after = scheduled(network, ends=ends), scheduled(network, plan, ends)
            gone = effects(network.places, before, after, Aim()).cut_off
            reached = before.mean_h["inbound"] < np.inf
            none = ~np.any(ways, axis=(0, 1))
            assert (gone > 0).tolist() == (reached & none & (network.places.population > 0)).tolist()
            cut_off += (gone > 0).sum()
    assert cut_off > 0


def test_a_road_link_closes_all_legs_over_it():
    network, _, _ = drawn(2)
    links = {link for route in network.routes for leg in route.leg_links for link in leg}
    table = expand(network)
    found = {
        closing.name.split()[0]: closing for closing in closings(network, table) if closing.kind == "road"
    }
    assert found.keys() == links
    trip = np.repeat(np.arange(len(table.route)), np.diff(table.first))
    for link, closing in found.items():
        over = set()
        for route in network.routes:
            for (a, b), under in zip(pairwise(route.stops), route.leg_links, strict=True):
                over |= {(route.id, a, b), (route.id, b, a)} if link in under else set()
        closed = {
            (
                network.routes[table.route[trip[call]]].id,
                *(table.stops[s] for s in table.stop[call : call + 2]),
            )
            for call in closing.calls.tolist()
        }
        assert closed == over


@pytest.mark.slow
@pytest.mark.parametrize("number", range(2))
def test_one_more_departure_and_one_more_day_are_what_a_changed_network_gives(number):
    network, rates, ends = drawn(number)
    before, aim = scheduled(network, ends=ends), Aim("inbound")
    for gain in more_departures(network, aim, ends, before):
        route = network.route(gain.id)
        more = one_more_departure(route, network)
        for old, new in zip(route.services, more.services, strict=True):
            assert len(new.starts_s) == len(old.starts_s) + 1 and set(old.starts_s) <= set(new.starts_s)
        changed = replace(network, routes=tuple(more if r is route else r for r in network.routes))
        after = scheduled(changed, ends=ends)
        assert gain.effect == effects(network.places, before, after, aim).of()
    days = {gain.id: gain for gain in more_days(network, aim, ends, before)}
    assert days.keys() == {round_.id for round_ in network.rounds if len(round_.weekdays) < 7}
    for round_ in network.rounds:
        if len(round_.weekdays) == 7:
            continue
        each = {}
        for day in set(range(7)) - set(round_.weekdays):
            rounds = tuple(one_more_day(t, day) if t is round_ else t for t in network.rounds)
            changed = replace(network, rounds=rounds)
            after = scheduled(changed, ends=Ends.of(changed, rates))
            each[day] = effects(network.places, before, after, aim).of()
        best = min(each.values(), key=lambda effect: effect.mean_h)
        # What comes from other provinces does not depend on what is collected.
        assert vars(days[round_.id].effect) == pytest.approx(vars(best), abs=1e-9)


def test_with_collection_counts_what_the_places_send_too(small_network):
    aim = Aim("regional")
    before = scheduled(small_network, bases=("regional",))
    gain = max(more_days(small_network, aim, before=before), key=lambda row: -row.effect.mean_h)
    assert gain.effect.mean_h < 0
    assert with_collection(small_network, gain, aim, before).mean_h < gain.effect.mean_h


@pytest.mark.parametrize("number", range(3))
def test_times_from_one_place_and_from_one_gateway_are_those_of_its_journeys(number):
    """Of one class and mode group: all items alike."""
    network, rates, _ = drawn(number)
    only = next(kind for kind in rates.classes if kind.code == "slow")
    rates = replace(rates, classes=(replace(only, any_share=0.0),))
    ends = Ends.of(network, rates)
    search = Journeys(network)
    moments = np.arange(EVERY_S // 2, WEEK_S, EVERY_S)
    share = ends.accept[moments // 3600] * EVERY_S / 3600
    moments, share = moments[share > 0], share[share > 0]
    rounds = np.flatnonzero(search.last_mile.round_row >= 0)
    for origin in (rounds[0], rounds[-1], network.places.row(network.stops[-1])):
        found = scheduled_from(network, str(network.places.id[origin]), ends=ends)
        if network.places.kind[origin] == "gateway":
            stop = np.full(len(moments), network.stop_row[str(network.places.id[origin])])
            attempt = search.deliver(search.line_haul(stop, moments, 0))
        else:
            attempt = search.arrivals(np.full(len(moments), origin), moments, 0).matrix()
        for place in rounds.tolist():
            if attempt[0, place] == NEVER:
                assert found.mean_h["origin"][place] == np.inf
                continue
            hours = (attempt[:, place] - moments) / 3600
            assert found.mean_h["origin"][place] == pytest.approx(share @ hours, abs=2e-3)
            at = found.visit_h[place] + 24
            assert found.within("origin", at)[place] == pytest.approx(share[hours <= at].sum(), abs=4e-3)
