from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut, HoldOut, RandomHoldOut
from fourierfield.problems._grid import grid_problem
from fourierfield.problems._margin import count_with_margin, mirror_margin, training_with_margin


@given(st.integers(6, 12), st.integers(6, 12), st.integers(0, 4), st.integers(0, 4))
def test_the_margin_of_a_whole_image_is_numpys_reflection(height: int, width: int, above: int, beside: int) -> None:
    image = np.random.default_rng(height * width).random((height, width, 3)).astype(np.float32)
    samples = mirror_margin(grid_problem(as_signal(image)).training, (above, beside))
    expected = np.pad(image, ((above, above), (beside, beside), (0, 0)), mode="reflect")
    assert samples.grid.shape == expected.shape[:2]
    np.testing.assert_array_equal(np.sort(samples.flat), np.arange(expected.shape[0] * expected.shape[1]))
    np.testing.assert_allclose(samples.values, expected.reshape(-1, 3)[samples.flat], atol=1e-6)


def test_the_samples_themselves_come_first_and_stay_where_they_are(smooth_image: np.ndarray) -> None:
    problem = grid_problem(as_signal(smooth_image), GridHoldOut())
    mirrored = training_with_margin(problem, 3.0)
    count = len(problem.training)
    torch.testing.assert_close(mirrored.coordinates(slice(0, count)), problem.training.coordinates())
    assert torch.equal(mirrored.values[:count], problem.training.values)
    assert len(mirrored) > count


def test_a_margin_of_grid_samples_mirrors_about_the_outermost_of_them(smooth_image: np.ndarray) -> None:
    problem = grid_problem(as_signal(smooth_image), GridHoldOut())
    mirrored = training_with_margin(problem, 2.0)  # every second pixel: two distances are four pixels
    low, high = mirrored.coordinates().amin(0) * 32, mirrored.coordinates().amax(0) * 32
    torch.testing.assert_close(low, torch.tensor([-3.5, -3.5]))
    torch.testing.assert_close(high, torch.tensor([26.5, 34.5]))


def test_scattered_samples_are_mirrored_too(smooth_image: np.ndarray) -> None:
    problem = grid_problem(as_signal(smooth_image), RandomHoldOut(0.5, seed=1))
    mirrored = training_with_margin(problem, 2.0)
    assert len(mirrored.flat.unique()) == len(mirrored)


def test_no_margin_is_the_training_samples(smooth_image: np.ndarray) -> None:
    problem = grid_problem(as_signal(smooth_image))
    assert training_with_margin(problem, 0.0) is problem.training


@pytest.mark.parametrize("shape", [(1, 9), (1, 1), (2, 2)])
def test_thin_images_have_what_margin_they_can(shape: tuple[int, int]) -> None:
    problem = grid_problem(as_signal(np.random.default_rng(0).random(shape).astype(np.float32)))
    mirrored = training_with_margin(problem, 4.0)
    assert len(mirrored.flat.unique()) == len(mirrored) >= len(problem.training)


@given(st.integers(2, 30), st.integers(0, 9), st.integers(1, 2))
def test_in_one_dimension_it_is_numpys_reflection_too(count: int, width: int, channels: int) -> None:
    values = np.random.default_rng(count).random((count, channels)).astype(np.float32)
    width = min(width, count - 1)
    samples = mirror_margin(grid_problem(as_signal(values, kind="series")).training, (width,))
    expected = np.pad(values, ((width, width), (0, 0)), mode="reflect")
    np.testing.assert_array_equal(np.sort(samples.flat), np.arange(len(expected)))
    scaled = grid_problem(as_signal(values, kind="series")).value_range.normalise(expected)
    np.testing.assert_allclose(samples.values, scaled[samples.flat], atol=1e-6)


@pytest.mark.parametrize("rule", [GridHoldOut(), RandomHoldOut(0.2)])
@pytest.mark.parametrize("spacings", [0.0, 2.0, 4.0])
def test_its_samples_are_counted_before_it_is_made(smooth_image: np.ndarray, rule: HoldOut, spacings: float) -> None:
    problem = grid_problem(as_signal(smooth_image), rule)
    exact = len(training_with_margin(problem, spacings))
    assert count_with_margin(problem, spacings) == pytest.approx(exact, rel=0.2)
