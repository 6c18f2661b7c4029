"""A journey as a person asks for it: places by name, a weekday and a time of day, a brand by its code."""

from __future__ import annotations

from collections.abc import Sequence

from network.errors import UnknownNameError, YizhanError
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from network.routing.journeys import Journeys, Step

__all__ = ["DAYS", "clock", "end_row", "enquire", "mean_h"]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def enquire(
    network: Network,
    origin: str,
    destination: str,
    *,
    at: str | None = None,
    by: str | None = None,
    week: bool = False,
    brand: str | None = None,
    surface: bool = False,
) -> list[Sequence[Step]]:
    """Return the earliest way of one item by the timetable alone, or all of a week; none if there is no way.

    Parameters
    ----------
    network
        The network.
    origin, destination
        Place (id or name) or class of places outside the region; one of the two lies in the region.
    at
        Acceptance: weekday and time of day; "Mon 09:00" by default.
    by
        Instead: when the first attempt is to be made at the latest; the latest acceptance is sought.
    week
        Instead: all acceptances of a week that are worth waiting for.
    brand
        Express brand (its code) whose item it is; the post's own by default.
    surface
        By road and rail only.

    Raises
    ------
    UnknownNameError
        If there is no such place, class or brand.
    YizhanError
        If both ends lie outside, a moment is none, or more than one of `at`, `by` and `week` is given.
    """
    given = [name for name, value in (("--at", at), ("--by", by), ("--week", week)) if value]
    if len(given) > 1:
        raise YizhanError(f"{' and '.join(given)}: give one of them")
    moment_s = _moment_s("--at", at or "Mon 09:00") if by is None else _moment_s("--by", by)
    start, goal = end_row(network, origin), end_row(network, destination)
    if start < 0 and goal < 0:
        raise YizhanError("one end must lie in the region")
    number, private = _brand(network, brand)
    search = Journeys(network)
    group = (0 if surface else 1) + (2 if private and len(search.plan.groups) == 4 else 0)
    if week:
        return list(search.week(start, goal, group, number))
    steps = (search.journey if by is None else search.last)(start, goal, moment_s, group, number)
    return [steps] if steps else []


def mean_h(journeys: Sequence[Sequence[Step]]) -> float:
    """Return the mean hours from acceptance to the end, over all moments of a week, of all its journeys."""
    total, before = 0.0, journeys[-1][0].from_s - WEEK_S
    for steps in journeys:
        accepted, end = steps[0].from_s, steps[-1].to_s
        gap = accepted - before
        total += gap * (end - accepted + gap / 2)
        before = accepted
    return total / WEEK_S / 3600


def clock(second: int) -> str:
    """Return a second after Monday 00:00 as a weekday and a time; with +1 for the week after.

    Examples
    --------
    >>> clock(2 * 86_400 + 9 * 3600), clock(8 * 86_400)
    ('Wed 09:00', 'Tue+1 00:00')
    """
    day, rest = divmod(second, DAY_S)
    week = f"{day // 7:+d}" if not 0 <= day < 7 else ""
    return f"{DAYS[day % 7]}{week} {rest // 3600:02}:{rest % 3600 // 60:02}"


def end_row(network: Network, text: str, more: Sequence[str] = ()) -> int:
    """Return the row of a place with a round, or -1 - row of a class outside.

    Parameters
    ----------
    network
        The network.
    text
        Id or name of a place; a county seat's name stands for its first address.  Or a class outside.
    more
        Further names that may be meant, for the message about an unknown one.

    Raises
    ------
    UnknownNameError
        If there is no such place or class.
    """
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


def _brand(network: Network, code: str | None) -> tuple[int, bool]:
    """Return the row of a brand and whether it is private; -1 is the post's own mail."""
    if code is None:
        return -1, False
    rows = network.assumptions.table("brands")
    codes = [str(row["code"]) for row in rows]
    if code not in codes:
        raise UnknownNameError("brand", code, codes)
    return codes.index(code), bool(rows[codes.index(code)]["private"])


def _moment_s(option: str, text: str) -> int:
    """Return seconds after Monday 00:00."""
    day, _, time = text.strip().partition(" ")
    hours, _, minutes = time.partition(":")
    if day not in DAYS or not (hours.isdigit() and minutes.isdigit()):
        raise YizhanError(
            f'{option} {text!r}: give a weekday and a time, such as "Wed 10:00" ({", ".join(DAYS)})'
        )
    if int(hours) > 23 or int(minutes) > 59:
        raise YizhanError(f"{option} {text!r}: hours go to 23, minutes to 59")
    return DAYS.index(day) * DAY_S + int(hours) * 3600 + int(minutes) * 60
