from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from fourierfield.errors import SettingsError
from fourierfield.networks import _field as field
from fourierfield.networks._field import NetworkField
from fourierfield.networks._values import ValueRange


def test_numpy_in_numpy_out_and_torch_in_torch_out(small_field: NetworkField) -> None:
    made = small_field
    points = np.random.default_rng(0).random((4, 5, 2))
    values = made(points)
    assert isinstance(values, np.ndarray)
    assert values.shape == (4, 5, 3)
    torch.testing.assert_close(made(torch.from_numpy(points).float()), torch.from_numpy(values))
    assert made(np.empty((0, 2))).shape == (0, 3)


def test_blocks_give_what_one_call_gives(small_field: NetworkField, monkeypatch: pytest.MonkeyPatch) -> None:
    made = small_field
    points = torch.rand(1000, 2)
    whole = made(points)
    grid = made.domain.grid((13, 17))
    drawn = made.sample(grid)
    monkeypatch.setattr(field, "_BYTES_AT_ONCE", 16 * 16 * 7)
    torch.testing.assert_close(made(points), whole)
    np.testing.assert_allclose(made.sample(grid), drawn, atol=1e-6)


def test_sampling_is_evaluating_at_the_centres(small_field: NetworkField) -> None:
    made = small_field
    grid = made.domain.grid((12, 20))
    expected = made(grid.coordinates(np.arange(grid.size)).astype(np.float32)).reshape(12, 20, 3)
    np.testing.assert_allclose(made.sample(grid), expected, atol=1e-6)


def test_gradient_against_finite_differences(small_field: NetworkField) -> None:
    made = small_field
    made.value_range = ValueRange(-3.0, 5.0)
    made.network.double()
    points = torch.rand(6, 2, dtype=torch.float64)
    step = 1e-6
    for axis in range(2):
        shift = torch.zeros(2, dtype=torch.float64)
        shift[axis] = step
        slope = (made(points + shift) - made(points - shift)) / (2 * step)
        torch.testing.assert_close(made.gradient(points)[:, :, axis], slope, rtol=1e-4, atol=1e-5)


def test_a_field_is_differentiable_in_its_coordinates(small_field: NetworkField) -> None:
    points = torch.rand(3, 2, requires_grad=True)
    small_field(points).sum().backward()
    assert points.grad is not None
    assert points.grad.abs().sum() > 0


def test_to_torch_is_a_trainable_copy_in_the_signals_units(small_field: NetworkField) -> None:
    made = small_field
    made.value_range = ValueRange(-1000.0, 2000.0)
    module = made.to_torch()
    points = torch.rand(5, 2)
    torch.testing.assert_close(module(points), made(points))
    assert all(p.requires_grad for p in module.parameters())
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    assert made(points).std() > 0


def test_coordinates_of_the_wrong_length_are_refused(small_field: NetworkField) -> None:
    for points in (np.zeros((4, 3)), np.zeros(()), torch.zeros(5, 1)):
        with pytest.raises(SettingsError, match="coordinates"):
            small_field(points)


def _sines(field: NetworkField) -> NetworkField:
    """Give a field a smooth activation, so that its second derivatives do not vanish between features."""
    field.network.mlp.spec = dataclasses.replace(field.network.mlp.spec, activation="tanh")
    field.network.double()
    return field


def test_second_derivatives_go_through_the_gradient_and_the_module(small_field: NetworkField) -> None:
    made, step = _sines(small_field), 1e-5
    points = torch.rand(3, 2, dtype=torch.float64)
    shifts = step * torch.eye(2, dtype=torch.float64)
    right = torch.stack([(made.gradient(points + s) - made.gradient(points - s)) / (2 * step) for s in shifts], dim=-1)
    module = made.to_torch()
    torch.testing.assert_close(torch.func.vmap(torch.func.hessian(module))(points), right, rtol=1e-4, atol=1e-4)
    tracked = points.clone().requires_grad_(True)
    (second,) = torch.autograd.grad(made.gradient(tracked)[:, 0, 0].sum(), tracked)
    torch.testing.assert_close(second, right[:, 0, 0], rtol=1e-4, atol=1e-4)
