"""Sensitivity: indices of a function known in closed form, through the study's runner."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from studyfakes import ISHIGAMI_FIRST, ISHIGAMI_TOTAL, ishigami, ishigami_design

from scenarios.support.executors import Here
from scenarios.uncertainty.answers import Ask, answer_all, parts_of, read_outcomes
from scenarios.uncertainty.sensitivity import first_order, information, totals
from scenarios.uncertainty.worlds import Design

N = 600


def asked(design: Design, folder: Path, letter: str = "w") -> tuple[np.ndarray, np.ndarray]:
    """Ask the Ishigami function through the runner, and return inputs and outputs."""
    names = [f"{letter}{k:04d}" for k in range(1, design.worlds + 1)]
    asks = [Ask(name, name, number=k) for k, name in enumerate(names, start=1)]
    assert answer_all(ishigami, design, asks, folder, Here()) == []
    parts = parts_of(folder, letter)
    outcomes = read_outcomes(parts, names)
    return design.matrix([part.values or {} for part in parts]), outcomes.over_worlds("scheduled", "f", "y")


@pytest.mark.slow
def test_first_order_indices_of_given_draws(tmp_path: Path) -> None:
    """Within three standard errors of the closed form; idle inputs stay under the threshold."""
    x, y = asked(ishigami_design(N), tmp_path)
    found = first_order(x, y[:, None])
    error = found.half_width[:, 0] / 1.96
    wanted = [*ISHIGAMI_FIRST, 0.0, 0.0, 0.0]
    assert (np.abs(found.first[:, 0] - wanted) < 3 * error + 0.01).all()
    assert found.half_width.max() < 0.12
    assert (found.first[:2, 0] > found.threshold[0]).all() and (found.first[3:, 0] < found.threshold[0]).all()
    assert found.clear[:, 0].tolist() == [True, True, False, False, False, False]
    names = [f"x{k}" for k in range(6)]
    from SALib.analyze import rbd_fast

    theirs = rbd_fast.analyze({"num_vars": 6, "names": names}, x, y, M=6, num_resamples=2, seed=1)
    assert found.first[:, 0] == pytest.approx(theirs["S1"], abs=1e-9)


@pytest.mark.slow
def test_total_indices_of_saltellis_design(tmp_path: Path) -> None:
    base = ishigami_design(N, idle=1)
    a, fa = asked(Design(base.inputs, N, 3, "uniform", "a"), tmp_path, "a")
    b, fb = asked(Design(base.inputs, N, 3, "uniform", "b"), tmp_path, "b")
    mixed = []
    for column in range(4):
        x = a.copy()
        x[:, column] = b[:, column]
        asks = [
            Ask(f"x{column}-{k:04d}", f"x{column}-{k:04d}", values=dict(zip(base.names, row, strict=True)))
            for k, row in enumerate(x.tolist())
        ]
        answer_all(ishigami, base, asks, tmp_path, Here())
        names = [ask.name for ask in asks]
        mixed.append(
            read_outcomes(parts_of(tmp_path, f"x{column}"), names).over_worlds("scheduled", "f", "y")
        )
    found = totals(fa, fb, mixed)
    width = (found.total_interval[:, 1] - found.total_interval[:, 0]) / 2
    assert (np.abs(found.total - [*ISHIGAMI_TOTAL, 0.0]) < 1.6 * width + 0.01).all()  # three standard errors
    width = (found.first_interval[:, 1] - found.first_interval[:, 0]) / 2
    assert (np.abs(found.first - [*ISHIGAMI_FIRST, 0.0]) < 1.6 * width + 0.01).all()
    assert found.total[3] == 0 and found.pairs.tolist() == [N] * 4
    # SALib takes f(A), f(AB_1) … f(AB_d), f(B) row by row
    rows = np.column_stack([fa, *mixed, fb]).ravel()
    problem = {"num_vars": 4, "names": list(base.names), "bounds": [[-3.2, 3.2]] * 4}
    from SALib.analyze import sobol

    theirs = sobol.analyze(problem, rows, calc_second_order=False, num_resamples=2, seed=1)
    assert found.total == pytest.approx(theirs["ST"], abs=1e-3)
    assert found.first == pytest.approx(theirs["S1"], abs=0.02)  # its mean is over the mixed worlds too


def test_mixed_worlds_without_a_network_are_left_out() -> None:
    a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 1.0, 4.0, 3.0])
    whole = totals(a, b, [b])
    holed = totals(a, b, [np.where([True, True, True, False], b, np.nan)])
    # by hand: half the mean of squared differences 1, 1, 1 over the variance 1.25
    assert whole.total[0] == holed.total[0] == pytest.approx(0.5 / 1.25)
    assert holed.pairs[0] == 3


def test_an_output_that_never_moves_has_no_index() -> None:
    x = np.linspace(0, 1, 50)[:, None]
    found = first_order(x, np.column_stack([np.full(50, 3.0), x[:, 0]]))
    assert np.isnan(found.first[0, 0]) and found.first[0, 1] > 0.9
    assert np.isnan(first_order(x[:10], x[:10]).first).all()  # ten worlds say nothing


def test_finding_out_is_worth_what_it_changes() -> None:
    """By hand: x decides whether a or b is better, by 1 either way; z decides nothing.

    Without knowing, a gains 0.2 on average over b; knowing x one takes b in four of ten worlds.
    """
    n = 400
    x = (np.arange(n) + 0.5) / n
    z = np.argsort(np.argsort(np.sin(np.arange(n) * 12.9898) % 1.0)) / n
    gain = np.where(x < 0.6, 1.0, -1.0)
    found = information(np.column_stack([x, z]), np.column_stack([gain, np.zeros(n)]))
    assert found.best == 0 and found.perfect == pytest.approx(0.4)  # 0.6 with all known, 0.2 without
    assert found.partial[0] == pytest.approx(0.4, abs=0.02) and found.partial[1] < found.threshold
    sure = information(x[:, None], np.column_stack([np.ones(n), np.zeros(n)]))
    assert sure.perfect == 0 and sure.partial[0] == 0  # nothing can change the choice


def test_alternatives_are_bins_of_their_own() -> None:
    """By hand: of two networks, one makes a better by 3, the other b by 1."""
    network = np.tile([0.0, 1.0], 50)
    gain = np.where(network == 0, 3.0, -1.0)
    found = information(network[:, None], np.column_stack([gain, np.zeros(100)]))
    assert found.perfect == pytest.approx(0.5)
    assert found.partial[0] == pytest.approx(0.5, abs=0.06)  # less what shuffled networks would seem to give
