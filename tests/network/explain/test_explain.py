"""Every built value has a chain that ends in something that exists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from network.build import build_network
from network.edit import roads as edit_roads
from network.edit import rounds as edit_last_mile
from network.edit import routes as edit
from network.errors import UnknownNameError
from network.explain import Explainer, explain, keys
from network.explain.provenance import KINDS, Provenance
from network.inputs.tables import Region, load_region
from network.model.network import Network
from network.model.settings import Settings
from network.numeric import streams
from network.operator.planned import planned_rounds, planned_route
from network.reconcile import reconcile

TABLES = {
    "counties": "code",
    "townships": "code",
    "roads": "id",
    "airports": "iata",
    "gateways": "id",
    "monasteries": "id",
}


@pytest.fixture(scope="module")
def network() -> Network:
    return build_network("xizang", 2021)


@pytest.fixture(scope="module")
def explainer(network: Network) -> Explainer:
    return Explainer(network)


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("xizang")


def _exists(origin: Provenance, network: Network, region: Region) -> bool:
    """Whether an origin names a figure of the report, an assumption, or a row that stands in its table."""
    if origin.kind in ("published", "derived"):
        return origin.key in network.report and network.report[origin.key].kind == origin.kind
    if origin.key in network.assumptions:
        return origin.kind == "assumed"
    table, _, key = origin.key.partition(" ")
    if table in TABLES:
        return any(getattr(row, TABLES[table]) == key for row in getattr(region, table))
    if table == "stations":
        return any(f"{row.line} {row.seq}" == key for row in region.stations)
    if table not in network.assumptions.tables:
        return False
    return not key or any(key in row.values() for row in network.assumptions.table(table))


def _chosen(names: list[str], count: int) -> list[str]:
    """Choose names by keyed draws: a kind of value first, so that villages do not crowd out the rest."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(name.partition(".")[0], []).append(name)
    draws = streams.uniform(1, 0, "explain test", np.arange(count), 0)
    within = streams.uniform(1, 0, "explain test", np.arange(count), 1)
    groups = list(kinds.values())
    picked = [groups[int(u * len(groups))] for u in draws]
    return [group[int(u * len(group))] for group, u in zip(picked, within, strict=True)]


@pytest.mark.slow
def test_two_hundred_random_values_end_in_a_figure_a_source_or_an_assumption(
    explainer: Explainer, network: Network, region: Region
) -> None:
    asked = _chosen(list(explainer.keys()), 200)
    assert len({key.partition(".")[0] for key in asked}) > 8
    for key in asked:
        chain = explainer.explain(key)
        assert chain.origins, key
        for origin in chain.origins:
            assert _exists(origin, network, region), f"{key}: {origin.key}"
            assert origin.kind in KINDS
            assert origin.statement


def _built(network: Network, kind: str, thing: str, field: str) -> object:
    """Return a value as it stands in the network itself."""
    if kind == "place":
        return getattr(network.places, field)[network.places.row(thing)]
    if kind == "route":
        route = network.route(thing)
        if field == "per_week":
            return len(route.services[0].starts_s)
        return getattr(route, field) if hasattr(route, field) else None
    holders = {
        "outlet": {o.id: o for o in network.outlets},
        "centre": {c.place: c for c in network.centres},
        "round": {r.id: r for r in network.rounds},
        "vehicle": {v.id: v for v in network.vehicles},
        "class": network.vehicle_classes,
    }
    if kind in holders:
        return getattr(holders[kind][thing], field)
    if kind == "station":
        return thing in network.stations
    if kind == "built":
        return next(row.built for row in reconcile(network) if row.name == thing)
    return network.report[thing].value if kind == "figure" else network.assumptions[thing]


