"""What comparisons covered: told after the tests, which fail if it is little.

Every chunk of drawn scenarios counts for itself, maybe in a process of its own; only here are they together.
"""

from __future__ import annotations

from collections import Counter

import pytest

SCENARIOS = 300  # so many at least in a full comparison
LEAST = 30  # scenarios in which each feature must change what becomes of an item


def _told(reporter: pytest.TerminalReporter) -> tuple[Counter[str], Counter[str]]:
    compared: Counter[str] = Counter()
    features: Counter[str] = Counter()
    for reports in reporter.stats.values():
        for report in reports:
            told = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", "") == "call" and "features" in told:
                compared.update(told["compared"])
                features.update(told["features"])
    return compared, features


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if all chunks ran and some feature mattered in too few scenarios."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    compared, features = _told(reporter)
    if compared["scenarios"] >= SCENARIOS and min(features.values()) < LEAST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _counted(reporter: pytest.TerminalReporter) -> Counter[str]:
    """Sum what tests say that they compared: ``record_property("counts", {...})``."""
    counts: Counter[str] = Counter()
    for reports in reporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, value in getattr(report, "user_properties", ()):
                    if name == "counts":
                        counts.update(value)
    return counts


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was compared, and over all chunks of drawn scenarios that ran what each feature changed."""
    counts = _counted(terminalreporter)
    if counts:
        terminalreporter.section("Compared with independent answers")
        for name, number in counts.items():
            terminalreporter.write_line(f"{name:70} {number:>12,}")
    compared, features = _told(terminalreporter)
    if not features:
        return
    terminalreporter.section("The kernel and the obvious model")
    for name, number in compared.items():
        terminalreporter.write_line(f"{name:26} {number:>9,}")
    terminalreporter.write_line("scenarios in which taking it away changed what became of an item:")
    for name, number in features.items():
        few = "  too few" if compared["scenarios"] >= SCENARIOS and number < LEAST else ""
        terminalreporter.write_line(f"{name:26} {number:>9,}{few}")
