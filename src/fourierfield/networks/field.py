"""Fields: functions of coordinates that can be evaluated anywhere, saved and loaded."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Protocol, overload

import numpy as np
import torch
from torch import Tensor, nn

from ..errors import SettingsError
from ..signals import Domain, Grid, Placement, SignalDescription
from .coordinate import CoordinateNetwork
from .values import ValueRange

__all__ = ["Field", "NetworkField"]

_BYTES_AT_ONCE = 64 << 20


class Field(Protocol):
    """What ``fit`` makes and ``render`` draws, whatever stands behind it."""

    domain: Domain
    value_range: ValueRange
    source: SignalDescription
    record: dict[str, Any]
    placement: Placement | None

    @overload
    def __call__(self, coordinates: Tensor) -> Tensor: ...
    @overload
    def __call__(self, coordinates: np.ndarray) -> np.ndarray: ...
    def __call__(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """Values (…, C) at coordinates (…, d)."""
        ...

    def gradient(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """∂value_c/∂v_a at coordinates (N, d) → (N, C, d)."""
        ...

    def save(self, path: Path | str) -> None:
        """Write the field to one file."""
        ...

    def sample(self, grid: Grid) -> np.ndarray:
        """Values (n₁, …, n_d, C), float32, on a grid."""
        ...


class NetworkField:
    """A trained coordinate network with its domain and its units.

    ``field(coordinates)`` gives the signal's own values (…, C) at coordinates (…, d), from NumPy to NumPy and from
    torch to torch, differentiable, in bounded memory. ``source`` describes the signal that was fitted, ``record``
    what the fit found (metrics, settings), ``placement`` how columns of a table become coordinates; all saved with it.
    """

    def __init__(
        self,
        network: CoordinateNetwork,
        domain: Domain,
        value_range: ValueRange,
        source: SignalDescription,
        record: dict[str, Any] | None = None,
        placement: Placement | None = None,
    ) -> None:
        self.network = network.eval().requires_grad_(False)
        self.domain = domain
        self.value_range = value_range
        self.source = source
        self.record = record or {}
        self.placement = placement

    @overload
    def __call__(self, coordinates: Tensor) -> Tensor: ...
    @overload
    def __call__(self, coordinates: np.ndarray) -> np.ndarray: ...
    def __call__(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """Values (…, C) at ``coordinates`` (…, d). Raises ``SettingsError`` if the last axis is not d."""
        if isinstance(coordinates, Tensor):
            return self._evaluate(coordinates)
        points = np.array(coordinates, dtype=np.float32)
        with torch.no_grad():
            return self._evaluate(torch.from_numpy(points)).cpu().numpy()

    def gradient(self, coordinates: Tensor | np.ndarray) -> Tensor | np.ndarray:
        """∂value_c/∂v_a at ``coordinates`` (N, d) → (N, C, d), per coordinate unit."""
        points = coordinates if isinstance(coordinates, Tensor) else torch.from_numpy(np.array(coordinates, np.float32))
        self._check(points)
        slopes = torch.cat([self._block_gradient(block) for block in points.split(self._rows_at_once())])
        return slopes if isinstance(coordinates, Tensor) else slopes.cpu().numpy()

    def sample(self, grid: Grid) -> np.ndarray:
        """Values (n₁, …, n_d, C), float32, at the centres of a grid's cells, a block of points at a time."""
        rows = self._rows_at_once()
        values = np.empty((grid.size, self.source.channels), dtype=np.float32)
        with torch.no_grad():
            for start in range(0, grid.size, rows):
                flat = np.arange(start, min(start + rows, grid.size))
                points = torch.from_numpy(grid.coordinates(flat).astype(np.float32))
                values[flat] = self._evaluate(points.to(self.device)).cpu().numpy()
        return values.reshape(*grid.shape, -1)

    @property
    def device(self) -> torch.device:
        """Where the network lives."""
        return self.network.mlp.layers[0].weight.device

    def to(self, device: torch.device | str) -> NetworkField:
        """Move the network; returns the field itself."""
        self.network.to(device)
        return self

    def to_torch(self) -> nn.Module:
        """A plain trainable ``nn.Module`` from coordinates (…, d) to the signal's values (…, C); a copy."""
        network = copy.deepcopy(self.network).requires_grad_(True)
        return nn.Sequential(network, _Affine(self.value_range))

    def save(self, path: Path | str) -> None:
        """Write the field to one ``.safetensors`` file, atomically; ``fourierfield.load`` reads it back."""
        from .field_file import save_field

        save_field(path, self)

    def _attached(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Tensors and header entries that a file holds beside the network's; for fields that know more."""
        return {}, {}

    def _evaluate(self, coordinates: Tensor) -> Tensor:
        self._check(coordinates)
        points = coordinates.reshape(-1, self.domain.dimensions).to(self.network.mlp.layers[0].weight)
        blocks = [self.network(block) for block in points.split(self._rows_at_once())]
        values = torch.cat(blocks) if blocks else points.new_empty(0, self.source.channels)
        return self.value_range.restore(values.reshape(*coordinates.shape[:-1], self.source.channels))

    def _block_gradient(self, points: Tensor) -> Tensor:
        with torch.enable_grad():
            points = points.detach().to(self.device).requires_grad_(True)
            values = self._evaluate(points)
            rows = [
                torch.autograd.grad(values[:, c].sum(), points, retain_graph=True)[0] for c in range(values.shape[1])
            ]
        return torch.stack(rows, dim=1)

    def _check(self, coordinates: Tensor) -> None:
        if coordinates.ndim < 1 or coordinates.shape[-1] != self.domain.dimensions:
            raise SettingsError(
                f"this field takes coordinates (…, {self.domain.dimensions}), not {tuple(coordinates.shape)}"
            )

    def _rows_at_once(self) -> int:
        widest = max(
            self.network.encoding.out_features, *(n for pair in self.network.mlp.spec.layer_sizes for n in pair)
        )
        return max(1, _BYTES_AT_ONCE // (16 * widest))


class _Affine(nn.Module):
    """Values of the signal from a network's [0, 1]."""

    def __init__(self, value_range: ValueRange) -> None:
        super().__init__()
        self.value_range = value_range

    def forward(self, normalised: Tensor) -> Tensor:
        return self.value_range.restore(normalised)
