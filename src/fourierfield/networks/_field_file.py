"""Write and read field files: a ``.safetensors`` file that rebuilds the field with no other input.

The tensors are the network's state dict; one metadata entry, ``fourierfield``, holds sorted JSON with a version.
It holds no time, path or duration, so that the same fit gives the same bytes.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from ..errors import FieldFileError, SettingsError
from ..grids._domain import Domain
from ..grids._endings import AUDIO_ENDINGS, IMAGE_ENDINGS, MESH_ENDINGS, TABLE_ENDINGS, VIDEO_ENDINGS, ending_of
from ..grids._files import atomic_write, refuse_special
from ..grids._points import Placement
from ..grids._sample_format import SampleFormat
from ..grids._signal import SignalDescription
from ..grids._typed import typed
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
    """Return domain, value range, description, record and placement from the header of a field's file.

    Raises ``ValueError``, ``TypeError`` or ``KeyError`` for parts that cannot be.
    """
    sample_format = typed(SampleFormat.from_json(header["source"]["sample_format"]))
    np.dtype(sample_format.dtype)
    for part in (sample_format.audio, sample_format.volume):
        typed(part)
    source = typed(SignalDescription(**tuples({**header["source"], "sample_format": sample_format})))
    value_range = typed(ValueRange(**tuples(header["value_range"])))
    if not source.shape or min(*source.shape, source.channels) < 1:
        raise ValueError(f"a signal of shape {source.shape} with {source.channels} channels")
    if any(isinstance(part, tuple) and len(part) != source.channels for part in (value_range.offset, value_range.peak)):
        raise ValueError(f"a range of values for other than {source.channels} channels")
    if not isinstance(header["record"], dict):
        raise TypeError("its record is none")
    placement = typed(Placement.from_json(header["placement"])) if header.get("placement") else None
    return typed(Domain(**tuples(header["domain"]))), value_range, source, header["record"], placement


def tuples(mapping: dict[str, Any]) -> dict[str, Any]:
    """Turn the lists of a JSON object into tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in mapping.items()}


def check_field_name(path: Path | str) -> None:
    """Raise ``SettingsError`` for a name whose ending is that of a picture, a sound or another file that is drawn."""
    ending = ending_of(path)
    if ending in _DRAWN:
        raise SettingsError(
            f"{path}: a field is saved as .safetensors; fourierfield render (or fourierfield.render) writes {ending}"
        )


_DRAWN = {*IMAGE_ENDINGS, *AUDIO_ENDINGS, *VIDEO_ENDINGS, *MESH_ENDINGS, *TABLE_ENDINGS}


def write_tensors(path: Path | str, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """Write tensors and a JSON header to a ``.safetensors`` file, atomically and with reproducible bytes.

    Raises ``SettingsError`` for a name that is not one of a field, or cannot be written.
    """
    from safetensors.torch import save

    check_field_name(path)
    text = json.dumps({**header, "version": FORMAT_VERSION}, sort_keys=True, separators=(",", ":"), allow_nan=False)
    content = save({name: t.detach().cpu().contiguous() for name, t in tensors.items()}, {_KEY: text})
    atomic_write(path, content)


def read_tensors(path: Path | str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read the tensors and the header of a file that ``write_tensors`` wrote. Raises ``FieldFileError`` for others."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    refuse_special(path)
    if not os.path.exists(path):
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

    if not os.path.isfile(path):
        return False
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
