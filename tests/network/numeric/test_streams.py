"""Keyed draws: a function of their keys and of nothing else, and as even as draws should be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.numeric.streams import bits, entity, split, stream, uniform

ROOT = Path(__file__).resolve().parents[3]
KEYS = np.arange(100_000, dtype=np.int64)


def test_the_same_keys_give_the_same_bits_in_any_order_and_shape() -> None:
    whole = bits(1, 0, "demand", KEYS)
    assert (bits(1, 0, "demand", KEYS[::-1])[::-1] == whole).all()
    assert (bits(1, 0, "demand", KEYS.reshape(100, -1)).ravel() == whole).all()
    assert int(bits(1, 0, "demand", 77)) == int(whole[77])


def test_another_process_draws_the_same() -> None:
    """No draw depends on the hash seed of the process."""
    code = (
        "from network.numeric.streams import bits, entity;print(int(bits(3, 1, 'x', 7, 8)), entity('540102'))"
    )
    here = f"{int(bits(3, 1, 'x', 7, 8))} {entity('540102')}"
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert there.stdout.strip() == here


def test_these_are_the_draws_of_the_first_version() -> None:
    """A change of the hash changes every result: it must be meant."""
    assert [int(bits(1, 0, "item", key)) for key in (0, 1, 2)] == [
        1376420265434339014,
        5608234285107259117,
        15989099267477072802,
    ]
    assert entity("540102") == 14110001345237043415


@pytest.mark.parametrize(
    "other", [(2, 0, "demand", 5, 6), (1, 1, "demand", 5, 6), (1, 0, "weather", 5, 6), (1, 0, "demand", 6, 5)]
)
def test_every_key_matters_and_their_order_too(other: tuple[int, int, str, int, int]) -> None:
    assert int(bits(1, 0, "demand", 5, 6)) != int(bits(*other))


def test_no_two_of_a_hundred_thousand_are_equal() -> None:
    assert len(np.unique(bits(1, 0, "item", KEYS))) == len(KEYS)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(0, 63))
def test_one_bit_of_a_key_changes_half_of_the_bits(key: int, bit: int) -> None:
    one, other = int(bits(1, 0, "item", key)), int(bits(1, 0, "item", key ^ (1 << bit)))
    assert 10 <= (one ^ other).bit_count() <= 54  # 32 ± 5.5 standard deviations


@pytest.mark.parametrize("stride", [1, 1 << 24, 1 << 40, 12_345])
def test_uniforms_are_even_whatever_the_stride_of_the_keys(stride: int) -> None:
    """Chi-square over 100 cells, 99 degrees of freedom: 99 ± 14; and no correlation of neighbours."""
    u = uniform(1, 0, "item", KEYS * stride)
    assert u.min() >= 0 and u.max() < 1
    counts = np.bincount((u * 100).astype(int), minlength=100)
    assert ((counts - 1000) ** 2 / 1000).sum() == pytest.approx(99, abs=5 * 14)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 5 / np.sqrt(len(u))


def test_parts_of_one_word_are_even_and_independent() -> None:
    words = bits(1, 0, "item", KEYS)
    low, high = split(words, 0, 20), split(words, 20, 44)
    for part in (low, high):
        assert part.mean() == pytest.approx(0.5, abs=5 / np.sqrt(12 * len(KEYS)))
    assert abs(np.corrcoef(low, high)[0, 1]) < 5 / np.sqrt(len(KEYS))
    assert (low * 2**20 == (words & np.uint64(2**20 - 1))).all()


def test_streams_have_names() -> None:
    assert len({stream(s, r, p) for s in range(3) for r in range(3) for p in ("a", "b")}) == 18
    assert entity("a") != entity("b")
    assert 0 <= entity("a") < 2**64
