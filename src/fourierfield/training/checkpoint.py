"""Checkpoints: all that a run needs to go on to the same bits, in one file without pickle.

Batches depend on seed and step alone, so weights, Adam's moments, the step and the curve so far are everything.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import FieldFileError
from ..networks.field_file import read_tensors, write_tensors

__all__ = ["Checkpoint", "Checkpointer", "read_checkpoint"]

SECONDS_BETWEEN = 5.0
_KIND = "checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """State after ``step`` steps: tensors (weights, moments), the learning ``curve``, and the run's ``settings``."""

    step: int
    tensors: dict[str, Tensor]
    curve: list[dict[str, float | None]]
    settings: dict[str, Any]

    def restore(self, parameters: dict[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer) -> None:
        """Put weights and moments back where they were."""
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(self.tensors[f"weights.{name}"])
        for name, parameter in parameters.items():
            moments = {m: self.tensors[f"{m}.{name}"].to(parameter.device) for m in ("exp_avg", "exp_avg_sq")}
            optimiser.state[parameter] = {
                "step": torch.tensor(float(self.step)).to(_step_device(optimiser, parameter)),
                **moments,
            }


def _step_device(optimiser: torch.optim.Optimizer, parameter: Tensor) -> torch.device:
    fused = any(group.get("fused") for group in optimiser.param_groups)
    return parameter.device if fused else torch.device("cpu")


@dataclass
class Checkpointer:
    """Writes a run's checkpoints to ``path``, at most every ``interval`` seconds unless forced."""

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
        parameters: dict[str, torch.nn.Parameter],
        optimiser: torch.optim.Optimizer,
        curve: list[dict[str, float | None]],
    ) -> None:
        """Write the state after ``step`` steps, atomically."""
        tensors: dict[str, Tensor] = {}
        for name, parameter in parameters.items():
            state = optimiser.state[parameter]
            tensors[f"weights.{name}"] = parameter
            tensors[f"exp_avg.{name}"] = state["exp_avg"]
            tensors[f"exp_avg_sq.{name}"] = state["exp_avg_sq"]
        write_tensors(self.path, tensors, {"kind": _KIND, "step": step, "curve": curve, "settings": self.settings})
        self._last = time.monotonic()

    def remove(self) -> None:
        """Delete the checkpoint, once the field itself is written."""
        self.path.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint. Raises ``FieldFileError`` for files that are not one."""
    tensors, header = read_tensors(path)
    if header.get("kind") != _KIND:
        raise FieldFileError(f"{path} is not a checkpoint; delete it to start afresh")
    return Checkpoint(int(header["step"]), tensors, list(header["curve"]), dict(header["settings"]))
