"""What the records of several kinds share: bandwidths in the units of the signal."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Domain
from fourierfield.grids._splits import GridHoldOut
from fourierfield.problems._grid import grid_problem
from fourierfield.tasks._record import bandwidths, batch_size, encoding_record, sample_distance
from fourierfield.training._plan import TrainingPlan


def test_ten_seconds_of_sound_have_a_tenth_of_a_hertz_per_cycle() -> None:
    found = bandwidths(Domain((10.0,), ("s",)), 1 / 80_000, 4400.0)
    assert found["bandwidth_hz"] == pytest.approx(440)
    assert found["bandwidth_per_sample"] == pytest.approx(440 / 8000)


def test_millimetres_are_named_where_all_axes_have_them() -> None:
    volume = Domain((100.0, 50.0, 50.0), ("mm",) * 3)
    assert bandwidths(volume, 0.01, (20.0, 10.0, 5.0))["bandwidth_per_mm"] == pytest.approx([0.2, 0.1, 0.05])
    assert set(bandwidths(Domain((100.0, 50.0), ("mm", "cm")), 0.01, 2.0)) == {"bandwidth", "bandwidth_per_sample"}
    none = encoding_record(volume, 0.01, "none", None, 0)
    assert (none["family"], none["bandwidth"], none["bandwidth_per_mm"]) == ("none", None, None)


def test_the_distance_of_samples_is_that_of_the_training_grid() -> None:
    signal = as_signal(np.random.default_rng(0).random((8, 16)).astype(np.float32))
    assert sample_distance(grid_problem(signal)) == pytest.approx(1 / 16)


def test_a_batch_has_no_more_samples_than_there_are() -> None:
    signal = as_signal(np.random.default_rng(0).random((8, 16)).astype(np.float32))
    problem = grid_problem(signal, GridHoldOut())
    assert batch_size(problem, TrainingPlan(10)) == len(problem.training) == 32
    assert batch_size(problem, TrainingPlan(10, batch_size=5)) == 5
    assert batch_size(problem, TrainingPlan(10, batch_size=500)) == 32
    assert batch_size(problem, TrainingPlan(10, margin=1.0)) > 32
