"""Define fields: functions of coordinates that can be evaluated anywhere, saved and loaded."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from ..encodings._spec import rebuild_encoding
from ..errors import SettingsError
from ..grids._domain import Domain, Grid
from ..grids._points import Placement
from ..grids._signal import SignalDescription
from ..grids._typed import typed
from ._field_file import common_header, common_parts, tuples, write_tensors
from ._mlp import MLP, CoordinateNetwork, MLPSpec
from ._values import ValueRange

_ENCODING = "encoding."  # in the names of a file's tensors
_BYTES_AT_ONCE = 64 << 20  # for the activations of a block of points: bounds the memory of an evaluation
Points = TypeVar("Points", Tensor, np.ndarray)  # what a field is evaluated at; it returns the same type


def given_as(found: Tensor, coordinates: Points) -> Points:
    """Return what was found at coordinates as NumPy if these are, otherwise as it is."""
    return found if isinstance(coordinates, Tensor) else found.cpu().numpy()


Report = Callable[[int], None]
"""A function that is called with the number of samples done so far."""


def unreported(done: int) -> None:
    """Report to nobody."""


class Drawable(Protocol):
    """A function of coordinates with units that can be evaluated and drawn."""

    domain: Domain
    value_range: ValueRange
    source: SignalDescription
    record: dict[str, Any]
    placement: Placement | None

    def __call__(self, coordinates: Points) -> Points:
        """Compute the values (…, C) at coordinates (…, d), NumPy for NumPy and torch for torch."""

    def sample(self, grid: Grid, report: Report = unreported) -> np.ndarray:
        """Compute the values (n₁, …, n_d, C), float32, at the centres of a grid's cells.

        ``report`` is called now and then with the number of samples done.
        """


class Field(Drawable, Protocol):
    """A fitted function of coordinates: what ``fit`` and ``load`` return.

    Attributes:
        domain: The box of the field, with its physical units.
        value_range: The values of the signal that count as [0, 1].
        source: The signal that was fitted.
        record: What the fit found (metrics, settings), plain JSON values.
        placement: How the columns of a table become coordinates; None for grids.

    >>> def mean_value(field: Field) -> float:
    ...     return float(field.sample(field.domain.grid((64, 64))).mean())
    """

    def gradient(self, coordinates: Points) -> Points:
        """Compute ∂value_c/∂v_a at coordinates (N, d) → (N, C, d), per coordinate unit."""

    def deviation(self, coordinates: Points) -> Points:
        """Compute the standard deviation (…, C) at coordinates (…, d). Raises ``SettingsError`` if it is not known."""

    @property
    def device(self) -> torch.device:
        """The device that the field is evaluated on."""

    def to(self, device: torch.device | str) -> Self:
        """Move the field to a device; return the field itself."""

    def to_torch(self) -> nn.Module:
        """Return a plain ``nn.Module`` from coordinates (…, d) to values (…, C)."""

    def save(self, path: Path | str) -> None:
        """Write the field to one file. Raises ``SettingsError`` if it cannot be written."""


class NetworkField:
    """A trained coordinate network with its domain and its units.

    ``field(coordinates)`` returns the signal's own values offset + peak·f(v), (…, C), at coordinates v (…, d), NumPy
    for NumPy and torch for torch, where it is differentiable. Points are evaluated a block at a time.

    Args:
        network: f, whose values lie in [0, 1] of the ``value_range``; its gradients are switched off.
        domain: The box of the field, with its physical units.
        value_range: The values of the signal that count as [0, 1].
        source: The signal that was fitted.
        record: What the fit found (metrics, settings), plain JSON values; saved with the field.
        placement: How the columns of a table become coordinates; None for grids.

    >>> from fourierfield.encodings import gaussian
    >>> from fourierfield.grids._sample_format import SampleFormat
    >>> from fourierfield.networks import MLP, MLPSpec
    >>> generator = torch.Generator().manual_seed(0)
    >>> encoding = gaussian(2, bandwidth=4.0, features=8, generator=generator)
    >>> network = CoordinateNetwork(encoding, MLP(MLPSpec(16, 3), generator))
    >>> source = SignalDescription("image", (4, 4), 3, SampleFormat("uint8"))
    >>> field = NetworkField(network, Domain.of_samples((4, 4)), ValueRange(), source)
    >>> field(np.array([[0.5, 0.5]])).shape
    (1, 3)
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

    def __call__(self, coordinates: Points) -> Points:
        """Compute the values (…, C), float32, at ``coordinates`` (…, d).

        Raises:
            SettingsError: The last axis of the coordinates does not have d entries.
        """
        if isinstance(coordinates, Tensor):
            return self._evaluate(coordinates)
        with torch.no_grad():
            return given_as(self._evaluate(torch.from_numpy(np.array(coordinates, np.float32))), coordinates)

    def gradient(self, coordinates: Points) -> Points:
        """Compute ∂value_c/∂v_a at ``coordinates`` (N, d) → (N, C, d), per coordinate unit; torch can differentiate it.

        Raises:
            SettingsError: The last axis of the coordinates does not have d entries.
        """
        points = coordinates if isinstance(coordinates, Tensor) else torch.from_numpy(np.array(coordinates, np.float32))
        self._check(points)
        slopes = torch.cat([self._block_gradient(block) for block in points.split(self._rows_at_once())])
        return given_as(slopes, coordinates)

    def sample(self, grid: Grid, report: Report = unreported) -> np.ndarray:
        """Compute the values (n₁, …, n_d, C), float32, at the centres of a grid's cells, a block at a time."""
        rows = self._rows_at_once()
        values = np.empty((grid.size, self.source.channels), dtype=np.float32)
        with torch.no_grad():
            for start in range(0, grid.size, rows):
                flat = np.arange(start, min(start + rows, grid.size))
                points = torch.from_numpy(grid.coordinates(flat).astype(np.float32))
                values[flat] = self._evaluate(points.to(self.device)).cpu().numpy()
                report(int(flat[-1]) + 1)
        return values.reshape(*grid.shape, -1)

    @property
    def device(self) -> torch.device:
        """The device of the network."""
        return self.network.mlp.layers[0].weight.device

    def to(self, device: torch.device | str) -> Self:
        """Move the network to a device; return the field itself."""
        self.network.to(device)
        return self

    def to_torch(self) -> nn.Module:
        """Make a trainable copy: a plain ``nn.Module`` from coordinates (…, d) to the signal's values (…, C)."""
        network = copy.deepcopy(self.network).requires_grad_(True)
        return nn.Sequential(network, _Affine(self.value_range))

    def deviation(self, coordinates: Any) -> Any:
        """Raise ``SettingsError``: a network does not know its standard deviation."""
        raise SettingsError("--uncertainty: a network does not know its uncertainty; fit with --method kernel")

    def save(self, path: Path | str) -> None:
        """Write the field to one ``.safetensors`` file, atomically; ``fourierfield.load`` reads it back."""
        write_tensors(path, *self.contents())

    def contents(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and the header of the field's file."""
        network = self.network
        tensors, attached = self._attached()
        header = {
            "kind": "network-field",
            "encoding": network.encoding.describe(),
            "mlp": asdict(network.mlp.spec),
            **common_header(self),
            **({"placement": self.placement.to_json()} if self.placement else {}),
            **attached,
        }
        return {**network.state_dict(), **tensors}, header

    @classmethod
    def from_file(cls, tensors: dict[str, Tensor], header: dict[str, Any]) -> NetworkField:
        """Rebuild a field from the tensors and the header of its file (``read_tensors``)."""
        own = {name: tensor for name, tensor in tensors.items() if name.startswith(("encoding.", "mlp."))}
        encoding_tensors = {name.removeprefix(_ENCODING): t for name, t in own.items() if name.startswith(_ENCODING)}
        parts = common_parts(header)
        spec = typed(MLPSpec(**tuples(header["mlp"])))
        _check_layers(spec, own)
        encoding = rebuild_encoding(header["encoding"], encoding_tensors)
        network = CoordinateNetwork(encoding, MLP(spec))
        network.load_state_dict(own)
        if (encoding.dimensions, spec.out_features) != (parts[0].dimensions, parts[2].channels):
            raise ValueError("its network has other axes or channels than its signal")
        return NetworkField(network, *parts)

    def _attached(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and header entries that a field of a subclass adds to its file."""
        return {}, {}

    def _evaluate(self, coordinates: Tensor) -> Tensor:
        self._check(coordinates)
        points = coordinates.reshape(-1, self.domain.dimensions).to(self.network.mlp.layers[0].weight)
        blocks = [self.network(block) for block in points.split(self._rows_at_once())]
        values = torch.cat(blocks) if blocks else points.new_empty(0, self.source.channels)
        return self.value_range.restore(values.reshape(*coordinates.shape[:-1], self.source.channels))

    def _block_gradient(self, points: Tensor) -> Tensor:
        twice = points.requires_grad and torch.is_grad_enabled()  # the caller differentiates the slopes again
        with torch.enable_grad():
            points = points if twice else points.detach().to(self.device).requires_grad_(True)
            values = self._evaluate(points)
            rows = [
                torch.autograd.grad(values[:, c].sum(), points, retain_graph=True, create_graph=twice)[0]
                for c in range(values.shape[1])
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
    """The map from a network's [0, 1] to the signal's values."""

    def __init__(self, value_range: ValueRange) -> None:
        super().__init__()
        self.value_range = value_range

    def forward(self, normalised: Tensor) -> Tensor:
        return self.value_range.restore(normalised)


def _check_layers(spec: MLPSpec, tensors: dict[str, Tensor]) -> None:
    """Raise ``ValueError`` unless a file holds the weights of a network, before any memory is taken for it."""
    held = [tensors.get(f"mlp.layers.{layer}.weight") for layer in range(min(spec.depth, len(tensors)))]
    if spec.depth > len(tensors) or any(weight is None for weight in held):
        raise ValueError(f"it has not the weights of {spec.depth} layers")
    for weight, (fan_in, fan_out) in zip(held, spec.layer_sizes, strict=True):
        if weight is not None and tuple(weight.shape) != (fan_out, fan_in):
            raise ValueError(f"it has weights of shape {tuple(weight.shape)} where {fan_out}×{fan_in} are needed")
