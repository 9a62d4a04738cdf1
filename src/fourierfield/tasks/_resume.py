"""Resumption: which run a checkpoint or a finished field belongs to, and whether it may be continued."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..encodings._spec import EncodingSpec
from ..errors import FieldFileError, SettingsError
from ..networks._field import Field
from ..problems._grid import GridSamples
from ..problems._points import Problem
from ..regression._field import KernelField
from ..training._checkpoint import Checkpoint, read_checkpoint
from ..tuning._choice import Choice
from ._plan import FitPlan
from ._settings import FitSettings

Identity = dict[str, Any]
Load = Callable[[Path], Field]
_FOLLOWS_FROM_TIME = ("steps", "weight_decay", "switch")  # a run with --time keeps its own


@dataclass(frozen=True)
class Finished:
    """A field that was finished before, and what its fit began with."""

    field: Field
    settings: Identity


Found = Finished | Checkpoint | None


def checkpoint_path(out: Path) -> Path:
    """Return the path of the checkpoints of a field in training."""
    return out.with_name(out.name + ".checkpoint")


def find_run(out: Path, method: str, load: Load) -> Found:
    """Return the checkpoint to continue from, the finished field, or None to start afresh.

    Kernel fits have no checkpoints. Raises ``FieldFileError`` for a file that is neither, or that another method made.
    """
    path = checkpoint_path(out)
    if method == "network" and path.exists():
        return read_checkpoint(path)
    if not out.exists():
        return None
    field = load(out)
    made = "kernel" if isinstance(field, KernelField) else "network"
    if made != method:
        fit = "fit with --method kernel" if made == "kernel" else "leave out --method kernel"
        raise FieldFileError(f"{out} was fitted by {made}; leave --resume out, or {fit}")
    if "settings" not in field.record:
        raise FieldFileError(f"{out} holds no record of its fit, so it cannot be continued; leave --resume out")
    return Finished(field, field.record["settings"])


def refuse_other_run(found: Found, wanted: Identity, out: Path | None, settings: FitSettings) -> None:
    """Raise ``SettingsError`` that names what differs if what was found belongs to another run than the one wanted."""
    if found is None or out is None:
        return
    ignored = _FOLLOWS_FROM_TIME if settings.time is not None else ()
    kept = found.settings
    keys = [key for key in wanted if key not in ignored and kept.get(key) != wanted[key]]
    if keys:
        path = out if isinstance(found, Finished) else checkpoint_path(out)
        differences = ", ".join(f"{key} {_short(kept.get(key))} there, {_short(wanted[key])} here" for key in keys)
        raise SettingsError(f"{path} belongs to another run ({differences}); leave --resume out to start afresh")


def network_identity(data: str, plan: FitPlan, settings: FitSettings) -> Identity:
    """Return what identifies a fit by network: a digest of its ``data`` and the resolved settings, as JSON values."""
    schedule = plan.training.schedule
    encoding = asdict(plan.choice.encoding)
    if isinstance(encoding["bandwidth"], tuple):
        encoding["bandwidth"] = list(encoding["bandwidth"])
    return {
        "data": data,
        "encoding": encoding,
        "depth": plan.mlp.depth,
        "width": plan.mlp.width,
        "steps": plan.training.steps,
        "schedule": {"name": type(schedule).__name__, **asdict(schedule)},  # type: ignore[call-overload]
        "batch_size": plan.training.batch_size,
        "weight_decay": plan.training.weight_decay,
        "orthogonal": plan.training.orthogonal,
        "margin": plan.training.margin,
        "precision": str(plan.training.precision).removeprefix("torch."),
        "device": plan.training.device.type,
        "hold_out": str(settings.hold_out_rule),
        "preset": settings.preset,
        "chosen_by": plan.choice.reason,
        "seed": settings.seed,
        **({"loss": plan.training.loss} if plan.training.loss != "squares" else {}),
    }


def kernel_identity(data: str, settings: FitSettings, depth: int) -> Identity:
    """Return what identifies a fit by kernel: a digest of its ``data`` and the settings as asked, as JSON values."""
    return {
        "method": "kernel",
        "data": data,
        "encoding_asked": str(settings.encoding),
        "bandwidth_asked": None if settings.bandwidth is None else str(settings.bandwidth),
        "features": settings.features,
        "depth": depth,
        "hold_out": str(settings.hold_out_rule),
        "preset": settings.preset,
        "seed": settings.seed,
    }


def chosen_before(found: Finished | Checkpoint, settings: FitSettings) -> Choice:
    """Return the choice that a run which is continued began with; its steps only if the settings leave them open."""
    kept = found.settings
    encoding = dict(kept["encoding"])
    if isinstance(encoding["bandwidth"], list):
        encoding["bandwidth"] = tuple(encoding["bandwidth"])
    choice = Choice(EncodingSpec(**encoding), kept.get("chosen_by", "chosen before"), kept["steps"])
    return choice if settings.steps is None else replace(choice, steps=None)


def data_digest(problem: Problem) -> str:
    """Return a digest of a problem's samples, training and held out, and of where they lie."""
    digest = hashlib.sha256()
    for samples in (problem.training, problem.held_out):
        if samples is None:
            continue
        if isinstance(samples, GridSamples):
            digest.update(repr(samples.grid).encode())
            digest.update(samples.flat.numpy().tobytes())
        else:
            digest.update(samples.points.numpy().tobytes())
        digest.update(torch.nan_to_num(samples.values, nan=-1.0).numpy().tobytes())
    return digest.hexdigest()[:16]


def _short(value: Any) -> str:
    """Return a value for a message; a mapping as its values, joined by slashes."""
    return "/".join(str(part) for part in value.values()) if isinstance(value, dict) else str(value)
