"""``yizhan journey``: the scheduled way of one item, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, load_network, print_json
from scenarios.cli.options import AsJson, Scenario
from scenarios.cli.progress import shown_progress
from scenarios.cli.tables import print_table

if TYPE_CHECKING:
    from network.model.network import Network
    from network.routing.journeys import Step

__all__ = ["EXAMPLES", "command", "end"]

EXAMPLES = examples(
    'yizhan journey xizang-2021 Lhasa Medog --at "Wed 10:00"',
    "yizhan journey xizang-2021 southwest Tingri --surface",
    'yizhan journey xizang-2021 Lhasa Medog --by "Fri 17:00"',
    "yizhan journey xizang-2021 Lhasa Medog --week",
    "yizhan journey xizang-2021 Lhasa Medog --brand YTO",
    "yizhan journey runs/xizang-2021-20260101-120000 Lhasa Gar --json",
)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
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
    from network.routing.journeys import Journeys

    given = [name for name, value in (("--at", at), ("--by", by), ("--week", week)) if value]
    if len(given) > 1:
        raise _wrong(f"{' and '.join(given)}: give one of them")
    moment_s = _moment("--at", at or "Mon 09:00") if by is None else _moment("--by", by)
    with shown_progress() as progress:
        network = load_network(scenario, progress)
    start, goal = end(network, origin), end(network, destination)
    if start < 0 and goal < 0:
        raise _wrong("one end must lie in the region")
    number, private = _brand(network, brand)
    search = Journeys(network)
    group = (0 if surface else 1) + (2 if private and len(search.plan.groups) == 4 else 0)
    if week:
        _print_week(search.week(start, goal, group, number), as_json)
        return
    find = search.journey if by is None else search.last
    steps = find(start, goal, moment_s, group, number)
    if as_json:
        print_json({"steps": [step._asdict() for step in steps]})
        return
    if not steps:
        print("no route leads there")
        raise typer.Exit(1)
    print_table(
        ("from", "until", "h", "what", "where"),
        [
            (
                _clock(step.from_s),
                _clock(step.to_s),
                f"{(step.to_s - step.from_s) / 3600:.1f}",
                WORDS[step.what].format(by=step.by),
                _name(network, step.where),
            )
            for step in steps
        ],
    )
    total_h = (steps[-1].to_s - steps[0].from_s) / 3600
    print(
        f"{total_h:.1f} h from acceptance to {'first attempt' if goal >= 0 else 'hand-over at the gateway'}"
    )


def _print_week(journeys: Sequence[Sequence[Step]], as_json: bool) -> None:
    if as_json:
        print_json({"journeys": [[step._asdict() for step in steps] for steps in journeys]})
        return
    if not journeys:
        print("no route leads there")
        raise typer.Exit(1)
    print_table(
        ("accepted by", "first attempt", "h", "by"),
        [
            (
                _clock(steps[0].from_s),
                _clock(steps[-1].to_s),
                f"{(steps[-1].to_s - steps[0].from_s) / 3600:.1f}",
                ", ".join(step.by for step in steps if step.what == "ride") or "rounds alone",
            )
            for steps in journeys
        ],
    )
    hours = _mean_hours(journeys)
    print(f"mean over the week, accepted at any moment: {hours:.1f} h")


def _mean_hours(journeys: Sequence[Sequence[Step]]) -> float:
    """Return the mean hours from acceptance to the end, over all moments of a week."""
    week_s = 7 * 86_400
    total, before = 0.0, journeys[-1][0].from_s - week_s
    for steps in journeys:
        accepted, end = steps[0].from_s, steps[-1].to_s
        gap = accepted - before
        total += gap * (end - accepted + gap / 2)
        before = accepted
    return total / week_s / 3600


def _brand(network: Network, code: str | None) -> tuple[int, bool]:
    """Return the row of a brand and whether it is private; -1 is the post's own mail."""
    from network.errors import UnknownNameError

    if code is None:
        return -1, False
    rows = network.assumptions.table("brands")
    codes = [str(row["code"]) for row in rows]
    if code not in codes:
        raise UnknownNameError("brand", code, codes)
    return codes.index(code), bool(rows[codes.index(code)]["private"])


def _wrong(message: str) -> Exception:
    from network.errors import YizhanError

    return YizhanError(message)


def _moment(option: str, text: str) -> int:
    """Return seconds after Monday 00:00."""
    day, _, clock = text.strip().partition(" ")
    hours, _, minutes = clock.partition(":")
    if day not in DAYS or not (hours.isdigit() and minutes.isdigit()):
        raise _wrong(f'{option} {text!r}: give a weekday and a time, such as "Wed 10:00" ({", ".join(DAYS)})')
    if int(hours) > 23 or int(minutes) > 59:
        raise _wrong(f"{option} {text!r}: hours go to 23, minutes to 59")
    return DAYS.index(day) * 86_400 + int(hours) * 3600 + int(minutes) * 60


def _clock(second: int) -> str:
    day, rest = divmod(second, 86_400)
    week = f"{day // 7:+d}" if not 0 <= day < 7 else ""
    return f"{DAYS[day % 7]}{week} {rest // 3600:02}:{rest % 3600 // 60:02}"


def end(network: Network, text: str, more: Sequence[str] = ()) -> int:
    """Return the row of a place with a round, or -1 - row of a class outside.

    Parameters
    ----------
    more
        Further names that may be meant, for the message about an unknown one.
    """
    from network.errors import UnknownNameError

    codes = [row["code"] for row in network.assumptions.table("outside")]
    if text in codes:
        return -1 - codes.index(text)
    places = network.places
    on_round = [place for round_ in network.rounds for place in round_.places]
    if text in set(on_round):
        return places.row(text)
    known = {}
    for place in reversed(on_round):
        row = places.row(place)
        known[str(places.name_en[row])] = row
    for seat in network.stops:  # the address round of a seat
        row = places.row(seat)
        addresses = [place for place in on_round if str(places.county[places.row(place)]) == seat]
        addresses.sort(key=lambda place: str(places.kind[places.row(place)]) == "monastery")
        if addresses:
            town, _, seat_of = str(places.name_en[row]).rstrip(")").partition(" (")
            for name in filter(None, (str(places.name_en[row]), seat, town, seat_of)):
                known[name] = places.row(addresses[0])
    if text in known:
        return known[text]
    raise UnknownNameError("place or class outside", text, [*codes, *known, *more])


def _name(network: Network, place: str) -> str:
    name = str(network.places.name_en[network.places.row(place)])
    return f"{name} ({place})" if name else place
