"""Field files: one ``.safetensors`` that rebuilds the field with no other input.

The tensors are the network's state dict; one metadata entry, ``fourierfield``, holds sorted JSON with a version.
No time, path or duration is in it, so that the same fit gives the same bytes.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..encodings import rebuild_encoding
from ..errors import FieldFileError
from ..signals import Domain, Placement, SampleFormat, SignalDescription, atomic_write, described_file
from .coordinate import CoordinateNetwork
from .field import NetworkField
from .mlp import MLP, MLPSpec
from .values import ValueRange
from .views_field import ViewsField

__all__ = [
    "FORMAT_VERSION",
    "domain_from_json",
    "network_field",
    "read_tensors",
    "save_field",
    "source_from_json",
    "source_to_json",
    "write_tensors",
]

FORMAT_VERSION = 1
_KEY = "fourierfield"


def save_field(path: Path | str, field: NetworkField) -> None:
    """Write a field atomically: a crash leaves the old file or the new one."""
    network = field.network
    tensors, attached = field._attached()
    header = {
        "kind": "network-field",
        "encoding": network.encoding.describe(),
        "mlp": asdict(network.mlp.spec),
        "domain": asdict(field.domain),
        "value_range": asdict(field.value_range),
        "source": source_to_json(field.source),
        "record": field.record,
        **({"placement": field.placement.to_json()} if field.placement else {}),
        **attached,
    }
    write_tensors(path, {**network.state_dict(), **tensors}, header)


def network_field(tensors: dict[str, Tensor], header: dict[str, Any]) -> NetworkField:
    """A field from the tensors and the header of its file."""
    prefix = "encoding."
    encoding_tensors = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
    encoding = rebuild_encoding(header["encoding"], encoding_tensors)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(**_tuples(header["mlp"]))))
    network.load_state_dict({name: t for name, t in tensors.items() if not name.startswith("scene.")})
    field = NetworkField(
        network,
        domain_from_json(header["domain"]),
        ValueRange(**_tuples(header["value_range"])),
        source_from_json(header["source"]),
        header["record"],
        Placement.from_json(header["placement"]) if header.get("placement") else None,
    )
    return ViewsField.restored(field, tensors, header["scene"]) if "scene" in header else field


def domain_from_json(mapping: dict[str, Any]) -> Domain:
    """The inverse of ``dataclasses.asdict``, after JSON made lists of tuples."""
    return Domain(**_tuples(mapping))


def source_to_json(source: SignalDescription) -> dict[str, Any]:
    """A signal's description as plain values."""
    return {**asdict(source), "sample_format": source.sample_format.to_json()}


def source_from_json(mapping: dict[str, Any]) -> SignalDescription:
    """The inverse of ``source_to_json``."""
    return SignalDescription(**_tuples({**mapping, "sample_format": SampleFormat.from_json(mapping["sample_format"])}))


def _tuples(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in mapping.items()}


def write_tensors(path: Path | str, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """Write tensors and a JSON header to a ``.safetensors`` file, atomically and byte for byte reproducible."""
    from safetensors.torch import save

    text = json.dumps({**header, "version": FORMAT_VERSION}, sort_keys=True, separators=(",", ":"), allow_nan=False)
    content = save({name: t.detach().cpu().contiguous() for name, t in tensors.items()}, {_KEY: text})
    atomic_write(path, content)


def read_tensors(path: Path | str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and the header of a file that ``write_tensors`` wrote; ``FieldFileError`` for any other."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.exists():
        raise FieldFileError(f"{path} does not exist; check the name and the folder")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            header = _header(path, metadata)
            tensors: dict[str, torch.Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as problem:
        raise FieldFileError(_no_field(path)) from problem
    return tensors, header


def _no_field(path: Path) -> str:
    found = described_file(path)
    if found is None:
        return f"{path} cannot be read as a field: it is damaged, cut off, or another kind of file"
    kind = " --as mri, or --as ct" if path.suffix == ".mat" else ""
    return f"{path} is {found}, and no field; fit it first: fourierfield fit {shlex.quote(str(path))}{kind}"


def _header(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    if _KEY not in metadata:
        raise FieldFileError(f"{path} is a safetensors file, but not one that fourierfield wrote")
    try:
        header = json.loads(metadata[_KEY])
        version = int(header["version"])
    except (ValueError, KeyError, TypeError) as problem:
        raise FieldFileError(f"{path} has a damaged header; fit it again") from problem
    if version > FORMAT_VERSION:
        raise FieldFileError(
            f"{path} has format version {version}; this fourierfield reads up to {FORMAT_VERSION}: update it"
        )
    return dict(header)
