"""A field that is an infinitely wide network, trained to the end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ..encodings import per_axis
from ..errors import SettingsError
from ..kernels import RadialKernel, StationaryKernel
from ..networks import ValueRange
from ..operators import KernelSum, nearest_neighbours, split_for
from ..problems import GridSamples, Samples, lattice_of
from ..signals import Domain, Grid, Placement, SignalDescription
from .evidence import axis_scale
from .left_out import foretell
from .on_grid import sums_on_grid
from .solve import places_of
from .spec import KernelSpec
from .spread import between_samples

__all__ = ["KernelField", "KernelWeights"]

_DENSE = 1 << 24  # kernel values: so many are summed up one by one, exactly
_ROWS = 1 << 15
_ACCURACY = 1e-6  # of k(0), of kernels summed up by waves
_MISSED = 10  # times that: then waves would be too many for it
_NEIGHBOURS = 48  # that a standard deviation is taken from
_ALL = 3000  # points: of so few it is taken from all, by one factor
_CHECKED = 500  # samples
_MARGIN = 0.05  # of the points' box: farther away than that beyond it points are summed up one by one
_MOST = 1 << 24  # numbers in the small matrices of standard deviations
_STEP = 1e-5  # of a wave at the bandwidth: between the two values that give a slope


@dataclass(frozen=True)
class KernelWeights:
    """What training found: f = ``mean`` + Σ_j k(v − v_j) α_j with α ``values`` (N, C) at the ``samples``' places.

    ``mean`` (C,); ``ridge`` of k(0) = 1; ``scale`` (C,) of the standard deviation. All in [0, 1] of the value range.
    ``known`` (N, C) tells at which samples a channel was measured; None if every channel was at all of them. ``error``
    (C,) is by how much, in RMS, the field misses the exact solution at its samples; None if that is nothing.
    Where the values of the samples were not ``measured`` themselves, but found from a scan, their standard deviation is
    ``spread`` (N, C), None if nobody asked for it.
    """

    samples: Samples
    values: Tensor
    mean: Tensor
    ridge: float
    scale: Tensor
    known: Tensor | None = None
    error: Tensor | None = None
    spread: Tensor | None = None
    measured: bool = True


class KernelField:
    """Kernel regression with the NTK of an infinitely wide network: what training such a network to the end gives.

    ``field(coordinates)`` gives the signal's own values (…, C) at coordinates (…, d), from NumPy to NumPy and from
    torch to torch: f = mean + Σ_j k(v − v_j) α_j (Jacot et al. 2018, at t = ∞; with a ridge, stopped early). Few points
    are summed up exactly, many by NUFFT and near pairs, to 1e-6 of k(0)·Σ|α|. ``deviation`` is its standard deviation.
    ``placement`` leads from the columns of a table to coordinates.
    """

    def __init__(
        self,
        spec: KernelSpec,
        weights: KernelWeights,
        domain: Domain,
        value_range: ValueRange,
        source: SignalDescription,
        record: dict[str, Any] | None = None,
        placement: Placement | None = None,
    ) -> None:
        self.spec, self.weights = spec, weights
        self.domain, self.value_range, self.source = domain, value_range, source
        self.record = record or {}
        self.placement = placement

    @overload
    def __call__(self, coordinates: Tensor) -> Tensor: ...
    @overload
    def __call__(self, coordinates: np.ndarray) -> np.ndarray: ...
    def __call__(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """Values (…, C), float64, at ``coordinates`` (…, d). Raises ``SettingsError`` if the last axis is not d."""
        points = self._points(coordinates)
        values = self.value_range.restore(self._normalised(points.reshape(-1, self.domain.dimensions)))
        values = values.reshape(*points.shape[:-1], values.shape[1])
        return values if isinstance(coordinates, Tensor) else values.numpy()

    def gradient(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """∂value_c/∂v_a at ``coordinates`` (N, d) → (N, C, d), per unit; the kink at a sample itself counts as flat."""
        points = self._points(coordinates)
        peak = torch.as_tensor(self.value_range.peak, dtype=torch.float64).reshape(-1, 1)
        slopes = peak * self._slopes(points)
        return slopes if isinstance(coordinates, Tensor) else slopes.numpy()

    def deviation(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """Standard deviation (…, C) of a value measured at ``coordinates`` (…, d), in the signal's own values.

        scale·√(k(0) + ρ − kᵀ(K + ρI)⁻¹k) with the training samples of each channel, all of them up to 3,000, else the
        48 nearest: farther ones add next to nothing, and never a larger value. The scale is such that 90 % of left out
        training samples lay within ±1.645 of it. What the solver's error adds counts too: of many samples without noise
        it is the larger part. Of a field from a scan, its own between the samples of its grid. Raises ``SettingsError``
        where that is not known.
        """
        points = self._points(coordinates)
        if not self.weights.measured:
            found = between_samples(self.weights.samples, self.weights.spread, points)
            found = found * torch.as_tensor(self.value_range.peak, dtype=torch.float64)
            return found if isinstance(coordinates, Tensor) else found.numpy()
        flat, known = points.reshape(-1, self.domain.dimensions), self.weights.known
        alike: dict[bytes, Tensor] = {}
        shares = [self.relative_deviation(flat)] if known is None else []
        for measured in () if known is None else known.T:
            pattern = measured.numpy().tobytes()
            if pattern not in alike:
                alike[pattern] = self.relative_deviation(flat, measured)
            shares.append(alike[pattern])
        peak = torch.as_tensor(self.value_range.peak, dtype=torch.float64)
        found = torch.stack(shares, dim=1) * self.weights.scale
        if self.weights.error is not None:
            found = torch.hypot(found, self.weights.error)
        found = (found * peak).reshape(*points.shape[:-1], found.shape[1])
        return found if isinstance(coordinates, Tensor) else found.numpy()

    def misses(self, values: Tensor) -> Tensor:
        """By how much, in RMS, the field misses the exact solution for these values (N, C) of its samples, (C,): there
        that is y − ρα. Measured at some hundred of them."""
        rows = torch.randperm(len(values), generator=torch.Generator().manual_seed(0))[:_CHECKED]
        exact = values[rows] - self._noise[rows, None] * self.weights.values[rows]
        errors = self._normalised(places_of(self.weights.samples)[rows]) - exact
        return errors.square().nanmean(0).sqrt().nan_to_num(nan=0.0)

    def relative_deviation(self, points: Tensor, measured: Tensor | None = None) -> Tensor:
        """√(k(0) + ρ − kᵀ(K + ρI)⁻¹k) at points (M, d), for k(0) = 1, (M,), from all samples or those ``measured``
        (N,); NaN at coordinates that are no numbers."""
        places, noise = places_of(self.weights.samples), self._noise
        if measured is not None:
            places, noise = places[measured], noise[measured]
        whole = points.isfinite().all(1)
        found = points.new_full((len(points),), torch.nan)
        found[whole] = self._from(places, noise, points[whole])
        return found

    def _from(self, places: Tensor, noise: Tensor, points: Tensor) -> Tensor:
        if len(places) <= _ALL:
            return self._from_all(places, noise, points)
        rows = max(1, _MOST // (_NEIGHBOURS + 1) ** 2)
        return torch.cat([self._from_nearest(places, noise, part) for part in points.split(rows)])

    def _from_all(self, places: Tensor, noise: Tensor, points: Tensor) -> Tensor:
        kernel = self._kernel_for(points)
        matrix = self._kernel.between(places, places)
        matrix.diagonal().add_(noise)
        factor = torch.linalg.cholesky(matrix)
        parts = []
        for part in points.split(max(1, _MOST // max(1, len(places)))):
            cross = torch.linalg.solve_triangular(factor, kernel.between(places, part), upper=False)
            parts.append(kernel.at_zero + self.weights.ridge - cross.square().sum(0))
        return torch.cat(parts).clamp(min=1e-12).sqrt()

    def _from_nearest(self, places: Tensor, noise: Tensor, points: Tensor) -> Tensor:
        scale = axis_scale(self.spec, self.domain.dimensions)
        near = nearest_neighbours(places * scale, points * scale, _NEIGHBOURS)
        everything = torch.cat([points[:, None], places[near]], dim=1)
        matrix = self._kernel_for(points)(everything[:, :, None] - everything[:, None])
        own = torch.full((len(points), 1), self.weights.ridge, dtype=torch.float64)
        return foretell(matrix, matrix.new_zeros(len(points), near.shape[1], 1), torch.cat([own, noise[near]], dim=1))[
            1
        ]

    def sample(self, grid: Grid) -> np.ndarray:
        """Values (n₁, …, n_d, C), float32, at the centres of a grid's cells: by FFT where its steps go into those of
        the samples (``sums_on_grid``), a block of points at a time otherwise."""
        sums = self._on_grid(grid)
        if sums is not None:
            values = self.value_range.restore(self.weights.mean + sums).numpy().astype(np.float32)
            return values.reshape(*grid.shape, -1)
        values = np.empty((grid.size, self.source.channels), dtype=np.float32)
        for start in range(0, grid.size, _ROWS):
            flat = np.arange(start, min(start + _ROWS, grid.size))
            values[flat] = self(grid.coordinates(flat))
        return values.reshape(*grid.shape, -1)

    def at(self, samples: Samples) -> Tensor:
        """Values (N, C), float64, at samples of a grid or points, those that form a lattice by FFT."""
        lattice = lattice_of(samples) if isinstance(samples, GridSamples) else None
        sums = None if lattice is None else self._on_grid(lattice)
        return self(places_of(samples)) if sums is None else self.value_range.restore(self.weights.mean + sums)

    def _on_grid(self, grid: Grid) -> Tensor | None:
        samples = self.weights.samples
        if not isinstance(samples, GridSamples) or grid.size * len(samples) <= _DENSE:
            return None
        corners = torch.tensor([grid.lower, grid.upper], dtype=torch.float64)
        return sums_on_grid(self._kernel_for(corners), samples, self.weights.values, grid)

    @property
    def device(self) -> torch.device:
        """Where the weights live: the CPU."""
        return torch.device("cpu")

    def to(self, device: torch.device | str) -> KernelField:
        """The field itself: kernels are summed up on the CPU, whatever ``device`` is."""
        return self

    def to_torch(self) -> nn.Module:
        """An ``nn.Module`` from coordinates (…, d) to values (…, C), differentiable in the coordinates, once."""
        return _KernelModule(self)

    def save(self, path: Path | str) -> None:
        """Write the field to one ``.safetensors`` file, atomically; ``fourierfield.load`` reads it back."""
        from .field_file import save_kernel_field

        save_kernel_field(path, self)

    @cached_property
    def _kernel(self) -> StationaryKernel:
        return self.spec.kernel(self.domain.dimensions)

    @property
    def _noise(self) -> Tensor:
        """Its variance at each sample, for k(0) = 1, (N,)."""
        samples = self.weights.samples
        every = torch.full((len(samples),), self.weights.ridge, dtype=torch.float64)
        return every if samples.weights is None else every / samples.weights

    def _normalised(self, points: Tensor) -> Tensor:
        waves = self._by_waves(points, 1)
        values = points.new_empty(len(points), len(self.weights.mean))
        if bool(waves.any()):
            values[waves] = self._sums(points[waves])
        values[~waves] = self._exact(points[~waves])
        return self.weights.mean + values

    def _slopes(self, points: Tensor) -> Tensor:
        waves = self._by_waves(points, 2 * self.domain.dimensions)
        slopes = points.new_empty(len(points), len(self.weights.mean), self.domain.dimensions)
        if bool(waves.any()):
            slopes[waves] = self._sums.gradient(points[waves])
        for axis in range(self.domain.dimensions):
            shift = points.new_zeros(self.domain.dimensions)
            shift[axis] = _STEP / max(per_axis(self.spec.encoding.bandwidth or 1.0, self.domain.dimensions))
            beyond, before = (self._exact(points[~waves] + s) for s in (shift, -shift))
            slopes[~waves, :, axis] = (beyond - before) / (2 * shift[axis])
        return slopes

    def _by_waves(self, points: Tensor, sums: int) -> Tensor:
        """Where sums go by waves, (M,): within the domain and a little beyond, unless there are few kernel values."""
        few = len(points) * len(self.weights.values) * sums <= _DENSE
        if few or self.domain.dimensions > 3 or self._sums.split.error > _MISSED * _ACCURACY:
            return torch.zeros(len(points), dtype=torch.bool)
        sides = torch.tensor(self.domain.sides, dtype=torch.float64)
        return ((points >= -_MARGIN) & (points <= sides + _MARGIN)).all(1)

    def _exact(self, points: Tensor) -> Tensor:
        """Sums over all samples, one by one."""
        places = places_of(self.weights.samples)
        rows = max(1, _DENSE // len(places))
        parts = [self._kernel_for(part).between(part, places) @ self.weights.values for part in points.split(rows)]
        return torch.cat(parts)

    def _kernel_for(self, points: Tensor) -> StationaryKernel:
        """The kernel; where points lie beyond its table, not from there."""
        if not isinstance(self._kernel, RadialKernel):
            return self._kernel
        farthest = torch.maximum(points.abs(), (points - torch.tensor(self.domain.sides, dtype=torch.float64)).abs())
        beyond = bool((self._kernel.radius(farthest) > self._kernel.longest).any())
        return self._kernel.kernel if beyond else self._kernel

    @cached_property
    def _sums(self) -> KernelSum:
        """The sums by waves, within the domain and a little beyond."""
        places = places_of(self.weights.samples)
        sides = torch.tensor(self.domain.sides, dtype=torch.float64) * (1 + 2 * _MARGIN) + 2 * _MARGIN
        return KernelSum(split_for(self._kernel, places, _ACCURACY, sides=sides), places, self.weights.values)

    def _points(self, coordinates: Tensor | np.ndarray) -> Tensor:
        if isinstance(coordinates, Tensor):
            points = coordinates.detach().double().cpu()
        else:
            points = torch.from_numpy(np.array(coordinates, dtype=np.float64))
        if points.ndim < 1 or points.shape[-1] != self.domain.dimensions:
            raise SettingsError(
                f"this field takes coordinates (…, {self.domain.dimensions}), not {tuple(points.shape)}"
            )
        return points


class _KernelModule(nn.Module):
    def __init__(self, field: KernelField) -> None:
        super().__init__()
        self._field = field

    def forward(self, coordinates: Tensor) -> Tensor:
        values = _Evaluate.apply(coordinates.reshape(-1, coordinates.shape[-1]), self._field)
        return values.reshape(*coordinates.shape[:-1], values.shape[1])


class _Evaluate(torch.autograd.Function):
    """Values of a field, with the gradient that it knows."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, field: KernelField) -> Tensor:
        ctx.field, ctx.points = field, points.detach()
        return field(points.detach()).to(points)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        gradient = ctx.field.gradient(ctx.points)
        return torch.einsum("nc,ncd->nd", slope.double(), gradient).to(ctx.points), None
