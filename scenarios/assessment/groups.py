"""Places put together by area, prefecture and county."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from network.accessibility.service_standards import areas
from network.model.network import Network

__all__ = ["LEVELS", "Groups"]

LEVELS = ("all", "area", "prefecture", "county", "place")


class Groups:
    """Places put together by level; cells are county × area.

    Parameters
    ----------
    network
        Places and centres.

    Attributes
    ----------
    area
        Of each place; see `network.accessibility.service_standards.areas`.
    cell
        A small number for each place.
    """

    def __init__(self, network: Network) -> None:
        places = self.places = network.places
        self.area = areas(network)
        pairs = np.char.add(np.char.add(places.county.astype(str), "|"), self.area)
        self._cells, cell = np.unique(pairs, return_inverse=True)
        self.cell = cell.astype(np.intp)
        seats = np.flatnonzero(places.kind == "county")
        self._county_names = {str(places.id[row]): str(places.name_en[row]) for row in seats}
        self._county_prefecture = {str(places.id[row]): str(places.prefecture[row]) for row in seats}

    def of(self, level: str) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
        """Return the group of each place, and of each cell; no cells are of single places."""
        places, n = self.places, len(self.places)
        by_place = {
            "all": np.full(n, "all"),
            "area": self.area,
            "prefecture": places.prefecture.astype(str),
            "county": places.county.astype(str),
            "place": places.id.astype(str),
        }[level]
        of_cell = np.full(len(self._cells), "", dtype=by_place.dtype)
        if level != "place":
            of_cell[self.cell] = by_place
        return by_place, of_cell

    def name(self, level: str, group: str) -> tuple[str, str]:
        """Return the name of a group, and its prefecture."""
        if level == "county":
            return self._county_names.get(group, group), self._county_prefecture.get(group, "")
        if level == "place":
            row = self.places.row(group)
            return str(self.places.name_en[row]), str(self.places.prefecture[row])
        return group.replace("_", " "), group if level == "prefecture" else ""

    def county_name(self, code: str) -> str:
        """Return the English name of a county."""
        return self._county_names.get(code, code)
