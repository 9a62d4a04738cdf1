"""The field of an infinitely wide network trained to the end."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from ..encodings._families import per_axis
from ..errors import SettingsError
from ..grids._domain import Domain, Grid
from ..grids._points import Placement
from ..grids._signal import SignalDescription
from ..kernels._radial import RadialKernel
from ..kernels._stationary import StationaryKernel
from ..networks._field import Points, Report, given_as, unreported
from ..networks._field_file import common_header, common_parts, write_tensors
from ..networks._values import ValueRange
from ..operators._neighbours import nearest_neighbours
from ..operators._scattered import KernelSum, split_for
from ..problems._grams import lattice_of
from ..problems._grid import GridSamples
from ..problems._points import Samples
from ._effort import check_frequencies
from ._evidence import axis_scale
from ._left_out import predict_left_out
from ._module import KernelModule, slopes_of
from ._on_grid import between_samples, sums_on_grid
from ._solve import noise_of, places_of
from ._spec import KernelSpec
from ._weights import KernelWeights

_DENSE = 1 << 24  # kernel values: so few are summed directly, exactly, and a block of them takes 128 MiB
_ROWS = 1 << 15  # points of a grid that are evaluated at once: bounds memory
_ACCURACY = 1e-6  # of k(0), for kernels that are summed by waves (docs/kernel.md)
_MISSED = 10  # times that accuracy: if the split misses by more, it would take too many waves, and sums are direct
_NEIGHBOURS = 48  # nearest samples that a standard deviation is computed from (docs/kernel.md)
_ALL = 3000  # samples up to which it is computed from all of them, by one Cholesky factor
_CHECKED = 500  # samples at which the solver's error is measured: the RMS of so many normal errors is known to 3 %
_LARGE = 1 << 15  # samples of a grid from which sums at some of its places are cut out of one FFT: less memory and time
_MARGIN = 0.05  # coordinate units: points farther than that outside the domain are summed directly
_MOST = 1 << 24  # numbers in the matrices of one block of standard deviations: bounds memory at 128 MiB each
_STEP = 1e-5  # waves at the bandwidth: half the distance between the two values that give a slope


class KernelField:
    """Kernel regression with the NTK of an infinitely wide network: the result of training such a network to the end.

    ``field(coordinates)`` returns the signal's own values f(v) = mean + Σ_j k(v − v_j) α_j, (…, C), at coordinates
    (…, d), NumPy for NumPy and torch for torch (Jacot et al. 2018, Section 5, at t = ∞; a ridge stands for stopping
    early). Few points are summed exactly, many by NUFFT and near pairs, to 1e-6 of k(0)·Σ|α|.
    ``fit(…, method="kernel")`` makes such fields.

    Args:
        spec: The network and its encoding, which give the kernel k; frequencies in cycles per coordinate unit.
        weights: The samples with their α, the mean, the ridge, and the numbers that the standard deviation needs.
        domain: The box of the field, with its physical units.
        value_range: The values of the signal that count as [0, 1] in the weights.
        source: The signal that was fitted.
        record: What the fit found (metrics, settings), plain JSON values; saved with the field.
        placement: How the columns of a table become coordinates; None for grids.

    >>> from fourierfield.encodings import EncodingSpec
    >>> from fourierfield.grids._sample_format import SampleFormat
    >>> samples = GridSamples(Grid((0.0,), (1.0,), (4,)), torch.arange(4), torch.zeros(4, 1))
    >>> alpha = torch.tensor([[0.5], [0.0], [0.0], [0.0]], dtype=torch.float64)
    >>> weights = KernelWeights(samples, alpha, torch.zeros(1), ridge=0.0, scale=torch.ones(1))
    >>> source = SignalDescription("series", (4,), 1, SampleFormat("float32"))
    >>> spec = KernelSpec(EncodingSpec("gaussian", 2.0))
    >>> field = KernelField(spec, weights, Domain.of_samples((4,)), ValueRange(), source)
    >>> field(np.array([[0.125]])).round(6)
    array([[0.5]])
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

    def __call__(self, coordinates: Points) -> Points:
        """Compute the values (…, C), float64, at ``coordinates`` (…, d).

        Raises:
            SettingsError: The last axis of the coordinates does not have d entries.
        """
        points = self._points(coordinates)
        if _tracked(coordinates):
            return given_as(KernelModule(self).forward(torch.as_tensor(coordinates).double()), coordinates)
        values = self.value_range.restore(self._normalised(points.reshape(-1, self.domain.dimensions)))
        values = values.reshape(*points.shape[:-1], values.shape[1])
        return given_as(values, coordinates)

    def gradient(self, coordinates: Points) -> Points:
        """Compute ∂value_c/∂v_a at ``coordinates`` (N, d) → (N, C, d), per coordinate unit.

        At a sample itself, where an NTK has a kink, its own term counts as flat. To differentiate it again raises
        ``RuntimeError``.
        """
        points = self._points(coordinates)
        if _tracked(coordinates):
            return given_as(slopes_of(torch.as_tensor(coordinates), self), coordinates)
        peak = torch.as_tensor(self.value_range.peak, dtype=torch.float64).reshape(-1, 1)
        return given_as(peak * self._slopes(points), coordinates)

    def deviation(self, coordinates: Points) -> Points:
        """Compute the standard deviation (…, C) of a value measured at ``coordinates`` (…, d), in the signal's values.

        It is scale·√(k(0) + ρ − kᵀ(K + ρI)⁻¹k), with all training samples of a channel up to 3,000 and otherwise with
        the 48 nearest: farther ones change it little, and can only make it smaller. The scale is such that 90 % of the
        left-out training samples lay within ±1.645 of it. The solver's error is added in quadrature; for many samples
        without noise it is the larger part. A field from a scan interpolates the deviation at the samples of its grid.

        Raises:
            SettingsError: The last axis is not d, or the deviation of a field from a scan is not known.
        """
        points = self._points(coordinates)
        if self.weights.measured:
            found = self._deviation(points.reshape(-1, self.domain.dimensions))
            found = found.reshape(*points.shape[:-1], found.shape[1])
        else:
            found = between_samples(self.weights.samples, self.weights.spread, points)
        return given_as(found * torch.as_tensor(self.value_range.peak, dtype=torch.float64), coordinates)

    def _deviation(self, points: Tensor) -> Tensor:
        """Compute the standard deviation (M, C) at points (M, d), as a share of the value range."""
        known = self.weights.known
        alike: dict[bytes, Tensor] = {}
        shares = [self.relative_deviation(points)] if known is None else []
        for measured in () if known is None else known.T:
            pattern = measured.numpy().tobytes()
            if pattern not in alike:
                alike[pattern] = self.relative_deviation(points, measured)
            shares.append(alike[pattern])
        found = torch.stack(shares, dim=1) * self.weights.scale
        return found if self.weights.error is None else torch.hypot(found, self.weights.error)

    def solution_error(self, values: Tensor) -> Tensor:
        """Measure the RMS difference (C,) between the field and the exact solution, at some hundred of its samples.

        With the ``values`` y (N, C) of the samples, the exact solution there is y − ρα.
        """
        rows = torch.randperm(len(values), generator=torch.Generator().manual_seed(0))[:_CHECKED]
        samples = self.weights.samples.at(rows)
        exact = values[rows] - noise_of(samples, self.weights.ridge)[:, None] * self.weights.values[rows]
        whole = self._cut_out(samples)
        errors = (self._normalised(places_of(samples)) if whole is None else self.weights.mean + whole) - exact
        return errors.square().nanmean(0).sqrt().nan_to_num(nan=0.0)

    def relative_deviation(self, points: Tensor, measured: Tensor | None = None) -> Tensor:
        """Compute √(k(0) + ρ − kᵀ(K + ρI)⁻¹k) at points (M, d), for k(0) = 1, (M,).

        The samples are all of them, or those that ``measured`` (N,) marks. NaN at coordinates that are not finite.
        """
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
        every = len(places) == len(self.weights.samples)
        factor = self._factor if every else self._factor_of(places, noise)
        parts = []
        for part in points.split(max(1, _MOST // max(1, len(places)))):
            cross = torch.linalg.solve_triangular(factor, kernel.between(places, part), upper=False)
            parts.append(kernel.at_zero + self.weights.ridge - cross.square().sum(0))
        return torch.cat(parts).clamp(min=1e-12).sqrt()

    @cached_property
    def _factor(self) -> Tensor:
        """The Cholesky factor of all samples, which drawing asks for block by block."""
        return self._factor_of(places_of(self.weights.samples), self._noise)

    def _factor_of(self, places: Tensor, noise: Tensor) -> Tensor:
        matrix = self._kernel.between(places, places)
        matrix.diagonal().add_(noise)
        return torch.linalg.cholesky(matrix)

    def _from_nearest(self, places: Tensor, noise: Tensor, points: Tensor) -> Tensor:
        scale = axis_scale(self.spec, self.domain.dimensions)
        near = nearest_neighbours(places * scale, points * scale, _NEIGHBOURS)
        everything = torch.cat([points[:, None], places[near]], dim=1)
        matrix = self._kernel_for(points)(everything[:, :, None] - everything[:, None])
        own = torch.full((len(points), 1), self.weights.ridge, dtype=torch.float64)
        nothing = matrix.new_zeros(len(points), near.shape[1], 1)  # deviations do not depend on the values
        return predict_left_out(matrix, nothing, torch.cat([own, noise[near]], dim=1))[1]

    def sample(self, grid: Grid, report: Report = unreported) -> np.ndarray:
        """Compute the values (n₁, …, n_d, C), float32, at the centres of a grid's cells.

        By FFT if the steps of the grid and of the samples have a simple ratio (``sums_on_grid``), otherwise a block of
        points at a time.
        """
        sums = self._on_grid(grid)
        if sums is not None:
            values = self.value_range.restore(self.weights.mean + sums).numpy().astype(np.float32)
            return values.reshape(*grid.shape, -1)
        values = np.empty((grid.size, self.source.channels), dtype=np.float32)
        for start in range(0, grid.size, _ROWS):
            flat = np.arange(start, min(start + _ROWS, grid.size))
            values[flat] = self(grid.coordinates(flat))
            report(int(flat[-1]) + 1)
        return values.reshape(*grid.shape, -1)

    def at(self, samples: Samples) -> Tensor:
        """Compute the values (N, C), float64, at samples of a grid or points: by FFT if they form a lattice."""
        lattice = lattice_of(samples) if isinstance(samples, GridSamples) else None
        sums = self._cut_out(samples) if lattice is None else self._on_grid(lattice)
        return self(places_of(samples)) if sums is None else self.value_range.restore(self.weights.mean + sums)

    def _on_grid(self, grid: Grid) -> Tensor | None:
        samples = self.weights.samples
        if not isinstance(samples, GridSamples) or grid.size * len(samples) <= _DENSE:
            return None
        corners = torch.tensor([grid.lower, grid.upper], dtype=torch.float64)
        return sums_on_grid(self._kernel_for(corners), samples, self.weights.values, grid)

    def _cut_out(self, samples: Samples) -> Tensor | None:
        """Sum at some samples of the field's own large grid by way of all its places; None for any others."""
        own = self.weights.samples
        if not isinstance(samples, GridSamples) or not isinstance(own, GridSamples) or len(own) < _LARGE:
            return None
        if samples.grid != own.grid:
            return None
        lattice = lattice_of(own)
        if lattice is not None and lattice != own.grid:
            return None
        sums = self._on_grid(own.grid)
        return None if sums is None else sums[samples.flat]

    @property
    def device(self) -> torch.device:
        """The device of the weights: the CPU."""
        return torch.device("cpu")

    def to(self, device: torch.device | str) -> Self:
        """Return the field itself: kernels are summed on the CPU, whatever ``device`` is."""
        return self

    def to_torch(self) -> nn.Module:
        """Make an ``nn.Module`` from coordinates (…, d) to values (…, C), once differentiable in the coordinates.

        Asking it for a second derivative raises ``RuntimeError``: the kernel of a ReLU network has none at the samples.
        """
        return KernelModule(self)

    def save(self, path: Path | str) -> None:
        """Write the field to one ``.safetensors`` file, atomically; ``fourierfield.load`` reads it back."""
        tensors, header = self.weights.to_file()
        placement = self.placement.to_json() if self.placement else None
        own = {"kind": "kernel-field", "kernel": asdict(self.spec), "placement": placement}
        write_tensors(path, tensors, {**own, **common_header(self), **header})

    @classmethod
    def from_file(cls, tensors: dict[str, Tensor], header: dict[str, Any]) -> KernelField:
        """Rebuild a field from the tensors and the header of its file. Raises ``ValueError`` for unsuitable shapes."""
        if "placement" not in header:
            raise ValueError("no placement")
        domain, value_range, source, record, placement = common_parts(header)
        spec = KernelSpec.from_json(header["kernel"])
        check_frequencies(spec.encoding.features, len(tensors["weights"]))
        spec.kernel(domain.dimensions)
        weights = KernelWeights.from_file(tensors, header, domain.dimensions, source.channels)
        return cls(spec, weights, domain, value_range, source, record, placement)

    @cached_property
    def _kernel(self) -> StationaryKernel:
        return self.spec.kernel(self.domain.dimensions)

    @property
    def _noise(self) -> Tensor:
        return noise_of(self.weights.samples, self.weights.ridge)

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
        """Return the mask (M,) of points, in the domain or just beyond, whose sums go by waves; none for few values."""
        few = len(points) * len(self.weights.values) * sums <= _DENSE
        if few or self.domain.dimensions > 3 or self._sums.split.error > _MISSED * _ACCURACY:
            return torch.zeros(len(points), dtype=torch.bool)
        sides = torch.tensor(self.domain.sides, dtype=torch.float64)
        return ((points >= -_MARGIN) & (points <= sides + _MARGIN)).all(1)

    def _exact(self, points: Tensor) -> Tensor:
        """Sum the kernel over all samples directly."""
        places = places_of(self.weights.samples)
        rows = max(1, _DENSE // len(places))
        parts = [self._kernel_for(part).between(part, places) @ self.weights.values for part in points.split(rows)]
        return torch.cat(parts)

    def _kernel_for(self, points: Tensor) -> StationaryKernel:
        """Return the kernel, without its table if some of the points lie beyond that."""
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
        own = coordinates if isinstance(coordinates, Tensor) else torch.from_numpy(np.array(coordinates, np.float64))
        points = own.detach().double().cpu()
        if points.ndim < 1 or points.shape[-1] != self.domain.dimensions:
            raise SettingsError(
                f"this field takes coordinates (…, {self.domain.dimensions}), not {tuple(points.shape)}"
            )
        return points


def _tracked(coordinates: Tensor | np.ndarray) -> bool:
    """Return whether autograd follows what is computed from the coordinates."""
    return isinstance(coordinates, Tensor) and coordinates.requires_grad and torch.is_grad_enabled()
