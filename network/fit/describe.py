"""Names of fitted road routes, and the one sentence that says why each is there."""

from __future__ import annotations

from collections.abc import Sequence

from network.fit.pool import Candidate, Pool

__all__ = ["road_name", "road_reason"]


def road_name(pool: Pool, c: Candidate) -> str:
    """Return the stops joined by dashes, with the way where the stops do not tell it."""
    name = "–".join(pool.names[stop] for stop in c.stops)
    return f"{name} ({c.note})" if c.note and not c.note.startswith("by way of") and not c.relay else name


def road_reason(pool: Pool, c: Candidate, serves: Sequence[str]) -> str:
    """Return one sentence with numbers: what the route is for and what it was chosen from."""
    say = {
        "trunk": _trunk,
        "feeder": _feeder,
        "chain": _chain,
        "inter-prefecture": _lateral,
        "cross-border": _cross_border,
        "branch": _branch,
    }
    return say[c.kind](pool, c, serves)


def _rivals(pool: Pool, kinds: tuple[str, ...], end: str) -> list[Candidate]:
    return [c for c in pool.candidates if c.kind in kinds and end in c.stops[1:]]


def _trunk(pool: Pool, c: Candidate, serves: Sequence[str]) -> str:
    rivals = [t for t in pool.candidates if t.kind == "trunk" and t.end == c.end]
    quickest = min(t.hours[-1] for t in rivals)
    rank = "the quickest" if c.hours[-1] <= quickest else f"{c.hours[-1] - quickest:.1f} h over the quickest"
    choice = f"{rank} of {len(rivals)} candidate trunks" if len(rivals) > 1 else "the only candidate"
    prefecture = pool.counties[c.end].prefecture
    people = pool.prefecture_people(prefecture)
    way = f" {c.note}" if c.note else ""
    return (
        f"Ties the seat of {prefecture} (population {people:,.0f}) to {pool.names[pool.seats.region]}{way}, "
        f"{c.km:,.0f} km: {c.hours[-1]:.1f} h, {choice}."
    )


def _feeder(pool: Pool, c: Candidate, serves: Sequence[str]) -> str:
    rivals = _rivals(pool, ("feeder", "chain"), c.end)
    return (
        f"Feeder of {pool.names[c.end]} (population {pool.people[c.end]:,.0f}) to {pool.names[c.stops[0]]}, "
        f"{c.km:,.0f} km: {c.hours[-1]:.1f} h by its own shortest road, "
        f"{_of(rivals, 'feeders and chains')}."
    )


def _chain(pool: Pool, c: Candidate, serves: Sequence[str]) -> str:
    own = {f.end: f for f in pool.candidates if f.kind == "feeder"}
    apart = sum(own[code].km for code in serves)
    people = sum(pool.people[code] for code in serves)
    later = max(c.hours[c.stops.index(code)] - own[code].hours[-1] for code in serves)
    names = _list([pool.names[code] for code in serves])
    saved = (
        f"one vehicle instead of {len(serves)} saves {apart - c.km:,.0f} km of feeders"
        if len(serves) > 1
        else "with halts on the way for counties that another chain serves"
    )
    return (
        f"Chain of {names} (population {people:,.0f}) to {pool.names[c.stops[0]]}, {c.km:,.0f} km: {saved} "
        f"and costs the last at most {later:.1f} h, "
        f"{_of(_rivals(pool, ('feeder', 'chain'), c.end), 'feeders and chains')} for {pool.names[c.end]}."
    )


def _lateral(pool: Pool, c: Candidate, serves: Sequence[str]) -> str:
    a, b = c.stops[0], c.end
    from_a, from_b = pool.counties[a].prefecture, pool.counties[b].prefecture
    return (
        f"Joins {pool.names[a]} (population {pool.people[a]:,.0f}) and {pool.names[b]} "
        f"({pool.people[b]:,.0f}) across the border of {from_a} and {from_b}, {c.km:,.0f} km: "
        f"{c.hours[-1]:.1f} h instead of the way by {_seats_between(pool, from_a, from_b)}."
    )


def _seats_between(pool: Pool, a: str, b: str) -> str:
    region = pool.names[pool.seats.region]
    return _list([name for name in dict.fromkeys((a, region, b))])


def _cross_border(pool: Pool, c: Candidate, serves: Sequence[str]) -> str:
    rivals = pool.of_kind("cross-border")
    railway = ", which has a railway," if c.end in pool.main_gateways else ""
    return (
        f"Road mail from {pool.names[c.stops[0]]} to the gateway {pool.names[c.end]}{railway} with a halt at "
        f"{pool.names[c.stops[-2]]}, {c.km:,.0f} km: one of {len(rivals)} candidates to "
        "cross the border of the region."
    )


def _branch(pool: Pool, c: Candidate, serves: Sequence[str]) -> str:
    rivals = [b for b in pool.candidates if b.kind == "branch" and b.stops[0] == c.stops[0]]
    return (
        f"Branch of {pool.names[c.stops[0]]} to {pool.names[c.end]} (population {pool.people[c.end]:,.0f}), "
        f"{c.km:,.0f} km: spares it the wait for a round, {_of(rivals, 'branches')} of the county."
    )


def _of(rivals: Sequence[Candidate], kinds: str) -> str:
    return f"one of {len(rivals)} candidate {kinds}" if len(rivals) > 1 else "the only candidate"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
