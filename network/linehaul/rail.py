"""Rail mail routes: lines from the regional capital by their timetable distance (rule 1).

A train stops for mail at the stations that bear the name of a county seat or
gateway.  Kilometres between are those of the station table, stretched
between the stations whose timetable distance is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.geography.seats import seats
from network.inputs.assumptions import Assumptions
from network.inputs.tables import Region, Station
from network.model.records import MailRoute

__all__ = ["rail_line", "rail_lines", "rail_route"]


def rail_lines(region: Region, year: int) -> tuple[str, ...]:
    """Return the lines open in a year, those that leave the region first."""
    lines = {name: _open(rows, year) for name, rows in _stations(region).items()}
    names = [name for name, rows in lines.items() if len(rows) > 1]
    return tuple(sorted(names, key=lambda name: all(station.in_xizang for station in lines[name])))


def rail_line(
    region: Region,
    assumptions: Assumptions,
    line: str,
    stops: Sequence[str] | None = None,
    number: int = 1,
) -> MailRoute:
    """Make the rail mail route over a line, from its end nearer the capital.

    Parameters
    ----------
    region
        Tables of stations, counties and gateways.
    assumptions
        Seats of government and the list ``rail_timetable``.
    line
        Name of the line in the station table.
    stops
        Place ids along the line in either direction; by default all places that a
        station is named after.
    number
        Of the route's id.

    Raises
    ------
    UnknownNameError
        If the line is not in the table.
    InputErrors
        If a stop has no station of its name on the line, or fewer than two have one.
    """
    lines = _stations(region)
    if line not in lines:
        raise UnknownNameError("rail line", line, lines)
    km_at, names = _named_places(region, assumptions, lines[line])
    wanted = list(km_at) if stops is None else list(stops)
    problems = [
        Problem(
            "stations.csv", line, "stop", stop, "a place with a station of its name", nearest(stop, km_at)
        )
        for stop in wanted
        if stop not in km_at
    ]
    if not problems and len(set(wanted)) < 2:
        problems.append(Problem("stations.csv", line, "stops", wanted, "at least two places"))
    if problems:
        raise InputErrors(problems)
    capital = seats(region, assumptions).region
    inside = {county.code for county in region.counties}
    order = sorted(set(wanted), key=lambda stop: km_at[stop])
    if order[-1] == capital or (order[0] not in inside and order[-1] in inside):
        order.reverse()
    legs = tuple(abs(km_at[b] - km_at[a]) for a, b in pairwise(order))
    last_opened = max(station.opened_year or 0 for station in lines[line])
    return MailRoute(
        id=f"rail-{number:02d}",
        name=f"{names[order[0]]}–{names[order[-1]]} by rail",
        mode="rail",
        kind="rail",
        stops=tuple(order),
        leg_km=legs,
        leg_links=((),) * len(legs),
        serves=(),
        reason=(
            f"The line {line}, open all the way since {last_opened}: {sum(legs):,.0f} km by the timetable, "
            f"with a halt at each of the {len(order)} places that a station is named after."
        ),
    )


def rail_route(region: Region, assumptions: Assumptions, year: int) -> MailRoute:
    """Return the rail mail route that leaves the region.

    Raises
    ------
    InputErrors
        If no line was open in that year.
    """
    lines = rail_lines(region, year)
    if not lines:
        raise InputErrors([Problem("stations.csv", "", "opened_year", year, "a year with a line open")])
    return rail_line(region, assumptions, lines[0])


def _stations(region: Region) -> dict[str, list[Station]]:
    lines: dict[str, list[Station]] = {}
    for station in region.stations:
        lines.setdefault(station.line, []).append(station)
    return {name: sorted(rows, key=lambda station: station.seq) for name, rows in lines.items()}


def _open(rows: Sequence[Station], year: int) -> list[Station]:
    """Return the stations of a line if all of it was open, else none."""
    return list(rows) if all((station.opened_year or 0) <= year for station in rows) else []


def _named_places(
    region: Region, assumptions: Assumptions, rows: Sequence[Station]
) -> tuple[dict[str, float], dict[str, str]]:
    """Return the timetable km of each place that a station is named after, and what to call it."""
    seat_of = seats(region, assumptions).prefecture
    called: dict[str, tuple[str, str]] = {}
    for gateway in region.gateways:
        called[gateway.name_zh] = (gateway.id, gateway.name_en)
    for county in region.counties:
        # 安多县 is 安多 on the station's sign; the seat of 那曲市 goes by the prefecture's name.
        called[county.name_zh] = (county.code, county.name_en)
        if seat_of[county.prefecture] == county.code:
            called[county.prefecture_zh] = (county.code, county.prefecture)
    short = {zh[:-1] if zh[-1] in "县市区" and len(zh) > 2 else zh: place for zh, place in called.items()}
    short = called | short
    km = _timetable_km(assumptions, rows)
    at: dict[str, float] = {}
    names: dict[str, str] = {}
    for station, length in zip(rows, km, strict=True):
        if station.name_zh in short:
            place, name = short[station.name_zh]
            at[place], names[place] = length, name
    return at, names


def _timetable_km(assumptions: Assumptions, rows: Sequence[Station]) -> list[float]:
    """Stretch the table's km between the stations whose timetable distance is known."""
    where = {station.name_en: n for n, station in enumerate(rows)}
    steps = [b.cumulative_km - a.cumulative_km for a, b in pairwise(rows)]
    if "rail_timetable" in assumptions.tables:
        for row in assumptions.table("rail_timetable"):
            if row["line"] != rows[0].line:
                continue
            unknown = [name for name in (row["from"], row["to"]) if name not in where]
            if unknown:
                raise UnknownNameError("station", unknown[0], where)
            i, j = sorted((where[row["from"]], where[row["to"]]))
            stretch = float(row["km"]) / sum(steps[i:j])
            steps[i:j] = [step * stretch for step in steps[i:j]]
    km = [0.0]
    for step in steps:
        km.append(km[-1] + step)
    return km
