"""Make a kernel field a module that autograd and ``torch.func`` differentiate once, and never wrongly twice."""

from __future__ import annotations

from typing import Any, NoReturn, Protocol

import torch
from torch import Tensor, nn


class _Differentiable(Protocol):
    """What is asked of a field: values (N, C) and slopes (N, C, d) at points (N, d)."""

    def __call__(self, coordinates: Tensor) -> Tensor: ...

    def gradient(self, coordinates: Tensor) -> Tensor: ...


class KernelModule(nn.Module):
    """The map from coordinates (…, d) to values (…, C) of a kernel field, in the coordinates' own precision."""

    def __init__(self, field: _Differentiable) -> None:
        super().__init__()
        self._field = field

    def forward(self, coordinates: Tensor) -> Tensor:
        """Map ``coordinates`` (…, d) to values (…, C)."""
        values: Tensor = _Values.apply(coordinates.reshape(-1, coordinates.shape[-1]), self._field)
        return values.reshape(*coordinates.shape[:-1], values.shape[1])


def slopes_of(points: Tensor, field: _Differentiable) -> Tensor:
    """Return the slopes (N, C, d), float64, of a field at points (N, d); to differentiate them raises."""
    slopes: Tensor = _Slopes.apply(points, field)
    return slopes


class _Values(torch.autograd.Function):
    """Values of a field; its derivatives go through ``_Slopes``, so that nothing cuts a graph in silence."""

    @staticmethod
    def forward(points: Tensor, field: _Differentiable) -> Tensor:
        return field(points.detach()).to(points)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, _Differentiable], output: Tensor) -> None:
        points, ctx.field = inputs
        ctx.save_for_backward(points)
        ctx.save_for_forward(points)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, None]:
        (points,) = ctx.saved_tensors
        slopes = slopes_of(points, ctx.field)
        return torch.einsum("nc,ncd->nd", outer[0].double(), slopes).to(points.dtype), None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        (points,) = ctx.saved_tensors
        slopes = slopes_of(points, ctx.field)
        return torch.einsum("ncd,nd->nc", slopes, tangents[0].double()).to(points.dtype)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, None], points: Tensor, field: _Differentiable) -> tuple[Tensor, int]:
        return _each(_Values, in_dims[0], points, field)


class _Slopes(torch.autograd.Function):
    """Slopes (N, C, d), float64, of a field; to differentiate them raises ``RuntimeError``."""

    @staticmethod
    def forward(points: Tensor, field: _Differentiable) -> Tensor:
        return field.gradient(points.detach())

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, _Differentiable], output: Tensor) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> NoReturn:
        _refuse_second_derivative()

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> NoReturn:
        _refuse_second_derivative()

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, None], points: Tensor, field: _Differentiable) -> tuple[Tensor, int]:
        return _each(_Slopes, in_dims[0], points, field)


def _refuse_second_derivative() -> NoReturn:
    raise RuntimeError(
        "a kernel field is differentiable once: the kernel of a ReLU network has a kink at every sample, where a "
        "second derivative is infinite; fit with --method network for higher derivatives, or take differences of "
        "field.gradient"
    )


def _each(function: Any, axis: int | None, points: Tensor, field: _Differentiable) -> tuple[Tensor, int]:
    """Apply a function of points (N, d) to a batch of them, as rows of one call; return it with its batch axis."""
    assert axis is not None  # vmap is called only if the points are batched
    batch = points.movedim(axis, 0)
    found = function.apply(batch.reshape(-1, batch.shape[-1]), field)
    return found.reshape(*batch.shape[:2], *found.shape[1:]), 0
