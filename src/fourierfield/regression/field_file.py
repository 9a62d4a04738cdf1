"""Kernel fields as files, and fields of both kinds read back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import FieldFileError
from ..networks import NetworkField, ValueRange
from ..networks.field_file import (
    domain_from_json,
    network_field,
    read_tensors,
    source_from_json,
    source_to_json,
    write_tensors,
)
from ..problems import GridSamples, PointSamples, Samples
from ..signals import Grid, Placement
from .field import KernelField, KernelWeights
from .solve import places_of
from .spec import KernelSpec

__all__ = ["load_field", "save_kernel_field"]


def save_kernel_field(path: Path | str, field: KernelField) -> None:
    """Write a field atomically: a crash leaves the old file or the new one."""
    weights = field.weights
    tensors = {"weights": weights.values, "mean": weights.mean, "scale": weights.scale}
    header = {
        "kind": "kernel-field",
        "kernel": asdict(field.spec),
        "ridge": weights.ridge,
        "domain": asdict(field.domain),
        "value_range": asdict(field.value_range),
        "source": source_to_json(field.source),
        "record": field.record,
        "placement": field.placement.to_json() if field.placement else None,
    }
    tensors["error"] = torch.zeros_like(weights.mean) if weights.error is None else weights.error
    if weights.known is not None:
        tensors["known"] = weights.known
    if weights.spread is not None:
        tensors["spread"] = weights.spread
    if not weights.measured:
        header["measured"] = False
    if isinstance(weights.samples, GridSamples):
        header["grid"] = asdict(weights.samples.grid)
        if len(weights.samples) < weights.samples.grid.size:
            tensors["flat"] = weights.samples.flat
    else:
        tensors["points"] = weights.samples.points
        if weights.samples.weights is not None:
            tensors["sample_weights"] = weights.samples.weights
    write_tensors(path, tensors, header)


def load_field(path: Path | str) -> NetworkField | KernelField:
    """Read a field of either kind. Raises ``FieldFileError`` for one missing, cut off, not ours, or newer."""
    tensors, header = read_tensors(path)
    kind = header.get("kind")
    if kind not in ("network-field", "kernel-field"):
        raise FieldFileError(
            f"{path} is a {header.get('kind', 'file without a kind')}, not a field; name a field that fit wrote"
        )
    try:
        return network_field(tensors, header) if kind == "network-field" else _kernel_field(tensors, header)
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())
        raise FieldFileError(f"{path} is not a whole field ({reason}); fit it again") from problem


def _kernel_field(tensors: dict[str, Tensor], header: dict[str, Any]) -> KernelField:
    samples, domain = _samples(tensors, header), domain_from_json(header["domain"])
    source, spec = source_from_json(header["source"]), KernelSpec.from_json(header["kernel"])
    count, channels = len(samples), source.channels
    _require_shape(places_of(samples), "places", (count, domain.dimensions))
    _require_shape(tensors["weights"], "weights", (count, channels))
    for name in ("mean", "scale", "error"):
        _require_shape(tensors[name], name, (channels,))
    known, spread = (tensors.get(name) for name in ("known", "spread"))
    for name, optional in (("known", known), ("spread", spread)):
        if optional is not None:
            _require_shape(optional, name, (count, channels))
    spec.kernel(domain.dimensions)
    weights = KernelWeights(
        samples,
        tensors["weights"],
        tensors["mean"],
        float(header["ridge"]),
        tensors["scale"],
        known,
        tensors["error"],
        spread,
        bool(header.get("measured", True)),
    )
    value_range = {key: tuple(v) if isinstance(v, list) else v for key, v in header["value_range"].items()}
    placement = Placement.from_json(header["placement"]) if header["placement"] else None
    return KernelField(spec, weights, domain, ValueRange(**value_range), source, header["record"], placement)


def _samples(tensors: dict[str, Tensor], header: dict[str, Any]) -> Samples:
    if "grid" not in header:
        points, sample_weights = tensors["points"], tensors.get("sample_weights")
        if sample_weights is not None:
            _require_shape(sample_weights, "sample_weights", (len(points),))
        return PointSamples(points, points.new_zeros(len(points), 0), sample_weights)
    grid = Grid(**{key: tuple(value) for key, value in header["grid"].items()})
    flat = tensors.get("flat", torch.arange(grid.size))
    return GridSamples(grid, flat, torch.zeros(len(flat), 0))


def _require_shape(tensor: Tensor, name: str, shape: tuple[int, ...]) -> None:
    if tuple(tensor.shape) != shape:
        raise ValueError(f"{name} of shape {tuple(tensor.shape)} instead of {shape}")
