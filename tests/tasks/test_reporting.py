"""The error by band of a network in training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.encodings._families import gaussian
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut, NoHoldOut
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import grid_problem
from fourierfield.tasks._reporting import BandRecorder


@pytest.fixture
def network(generator: torch.Generator) -> CoordinateNetwork:
    encoding = gaussian(2, 2.0, 8, generator=generator)
    return CoordinateNetwork(encoding, MLP(MLPSpec(16, 3, width=8), generator))


def test_the_recorded_energies_are_those_of_the_training_error(
    network: CoordinateNetwork, smooth_image: np.ndarray
) -> None:
    signal = as_signal(smooth_image)
    problem = grid_problem(signal, GridHoldOut())
    recorder = BandRecorder(problem, signal, GridHoldOut(), 0.5)
    recorder(3, network)
    assert recorder.steps == [3]
    assert recorder.window.grid.shape == (12, 16)
    with torch.no_grad():
        error = problem.training.values - network(problem.training.coordinates())
    assert float(recorder._after[0].sum()) == pytest.approx(float(error.square().sum()), rel=1e-4)
    assert recorder.left.shape == (1, len(recorder.bands))


def test_missing_samples_count_as_their_neighbours(network: CoordinateNetwork, smooth_image: np.ndarray) -> None:
    holed = smooth_image.copy()
    holed[3:6, 4:8] = np.nan
    signals = [as_signal(values) for values in (smooth_image, holed)]
    whole, part = (BandRecorder(grid_problem(s), s, NoHoldOut(), 0.5) for s in signals)
    for recorder in (whole, part):
        recorder(1, network)
    assert not part.left.isnan().any()
    assert float(part._after[0].sum()) == pytest.approx(float(whole._after[0].sum()), rel=0.1)


def test_a_run_taken_up_at_its_end_has_nothing_recorded(smooth_image: np.ndarray) -> None:
    signal = as_signal(smooth_image)
    assert BandRecorder(grid_problem(signal), signal, NoHoldOut(), 0.5).left.shape[0] == 0
