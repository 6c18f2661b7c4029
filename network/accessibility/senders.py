"""What is sent, how it is shared out, and when it is taken in: all of scheduled times before the first trip.

Nothing here depends on routes, so that networks which differ in their timetable alone share it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from network.demand.rates import ItemClass
from network.lastmile.handover import brand_shares
from network.lastmile.week import LastMile
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S

__all__ = ["WEEK_H", "Kind", "Sources", "Stream", "accepted", "sources", "streams"]

WEEK_H = 168
# Hours, from the midnight after an intake back, in which mostly lies all that decides who is taken along;
# more where rounds are longer.
_BACK_H = 24 * 11
_HOUR_S = 3600

Kind = tuple[str, int]  # flow, and row of `LastMile.sender` by which its items are accepted


@dataclass(frozen=True)
class Stream:
    """Items of one class and brand, by mode group."""

    cls: int  # row of the classes
    kind: Kind
    delay: int  # row of `LastMile.delay_s`
    groups: tuple[tuple[int, float], ...]  # mode group, share of the class's items


def accepted(network: Network) -> np.ndarray:
    """Return the share of a week's items accepted in each hour from Monday 0:00, holidays apart; (168,)."""
    calendar = network.calendar
    week = np.outer(calendar.weekday_factor, calendar.hour_weight).reshape(-1)
    return np.asarray(week / week.sum())


def streams(network: Network, classes: tuple[ItemClass, ...], mile: LastMile, groups: int) -> list[Stream]:
    """Return the streams of mail; newspaper bundles, which people do not send, are left out."""
    first: dict[bytes, int] = {}
    sender = [first.setdefault(row.tobytes(), number) for number, row in enumerate(mile.sender)]
    brands = brand_shares(network)
    flows = []
    for row, kind in enumerate(classes):
        if kind.flow == "place":
            continue
        own = 2 * (kind.private_ok and groups == 4)
        shares = tuple((own + fly, s) for fly, s in enumerate((1 - kind.any_share, kind.any_share)) if s)
        rows = list(enumerate(brands.tolist(), 1)) if kind.flow == "report" else [(0, 1.0)]
        for delay, brand in rows:
            if brand:
                split = tuple((g, s * brand) for g, s in shares)
                flows.append(Stream(row, (kind.flow, sender[delay]), delay, split))
    return flows


@dataclass(frozen=True, eq=False)
class Sources:
    """Where mail of the region comes from: counties and bases, and what each intake of a base takes along.

    An *intake* is a moment of the week at which a base takes in what rounds collected.  Source s has the
    rows ``first[s]:first[s + 1]``, one for each intake of its base, in order of time.
    """

    county: np.ndarray  # (sources,)
    base: np.ndarray  # (sources,) stop row
    intake_s: tuple[np.ndarray, ...]  # by base: seconds of the week, ascending
    first: np.ndarray  # (sources + 1,)
    back: dict[Kind, np.ndarray]
    """(rows, back_h + 1): how the share of the kind's items rises that are taken along, by hours back.

    The running sum at hour h is the share, of all the kind's items of the region, that come from this
    source and, accepted in the hour that begins ``h + 1`` hours before the midnight after the intake, are
    taken in by then.
    """

    @property
    def back_h(self) -> int:
        """Hours back in which lies all that decides who is taken along."""
        return max((table.shape[1] for table in self.back.values()), default=1) - 1


def sources(network: Network, mile: LastMile, origins: dict[Kind, np.ndarray], county: np.ndarray) -> Sources:
    """Return the sources of a region.

    Parameters
    ----------
    network, mile
        The network and its last mile.
    origins
        By kind: (places,) share of each place in what is sent.
    county
        (places,) row of the county.
    """
    intake: list[np.ndarray] = [np.zeros(0, dtype=np.int64)] * len(network.stops)
    round_base = np.full(len(mile.departs_s), -1)
    round_base[mile.round_row[mile.round_row >= 0]] = mile.base[mile.round_row >= 0]
    round_day = mile.ahead == 0
    for base in np.unique(round_base[round_base >= 0]).tolist():
        members = round_base == base
        round_, day = np.nonzero(round_day[members])
        intake[base] = np.unique((day * DAY_S + mile.intake_s[members][round_]) % WEEK_S)
    back_to = (np.arange(7)[:, None] - np.arange(7)) % 7  # (weekday, earlier weekday)
    behind = np.where(round_day[:, None, :], back_to, 7).min(
        axis=2
    )  # days since each round ran, 0 on its days

    parts = []  # kind number, county, accepting place, share
    for number, ((_, sender), share) in enumerate(origins.items()):
        place = np.flatnonzero(share > 0)
        at = mile.sender[sender, place]
        good = mile.round_row[at] >= 0
        parts.append((np.full(int(good.sum()), number), county[place[good]], at[good], share[place[good]]))
    kind, home, at, share = (np.concatenate(column) for column in zip(*parts, strict=True))
    base, round_ = mile.base[at], mile.round_row[at]
    pairs, source = np.unique(home * len(network.stops) + base, return_inverse=True)
    where = np.stack(np.divmod(pairs, len(network.stops)))
    counts = np.array([len(intake[b]) for b in where[1].tolist()], dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(counts)])

    # Items with the same source, round and cut-off are taken along together.
    code = ((kind * len(where[0]) + source) * len(mile.departs_s) + round_) * 2 * DAY_S + mile.cut_s[at]
    _, one, group = np.unique(code, return_index=True, return_inverse=True)
    weight = np.bincount(group, weights=share)
    kind, source, round_, cut = kind[one], source[one], round_[one], mile.cut_s[at[one]]
    times = counts[source]
    item = np.repeat(np.arange(len(one)), times)
    event = np.arange(len(item)) - np.repeat(np.cumsum(times) - times, times)
    moments = np.concatenate([intake[b] for b in where[1].tolist()]) if len(pairs) else np.zeros(0, np.int64)
    row = first[source[item]] + event
    # The latest run of each round that has come in by each intake of its base, and its last acceptance.
    run = (moments[row] - mile.intake_s[round_[item]]) // DAY_S
    run -= behind[round_[item], run % 7]
    last = (cut[item] + 1) / _HOUR_S + 24.0 * (run - moments[row] // DAY_S)
    whole = np.floor(last).astype(np.int64)
    back_h = max(_BACK_H, 24 - int(whole.min(initial=0)))
    back = {}
    for number, name in enumerate(origins):
        members = kind[item] == number
        table = np.zeros((len(moments), back_h + 2))
        share = weight[item[members]]
        part = (last - whole)[members]
        at = 23 - whole[members]
        np.add.at(table, (row[members], at), share * part)
        np.add.at(table, (row[members], at + 1), share * (1 - part))
        back[name] = table[:, : back_h + 1]
    return Sources(where[0], where[1], tuple(intake), first, back)
