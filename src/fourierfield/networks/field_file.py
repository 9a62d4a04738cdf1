"""Field files: one ``.safetensors`` that rebuilds the field with no other input.

The tensors are the network's state dict; one metadata entry, ``fourierfield``, holds sorted JSON with a version.
No time, path or duration is in it, so that the same fit gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..encodings import rebuild_encoding
from ..errors import FieldFileError
from ..signals import Domain, SampleFormat, SignalDescription, atomic_write
from .coordinate import CoordinateNetwork
from .field import NetworkField
from .mlp import MLP, MLPSpec
from .values import ValueRange

__all__ = ["FORMAT_VERSION", "load_field", "read_tensors", "save_field", "write_tensors"]

FORMAT_VERSION = 1
_KEY = "fourierfield"


def save_field(path: Path | str, field: NetworkField) -> None:
    """Write a field atomically: a crash leaves the old file or the new one."""
    network = field.network
    header = {
        "kind": "network-field",
        "encoding": network.encoding.describe(),
        "mlp": asdict(network.mlp.spec),
        "domain": asdict(field.domain),
        "value_range": asdict(field.value_range),
        "source": {**asdict(field.source), "sample_format": field.source.sample_format.to_json()},
        "record": field.record,
    }
    write_tensors(path, network.state_dict(), header)


def load_field(path: Path | str) -> NetworkField:
    """Read a field back. Raises ``FieldFileError`` for files that are missing, cut off, not ours, or newer."""
    tensors, header = read_tensors(path)
    if header.get("kind") != "network-field":
        raise FieldFileError(
            f"{path} is a {header.get('kind', 'file without a kind')}, not a field; name a field that fit wrote"
        )
    try:
        return _rebuild(tensors, header)
    except (KeyError, TypeError, ValueError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())
        raise FieldFileError(f"{path} is not a whole field ({reason}); fit it again") from problem


def _rebuild(tensors: dict[str, Tensor], header: dict[str, Any]) -> NetworkField:
    prefix = "encoding."
    encoding_tensors = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
    encoding = rebuild_encoding(header["encoding"], encoding_tensors)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(**_tuples(header["mlp"]))))
    network.load_state_dict(tensors)
    source = dict(header["source"])
    source["sample_format"] = SampleFormat.from_json(source["sample_format"])
    return NetworkField(
        network,
        Domain(**_tuples(header["domain"])),
        ValueRange(**header["value_range"]),
        SignalDescription(**_tuples(source)),
        header["record"],
    )


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
        raise FieldFileError(
            f"{path} cannot be read as a field: it is damaged, cut off, or another kind of file"
        ) from problem
    return tensors, header


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
