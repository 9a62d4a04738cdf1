"""What a diagnosis rests on: turns of learning curves, and energy near the Nyquist frequency."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from fourierfield.grids._domain import Domain, Grid
from fourierfield.report._evidence import Curve, interpolate, top_octave_share


def test_a_curve_that_falls_is_past_its_best() -> None:
    curve = Curve((1, 10, 50, 100), (5.0, 20.0, 30.0, 36.0), (4.0, 18.0, 25.0, 22.5))
    assert (curve.best_step, curve.past_best) == (50, 2.5)
    assert curve.last_doubling() == -2.5
    assert curve.last_doubling(training=True) == 6.0


def test_without_held_out_samples_the_end_is_the_best() -> None:
    curve = Curve((1, 10, 100), (5.0, 20.0, 29.0))
    assert (curve.best_step, curve.past_best) == (100, 0.0)
    assert curve.last_doubling() == curve.last_doubling(training=True) == pytest.approx(9 * 50 / 90)


def test_interpolation_is_linear_inside_and_constant_beyond() -> None:
    xs, ys = [1.0, 3.0, 7.0], [2.0, -4.0, 8.0]
    for x in (-5.0, 1.0, 1.5, 3.0, 6.9, 7.0, 80.0):
        assert interpolate(x, xs, ys) == pytest.approx(np.interp(x, xs, ys))


@pytest.mark.parametrize(("cycles", "high"), [(3, 0.0), (15, 0.0), (25, 1.0)])
def test_a_cosine_lies_below_or_in_the_top_octave(cycles: int, high: float) -> None:
    """Half-sample cosines are those of the transform: 32 cycles per unit is the Nyquist frequency of 64 samples."""
    grid = Domain.of_samples((64,)).grid((64,))
    wave = torch.from_numpy(np.cos(2 * math.pi * cycles * grid.axis(0)))[:, None]
    assert top_octave_share(7 + wave, grid) == pytest.approx(high, abs=1e-9)


def test_white_noise_fills_half_of_a_line_and_three_quarters_of_a_plane() -> None:
    rng = np.random.default_rng(0)
    for shape in ((4096,), (96, 96)):
        grid = Grid((0.0,) * len(shape), (1.0,) * len(shape), shape)
        share = top_octave_share(torch.from_numpy(rng.standard_normal((grid.size, 1))), grid)
        assert 0.45 < share < 0.85
    assert top_octave_share(torch.full((96 * 96, 1), 3.0), grid) == 0
