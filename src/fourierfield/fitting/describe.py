"""What is said of a signal of any kind: the ``signal`` of ``fit --json``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..signals import GridSignal, KSpaceSignal, MeshSignal, PointSignal, Signal, SinogramSignal, ViewsSignal

__all__ = ["describe"]


def describe(signal: Signal) -> dict[str, Any]:
    """Its name, kind, shape and size in bytes, and what there is to say of its kind."""
    common = {
        "name": signal.name,
        "kind": signal.kind,
        "shape": list(signal.shape),
        "channels": signal.channels,
        "missing": 0,
        "sample_type": "float64",
        "bytes": signal.file_bytes,
    }
    if isinstance(signal, MeshSignal):
        return common | _mesh(signal)
    if isinstance(signal, ViewsSignal):
        return common | _views(signal)
    if isinstance(signal, SinogramSignal):
        return common | _sinogram(signal)
    if isinstance(signal, KSpaceSignal):
        return common | _kspace(signal)
    if isinstance(signal, PointSignal):
        return common | {"inputs": list(signal.placement.names), "outputs": list(signal.outputs)}
    return common | _grid(signal)


def _grid(signal: GridSignal) -> dict[str, Any]:
    audio = signal.sample_format.audio
    return {
        "missing": int((~signal.present).sum()),
        "sample_type": signal.sample_format.sample_type,
        **({"rate": audio.rate, "duration": signal.domain.scale} if audio else {}),
        "extent": list(signal.domain.extent),
        "units": list(signal.domain.units),
    }


def _mesh(mesh: MeshSignal) -> dict[str, Any]:
    vertices, faces = mesh.shape
    extents = list(mesh.extents)
    return {"vertices": vertices, "faces": faces, "watertight": mesh.watertight, "extents": extents}


def _views(signal: ViewsSignal) -> dict[str, Any]:
    return {
        "channels": int(signal.images.shape[-1]),
        "sample_type": signal.sample_format.sample_type,
        "views": signal.shape[0],
        "size": list(signal.shape[1:]),
    }


def _sinogram(signal: SinogramSignal) -> dict[str, Any]:
    angles, slices, bins = signal.shape
    geometry = signal.geometry
    return {
        "missing": int(np.isnan(signal.projections).sum()),
        "sample_type": "float32",
        "angles": angles,
        "slices": slices,
        "bins": bins,
        "centre": geometry.axis,
        "beam": "fan" if geometry.fan else "parallel",
        "extent": list(signal.domain.extent),
        "units": list(signal.domain.units),
        "simulated": signal.truth is not None,
    }


def _kspace(signal: KSpaceSignal) -> dict[str, Any]:
    measured = signal.samples.shape[1]
    return {
        "sample_type": "complex64",
        "coils": signal.coils,
        "samples": measured,
        "size": list(signal.image_shape),
        "cartesian": signal.cartesian,
        "mask_fraction": measured / math.prod(signal.image_shape) if signal.cartesian else None,
        "sensitivity_maps": signal.maps is not None,
        "extent": list(signal.domain.extent),
        "units": list(signal.domain.units),
        "simulated": signal.truth is not None,
    }
