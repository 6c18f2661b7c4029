"""Each published figure is judged by what stands in the graph and the tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny import hand_made

from network.build import build_network
from network.edit import routes as edit
from network.inputs.figures import UNITS, Figure, Report
from network.inputs.tables import load_region
from network.model.network import Changed, Network
from network.model.records import Centre, MailRoute, Outlet, Places, Round, Vehicle, VehicleClass
from network.reconcile import Row, context, not_modelled, passed, reconcile, synthetic_share

# A region's seat (540102) and a border county next to it, with one township, village, hamlet and monastery.
PLACES = {
    "540102": "county",
    "540103": "county",
    "540103100": "township",
    "540103100-v01": "village",
    "540103100-v01-n1": "natural_village",
    "M-hill": "monastery",
    "GW_XINING": "gateway",
}
PUBLISHED = {
    "road_routes": (2, 0),
    "road_route_km": (44, 0.5),
    "rail_routes": (1, 0),
    "rail_route_km": (1972, 0.5),
    "air_routes": (1, 0),
    "air_route_km": (1300, 50),
    "vehicles": (2, 0),
    "postal_outlets": (2, 0),
    "postal_outlets_full_service_share": (1, 0),
    "village_stations": (1, 0),
    "villages_direct_mail_share": (1, 0),
    "border_natural_villages_share": (1, 0),
    "border_counties": (1, 0),
    "express_brands": (2, 0),
    "express_firms": (2, 0),
    "express_outlets": (2, 0),
    "express_items": (1000, 0.5),
    "screening_subsidy_yuan": (6000, 0),
    "screening_levels": (2, 0),
    "newspaper_reach_share": (1, 0),
    "administrative_villages": (1, 0),
}


def _places() -> Places:
    n = len(PLACES)
    ids = np.array(list(PLACES))
    kinds = np.array(list(PLACES.values()))
    border = np.array([i not in ("540102", "GW_XINING") for i in PLACES])
    county = np.array(["540102", *["540103"] * 5, ""])
    return Places(
        id=ids,
        name_zh=ids,
        name_en=ids,
        kind=kinds,
        county=county,
        prefecture=np.array(["Lhasa"] * 6 + [""]),
        township=np.array(["", "", *["540103100"] * 4, ""]),
        lat=np.full(n, 29.6),
        lon=np.full(n, 91.1),
        elevation_m=np.zeros(n),
        population=np.where(kinds == "village", 100.0, 0.0),
        urban=np.zeros(n, dtype=bool),
        in_town=np.zeros(n, dtype=bool),
        border=border,
        synthetic=np.zeros(n, dtype=bool),
        source=np.array(["by hand"] * n),
    )


def _route(name: str, mode: str, stops: tuple[str, ...], km: float, links: tuple[str, ...] = ()) -> MailRoute:
    kind = {"road": "feeder", "rail": "rail", "air": "non-stop"}[mode]
    return MailRoute(name, name, mode, kind, stops, (km,), (links,), (), "by hand")


def _centre(place: str, tier: str, lanes: int) -> Centre:
    return Centre(place, tier, {"road": 0, "rail": 0, "air": 0, "collect": 0}, lanes, 900)


def _figure(name: str, value: float, precision: float) -> Figure:
    return Figure(name, value, UNITS[name], "2021", precision, "by hand", f"meaning of {name}", "check; toy")


@pytest.fixture
def toy() -> Network:
    figures = {name: _figure(name, *numbers) for name, numbers in PUBLISHED.items()}
    rounds = Round(
        "R-1", "540103100", "rural", "near", tuple(PLACES)[3:6], (0, 0, 0), (0, 0, 0),
        0, 0, (0, 2, 4), 50.0, "van", 1, False,
    )  # fmt: skip
    return hand_made(
        places=_places(),
        routes=(
            _route("road-001", "road", ("540102", "540103"), 14.0, ("540102-540103",)),
            _route("road-002", "road", ("540103", "540103100"), 30.0, ("540103-540103100",)),
            _route("rail-01", "rail", ("540102", "GW_XINING"), 1972.0),
            _route("air-01", "air", ("540102", "GW_XINING"), 1290.0),
        ),
        vehicle_classes={"van": VehicleClass("van", 1000, 8)},
        centres=(
            _centre("540102", "region", 3),
            _centre("540103", "county", 1),
            _centre("540103100", "township", 0),
            _centre("GW_XINING", "gateway", 0),
        ),
        outlets=(
            Outlet("P-1", "540103100", "postal"),
            Outlet("P-2", "540103100", "postal"),
            Outlet("E-1", "540103100", "express", "SF", "F-1"),
            Outlet("E-2", "540103100", "express", "ZTO", "F-2"),
        ),
        stations=("540103100-v01",),
        rounds=(rounds,),
        vehicles=(Vehicle("C-1", "van", "540103", "rounds"), Vehicle("C-2", "van", "540102", "spare")),
        report=Report("xizang", 2021, figures),
    )


def _judge(network: Network) -> dict[str, Row]:
    return {row.name: row for row in reconcile(network, express_items=1000)}


def _failing(network: Network) -> set[str]:
    return {name for name, row in _judge(network).items() if row.ok is False}


def test_every_figure_of_the_toy_passes_and_keeps_the_report_order(toy: Network) -> None:
    rows = reconcile(toy, express_items=1000)
    assert passed(rows)
    assert [row.name for row in rows] == [name for name in PUBLISHED if name != "screening_subsidy_yuan"]


@pytest.mark.parametrize(
    ("table", "drop", "failing"),
    [
        ("routes", 1, {"road_routes", "road_route_km"}),
        ("routes", 2, {"rail_routes", "rail_route_km"}),
        ("routes", 3, {"air_routes", "air_route_km"}),
        ("vehicles", 0, {"vehicles"}),
        ("stations", 0, {"village_stations"}),
        ("outlets", 1, {"postal_outlets"}),
        ("outlets", 2, {"express_outlets", "express_brands", "express_firms"}),
    ],
)
def test_a_row_fails_when_one_thing_is_taken_away(
    toy: Network, table: str, drop: int, failing: set[str]
) -> None:
    rows = getattr(toy, table)
    failed = _failing(replace(toy, **{table: rows[:drop] + rows[drop + 1 :]}))
    assert failing <= failed
    # Without the branch, what lies behind it is out of reach as well; nothing else may fail.
    reach = {n for n in PUBLISHED if n.endswith("_share")} if table == "routes" and drop == 1 else set()
    assert failed <= failing | reach


def test_reach_is_computed_by_walking_the_graph(toy: Network) -> None:
    for cut in (replace(toy, rounds=()), replace(toy, routes=toy.routes[1:])):
        rows = _judge(cut)
        assert rows["villages_direct_mail_share"].built == 0
        assert rows["border_natural_villages_share"].built == 0


def test_the_express_firms_own_lines_are_no_mail_routes(toy: Network) -> None:
    own = replace(toy.routes[0], id="road-900", carrier="express")
    assert passed(reconcile(replace(toy, routes=(*toy.routes, own)), express_items=1000))
    only = (replace(toy.routes[0], carrier="express"), *toy.routes[1:])
    assert _judge(replace(toy, routes=only))["villages_direct_mail_share"].ok is False


def test_a_level_counts_only_if_all_its_centres_screen(toy: Network) -> None:
    centres = (*toy.centres[:1], replace(toy.centres[1], lanes=0), *toy.centres[2:])
    assert _failing(replace(toy, centres=centres)) == {"screening_levels"}


def test_lengths_are_judged_by_the_printed_precision(toy: Network) -> None:
    def with_air(km: float) -> bool | None:
        routes = (*toy.routes[:3], replace(toy.routes[3], leg_km=(km,)))
        return _judge(replace(toy, routes=routes))["air_route_km"].ok

    assert [with_air(km) for km in (1249.9, 1250.0, 1350.0, 1350.1)] == [False, True, True, False]


def test_a_figure_that_a_scenario_changed_is_not_judged(toy: Network) -> None:
    changed = replace(toy, vehicles=toy.vehicles[:1], changed=(Changed("vehicles", "one vehicle sold"),))
    row = _judge(changed)["vehicles"]
    assert row.ok is None
    assert row.difference == -1
    assert "changed by scenario: one vehicle sold" in row.note
    assert passed([row])


def test_a_figure_of_another_year_shows_its_date(toy: Network) -> None:
    old = replace(toy.report["village_stations"], date="2018-12-31")
    report = replace(toy.report, figures={**toy.report.figures, "village_stations": old})
    rows = _judge(replace(toy, report=report))
    assert "2018-12-31" in rows["village_stations"].note
    assert rows["vehicles"].note == ""


def test_only_what_a_report_publishes_is_reconciled(toy: Network) -> None:
    report = replace(toy.report, figures={"express_brands": toy.report["express_brands"]})
    assert [row.name for row in reconcile(replace(toy, report=report))] == ["express_brands"]


@pytest.mark.parametrize("year", [2012, 2021])
def test_every_published_figure_is_either_checked_or_listed_apart(year: int, toy: Network) -> None:
    report = load_region("xizang").report(year)
    rows = {row.name for row in reconcile(replace(toy, report=report), express_items=1000)}
    apart = {figure.name for figure in not_modelled(report)}
    assert rows | apart == set(report)
    assert not rows & apart
    assert rows == {figure.name for figure in report.published() if figure.checked}


def test_the_share_on_synthetic_links_is_the_branch(toy: Network) -> None:
    assert synthetic_share(toy) == pytest.approx(30 / 44)


def test_context_gives_the_cost_of_a_lane_and_what_the_rows_rest_on(toy: Network) -> None:
    told = context(toy, reconcile(toy, express_items=1000))
    assert told.lanes == 4
    assert told.yuan_per_lane == 1500
    assert told.rests_on
    assert set(told.rests_on) <= set(toy.assumptions)
    assert len(told.readings) == 2


@pytest.fixture(scope="module")
def built() -> Network:
    return build_network("xizang", 2021)


def test_every_published_figure_of_2021_is_met(built: Network) -> None:
    rows = reconcile(built)
    assert [row.name for row in rows if row.ok is not True] == []
    assert len(rows) == sum(figure.checked for figure in built.report.published())


@pytest.mark.slow
def test_2012_reconciles_what_was_published_for_2012_and_says_what_it_carries_back() -> None:
    network = build_network("xizang", 2012)
    rows = reconcile(network)
    assert passed(rows)
    assert [row.name for row in rows] == [
        "express_brands",
        "express_firms",
        "express_outlets",
        "express_items",
    ]
    told = context(network, rows).carried_back
    assert any("road_routes" in text for text in told)
    assert any("墨脱" in text for text in told), "Medog's road opened in 2013"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "which", "failing"),
    [
        ("routes", "road-", {"road_routes", "road_route_km"}),
        ("routes", "rail-", {"rail_routes", "rail_route_km"}),
        ("routes", "air-", {"air_routes", "air_route_km"}),
        ("outlets", "P-", {"postal_outlets"}),
        ("outlets", "E-", {"express_outlets"}),
        ("vehicles", "C-", {"vehicles"}),
    ],
)
def test_taking_one_thing_from_the_built_network_fails_its_row(
    built: Network, table: str, which: str, failing: set[str]
) -> None:
    rows = getattr(built, table)
    gone = next(row for row in reversed(rows) if row.id.startswith(which))
    smaller = replace(built, **{table: tuple(row for row in rows if row is not gone)})
    assert failing <= {row.name for row in reconcile(smaller) if row.ok is False}


def test_taking_one_station_from_the_built_network_fails_its_row(built: Network) -> None:
    smaller = replace(built, stations=built.stations[1:])
    assert [row.name for row in reconcile(smaller) if not row.ok] == ["village_stations"]


def test_one_round_less_leaves_villages_without_mail(built: Network) -> None:
    villages = set(built.places.id[built.places.kind == "village"])
    gone = next(round_ for round_ in built.rounds if villages & set(round_.places))
    smaller = replace(built, rounds=tuple(round_ for round_ in built.rounds if round_ is not gone))
    row = next(row for row in reconcile(smaller) if row.name == "villages_direct_mail_share")
    assert row.ok is False
    assert row.built < 1


def test_built_km_rests_little_on_synthetic_links(built: Network) -> None:
    branch_km = sum(route.km for route in built.routes if route.kind == "branch")
    road_km = sum(route.km for route in built.routes if route.mode == "road")
    assert synthetic_share(built) == pytest.approx(branch_km / road_km)
    assert synthetic_share(built) < 0.25


def test_scaled_originating_demand_shows_in_the_built_items(built: Network) -> None:
    def items(network: Network) -> Row:
        return next(row for row in reconcile(network) if row.name == "express_items")

    assert items(edit.scale_demand(built, 2.0, direction="inbound")).ok is True
    doubled = items(edit.scale_demand(built, 2.0, classes=["express"]))
    assert doubled.built == 2 * doubled.published
    assert doubled.ok is None
