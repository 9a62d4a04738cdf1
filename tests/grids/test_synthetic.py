"""Synthetic signals have the spectra, the places and the waves that they are named after."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.grids._domain import Grid
from fourierfield.grids._synthetic import bump, grating, power_law_signals, shepp_logan, spanning_one


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_amplitudes_fall_by_the_power_law(power: float) -> None:
    signals = power_law_signals(4000, 64, power, np.random.default_rng(0))
    rms = np.sqrt((np.abs(np.fft.rfft(signals, axis=1)) ** 2).mean(0))
    inside = np.arange(1, 32)  # the first and the last coefficient are real, of half the variance
    expected = np.sqrt(2) * (1.0 + inside) ** -power
    np.testing.assert_allclose(rms[inside], expected, rtol=0.06)


def test_nothing_lies_above_the_limit() -> None:
    spectrum = np.abs(np.fft.rfft(power_law_signals(3, 64, 1.0, np.random.default_rng(0), below=10), axis=1))
    assert spectrum[:, 10:].max() < 1e-12 < spectrum[:, 1:10].min()


def test_the_same_generator_gives_the_same_signals() -> None:
    first, second = (power_law_signals(2, 16, 1.0, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20).filter(lambda v: max(v) - min(v) > 1e-3))
def test_spanning_one_keeps_order_and_reaches_both_ends(values: list[float]) -> None:
    scaled = spanning_one(np.array(values))
    assert scaled.min() == -0.5
    assert scaled.max() == pytest.approx(0.5)
    assert scaled[np.argmax(values)] == scaled.max()  # not the same argmax: rounding may make equals


@given(st.integers(0, 31), st.integers(0, 31))
def test_a_bump_turns_with_its_centre(first: int, second: int) -> None:
    points = np.arange(32) / 32
    moved = np.roll(bump(points, first / 32, 0.1), second - first)
    np.testing.assert_allclose(moved, bump(points, second / 32, 0.1), atol=1e-12)


def test_a_grating_varies_along_its_frequency_alone() -> None:
    grid = Grid((0.0, 0.0), (1.0, 1.0), (32, 32))
    peaks = np.argwhere(np.abs(np.fft.fft2(grating(grid, (3.0, -5.0)))) > 1e-6)
    np.testing.assert_array_equal(peaks, [[3, 27], [29, 5]])


def test_the_phantom_is_scikit_images_but_for_its_rim() -> None:
    from skimage.data import shepp_logan_phantom

    assert np.abs(shepp_logan(400) - shepp_logan_phantom()).mean() < 0.01


def test_phantoms_of_a_generator_differ_and_stay_in_range() -> None:
    one, other = (shepp_logan(64, np.random.default_rng(seed)) for seed in (1, 2))
    assert np.abs(one - other).mean() > 0.01
    assert 0 <= one.min() <= one.max() <= 1
