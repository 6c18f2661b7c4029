"""Which villages share a round: groups within a township, joined where townships are small.

Roads go through townships: a round reaches a village by its township, leaves
by it, and passes from one township to another between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, radians

import numpy as np

from network.geography.roads import great_circle_km
from network.geography.settlements import circuity
from network.inputs.assumptions import Assumptions
from network.lastmile.visits import Piece, short_loop
from network.model.records import Places

__all__ = ["Family", "Ground", "Group", "chain", "chain_km", "chain_legs", "split"]


@dataclass(frozen=True)
class Family:
    """A village and the stops made there: itself, its natural villages, a monastery close by.

    `rows` lacks the village itself when that is served by a town's address round.
    """

    village: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """Part of a round: the families visited out of one township, in order."""

    township: int
    families: tuple[Family, ...]
    calls: bool  # the township itself is visited
    km: float  # from the township through the villages and back to it

    @property
    def rows(self) -> tuple[int, ...]:
        """Places visited, in order."""
        stops = tuple(row for family in self.families for row in family.rows)
        return (self.township, *stops) if self.calls else stops


class Ground:
    """Road lengths between places: great circle times circuity, by row."""

    def __init__(self, places: Places, assumptions: Assumptions) -> None:
        self.lat, self.lon = places.lat, places.lon
        self._winding = circuity(places.prefecture, assumptions)

    def matrix(self, rows: Sequence[int]) -> np.ndarray:
        """Return km between all pairs of rows."""
        at = np.asarray(rows, dtype=int)
        lat, lon, winding = self.lat[at], self.lon[at], self._winding[at]
        km = great_circle_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
        return np.asarray(km * np.fmax(winding[:, None], winding[None, :]))

    def path(self, rows: Sequence[int]) -> list[float]:
        """Return km from each row to the next."""
        a, b = np.asarray(rows[:-1], dtype=int), np.asarray(rows[1:], dtype=int)
        km = great_circle_km(self.lat[a], self.lon[a], self.lat[b], self.lon[b])
        return [float(x) for x in km * np.fmax(self._winding[a], self._winding[b])]

    def km(self, a: int, b: int) -> float:
        """Return km between two rows."""
        return self.path((a, b))[0]


def split(
    ground: Ground,
    township: int,
    families: Sequence[Family],
    most: int,
    round_km: float,
    *,
    calls: bool,
    even: bool,
) -> list[Group]:
    """Cut the villages of a township into as few groups as the limits allow.

    The villages are taken in the order of their bearing from the township,
    from the widest gap on, and cut into parts; each part is visited by a
    short loop.

    Parameters
    ----------
    ground
        Road lengths.
    township
        Row of the township.
    families
        Its villages.
    most
        Villages a group may have.
    round_km
        Length a group may have; a single village may lie further off.
    calls
        Whether the township itself is to be visited, by the first group.
    even
        Cut into equal parts; else into full ones and a rest, which may find
        room in a neighbour's round.
    """
    if not families:
        return [Group(township, (), calls, 0.0)] if calls else []
    lat, lon = float(ground.lat[township]), float(ground.lon[township])
    shrink = cos(radians(lat))

    def bearing(family: Family) -> float:
        return atan2(
            float(ground.lon[family.village] - lon) * shrink, float(ground.lat[family.village]) - lat
        )

    ring = sorted(families, key=lambda family: (bearing(family), family.village))
    angles = np.array([bearing(family) for family in ring])
    widest = int(np.argmax(np.diff(angles, prepend=angles[-1] - 2 * np.pi)))
    ring = ring[widest:] + ring[:widest]
    return (_even if even else _full)(ground, township, ring, most, round_km, calls)


def _even(
    ground: Ground, township: int, ring: Sequence[Family], most: int, round_km: float, calls: bool
) -> list[Group]:
    groups: list[Group] = []
    for parts in range(-(-len(ring) // most), len(ring) + 1):
        cuts = [len(ring) * i // parts for i in range(parts + 1)]
        groups = [_looped(ground, township, ring[a:b], calls and a == 0) for a, b in pairwise(cuts)]
        if all(group.km <= round_km for group in groups):
            break
    return groups


def _full(
    ground: Ground, township: int, ring: Sequence[Family], most: int, round_km: float, calls: bool
) -> list[Group]:
    groups: list[Group] = []
    start = 0
    while start < len(ring):
        size = min(most, len(ring) - start)
        while True:
            group = _looped(ground, township, ring[start : start + size], calls and start == 0)
            if group.km <= round_km or size == 1:
                break
            size -= 1
        groups.append(group)
        start += size
    return groups


def _looped(ground: Ground, township: int, families: Sequence[Family], calls: bool) -> Group:
    order = short_loop(ground.matrix([township, *(family.village for family in families)]))
    ordered = tuple(families[i - 1] for i in order)
    rows = [township, *(row for family in ordered for row in family.rows), township]
    return Group(township, ordered, calls, sum(ground.path(rows)))


def chain(
    ground: Ground, base: int, groups: Sequence[Group], most: int, round_km: float
) -> list[list[Group]]:
    """Join groups of different townships into rounds where that saves a way to the base.

    Largest saving first (Clarke & Wright, Operations Research 12, 1964), while
    a round has at most `most` villages and `round_km` between its first and
    last township.
    """
    chains = {i: [i] for i in range(len(groups))}
    chain_of = list(range(len(groups)))
    towns = [group.township for group in groups]
    km = ground.matrix([base, *towns])
    home, between = km[0, 1:], km[1:, 1:]
    size = np.array([len(group.families) for group in groups])
    saving = home[:, None] + home[None, :] - between
    fits = (size[:, None] + size[None, :] <= most) & (np.array(towns)[:, None] != np.array(towns)[None, :])
    first, second = np.nonzero(np.triu(fits & (saving > 1e-6), k=1))
    for k in np.argsort(-saving[first, second], kind="stable"):
        i, j = int(first[k]), int(second[k])
        a, b = chains[chain_of[i]], chains[chain_of[j]]
        if a is b or i not in (a[0], a[-1]) or j not in (b[0], b[-1]):
            continue
        joined = (a if a[-1] == i else a[::-1]) + (b if b[0] == j else b[::-1])
        beyond = sum(groups[g].km for g in joined)
        beyond += sum(float(between[x, y]) for x, y in pairwise(joined))
        if size[joined].sum() > most or beyond > round_km:
            continue
        del chains[chain_of[j]], chains[chain_of[i]]
        number = min(joined)
        chains[number] = joined
        for g in joined:
            chain_of[g] = number
    return [[groups[g] for g in chains[number]] for number in sorted(chains)]


def chain_legs(ground: Ground, base: int, groups: Sequence[Group]) -> list[list[Piece]]:
    """Return the roads of a round: to each place in turn, and home.

    Base to township and township to township by county road, the rest by
    village road.
    """
    legs: list[list[Piece]] = []
    pending: list[Piece] = []
    town, at = base, base
    for group in groups:
        if at != town:
            pending.append((ground.km(at, town), True))
        pending.append((ground.km(town, group.township), False))
        town = at = group.township
        stops = group.rows
        for row, km in zip(stops, ground.path((town, *stops)), strict=True):
            if row != town:
                pending.append((km, True))
            legs.append(pending)
            pending, at = [], row
    if at != town:
        pending.append((ground.km(at, town), True))
    pending.append((ground.km(town, base), False))
    return [*legs, pending]


def chain_km(legs: Sequence[Sequence[Piece]]) -> float:
    """Return the length of a round."""
    return sum(km for leg in legs for km, _ in leg)
