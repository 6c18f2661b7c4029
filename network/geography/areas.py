"""What coverage counts beside people: villages, townships, counties, and those along the border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.model.records import Places

__all__ = ["Areas"]


@dataclass(frozen=True, eq=False)
class Areas:
    """Kinds of places, and the areas in which places lie; arrays over all places."""

    inside: NDArray[np.bool_]  # not a gateway
    villages: NDArray[np.bool_]  # administrative villages and committees
    natural_villages: NDArray[np.bool_]  # of the border counties
    counties: tuple[str, ...]  # codes, ascending
    county: NDArray[np.int64]  # row of `counties`, -1 outside
    border: NDArray[np.bool_]  # (counties,)
    townships: tuple[str, ...]  # place ids, ascending
    township: NDArray[np.int64]  # row of `townships`, -1 for a county seat or outside

    @classmethod
    def of(cls, places: Places) -> Areas:
        """Return the areas of places."""
        counties, county = _codes(places.county)
        townships, township = _codes(places.township)
        border = np.zeros(len(counties), dtype=bool)
        border[county[(county >= 0) & places.border.astype(bool)]] = True
        return cls(
            inside=places.kind != "gateway",
            villages=np.isin(places.kind, ("village", "committee")),
            natural_villages=places.kind == "natural_village",
            counties=counties,
            county=county,
            border=border,
            townships=townships,
            township=township,
        )

    def sizes(self, people: NDArray[np.float64]) -> dict[str, float | int]:
        """Return how many there are of each, for ``coverage.of``."""
        return {
            "people": float(people[self.inside].sum()),
            "villages": int(self.villages.sum()),
            "natural_villages": int(self.natural_villages.sum()),
            "townships": len(self.townships),
            "counties": len(self.counties),
            "border_counties": int(self.border.sum()),
        }


def _codes(column: NDArray[np.object_]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    names = tuple(sorted({str(name) for name in column} - {""}))
    row = {name: number for number, name in enumerate(names)}
    return names, np.array([row.get(str(name), -1) for name in column], dtype=np.int64)
