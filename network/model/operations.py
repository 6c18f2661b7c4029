"""Which parts of a real operation a simulation plays out, beside the timetable itself."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Operations"]


@dataclass(frozen=True)
class Operations:
    """Switches of a network; one made by hand has them all off.

    Parameters
    ----------
    running
        Random running times by road.
    weather
        Closed roads, cancelled flights, late trains (rule 15).
    fleet
        Trips and rounds start only with free vehicles (rule 16).
    breakdowns
        Vehicles break down; only with `fleet`.
    extra_trips
        An extra trip when much is left behind; only with `fleet`.
    attempts
        First delivery attempts may fail; items go back to their senders in the end.
    recheck
        ``"aside"``: rechecked items are taken aside after sorting; ``"lane"``: they hold their lane.
    service
        ``"deterministic"``, or ``"exponential"`` for comparison with textbook queues (rule 14).
    """

    running: bool = False
    weather: bool = False
    fleet: bool = False
    breakdowns: bool = False
    extra_trips: bool = False
    attempts: bool = False
    recheck: str = "aside"
    service: str = "deterministic"
