"""``yizhan journey``: how an item would go by the timetable alone, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, load_network, print_json, print_table, shown_progress

if TYPE_CHECKING:
    from network.graph import MailNetwork

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    'yizhan journey xizang-2021 Lhasa Medog --at "Wed 10:00"',
    "yizhan journey xizang-2021 southwest Tingri --surface",
    "yizhan journey runs/xizang-2021-20260101-120000 Lhasa Gar --json",
)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WORDS = {
    "upstream": "on the way outside the region, to",
    "collect": "collected by round {by}, taken in at",
    "handle": "unloaded, screened and sorted at",
    "hand-over": "handed over or bundled at",
    "wait": "waits at",
    "ride": "rides on {by} to",
    "deliver": "out on round {by}, first attempt at",
}


@guarded
def command(
    scenario: Annotated[str, typer.Argument(help="Library name, scenario file or run folder.")],
    origin: Annotated[str, typer.Argument(help="Place (id or name) or class of origins outside.")],
    destination: Annotated[str, typer.Argument(help="Place (id or name) or class outside.")],
    at: Annotated[str, typer.Option(help="Acceptance: weekday and time of day.")] = "Mon 09:00",
    surface: Annotated[bool, typer.Option("--surface", help="By road and rail only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Print the earliest way of one item of the post's own mail, from acceptance to first attempt.

    By the timetable, without queues, chance or holidays.  A county seat's name stands for its first address.
    """
    from network.journeys import Journeys

    accepted_s = _moment(at)
    with shown_progress() as progress:
        network = load_network(scenario, progress)
    start, goal = _end(network, origin), _end(network, destination)
    if start < 0 and goal < 0:
        raise _wrong("one end must lie in the region")
    steps = Journeys(network).journey(start, goal, accepted_s, 0 if surface else 1)
    if as_json:
        print_json({"steps": [step._asdict() for step in steps]})
        return
    if not steps:
        print("there is no way")
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
        right=(2,),
    )
    total_h = (steps[-1].to_s - steps[0].from_s) / 3600
    print(
        f"{total_h:.1f} h from acceptance to {'first attempt' if goal >= 0 else 'hand-over at the gateway'}"
    )


def _wrong(message: str) -> Exception:
    from network.errors import YizhanError

    return YizhanError(message)


def _moment(text: str) -> int:
    """Return seconds after Monday 00:00."""
    day, _, clock = text.strip().partition(" ")
    hours, _, minutes = clock.partition(":")
    if day not in DAYS or not (hours.isdigit() and minutes.isdigit()):
        raise _wrong(f'--at {text!r}: give a weekday and a time, such as "Wed 10:00" ({", ".join(DAYS)})')
    if int(hours) > 23 or int(minutes) > 59:
        raise _wrong(f"--at {text!r}: hours go to 23, minutes to 59")
    return DAYS.index(day) * 86_400 + int(hours) * 3600 + int(minutes) * 60


def _clock(second: int) -> str:
    day, rest = divmod(second, 86_400)
    week = f"+{day // 7}" if day >= 7 else ""
    return f"{DAYS[day % 7]}{week} {rest // 3600:02}:{rest % 3600 // 60:02}"


def _end(network: MailNetwork, text: str) -> int:
    """Return the row of a place with a round, or -1 - row of a class outside."""
    from network.errors import UnknownNameError

    codes = [row["code"] for row in network.assumptions.table("outside")]
    if text in codes:
        return -1 - codes.index(text)
    places = network.places
    on_round = [place for tour in network.rounds for place in tour.places]
    if text in set(on_round):
        return places.row(text)
    known = {}
    for place in reversed(on_round):
        row = places.row(place)
        known[str(places.name_en[row])] = row
    for seat in network.stops:  # the address round of a seat
        row = places.row(seat)
        mine = [place for place in on_round if str(places.county[places.row(place)]) == seat]
        mine.sort(key=lambda place: str(places.kind[places.row(place)]) == "monastery")
        if mine:
            town, _, seat_of = str(places.name_en[row]).rstrip(")").partition(" (")
            for name in filter(None, (str(places.name_en[row]), seat, town, seat_of)):
                known[name] = places.row(mine[0])
    if text in known:
        return known[text]
    raise UnknownNameError("place or class outside", text, [*codes, *known])


def _name(network: MailNetwork, place: str) -> str:
    name = str(network.places.name_en[network.places.row(place)])
    return f"{name} ({place})" if name else place
