"""Known routes: what the tables hold, and which of them a network has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny import make_network, make_places, make_route, make_service

from network.fit.known_routes import has_route, known_in
from network.inputs.rows import USES, KnownFigure, KnownRoute
from network.inputs.tables import load_region
from network.model.network import Network

REGION = load_region("xizang")


def known(
    *stops: str, use: str = "held out", since: int | None = None, until: int | None = None
) -> KnownRoute:
    texts = {"code": "-".join(stops), "name": "x", "source": "x", "seen": "again"}
    return KnownRoute(stops=stops, use=use, since=since, until=until, **texts)


@pytest.fixture(scope="module")
def network() -> Network:
    """Return A – B – C by road, D – E by air; places are named like their routes' stops."""
    places = make_places({name: () for name in "ABCDE"})
    by_road = make_route(
        "r", "road", (make_service("ABC", (60, 60), [0]), make_service("CBA", (60, 60), [0]))
    )
    by_air = make_route("a", "air", (make_service("DE", (60,), [0]),))
    return make_network(places, (by_road, by_air), (), ())


@pytest.mark.parametrize(
    ("stops", "there"),
    [
        ("ABC", True),
        ("CBA", True),
        ("AC", True),  # it may stop in between
        ("BC", True),
        ("BAC", False),  # another order
        ("ABD", False),
        ("DE", False),  # by air
        ("AD", False),
    ],
)
def test_a_network_has_a_route_that_stops_where_the_known_one_does(
    network: Network, stops: str, there: bool
) -> None:
    assert has_route(network, known(*stops)) == there


def test_routes_count_in_their_years_and_by_their_use(network: Network) -> None:
    routes = (
        known("A", "B"),
        known("A", "D"),
        known("A", "C", since=2022),
        known("B", "C", until=2020),
        known("C", "A", use="preferred", since=2021, until=2021),
    )
    ours = replace(network, region=replace(REGION, known_routes=routes))
    assert {use: known_in(ours, use) for use in USES} == {
        "required": (0, 0),
        "preferred": (1, 1),
        "held out": (1, 2),
    }
    assert known_in(replace(ours, year=2022), "held out") == (2, 3)


def test_the_table_holds_routes_of_each_use() -> None:
    by_code = {route.code: route for route in REGION.known_routes}
    assert by_code["chengdu-qamdo"].run_by == "Sichuan" and by_code["chengdu-qamdo"].use == "required"
    assert by_code["xigaze-gar"].stops == ("540202", "542527", "542526", "542523")
    assert by_code["xigaze-gar"].per_week == 4 and by_code["lhasa-gar"].per_week is None
    assert {route.use for route in REGION.known_routes} == set(USES)
    assert not by_code["lhasa-qamdo"].in_year(2017) and by_code["lhasa-qamdo"].in_year(2018)


def test_derived_figures_follow_from_the_known_ones() -> None:
    def of(name: str, year: int) -> KnownFigure:
        return next(f for f in REGION.known_figures if (f.name, f.date) == (name, year))

    delivered, sent = of("express_delivered", 2023), of("express_sent", 2023)
    assert delivered.value / sent.value == pytest.approx(of("delivered_per_sent", 2023).value, abs=0.005)
    assert delivered.value / 2.471 == pytest.approx(of("express_delivered", 2022).value, rel=0.002)
    ratio = of("express_delivered", 2022).value / (sent.value / 1.7978)
    assert ratio == pytest.approx(of("delivered_per_sent", 2022).value, abs=0.005)
    yuan = of("handed_over_yuan", 2023).value / of("handed_over_items", 2023).value
    assert yuan == pytest.approx(of("handed_over_yuan_per_item", 2023).value, abs=0.005)
    assert all(
        bool(figure.quote) or figure.kind == "derived"
        for figure in REGION.known_figures
        if figure.seen == "again"
    )
