"""What the comparison with the obvious model covered, told at the end of the tests."""

from __future__ import annotations

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print, over all chunks of drawn scenarios that ran, what was compared and what each feature changed."""
    compared: Counter[str] = Counter()
    features: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            told = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", "") == "call" and "features" in told:
                compared.update(told["compared"])
                features.update(told["features"])
    if not features:
        return
    terminalreporter.section("The kernel and the obvious model")
    for name, number in compared.items():
        terminalreporter.write_line(f"{name:26} {number:>9,}")
    terminalreporter.write_line("scenarios seen in which taking it away changed what became of an item:")
    for name, number in features.items():
        terminalreporter.write_line(f"{name:26} {number:>9,}")
