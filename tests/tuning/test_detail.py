"""Detail and slopes of signals, against plain loops and signals whose slopes are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.tuning._detail import detail_of, mean_square_slopes, neighbour_differences


@settings(max_examples=40)
@given(st.integers(1, 6), st.integers(2, 6), st.integers(0, 99))
def test_differences_are_those_to_the_mean_of_known_neighbours(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random((n, m, 1))
    values[rng.random((n, m)) < 0.3] = np.nan
    expected = np.full((n, m), np.nan)
    for i in range(n):
        for j in range(m):
            there = [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]
            near = [values[a, b, 0] for a, b in there if 0 <= a < n and 0 <= b < m and not np.isnan(values[a, b, 0])]
            if near:
                expected[i, j] = values[i, j, 0] - np.mean(near)
    np.testing.assert_allclose(neighbour_differences(values)[..., 0], expected, atol=1e-12)


def test_slopes_of_a_plane_are_its_own() -> None:
    y, x = np.mgrid[0:9, 0:7].astype(float)
    plane = (3.0 * 0.5 * y - 2.0 * 0.25 * x)[..., None]
    assert mean_square_slopes(plane, (0.5, 0.25)) == pytest.approx((9.0, 4.0))
    plane[4, 3] = np.nan
    assert mean_square_slopes(plane, (0.5, 0.25)) == pytest.approx((9.0, 4.0))
    assert mean_square_slopes(plane[:1], (0.5, 0.25))[0] == 0


def test_channels_that_are_copies_have_one_principal_axis() -> None:
    grey = np.random.default_rng(0).random((16, 16, 1))
    detail, axes = detail_of(np.repeat(grey, 3, axis=-1))
    assert detail == pytest.approx(detail_of(grey)[0])
    assert axes is not None
    np.testing.assert_allclose(np.abs(axes), np.full((3, 1), 3**-0.5), atol=1e-9)


def test_colours_that_lack_a_channel_somewhere_are_not_rotated() -> None:
    values = np.random.default_rng(0).random((8, 8, 3))
    values[2, 2] = np.nan
    assert detail_of(values)[1] is not None
    values[4, 4, 1] = np.nan
    assert detail_of(values)[1] is None
