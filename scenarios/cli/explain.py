"""``yizhan explain``: from a built value down to a figure, a source or an assumption."""

from __future__ import annotations

from typing import Annotated

import typer

from scenarios.cli.common import examples, guarded, load_network, print_json
from scenarios.cli.options import AsJson, Scenario
from scenarios.cli.progress import shown_progress

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan explain xizang-2021 built.road_route_km",
    "yizhan explain xizang-2021 route.road-012.reason",
    "yizhan explain xizang-2021 place.540102.population",
    "yizhan explain xizang-2021 assumption.target_load --json",
)


@guarded
def command(
    scenario: Scenario,
    key: Annotated[str, typer.Argument(help="A built value, such as route.road-012.km.")],
    as_json: AsJson = False,
) -> None:
    """Print the chain from a built value to what it rests on.

    Keys begin with built, figure, assumption, route, place, outlet, round,
    centre, vehicle or class, followed by an id and a field.
    """
    from network.explain import explain

    with shown_progress() as progress:
        network = load_network(scenario, progress)
    chain = explain(network, key)
    if as_json:
        print_json(chain.as_dict())
    else:
        print(chain)
