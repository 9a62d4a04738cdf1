"""Points with a split: scaled by what is trained on, each output by its own range."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SettingsError
from fourierfield.grids._domain import Domain
from fourierfield.grids._points import Placement, PointSignal
from fourierfield.grids._splits import GridHoldOut, NoHoldOut, RandomHoldOut
from fourierfield.networks._values import ValueRange
from fourierfield.problems._points import PointProblem, PointSamples, point_problem


def signal(count: int = 40, d: int = 2, channels: int = 3, seed: int = 0) -> PointSignal:
    """Outputs of very different size, of which the last is constant."""
    rng = np.random.default_rng(seed)
    points, values = rng.random((count, d)), rng.standard_normal((count, channels)) * 10.0 ** np.arange(channels)
    values[:, -1] = 7.0
    names = tuple(f"x{i}" for i in range(d))
    placement = Placement(names, (0.0,) * d, (1.0,) * d)
    outputs = tuple(f"y{i}" for i in range(channels))
    return PointSignal(points, values, Domain((1.0,) * d, ("",) * d), placement, outputs, "table")


@given(st.integers(3, 60), st.integers(1, 4), st.integers(1, 4), st.floats(0.2, 0.6), st.integers(0, 2**31))
def test_every_point_is_on_one_side_and_in_its_own_units(
    count: int, d: int, channels: int, share: float, seed: int
) -> None:
    given_signal = signal(count, d, channels, seed)
    problem = point_problem(given_signal, RandomHoldOut(share, seed))
    assert problem.held_out is not None
    parts = (problem.training, problem.held_out)
    assert [len(part) for part in parts] == [count - round(share * count), round(share * count)]
    points = np.concatenate([part.points.numpy() for part in parts])
    values = np.concatenate([problem.value_range.restore(part.values).numpy() for part in parts])
    order, expected = (np.lexsort(side.T) for side in (points, given_signal.points))
    np.testing.assert_array_equal(points[order], given_signal.points[expected])
    np.testing.assert_allclose(values[order], given_signal.values[expected], rtol=1e-12, atol=1e-12)
    assert problem.training.complete
    assert (problem.channels, problem.source.kind) == (channels, "table")


def test_training_values_span_the_unit_interval_and_held_out_ones_do_not_matter() -> None:
    given_signal = signal()
    split = RandomHoldOut(0.3).split(np.ones(40, dtype=bool))
    given_signal.values[split.held_out] *= 100
    problem = point_problem(given_signal, RandomHoldOut(0.3))
    assert problem.held_out is not None
    torch.testing.assert_close(problem.training.values.amin(0), torch.zeros(3).double())
    torch.testing.assert_close(problem.training.values.amax(0), torch.tensor([1.0, 1.0, 0.0]).double())  # a constant
    assert problem.held_out.values.abs().max() > 10
    assert problem.value_range.offset[2] == 7.0  # type: ignore[index]
    assert problem.value_range.peak[2] == 1.0  # type: ignore[index]


def test_without_hold_out_all_are_trained_on() -> None:
    for rule in (None, NoHoldOut()):
        problem = point_problem(signal(), rule)
        assert problem.held_out is None
        assert len(problem.training) == 40


def test_hold_outs_that_points_do_not_have_are_refused() -> None:
    with pytest.raises(SettingsError, match="--hold-out grid takes a regular grid"):
        point_problem(signal(), GridHoldOut())
    with pytest.raises(SettingsError, match="leaves no samples"):
        point_problem(signal(3), RandomHoldOut(0.01))


def test_sampling_density_is_that_of_the_box() -> None:
    samples = PointSamples(torch.zeros(200, 2), torch.zeros(200, 1))
    narrow = PointProblem(Domain((4.0, 2.0), ("m", "m")), samples, None, ValueRange(), signal().description)
    assert narrow.samples_per_unit == pytest.approx(20)
    assert point_problem(signal(27, 3)).samples_per_unit == pytest.approx(3)


def test_some_of_the_samples_keep_what_belongs_to_them() -> None:
    """By numbers and by mask, and a subset within its bound that is always the same."""
    points = torch.rand(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    samples = PointSamples(points, points[:, :2] + 1, points[:, 0])
    for rows in (torch.tensor([7, 0, 30]), points[:, 0] < 0.5):
        some = samples.at(rows)
        assert some.weights is not None
        assert torch.equal(some.values, some.points[:, :2] + 1)
        assert torch.equal(some.weights, some.points[:, 0])
        assert torch.equal(some.points, points[rows])
    assert samples.subset(50) is samples
    assert len(samples.subset(9)) == 9
    assert torch.equal(samples.subset(9).points, samples.subset(9).points)
    assert torch.equal(samples.coordinates(slice(3, 9)), points[3:9].float())
    assert PointSamples(points, points).at(torch.tensor([1])).weights is None


def test_a_missing_value_is_seen() -> None:
    values = torch.zeros(3, 2)
    assert PointSamples(torch.zeros(3, 1), values).complete
    values[1, 1] = torch.nan
    assert not PointSamples(torch.zeros(3, 1), values).complete
