"""Which service standards a run is judged by: those that bind in its region, or those that were named."""

from __future__ import annotations

from collections.abc import Sequence

from network.errors import InputErrors, Problem
from network.inputs.standard_tables import load_standard, standards_of
from network.inputs.standards import Standard
from scenarios.definition.resolve import Resolved

__all__ = ["standards_for"]


def standards_for(resolved: Resolved, names: Sequence[str] = ()) -> list[Standard]:
    """Return the named standards, or those that bind in the scenario's region.

    Raises
    ------
    InputErrors
        If a name is neither a standard of the package nor a file, a file is wrong, or one comes twice.
    """
    if not names:
        return list(standards_of(resolved.report.region, resolved.assumptions))
    standards, problems = [], list[Problem]()
    for name in names:
        try:
            standards.append(load_standard(name, resolved.assumptions))
        except InputErrors as error:
            problems += error.problems
    codes = [standard.code for standard in standards]
    double = sorted({code for code in codes if codes.count(code) > 1})
    problems += [Problem("command line", "", "--standard", code, "each once") for code in double]
    if problems:
        raise InputErrors(problems)
    return standards
