"""``fourierfield info``."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..networks import NetworkField

__all__ = ["command"]


def command(
    field: Annotated[str, typer.Argument(help="A field that fit wrote.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Say what a field file holds."""
    from ..networks import load_field

    facts = _facts(field, load_field(field))
    if as_json:
        typer.echo(json.dumps(facts, allow_nan=False))
        return
    for name, value in _lines(facts):
        typer.echo(f"{name:<10}{value}")


def _facts(path: str, field: NetworkField) -> dict[str, Any]:
    encoding, mlp = field.network.encoding, field.network.mlp.spec
    audio = field.source.sample_format.audio
    return {
        "field": path,
        "bytes": os.path.getsize(path),
        "kind": field.source.kind,
        "shape": list(field.source.shape),
        "channels": field.source.channels,
        "sample_type": field.source.sample_format.sample_type,
        **({"rate": audio.rate, "duration": field.domain.scale} if audio else {}),
        "domain": {"extent": list(field.domain.extent), "units": list(field.domain.units)},
        "value_range": {"offset": field.value_range.offset, "peak": field.value_range.peak},
        "method": field.record.get("method", "network"),
        "encoding": {**encoding.describe(), **_in_hertz(field), "features": encoding.features},
        "network": {
            "depth": mlp.depth,
            "width": mlp.width,
            "activation": mlp.activation,
            "output": mlp.output,
            "parameters": mlp.parameters,
        },
        "metrics": field.record.get("metrics", {}),
        "baselines": field.record.get("baselines", {}),
        "steps": field.record.get("steps"),
    }


def _short(bandwidth: float | list[float]) -> str:
    return f"{bandwidth:.6g}" if isinstance(bandwidth, float | int) else str(bandwidth)


def _in_hertz(field: NetworkField) -> dict[str, float]:
    """The bandwidth of a field over time."""
    bandwidth = field.network.encoding.bandwidth
    if not field.domain.in_time or not isinstance(bandwidth, float | int):
        return {}
    return {"bandwidth_hz": field.domain.physical_frequency(bandwidth)}


def _lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    encoding, network, domain = facts["encoding"], facts["network"], facts["domain"]
    size = "×".join(str(n) for n in facts["shape"])
    extent = " × ".join(f"{length:g} {unit}" for length, unit in zip(domain["extent"], domain["units"], strict=True))
    bandwidth = "" if encoding["bandwidth"] is None else f", bandwidth {_short(encoding['bandwidth'])} cycles per unit"
    if encoding.get("bandwidth_hz"):
        bandwidth += f" ({encoding['bandwidth_hz']:.4g} Hz)"
    low, peak = facts["value_range"]["offset"], facts["value_range"]["peak"]
    scores = ", ".join(f"{name} {value:.4g}" for name, value in facts["metrics"].items() if value is not None)
    return [
        ("field", f"{facts['field']}, {facts['bytes']:,} bytes"),
        ("signal", f"{facts['kind']}, {size}, {facts['channels']} channels, {facts['sample_type']}"),
        ("domain", extent + (f", {facts['rate']:,} samples per second" if "rate" in facts else "")),
        ("values", f"{low:g} to {low + peak:g}"),
        ("encoding", f"{encoding['family']}{bandwidth}, {encoding['features']} frequencies"),
        (
            "network",
            f"depth {network['depth']}, width {network['width']}, {network['activation']}, "
            f"{network['parameters']:,} parameters",
        ),
        ("training", f"{facts['steps']} steps" + (f"; {scores}" if scores else "")),
    ]
