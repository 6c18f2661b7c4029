"""Who receives mail, and by which rounds: all of scheduled times behind the last trip.

Nothing here depends on routes, so that networks which differ in their timetable alone share it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from network.accessibility.lags import Calls, Entries, Moments
from network.accessibility.senders import Kind, Stream
from network.demand.rates import ItemClass, Rates
from network.lastmile.week import LastMile
from network.model.records import DAY_S, WEEK_S

__all__ = ["Receivers", "receivers"]

Part = tuple[Kind, int]  # kind, and mode group


@dataclass(frozen=True, eq=False)
class Receivers:
    """Places that differ only by the hour at which the round comes are one *profile*.

    Weights are shares of all that a place of the profile receives in a year, from other provinces and from
    the region together.  A *part* of it has one kind and one mode group.
    """

    profile: np.ndarray  # (places,) -1 without a round
    inbound: np.ndarray  # (places,) items a year
    regional: np.ndarray  # (places,)
    moments: Moments
    calls: Calls
    inward: dict[int, Entries]  # by mode group: mail of other provinces
    within: dict[Part, Entries]  # by part: mail of the region, for what the profile's county gets of it
    share_inward: dict[int, np.ndarray]  # by mode group: (profiles,) sums over one call
    share_within: dict[Part, np.ndarray]  # by part, likewise
    county_of: np.ndarray  # (profiles,)
    base_of: np.ndarray  # (profiles,) stop row

    @property
    def profiles(self) -> int:
        """Number of profiles."""
        return len(self.county_of)

    def only(self, chosen: np.ndarray) -> Receivers:
        """Return some profiles alone, in their order; (profiles,) bool.  Places of others have none."""
        row = np.where(chosen, np.cumsum(chosen) - 1, -1)
        kept = chosen[self.calls.profile]
        call = np.cumsum(kept) - 1

        def entries(of: Entries) -> Entries:
            inside = kept[of.call]
            return Entries(call[of.call[inside]], of.moment[inside], of.later[inside], of.weight[inside])

        calls = self.calls
        return replace(
            self,
            profile=np.where(self.profile >= 0, row[self.profile], -1),
            calls=Calls(row[calls.profile[kept]], calls.day[kept], call[calls.before[kept]], calls.gap[kept]),
            inward={name: entries(of) for name, of in self.inward.items()},
            within={name: entries(of) for name, of in self.within.items()},
            share_inward={name: share[chosen] for name, share in self.share_inward.items()},
            share_within={name: share[chosen] for name, share in self.share_within.items()},
            county_of=self.county_of[chosen],
            base_of=self.base_of[chosen],
        )


def _shares(rates: Rates, people: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return, by flow, the share of each place in what the region receives, and where that is nothing.

    A place to which nothing is sent counts as one villager, so that it has times: those of its neighbours.
    """
    nobody = (rates.weight == 0) & (rates.people == 0) & (rates.office == 0)
    lived = people > 0
    shares = {"office": rates.office}
    for flow, share in (("report", rates.weight), ("head", rates.people)):
        each = float(np.min(share[lived] / people[lived])) if lived.any() else 1.0
        shares[flow] = np.where(nobody, each, share)
    return shares, nobody


