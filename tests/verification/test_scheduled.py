"""Scheduled times, all at once, against journeys one by one: every class, brand, mode group and moment."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from inbound import inbound_attempts
from tiny import Sizes, drawn_network

from network.accessibility.scheduled_times import BASES, Ends, scheduled
from network.demand.rates import Rates
from network.lastmile.handover import brand_shares
from network.model.network import Network
from network.routing.journeys import NEVER, Journeys

EVERY_S = 900  # moments of acceptance: the middles of quarters of an hour, on which all drawn times fall


def journeys(network, rates, accept):
    """Return (basis, place, hours, items a year) of all that is sent to the places with rounds."""
    search = Journeys(network)
    moments = np.arange(EVERY_S // 2, 7 * 86_400, EVERY_S)
    share = accept[moments // 3600] * EVERY_S / 3600
    moments, share = moments[share > 0], share[share > 0]
    brands = brand_shares(network).tolist()
    county = rates.county
    found = {name: [] for name in ("inbound", "from_gateway", "same_prefecture", "within_region")}
    for kind in rates.classes:
        if kind.flow == "place":
            continue
        spread = rates.spread(kind)
        own = 2 * (kind.private_ok and len(search.plan.groups) == 4)
        for fly, some in enumerate((1 - kind.any_share, kind.any_share)):
            for brand, part in enumerate(brands) if kind.flow == "report" else ((-1, 1.0),):
                if not some * part:
                    continue
                group = own + fly
                for outside, inbound in enumerate(rates.inbound_share):
                    attempt = inbound_attempts(search, outside, moments, group, brand)
                    amount = np.outer(share, kind.inbound * some * part * inbound * spread)
                    hours = np.where(attempt < NEVER, (attempt - moments[:, None]) / 3600, np.inf)
                    found["inbound"].append((hours, amount))
                    base = search.last_mile.base
                    since = np.where(base >= 0, search.gates.entry_s[group, outside, base], 0)
                    found["from_gateway"].append((hours - since / 3600, amount))
                by_county = np.bincount(county[county >= 0], spread[county >= 0], len(rates.counties))
                for origin in np.flatnonzero(spread > 0).tolist():
                    got = search.arrivals(np.full(len(moments), origin), moments, group, brand).matrix()
                    hours = np.where(got < NEVER, (got - moments[:, None].astype(float)) / 3600, np.inf)
                    for name, way, matrix in (
                        ("same_prefecture", rates.stay_share, rates.near),
                        ("within_region", rates.region_share, rates.far),
                    ):
                        to = np.where(
                            county >= 0, matrix[county[origin], county] * spread / by_county[county], 0
                        )
                        amount = np.outer(share, kind.originating * some * part * spread[origin] * way * to)
                        found[name].append((hours, amount))
    tables = {name: tuple(np.concatenate(x) for x in zip(*rows, strict=True)) for name, rows in found.items()}
    for name, parts in (
        ("regional", ("same_prefecture", "within_region")),
        ("mail", ("inbound", "regional")),
    ):
        tables[name] = tuple(np.concatenate(x) for x in zip(*(tables[p] for p in parts), strict=True))
    return tables


@pytest.mark.slow
@pytest.mark.parametrize("number", range(6))
def test_scheduled_times_are_those_of_all_journeys(number: int) -> None:
    """Items and means exactly, shares at whole hours before the visit as far as ten minutes tell."""
    rng = Random(number)
    sizes = Sizes(
        seats=rng.randint(2, 4),
        gateways=rng.randint(0, 2),
        more_routes=rng.randint(0, 3),
        own=number % 3 == 0,
        hours=number % 2 == 0,
        slow=False,  # two seconds at a centre: nothing but these keeps the two apart
    )
    agree(*drawn_network(number, sizes))


def test_rounds_that_are_out_for_days_are_reckoned_with() -> None:
    """What comes in five days after its cut-off, of a round once a week, was accepted up to twelve before."""
    network, rates = drawn_network(7, Sizes(seats=3, gateways=1, hours=True, slow=False))
    far = network.rounds[-1]
    far = replace(far, weekdays=(2,), intake_s=far.intake_s + 5 * 86_400)
    network = replace(network, rounds=(*network.rounds[:-1], far))
    assert Ends.of(network, rates).sources.back_h > 24 * 11
    agree(network, rates)


def agree(network: Network, rates: Rates) -> None:
    """Compare scheduled times of a network with all its journeys."""
    ends = Ends.of(network, rates)
    found = scheduled(network, ends=ends)
    tables = journeys(network, rates, ends.accept)
    rounds = found.profile >= 0
    for basis in BASES:
        hours, amount = tables[basis]
        total = amount.sum(axis=0)
        assert found.items[basis][rounds] == pytest.approx(total[rounds], rel=1e-9)
        for place in np.flatnonzero(rounds & (total > 0)).tolist():
            came = np.isfinite(hours[:, place])
            share = amount[came, place].sum() / total[place]
            assert found.upto[basis][found.profile[place], -1] == pytest.approx(share, abs=1e-9)
            if share == 0:
                assert found.mean_h[basis][place] == np.inf
                continue
            mean = np.average(hours[came, place], weights=amount[came, place])
            assert found.mean_h[basis][place] == pytest.approx(mean, abs=2e-3)
            for whole in (-12, 24, 48, 96):
                within = found.visit_h[place] + whole
                want = amount[hours[:, place] <= within, place].sum() / total[place]
                assert found.within(basis, within)[place] == pytest.approx(want, abs=4e-3)
            for q in (0.5, 0.8):
                at = found.quantile_h(basis, q)[place]
                if share < q:
                    assert at == np.inf
                    continue
                before = amount[hours[:, place] <= at - 1, place].sum() / total[place]
                after = amount[hours[:, place] <= at + 1, place].sum() / total[place]
                assert before - 4e-3 <= q <= after + 4e-3
