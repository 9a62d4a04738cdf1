"""Write and read field files: a ``.safetensors`` file that rebuilds the field with no other input.

The tensors are the network's state dict; one metadata entry, ``fourierfield``, holds sorted JSON with a version.
It holds no time, path or duration, so that the same fit gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from ..errors import FieldFileError
from ..grids._domain import Domain
from ..grids._files import atomic_write
from ..grids._points import Placement
from ..grids._sample_format import SampleFormat
from ..grids._signal import SignalDescription
from ._values import ValueRange

FORMAT_VERSION = 1
_KEY = "fourierfield"


class Described(Protocol):
    """What every field knows of itself."""

    domain: Domain
    value_range: ValueRange
    source: SignalDescription
    record: dict[str, Any]


class NotTensorsError(FieldFileError):
    """A file is not in the safetensors format, so that it may be any other kind of file."""


def common_header(field: Described) -> dict[str, Any]:
    """Return the header entries that files of every field have."""
    return {
        "domain": asdict(field.domain),
        "value_range": asdict(field.value_range),
        "source": {**asdict(field.source), "sample_format": field.source.sample_format.to_json()},
        "record": field.record,
    }


def common_parts(
    header: dict[str, Any],
) -> tuple[Domain, ValueRange, SignalDescription, dict[str, Any], Placement | None]:
    """Return domain, value range, description, record and placement from the header of a field's file."""
    sample_format = SampleFormat.from_json(header["source"]["sample_format"])
    return (
        Domain(**tuples(header["domain"])),
        ValueRange(**tuples(header["value_range"])),
        SignalDescription(**tuples({**header["source"], "sample_format": sample_format})),
        header["record"],
        Placement.from_json(header["placement"]) if header.get("placement") else None,
    )


def tuples(mapping: dict[str, Any]) -> dict[str, Any]:
    """Turn the lists of a JSON object into tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in mapping.items()}


def write_tensors(path: Path | str, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """Write tensors and a JSON header to a ``.safetensors`` file, atomically and with reproducible bytes."""
    from safetensors.torch import save

    text = json.dumps({**header, "version": FORMAT_VERSION}, sort_keys=True, separators=(",", ":"), allow_nan=False)
    content = save({name: t.detach().cpu().contiguous() for name, t in tensors.items()}, {_KEY: text})
    atomic_write(path, content)


def read_tensors(path: Path | str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read the tensors and the header of a file that ``write_tensors`` wrote. Raises ``FieldFileError`` for others."""
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
        raise NotTensorsError(
            f"{path} cannot be read as a field: it is damaged, cut off, or another kind of file"
        ) from problem
    return tensors, header


def is_field_file(path: Path | str) -> bool:
    """Return whether a file begins as one that ``write_tensors`` wrote; its tensors are not read."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            return _KEY in (file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def _header(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    if _KEY not in metadata:
        raise FieldFileError(f"{path} is a safetensors file, but not one that fourierfield wrote")
    try:
        header = json.loads(metadata[_KEY])
        version = int(header["version"])
    except (ValueError, KeyError, TypeError) as problem:
        raise FieldFileError(f"{path} has a damaged header; fit the signal again") from problem
    if version > FORMAT_VERSION:
        raise FieldFileError(
            f"{path} has format version {version}; this fourierfield reads up to {FORMAT_VERSION}: update it"
        )
    return dict(header)
