"""Write and read checkpoints: everything from which a run continues to the same bits, in one file without pickle.

Batches depend on the seed and the step alone, so weights, moments, the step and the curve so far suffice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        write_tensors(self.path, tensors, {"kind": _KIND, "step": step, "curve": curve, "settings": self.settings})
        self._last = time.monotonic()

    def remove(self) -> None:
        """Delete the checkpoint, once the field itself is written."""
        self.path.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint. Raises ``FieldFileError`` if the file is not a checkpoint."""
    tensors, header = read_tensors(path)
    if header.get("kind") != _KIND:
        raise FieldFileError(f"{path} is not a checkpoint; delete it to start afresh")
    return Checkpoint(int(header["step"]), tensors, list(header["curve"]), dict(header["settings"]))