@pytest.mark.slow
def test_every_kind_of_value_and_every_field_is_told_as_it_is_and_ends_somewhere(
    explainer: Explainer, network: Network, region: Region
) -> None:
    every = list(explainer.keys())
    keys_of: dict[tuple[str, str], list[str]] = {}
    for key in every:
        kind, _, rest = key.partition(".")
        keys_of.setdefault((kind, rest.rpartition(".")[2] if "." in rest else ""), []).append(key)
    assert {kind for kind, _ in keys_of} == {
        *("place", "route", "outlet", "station", "centre", "round", "vehicle", "class"),
        *("built", "figure", "assumption"),
    }
    assert len(keys_of) > 35
    # the first, one from the middle and the last: a county, a village and a gateway among the places
    asked = [(*of, found[at]) for of, found in keys_of.items() for at in (0, len(found) // 2, -1)]
    for kind, field, key in asked:
        chain = explainer.explain(key)
        thing = key.removeprefix(f"{kind}.").removesuffix(f".{field}")
        value = _built(network, kind, thing, field)
        if (kind, field) in (("route", "departs"), ("route", "hours")):
            assert chain.value, key  # told in words and hours, the network has seconds
        else:
            assert chain.value == value, key
        assert chain.key == key
        assert chain.origins, key
        assert chain.steps or kind == "figure" or len(chain.origins) == 1, key  # a row of a table as it is
        assert all(_exists(origin, network, region) for origin in chain.origins), key
        assert len(set(chain.origins)) == len(chain.origins)


def test_every_route_has_a_reason_of_one_sentence(explainer: Explainer, network: Network) -> None:
    for route in network.routes:
        reason = explainer.explain(f"route.{route.id}.reason").value
        assert isinstance(reason, str)
        assert reason.endswith(".")


def test_a_route_length_names_every_link_under_it(explainer: Explainer, network: Network) -> None:
    route = next(r for r in network.routes if r.mode == "road" and len(r.leg_links[0]) > 1)
    chain = explainer.explain(f"route.{route.id}.km")
    named = {origin.key.removeprefix("roads ") for origin in chain.origins}
    assert chain.value == route.km
    assert set(route.leg_links[0]) <= named


def test_a_synthetic_village_says_so_and_names_its_radius(explainer: Explainer, network: Network) -> None:
    places = network.places
    village = str(places.id[np.flatnonzero(places.kind == "village")[0]])
    chain = explainer.explain(f"place.{village}.lat")
    assert "village_radius_km" in {origin.key for origin in chain.origins}
    assert any("keyed draw" in step for step in chain.steps)


def test_a_derived_figure_names_its_parents(explainer: Explainer) -> None:
    origins = explainer.explain("figure.express_revenue_share").origins
    assert [(o.kind, o.key) for o in origins] == [
        ("derived", "express_revenue_share"),
        ("published", "express_revenue_yuan"),
        ("published", "industry_revenue_yuan"),
    ]


def test_an_assumption_shows_its_range(explainer: Explainer) -> None:
    told = str(explainer.explain("assumption.target_load"))
    assert "0.7" in told
    assert "range 0.5 to 0.9" in told


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("routes.road-001.km", "route"),
        ("route.road-01.km", "road-01"),
        ("route.road-001.kms", "km"),
        ("figure.road_route", "road_route"),
        ("assumption.target_laod", "target_load"),
        ("place.540102", "population"),
        ("nothing at all", ""),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(explainer: Explainer, key: str, near: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        explainer.explain(key)
    assert near in str(error.value)


def test_a_chain_prints_and_goes_to_json(network: Network) -> None:
    chain = explain(network, "route.road-001.km")
    assert str(chain).startswith("route.road-001.km = ")
    data = chain.as_dict()
    assert data["key"] == "route.road-001.km"
    assert {"kind", "key", "statement", "source"} == set(data["origins"][0])


def test_keys_are_unique(network: Network) -> None:
    names = list(keys(network))
    assert len(names) == len(set(names))


def test_what_a_scenario_changed_ends_in_the_scenario(network: Network) -> None:
    fewer = edit.retime_route(network, "road-001", per_week=2)
    chain = explain(fewer, "route.road-001.per_week")
    assert chain.value == 2
    assert "scenario timetable" in {origin.key for origin in chain.origins}
    assert not [o for o in explain(fewer, "route.road-002.per_week").origins if o.key.startswith("scenario")]


def test_changes_are_known_by_what_was_done_and_not_by_their_words(network: Network) -> None:
    way = ("540102", "540602", "540502")
    rerouted = edit.reroute_route(network, "road-001", way)
    faster = edit_roads.improve_road(rerouted, 95.0, route="road-001")
    changed = replace(faster, changed=tuple(note._replace(label="in other words") for note in faster.changed))
    keys_of = {
        part: {origin.key for origin in explain(changed, f"route.road-001.{part}").origins}
        for part in ("km", "stops", "hours", "per_week")
    }
    assert "scenario road_route_km" in keys_of["km"] & keys_of["stops"] & keys_of["hours"]
    assert "scenario roads" in keys_of["hours"] and "scenario timetable" in keys_of["per_week"]
    assert "led along other stops by the scenario" in str(explain(changed, "route.road-001.stops"))
    other = str(explain(changed, "route.road-002.stops"))
    assert "in other words" not in other and "chosen from a pool" in other


def test_what_a_later_report_gives_ends_in_it(network: Network) -> None:
    """The report of 2012 has no vehicles: those of 2021 are carried back, and no other figure's."""
    early = build_network("xizang", 2012)
    assert not [o for o in explain(network, "route.road-001.stops").origins if o.key == "carried back"]
    origins = [o for o in explain(early, "route.road-001.stops").origins if o.key == "carried back"]
    assert [o.statement.split(" = ")[0] for o in origins] == [
        "carried back: road_routes",
        "carried back: road_route_km",
    ]


def test_a_changed_round_ends_in_the_scenario(network: Network) -> None:
    round_ = next(round_ for round_ in network.rounds if len(round_.weekdays) == 1)
    daily = edit_last_mile.set_rounds(network, [round_.id], 7)
    chain = explain(daily, f"round.{round_.id}.weekdays")
    assert chain.value == (0, 1, 2, 3, 4, 5, 6)
    assert "scenario rounds" in {origin.key for origin in chain.origins}


def test_hours_that_the_operator_chose_are_planned() -> None:
    network = build_network("xizang", 2021, settings=Settings(timetable="planned"))
    explainer = Explainer(network)
    route = next(r for r in network.routes if r.name == "Lhasa–Nyingchi")
    row = planned_route(network, route)
    assert row is not None and row.calls
    chain = explainer.explain(f"route.{route.id}.departs")
    assert chain.origins[0].kind == "planned"
    assert chain.value == route.services[0].starts_s[0] == round(row.departs_h * 3600)
    assert any(step.startswith("takes on at Chengguan (Lhasa) what comes by ") for step in chain.steps)
    assert "planned" in {origin.kind for origin in explainer.explain(f"route.{route.id}.stops").origins}
    flight = next(r for r in network.routes if r.mode == "air")
    kinds = {origin.kind for origin in explainer.explain(f"route.{flight.id}.departs").origins}
    assert kinds == {"assumed"}
    (base, kind), later_s = next(iter(planned_rounds(network).items()))
    round_ = next(r for r in network.rounds if (r.base, r.kind) == (base, kind))
    chain = explainer.explain(f"round.{round_.id}.depart_s")
    assert chain.origins[0].kind == "planned" and chain.value == round_.depart_s
    name = "town_round_depart_h" if kind == "town" else "round_depart_h"
    assert round_.depart_s == round(network.assumptions[name] * 3600) + later_s
