"""Taking up an interrupted run, or finding that it was finished."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import FieldFileError
from ..networks import NetworkField
from ..problems import Problem
from ..regression import KernelField, load_field
from ..training import read_checkpoint
from ..training.checkpoint import Checkpoint
from .identity import refuse_other_run, run_identity
from .presets import FitPlan
from .settings import FitSettings

__all__ = ["checkpoint_path", "found_before", "refuse_another", "settings_of"]


def checkpoint_path(out: Path) -> Path:
    """Where the checkpoints of a field are kept while it is in training."""
    return out.with_name(out.name + ".checkpoint")


def found_before(out: Path) -> NetworkField | Checkpoint | None:
    """The checkpoint to go on from, the finished field, or None to start afresh."""
    path = checkpoint_path(out)
    if path.exists():
        return read_checkpoint(path)
    if not out.exists():
        return None
    field = load_field(out)
    if isinstance(field, KernelField):
        raise FieldFileError(f"{out} was fitted by kernel; leave --resume out, or fit with --method kernel")
    if "settings" not in field.record:
        raise FieldFileError(f"{out} holds no record of its fit, so it cannot be taken up; leave --resume out")
    return field


def settings_of(found: NetworkField | Checkpoint) -> dict[str, Any]:
    """What the run was begun with, as ``run_identity`` says it."""
    settings: dict[str, Any] = found.record["settings"] if isinstance(found, NetworkField) else found.settings
    return settings


def refuse_another(
    found: NetworkField | Checkpoint, problem: Problem, plan: FitPlan, settings: FitSettings, out: Path | None
) -> None:
    """Raise ``SettingsError`` if what was found belongs to another run than the one asked for."""
    assert out is not None
    path = out if isinstance(found, NetworkField) else checkpoint_path(out)
    ignoring = ("steps", "weight_decay") if settings.time is not None else ()  # the decay follows from the steps
    refuse_other_run(settings_of(found), run_identity(problem, plan, settings), str(path), ignoring=ignoring)
