from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import RectBivariateSpline, make_interp_spline

from fourierfield.bench._quality import centre_crop
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._metrics import psnr
from fourierfield.grids._splits import GridHoldOut, NoHoldOut, RandomHoldOut
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.problems._baselines import cubic_interpolation_psnr
from fourierfield.problems._grid import grid_problem


def test_on_the_grid_it_is_a_cubic_spline() -> None:
    y, x = np.mgrid[0:64, 0:64] / 64
    image = 0.5 + 0.3 * np.sin(9 * x + 4 * y)
    score = cubic_interpolation_psnr(grid_problem(as_signal(image), GridHoldOut()))
    kept = image[::2, ::2]
    spline = RectBivariateSpline(np.arange(32), np.arange(32), kept)(np.arange(31) + 0.5, np.arange(31) + 0.5)
    inner = psnr(spline[2:-2, 2:-2], image[1:-1:2, 1:-1:2][2:-2, 2:-2])
    assert score is not None
    assert score > 35  # the mirrored edge costs most of it
    assert inner > score


def test_scattered_samples_use_triangles(smooth_image: np.ndarray) -> None:
    score = cubic_interpolation_psnr(grid_problem(as_signal(smooth_image), RandomHoldOut(0.1)))
    assert score is not None
    assert score > 30


def test_nothing_to_score_no_baseline(smooth_image: np.ndarray) -> None:
    assert cubic_interpolation_psnr(grid_problem(as_signal(smooth_image), NoHoldOut())) is None
    holed = smooth_image.copy()
    holed[0, 0, 0] = np.nan
    assert cubic_interpolation_psnr(grid_problem(as_signal(holed), GridHoldOut())) is None


def test_the_known_figure_of_a_photo(shared_data: Path) -> None:
    signal = centre_crop(shared_data / "photos" / "kodim23.png", 512)
    assert cubic_interpolation_psnr(grid_problem(signal, GridHoldOut())) == pytest.approx(28.08, abs=0.05)


def tone(samples: int = 400) -> np.ndarray:
    return np.sin(2 * np.pi * 5 * (np.arange(samples) + 0.5) / samples)


def test_in_one_dimension_it_is_a_spline_through_what_is_kept() -> None:
    on_grid = cubic_interpolation_psnr(grid_problem(as_audio(tone(), 8000), GridHoldOut()))
    problem = grid_problem(as_audio(tone(), 8000), RandomHoldOut(0.1))
    scattered = cubic_interpolation_psnr(problem)
    assert on_grid is not None
    assert scattered is not None
    assert on_grid > 40  # the mirrored edge costs most of it
    assert scattered > 80
    assert problem.held_out is not None
    kept, wanted = problem.training.flat.numpy(), problem.held_out.flat.numpy()
    expected = make_interp_spline(kept, problem.training.values.numpy())(wanted)
    assert scattered == pytest.approx(psnr(expected, problem.held_out.values.numpy()))


@pytest.mark.parametrize("samples", [2, 3, 5])
def test_few_samples_in_one_dimension(samples: int) -> None:
    """Ends that were held out take the nearest value; one sample is a constant."""
    for seed in range(6):
        problem = grid_problem(as_signal(np.arange(float(samples))), RandomHoldOut(0.5, seed=seed))
        assert np.isfinite(cubic_interpolation_psnr(problem))  # type: ignore[arg-type]