def receivers(
    rates: Rates, classes: tuple[ItemClass, ...], flows: list[Stream], mile: LastMile, people: np.ndarray
) -> Receivers:
    """Return the receivers of a region."""
    known = np.flatnonzero((mile.round_row >= 0) & (rates.county >= 0))
    county = rates.county[known].astype(np.int64)
    spread, nobody = _shares(rates, people)
    delays = np.unique(mile.delay_s)
    shape = len(known), len(delays)
    # Yearly items of each place by part and delay: inbound, and per unit of what its county gets.
    inward: dict[int, np.ndarray] = {}
    within: dict[Part, np.ndarray] = {}
    by_county = {
        flow: np.bincount(rates.county[rates.county >= 0], share[rates.county >= 0], len(rates.counties))
        for flow, share in (("report", rates.weight), ("head", rates.people), ("office", rates.office))
    }
    kept = rates.stay_share * rates.near + rates.region_share * rates.far
    gets = {flow: total @ kept for flow, total in by_county.items()}
    regional = np.zeros(len(known))
    for stream in flows:
        kind = classes[stream.cls]
        share = spread[kind.flow][known]
        inside = np.divide(
            share,
            by_county[kind.flow][county],
            out=np.zeros(len(known)),
            where=by_county[kind.flow][county] > 0,
        )
        delay = np.searchsorted(delays, mile.delay_s[stream.delay, known])
        cell = np.arange(len(known)), delay
        for group, part in stream.groups:
            inward.setdefault(group, np.zeros(shape))[cell] += kind.inbound * part * share
            within.setdefault((stream.kind, group), np.zeros(shape))[cell] += kind.originating * part * inside
            regional += kind.originating * part * inside * gets[kind.flow][county]
    inbound = sum(table.sum(axis=1) for table in inward.values())

    # Alike: round, county, and what is received of each part, as shares of the place's mail.
    total = inbound + regional
    scale = np.divide(1.0, total, out=np.zeros(len(known)), where=total > 0)
    parts = np.concatenate([*inward.values(), *within.values()], axis=1) * scale[:, None]
    parts = np.round(parts, 14)
    days = (mile.ahead == 0) @ (1 << np.arange(7))
    round_ = mile.round_row[known]
    key = np.column_stack([county, mile.base[known], days[round_], mile.departs_s[round_]]).astype(np.float64)
    bits = np.ascontiguousarray(np.concatenate([key, parts], axis=1) + 0.0)
    _, one, profile = np.unique(
        bits.view(np.dtype((np.void, bits.itemsize * bits.shape[1]))).reshape(-1),
        return_index=True,
        return_inverse=True,
    )
    row_of = np.full(len(mile.round_row), -1)
    row_of[known] = profile.reshape(-1)

    # Every running day of every profile, and the seconds by which mail must be ready, delay by delay.
    round_, home = round_[one], county[one]
    target, day = np.nonzero(mile.ahead[round_] == 0)
    first = np.searchsorted(target, np.arange(len(one) + 1))
    before = np.arange(len(target)) - 1
    before[first[:-1]] = first[1:] - 1
    gap = 1 + (day - day[before] - 1) % 7
    must = day[:, None] * DAY_S + mile.departs_s[round_[target]][:, None] - delays
    later = day[:, None] - must // DAY_S
    code = mile.base[known[one]][target].astype(np.int64)[:, None] * WEEK_S + must % WEEK_S
    shares = {name: (table * scale[:, None])[one] for name, table in (*inward.items(), *within.items())}
    used = np.zeros(code.shape, dtype=bool)
    for table in shares.values():
        used |= table[target] > 0
    moments, inverse = np.unique(code[used], return_inverse=True)
    moment = np.full(code.shape, -1)
    moment[used] = inverse.reshape(-1)

    def entries(share: np.ndarray) -> Entries:
        call, delay = np.nonzero(share[target])
        return Entries(call, moment[call, delay], later[call, delay], share[target[call], delay])

    return Receivers(
        profile=row_of,
        inbound=_spread(known, inbound, nobody),
        regional=_spread(known, regional, nobody),
        moments=Moments(*np.divmod(moments, WEEK_S)),
        calls=Calls(target, day, before, gap),
        inward={name: entries(shares[name]) for name in inward},
        within={name: entries(shares[name]) for name in within},
        share_inward={name: shares[name].sum(axis=1) for name in inward},
        share_within={name: shares[name].sum(axis=1) for name in within},
        county_of=home,
        base_of=mile.base[known[one]],
    )


def _spread(known: np.ndarray, values: np.ndarray, nobody: np.ndarray) -> np.ndarray:
    spread = np.zeros(len(nobody))
    spread[known] = np.where(nobody[known], 0.0, values)
    return spread
