"""Which run this is: what has to agree before a checkpoint or a finished field may be taken up again."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import torch

from ..encodings import EncodingSpec
from ..errors import SettingsError
from ..problems import GridSamples, Problem
from ..tuning import Choice
from .presets import FitPlan
from .settings import FitSettings

__all__ = ["chosen_before", "data_digest", "plan_identity", "refuse_other_run", "run_identity"]


def run_identity(problem: Problem, plan: FitPlan, settings: FitSettings) -> dict[str, Any]:
    """Settings, resolved, and a digest of the training data, as plain JSON values."""
    return {"data": data_digest(problem), **plan_identity(plan, settings)}


def plan_identity(plan: FitPlan, settings: FitSettings) -> dict[str, Any]:
    """Settings, resolved, whatever they are used on."""
    schedule = plan.training.schedule
    encoding = asdict(plan.choice.encoding)
    if isinstance(encoding["bandwidth"], tuple):
        encoding["bandwidth"] = list(encoding["bandwidth"])
    return {
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


def chosen_before(found: dict[str, Any]) -> Choice:
    """The encoding, the steps and the reason that a run which is taken up again began with."""
    encoding = dict(found["encoding"])
    if isinstance(encoding["bandwidth"], list):
        encoding["bandwidth"] = tuple(encoding["bandwidth"])
    return Choice(EncodingSpec(**encoding), found.get("chosen_by", "chosen before"), found["steps"])


def refuse_other_run(
    found: dict[str, Any], wanted: dict[str, Any], path: str, *, ignoring: tuple[str, ...] = ()
) -> None:
    """Raise ``SettingsError`` naming what differs between the run in a file and the one asked for."""
    keys = [key for key in wanted if key not in ignoring and found.get(key) != wanted[key]]
    if keys:
        differences = ", ".join(f"{key} {_short(found.get(key))} there, {_short(wanted[key])} here" for key in keys)
        raise SettingsError(f"{path} belongs to another run ({differences}); leave --resume out to start afresh")


def data_digest(problem: Problem) -> str:
    """A digest of the samples and of where they lie."""
    digest = hashlib.sha256()
    for samples in (problem.training, problem.held_out):
        if samples is not None:
            if isinstance(samples, GridSamples):
                digest.update(repr(samples.grid).encode())
                digest.update(samples.flat.numpy().tobytes())
            else:
                digest.update(samples.points.numpy().tobytes())
            digest.update(torch.nan_to_num(samples.values, nan=-1.0).numpy().tobytes())
    return digest.hexdigest()[:16]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "/".join(str(part) for part in value.values())
    return str(value)
