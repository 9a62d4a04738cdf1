"""The weights of a kernel field, and how its file holds them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from ..grids._domain import Grid
from ..grids._memory import require_memory
from ..grids._typed import typed
from ..problems._grid import GridSamples
from ..problems._points import PointSamples, Samples
from ._solve import places_of


@dataclass(frozen=True)
class KernelWeights:
    """The result of training: f = ``mean`` + Σ_j k(v − v_j) α_j with α = ``values`` (N, C) at the ``samples``' places.

    ``mean`` (C,); ``ridge`` for k(0) = 1; ``scale`` (C,) of the standard deviation. All in [0, 1] of the value range.
    ``known`` (N, C) marks the samples at which a channel was measured; None if every channel was measured at all of
    them. ``error`` (C,) is the RMS difference between the field and the exact solution at its samples; None for zero.
    If the values of the samples were not ``measured`` themselves but found from a scan, ``spread`` (N, C) is their
    standard deviation; None if it was not requested.
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

    def to_file(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and the header entries that a file holds of the weights."""
        tensors = {"weights": self.values, "mean": self.mean, "scale": self.scale}
        tensors["error"] = torch.zeros_like(self.mean) if self.error is None else self.error
        optional = {"known": self.known, "spread": self.spread}
        tensors |= {name: tensor for name, tensor in optional.items() if tensor is not None}
        header: dict[str, Any] = {"ridge": self.ridge}
        if not self.measured:
            header["measured"] = False
        if isinstance(self.samples, GridSamples):
            header["grid"] = asdict(self.samples.grid)
            if len(self.samples) < self.samples.grid.size:
                tensors["flat"] = self.samples.flat
        else:
            tensors["points"] = self.samples.points
            if self.samples.weights is not None:
                tensors["sample_weights"] = self.samples.weights
        return tensors, header

    @classmethod
    def from_file(
        cls, tensors: dict[str, Tensor], header: dict[str, Any], dimensions: int, channels: int
    ) -> KernelWeights:
        """Rebuild the weights from the tensors and the header of a file. Raises ``ValueError`` for other shapes."""
        samples = _samples(tensors, header)
        count = len(samples)
        _require_shape(places_of(samples), "places", (count, dimensions))
        for name in ("mean", "scale", "error"):
            _require_shape(tensors[name], name, (channels,))
        for name in ("weights", "known", "spread"):
            if name in tensors or name == "weights":
                _require_shape(tensors[name], name, (count, channels))
        return cls(
            samples,
            tensors["weights"],
            tensors["mean"],
            float(header["ridge"]),
            tensors["scale"],
            tensors.get("known"),
            tensors["error"],
            tensors.get("spread"),
            bool(header.get("measured", True)),
        )


_BYTES_PER_PLACE = 32  # bytes: a number, its transform and a working copy


def _samples(tensors: dict[str, Tensor], header: dict[str, Any]) -> Samples:
    if "grid" not in header:
        points, sample_weights = tensors["points"], tensors.get("sample_weights")
        if sample_weights is not None:
            _require_shape(sample_weights, "sample_weights", (len(points),))
        return PointSamples(points, points.new_zeros(len(points), 0), sample_weights)
    grid = typed(Grid(**{key: tuple(value) for key, value in header["grid"].items()}))
    require_memory(_BYTES_PER_PLACE * grid.size, "the grid of the field", "give a whole field file")
    if "flat" not in tensors and grid.size != len(tensors["weights"]):
        raise ValueError(f"{len(tensors['weights'])} weights for {grid.size} samples")
    flat = tensors.get("flat", torch.arange(grid.size))
    if len(flat) and not 0 <= int(flat.min()) <= int(flat.max()) < grid.size:
        raise ValueError("samples outside of its grid")
    return GridSamples(grid, flat, torch.zeros(len(flat), 0))


def _require_shape(tensor: Tensor, name: str, shape: tuple[int, ...]) -> None:
    if tuple(tensor.shape) != shape:
        raise ValueError(f"{name} of shape {tuple(tensor.shape)} instead of {shape}")
