"""``yizhan journey``: the scheduled way of one item, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, load_network, print_json
from scenarios.cli.options import AsJson, Scenario
from scenarios.cli.progress import shown_progress
from scenarios.cli.tables import print_rows

if TYPE_CHECKING:
    from network.model.network import Network
    from network.routing.journeys import Step

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    'yizhan journey xizang-2021 Lhasa Medog --at "Wed 10:00"',
    "yizhan journey xizang-2021 southwest Tingri --surface",
    'yizhan journey xizang-2021 Lhasa Medog --by "Fri 17:00"',
    "yizhan journey xizang-2021 Lhasa Medog --week",
    "yizhan journey xizang-2021 Lhasa Medog --brand YTO",
    "yizhan journey runs/xizang-2021-20260101-120000 Lhasa Gar --json",
)
WORDS = {
    "upstream": "outside the region, to",
    "collect": "collected by round {by}, taken in at",
    "handle": "unloaded, screened and sorted at",
    "hand-over": "handed over or consolidated at",
    "wait": "waits at",
    "ride": "rides on {by} to",
    "deliver": "delivered by round {by}, first attempt at",
}


@guarded
def command(
    scenario: Scenario,
    origin: Annotated[str, typer.Argument(help="Place (id or name) or class of origins outside.")],
    destination: Annotated[str, typer.Argument(help="Place (id or name) or class outside.")],
    at: Annotated[
        str | None, typer.Option(help="Acceptance: weekday and time of day; Mon 09:00 by default.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Instead: the first attempt is to be by then, and accepted the latest.")
    ] = None,
    week: Annotated[
        bool, typer.Option("--week", help="Instead: all acceptances of a week that are worth waiting for.")
    ] = False,
    brand: Annotated[
        str | None, typer.Option(help="Express brand (its code) whose item it is; the post's own by default.")
    ] = None,
    surface: Annotated[bool, typer.Option("--surface", help="By road and rail only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the earliest scheduled way of one item, from acceptance to first delivery attempt.

    Without queues, chance or holidays.  A county seat's name stands for its first address.
    """
    from network.routing.enquiry import clock, enquire

    with shown_progress() as progress:
        network = load_network(scenario, progress)
    journeys = enquire(network, origin, destination, at=at, by=by, week=week, brand=brand, surface=surface)
    if week:
        _print_week(journeys, as_json)
        return
    steps = journeys[0] if journeys else []
    if as_json:
        print_json({"steps": [step._asdict() for step in steps]})
        return
    if not steps:
        print("no route leads there")
        raise typer.Exit(1)
    print_rows(
        steps,
        {
            "from": lambda step: clock(step.from_s),
            "until": lambda step: clock(step.to_s),
            "h": lambda step: f"{(step.to_s - step.from_s) / 3600:.1f}",
            "what": lambda step: WORDS[step.what].format(by=step.by),
            "where": lambda step: _name(network, step.where),
        },
    )
    total_h = (steps[-1].to_s - steps[0].from_s) / 3600
    ends = "first attempt" if steps[-1].what == "deliver" else "hand-over at the gateway"
    print(f"{total_h:.1f} h from acceptance to {ends}")


def _print_week(journeys: Sequence[Sequence[Step]], as_json: bool) -> None:
    from network.routing.enquiry import clock, mean_h

    if as_json:
        print_json({"journeys": [[step._asdict() for step in steps] for steps in journeys]})
        return
    if not journeys:
        print("no route leads there")
        raise typer.Exit(1)
    print_rows(
        journeys,
        {
            "accepted by": lambda steps: clock(steps[0].from_s),
            "first attempt": lambda steps: clock(steps[-1].to_s),
            "h": lambda steps: f"{(steps[-1].to_s - steps[0].from_s) / 3600:.1f}",
            "by": lambda steps: ", ".join(step.by for step in steps if step.what == "ride") or "rounds alone",
        },
    )
    print(f"mean over the week, accepted at any moment: {mean_h(journeys):.1f} h")


def _name(network: Network, place: str) -> str:
    name = str(network.places.name_en[network.places.row(place)])
    return f"{name} ({place})" if name else place
