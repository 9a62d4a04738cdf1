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
from ..networks._field_file import read_tensors, write_tensors

SECONDS_BETWEEN = 5.0  # between two checkpoints: the most work that a crash loses (docs/training.md)
_KIND = "checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """The state after ``step`` steps: ``tensors`` (weights, moments), the learning ``curve``, and the ``settings``."""

    step: int
    tensors: dict[str, Tensor]
    curve: list[dict[str, float | None]]
    settings: dict[str, Any]


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

    def write(self, step: int, tensors: dict[str, Tensor], curve: list[dict[str, float | None]]) -> None:
        """Write the state after ``step`` steps, atomically."""
        state = {"step": step, "curve": curve, "settings": self.settings}
        write_tensors(self.path, tensors, {**state, "kind": _KIND, "digest": _digest(tensors, state)})
        self._last = time.monotonic()

    def remove(self) -> None:
        """Delete the checkpoint, once the field itself is written."""
        self.path.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint. Raises ``FieldFileError`` if the file is not a checkpoint, or not as it was written."""
    tensors, header = read_tensors(path)
    if header.get("kind") != _KIND:
        raise FieldFileError(f"{path} is not a checkpoint; give --restart in place of --resume to discard it")
    state = {name: header.get(name) for name in ("step", "curve", "settings")}
    if header.get("digest", _digest(tensors, state)) != _digest(tensors, state):  # those of before had none
        raise FieldFileError(f"{path} is damaged (its checksum is wrong); start afresh with --restart")
    return Checkpoint(header["step"], tensors, header["curve"], header["settings"])


def _digest(tensors: dict[str, Tensor], state: dict[str, Any]) -> str:
    """Return a checksum of everything that a checkpoint holds."""
    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name}{tuple(values.shape)}{values.dtype}".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
