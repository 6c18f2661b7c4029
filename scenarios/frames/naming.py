"""Names in place of ids and row numbers, spans of time in place of seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from network.model.network import Network

__all__ = ["DAYS", "Names", "by_number", "dates", "spans"]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Names:
    """What the places of a network are called.

    Parameters
    ----------
    network
        The network.
    """

    def __init__(self, network: Network) -> None:
        self.network = network

    @cached_property
    def _place(self) -> dict[str, str]:
        places = self.network.places
        named = zip(places.id.tolist(), places.name_en.tolist(), strict=True)
        return {place: name or place for place, name in named}

    def place(self, place_id: str) -> str:
        """Return the name of a place; of an id that is no place, the id."""
        return self._place.get(place_id, place_id)

    def places(self, ids: Iterable[str]) -> list[str]:
        """Return the names of places."""
        return [self._place.get(str(place), str(place)) for place in ids]

    def about(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the columns place, county and prefecture of places, by name."""
        places = self.network.places
        rows = [places.row(place) for place in ids]
        return {
            "place": self.places(ids),
            "county": self.places(places.county[rows]),
            "prefecture": [str(name) for name in places.prefecture[rows]],
        }

    @cached_property
    def senders(self) -> tuple[str, ...]:
        """Names of all that mail can come from or go to: the places, then the classes outside, last first."""
        outside = [str(row["name"]) for row in self.network.assumptions.table("outside")]
        return (*self.places(self.network.places.id), *reversed(outside))

    def ends(self, rows: NDArray[Any]) -> pd.Categorical[Any]:
        """Return names of origins or destinations: rows of places, or -1 - row of a class outside."""
        return by_number(rows, self.senders)


def by_number(numbers: NDArray[Any], names: Sequence[str]) -> pd.Categorical[Any]:
    """Return numbers of names as the names; -1 is the last one, -2 the one before it."""
    labels = pd.Index(names)
    known = labels.unique()
    return pd.Categorical.from_codes(known.get_indexer(labels)[numbers], categories=known)


def spans(seconds: ArrayLike, missing: int | None = None) -> pd.TimedeltaIndex:
    """Return seconds as spans of time; the value that stands for none as ``NaT``."""
    values = np.asarray(seconds)
    span = values.astype("timedelta64[s]")
    if missing is not None:
        span = np.where(values == missing, np.timedelta64("NaT", "s"), span)
    return pd.to_timedelta(span)


def dates(seconds: ArrayLike, start: dt.date, missing: int | None = None) -> pd.DatetimeIndex:
    """Return seconds after the start of a run as dates with times of day."""
    return pd.Timestamp(start) + spans(seconds, missing)
