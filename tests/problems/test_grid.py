from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut, RandomHoldOut
from fourierfield.problems._grid import grid_problem


def test_samples_carry_the_coordinates_and_values_of_their_pixels(smooth_image: np.ndarray) -> None:
    signal = as_signal(smooth_image)
    problem = grid_problem(signal, GridHoldOut())
    assert problem.held_out is not None
    for samples, start in ((problem.training, 0), (problem.held_out, 1)):
        rows, columns = np.mgrid[start:24:2, start:32:2]
        expected = np.stack([rows.ravel() + 0.5, columns.ravel() + 0.5], axis=-1) / 32
        np.testing.assert_allclose(samples.coordinates().numpy(), expected, rtol=1e-6)
        np.testing.assert_array_equal(samples.values.numpy(), smooth_image[start::2, start::2].reshape(-1, 3))


def test_coordinates_of_some_rows_are_those_rows(smooth_image: np.ndarray) -> None:
    samples = grid_problem(as_signal(smooth_image)).training
    rows = torch.tensor([5, 0, 700])
    assert torch.equal(samples.coordinates(rows), samples.coordinates()[rows])
    assert torch.equal(samples.coordinates(slice(3, 9)), samples.coordinates()[3:9])


def test_subsets_are_fixed_and_within_bounds(smooth_image: np.ndarray) -> None:
    samples = grid_problem(as_signal(smooth_image)).training
    assert samples.subset(10_000) is samples
    first, again = samples.subset(50), samples.subset(50)
    assert torch.equal(first.flat, again.flat)
    assert len(first) == 50


def test_sampling_density_of_whole_and_held_out_images() -> None:
    signal = as_signal(np.random.default_rng(0).random((64, 128)).astype(np.float32))
    assert grid_problem(signal).samples_per_unit == pytest.approx(128)
    assert grid_problem(signal, GridHoldOut()).samples_per_unit == pytest.approx(64)
    assert grid_problem(signal, RandomHoldOut(0.75)).samples_per_unit == pytest.approx(64)


def test_missing_samples_are_not_trained_on_and_missing_channels_are_marked() -> None:
    values = np.random.default_rng(0).random((6, 6, 3)).astype(np.float32)
    values[0, 0] = np.nan
    values[1, 1, 2] = np.nan
    problem = grid_problem(as_signal(values))
    assert len(problem.training) == 35
    assert not problem.training.complete
    assert int(torch.isnan(problem.training.values).sum()) == 1
