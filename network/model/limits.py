"""How large a number of an input may be: far beyond any network of mail, far within what a run can hold."""

from __future__ import annotations

__all__ = [
    "FIRST_YEAR",
    "LARGEST_SEED",
    "LAST_YEAR",
    "MOST_GROWTH",
    "MOST_ITEMS_A_PERSON",
    "MOST_LEG_KM",
    "longest_way_km",
]

#: Length of one leg of a mail route, km; the region's longest railway line is 4,980 km long.
MOST_LEG_KM = 6_000.0
#: Years of reports, runs and closures.
FIRST_YEAR, LAST_YEAR = 1900, 2200
#: Seeds and draws; whole numbers that JSON and TOML hold alike.
LARGEST_SEED = 2**53 - 1
#: Items that a person accepts in a year of one class: ten thousand are 27 a day.
MOST_ITEMS_A_PERSON = 10_000.0
#: Factor of the items offered that one growth may come to.
MOST_GROWTH = 100.0


def longest_way_km(great_circle_km: float) -> float:
    """Return how long a way between two places may be, km: ten times the great circle and 100 km more."""
    return 10.0 * great_circle_km + 100.0
