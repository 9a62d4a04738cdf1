"""The command ``fourierfield info``."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ._options import AsJson, FieldFile
from ._progress import show
from ._words import joined

if TYPE_CHECKING:
    from ..encodings._fourier import Bandwidth
    from ..networks._field import Field, NetworkField


def command(
    field: FieldFile,
    as_json: AsJson = False,
) -> None:
    """Show what a field file holds: the kind and size of its signal, the encoding, the network, and its scores."""
    from ..kinds._load import load

    facts = _facts(field, load(field))
    if as_json:
        show(json.dumps(facts, allow_nan=False))
        return
    for name, value in _lines(facts):
        show(f"{name:<10}{value}")


def _facts(path: str, field: Field) -> dict[str, Any]:
    from ..kinds._registry import KINDS
    from ..networks._field import NetworkField

    kind = KINDS[field.source.kind]
    return {
        "field": path,
        "bytes": os.path.getsize(path),
        "kind": field.source.kind,
        "shape": list(field.source.shape),
        "channels": field.source.channels,
        "sample_type": field.source.sample_format.sample_type,
        "domain": {"extent": list(field.domain.extent), "units": list(field.domain.units)},
        "value_range": {"offset": field.value_range.offset, "peak": field.value_range.peak},
        **_columns(field),
        **kind.facts(field),
        **(_network_facts(field) if isinstance(field, NetworkField) else _kernel_facts(field)),
        "metrics": field.record.get("metrics", {}),
        "baselines": field.record.get("baselines", {}),
        "steps": field.record.get("steps"),
        **({"planned_steps": field.record["planned"]} if "planned" in field.record else {}),
    }


def _columns(field: Field) -> dict[str, Any]:
    """Return the columns of a table."""
    if field.placement is None:
        return {}
    columns = field.record.get("columns", {})
    return {"inputs": list(field.placement.names), "outputs": columns.get("outputs", [])}


def _network_facts(field: NetworkField) -> dict[str, Any]:
    encoding, mlp = field.network.encoding, field.network.mlp.spec
    return {
        "method": field.record.get("method", "network"),
        "encoding": {**encoding.describe(), **_in_hertz(field, encoding.bandwidth), "features": encoding.features},
        "network": {
            "depth": mlp.depth,
            "width": mlp.width,
            "activation": mlp.activation,
            "output": mlp.output,
            "parameters": mlp.parameters,
        },
    }


def _kernel_facts(field: Field) -> dict[str, Any]:
    from ..regression._field import KernelField

    assert isinstance(field, KernelField)
    spec, weights = field.spec, field.weights
    encoding = asdict(spec.encoding)
    return {
        "method": "kernel",
        "encoding": {**encoding, **_in_hertz(field, spec.encoding.bandwidth)},
        "network": {
            "depth": spec.depth,
            "width": None,
            "activation": "relu",
            "output": "identity",
            "parameters": weights.values.numel(),
        },
        "kernel": {"trained": spec.trained, "ridge": weights.ridge, "points": len(weights.samples)},
    }


def _in_hertz(field: Field, bandwidth: Bandwidth) -> dict[str, float]:
    """Return the bandwidth in hertz if the field is one over time."""
    if not field.domain.in_time or not isinstance(bandwidth, float | int):
        return {}
    return {"bandwidth_hz": field.domain.physical_frequency(bandwidth)}


def _lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    from ..kinds._registry import KINDS

    encoding, network, domain = facts["encoding"], facts["network"], facts["domain"]
    size = KINDS[facts["kind"]].size_words(facts["shape"])
    extent = " × ".join(f"{length:g} {unit}" for length, unit in zip(domain["extent"], domain["units"], strict=True))
    bandwidth = (
        "" if encoding["bandwidth"] is None else f", bandwidth {joined(encoding['bandwidth'], 6)} cycles per unit"
    )
    if encoding.get("bandwidth_hz"):
        bandwidth += f" ({encoding['bandwidth_hz']:.4g} Hz)"
    numbers = {name: value for name, value in facts["metrics"].items() if isinstance(value, float | int)}
    scores = ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())
    return [
        ("field", f"{facts['field']}, {facts['bytes']:,} bytes"),
        ("signal", f"{facts['kind']}, {size}, {facts['channels']} channels, {facts['sample_type']}"),
        *_columns_line(facts),
        *_views_line(facts),
        ("domain", extent + (f", {facts['rate']:,} samples per second" if "rate" in facts else "")),
        ("values", _range_words(facts["value_range"])),
        ("encoding", f"{encoding['family']}{bandwidth}, {encoding['features'] or 'infinitely many'} frequencies"),
        (
            "network",
            f"depth {network['depth']}, width {network['width'] or 'infinite'}, {network['activation']}, "
            f"{network['parameters']:,} parameters",
        ),
        *_kernel_line(facts),
        ("training", "; ".join(filter(None, [_steps_words(facts), scores]))),
    ]


def _steps_words(facts: dict[str, Any]) -> str:
    if not facts["steps"]:
        return ""
    planned = facts.get("planned_steps")
    return f"{facts['steps']} steps" if planned is None else f"interrupted after {facts['steps']} of {planned} steps"


def _columns_line(facts: dict[str, Any]) -> list[tuple[str, str]]:
    if "inputs" not in facts:
        return []
    return [("columns", f"{', '.join(facts['outputs'])} over {', '.join(facts['inputs'])}")]


def _views_line(facts: dict[str, Any]) -> list[tuple[str, str]]:
    if "views" not in facts:
        return []
    words = (
        f"{facts['views']} views ({facts['held_out_views']} held out), focal length {facts['focal_px']:.5g} px, "
        f"depths {facts['near']:.3g} to {facts['far']:.3g}, {facts['background']} background, "
        f"{facts['occupied']:.1%} of the box occupied"
    )
    return [("cameras", words)]


def _kernel_line(facts: dict[str, Any]) -> list[tuple[str, str]]:
    if "kernel" not in facts:
        return []
    kernel = facts["kernel"]
    name = "NTK" if kernel["trained"] == "all" else "NNGP"
    return [("kernel", f"{name}, ridge {kernel['ridge']:.2g} of k(0), {kernel['points']:,} points")]


def _range_words(value_range: dict[str, Any]) -> str:
    """Return the values that are scaled to 0 and 1, for each channel if they differ."""
    low, peak = value_range["offset"], value_range["peak"]
    pairs = zip(low, peak, strict=True) if isinstance(low, list | tuple) else [(low, peak)]
    return ", ".join(f"{a:g} to {a + b:g}" for a, b in pairs)
