"""Write and read checkpoints: everything from which a run continues to the same bits, in one file without pickle.

Batches depend on the seed and the step alone, so weights, moments, the step and the curve so far suffice.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import FieldFileError
from ..networks._field import NetworkField
from ..networks._field_file import read_tensors, write_tensors

SECONDS_BETWEEN = 5.0  # between two checkpoints: the most work that a crash loses (docs/training.md)
CHECKPOINT = "checkpoint"
_FIELD = "field."  # prefix of the tensors of the unfinished field


@dataclass(frozen=True)
class Checkpoint:
    """The state after ``step`` steps: ``tensors`` (weights, moments), the learning ``curve``, and the ``settings``."""

    step: int
    tensors: dict[str, Tensor]
    curve: list[dict[str, float | None]]
    settings: dict[str, Any]
    field: dict[str, Any] | None = None
    """The header of the unfinished field."""


@dataclass
class Checkpointer:
    """A writer of a run's checkpoints to ``path``; one is due every ``interval`` seconds."""

    path: Path
    settings: dict[str, Any]
    interval: float = field(default_factory=lambda: SECONDS_BETWEEN)
    _last: float = field(default_factory=time.monotonic)

    @property
    def due(self) -> bool:
        """Whether the interval has passed since the last checkpoint."""
        return time.monotonic() - self._last >= self.interval

    def write(
        self,
        step: int,
        tensors: dict[str, Tensor],
        curve: list[dict[str, float | None]],
        field: NetworkField | None = None,
    ) -> None:
        """Write the state after ``step`` steps, and the ``field`` as it is then, atomically."""
        state: dict[str, Any] = {"step": step, "curve": curve, "settings": self.settings}
        if field is not None:
            held, state["field"] = field.contents()
            tensors = tensors | {f"{_FIELD}{name}": tensor for name, tensor in held.items()}
        write_tensors(self.path, tensors, {**state, "kind": CHECKPOINT, "digest": _digest(tensors, state)})
        self._last = time.monotonic()

    def remove(self) -> None:
        """Delete the checkpoint, once the field itself is written."""
        self.path.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint. Raises ``FieldFileError`` if the file is not a checkpoint, or not as it was written."""
    tensors, header = read_tensors(path)
    if header.get("kind") != CHECKPOINT:
        raise FieldFileError(f"{path} is not a checkpoint; give --restart in place of --resume to discard it")
    state = {name: header.get(name) for name in ("step", "curve", "settings")}
    state |= {"field": header["field"]} if "field" in header else {}
    if header.get("digest", _digest(tensors, state)) != _digest(tensors, state):  # those of before had none
        raise FieldFileError(f"{path} is damaged (its checksum is wrong); start afresh with --restart")
    whole = isinstance(state["step"], int) and isinstance(state["curve"], list) and isinstance(state["settings"], dict)
    if not whole:
        raise FieldFileError(f"{path} is damaged (its header lacks a part); start afresh with --restart")
    return Checkpoint(header["step"], tensors, header["curve"], header["settings"], header.get("field"))


def unfinished_field(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the header of the field in a checkpoint. Raises ``FieldFileError`` if it holds none."""
    found = read_checkpoint(path)
    if found.field is None:
        raise FieldFileError(f"{path} is the checkpoint of an unfinished fit; finish it first: fit with --resume")
    tensors = {name.removeprefix(_FIELD): held for name, held in found.tensors.items() if name.startswith(_FIELD)}
    scores = {name: value for name, value in (found.curve or [{}])[-1].items() if name.endswith("_db")}
    planned = found.settings.get("steps")
    record = {"method": "network", "steps": found.step, "planned": planned, "curve": found.curve, "metrics": scores}
    return tensors, {**found.field, "record": {**record, "settings": found.settings}}


def _digest(tensors: dict[str, Tensor], state: dict[str, Any]) -> str:
    """Return a checksum of everything that a checkpoint holds."""
    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name}{tuple(values.shape)}{values.dtype}".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
