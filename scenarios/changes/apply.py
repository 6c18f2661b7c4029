"""Make changes to a network, one after the other, and collect what cannot be made."""

from __future__ import annotations

from collections.abc import Iterable

from network.errors import InputErrors, Problem, YizhanError
from network.model.network import Network
from scenarios.changes import Change, Table
from scenarios.changes.known_names import split_hint

__all__ = ["apply_changes"]


def apply_changes(network: Network, changes: Iterable[Change], file: str = "scenario") -> Network:
    """Return the network with changes made, one after the other.

    Parameters
    ----------
    network
        The fitted base.
    changes
        Models of `scenarios.changes`.
    file
        What to call the scenario in messages.

    Raises
    ------
    InputErrors
        If changes cannot be made: all that fail, each by itself.
    """
    problems: list[Problem] = []
    for number, change in enumerate(changes, start=1):
        try:
            network = change.apply(network)
        except YizhanError as error:
            key, given = _culprit(change, error)
            text, near = split_hint(error)
            value, allowed = (given, text) if key else (text, "")
            problems.append(Problem(file, f"change {number} {change.op}", key, value, allowed, near))
    if problems:
        raise InputErrors(problems)
    return network


def _culprit(change: Table, error: YizhanError) -> tuple[str, str]:
    """Return the key of a change that holds the name which an error is about, and the name."""
    name = getattr(error, "name", None)
    for key, value in change.model_dump(exclude_none=True, exclude={"op", "label"}).items():
        if name is not None and (value == name or (isinstance(value, list | tuple) and name in value)):
            return key, name
    route = getattr(change, "route", None)
    return ("route", route) if route and name is None else ("", "")
